#ifndef RATIONALE_ANALYSIS_DETAIL_POOL_CELLS_HPP
#define RATIONALE_ANALYSIS_DETAIL_POOL_CELLS_HPP

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "rationale/analysis/analysis_options.hpp"
#include "rationale/explanation/detail/belief_square.hpp"
#include "rationale/explanation/detail/least.hpp"
#include "rationale/processes/in_shares.hpp"

namespace rationale::detail {

/// Where a cell's divergence is least in memory, trust and pooling of rows (prior/pooled.hpp), evaluated, and never above that of its best
/// point of the square. Steps in the places of the three numbers start from that point, with rows pooled a little, and from the best point
/// without memory, where there is one component and evaluations are nearly free, if that point is the better one. With memory at most
/// `most` points are evaluated: a local minimum where valleys are narrow.
inline void pool_cell(const observed_square& square, std::size_t i, square_cell& cell, std::size_t most = 40) {
    constexpr double greatest_pooling = 0.98, infinity = std::numeric_limits<double>::infinity();
    const double greatest_trust = square.grid.trust.back(), of_square = cell.best_divergence();
    cell.pooled = cell.best, cell.pooled_divergence = of_square;
    std::size_t left = 0;  // evaluations with memory
    const auto at = [&](const std::vector<double>& places) {
        const double memory = places[0], trust = places[1], pooling = places[2];
        if (!(memory >= 0 && memory <= 1 && trust >= 0 && trust <= greatest_trust && pooling >= 0 && pooling <= greatest_pooling))
            return infinity;
        if (memory > 0 && left == 0) return infinity;
        left -= memory > 0;
        const belief_point p{side_number(memory), side_number(trust), side_number(pooling)};
        const auto parts = square.evaluate(i, p);
        const double y = square_cell::weighted(parts, std::vector<double>(parts.size(), 1.0));
        if (y < cell.pooled_divergence) cell.pooled_divergence = y, cell.pooled = p;
        return y;
    };
    const double trust = (std::min)(side_place(cell.best.trust), greatest_trust);
    std::vector<double> without_memory{0, trust, 0.5};
    for (const double pooling : {0.3, 0.9}) {
        const auto found = least_by_pattern([&](const std::vector<double>& u) { return at({0, u[0], u[1]}); }, {trust, pooling}, 0.1, 8);
        if (at({0, found[0], found[1]}) < at(without_memory)) without_memory = {0, found[0], found[1]};
    }
    left = most / 2;
    if (cell.pooled_divergence < of_square) (void)least_by_pattern(at, without_memory, 0.1, 4);
    left += most - most / 2;
    std::vector<double> with_memory{side_place(cell.best.memory), trust, 0.2};
    double least = at(with_memory);
    for (const double pooling : {0.4, 0.6})
        if (const double y = at({with_memory[0], trust, pooling}); y < least) least = y, with_memory[2] = pooling;
    (void)least_by_pattern(at, with_memory, with_memory[2] > 0.2 ? 0.06 : 0.03, 4);
}

/// The same of every cell.
inline void pool_cells(observed_square& square, const stage_tools& tools) {
    tools.report("memory, trust and order", 0, 1);
    square.pools = true;
    in_shares(tools.team, square.cells, [&](const std::vector<std::size_t>& mine) {
        tools.execute(mine.size(), [&](std::size_t k) { pool_cell(square, mine[k], square.cells[mine[k]]); });
    });
}

}  // namespace rationale::detail

#endif
