#ifndef RATIONALE_FIGURE_REGRET_HPP
#define RATIONALE_FIGURE_REGRET_HPP

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "rationale/analysis/regret_words.hpp"
#include "rationale/figure/rows.hpp"
#include "rationale/figure/spec.hpp"

namespace rationale {

namespace detail {
/// What lines of regret are against, beside the strategies, and the line of the gap.
inline constexpr const char *in_hindsight = "best in hindsight", *gap_line = "gap, fresh - seen";

/// A point of a line, with its interval.
inline figure_json regret_row(const analyzed_run& r, std::int64_t step, const char* what, const std::string& of,
                              const resampled_estimate& e) {
    auto row = run_row(r);
    row["step"] = step, row["panel"] = what, row["strategy"] = of;
    row["regret"] = figure_number(e.value);
    row["lower"] = figure_number(e.within.lower), row["upper"] = figure_number(e.within.upper);
    if (row["lower"].is_null() || row["upper"].is_null()) row["lower"] = row["upper"] = nullptr;
    row["turn"] = nullptr;
    return row;
}

inline void add_gap_rows(figure_json& data, const recording_analysis& a, const gap_cell& c) {
    auto row = regret_row(a.runs[c.run], c.step, "gap", gap_line, c.gap);
    for (const auto& g : a.regret.turns)
        if (g.run == c.run)
            for (const auto& turn : g.turns)
                if (turn.at == static_cast<double>(c.step)) row["turn"] = turn.peak ? "peak" : "valley";
    data.push_back(std::move(row));
}
}  // namespace detail

/// What it costs not to know: regret over training against each strategy and the best one in hindsight, ID and OOD, and the generalization
/// gap with its turning points, for four D.
[[nodiscard]] inline figure regret_over_training(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"regret",
             "What it costs not to know",
             "Loss of the model on what was observed minus that of a strategy, a sequence: above 0 the strategy would have been better. "
             "Dotted black: the strategy that is best on each sequence in hindsight. Below, the model's loss out of distribution minus in "
             "distribution, each beside what " +
                 a.strategies[1] + " loses on the same sequences, with its peaks and valleys. Bands are 95 % over sequences.",
             figure_json::array(),
             {}};
    const auto chosen = some_tasks(a, 4);
    for (const auto& c : a.regret.cells) {
        const auto& r = a.runs[c.run];
        if (!chosen.contains(r.tasks)) continue;
        for (std::size_t q = 0; q < c.against.size(); ++q)
            f.data.push_back(regret_row(r, c.step, words(c.split), a.strategies[q], c.against[q]));
        f.data.push_back(regret_row(r, c.step, words(c.split), in_hindsight, c.hindsight));
    }
    for (const auto& c : a.regret.gaps)
        if (chosen.contains(a.runs[c.run].tasks)) add_gap_rows(f.data, a, c);
    auto parts = strategy_parts(a.strategies, colours, in_hindsight);
    parts["$dash-key"]["scale"]["range"].back() = {1, 4};  // it lies on another line where one strategy is best on every sequence
    for (const auto& [name, range] : {std::pair{"$colour", figure_json("#8E6C8A")}, {"$dash-key", figure_json{6, 2}}})
        parts[name]["scale"]["domain"].push_back(gap_line), parts[name]["scale"]["range"].push_back(range);
    parts["$panel"] = figure_json::parse(R"({"field": "panel", "type": "nominal", "title": null, "sort": ["id", "ood", "gap"],
        "header": {"labelFontWeight": "bold",
        "labelExpr": "{id: 'in distribution', ood: 'out of distribution', gap: 'gap, fresh - seen'}[datum.value]"}})");
    const char* const root = R"({"type": "sqrt", "zero": true})";  // early checkpoints lose by far the most
    parts["$y"] = upwards("regret", observed_unit(a), root);
    parts["$low"] = upwards("lower", observed_unit(a), root);
    parts["$tooltip"] = tooltip_of({{"step", "N"}, {"strategy", "against"}, {"turn", "turn"}},
                                   {{"regret", regret_unit(a)}, {"lower", "from"}, {"upper", "to"}});
    return drawn(std::move(f), R"({"facet": {"row": "$panel", "column": "$each-tasks"},
        "spec": {"width": 150, "height": 120, "encoding": {"x": "$steps", "color": "$colour"}, "layer": [
            {"needs": "lower", "mark": {"type": "area", "opacity": 0.2}, "encoding": {"y": "$low", "y2": {"field": "upper"}, "detail": "$seed"}},
            {"needs": "regret", "mark": {"type": "line", "strokeWidth": 2},
             "encoding": {"y": "$y", "strokeDash": "$dash-key", "detail": "$seed", "tooltip": "$tooltip"}},
            {"needs": "regret", "mark": {"type": "point", "filled": true, "size": 60},
             "encoding": {"y": "$y", "tooltip": "$tooltip",
                          "opacity": {"condition": {"test": "datum.turn !== null", "value": 1}, "value": 0}}}]},
        "resolve": {"scale": {"y": "independent"}}})",
                 parts);
}

}  // namespace rationale

#endif
