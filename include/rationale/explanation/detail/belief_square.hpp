#ifndef RATIONALE_EXPLANATION_DETAIL_BELIEF_SQUARE_HPP
#define RATIONALE_EXPLANATION_DETAIL_BELIEF_SQUARE_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "rationale/compare/divergence.hpp"
#include "rationale/explanation/detail/grid_surface.hpp"
#include "rationale/explanation/detail/least.hpp"
#include "rationale/explanation/detail/memory_curve.hpp"
#include "rationale/explanation/detail/square_side.hpp"

namespace rationale::detail {

/// A belief about seen tasks and context: kappa, the pseudo-observations that a seen task is remembered by, in units of `unit`, at which
/// half of the belief's mean is the task's own; and e, what each observation of the context counts for. Beside the square h, in the same
/// units, by which rows of the context are pooled (prior/pooled.hpp): 0 all over it.
struct belief_point {
    double memory = std::numeric_limits<double>::infinity(), trust = 1, pooling = 0;

    /// s in [0, 1], see prior/memory.hpp.
    [[nodiscard]] double share() const noexcept { return std::isinf(memory) ? 1 : memory / (1 + memory); }
};

/// Nodes over the square at equal distances, memory from none to exact, trust from none to 14 or more; trust 1 is among them.
struct square_grid {
    std::vector<double> memory, trust;  ///< places

    explicit square_grid(std::size_t intervals = 16) {
        for (std::size_t i = 0; i <= intervals; ++i) memory.push_back(static_cast<double>(i) / static_cast<double>(intervals));
        for (const double place : memory)
            if (place < 0.83) trust.push_back(place);
    }
    [[nodiscard]] std::size_t size() const noexcept { return memory.size() * trust.size(); }
    /// Trust varies fastest.
    [[nodiscard]] belief_point point(std::size_t i) const noexcept {
        return {side_number(memory[i / trust.size()]), side_number(trust[i % trust.size()])};
    }
};

/// A cell's divergences over the square.
struct square_cell {
    std::vector<std::vector<double>> parts{};  ///< of each node: what every part of the sequences has of the mean divergence
    belief_point best{};                       ///< where it is least
    std::vector<double> best_parts{};          ///< the divergence there, evaluated
    belief_point pooled{};                     ///< where it is least when rows are pooled, too
    double pooled_divergence = 0;              ///< the divergence there, evaluated

    /// The divergence between nodes, with so many of each part of the sequences.
    [[nodiscard]] grid_surface surface(const square_grid& grid, std::span<const double> times) const {
        std::vector<double> values(parts.size());
        for (std::size_t k = 0; k < parts.size(); ++k) values[k] = weighted(parts[k], times);
        return {grid.memory, grid.trust, values};
    }
    /// The divergence at the best point.
    [[nodiscard]] double best_divergence() const { return weighted(best_parts, std::vector<double>(best_parts.size(), 1.0)); }
    [[nodiscard]] static double weighted(const std::vector<double>& parts, std::span<const double> times) noexcept {
        const double sum = drawn_divergence(parts, times);
        return std::isnan(sum) ? std::numeric_limits<double>::infinity() : sum;
    }
};

/// What is seen of a recording over the square. Cells are those of the observations that it belongs to.
struct observed_square {
    square_grid grid{};
    double unit = 1;  ///< precision at which s = 1/2, in pseudo-observations
    std::vector<square_cell> cells{};
    bool pools = false;  ///< whether the cells' best points with pooled rows were looked for
    /// What every part of a cell's sequences has of its mean divergence at any point, evaluated.
    std::function<std::vector<double>(std::size_t cell, const belief_point& at)> evaluate{};
};

/// Where a surface is least: from the best node by steps along both sides, halved where none helps.
[[nodiscard]] inline std::array<double, 2> least_of(const grid_surface& surface, const square_grid& grid) {
    std::array<double, 2> best{};
    double least = std::numeric_limits<double>::infinity();
    for (const double m : grid.memory)
        for (const double t : grid.trust)
            if (const double y = surface(m, t); y < least) least = y, best = {m, t};
    const double step = 0.5 * grid.memory[1];
    return least_by_compass<2>(
        [&](const std::array<double, 2>& at) {
            const bool inside = at[0] >= 0 && at[0] <= 1 && at[1] >= 0 && at[1] <= grid.trust.back();
            return inside ? surface(at[0], at[1]) : std::numeric_limits<double>::infinity();
        },
        best, {step, step}, 8);
}

}  // namespace rationale::detail

#endif
