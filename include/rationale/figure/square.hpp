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
#include "rationale/figure/html.hpp"
#include "rationale/figure/map.hpp"
#include "rationale/figure/rows.hpp"
#include "rationale/figure/spec.hpp"

namespace rationale {

namespace detail {

/// "0.21 (0.15 to 0.3)", with the infinity sign.
inline std::string with_range(double x, const interval& range) {
    const auto text = [](double y) { return std::isinf(y) ? std::string("∞") : plain_number(y, 3); };
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
            {"path", p.memory_told ? figure_json(words(p.split)) : figure_json(nullptr)},
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
            {"best_weights_with_constant", figure_number(p.with_constant)},
            {"memory_words", with_range(p.precision, p.precision_range) + (p.memory_told ? "" : ", cannot be told")},
            {"trust_words", with_range(p.trust, p.trust_range)}};
}
inline figure_json square_tooltip() {
    return tooltip_of(
        {{"step", "N"}, {"memory_words", "κ"}, {"trust_words", "e"}},
        {{"divergence", "divergence"}, {"best_weight", "best M/G weight"}, {"best_weights_with_constant", "best M/G/C weights"}});
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
                     {"$told", figure_json::parse(R"({"condition": {"test": "datum.told", "value": 1}, "value": 0.2})")},
                     {"$tooltip", square_tooltip()}};
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
                     return parts;
                 }());
}

/// The same, a panel for each number of tasks, with 95 % ranges ID.
[[nodiscard]] inline figure belief_maps(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    auto parts = square_parts(a, colours, 0.1);
    parts["$lines"] = parts["$by-step"] = figure_json::parse(R"({"field": "step", "type": "quantitative",
        "scale": {"type": "sqrt", "scheme": {"name": "plasma", "extent": [0, 0.85]}}})");
    parts["$by-step"]["legend"] = gradient("training steps N");
    parts["$by-step"]["legend"]["gradientOpacity"] = 1;
    parts["$by-step"]["legend"]["format"] = "~s", parts["$by-step"]["legend"]["labelOverlap"] = "greedy";
    parts["$lines"]["legend"] = nullptr;  // one key; with strokes in it it would be no gradient
    parts["$order"] = {{"field", "step"}, {"type", "quantitative"}};
    // In a row that is not full the axes of the missing panels would stand alone.
    const std::size_t panels = numbers_of_tasks(a);
    parts["$columns"] = panels <= 4 ? panels : panels % 3 == 0 && panels % 4 != 0 ? 3 : 4;
    return drawn(
        {"belief-by-tasks",
         "Memory and trust, by tasks",
         "The path of each run. Filled: in distribution, with 95 % ranges over sequences where memory can be told. Hollow: out of "
         "distribution. Faint: memory cannot be told. Dashed: the law.",
         square_rows(a),
         {}},
        R"({"facet": "$each-tasks", "columns": "$columns", "spec": {"width": 215, "height": 170, "view": {"stroke": null}, "layer": [
        "$square",
        {"where": {"field": "path", "equal": "id"}, "mark": {"type": "rule", "opacity": 0.4},
         "encoding": {"x": "$memory_from", "x2": {"field": "memory_to"}, "y": "$trust_place", "stroke": "$lines"}},
        {"where": {"field": "path", "equal": "id"}, "mark": {"type": "rule", "opacity": 0.4},
         "encoding": {"x": "$memory_place", "y": "$trust_from", "y2": {"field": "trust_to"}, "stroke": "$lines"}},
        {"where": {"field": "path", "equal": "id"},
         "mark": {"type": "line", "strokeWidth": 1, "opacity": 0.3, "color": "#222222"},
         "encoding": {"x": "$memory_place", "y": "$trust_place", "detail": "$seed", "order": "$order"}},
        {"needs": "law_memory", "mark": {"type": "line", "strokeDash": [4, 3], "strokeWidth": 1.5, "color": "#222222"},
         "encoding": {"x": "$law_memory", "y": "$law_trust", "detail": "$seed", "order": "$order"}},
        {"where": {"field": "split", "equal": "ood"}, "mark": {"type": "point", "size": 22, "strokeWidth": 1.2},
         "encoding": {"x": "$memory_place", "y": "$trust_place", "stroke": "$lines", "opacity": "$told", "tooltip": "$tooltip"}},
        {"where": {"field": "split", "equal": "id"}, "mark": {"type": "circle", "size": 30},
         "encoding": {"x": "$memory_place", "y": "$trust_place", "color": "$by-step", "opacity": "$told", "tooltip": "$tooltip"}}]}})",
        parts);
}

namespace detail {
/// One precision of each checkpoint on a logarithmic axis against another number, by split: what stands there where it is 0, infinite, or
/// beyond what predictions tell from these, is the axis's end.
struct square_curve {
    const char *name, *title, *caption;
    std::string x_field, x_title, y_title;
    double (*x)(const square_place&, const analyzed_run&);
    double square_place::*value;
    interval square_place::*range;
    double square_place::*law;
    double unit;        ///< of the value
    bool when_told;     ///< whether it can be told where memory can
    bool law_by_tasks;  ///< whether the law has a line for each number of tasks
};

/// What a logarithmic axis shows of some numbers: those within [low, high] where they are, others at `below` and `above`.
struct shown_range {
    double low, high, below, above;

    /// Of numbers from a hundredth of the way to either end of a side of the square on; all of that where there are none.
    shown_range(const std::vector<double>& numbers, double unit) {
        const double least = unit * side_number(0.02), most = unit * side_number(0.98);
        low = most, high = least;
        for (const double x : numbers)
            if (x >= least && x <= most) low = (std::min)(low, x), high = (std::max)(high, x);
        if (low > high) std::swap(low, high);
        if (high < 2 * low) low /= 2, high *= 2;
        const double margin = std::pow(high / low, 0.05);
        below = low / margin, above = high * margin;
    }
    [[nodiscard]] double operator()(double x) const { return x < low ? below : x > high ? above : x; }
    /// Powers of ten, and where these are few 2 and 5 times them.
    [[nodiscard]] figure_json ticks() const {
        auto out = figure_json::array();
        const bool few = high < 300 * low;
        for (double x = std::floor(std::log10(low)); x <= std::log10(high); ++x)
            for (const int digit : {1, 2, 5})
                if (const double tick = digit * std::pow(10, x); (digit == 1 || few) && tick >= below && tick <= above)
                    out.push_back(rounded(tick, 1));
        return out;
    }
};

inline figure curve_of(const recording_analysis& a, const square_curve& c) {
    const auto told = [&](const square_place& p) { return p.memory_told || !c.when_told; };
    const auto places = a.square ? a.square->places : std::vector<square_place>{};
    std::vector<double> numbers;
    for (const auto& p : places)
        if (told(p)) numbers.insert(numbers.end(), {p.*c.value, (p.*c.range).lower, (p.*c.range).upper});
    const shown_range shown(numbers, c.unit);
    auto rows = figure_json::array();
    for (const auto& p : places) {
        const double x = c.x(p, a.runs[p.run]);
        if (!(x > 0) || std::isnan(p.*c.value)) continue;  // the axis is logarithmic
        const double value = p.*c.value, law = p.*c.law;
        auto row = square_row(a, p);
        row[c.x_field] = x;
        row["level"] = shown(value);
        row["level_from"] = figure_number(told(p) ? shown((p.*c.range).lower) : undefined);
        row["level_to"] = figure_number(told(p) ? shown((p.*c.range).upper) : undefined);
        row["level_law"] = figure_number(law >= shown.low && law <= shown.high ? law : undefined);
        row["mark"] = value < shown.low ? "below" : value > shown.high ? "above" : "within";
        row["told"] = told(p);
        rows.push_back(std::move(row));
    }
    const auto y = [&](const char* field) {
        auto out = upwards(field, c.y_title, logarithmic);
        out["scale"]["domain"] = {shown.below, shown.above}, out["scale"]["padding"] = 5;
        out["axis"] = {{"values", shown.ticks()}, {"labelExpr", "format(datum.value, '.6~g')"}};  // not those that a log axis leaves out
        return out;
    };
    auto law =
        figure_json::parse(R"({"needs": "level_law", "mark": {"type": "line", "strokeDash": [5, 4], "strokeWidth": 1.5, "color": "#222222"},
        "encoding": {"y": "$level_law"}})");
    if (c.law_by_tasks) law["encoding"]["color"] = "$by-tasks", law["encoding"]["detail"] = "$seed";
    auto x = upwards(c.x_field.c_str(), c.x_title, logarithmic);
    x["scale"]["padding"] = 8;
    figure_parts parts{{"$x", x},
                       {"$level", y("level")},
                       {"$level_from", y("level_from")},
                       {"$level_law", y("level_law")},
                       {"$told", figure_json::parse(R"({"condition": {"test": "datum.told", "value": 1}, "value": 0.2})")},
                       {"$tooltip", square_tooltip()}};
    fill_in(law, parts);
    parts["$law"] = law;
    return drawn({c.name, c.title, c.caption, std::move(rows), {}}, R"({"facet": {"column": "$split"},
        "spec": {"width": 440, "height": 270, "encoding": {"x": "$x"}, "layer": [
        {"needs": "level_from", "mark": {"type": "rule", "opacity": 0.35},
         "encoding": {"y": "$level_from", "y2": {"field": "level_to"}, "color": "$by-tasks"}},
        "$law",
        {"where": {"field": "mark", "equal": "within"}, "mark": {"type": "point", "filled": true, "size": 30},
         "encoding": {"y": "$level", "color": "$by-tasks", "opacity": "$told", "tooltip": "$tooltip"}},
        {"where": {"field": "mark", "equal": "above"}, "mark": {"type": "point", "shape": "triangle-up", "filled": true, "size": 40},
         "encoding": {"y": "$level", "color": "$by-tasks", "opacity": "$told", "tooltip": "$tooltip"}},
        {"where": {"field": "mark", "equal": "below"}, "mark": {"type": "point", "shape": "triangle-down", "filled": true, "size": 40},
         "encoding": {"y": "$level", "color": "$by-tasks", "opacity": "$told", "tooltip": "$tooltip"}}]}})",
                 parts);
}
}  // namespace detail

/// How precisely tasks are remembered against how often each was seen, N/D, with 95 % ranges and the law of the map; ID and OOD.
[[nodiscard]] inline figure memory_by_visits(const recording_analysis& a) {
    return detail::curve_of(
        a,
        {.name = "memory-by-visits",
         .title = "Memory by visits",
         .caption = "How precisely a task is remembered against how often it was seen, with 95 % ranges over sequences. Faint: it cannot "
                    "be told. Triangles: as good as nothing, or exact. Dashed: the law.",
         .x_field = "visits",
         .x_title = "visits of a task, N/D",
         .y_title = "memory κ, in observations",
         .x = [](const square_place& p, const analyzed_run& r) { return mean_visits(r, p.step); },
         .value = &square_place::precision,
         .range = &square_place::precision_range,
         .law = &square_place::law_precision,
         .unit = a.square ? a.square->unit : 1,
         .when_told = true,
         .law_by_tasks = a.square && a.square->law == "square_by_steps_and_tasks"});
}

/// What each observation of the context counts for over training, with 95 % ranges and the law of the map; ID and OOD.
[[nodiscard]] inline figure trust_by_steps(const recording_analysis& a) {
    return detail::curve_of(
        a, {.name = "trust-by-steps",
            .title = "Trust over training",
            .caption = "How many observations each one of the context counts for, with 95 % ranges over sequences; 1 is Bayes. Triangles: "
                       "the context is not read, or more than the axis has. Dashed: the law.",
            .x_field = "step",
            .x_title = "training steps N",
            .y_title = "trust e",
            .x = [](const square_place& p, const analyzed_run&) { return static_cast<double>(p.step); },
            .value = &square_place::trust,
            .range = &square_place::trust_range,
            .law = &square_place::law_trust,
            .unit = 1,
            .when_told = false,
            .law_by_tasks = a.square && a.square->law == "square_by_visits_trust_by_tasks"});
}

}  // namespace rationale

#endif
