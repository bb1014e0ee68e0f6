// The two figures that a page shows first of a recording.
#ifndef RATIONALE_FIGURE_GLANCE_HPP
#define RATIONALE_FIGURE_GLANCE_HPP

#include <string>
#include <utility>

#include "rationale/figure/maps.hpp"
#include "rationale/figure/square.hpp"

namespace rationale {

/// belief_map in distribution alone, small.
[[nodiscard]] inline figure belief_glance(const recording_analysis& a, const palette& colours = {}) {
    auto f = belief_map(a, colours);
    f.name = "belief-glance";
    f.caption =
        "Each checkpoint, in distribution, between ignoring the context (C), Bayes without memory (G) and exact memory (M). Points "
        "grow with training. Dashed: the law.";
    auto rows = detail::figure_json::array();
    for (auto& row : f.data)
        if (row["split"] == words(split::id)) rows.push_back(std::move(row));
    f.data = std::move(rows);
    if (f.data.empty()) return f;
    auto panel = std::move(f.spec["spec"]);
    panel["width"] = 410, panel["height"] = 290, panel["config"] = std::move(f.spec["config"]);
    f.spec = std::move(panel);
    return f;
}

/// The observed phase diagram, relative distances ID, and beside it the one that the fitted law predicts.
[[nodiscard]] inline figure phase_diagrams(const recording_analysis& a, const palette& colours = {}) {
    auto f = predicted_and_observed(a, colours);
    f.name = "phase-diagrams";
    f.title = "Phase diagram, observed and predicted";
    f.caption = "Left: relative distance, 0 for " + a.strategies[1] + ", 1 for " + a.strategies[0] + ". Right: the law's weight of " +
                a.strategies[0] + ". Dots: " + a.strategies[0] + " leads. Outlined: the cells that the law was fitted to.";
    if (f.data.empty()) return f;
    for (auto& row : f.data) row.erase("difference");
    auto observed = std::move(f.spec["hconcat"][1]), predicted = std::move(f.spec["hconcat"][0]);
    for (auto* panel : {&observed, &predicted}) {
        (*panel)["width"] = 235;
        for (auto& layer : (*panel)["layer"])
            if (layer["encoding"].contains("tooltip"))
                layer["encoding"]["tooltip"].erase(layer["encoding"]["tooltip"].size() - 1);  // the difference
    }
    f.spec["hconcat"] = detail::figure_json::array({std::move(observed), std::move(predicted)});
    return f;
}

}  // namespace rationale

#endif
