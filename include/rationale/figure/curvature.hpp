#ifndef RATIONALE_FIGURE_CURVATURE_HPP
#define RATIONALE_FIGURE_CURVATURE_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <numbers>
#include <string>
#include <utility>

#include "rationale/figure/map.hpp"

namespace rationale {

/// How fast the law's weight of memorizing against generalizing, w = 1/(1 + exp(-odds)), changes over D x N: its gradient with respect to
/// log2 N and log2 D, from differences of the log odds between neighbouring cells times w (1 - w). Arrows point to where the weight grows.
[[nodiscard]] inline figure curvature_field(const recording_analysis& a) {
    using namespace detail;
    figure f{"curvature",
             "Where the law switches",
             "Change of the law's weight of " + a.strategies[0] + " against " + a.strategies[1] +
                 " when steps and tasks double: dark where a small change matters. Arrows: where the weight grows.",
             figure_json::array(),
             {}};
    // Log odds by place: number of the seed among those of its D, D, N.
    std::map<std::size_t, std::size_t> seeds;
    std::map<std::pair<std::size_t, std::size_t>, std::map<std::int64_t, double>> odds;
    std::vector<std::size_t> seed_of;
    for (const auto& r : a.runs) seed_of.push_back(seeds[r.tasks]++);
    for (const auto& c : a.cells)
        if (c.split == split::id && c.step > 0) odds[{seed_of[c.run], a.runs[c.run].tasks}][c.step] = c.log_prior_odds + c.log_bayes_factor;
    // Slope between the neighbours of an entry, or to the only one; NaN without any. `value` tells an entry's number, NaN if it has none.
    const auto slope = [](const auto& entries, auto here, const auto& value) {
        const auto place = [](const auto& entry) { return std::log2(static_cast<double>(entry.first)); };
        auto before = here, after = std::next(here);
        if (before != entries.begin()) --before;
        if (after == entries.end()) after = here;
        if (std::isnan(value(*before))) before = here;
        if (std::isnan(value(*after))) after = here;
        return (value(*after) - value(*before)) / (place(*after) - place(*before));
    };
    std::map<std::pair<std::size_t, std::int64_t>, std::map<std::size_t, double>> by_tasks;
    for (const auto& [place, by_step] : odds)
        for (const auto& [step, value] : by_step) by_tasks[{place.first, step}][place.second] = value;
    const auto own = [](const auto& entry) { return entry.second; };
    const cell_edges edges(a);
    for (const auto& c : a.cells) {
        if (c.split != split::id || c.step <= 0) continue;
        const std::size_t seed = seed_of[c.run], tasks = a.runs[c.run].tasks;
        const auto& along = odds[{seed, tasks}];
        const auto& across = by_tasks[{seed, c.step}];
        const double weight = 1 / (1 + std::exp(-own(*along.find(c.step)))), rate = weight * (1 - weight);
        const double by_steps = rate * slope(along, along.find(c.step), own);
        const double with_tasks = across.size() > 1 ? rate * slope(across, across.find(tasks), own) : 0;
        auto row = cell_row(a, c);
        row["weight"] = figure_number(weight);
        row["by_steps"] = figure_number(by_steps);
        row["by_tasks"] = figure_number(with_tasks);
        row["change"] = figure_number(std::hypot(by_steps, with_tasks));
        row["direction"] = figure_number(std::atan2(by_steps, with_tasks) * 180 / std::numbers::pi);
        edges.add(row, c.run, c.step);
        f.data.push_back(std::move(row));
    }
    auto arrows = marks_where({{"field", "change"}, {"gt", 0.01}}, R"({"type": "point", "shape": "arrow", "filled": true,
        "color": "#DF4A44", "opacity": 1, "strokeWidth": 0})");
    arrows["encoding"]["angle"] =
        figure_json::parse(R"({"field": "direction", "type": "quantitative", "scale": {"domain": [-180, 180], "range": [-180, 180]}})");
    arrows["encoding"]["size"] =
        figure_json::parse(R"({"field": "change", "type": "quantitative", "scale": {"range": [40, 220]}, "legend": null})");
    return drawn(std::move(f), R"("$map")",
                 {{"$map", map_of(a, {"change",
                                      {{"range", {"#FFFFFF", "#222222"}}, {"domainMin", 0}},
                                      gradient("change of weight for a doubling"),
                                      tooltip_of({{"step", "N"}}, {{"weight", "weight of M against G"},
                                                                   {"by_steps", "change for twice N"},
                                                                   {"by_tasks", "change for twice D"}}),
                                      {arrows},
                                      460})}});
}

}  // namespace rationale

#endif
