// Specifications of figures: Vega-Lite as text, with names ("$steps") in place of the parts that several share.
#ifndef RATIONALE_FIGURE_SPEC_HPP
#define RATIONALE_FIGURE_SPEC_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/figure/figure.hpp"

namespace rationale::detail {

/// Replacements of the names ("$steps") in a specification.
using figure_parts = std::map<std::string, figure_json>;

/// Replacements that all figures share: steps on a square-root axis, numbers of tasks on a log2 axis.
inline figure_json shared_part(const std::string& name) {
    static const std::map<std::string, const char*> texts{
        {"$steps",
         R"({"field": "step", "type": "quantitative", "title": "training steps N", "scale": {"type": "sqrt", "nice": false, "zero": false},
            "axis": {"tickCount": 4, "labelFlush": true, "labelOverlap": "greedy", "labelSeparation": 6,
                     "labelExpr": "datum.value >= 1000 ? datum.value / 1000 + 'k' : datum.value"}})"},
        {"$tasks", R"({"field": "tasks", "type": "quantitative", "title": "tasks D", "scale": {"type": "log", "base": 2, "nice": false},
            "axis": {"format": "d", "tickCount": 6, "labelOverlap": "greedy", "labelSeparation": 6}})"},
        {"$by-tasks", R"({"field": "tasks", "type": "ordinal", "title": "tasks D", "scale": {"scheme": "viridis"},
            "legend": {"symbolOpacity": 1, "symbolStrokeWidth": 2, "columns": 8}})"},
        {"$each-tasks", R"({"field": "tasks", "type": "ordinal", "title": null, "header": {"labelExpr": "'D = ' + datum.value"}})"},
        {"$position", R"({"field": "position", "type": "quantitative", "title": "position in the context",
            "scale": {"type": "log", "base": 2, "nice": false},
            "axis": {"format": "d", "tickCount": 5, "labelOverlap": "greedy", "labelSeparation": 6}})"},
        {"$split", R"({"field": "split", "type": "nominal", "title": null, "header": {"labelFontWeight": "bold",
            "labelExpr": "datum.value == 'id' ? 'in distribution' : 'out of distribution'"}})"},
        {"$seed", R"({"field": "seed", "type": "nominal"})"},
        {"$rule", R"({"type": "rule", "strokeDash": [5, 4], "color": "#444444"})"},
        {"$zero",
         R"({"transform": [{"aggregate": [{"op": "count", "as": "rows"}]}],
            "mark": {"type": "rule", "color": "#999999"}, "encoding": {"y": {"datum": 0}}})"}};
    const auto found = texts.find(name);
    if (found == texts.end()) throw std::logic_error("rationale::figure: there is no part " + name);
    return figure_json::parse(found->second);
}

inline void fill_in(figure_json& spec, const figure_parts& parts) {
    if (spec.is_string() && spec.get_ref<const std::string&>().starts_with("$")) {
        const auto given = parts.find(spec.get_ref<const std::string&>());
        spec = given != parts.end() ? given->second : shared_part(spec.get<std::string>());  // as it is: names of strategies may have a $
    } else if (spec.is_structured()) {
        for (auto& inner : spec) fill_in(inner, parts);
    }
}

/// Whether a row satisfies a predicate of Vega-Lite's: {"field": "loss", "valid": true}, or "gt", or "equal" in place of "valid".
inline bool satisfies(const figure_json& row, const figure_json& predicate) {
    const auto& value = row[predicate["field"].get_ref<const std::string&>()];
    if (predicate.contains("valid")) return value.is_null() != predicate["valid"].get<bool>();
    if (predicate.contains("gt")) return value.is_number() && value > predicate["gt"];
    return value == predicate["equal"];
}

/// Panels and layers that say which rows they show ("where", a predicate; "needs", a field of numbers that must not be undefined: text is
/// never valid to Vega-Lite) filter these, and go where there are none: they would have no extent.
inline void leave_out_empty(figure_json& spec, const figure_json& data) {
    if (!spec.is_structured()) return;
    for (auto& inner : spec) leave_out_empty(inner, data);
    if (spec.is_array()) {
        figure_json kept = figure_json::array();
        for (auto& part : spec)
            if (!part.is_object() || !part.contains("empty")) kept.push_back(std::move(part));
        spec = std::move(kept);
        return;
    }
    for (const char* list : {"layer", "hconcat", "vconcat"})
        if (spec.contains(list) && spec[list].empty()) spec["empty"] = true;
    if (spec.contains("spec") && spec["spec"].contains("empty")) spec["empty"] = true;
    if (spec.contains("needs")) spec["where"] = {{"field", spec["needs"]}, {"valid", true}};
    spec.erase("needs");
    if (!spec.contains("where")) return;
    const figure_json where = std::move(spec["where"]);
    spec.erase("where");
    if (std::none_of(data.begin(), data.end(), [&](const figure_json& row) { return satisfies(row, where); })) spec["empty"] = true;
    figure_json transform = figure_json::array({{{"filter", where}}});
    for (auto& more : spec.value("transform", figure_json::array())) transform.push_back(std::move(more));
    spec["transform"] = std::move(transform);
}

/// A figure of this specification. Without anything to draw it has no data either.
inline figure drawn(figure f, const char* spec, const figure_parts& parts = {}) {
    if (f.data.is_null()) f.data = figure_json::array();
    f.spec = figure_json::parse(spec);
    fill_in(f.spec, parts);
    leave_out_empty(f.spec, f.data);
    if (f.spec.contains("empty")) f.data = figure_json::array();
    f.spec["config"] = figure_json::parse(R"({"font": "sans-serif", "view": {"stroke": "#CCCCCC"},
        "axis": {"labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal", "grid": false},
        "legend": {"symbolStrokeWidth": 0, "labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal",
            "orient": "top", "labelLimit": 220, "titleLimit": 300},
        "header": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
        "title": {"fontSize": 12, "fontWeight": "bold"}})");
    return f;
}

/// A tooltip: D, then plain fields with their titles, then numbers with four digits.
using field_words = std::vector<std::pair<std::string, std::string>>;
inline figure_json tooltip_of(const field_words& plain, const field_words& numbers) {
    figure_json out{{{"field", "tasks"}, {"title", "D"}}};
    for (const auto& [field, title] : plain) out.push_back({{"field", field}, {"title", title}});
    for (const auto& [field, title] : numbers)
        out.push_back({{"field", field}, {"title", title}, {"type", "quantitative"}, {"format", ".4g"}});
    return out;
}

/// Number of columns: at most three, and two for four panels.
inline std::size_t panel_columns(std::size_t panels) { return panels <= 3 ? (std::max)(panels, std::size_t{1}) : panels == 4 ? 2 : 3; }

/// A quantitative y channel.
inline figure_json upwards(const char* field, const std::string& title, const char* scale = R"({"zero": false})") {
    auto of = figure_json::parse(scale);
    const bool logs = of.value("type", "") == "log";  // between powers of ten there would be ticks without a number
    return {{"field", field},
            {"type", "quantitative"},
            {"title", title},
            {"scale", std::move(of)},
            {"axis", {{"tickCount", logs ? 3 : 5}, {"format", ".6~g"}, {"labelOverlap", "greedy"}, {"labelSeparation", 6}}}};
}
/// A law's formula with Greek letters.
inline std::string in_greek(std::string formula) {
    for (const auto& [name, letter] : {std::pair{"alpha", "α"}, {"beta", "β"}, {"gamma", "γ"}, {"kappa", "κ"}})
        for (std::size_t at; (at = formula.find(name)) != std::string::npos;) formula.replace(at, std::string(name).size(), letter);
    return formula;
}
inline constexpr const char* logarithmic = R"({"type": "log", "nice": false})";

/// How strategies are told apart in the field "strategy", by "$colour" and by what is left of it in grey: "$shape" of points and "$dash" of
/// lines, or "$dash-key" where lines are alone. What is beside them, the model, is black and comes last.
inline figure_parts strategy_parts(std::vector<std::string> names, const palette& colours, const char* beside = nullptr) {
    static const auto dashes = figure_json::parse("[[1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [4, 2], [1, 3]]");
    static const auto shapes = figure_json::parse(R"(["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"])");
    auto colour = figure_json::array(), dash = colour, shape = colour;
    for (std::size_t q = 0; q < names.size(); ++q) {
        colour.push_back(colours.of(q)), dash.push_back(dashes[q % dashes.size()]), shape.push_back(shapes[q % shapes.size()]);
    }
    if (beside != nullptr) {
        names.emplace_back(beside);
        colour.push_back("#222222"), dash.push_back({1, 0}), shape.push_back("circle");
    }
    const auto channel = [&](const figure_json& range, const char* legend) {
        return figure_json{{"field", "strategy"},
                           {"type", "nominal"},
                           {"title", nullptr},
                           {"scale", {{"domain", names}, {"range", range}}},
                           {"legend", figure_json::parse(legend)}};
    };
    return {{"$colour", channel(colour, R"({"symbolOpacity": 1})")},
            {"$shape", channel(shape, R"({"symbolOpacity": 1})")},
            {"$dash", channel(dash, R"({"symbolOpacity": 1})")},
            {"$dash-key", channel(dash, R"({"symbolType": "stroke", "symbolSize": 500, "symbolStrokeWidth": 2, "symbolOpacity": 1})")}};
}

}  // namespace rationale::detail

#endif
