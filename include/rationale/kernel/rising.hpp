#ifndef RATIONALE_KERNEL_RISING_HPP
#define RATIONALE_KERNEL_RISING_HPP

#include <cstddef>
#include <limits>
#include <type_traits>

#include "rationale/kernel/lanes.hpp"
#include "rationale/kernel/wide.hpp"

namespace rationale::kernel {

/// log[u^m Gamma(r/u + m)/Gamma(r/u)] for r >= 0, u >= 0 and m >= 0: what m observations of an outcome, m any real number, add to the log
/// evidence of a Dirichlet whose mean probability of it is r and whose concentration is 1/u. u = 0 gives m log r, m = 1 log r, and r = 0
/// -inf, unless m = 0, which always gives 0. To 1e-13, or 1e-14 of itself if that is more. Gamma's recurrence moves r/u up by 8, from where
/// on Stirling's series is as good as exact.
template <class V>
[[nodiscard]] V log_rising(V mean, V u, V m) {
    using access = lane_access<V>;
    const V one(1.0), zero(0.0);
    constexpr auto infinity = std::numeric_limits<typename access::scalar>::infinity();
    const V r = access::select(mean > zero, mean, one), more = u * m, risen = r + more;
    // prod_j (r + u j)/(r + u (j + m)) for j < 8, two factors at a time: four might underflow in float.
    V quotient = one;
    for (int j = 0; j < 8; j += 2) {
        const V first = u * V(static_cast<double>(j)), second = u * V(static_cast<double>(j + 1));
        quotient = quotient * ((r + first) * (r + second) / ((risen + first) * (risen + second)));
    }
    // With y = r/u + 8 and z = m/y: m log(u (y + m)) + y (log(1 + z) - z) - log(1 + z)/2 + series(y + m) - series(y).
    const V start = access::multiply_add(u, V(8.0), r), end = start + more;
    const V z = more / start, log_growth = access::log_ratio(end, start);
    const V near_zero = z * z * (V(-1. / 2) + z * (V(1. / 3) + z * (V(-1. / 4) + z * (V(1. / 5) + z * V(-1. / 6)))));
    const V least(std::is_same_v<typename access::scalar, float> ? 0.03 : 1e-3);
    const V bend = access::select(z < least, near_zero, log_growth - z);
    const V curved = access::select(u > zero, bend * start / access::select(u > zero, u, one), zero);
    const auto series = [](V x) {  // of x = 1/y
        const V s = x * x;
        return x * (V(1. / 12) - s * (V(1. / 360) - s * (V(1. / 1260) - s * (V(1. / 1680) - s * (V(1. / 1188) - s * V(691. / 360360))))));
    };
    const V nats = m * logarithm(end) + curved - V(0.5) * log_growth + series(u / end) - series(u / start) + logarithm(quotient);
    return access::select(mean > zero, nats, access::select(m > zero, V(-infinity), zero));
}

/// The same of each register.
template <class V, std::size_t N>
[[nodiscard]] wide<V, N> log_rising(const wide<V, N>& r, const wide<V, N>& u, const wide<V, N>& m) {
    return wide<V, N>::each([](V x, V y, V z) { return log_rising(x, y, z); }, r, u, m);
}

}  // namespace rationale::kernel

#endif
