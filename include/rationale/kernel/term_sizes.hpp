#ifndef RATIONALE_KERNEL_TERM_SIZES_HPP
#define RATIONALE_KERNEL_TERM_SIZES_HPP

#include <cmath>
#include <cstddef>

#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel {

/// Takes the place of V in a sum of products to tell how far off it would be in lower precision: the sum of the sizes of its terms, and how
/// many were added.
struct term_sizes {
    double size = 0;            ///< sum of absolute values
    std::size_t additions = 0;  ///< roundings, beside those of what is added

    /// A term.
    explicit term_sizes(double x) noexcept : size(std::abs(x)) {}
    /// A sum.
    friend term_sizes operator+(term_sizes a, term_sizes b) noexcept {
        a.size += b.size, a.additions += b.additions + 1;
        return a;
    }
    /// A product.
    friend term_sizes operator*(term_sizes a, term_sizes b) noexcept {
        a.size *= b.size, a.additions += b.additions;
        return a;
    }

    /// Standard deviation of the error when each rounding, by half a unit in the last place at most, is independent of the others.
    [[nodiscard]] double error_bound(double unit_in_the_last_place) const noexcept {
        return 0.5 * unit_in_the_last_place * std::sqrt(static_cast<double>(additions + 2)) * size;
    }
};

template <>
struct lane_access<term_sizes> {
    using scalar = double;
    static term_sizes load(const double* p) noexcept { return term_sizes(*p); }
    static term_sizes multiply_add(term_sizes a, term_sizes b, term_sizes c) noexcept { return a * b + c; }
};

}  // namespace rationale::kernel

#endif
