#ifndef RATIONALE_FIGURE_TASKS_HPP
#define RATIONALE_FIGURE_TASKS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "rationale/figure/observed_losses.hpp"
#include "rationale/figure/rows.hpp"
#include "rationale/figure/spec.hpp"

namespace rationale {

namespace detail {

/// When memorizing overtook in the recording: the first checkpoint nearer to it, and the checkpoints between which it must have been by two
/// standard errors: the last one that is surely nearer to generalizing, the first one that is surely nearer to memorizing.
struct observed_crossover {
    double at = undefined, from = undefined, to = undefined;
};
inline observed_crossover observed_crossover_of(const recording_analysis& a, std::size_t run) {
    observed_crossover out;
    for (const auto& c : a.cells) {
        if (c.run != run || c.split != split::id || !c.relative.defined()) continue;
        const double step = static_cast<double>(c.step), r = c.relative.value, sure = 2 * c.relative.standard_error;
        if (r > 0.5 && std::isnan(out.at)) out.at = step;
        if (r > 0.5 + sure && std::isnan(out.to)) out.to = step;
        if (r < 0.5 - sure && std::isnan(out.to)) out.from = step;
    }
    return out;
}

}  // namespace detail

/// When memorizing overtakes generalizing, N*(D), by the law (with its band where there was a bootstrap), and in the recording.
[[nodiscard]] inline figure crossovers(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"crossovers",
             "When memorizing overtakes",
             "Circles: N* by the law, with its 95 % band where there is one. Crosses: the first checkpoint nearer to " + a.strategies[0] +
                 ", with the checkpoints between which it must have been by 2 standard errors. Dashed: the recording's end. At 1: from the "
                 "start or before the first step.",
             figure_json::array(),
             {}};
    for (std::size_t i = 0; i < a.runs.size(); ++i) {
        const auto& r = a.runs[i];
        double lower = undefined, upper = undefined;
        if (a.forecast)
            for (const auto& x : a.forecast->runs)
                if (x.run == i) lower = x.steps.lower, upper = x.steps.upper;
        if (!(lower > 0) || !std::isfinite(upper)) lower = upper = undefined;  // a band has both ends
        const auto seen = observed_crossover_of(a, i);
        const bool band = seen.from > 0 && seen.to > 0;
        auto row = run_row(r);
        row["law"] = figure_number(crossover_by_law(r));
        row["lower"] = figure_number(lower), row["upper"] = figure_number(upper);
        row["last_step"] = r.steps.empty() ? figure_json(nullptr) : figure_json(r.steps.back());
        row["observed"] = figure_number(seen.at == 0 ? 1 : seen.at);  // the untrained model; the axis has no 0
        row["observed_from"] = figure_number(band ? seen.from : undefined);
        row["observed_to"] = figure_number(band ? seen.to : undefined);
        f.data.push_back(std::move(row));
    }
    const bool below_1 =
        std::any_of(f.data.begin(), f.data.end(), [](const figure_json& row) { return row["lower"].is_number() && row["lower"] < 1; });
    const auto y = [&](const char* field) {
        auto out = upwards(field, "training steps N*", logarithmic);
        if (below_1) out["scale"]["domainMin"] = 1, out["scale"]["clamp"] = true;
        out["axis"]["format"] = "~s", out["axis"]["tickCount"] = 6;
        return out;
    };
    auto end = y("last_step");
    end["aggregate"] = "max";
    return drawn(std::move(f), R"({"width": 460, "height": 260, "layer": [
        {"needs": "last_step", "mark": "$rule", "encoding": {"y": "$end"}},
        {"needs": "lower", "mark": {"type": "rule", "strokeWidth": 6, "opacity": 0.35, "color": "$red"},
          "encoding": {"x": "$tasks", "y": "$lower", "y2": {"field": "upper"}}},
        {"needs": "observed_from", "mark": {"type": "rule", "color": "#222222"},
         "encoding": {"x": "$tasks", "y": "$from", "y2": {"field": "observed_to"}}},
        {"needs": "law", "mark": {"type": "line", "color": "$red", "strokeDash": [4, 3]},
         "encoding": {"x": "$tasks", "y": "$law", "detail": "$seed"}},
        {"needs": "law", "mark": {"type": "point", "filled": true, "size": 60, "color": "$red", "opacity": 1},
         "encoding": {"x": "$tasks", "y": "$law", "tooltip": "$tooltip"}},
        {"needs": "observed", "mark": {"type": "point", "shape": "cross", "filled": true, "size": 55, "color": "#222222", "opacity": 1},
         "encoding": {"x": "$tasks", "y": "$observed", "tooltip": "$tooltip"}}]})",
                 {{"$red", colours.of(0)},
                  {"$end", std::move(end)},
                  {"$lower", y("lower")},
                  {"$from", y("observed_from")},
                  {"$law", y("law")},
                  {"$observed", y("observed")},
                  {"$tooltip", tooltip_of({{"seed", "seed"}}, {{"law", "N* by the law"},
                                                               {"lower", "95 % from"},
                                                               {"upper", "95 % to"},
                                                               {"observed", "observed"},
                                                               {"observed_from", "observed from"},
                                                               {"observed_to", "observed to"}})}});
}

/// What each strategy loses and what it costs, against D.
[[nodiscard]] inline figure losses_and_bits(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"losses",
             "Expected losses and complexities",
             "Left: loss of each strategy on sequences of seen tasks. Right: its description length.",
             figure_json::array(),
             {}};
    for (const auto& r : a.runs)
        for (std::size_t q = 0; q < r.known.loss.size() && numbers_of_tasks(a) > 1; ++q) {
            auto row = run_row(r);
            row["strategy"] = a.strategies[q];
            row["loss"] = figure_number(r.known.loss[q]);
            row["bits"] = figure_number(r.known.complexity[q] > 0 ? r.known.complexity[q] : undefined);
            f.data.push_back(std::move(row));
        }
    auto parts = strategy_parts(a.strategies, colours);
    parts["$loss"] = upwards("loss", "expected loss, nats per position");
    parts["$bits"] = upwards("bits", "complexity, bits", logarithmic);
    parts["$bits"]["axis"]["format"] = "~s";
    parts["$tooltip"] = tooltip_of({{"strategy", "strategy"}}, {{"loss", "nats per position"}, {"bits", "bits"}});
    return drawn(std::move(f), R"({"hconcat": [
        {"needs": "loss", "width": 290, "height": 220, "encoding": {"x": "$tasks", "y": "$loss", "color": "$colour"}, "layer": [
            {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"strokeDash": "$dash", "detail": "$seed"}},
            {"mark": {"type": "point", "filled": true, "size": 36, "opacity": 1}, "encoding": {"shape": "$shape", "tooltip": "$tooltip"}}]},
        {"needs": "bits", "width": 290, "height": 220, "encoding": {"x": "$tasks", "y": "$bits", "color": "$colour"}, "layer": [
            {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"strokeDash": "$dash", "detail": "$seed"}},
            {"mark": {"type": "point", "filled": true, "size": 36, "opacity": 1}, "encoding": {"shape": "$shape", "tooltip": "$tooltip"}}]}]})",
                 parts);
}

/// What memorizing gains over generalizing in expected loss, L_G - L_M, with two standard errors, against D.
[[nodiscard]] inline figure loss_difference(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"loss-difference",
             "What " + a.strategies[0] + " gains",
             "Expected loss of " + a.strategies[1] + " less that of " + a.strategies[0] +
                 ", with 2 standard errors: below 0 no training lets " + a.strategies[0] + " win by evidence.",
             figure_json::array(),
             {}};
    for (const auto& r : a.runs) {
        if (numbers_of_tasks(a) < 2) break;
        auto row = run_row(r);
        const double gain = r.known.loss[1] - r.known.loss[0];
        const double error = r.losses.difference_error.size() > 0 ? r.losses.difference_error(0, 1) : undefined;
        row["gain"] = figure_number(gain);
        row["lower"] = figure_number(gain - 2 * error), row["upper"] = figure_number(gain + 2 * error);
        f.data.push_back(std::move(row));
    }
    return drawn(std::move(f), R"({"width": 460, "height": 220, "layer": ["$zero",
        {"needs": "lower", "mark": {"type": "rule", "color": "$red", "strokeWidth": 1.5},
         "encoding": {"x": "$tasks", "y": "$lower", "y2": {"field": "upper"}}},
        {"needs": "gain", "mark": {"type": "line", "color": "$red", "strokeWidth": 2}, "encoding": {"x": "$tasks", "y": "$gain", "detail": "$seed"}},
        {"needs": "gain", "mark": {"type": "point", "filled": true, "size": 40, "color": "$red", "opacity": 1},
         "encoding": {"x": "$tasks", "y": "$gain", "tooltip": "$tooltip"}}]})",
                 {{"$red", colours.of(0)},
                  {"$gain", upwards("gain", "loss difference, nats per position")},
                  {"$lower", upwards("lower", "loss difference, nats per position")},
                  {"$tooltip", tooltip_of({{"seed", "seed"}}, {{"gain", "nats per position"}, {"lower", "from"}, {"upper", "to"}})}});
}

/// The task-diversity threshold: losses of the last checkpoint, of memorizing and of generalizing against D, ID and OOD.
[[nodiscard]] inline figure task_diversity(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"task-diversity",
             "Task diversity",
             "Loss at the last checkpoint on what was observed, of the model, " + a.strategies[0] + " and " + a.strategies[1] +
                 ": beyond a number of tasks the model generalizes.",
             figure_json::array(),
             {}};
    for (const auto& c : a.cells) {
        const auto& r = a.runs[c.run];
        if (r.steps.empty() || c.step != r.steps.back() || c.observed_loss.empty() || numbers_of_tasks(a) < 2) continue;
        add_observed_losses(f.data, a, c);
    }
    return drawn(std::move(f), R"({"facet": {"column": "$split"}, "resolve": {"scale": {"y": "independent"}},
        "spec": {"width": 290, "height": 220, "encoding": {"x": "$tasks", "y": "$y", "color": "$colour"}, "layer": [
            {"needs": "loss", "mark": {"type": "line", "strokeWidth": 2}, "encoding": {"strokeDash": "$dash", "detail": "$seed"}},
            {"needs": "loss", "mark": {"type": "point", "filled": true, "size": 36, "opacity": 1},
             "encoding": {"shape": "$shape", "tooltip": "$tooltip"}}]}})",
                 observed_loss_parts(a, colours));
}

}  // namespace rationale

#endif
