#ifndef RATIONALE_FIGURE_FIGURE_HPP
#define RATIONALE_FIGURE_FIGURE_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "rationale/csv.hpp"

namespace rationale {

/// A figure as a Vega-Lite 5 specification, its rows apart from what is drawn of them: for a page, a notebook, or Altair
/// (`alt.Chart.from_dict`).
struct figure {
    std::string name;  ///< name of its files
    /// A title, and what the figure shows in a sentence.
    std::string title, caption;
    nlohmann::ordered_json data;  ///< rows: an array of objects of numbers and texts; null where undefined
    nlohmann::ordered_json spec;  ///< the specification without data

    /// The whole specification.
    [[nodiscard]] nlohmann::ordered_json specification() const {
        nlohmann::ordered_json out{{"$schema", "https://vega.github.io/schema/vega-lite/v5.json"}, {"description", title + ". " + caption}};
        out["data"]["values"] = data;
        out.update(spec);
        return out;
    }
    /// The data as CSV, a row a line; empty fields are undefined.
    [[nodiscard]] std::string csv() const {
        if (data.empty()) return {};
        std::vector<std::string> fields;
        for (const auto& [key, value] : data[0].items()) fields.push_back(key);
        std::string out = csv_line(fields);
        for (const auto& row : data) {
            fields.clear();
            for (const auto& value : row)
                fields.push_back(value.is_null() ? std::string() : value.is_string() ? value.get<std::string>() : value.dump());
            out += csv_line(fields);
        }
        return out;
    }
};

/// Colours of strategies, by their place: memorizing, generalizing, then the others. Lines are told apart by their dashes too, points by
/// their shapes, and maps mark the cells nearer to memorizing, so that all is read in grey.
struct palette {
    /// By place; strategies after the last share its colour.
    std::array<const char*, 6> strategy{"#DF4A44", "#699AEF", "#44DFD7", "#E9B44C", "#8E6C8A", "#6B6B6B"};

    /// For readers who cannot tell red from green (Okabe and Ito).
    [[nodiscard]] static palette colour_blind() { return {{"#D55E00", "#56B4E9", "#009E73", "#F0E442", "#CC79A7", "#6B6B6B"}}; }
    /// The colour of strategy number q.
    [[nodiscard]] const char* of(std::size_t q) const noexcept { return strategy[q < strategy.size() ? q : strategy.size() - 1]; }
};

namespace detail {

using figure_json = nlohmann::ordered_json;

/// A number of a row; null where it is not finite.
[[nodiscard]] inline figure_json figure_number(double x) { return std::isfinite(x) ? figure_json(x) : figure_json(nullptr); }

inline void on_log_steps(figure_json& part, const char* scale) {
    if (!part.is_structured()) return;
    for (auto& inner : part) on_log_steps(inner, scale);
    if (!part.is_object() || !part.contains("axis") || !part.contains("scale") || !part["scale"].is_object()) return;
    const auto field = part.value("field", figure_json());
    if (field == "step" || field == "from_step") part["scale"] = {{"type", scale}, {"nice", false}}, part["axis"]["tickCount"] = 3;
}

}  // namespace detail

/// The same figure with training on a logarithmic axis in place of a square-root one; log(1 + N) where a checkpoint is of step 0.
[[nodiscard]] inline figure on_log_steps(figure f) {
    const bool untrained = std::any_of(f.data.begin(), f.data.end(), [](const auto& row) { return row.value("step", 1.0) == 0; });
    detail::on_log_steps(f.spec, untrained ? "symlog" : "log");
    return f;
}

}  // namespace rationale

#endif
