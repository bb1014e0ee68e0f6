#ifndef RATIONALE_FIGURE_FIGURE_HPP
#define RATIONALE_FIGURE_FIGURE_HPP

#include <array>
#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace rationale {

/// A figure as a Vega-Lite 5 specification, its data apart from its looks: for a page, a notebook, or Altair (`alt.Chart.from_dict`).
struct figure {
    std::string name;  ///< of files
    /// What is seen.
    std::string title, caption;
    nlohmann::ordered_json data;   ///< rows: an array of objects of numbers and texts; null where undefined
    nlohmann::ordered_json looks;  ///< the specification without data

    /// The whole specification.
    [[nodiscard]] nlohmann::ordered_json specification() const {
        nlohmann::ordered_json out{{"$schema", "https://vega.github.io/schema/vega-lite/v5.json"}, {"description", title + ". " + caption}};
        out["data"]["values"] = data;
        out.update(looks);
        return out;
    }
    /// The data as CSV, a row a line; empty fields are undefined.
    [[nodiscard]] std::string csv() const {
        std::string out;
        if (data.empty()) return out;
        for (const auto& [key, value] : data[0].items()) out += (out.empty() ? "" : ",") + key;
        out += '\n';
        for (const auto& row : data) {
            bool first = true;
            for (const auto& [key, value] : row.items()) {
                if (!first) out += ',';
                first = false;
                if (value.is_string()) {
                    out += '"';
                    for (char c : value.get<std::string>()) out += c == '"' ? "\"\"" : std::string(1, c);
                    out += '"';
                } else if (!value.is_null()) {
                    out += value.dump();
                }
            }
            out += '\n';
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
    /// Of strategy number q.
    [[nodiscard]] const char* of(std::size_t q) const noexcept { return strategy[q < strategy.size() ? q : strategy.size() - 1]; }
};

namespace detail {

using figure_json = nlohmann::ordered_json;

/// A number of a row; what is not finite is undefined.
[[nodiscard]] inline figure_json figure_number(double x) { return std::isfinite(x) ? figure_json(x) : figure_json(nullptr); }

inline void on_log_steps(figure_json& part) {
    if (!part.is_structured()) return;
    for (auto& inner : part) on_log_steps(inner);
    if (!part.is_object() || !part.contains("scale") || !part["scale"].is_object()) return;
    const auto field = part.value("field", figure_json());
    if (field == "step" || field == "from_step") part["scale"] = {{"type", "log"}, {"nice", false}}, part["axis"]["tickCount"] = 3;
}

}  // namespace detail

/// The same figure with training on a logarithmic axis in place of a square-root one; its checkpoints must be after step 0.
[[nodiscard]] inline figure on_log_steps(figure f) {
    detail::on_log_steps(f.looks);
    return f;
}

}  // namespace rationale

#endif
