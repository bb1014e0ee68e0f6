#ifndef RATIONALE_FIGURE_MEMORY_HPP
#define RATIONALE_FIGURE_MEMORY_HPP

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "rationale/figure/map.hpp"

namespace rationale {

/// What each checkpoint has stored of a task, in bits, ID; only where memory of limited precision was fitted.
[[nodiscard]] inline figure stored_bits_map(const recording_analysis& a) {
    using namespace detail;
    figure f{"stored-bits",
             "Bits stored of a task",
             "By the precision that explains the checkpoint best; bits in all where the mouse is.",
             figure_json::array(),
             {}};
    const cell_edges edges(a);
    if (a.memory)
        for (const auto& c : a.memory->cells) {
            if (c.split != split::id) continue;
            const auto& r = a.runs[c.run];
            auto row = run_row(r);
            row["step"] = c.step;
            row["precision"] = figure_number(c.precision);
            row["bits_per_task"] = figure_number(c.bits_per_task);
            row["bits"] = figure_number(c.bits_per_task * static_cast<double>(r.tasks));
            edges.add(row, c.run, c.step);
            f.data.push_back(std::move(row));
        }
    return drawn(
        std::move(f), R"("$map")",
        {{"$map", map_of(a, {"bits_per_task",
                             {{"scheme", "viridis"}, {"type", "sqrt"}},
                             gradient("bits of a task"),
                             tooltip_of({{"step", "N"}},
                                        {{"precision", "precision"}, {"bits_per_task", "bits of a task"}, {"bits", "bits in all"}}),
                             {},
                             460})}});
}

/// The precision that explains each checkpoint best against how often each task was seen, N/D, with its interval and the fitted power law;
/// ID cells. Only where memory of limited precision was fitted.
[[nodiscard]] inline figure precision_by_visits(const recording_analysis& a) {
    using namespace detail;
    figure f{
        "precision",
        "Precision of memory",
        "How precisely a task is remembered, in observations, against how often it was seen, with 95 % intervals over sequences. Dashed: "
        "a power law for all numbers of tasks.",
        figure_json::array(),
        {}};
    const auto* const of_visits = a.memory ? a.memory->explanations.find("precision_by_visits") : nullptr;
    if (a.memory)
        for (const auto& c : a.memory->cells) {
            const auto& r = a.runs[c.run];
            const double visits = mean_visits(r, c.step);
            if (c.split != split::id || !(visits > 0)) continue;  // the axis is logarithmic
            const bool band = c.range.lower > 0 && std::isfinite(c.range.upper);
            auto row = run_row(r);
            row["step"] = c.step;
            row["visits"] = visits;
            row["precision"] = figure_number(c.precision > 0 ? c.precision : undefined);
            row["lower"] = figure_number(band ? c.range.lower : undefined);
            row["upper"] = figure_number(band ? c.range.upper : undefined);
            row["law"] = figure_number(of_visits ? of_visits->facts.values[0] * std::pow(visits, of_visits->facts.values[1]) : undefined);
            f.data.push_back(std::move(row));
        }
    return drawn(std::move(f), R"({"width": 460, "height": 260, "encoding": {"x": "$visits"}, "layer": [
        {"needs": "lower", "mark": {"type": "rule", "opacity": 0.4}, "encoding": {"y": "$lower", "y2": {"field": "upper"}, "color": "$by-tasks"}},
        {"needs": "law", "mark": {"type": "line", "strokeDash": [5, 4], "color": "#222222"}, "encoding": {"y": "$law"}},
        {"needs": "precision", "mark": {"type": "point", "filled": true, "size": 30, "opacity": 1},
         "encoding": {"y": "$precision", "color": "$by-tasks", "tooltip": "$tooltip"}}]})",
                 {{"$visits", upwards("visits", "visits of a task, N/D", logarithmic)},
                  {"$lower", upwards("lower", "precision, observations", logarithmic)},
                  {"$law", upwards("law", "precision, observations", logarithmic)},
                  {"$precision", upwards("precision", "precision, observations", logarithmic)},
                  {"$tooltip", tooltip_of({{"step", "N"}}, {{"visits", "visits"},
                                                            {"precision", "precision"},
                                                            {"lower", "95 % from"},
                                                            {"upper", "95 % to"},
                                                            {"law", "by the power law"}})}});
}

}  // namespace rationale

#endif
