// The only header that includes xsimd.
#ifndef RATIONALE_KERNEL_DETAIL_SIMD_HPP
#define RATIONALE_KERNEL_DETAIL_SIMD_HPP

#include <cstddef>
#include <utility>

#include <xsimd/xsimd.hpp>

#if XSIMD_VERSION_MAJOR < 8 || (XSIMD_VERSION_MAJOR == 8 && XSIMD_VERSION_MINOR < 1)
#error "rationale needs xsimd 8.1 or newer"
#endif

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

#include "rationale/kernel/elementary.hpp"
#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel {

#if defined(XSIMD_NO_SUPPORTED_ARCHITECTURE)
/// No SIMD instruction set is enabled: one component at a time.
using native_lanes = scalar_lanes;
#else
/// As many components at a time as a register of the instruction set holds.
template <class Arch>
struct simd_lanes {
    template <class Real>
    using of = xsimd::batch<Real, Arch>;

    /// While one lives, the thread takes numbers too small to be normal, on which arithmetic is slow, for zero.
    class flush_denormals {
#ifdef __SSE2__
    public:
        flush_denormals() noexcept { _mm_setcsr(before_ | 0x8040u); }
        ~flush_denormals() { _mm_setcsr(before_); }
        flush_denormals(const flush_denormals&) = delete;
        flush_denormals& operator=(const flush_denormals&) = delete;

    private:
        unsigned before_ = _mm_getcsr();
#endif
    };
};

/// The widest instruction set that this translation unit is compiled for. What computes over lanes is a template on it, and functions of
/// different sets are different functions. Other inline functions are not: where translation units are compiled for different machines
/// (-march), the linker keeps one copy of each, maybe one that the machine cannot run. Compile a program's units alike.
using native_lanes = simd_lanes<xsimd::default_arch>;

template <class Real, class Arch>
inline constexpr std::size_t lane_count<xsimd::batch<Real, Arch>> = xsimd::batch<Real, Arch>::size;

template <class Real, class Arch>
struct lane_access<xsimd::batch<Real, Arch>> {
    using batch = xsimd::batch<Real, Arch>;
    using scalar = Real;
    using bits = xsimd::batch<typename lane_access<Real>::bits, Arch>;

    static batch load(const Real* p) noexcept { return batch::load_unaligned(p); }
    /// p[0], p[stride], p[2 stride], ...
    static batch load(const Real* p, std::size_t stride) noexcept {
        return [&]<std::size_t... Index>(std::index_sequence<Index...>) { return batch{p[Index * stride]...}; }
        (std::make_index_sequence<batch::size>{});
    }
    static void store(batch v, Real* p) noexcept { v.store_unaligned(p); }
    [[gnu::always_inline]] static batch exp(batch v) noexcept { return elementary::exp(v); }
    [[gnu::always_inline]] static batch exp_weight(batch v) noexcept { return elementary::exp_weight(v); }
    [[gnu::always_inline]] static batch log(batch v) noexcept { return elementary::log(v); }
    [[gnu::always_inline]] static batch log_normal(batch v) noexcept { return elementary::log_normal(v); }
    [[gnu::always_inline]] static batch log_ratio(batch p, batch q) noexcept { return elementary::log_ratio(p, q); }
    static batch square_root(batch v) noexcept { return xsimd::sqrt(v); }
    static batch larger(batch a, batch b) noexcept { return (xsimd::max)(a, b); }
    static batch select(typename batch::batch_bool_type condition, batch a, batch b) noexcept { return xsimd::select(condition, a, b); }
    static bool any_at_least(batch a, batch b) noexcept { return xsimd::any(a >= b); }
    static Real sum(batch v) noexcept {
        // The reducer's name changed in xsimd 9.
        if constexpr (requires { reduce_add(v); }) return reduce_add(v);
        else return hadd(v);
    }
    /// The sum of each, in lane order; as many as there are lanes.
    static batch sums(const batch* each) noexcept { return xsimd::haddp(each); }
    static batch multiply_add(batch a, batch b, batch c) noexcept { return xsimd::fma(a, b, c); }
    /// v, which the compiler must take as computed here, so that it stays in a register.
    static batch held(batch v) noexcept {
#if defined(__GNUC__) && defined(__AVX512F__)
        if constexpr (sizeof(batch) == 64) {
            auto data = v.data;
            asm("" : "+v"(data));
            return batch(data);
        }
#endif
        return v;
    }
};
#endif

}  // namespace rationale::kernel

#endif
