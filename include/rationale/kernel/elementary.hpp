// exp and log of lanes. xsimd's exp divides and its log is wrong for numbers too small to be normal.
#ifndef RATIONALE_KERNEL_ELEMENTARY_HPP
#define RATIONALE_KERNEL_ELEMENTARY_HPP

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "rationale/ieee.hpp"
#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel::elementary {

/// Digits of a floating-point type and coefficients fitted to them, by Remez' exchange.
template <class Real>
struct constants;

template <>
struct constants<double> {
    static constexpr int mantissa_bits = 52, sign_bit = 63;
    static constexpr double log2_e = 0x1.71547652b82fep0;
    static constexpr double ln2 = 0x1.62e42fefa39efp-1, ln2_high = 0x1.62e42feep-1,
                            ln2_low = 0x1.a39ef35793c76p-33;  // an exponent times the first is exact
    static constexpr double least_exp = -0x1.6232bdd7abcd2p9, greatest_exp = 0x1.62e42fefa39efp9;
    /// (e^x - 1 - x)/x^2 for |x| <= (ln 2)/2: e^x is within 4e-18 of itself
    static constexpr std::array<double, 10> exp{0.50000000000000105,   0.16666666666666413,   0.041666666666530865,  0.0083333333334942144,
                                                0.0013888888943456675, 0.0001984126950668997, 2.4801493270127216e-5, 2.7557586582520976e-6,
                                                2.7630189535800147e-7, 2.4999913790760725e-8};
    /// (artanh(s)/s - 1)/s^2 as a function of s^2 <= 1/25: artanh(s)/s is within 2e-17
    static constexpr std::array<double, 7> artanh{0.33333333333336397,  0.19999999998056007, 0.1428571470229279,  0.11111068861225483,
                                                  0.090931942700765744, 0.07624765328668302, 0.076866784980871696};
};

template <>
struct constants<float> {
    static constexpr int mantissa_bits = 23, sign_bit = 31;
    static constexpr float log2_e = 0x1.715476p0f;
    static constexpr float ln2 = 0x1.62e43p-1f, ln2_high = 0x1.62ep-1f, ln2_low = 0x1.0bfbe8p-15f;
    static constexpr float least_exp = -0x1.5d589ep6f, greatest_exp = 0x1.62e42ep6f;
    static constexpr std::array<float, 5> exp{0.49999993463f, 0.16666520769f, 0.04166838546f, 0.0083687026042f, 0.0013814684658f};
    static constexpr std::array<float, 3> artanh{0.33333474647f, 0.19978811701f, 0.15182494529f};
};

template <class V>
using scalar_of = typename lane_access<V>::scalar;
template <class V>
using bits_of = typename lane_access<V>::bits;

template <class V>
[[nodiscard]] bits_of<V> to_bits(V v) noexcept {
    return std::bit_cast<bits_of<V>>(v);
}
template <class V>
[[nodiscard]] V from_bits(bits_of<V> b) noexcept {
    return std::bit_cast<V>(b);
}
/// The bit pattern of x in every lane.
template <class V>
[[nodiscard]] bits_of<V> pattern(scalar_of<V> x) noexcept {
    return bits_of<V>(std::bit_cast<bits_of<scalar_of<V>>>(x));
}

/// c[Index] + c[Index + 2] x^2 + c[Index + 4] x^4 + ..., by Horner's rule.
template <std::size_t Index, class V, std::size_t N>
[[nodiscard, gnu::always_inline]] inline V every_other(const std::array<scalar_of<V>, N>& c, V square) noexcept {
    if constexpr (Index + 2 < N) return lane_access<V>::multiply_add(every_other<Index + 2>(c, square), square, V(c[Index]));
    else return V(c[Index]);
}
/// c[0] + c[1] x + ...: even and odd powers apart, so that two short chains wait for their multiplications and not a long one.
template <class V, std::size_t N>
[[nodiscard, gnu::always_inline]] inline V polynomial(const std::array<scalar_of<V>, N>& c, V x) noexcept {
    const V square = x * x;
    return lane_access<V>::multiply_add(every_other<1>(c, square), x, every_other<0>(c, square));
}

/// e^x to 1 unit in the last place for a log weight, at most greatest_exp: a NaN without a payload stays one. exp(-inf) is 0, and so is
/// what would be too small to be normal.
template <class V>
[[nodiscard, gnu::always_inline]] inline V exp_weight(V x) noexcept {
    using access = lane_access<V>;
    using real = scalar_of<V>;
    using c = constants<real>;
    // Adding 1.5 * 2^mantissa_bits leaves no room for a fraction: the sum's lowest bits are the nearest integer.
    const V room(real(3) * static_cast<real>(std::uint64_t{1} << (c::mantissa_bits - 1)));
    const V shifted = access::multiply_add(x, V(c::log2_e), room), n = shifted - room;
    const V r = access::multiply_add(n, V(-c::ln2_low), access::multiply_add(n, V(-c::ln2_high), x));
    const V y = V(real(1)) + access::multiply_add(r * r, polynomial(c::exp, r), r);
    const V scaled = from_bits<V>(to_bits(y) + (to_bits(shifted) << c::mantissa_bits));
    return access::select(x < V(c::least_exp), V(real(0)), scaled);
}

/// e^x to 1 unit in the last place. exp(-inf) is 0, and so is what would be too small to be normal; what is too large is infinite.
template <class V>
[[nodiscard, gnu::always_inline]] inline V exp(V x) noexcept {
    using access = lane_access<V>;
    using real = scalar_of<V>;
    const V bounded = access::select(x > V(constants<real>::greatest_exp), V(std::numeric_limits<real>::infinity()), exp_weight(x));
    return access::select(x == x, bounded, x);
}

/// What is left of a number without an integer multiple of the exponent's last bit, as a mask.
template <class V>
[[nodiscard]] bits_of<V> exponent_mask() noexcept {
    using word = bits_of<scalar_of<V>>;
    return bits_of<V>(static_cast<word>(~((word{1} << constants<scalar_of<V>>::mantissa_bits) - 1)));
}
/// A bit pattern's exponent field, sign included, as a number.
template <class V>
[[nodiscard]] V exponent_field(bits_of<V> b) noexcept {
    using c = constants<scalar_of<V>>;
    const auto one_ulp = static_cast<scalar_of<V>>(std::uint64_t{1} << c::mantissa_bits);  // of itself: its lowest bits hold an integer
    return from_bits<V>((b >> c::mantissa_bits) | pattern<V>(one_ulp)) - V(one_ulp);
}

/// x = 2^n (1 + f) with 3/4 <= 1 + f < 3/2, of the bits of a normal x; f is exact.
template <class V>
struct split {
    V n, f;

    /// `bias` is what the exponent has been raised by, 2^n's own included.
    [[gnu::always_inline]] split(bits_of<V> b, V bias) noexcept {
        using real = scalar_of<V>;
        const auto rounded = b + bits_of<V>(bits_of<real>{1} << (constants<real>::mantissa_bits - 1));
        n = exponent_field<V>(rounded) - bias;
        f = from_bits<V>(b - (rounded & exponent_mask<V>()) + pattern<V>(real(1))) - V(real(1));
    }
    /// log x = n ln 2 + log(1 + f), where log(1 + f) = 2 artanh(s) = f - s (f - 2 s^2 (...)) with s = f/(2 + f).
    [[nodiscard, gnu::always_inline]] V log(V s) const noexcept {
        using c = constants<scalar_of<V>>;
        const V z = s * s;
        return lane_access<V>::multiply_add(n, V(c::ln2), f - s * (f - (z + z) * polynomial(c::artanh, z)));
    }
};

/// Natural logarithm to 1 unit in the last place of numbers that are normal, positive and finite.
template <class V>
[[nodiscard, gnu::always_inline]] inline V log_normal(V x) noexcept {
    const split<V> parts(to_bits(x), V(std::numeric_limits<scalar_of<V>>::max_exponent - 1));
    return parts.log(parts.f / (V(scalar_of<V>(2)) + parts.f));
}

/// Natural logarithm to 1 unit in the last place, of numbers too small to be normal as well: log 0 is -inf, that of a negative number NaN.
template <class V>
[[nodiscard, gnu::always_inline]] inline V log(V x) noexcept {
    using access = lane_access<V>;
    using real = scalar_of<V>;
    using c = constants<real>;
    using limits = std::numeric_limits<real>;
    const V zero(real(0)), infinity(limits::infinity());
    constexpr real up = static_cast<real>(std::uint64_t{2} << c::mantissa_bits), bias = limits::max_exponent - 1;
    const auto tiny = x < V((limits::min)());
    const split<V> parts(to_bits(access::select(tiny, x * V(up), x)), access::select(tiny, V(bias + real(c::mantissa_bits + 1)), V(bias)));
    const V bounded = access::select(x < infinity, parts.log(parts.f / (V(real(2)) + parts.f)), x);
    return access::select(x > zero, bounded, access::select(x == zero, -infinity, V(limits::quiet_NaN())));
}

/// log(p/q) to 2 units in the last place, also where p is nearly q, for p, q >= 0 below 2^900 (float: 2^100): inf for q = 0 < p, and
/// for p = 0 it is 0: p log(p/q) is.
template <class V>
[[nodiscard, gnu::always_inline]] inline V log_ratio(V p, V q) noexcept {
    using access = lane_access<V>;
    using real = scalar_of<V>;
    using c = constants<real>;
    using word = bits_of<real>;
    const V zero(real(0)), infinity(std::numeric_limits<real>::infinity());
    const V up(static_cast<real>(std::uint64_t{2} << c::mantissa_bits));
    const V above = p * up, below = q * up;  // normal
    // The difference of the bit patterns, in units of the exponent's last bit, is within 1/2 of an integer n with 2/3 <= p/(2^n q) <= 3/2,
    // and log(p/(2^n q)) = 2 artanh((p - 2^n q)/(p + 2^n q)), whose numerator is exact. The bias keeps n positive until it is read; it ends
    // in the sign, so that q comes out negated.
    constexpr word bias = word{1} << c::sign_bit;
    const auto apart = to_bits(above) - to_bits(below) + bits_of<V>(bias + (word{1} << (c::mantissa_bits - 1)));
    const V n = exponent_field<V>(apart) - V(static_cast<real>(bias >> c::mantissa_bits));
    const V minus_below = from_bits<V>(to_bits(below) + (apart & exponent_mask<V>()));
    const V s = (above + minus_below) / (above - minus_below), twice = s + s, z = s * s;
    const V value = access::multiply_add(twice * z, polynomial(c::artanh, z), access::multiply_add(n, V(c::ln2), twice));
    return access::select(p > zero, access::select(q > zero, value, infinity + q), p);
}

}  // namespace rationale::kernel::elementary

#endif
