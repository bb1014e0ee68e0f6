// Figures of one belief with two precisions: memory, kappa, and trust in the context, e (analysis/square_report.hpp).
#ifndef RATIONALE_FIGURE_SQUARE_HPP
#define RATIONALE_FIGURE_SQUARE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "rationale/explanation/detail/belief_square.hpp"
#include "rationale/figure/rows.hpp"
#include "rationale/figure/spec.hpp"

namespace rationale {

namespace detail {

/// "0.21 (0.15 to 0.3)", with the infinity sign.
inline std::string with_range(double x, const interval& range) {
    const auto text = [](double y) { return std::isinf(y) ? std::string("∞") : significant_or("–", y, 3); };
    return text(x) + (std::isnan(range.lower) ? "" : " (" + text(range.lower) + " to " + text(range.upper) + ")");
}

/// A checkpoint's row: numbers, null where infinite, and places on the square's sides.
inline figure_json square_row(const recording_analysis& a, const square_place& p) {
    const auto& r = a.runs[p.run];
    const double unit = a.square->unit;
    const auto place = [](double x) { return figure_number(std::isnan(x) ? undefined : side_place(x)); };
    return {{"tasks", r.tasks},
            {"seed", r.seed},
            {"step", p.step},
            {"split", words(p.split)},
            {"precision", figure_number(p.precision)},
            {"trust", figure_number(p.trust)},
            {"told", p.memory_told},
            {"memory_place", place(p.precision / unit)},
            {"memory_from", place(p.precision_range.lower / unit)},
            {"memory_to", place(p.precision_range.upper / unit)},
            {"trust_place", place(p.trust)},
            {"trust_from", place(p.trust_range.lower)},
            {"trust_to", place(p.trust_range.upper)},
            {"law_memory", place(p.law_precision / unit)},
            {"law_trust", place(p.law_trust)},
            {"divergence", figure_number(p.divergence)},
            {"best_weight", figure_number(p.pair)},
            {"memory_words", with_range(p.precision, p.precision_range) + (p.memory_told ? "" : ", cannot be told")},
            {"trust_words", with_range(p.trust, p.trust_range)}};
}
inline figure_json square_rows(const recording_analysis& a) {
    auto out = figure_json::array();
    if (a.square)
        for (const auto& p : a.square->places) out.push_back(square_row(a, p));
    return out;
}

/// A side of the square as an axis with margins for the corners' letters; ticks at numbers, in units, and at the ends.
struct square_axis {
    const char* title;
    std::vector<double> ticks;
    double unit, end, margin;  ///< end and margin are places
};
inline figure_json square_side(const char* field, const square_axis& axis) {
    const auto& [title, ticks, unit, end, margin] = axis;
    auto places = figure_json::array();
    for (const double x : ticks)
        if (const double place = side_place(x / unit); place <= end) places.push_back(place);
    return {{"field", field},
            {"type", "quantitative"},
            {"title", title},
            {"scale", {{"domain", {-margin, end + margin}}, {"nice", false}, {"zero", false}}},
            {"axis",
             {{"values", places},
              {"domain", false},
              {"labelOverlap", "greedy"},
              {"labelExpr",
               "datum.value == 1 ? '∞' : format(" + figure_json(unit).dump() + " * pow(datum.value / (1 - datum.value), 2), '.2~r')"}}}};
}
/// Powers of ten, 0 and infinity, of those that do not lie too near to an end.
inline std::vector<double> memory_ticks(double unit) {
    std::vector<double> out{0};
    for (double x = std::pow(10, std::floor(std::log10(unit)) - 2); side_place(x / unit) < 0.95; x *= 10)
        if (side_place(x / unit) > 0.08) out.push_back(x);
    out.push_back(std::numeric_limits<double>::infinity());
    return out;
}

/// Where the maps end: the first tick that no best point and no law's passes, from 3 on.
inline double shown_trust(const square_report& s) {
    double most = 0;
    for (const auto& p : s.places)
        for (const double e : {p.trust, p.law_trust})
            if (e > most) most = e;
    return most <= 3 ? 3 : most <= 10 ? 10 : s.greatest_trust;
}

/// What every map of the square has: its sides, its frame, with the line of Bayes, its corners, and what the mouse shows. Letters of
/// corners stand in the margin.
inline figure_parts square_parts(const recording_analysis& a, const palette& colours, double margin) {
    const double unit = a.square ? a.square->unit : 1, most = a.square ? shown_trust(*a.square) : 1, end = side_place(most);
    const square_axis memory{"memory of a task κ, in observations", memory_ticks(unit), unit, 1, margin};
    square_axis trust{"trust in the context e", {0, .01, .1, .3, 1, 3, 10}, 1, end, margin / 2};
    if (most > 10) trust.ticks.push_back(most);
    const auto constant =
        static_cast<std::size_t>(std::find(a.strategies.begin(), a.strategies.end(), constant_name) - a.strategies.begin());
    const char* const c = colours.of(constant < a.strategies.size() ? constant : 2);
    const auto once = figure_json::parse(R"({"aggregate": [{"op": "count", "as": "rows"}]})");
    const auto calculated = [](const char* as, const figure_json& values) { return figure_json{{"calculate", values.dump()}, {"as", as}}; };
    figure_parts out{{"$once", figure_json::array({once})},
                     {"$corners", figure_json::array(
                                      {once,
                                       calculated("letter", {"C", "G", "M", "C"}),
                                       calculated("corner_memory", {0, 0, 1, 1}),
                                       calculated("corner_trust", {0, 0.5, 0.5, 0}),
                                       calculated("letter_memory", {-0.55 * margin, -0.55 * margin, 1 + 0.55 * margin, 1 + 0.55 * margin}),
                                       calculated("corner_colour", {c, colours.of(1), colours.of(0), c}),
                                       {{"flatten", {"letter", "corner_memory", "corner_trust", "letter_memory", "corner_colour"}}}})},
                     {"$left", {{"datum", 0}}},
                     {"$bottom", {{"datum", 0}}},
                     {"$middle", {{"datum", 0.5}}},
                     {"$end", {{"datum", end}}},
                     {"$tooltip", tooltip_of({{"step", "N"}, {"memory_words", "κ"}, {"trust_words", "e"}},
                                             {{"divergence", "divergence"}, {"best_weight", "of the best weight of M and G"}})}};
    for (const char* field : {"memory_place", "memory_from", "law_memory", "corner_memory", "letter_memory"})
        out.emplace("$" + std::string(field), square_side(field, memory));
    for (const char* field : {"trust_place", "trust_from", "law_trust", "corner_trust"})
        out.emplace("$" + std::string(field), square_side(field, trust));
    auto square = figure_json::parse(R"({"layer": [
        {"transform": "$once", "mark": {"type": "rect", "filled": false, "stroke": "#BBBBBB"},
         "encoding": {"x": "$left", "x2": {"datum": 1}, "y": "$bottom", "y2": "$end"}},
        {"transform": "$once", "mark": {"type": "rule", "color": "#DDDDDD"}, "encoding": {"x": "$left", "x2": {"datum": 1}, "y": "$middle"}},
        {"transform": "$corners", "mark": {"type": "point", "shape": "diamond", "size": 110, "filled": true, "opacity": 1},
         "encoding": {"x": "$corner_memory", "y": "$corner_trust", "fill": {"field": "corner_colour", "type": "nominal", "scale": null}}},
        {"transform": "$corners", "mark": {"type": "text", "fontWeight": "bold", "fontSize": 13, "color": "#222222"},
         "encoding": {"x": "$letter_memory", "y": "$corner_trust", "text": {"field": "letter", "type": "nominal"}}}]})");
    fill_in(square, out);
    out.emplace("$square", std::move(square));
    return out;
}
}  // namespace detail

/// Where each checkpoint is in the square of memory and trust, ID and OOD: a path through training for every run, and the law's.
[[nodiscard]] inline figure belief_map(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    return drawn({"belief",
                  "Memory and trust",
                  "Each checkpoint as one belief: a seen task is remembered as κ observations of it, and each observation of the context "
                  "counts e times. Points grow with training. Faint: memory cannot be told. Dashed: the law. C ignores the context, G "
                  "is Bayes without memory, M is Bayes with exact memory.",
                  square_rows(a),
                  {}},
                 R"({"facet": {"column": "$split"}, "spec": {"width": 480, "height": 370, "view": {"stroke": null}, "layer": [
        "$square",
        {"needs": "law_memory", "mark": {"type": "line", "strokeDash": [4, 3], "strokeWidth": 1.5, "opacity": 0.8},
         "encoding": {"x": "$law_memory", "y": "$law_trust", "color": "$by-tasks", "detail": "$seed", "order": "$step"}},
        {"where": {"field": "told", "equal": true}, "mark": {"type": "line", "strokeWidth": 1, "opacity": 0.4},
         "encoding": {"x": "$memory_place", "y": "$trust_place", "color": "$by-tasks", "detail": "$seed", "order": "$step"}},
        {"needs": "memory_place", "mark": {"type": "circle", "stroke": "#FFFFFF", "strokeWidth": 0.4},
         "encoding": {"x": "$memory_place", "y": "$trust_place", "color": "$by-tasks", "size": "$size", "opacity": "$told", "tooltip": "$tooltip"}}]}})",
                 [&] {
                     auto parts = square_parts(a, colours, 0.05);
                     parts["$step"] = {{"field", "step"}, {"type", "quantitative"}};
                     parts["$size"] = figure_json::parse(R"({"field": "step", "type": "quantitative", "legend": null,
                         "scale": {"type": "sqrt", "zero": false, "nice": false, "range": [10, 70]}})");
                     parts["$told"] = figure_json::parse(R"({"condition": {"test": "datum.told", "value": 1}, "value": 0.2})");
                     return parts;
                 }());
}

}  // namespace rationale

#endif
