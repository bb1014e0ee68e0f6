#ifndef RATIONALE_KERNEL_LANES_HPP
#define RATIONALE_KERNEL_LANES_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace rationale::kernel {

// A fold is written once on a value type V whose lanes are components: a float or double, or a SIMD batch of them. These are the scalar
// twins of what detail/simd.hpp gives for batches.

/// Says how many components are worked on at a time, whatever the type of their numbers: here, one.
struct scalar_lanes {
    /// The value type for numbers of type Real.
    template <class Real>
    using of = Real;
    struct flush_denormals {};
};

/// How many lanes V has.
template <class V>
inline constexpr std::size_t lane_count = 1;

template <class V>
struct lane_access {
    using scalar = V;
    using bits = std::conditional_t<sizeof(V) == sizeof(std::uint64_t), std::uint64_t, std::uint32_t>;
    static V load(const V* p) noexcept { return *p; }
    static V load(const V* p, std::size_t) noexcept { return *p; }
    static void store(V v, V* p) noexcept { *p = v; }
    static V exp(V v) noexcept { return std::exp(v); }
    static V exp_weight(V v) noexcept { return std::exp(v); }
    static V log(V v) noexcept { return std::log(v); }
    static V log_normal(V v) noexcept { return std::log(v); }
    static V log_ratio(V p, V q) noexcept {
        using limits = std::numeric_limits<V>;
        if (p == 0) return 0;
        const V ratio = p / q;
        if (ratio > V(0.5) && ratio < V(2)) return std::log1p((p - q) / q);  // the difference is exact, the quotient is not
        return ratio >= (limits::min)() && ratio <= (limits::max)() ? std::log(ratio) : std::log(p) - std::log(q);
    }
    static V square_root(V v) noexcept { return std::sqrt(v); }
    static V larger(V a, V b) noexcept { return a < b ? b : a; }
    static V select(bool condition, V a, V b) noexcept { return condition ? a : b; }
    static bool any_at_least(V a, V b) noexcept { return a >= b; }
    static V sum(V v) noexcept { return v; }
    static V sums(const V* each) noexcept { return each[0]; }
    static V multiply_add(V a, V b, V c) noexcept { return a * b + c; }
    static V held(V v) noexcept { return v; }
};

/// exp lane by lane; exp(-inf) is exactly 0.
template <class V>
[[nodiscard, gnu::always_inline]] inline V exponential(V v) noexcept {
    return lane_access<V>::exp(v);
}

/// exp lane by lane of log weights relative to about the largest: numbers that are not large, or -inf.
template <class V>
[[nodiscard, gnu::always_inline]] inline V exponential_weight(V v) noexcept {
    return lane_access<V>::exp_weight(v);
}

/// Natural logarithm lane by lane; that of 0 is -inf.
template <class V>
[[nodiscard, gnu::always_inline]] inline V logarithm(V v) noexcept {
    return lane_access<V>::log(v);
}

/// Natural logarithm lane by lane of numbers that are normal, positive and finite.
template <class V>
[[nodiscard, gnu::always_inline]] inline V logarithm_of_normal(V v) noexcept {
    return lane_access<V>::log_normal(v);
}

/// log(p/q) lane by lane for p, q >= 0, neither of them huge, also where the quotient overflows: inf for q = 0, but 0 for p = 0, as 0 log 0
/// is 0.
template <class V>
[[nodiscard]] V log_ratio(V p, V q) noexcept {
    return lane_access<V>::log_ratio(p, q);
}

/// Square root lane by lane.
template <class V>
[[nodiscard]] V square_root(V v) noexcept {
    return lane_access<V>::square_root(v);
}

/// The larger of two, lane by lane.
template <class V>
[[nodiscard]] V larger(V a, V b) noexcept {
    return lane_access<V>::larger(a, b);
}

/// a where the condition, a comparison of V's, holds, b elsewhere.
template <class V, class Condition>
[[nodiscard]] V select(Condition condition, V a, V b) noexcept {
    return lane_access<V>::select(condition, a, b);
}

/// x in every lane, rounded to their type.
template <class V>
[[nodiscard]] V broadcast(double x) noexcept {
    return V(static_cast<typename lane_access<V>::scalar>(x));
}

/// Sum over lanes.
template <class V>
[[nodiscard]] double lane_sum(V v) noexcept {
    return static_cast<double>(lane_access<V>::sum(v));
}

/// Largest of the lanes.
template <class V>
[[nodiscard]] double lane_maximum(V v) noexcept {
    typename lane_access<V>::scalar lanes[lane_count<V>];
    lane_access<V>::store(v, lanes);
    return static_cast<double>(*std::max_element(lanes, lanes + lane_count<V>));
}

/// Components whose numbers are packed together, row by row: the lanes of the widest register.
inline constexpr std::size_t pack_size = 16;

/// The packed numbers of `lane_count<V>` neighbouring components: `rows[r]` is number r of each of them.
template <class V>
struct rows {
    const typename lane_access<V>::scalar* base;  ///< where they start

    /// Number r of each.
    [[nodiscard]] V operator[](std::size_t r) const noexcept { return lane_access<V>::load(base + r * pack_size); }
};

/// Reads the N numbers from First on once and keeps them in registers; without this g++ takes each from memory again wherever it is
/// multiplied, and reads become the limit.
template <class V, std::size_t First, std::size_t N>
struct held_rows {
    rows<V> all;            ///< in memory
    std::array<V, N> here;  ///< in registers

    /// Reads them.
    explicit held_rows(rows<V> from) noexcept : all(from) {
        for (std::size_t r = 0; r < N; ++r) here[r] = lane_access<V>::held(from[First + r]);
    }
    /// Number r of each.
    [[nodiscard]] V operator[](std::size_t r) const noexcept { return r - First < N ? here[r - First] : all[r]; }
};

/// log 0.
inline constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

/// Stands for log 0 where it is multiplied by a count: no times it is 0, once or more is as good as -inf.
inline constexpr double log_of_zero = -1e300;

}  // namespace rationale::kernel

#endif
