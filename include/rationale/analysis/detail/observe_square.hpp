#ifndef RATIONALE_ANALYSIS_DETAIL_OBSERVE_SQUARE_HPP
#define RATIONALE_ANALYSIS_DETAIL_OBSERVE_SQUARE_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "rationale/analysis/detail/looked_models.hpp"
#include "rationale/analysis/detail/recorded_stages.hpp"
#include "rationale/compare/divergence.hpp"
#include "rationale/compare/shared_divergences.hpp"
#include "rationale/explanation/detail/belief_square.hpp"
#include "rationale/explanation/detail/least.hpp"
#include "rationale/explanation/detail/memory_curve.hpp"

namespace rationale::detail {

/// Finds a cell's best point: where its surface is least and, where the divergence there is not what the surface promised, by steps around
/// it. Every point that is compared is evaluated.
inline void find_best(observed_square& square, std::size_t i) {
    auto& cell = square.cells[i];
    const std::vector<double> once(cell.parts[0].size(), 1.0);
    double least = std::numeric_limits<double>::infinity();
    const auto compare = [&](const belief_point& at, const std::vector<double>& parts) {
        const double divergence = square_cell::weighted(parts, once);
        if (divergence < least) least = divergence, cell.best = at, cell.best_parts = parts;
        return divergence;
    };
    for (std::size_t k = 0; k < square.grid.size(); ++k) compare(square.grid.point(k), cell.parts[k]);
    const auto evaluate = [&](const std::array<double, 2>& place) {
        if (!(place[0] >= 0 && place[0] <= 1 && place[1] >= 0 && place[1] <= square.grid.trust.back()))
            return std::numeric_limits<double>::infinity();
        const belief_point at{side_number(place[0]), side_number(place[1])};
        return compare(at, square.evaluate(i, at));
    };
    const auto surface = cell.surface(square.grid, once);
    const auto place = least_of(surface, square.grid);
    constexpr double as_promised = 0.05;
    if (std::abs(evaluate(place) - surface(place[0], place[1])) <= as_promised * least) return;
    const double step = 0.25 * square.grid.memory[1];
    (void)least_by_compass<2>(evaluate, {side_place(cell.best.memory), side_place(cell.best.trust)}, {step, step}, 3);
}

/// The divergences of every cell over the square of memory and trust, and the best point of each, which is evaluated. A run's memories at
/// the grid's nodes are predicted once for all checkpoints of a table; the grid is finer where explanations are compared.
[[nodiscard]] inline observed_square observe_square(const recorded_stages& stages, const looked_at& which, const observations& seen,
                                                    const stage_tools& tools) {
    const auto& from = stages.from;
    observed_square out{.grid = square_grid(stages.options.compare ? 24 : 16),
                        .unit = from.memory_axes[0].value(0.5),
                        .cells = std::vector<square_cell>(seen.cells.size())};
    const auto models = looked_models(stages, seen);
    const auto parts_at = [&seen](std::size_t cell, const prediction_view& model, const predictions& memory) {
        return divergence_parts(divergences_from(model, memory), seen.cells[cell].parts.size());
    };
    const auto table_of = [&from](const observed_cell& c) { return from.runs[c.run]->table_at(static_cast<std::int64_t>(c.at.steps)); };
    const auto look_at_group = [&](observed_square& square, std::size_t first, std::size_t last, const any_executor& execute) {
        const auto& c = seen.cells[first];
        std::vector<std::optional<shared_divergences>> at(square.grid.size());
        execute(at.size(), [&](std::size_t k) {
            const auto p = square.grid.point(k);
            at[k].emplace(table_of(c)->memory()->predict_tempered(p.share(), p.trust, c.split, which[c.run][c.split], true));
        });
        constexpr std::size_t together = shared_divergences::together;
        execute((last - first + together - 1) / together, [&](std::size_t k) {
            const std::size_t begin = first + k * together, end = (std::min)(begin + together, last);
            std::vector<summed_model> some;
            for (std::size_t i = begin; i < end; ++i) some.push_back(summed_model::of(models[i]->widened()));
            for (const auto& memory : at) {
                const auto apart = (*memory)(some);
                for (std::size_t i = begin; i < end; ++i)
                    square.cells[i].parts.push_back(divergence_parts(apart[i - begin], seen.cells[i].parts.size()));
            }
        });
    };
    out.evaluate = [table_of, &which, &seen, models, parts_at, unit = out.unit](std::size_t cell, const belief_point& at) {
        const auto& c = seen.cells[cell];
        const auto& memory = *table_of(c)->memory();
        const auto& sequences = which[c.run][c.split];
        return parts_at(cell, models[cell]->view(),
                        at.pooling > 0 ? memory.predict_pooled(at.share(), at.trust, unit * at.pooling, c.split, sequences)
                                       : memory.predict_tempered(at.share(), at.trust, c.split, sequences, true));
    };
    // Cells of one table and split, which follow one another, are looked at together.
    std::vector<std::size_t> first_of_group;
    for (std::size_t i = 0; i < seen.cells.size(); ++i)
        if (i == 0 || seen.cells[i].split != seen.cells[i - 1].split || table_of(seen.cells[i]) != table_of(seen.cells[i - 1]))
            first_of_group.push_back(i);
    std::vector<std::vector<square_cell>> groups(first_of_group.size());
    first_of_group.push_back(seen.cells.size());
    in_shares(tools.team, groups, [&](const std::vector<std::size_t>& mine) {
        std::vector<std::size_t> cells;
        for (const std::size_t g : mine) {
            tools.report("memory and trust", first_of_group[g], seen.cells.size());
            look_at_group(out, first_of_group[g], first_of_group[g + 1], tools.execute);
            for (std::size_t i = first_of_group[g]; i < first_of_group[g + 1]; ++i) cells.push_back(i);
        }
        tools.execute(cells.size(), [&](std::size_t k) { find_best(out, cells[k]); });
        for (const std::size_t g : mine)
            for (std::size_t i = first_of_group[g]; i < first_of_group[g + 1]; ++i) groups[g].push_back(std::move(out.cells[i]));
    });
    for (std::size_t g = 0; g < groups.size(); ++g)
        std::move(groups[g].begin(), groups[g].end(), out.cells.begin() + static_cast<std::ptrdiff_t>(first_of_group[g]));
    return out;
}

}  // namespace rationale::detail

#endif
