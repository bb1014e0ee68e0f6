#ifndef RATIONALE_KERNEL_WIDE_HPP
#define RATIONALE_KERNEL_WIDE_HPP

#include <array>
#include <cstddef>

#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel {

/// N registers as one value of N times the lanes: what a formula does once for all its lanes, a broadcast or a branch, is shared by more of
/// them.
template <class V, std::size_t N>
struct wide {
    std::array<V, N> part;

    wide() = default;
    explicit wide(double x) { part.fill(V(static_cast<typename lane_access<V>::scalar>(x))); }

    /// of each part, and of the parts of `others` at the same place
    template <class Operation, class... Wide>
    [[nodiscard]] static wide each(const Operation& operation, const Wide&... others) noexcept {
        wide out;
        for (std::size_t i = 0; i < N; ++i) out.part[i] = operation(others.part[i]...);
        return out;
    }
    friend wide operator+(const wide& a, const wide& b) noexcept {
        return each([](V x, V y) { return x + y; }, a, b);
    }
    friend wide operator-(const wide& a, const wide& b) noexcept {
        return each([](V x, V y) { return x - y; }, a, b);
    }
    friend wide operator*(const wide& a, const wide& b) noexcept {
        return each([](V x, V y) { return x * y; }, a, b);
    }
    friend wide operator/(const wide& a, const wide& b) noexcept {
        return each([](V x, V y) { return x / y; }, a, b);
    }
    friend wide operator-(const wide& a) noexcept {
        return each([](V x) { return -x; }, a);
    }
};

template <class V, std::size_t N>
inline constexpr std::size_t lane_count<wide<V, N>> = N* lane_count<V>;

template <class V, std::size_t N>
struct lane_access<wide<V, N>> {
    using access = lane_access<V>;
    using scalar = typename access::scalar;
    using W = wide<V, N>;

    static W load(const scalar* p) noexcept {
        W out;
        for (std::size_t i = 0; i < N; ++i) out.part[i] = access::load(p + i * lane_count<V>);
        return out;
    }
    static void store(const W& v, scalar* p) noexcept {
        for (std::size_t i = 0; i < N; ++i) access::store(v.part[i], p + i * lane_count<V>);
    }
    static W exp(const W& v) noexcept {
        return W::each([](V x) { return access::exp(x); }, v);
    }
    static W log(const W& v) noexcept {
        return W::each([](V x) { return access::log(x); }, v);
    }
    static W larger(const W& a, const W& b) noexcept {
        return W::each([](V x, V y) { return access::larger(x, y); }, a, b);
    }
    static bool any_at_least(const W& a, const W& b) noexcept {
        bool any = false;
        for (std::size_t i = 0; i < N; ++i) any |= access::any_at_least(a.part[i], b.part[i]);
        return any;
    }
    static W multiply_add(const W& a, const W& b, const W& c) noexcept {
        return W::each([](V x, V y, V z) { return access::multiply_add(x, y, z); }, a, b, c);
    }
};

}  // namespace rationale::kernel

#endif
