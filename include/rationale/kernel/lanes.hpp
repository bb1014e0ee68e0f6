#ifndef RATIONALE_KERNEL_LANES_HPP
#define RATIONALE_KERNEL_LANES_HPP

#include <cmath>
#include <cstddef>
#include <limits>

namespace rationale::kernel {

// A fold is written once on a value type V whose lanes are components: a double, or a SIMD batch of them. These are the scalar twins
// of what detail/simd.hpp gives for batches.

template <class V>
inline constexpr std::size_t lane_count = 1;

template <class V>
struct lane_access;

template <>
struct lane_access<double> {
    static double load(const double* p) noexcept { return *p; }
    static void store(double v, double* p) noexcept { *p = v; }
    static double exp(double v) noexcept { return std::exp(v); }
    static double log(double v) noexcept { return std::log(v); }
    static double larger(double a, double b) noexcept { return a < b ? b : a; }
    static double sum(double v) noexcept { return v; }
    static double largest(double v) noexcept { return v; }
};

/// exp lane by lane; exp(-inf) is exactly 0.
template <class V>
[[nodiscard]] V exponential(V v) noexcept {
    return lane_access<V>::exp(v);
}

/// Natural logarithm lane by lane; that of 0 is -inf.
template <class V>
[[nodiscard]] V logarithm(V v) noexcept {
    return lane_access<V>::log(v);
}

/// The packed numbers of `lane_count<V>` neighbouring components: `rows[r]` is number r of each of them.
template <class V>
struct rows {
    const double* base;
    std::size_t stride;

    [[nodiscard]] V operator[](std::size_t r) const noexcept { return lane_access<V>::load(base + r * stride); }
};

inline constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

}  // namespace rationale::kernel

#endif
