// Losses on what was observed, of the model and of the two strategies: what transience and task diversity are drawn from.
#ifndef RATIONALE_FIGURE_OBSERVED_LOSSES_HPP
#define RATIONALE_FIGURE_OBSERVED_LOSSES_HPP

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "rationale/figure/rows.hpp"
#include "rationale/figure/spec.hpp"

namespace rationale::detail {

/// A cell's rows: memorizing, generalizing, the model.
inline void add_observed_losses(figure_json& data, const recording_analysis& a, const analyzed_cell& c) {
    const auto add = [&](const std::string& who, const std::vector<double>& loss) {
        auto row = cell_row(a, c);
        row["strategy"] = who;
        row["loss"] = figure_number(over_positions(loss));
        data.push_back(std::move(row));
    };
    for (std::size_t q = 0; q < 2; ++q) add(a.strategies[q], (*c.strategies_loss)[q]);
    add("model", c.observed_loss);
}

/// Replacements for such figures: "$y", "$tooltip", and those of strategy_parts.
inline figure_parts observed_loss_parts(const recording_analysis& a, const palette& colours) {
    auto parts = strategy_parts({a.strategies[0], a.strategies[1]}, colours, "model");
    parts["$y"] = upwards("loss", std::string("loss, ") + observed_unit(a));
    parts["$tooltip"] = tooltip_of({{"step", "N"}, {"strategy", "of"}}, {{"loss", observed_unit(a)}});
    return parts;
}

}  // namespace rationale::detail

#endif
