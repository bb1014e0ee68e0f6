#ifndef RATIONALE_KERNEL_LANE_ARCHETYPE_HPP
#define RATIONALE_KERNEL_LANE_ARCHETYPE_HPP

#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel {

/// What a comparison of lanes gives: a mask, and not a bool. Its name is what a compiler says of a formula that branches on one.
struct a_branch_must_not_depend_on_lanes {};

/// Stands for V in concepts: has the arithmetic of lanes, and comparisons that no branch can use.
struct lane_archetype {
    lane_archetype() = default;
    explicit lane_archetype(double) {}
    friend lane_archetype operator+(lane_archetype, lane_archetype) { return {}; }
    friend lane_archetype operator-(lane_archetype, lane_archetype) { return {}; }
    friend lane_archetype operator*(lane_archetype, lane_archetype) { return {}; }
    friend lane_archetype operator/(lane_archetype, lane_archetype) { return {}; }
    friend lane_archetype operator-(lane_archetype) { return {}; }
    friend a_branch_must_not_depend_on_lanes operator<(lane_archetype, lane_archetype) { return {}; }
    friend a_branch_must_not_depend_on_lanes operator>(lane_archetype, lane_archetype) { return {}; }
    friend a_branch_must_not_depend_on_lanes operator==(lane_archetype, lane_archetype) { return {}; }
};

template <>
struct lane_access<lane_archetype> {
    using scalar = double;
    static lane_archetype exp(lane_archetype) noexcept { return {}; }
    static lane_archetype exp_weight(lane_archetype) noexcept { return {}; }
    static lane_archetype log(lane_archetype) noexcept { return {}; }
    static lane_archetype log_normal(lane_archetype) noexcept { return {}; }
    static lane_archetype log_ratio(lane_archetype, lane_archetype) noexcept { return {}; }
    static lane_archetype square_root(lane_archetype) noexcept { return {}; }
    static lane_archetype larger(lane_archetype, lane_archetype) noexcept { return {}; }
    static lane_archetype select(a_branch_must_not_depend_on_lanes, lane_archetype, lane_archetype) noexcept { return {}; }
    static lane_archetype multiply_add(lane_archetype, lane_archetype, lane_archetype) noexcept { return {}; }
};

}  // namespace rationale::kernel

#endif
