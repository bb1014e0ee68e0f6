// Maps over training and numbers of tasks: a cell is a rectangle that the mouse finds, on a square-root axis of steps and one of powers
// of 2.
#ifndef RATIONALE_FIGURE_MAP_HPP
#define RATIONALE_FIGURE_MAP_HPP

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "rationale/figure/rows.hpp"
#include "rationale/figure/spec.hpp"

namespace rationale::detail {

/// A layer with a rectangle for each cell.
inline figure_json rectangles(const figure_json& mark) {
    auto out =
        figure_json::parse(R"({"encoding": {"x": "$steps", "x2": {"field": "to_step"}, "y": "$tasks", "y2": {"field": "to_tasks"}}})");
    fill_in(out, {});
    out["encoding"]["x"]["field"] = "from_step", out["encoding"]["y"]["field"] = "from_tasks";
    out["mark"] = mark;
    return out;
}

/// A layer with the outline of the fitted cells.
inline figure_json fitted_outline() {
    auto out = rectangles(
        {{"type", "rect"}, {"filled", false}, {"stroke", "#111111"}, {"strokeWidth", 1.5}, {"strokeDash", figure_json::array({5, 3})}});
    out["where"] = {{"field", "cell"}, {"equal", "fitted"}};
    auto ends = figure_json::array();
    for (const char* field : {"from_step", "from_tasks", "to_step", "to_tasks"})
        ends.push_back({{"op", *field == 'f' ? "min" : "max"}, {"field", field}, {"as", field}});
    out["transform"] = figure_json::array({{{"aggregate", ends}}});
    return out;
}

/// A layer with a small mark in the middle of each cell that satisfies a predicate.
inline figure_json marks_where(const figure_json& predicate, const char* mark = R"({"type": "point", "filled": true, "size": 6,
        "color": "#111111", "opacity": 0.65})") {
    auto out = figure_json::parse(R"vl({
        "transform": [{"calculate": "sqrt(datum.from_tasks * datum.to_tasks)", "as": "tasks"},
                      {"calculate": "pow((sqrt(datum.from_step) + sqrt(datum.to_step)) / 2, 2)", "as": "step"}],
        "encoding": {"x": "$steps", "y": "$tasks"}})vl");
    fill_in(out, {});
    out["mark"] = figure_json::parse(mark);
    out["where"] = predicate;
    return out;
}
inline figure_json dots_above(const std::string& field, double value) { return marks_where({{"field", field}, {"gt", value}}); }

/// The specification of a map.
struct map_spec {
    std::string field;                   ///< field of the colour; cells where it is null are grey
    figure_json scale, legend, tooltip;  ///< of the colour; what the mouse shows
    std::vector<figure_json> over{};     ///< layers above the cells
    double width = 290;                  ///< pixels
    const char* title = nullptr;         ///< may be null
};

inline figure_json map_of(const recording_analysis& a, const map_spec& spec) {
    const auto& [field, scale, legend, tooltip, over, width, title] = spec;
    const figure_json border{{"type", "rect"}, {"stroke", "#FFFFFF"}, {"strokeWidth", 0.5}};
    auto unknown = rectangles(border), known = rectangles(border);
    unknown["where"] = {{"field", field}, {"valid", false}}, known["where"] = {{"field", field}, {"valid", true}};
    unknown["encoding"]["color"] = {{"value", "#D0D0D0"}};
    known["encoding"]["color"] = {{"field", field}, {"type", "quantitative"}, {"title", nullptr}, {"scale", scale}, {"legend", legend}};
    auto layers = figure_json::array();
    for (auto* layer : {&unknown, &known}) {
        (*layer)["encoding"]["tooltip"] = tooltip;
        layers.push_back(std::move(*layer));
    }
    for (const auto& layer : over) layers.push_back(layer);
    for (auto& layer : layers) layer["encoding"]["y"]["axis"]["values"] = some_tasks(a, a.runs.size());
    const auto height = (std::min)(260.0, (std::max)(60.0, 22.0 * static_cast<double>(numbers_of_tasks(a))));
    figure_json out{{"width", width}, {"height", height}, {"layer", std::move(layers)}};
    if (title != nullptr) out["title"] = title;
    return out;
}

/// Blue over white to red: generalizing to memorizing.
inline figure_json from_g_to_m(const palette& colours, double low, double high) {
    return {{"domain", {low, (low + high) / 2, high}}, {"range", {colours.of(1), "#F7F7F7", colours.of(0)}}, {"clamp", true}};
}
inline figure_json gradient(const std::string& title) {
    return {{"title", title}, {"direction", "horizontal"}, {"gradientLength", 160}, {"gradientThickness", 10}, {"tickCount", 4}};
}
inline figure_json share_gradient(const std::string& title) {
    auto out = gradient(title);
    out["values"] = {0, 0.5, 1};
    out["labelExpr"] = "datum.value == 0 ? '0 (G)' : datum.value == 1 ? '1 (M)' : datum.value";
    return out;
}

}  // namespace rationale::detail

#endif
