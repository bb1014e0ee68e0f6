// The only header that includes xsimd.
#ifndef RATIONALE_KERNEL_DETAIL_SIMD_HPP
#define RATIONALE_KERNEL_DETAIL_SIMD_HPP

#include <xsimd/xsimd.hpp>

#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel {

#if defined(XSIMD_NO_SUPPORTED_ARCHITECTURE)
/// No SIMD instruction set is enabled: one component at a time.
using native_lanes = double;
#else
/// As many components at a time as the widest instruction set that this translation unit is compiled for. Whatever depends on it is a
/// template on it, so that translation units compiled for different machines can be linked together.
using native_lanes = xsimd::batch<double>;

template <class Arch>
inline constexpr std::size_t lane_count<xsimd::batch<double, Arch>> = xsimd::batch<double, Arch>::size;

template <class Arch>
struct lane_access<xsimd::batch<double, Arch>> {
    using batch = xsimd::batch<double, Arch>;

    static batch load(const double* p) noexcept { return batch::load_unaligned(p); }
    static void store(batch v, double* p) noexcept { v.store_unaligned(p); }
    static batch exp(batch v) noexcept { return xsimd::exp(v); }
    static batch log(batch v) noexcept { return xsimd::log(v); }
    static batch larger(batch a, batch b) noexcept { return (xsimd::max)(a, b); }
    static double sum(batch v) noexcept {
        double lanes[batch::size];
        v.store_unaligned(lanes);
        double total = 0;
        for (double lane : lanes) total += lane;
        return total;
    }
    static double largest(batch v) noexcept {
        double lanes[batch::size];
        v.store_unaligned(lanes);
        double top = lanes[0];
        for (double lane : lanes) top = top < lane ? lane : top;
        return top;
    }
};
#endif

}  // namespace rationale::kernel

#endif
