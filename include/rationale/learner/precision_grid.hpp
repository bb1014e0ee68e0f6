#ifndef RATIONALE_LEARNER_PRECISION_GRID_HPP
#define RATIONALE_LEARNER_PRECISION_GRID_HPP

#include <cstddef>
#include <utility>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/strategy/parameter_grid.hpp"

namespace rationale {

/// A range of precisions as strategies: shares s in (0, 1), see prior/memory.hpp, and the width of each one's cell, its base measure; the
/// widths sum to one. They are the nodes and weights of `gauss_legendre` on [0, 1].
struct precision_grid {
    /// Shares s, increasing, and the widths of their cells.
    std::vector<double> share, width;

    /// With n nodes. Throws std::invalid_argument for none.
    explicit precision_grid(std::size_t n) {
        detail::check_at_least("rationale::precision_grid", "n", n, 1);
        auto grid = gauss_legendre(n);
        share = std::move(grid.value), width = std::move(grid.width);
    }
    [[nodiscard]] std::size_t size() const noexcept { return share.size(); }
};

}  // namespace rationale

#endif
