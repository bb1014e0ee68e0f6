#ifndef RATIONALE_FIGURE_POSITIONS_HPP
#define RATIONALE_FIGURE_POSITIONS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "rationale/figure/rows.hpp"
#include "rationale/figure/spec.hpp"

namespace rationale {

namespace detail {
/// Rows for stretches of the context that double: the first position, the second, the third and fourth, and so on. `value(i)` is a number
/// of the i-th predicted position, which of a run's is `positions[i]`, or i where that is empty.
template <class Value>
void add_positions(figure_json& data, const figure_json& row, const char* field, std::size_t count,
                   const std::vector<std::size_t>& positions, const Value& value) {
    const auto position = [&](std::size_t i) { return (positions.empty() ? i : positions[i]) + 1; };  // the first is 1
    for (std::size_t i = 0, to = 1; i < count; to *= 2) {
        const std::size_t first = i;
        double sum = 0;
        for (; i < count && position(i) <= to; ++i) sum += value(i);
        if (i == first) continue;
        const std::size_t from = position(first), last = position(i - 1);
        data.push_back(row);
        data.back()["from"] = from, data.back()["to"] = last;
        data.back()["position"] = std::sqrt(static_cast<double>(from * last));
        data.back()[field] = figure_number(sum / static_cast<double>(i - first));
    }
}
inline bool has_positions(const analyzed_cell& c) { return c.observed_loss.size() > 1; }
}  // namespace detail

/// Per-position profiles: losses by the length of the context, of the model's last checkpoint, of memorizing and of generalizing, for four
/// D, ID and OOD. Only for families that predict at more than one position.
[[nodiscard]] inline figure position_profiles(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"positions",
             "Losses along the context",
             "Loss on what was observed, mean over stretches of the context that double, of the model at its last checkpoint, " +
                 a.strategies[0] + " and " + a.strategies[1] + ".",
             figure_json::array(),
             {}};
    const auto chosen = some_tasks(a, 4);
    for (const auto& c : a.cells) {
        const auto& r = a.runs[c.run];
        if (!chosen.contains(r.tasks) || r.steps.empty() || c.step != r.steps.back() || !has_positions(c)) continue;
        const auto add = [&](const std::string& who, const std::vector<double>& loss) {
            auto row = cell_row(a, c);
            row["strategy"] = who;
            add_positions(f.data, row, "loss", loss.size(), r.positions, [&](std::size_t t) { return loss[t]; });
        };
        for (std::size_t q = 0; q < 2; ++q) add(a.strategies[q], (*c.strategies_loss)[q]);
        add("model", c.observed_loss);
    }
    auto parts = strategy_parts({a.strategies[0], a.strategies[1]}, colours, "model");
    parts["$y"] = upwards("loss", std::string("loss, ") + observed_unit(a));
    parts["$tooltip"] =
        tooltip_of({{"step", "N"}, {"from", "positions from"}, {"to", "to"}, {"strategy", "of"}}, {{"loss", observed_unit(a)}});
    return drawn(std::move(f), R"({"facet": {"row": "$split", "column": "$each-tasks"},
        "spec": {"width": 150, "height": 120, "layer": [{"needs": "loss", "mark": {"type": "line", "strokeWidth": 1.8},
            "encoding": {"x": "$position",
                "y": "$y", "color": "$colour", "strokeDash": "$dash-key", "detail": "$seed", "tooltip": "$tooltip"}}]}})",
                 parts);
}

/// What memorizing gains over generalizing by the length of the context, a line a number of tasks, ID and OOD.
[[nodiscard]] inline figure loss_difference_by_position(const recording_analysis& a) {
    using namespace detail;
    figure f{"loss-difference-by-position",
             "What " + a.strategies[0] + " gains along the context",
             "Loss of " + a.strategies[1] + " less that of " + a.strategies[0] +
                 " on what was observed, mean over stretches of the context that double.",
             figure_json::array(),
             {}};
    for (const auto& c : a.cells) {
        const auto& r = a.runs[c.run];
        if (r.steps.empty() || c.step != r.steps.back() || !has_positions(c)) continue;
        const auto& loss = *c.strategies_loss;
        add_positions(f.data, cell_row(a, c), "gain", loss[0].size(), r.positions, [&](std::size_t t) { return loss[1][t] - loss[0][t]; });
    }
    return drawn(std::move(f), R"({"facet": {"column": "$split"}, "resolve": {"scale": {"y": "independent"}},
        "spec": {"width": 290, "height": 200, "layer": ["$zero", {"needs": "gain", "mark": {"type": "line", "strokeWidth": 1.8},
            "encoding": {"x": "$position",
                "y": "$y", "color": "$by-tasks", "detail": "$seed", "tooltip": "$tooltip"}}]}})",
                 {{"$y", upwards("gain", std::string("loss difference, ") + observed_unit(a))},
                  {"$tooltip", tooltip_of({{"from", "positions from"}, {"to", "to"}}, {{"gain", "loss difference"}})}});
}

}  // namespace rationale

#endif
