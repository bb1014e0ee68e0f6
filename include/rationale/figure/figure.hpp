#ifndef RATIONALE_FIGURE_FIGURE_HPP
#define RATIONALE_FIGURE_FIGURE_HPP

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
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
        nlohmann::ordered_json out{{"$schema", "https://vega.github.io/schema/vega-lite/v5.json"}};
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

/// Colours of strategies, by their place: memorizing, generalizing, then the others. Both palettes keep their order in grey.
struct palette {
    /// By place; strategies after the last share its colour.
    std::array<const char*, 6> strategy{"#DF4A44", "#699AEF", "#44DFD7", "#E9B44C", "#8E6C8A", "#6B6B6B"};

    /// For readers who cannot tell red from green (Okabe and Ito).
    [[nodiscard]] static palette colour_blind() { return {{"#D55E00", "#56B4E9", "#009E73", "#F0E442", "#CC79A7", "#6B6B6B"}}; }
    /// Of strategy number q.
    [[nodiscard]] const char* of(std::size_t q) const noexcept { return strategy[q < strategy.size() ? q : strategy.size() - 1]; }
};

namespace detail {
/// A number of a row; what is not finite is undefined.
[[nodiscard]] inline nlohmann::ordered_json figure_number(double x) {
    return std::isfinite(x) ? nlohmann::ordered_json(x) : nlohmann::ordered_json(nullptr);
}
}  // namespace detail

}  // namespace rationale

#endif
