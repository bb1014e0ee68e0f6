#ifndef RATIONALE_KERNEL_OVER_LANES_HPP
#define RATIONALE_KERNEL_OVER_LANES_HPP

#include <cstddef>

#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel {

/// Calls body.operator()<V>(i) for runs of `lane_count<V>` entries from i on, and for what is left of the n entries with V = double.
template <class Lanes, class Body>
void over_lanes(std::size_t n, const Body& body) {
    using V = typename Lanes::template of<double>;
    std::size_t i = 0;
    for (; i + lane_count<V> <= n; i += lane_count<V>) body.template operator()<V>(i);
    for (; i < n; ++i) body.template operator()<double>(i);
}

/// Sum over n entries of what term.operator()<V>(i) gives for those from i on.
template <class Lanes, class Term>
[[nodiscard]] double sum_over_lanes(std::size_t n, const Term& term) {
    using V = typename Lanes::template of<double>;
    V sum(0.0);
    double rest = 0;
    std::size_t i = 0;
    for (; i + lane_count<V> <= n; i += lane_count<V>) sum = sum + term.template operator()<V>(i);
    for (; i < n; ++i) rest += term.template operator()<double>(i);
    return lane_sum(sum) + rest;
}

}  // namespace rationale::kernel

#endif
