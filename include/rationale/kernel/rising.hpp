#ifndef RATIONALE_KERNEL_RISING_HPP
#define RATIONALE_KERNEL_RISING_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>

#include "rationale/kernel/lanes.hpp"
#include "rationale/kernel/wide.hpp"

namespace rationale::kernel {

/// Stirling's series: log Gamma(y) - (y - 1/2) log y + y - log(2 pi)/2 for y = 1/x, to 1e-15 from y = 8 on.
template <class V>
[[nodiscard]] V stirling_series(V x) {
    const V s = x * x;
    return x * (broadcast<V>(1. / 12) -
                s * (broadcast<V>(1. / 360) -
                     s * (broadcast<V>(1. / 1260) -
                          s * (broadcast<V>(1. / 1680) - s * (broadcast<V>(1. / 1188) - s * broadcast<V>(691. / 360360))))));
}

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
        const V first = u * broadcast<V>(static_cast<double>(j)), second = u * broadcast<V>(static_cast<double>(j + 1));
        quotient = quotient * ((r + first) * (r + second) / ((risen + first) * (risen + second)));
    }
    quotient = access::select(u > zero, quotient, one);  // else it is 1, or 0/0 where a small mean's square is 0
    // With y = r/u + 8 and z = m/y: m log(u (y + m)) + y (log(1 + z) - z) - log(1 + z)/2 + series(y + m) - series(y).
    const V start = access::multiply_add(u, broadcast<V>(8.0), r), end = start + more;
    const V z = (end - start) / start, log_growth = access::log_ratio(end, start);  // of what was rounded: both times the same
    const V near_zero = z * z *
                        (broadcast<V>(-1. / 2) +
                         z * (broadcast<V>(1. / 3) + z * (broadcast<V>(-1. / 4) + z * (broadcast<V>(1. / 5) + z * broadcast<V>(-1. / 6)))));
    const V least(static_cast<typename access::scalar>(std::is_same_v<typename access::scalar, float> ? 0.03 : 1e-3));
    const V bend = access::select(z < least, near_zero, log_growth - z);
    const V curved = access::select(u > zero, bend * start / access::select(u > zero, u, one), zero);
    const V nats = m * logarithm(end) + curved - broadcast<V>(0.5) * log_growth + stirling_series(u / end) - stirling_series(u / start) +
                   logarithm(quotient);
    return access::select(mean > zero, nats, access::select(m > zero, V(-infinity), zero));
}

/// The same of each register.
template <class V, std::size_t N>
[[nodiscard]] wide<V, N> log_rising(const wide<V, N>& r, const wide<V, N>& u, const wide<V, N>& m) {
    return wide<V, N>::each([](V x, V y, V z) { return log_rising(x, y, z); }, r, u, m);
}

/// u^e Gamma(r/u + e)/Gamma(r/u), exp of log_rising(r, u, e), for one e and many r and u: to rounding, at a fraction of the cost.
///
/// With w = r/u + (e-1)/2 it is (u w)^e exp(sum_j c_j w^-2j), c_j = -B_(2j+1)((1+e)/2)/(j (2j+1)) with Bernoulli's polynomials; Gamma's
/// recurrence moves r/u up to where few terms are enough. e > 4 is left to log_rising.
class rising_step {
    static constexpr std::size_t terms = 7, single_terms = 3;

public:
    /// e >= 0.
    explicit rising_step(double e) : e_(e) {
        // B_n(1/2 + b) = sum_k C(n,k) B_k(1/2) b^(n-k), b = e/2, with B_k(1/2) of k = 0, 2, 4, ...
        constexpr std::array<double, terms + 2> at_half{
            1, -1. / 12, 7. / 240, -31. / 1344, 127. / 3840, -2555. / 33792, 1414477. / 5591040, -57337. / 49152, 118518239. / 16711680};
        const auto coefficient = [&](std::size_t j) {
            const std::size_t n = 2 * j + 1;
            double binomial = 1, sum = 0;
            for (std::size_t k = 0; k <= n; ++k) {
                if (k % 2 == 0) sum += binomial * at_half[k / 2] * std::pow(e / 2, static_cast<double>(n - k));
                binomial *= static_cast<double>(n - k) / static_cast<double>(k + 1);
            }
            return -sum / static_cast<double>(j * n);
        };
        for (std::size_t j = 1; j <= terms; ++j) c_[j - 1] = coefficient(j);
        const auto enough = [&](std::size_t first_left_out, double error) {
            return (std::max)(4.0, std::pow(std::abs(coefficient(first_left_out)) / error, 0.5 / static_cast<double>(first_left_out)));
        };
        enough_ = enough(terms + 1, 1e-16), enough_single_ = enough(single_terms + 1, 1e-8);
    }

    /// The same for one u and many r, times exp(-nats).
    template <class V>
    class of_u {
    public:
        /// r/u will be `least` or more in all lanes in which u > 0.
        of_u(const rising_step& step, V u, double least, V nats) : e_(step.e_), u_(u), nats_(nats) {
            more_ = u * broadcast<V>(e_), half_ = u * broadcast<V>((e_ - 1) / 2), power_ = broadcast<V>(e_);
            for (std::size_t j = 0; j < c_.size(); ++j) c_[j] = broadcast<V>(step.c_[j]);
            const double up = (single ? step.enough_single_ : step.enough_) - (e_ - 1) / 2 - least;
            groups_ = up > 0 ? static_cast<int>(std::ceil(up / some)) : 0;
        }
        /// 0 for r = 0, unless e = 0.
        [[nodiscard]] V operator()(V r) const {
            if (e_ == 0) return exponential(-nats_);
            if (e_ > 4) return exponential(log_rising(r, u_, power_) - nats_);
            return raised(r, groups_);
        }
        /// body(f) with f(r) as above, for a loop over many r: what is the same for all of them is decided once.
        template <class Body>
        void prepared(const Body& body) const {
            const auto with = [&]<int Groups>(std::integral_constant<int, Groups> groups) {
                body([ this, groups ](V r) __attribute__((always_inline)) { return raised(r, groups); });
            };
            if (e_ == 0 || e_ > 4 || groups_ > 3) body(*this);
            else if (groups_ == 0) with(std::integral_constant<int, 0>());
            else if (groups_ == 1) with(std::integral_constant<int, 1>());
            else if (groups_ == 2) with(std::integral_constant<int, 2>());
            else with(std::integral_constant<int, 3>());
        }

    private:
        using access = lane_access<V>;
        static constexpr bool single = std::is_same_v<typename access::scalar, float>;
        static constexpr int some = single ? 2 : 4;  // of the recurrence's factors at a time: more of them might underflow

        template <class Groups>
        [[nodiscard, gnu::always_inline]] V raised(V r, Groups groups) const {
            V quotient(1.0);
            for (int g = 0; g < groups; ++g) {
                V at = access::multiply_add(u_, broadcast<V>(g * some), r), above = at, below = at + more_;
                for (int i = 1; i < some; ++i) at = at + u_, above = above * at, below = below * (at + more_);
                quotient = quotient * (above / below);
            }
            if (groups > 0) quotient = access::select(u_ > V(0.0), quotient, V(1.0));  // 0/0 where powers of a small mean are 0
            const V v = access::multiply_add(u_, broadcast<V>(groups * some), r + half_), x = u_ / v, square = x * x;
            V series = c_.back();
            for (std::size_t j = c_.size() - 1; j-- > 0;) series = access::multiply_add(series, square, c_[j]);
            const V nats = access::multiply_add(power_, logarithm_of_normal(v), access::multiply_add(series, square, -nats_));
            return select(r > V(0.0), quotient * exponential_weight(nats), V(0.0));
        }

        double e_;
        int groups_;  // by which r/u is moved up
        V u_, nats_, more_, half_, power_;
        std::array<V, single ? single_terms : terms> c_;
    };
    /// The step at u, lane by lane.
    template <class V>
    [[nodiscard]] of_u<V> on(V u, double least, V nats) const {
        return {*this, u, least, nats};
    }

private:
    double e_, enough_ = 0, enough_single_ = 0;
    std::array<double, terms> c_{};
};

}  // namespace rationale::kernel

#endif
