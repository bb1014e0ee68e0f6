#ifndef RATIONALE_FIGURE_ODDS_HPP
#define RATIONALE_FIGURE_ODDS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "rationale/figure/map.hpp"

namespace rationale {

/// Log prior odds, log Bayes factor and their sum, the log posterior odds of memorizing against generalizing, in nats, D x N.
[[nodiscard]] inline figure odds_maps(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"odds",
             "What the law weighs",
             "Simplicity (log prior odds), evidence (log Bayes factor) and both together, in nats, of " + a.strategies[0] + " against " +
                 a.strategies[1] + ". Dots: above 0, for " + a.strategies[0] + ".",
             figure_json::array(),
             {}};
    double most = 1;
    const cell_edges edges(a);
    for (const auto& c : a.cells) {
        if (c.split != split::id) continue;
        auto row = cell_row(a, c);
        row["prior"] = figure_number(c.log_prior_odds);
        row["bayes_factor"] = figure_number(c.log_bayes_factor);
        row["posterior"] = figure_number(c.log_prior_odds + c.log_bayes_factor);
        most = (std::max)(most, std::abs(c.log_prior_odds + c.log_bayes_factor));
        edges.add(row, c.run, c.step);
        f.data.push_back(std::move(row));
    }
    const double end = std::ceil((std::min)(most, 12.0));
    const auto tooltip = tooltip_of(
        {{"step", "N"}}, {{"prior", "log prior odds"}, {"bayes_factor", "log Bayes factor"}, {"posterior", "log posterior odds"}});
    const auto panel = [&](const std::string& field, const char* title) {
        return map_of(a, {field, from_g_to_m(colours, -end, end), gradient("nats"), tooltip, {dots_above(field, 0)}, 200, title});
    };
    return drawn(std::move(f), R"({"hconcat": ["$prior", "$factor", "$posterior"]})",
                 {{"$prior", panel("prior", "log prior odds")},
                  {"$factor", panel("bayes_factor", "log Bayes factor")},
                  {"$posterior", panel("posterior", "log posterior odds")}});
}

/// The same as lines over training, for up to six D.
[[nodiscard]] inline figure odds_over_training(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"odds-over-training",
             "Odds over training",
             "Log odds of " + a.strategies[0] + " against " + a.strategies[1] +
                 " by the law, in nats: where the posterior's line passes 0, the first takes the lead.",
             figure_json::array(),
             {}};
    const auto chosen = some_tasks(a);
    for (const auto& c : a.cells) {
        if (c.split != split::id || !chosen.contains(a.runs[c.run].tasks)) continue;
        for (const auto& [name, value] : {std::pair{"posterior", c.log_prior_odds + c.log_bayes_factor},
                                          {"Bayes factor", c.log_bayes_factor},
                                          {"prior", c.log_prior_odds}}) {
            auto row = cell_row(a, c);
            row["strategy"] = name;
            row["log_odds"] = figure_number(value);
            f.data.push_back(std::move(row));
        }
    }
    auto parts = strategy_parts({"Bayes factor", "prior"}, {{colours.of(0), colours.of(1)}}, "posterior");
    parts["$y"] = upwards("log_odds", "log odds, nats", R"({"zero": true})");
    parts["$columns"] = panel_columns(chosen.size());
    parts["$tooltip"] = tooltip_of({{"step", "N"}, {"strategy", "odds"}}, {{"log_odds", "nats"}});
    return drawn(std::move(f), R"({"facet": "$each-tasks", "columns": "$columns",
        "spec": {"width": 210, "height": 120, "layer": ["$zero",
            {"mark": {"type": "line", "strokeWidth": 2},
             "encoding": {"x": "$steps", "y": "$y", "color": "$colour", "strokeDash": "$dash-key", "detail": "$seed", "tooltip": "$tooltip"}}]},
        "resolve": {"scale": {"y": "independent"}}})",
                 parts);
}

/// How evidence for memorizing grows: the law's log Bayes factor (lines) and what the best mixture's odds show of it, the law's prior odds
/// taken off (points), against steps and against the law's own measure of training, for which it is a straight line, ID.
[[nodiscard]] inline figure evidence_accumulation(const recording_analysis& a) {
    using namespace detail;
    figure f{"evidence",
             "Evidence over training",
             "Log Bayes factor of " + a.strategies[0] + " against " + a.strategies[1] +
                 " by the law (lines), and log odds of the best mixture's weights less the law's prior odds (points). Left: against steps. "
                 "Right: against what a nat per position counts after them, " +
                 in_greek(a.fit.law.evidence_formula()) + ", where the law's lines are straight.",
             figure_json::array(),
             {}};
    for (const auto& c : a.cells) {
        if (c.split != split::id) continue;
        const auto& r = a.runs[c.run];
        const double gain = r.known.loss[1] - r.known.loss[0];
        const auto& w = c.mixing_weights;
        const bool both = w.size() > 1 && w[0] > 0.002 && w[1] > 0.002;  // beyond that a weight is what the fit's rounding left
        auto row = cell_row(a, c);
        row["exposure"] = figure_number(c.log_bayes_factor / gain);
        row["log_bayes_factor"] = figure_number(c.log_bayes_factor);
        row["observed"] = figure_number(both ? std::log(w[0] / w[1]) - c.log_prior_odds : undefined);
        f.data.push_back(std::move(row));
    }
    return drawn(std::move(f), R"({"hconcat": [
        {"needs": "log_bayes_factor", "width": 290, "height": 220, "encoding": {"x": "$steps", "color": "$by-tasks", "tooltip": "$tooltip"}, "layer": [
            {"mark": "line", "encoding": {"y": "$law", "detail": "$seed"}},
            {"needs": "observed", "mark": {"type": "point", "filled": true, "size": 22}, "encoding": {"y": "$observed"}}]},
        {"needs": "exposure", "width": 290, "height": 220, "encoding": {"x": "$exposure", "color": "$by-tasks", "tooltip": "$tooltip"}, "layer": [
            {"mark": "line", "encoding": {"y": "$law", "detail": "$seed"}},
            {"needs": "observed", "mark": {"type": "point", "filled": true, "size": 22}, "encoding": {"y": "$observed"}}]}]})",
                 {{"$law", upwards("log_bayes_factor", "log Bayes factor, nats")},
                  {"$observed", upwards("observed", "log Bayes factor, nats")},
                  {"$exposure", upwards("exposure", in_greek(a.fit.law.evidence_formula()), R"({"zero": false, "nice": false})")},
                  {"$tooltip",
                   tooltip_of({{"step", "N"}}, {{"log_bayes_factor", "by the law"}, {"observed", "observed"}, {"exposure", "exposure"}})}});
}

}  // namespace rationale

#endif
