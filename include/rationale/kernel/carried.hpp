#ifndef RATIONALE_KERNEL_CARRIED_HPP
#define RATIONALE_KERNEL_CARRIED_HPP

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel {

/// The range of weights that are carried as products of Real, relative to exp of a common number of nats.
template <class Real>
struct carried {
    static constexpr bool is_float = std::is_same_v<Real, float>;  ///< else double
    /// Weights start at exp(head_room) at most, so that 2^23 of them can be summed up.
    static constexpr double head_room = is_float ? 70 : 300;
    /// They may fall by exp(range) in a block.
    static constexpr double range = is_float ? 110 : 600;
    /// Where the sum of weights is above this one, weights that have underflowed are negligible.
    static constexpr double smallest = is_float ? 1e-18 : 1e-200;
    /// Relative to one whose weight stays as it is they start at exp(middle): they may gain as much and more.
    static constexpr double middle = is_float ? 40 : 300;
    /// Above this one sums may have overflowed.
    static constexpr double largest = is_float ? 1e38 : 1e300;
    /// Whether weights with this sum are still good.
    [[nodiscard]] static bool holds(double mass) noexcept { return mass >= smallest && mass <= largest; }
    /// Weights below this one may have lost digits.
    static constexpr Real least = is_float ? Real(1e-36) : Real(1e-290);
    /// Those exp(underflow) below 1 have none.
    static constexpr double underflow = is_float ? 87 : 700;

    /// Whether the weights of a group of W, on lanes of V, all have their digits.
    template <class V, class W>
    static bool are_normal(const Real* weights) noexcept {
        bool any = false;
        for (std::size_t i = 0; i < lane_count<W>; i += lane_count<V>)
            any |= lane_access<V>::any_at_least(V(least), lane_access<V>::load(weights + i));
        return !any;
    }
    /// The weights of a group of W.
    template <class W>
    static W as_double(const Real* weights) noexcept {
        double numbers[lane_count<W>];
        std::copy_n(weights, lane_count<W>, numbers);
        return lane_access<W>::load(numbers);
    }
};

}  // namespace rationale::kernel

#endif
