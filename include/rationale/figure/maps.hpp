#ifndef RATIONALE_FIGURE_MAPS_HPP
#define RATIONALE_FIGURE_MAPS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "rationale/figure/map.hpp"

namespace rationale {

/// Where the model stands between generalizing (0) and memorizing (1), D x N, ID and OOD.
[[nodiscard]] inline figure relative_distance_map(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"relative-distance",
             "Relative distance",
             "0: the model predicts as " + a.strategies[1] + " does, 1: as " + a.strategies[0] + ". Dots: nearer to " + a.strategies[0] +
                 ". Grey: undefined.",
             figure_json::array(),
             {}};
    const cell_edges edges(a);
    for (const auto& c : a.cells) {
        auto row = cell_row(a, c);
        row["relative_distance"] = figure_number(c.relative.defined() ? c.relative.value : undefined);
        row["standard_error"] = figure_number(c.relative.standard_error);
        row["unexplained"] = figure_number(c.unexplained);
        edges.add(row, c.run, c.step);
        f.data.push_back(std::move(row));
    }
    if (std::none_of(a.cells.begin(), a.cells.end(), [](const analyzed_cell& c) { return c.relative.defined(); })) f.data.clear();
    const auto tooltip = tooltip_of(
        {{"step", "N"}, {"cell", "cell"}},
        {{"relative_distance", "relative distance"}, {"standard_error", "standard error"}, {"unexplained", "unexplained share"}});
    return drawn(std::move(f), R"({"facet": {"column": "$split"}, "spec": "$map"})",
                 {{"$map", map_of(a, {"relative_distance",
                                      from_g_to_m(colours, 0, 1),
                                      share_gradient("relative distance"),
                                      tooltip,
                                      {dots_above("relative_distance", 0.5)}})}});
}

/// The law's weight of memorizing, the relative distance, and how far they are apart, ID, with the fitted cells outlined.
[[nodiscard]] inline figure predicted_and_observed(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{
        "predicted-and-observed",
        "Predicted and observed",
        "Left: weight of " + a.strategies[0] +
            " by the law. Middle: relative distance of the model. Right: how far they are apart. Outlined: the fitted cells; later steps "
            "and more tasks were held out. Dots: " +
            a.strategies[0] + " leads.",
        figure_json::array(),
        {}};
    const cell_edges edges(a);
    for (const auto& c : a.cells) {
        if (c.split != split::id || c.predicted.empty()) continue;
        auto row = cell_row(a, c);
        const double observed = c.relative.defined() ? c.relative.value : undefined;
        row["predicted"] = figure_number(c.predicted[0]);
        row["observed"] = figure_number(observed);
        row["difference"] = figure_number(std::abs(c.predicted[0] - observed));
        edges.add(row, c.run, c.step);
        f.data.push_back(std::move(row));
    }
    if (std::none_of(a.cells.begin(), a.cells.end(), [](const analyzed_cell& c) { return c.relative.defined(); })) f.data.clear();
    const auto tooltip = tooltip_of({{"step", "N"}, {"cell", "cell"}},
                                    {{"predicted", "law's weight"}, {"observed", "relative distance"}, {"difference", "difference"}});
    const auto panel = [&](const char* field, const figure_json& scale, const figure_json& legend, const std::vector<figure_json>& over) {
        return map_of(a, {field, scale, legend, tooltip, over, 200});
    };
    const auto share = from_g_to_m(colours, 0, 1);
    return drawn(
        std::move(f), R"({"hconcat": ["$predicted", "$observed", "$difference"], "resolve": {"scale": {"color": "independent"}}})",
        {{"$predicted", panel("predicted", share, share_gradient("law's weight of M"), {dots_above("predicted", 0.5), fitted_outline()})},
         {"$observed", panel("observed", share, share_gradient("relative distance"), {dots_above("observed", 0.5), fitted_outline()})},
         {"$difference", panel("difference", {{"domain", {0, 0.5}}, {"range", {"#FFFFFF", "#222222"}}, {"clamp", true}},
                               gradient("difference"), {fitted_outline()})}});
}

}  // namespace rationale

#endif
