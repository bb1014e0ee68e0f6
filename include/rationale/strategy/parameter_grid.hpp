#ifndef RATIONALE_STRATEGY_PARAMETER_GRID_HPP
#define RATIONALE_STRATEGY_PARAMETER_GRID_HPP

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include "rationale/check.hpp"

namespace rationale {

/// A quadrature on [lower, upper]: the integral of f is nearly sum_i width_i f(value_i).
struct parameter_grid {
    std::vector<double> value;  ///< nodes, increasing
    std::vector<double> width;  ///< of the cell that each node stands for
    double lower = 0;           ///< end below the nodes
    double upper = 1;           ///< end above them

    /// Number of nodes.
    [[nodiscard]] std::size_t size() const noexcept { return value.size(); }
};

/// Gauss and Legendre's quadrature, exact for polynomials of degree 2 n - 1: few nodes do for a smooth posterior. Throws
/// std::invalid_argument for no nodes, and unless both ends are finite and in order.
[[nodiscard]] inline parameter_grid gauss_legendre(std::size_t nodes, double lower = 0, double upper = 1) {
    constexpr const char* where = "rationale::gauss_legendre";
    detail::check_at_least(where, "the number of nodes", nodes, 1);
    if (!std::isfinite(lower)) detail::refuse(where, "lower", detail::number_text(lower), "finite");
    if (!(upper > lower && std::isfinite(upper - lower)))
        detail::refuse(where, "upper", detail::number_text(upper), "finite and above lower, " + detail::number_text(lower));
    parameter_grid out{std::vector<double>(nodes), std::vector<double>(nodes), lower, upper};
    const double n = static_cast<double>(nodes), length = upper - lower;
    for (std::size_t i = 0; i < nodes; ++i) {
        double x = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (n + 0.5)), slope = 1;
        for (int step = 0; step < 100; ++step) {  // Newton's, for a root of Legendre's polynomial number n
            double before = 0, now = 1;
            for (std::size_t k = 0; k < nodes; ++k) {
                const double j = static_cast<double>(k), next = ((2 * j + 1) * x * now - j * before) / (j + 1);
                before = now, now = next;
            }
            slope = n * (x * now - before) / (x * x - 1);
            const double move = now / slope;
            x -= move;
            if (std::abs(move) < 1e-15) break;
        }
        out.value[nodes - 1 - i] = lower + 0.5 * (1 + x) * length;
        out.width[nodes - 1 - i] = length / ((1 - x * x) * slope * slope);
    }
    return out;
}

}  // namespace rationale

#endif
