#ifndef RATIONALE_FIGURE_TRAINING_HPP
#define RATIONALE_FIGURE_TRAINING_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rationale/figure/observed_losses.hpp"
#include "rationale/figure/rows.hpp"
#include "rationale/figure/spec.hpp"

namespace rationale {

namespace detail {
/// A panel for each number of tasks, three in a row.
inline constexpr const char* panels_by_tasks = R"({"facet": "$each-tasks", "columns": "$columns", "spec": "$panel"})";
inline figure panels(figure f, const char* panel, const figure_parts& parts) {
    auto spec = figure_json::parse(panel);
    fill_in(spec, parts);
    std::set<figure_json> tasks;
    for (const auto& row : f.data) tasks.insert(row["tasks"]);
    return drawn(std::move(f), panels_by_tasks, {{"$panel", std::move(spec)}, {"$columns", panel_columns(tasks.size())}});
}
}  // namespace detail

/// Weights of all strategies over training: of each cell's best mixture (points) and of the law (lines), for up to six D, ID.
[[nodiscard]] inline figure strategy_weights(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"strategy-weights",
             "Strategies over training",
             "Points: weights of the mixture that explains the checkpoint best. Lines: weights by the fitted law.",
             figure_json::array(),
             {}};
    const auto chosen = some_tasks(a);
    for (const auto& c : a.cells) {
        if (c.split != split::id || !chosen.contains(a.runs[c.run].tasks)) continue;
        for (std::size_t q = 0; q < a.strategies.size(); ++q) {
            auto row = cell_row(a, c);
            row["strategy"] = a.strategies[q];
            row["best_mixture"] = figure_number(q < c.mixing_weights.size() ? c.mixing_weights[q] : undefined);
            row["law"] = figure_number(q < c.predicted.size() ? c.predicted[q] : undefined);
            f.data.push_back(std::move(row));
        }
    }
    auto parts = strategy_parts(a.strategies, colours);
    parts["$law"] = upwards("law", "weight", R"({"domain": [0, 1]})");
    parts["$best"] = upwards("best_mixture", "weight", R"({"domain": [0, 1]})");
    parts["$tooltip"] = tooltip_of({{"step", "N"}, {"strategy", "strategy"}}, {{"best_mixture", "best mixture"}, {"law", "law"}});
    return panels(std::move(f), R"({"width": 210, "height": 120, "encoding": {"x": "$steps", "color": "$colour"}, "layer": [
        {"needs": "law", "mark": {"type": "line", "strokeWidth": 2}, "encoding": {"y": "$law", "strokeDash": "$dash", "detail": "$seed"}},
        {"needs": "best_mixture", "mark": {"type": "point", "filled": true, "size": 26, "opacity": 0.85},
         "encoding": {"y": "$best", "shape": "$shape", "tooltip": "$tooltip"}}]})",
                  parts);
}

/// Divergence of the model from each strategy over training, for up to six D, ID.
[[nodiscard]] inline figure distances(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"distances",
             "Distances to the strategies",
             "How far the model's predictions are from those of each strategy, on a logarithmic axis.",
             figure_json::array(),
             {}};
    const auto chosen = some_tasks(a);
    for (const auto& c : a.cells) {
        if (c.split != split::id || !chosen.contains(a.runs[c.run].tasks)) continue;
        for (std::size_t q = 0; q < c.distance.size(); ++q) {
            auto row = cell_row(a, c);
            row["strategy"] = a.strategies[q];
            row["distance"] = figure_number(c.distance[q] > 0 ? c.distance[q] : undefined);
            f.data.push_back(std::move(row));
        }
    }
    auto parts = strategy_parts(a.strategies, colours);
    parts["$y"] = upwards("distance", distance_unit(a), logarithmic);
    parts["$tooltip"] = tooltip_of({{"step", "N"}, {"strategy", "distance to"}}, {{"distance", "distance"}});
    return panels(std::move(f), R"({"width": 210, "height": 120, "encoding": {"x": "$steps", "y": "$y", "color": "$colour"}, "layer": [
        {"needs": "distance", "mark": {"type": "line", "strokeWidth": 2}, "encoding": {"strokeDash": "$dash", "detail": "$seed"}},
        {"needs": "distance", "mark": {"type": "point", "filled": true, "size": 16}, "encoding": {"shape": "$shape", "tooltip": "$tooltip"}}]})",
                  parts);
}

/// The relative distance over training with its standard error, and the law's weight of memorizing, for up to six D, ID and OOD.
[[nodiscard]] inline figure relative_distances(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"relative-distances",
             "Relative distance over training",
             "0: the model predicts as " + a.strategies[1] + " does, 1: as " + a.strategies[0] +
                 "; bands are 2 standard errors over sequences. Dashed: the law's weight of " + a.strategies[0] + ".",
             figure_json::array(),
             {}};
    const auto chosen = some_tasks(a);
    for (const auto& c : a.cells) {
        if (!chosen.contains(a.runs[c.run].tasks)) continue;
        const double r = c.relative.defined() ? c.relative.value : undefined, error = c.relative.standard_error;
        auto row = cell_row(a, c);
        row["strategy"] = c.split == split::id ? "in distribution" : "out of distribution";
        row["relative_distance"] = figure_number(r);
        row["lower"] = figure_number((std::max)(0.0, r - 2 * error));
        row["upper"] = figure_number((std::min)(1.0, r + 2 * error));
        if (std::isnan(r) || std::isnan(error)) row["lower"] = row["upper"] = nullptr;
        row["law"] = figure_number(c.split == split::id && !c.predicted.empty() ? c.predicted[0] : undefined);
        f.data.push_back(std::move(row));
    }
    auto parts = strategy_parts({"in distribution", "out of distribution"}, {{"#222222", "#8E6C8A"}});
    parts["$red"] = colours.of(0);
    parts["$r"] = upwards("relative_distance", "relative distance", R"({"domain": [0, 1]})");
    parts["$low"] = upwards("lower", "relative distance", R"({"domain": [0, 1]})");
    parts["$law"] = upwards("law", "relative distance", R"({"domain": [0, 1]})");
    parts["$tooltip"] =
        tooltip_of({{"step", "N"}, {"split", "sequences"}},
                   {{"relative_distance", "relative distance"}, {"lower", "from"}, {"upper", "to"}, {"law", "law's weight"}});
    return panels(std::move(f), R"({"width": 210, "height": 120, "encoding": {"x": "$steps", "color": "$colour"}, "layer": [
        {"needs": "lower", "mark": {"type": "area", "opacity": 0.2}, "encoding": {"y": "$low", "y2": {"field": "upper"}, "detail": "$seed"}},
        {"needs": "law", "mark": {"type": "line", "strokeDash": [4, 3], "strokeWidth": 1.5},
         "encoding": {"y": "$law", "color": {"value": "$red"}, "detail": "$seed"}},
        {"needs": "relative_distance", "mark": {"type": "line", "strokeWidth": 2}, "encoding": {"y": "$r", "detail": "$seed"}},
        {"needs": "relative_distance", "mark": {"type": "point", "filled": true, "size": 20},
         "encoding": {"y": "$r", "shape": "$shape", "tooltip": "$tooltip"}}]})",
                  parts);
}

/// The distance of the model from the mixture of M and G at its relative distance, and the step from which on the law is fitted, ID.
[[nodiscard]] inline figure interpolation(const recording_analysis& a) {
    using namespace detail;
    figure f{"interpolation",
             "Interpolation distance",
             "How much of the model the mixture at its relative distance leaves open. Dashed: the threshold, from which on laws of two "
             "strategies are fitted.",
             figure_json::array(),
             {}};
    for (const auto& c : a.cells) {
        if (c.split != split::id) continue;
        auto row = cell_row(a, c);
        row["interpolation_distance"] = figure_number(c.interpolation_distance > 0 ? c.interpolation_distance : undefined);
        row["threshold"] = a.threshold ? figure_json(*a.threshold) : figure_json(nullptr);
        f.data.push_back(std::move(row));
    }
    return drawn(std::move(f), R"({"needs": "interpolation_distance", "width": 460, "height": 220, "layer": [
        {"mark": {"type": "line", "point": {"size": 16}},
         "encoding": {"x": "$steps", "y": "$y", "color": "$by-tasks", "detail": "$seed", "tooltip": "$tooltip"}},
        {"needs": "threshold", "mark": "$rule",
         "encoding": {"x": {"field": "threshold", "type": "quantitative", "aggregate": "max"}}}]})",
                 {{"$y", upwards("interpolation_distance", distance_unit(a), logarithmic)},
                  {"$tooltip", tooltip_of({{"step", "N"}}, {{"interpolation_distance", "interpolation distance"}})}});
}

/// Transience: losses of the model, of memorizing and of generalizing over training on the recorded sequences, ID and OOD, for four D.
[[nodiscard]] inline figure transience(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"transience",
             "Losses over training",
             "Loss on what was observed, of the model, " + a.strategies[0] + " and " + a.strategies[1] +
                 ". Where out of distribution the model's falls towards " + a.strategies[1] +
                 " and rises again, generalizing was transient.",
             figure_json::array(),
             {}};
    const auto chosen = some_tasks(a, 4);
    for (const auto& c : a.cells) {
        const auto& r = a.runs[c.run];
        if (!chosen.contains(r.tasks) || c.observed_loss.empty()) continue;
        add_observed_losses(f.data, a, c);
    }
    return drawn(std::move(f), R"({"facet": {"row": "$split", "column": "$each-tasks"},
        "spec": {"width": 150, "height": 120, "encoding": {"x": "$steps", "y": "$y", "color": "$colour"}, "layer": [
            {"needs": "loss", "mark": {"type": "line", "strokeWidth": 2},
             "encoding": {"strokeDash": "$dash-key", "detail": "$seed", "tooltip": "$tooltip"}}]},
        "resolve": {"scale": {"y": "independent"}}})",
                 observed_loss_parts(a, colours));
}

}  // namespace rationale

#endif
