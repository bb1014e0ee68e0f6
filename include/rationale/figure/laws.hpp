#ifndef RATIONALE_FIGURE_LAWS_HPP
#define RATIONALE_FIGURE_LAWS_HPP

#include <string>
#include <tuple>
#include <utility>

#include "rationale/figure/rows.hpp"
#include "rationale/figure/spec.hpp"

namespace rationale {

/// Explanations side by side: mean divergence of fitted and of held-out cells, never averaged together. Only where laws were compared.
[[nodiscard]] inline figure law_comparison(const recording_analysis& a, const palette& colours = {}) {
    using namespace detail;
    figure f{"laws",
             "Explanations compared",
             "Mean divergence from the model over fitted and over held-out cells; laws before baselines and ceilings, the best on held-out "
             "cells first.",
             figure_json::array(),
             {}};
    for (const auto& explained : a.comparison.rows) {
        const auto& [facts, mean] = std::tie(explained.facts, explained.mean);
        for (const auto& [cells, value] :
             {std::pair{"fitted", mean.fitted}, {"held out", mean.held_out}, {"held out, OOD", mean.held_out_ood}}) {
            figure_json row{{"explanation", facts.words}, {"kind", words(facts.kind)}, {"cells", cells}};
            row["divergence"] = figure_number(value > 0 ? value : undefined);
            row["parameters"] = facts.parameters;
            f.data.push_back(std::move(row));
        }
    }
    auto tooltip =
        tooltip_of({{"explanation", "explanation"}, {"kind", "kind"}, {"parameters", "parameters"}}, {{"divergence", "divergence"}});
    tooltip.erase(0);
    return drawn(
        std::move(f), R"({"needs": "divergence", "width": 380, "height": {"step": 20},
        "mark": {"type": "point", "filled": true, "size": 60, "opacity": 1},
        "encoding": {
            "y": {"field": "explanation", "type": "nominal", "title": null, "sort": null, "axis": {"labelLimit": 420, "grid": true}},
            "x": "$x", "color": "$colour", "tooltip": "$tooltip",
            "shape": {"field": "cells", "type": "nominal", "title": null,
                      "scale": {"domain": ["fitted", "held out", "held out, OOD"], "range": ["square", "circle", "diamond"]}}}})",
        {{"$x", upwards("divergence", a.kind == prediction_kind::mean ? "squared error" : "KL(model || explanation), nats", logarithmic)},
         {"$colour",
          {{"field", "cells"},
           {"type", "nominal"},
           {"title", nullptr},
           {"scale", {{"domain", {"fitted", "held out", "held out, OOD"}}, {"range", {"#9A9A9A", colours.of(0), colours.of(1)}}}}}},
         {"$tooltip", tooltip}});
}

}  // namespace rationale

#endif
