#ifndef RATIONALE_LEARNER_PRECISION_GRID_HPP
#define RATIONALE_LEARNER_PRECISION_GRID_HPP

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include "rationale/check.hpp"

namespace rationale {

/// A range of precisions as strategies: shares s in (0, 1), see prior/memory.hpp, and the width of each one's cell, its base measure; the
/// widths sum to one. They are the nodes and weights of Gauss and Legendre's quadrature, so that few do for a smooth posterior.
struct precision_grid {
    /// Shares s, increasing, and the widths of their cells.
    std::vector<double> share, width;

    /// With n nodes. Throws std::invalid_argument for none.
    explicit precision_grid(std::size_t n) : share(n), width(n) {
        detail::check_at_least("rationale::precision_grid", "n", n, 1);
        for (std::size_t i = 0; i < n; ++i) {
            double x = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (static_cast<double>(n) + 0.5)), slope = 1;
            for (int step = 0; step < 100; ++step) {  // Newton's, for a root of Legendre's polynomial number n
                double before = 0, now = 1;
                for (std::size_t k = 0; k < n; ++k) {
                    const double j = static_cast<double>(k), next = ((2 * j + 1) * x * now - j * before) / (j + 1);
                    before = now, now = next;
                }
                slope = static_cast<double>(n) * (x * now - before) / (x * x - 1);
                const double move = now / slope;
                x -= move;
                if (std::abs(move) < 1e-15) break;
            }
            share[n - 1 - i] = 0.5 * (1 + x);
            width[n - 1 - i] = 1 / ((1 - x * x) * slope * slope);
        }
    }
    [[nodiscard]] std::size_t size() const noexcept { return share.size(); }
};

}  // namespace rationale

#endif
