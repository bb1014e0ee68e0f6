#ifndef RATIONALE_UNIVERSALITY_DETAIL_QUADRATIC_FORM_HPP
#define RATIONALE_UNIVERSALITY_DETAIL_QUADRATIC_FORM_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "rationale/kernel/gamma_functions.hpp"

namespace rationale::detail {

inline constexpr double no_mass = -std::numeric_limits<double>::infinity();

/// log(e^a + e^b); -inf of two that are.
[[nodiscard]] inline double log_add(double a, double b) noexcept {
    const double top = (std::max)(a, b);
    return top == no_mass ? top : top + std::log1p(std::exp((std::min)(a, b) - top));
}

/// log P(Gamma(shape, 1) <= x), the regularised lower incomplete gamma function, for shape > 0: its power series below shape + 1, above it
/// the continued fraction of the complement. To rounding of shape log x - x. O(sqrt(shape)) terms, or some dozens.
[[nodiscard]] inline double log_gamma_probability(double shape, double x) noexcept {
    if (!(x > 0)) return no_mass;
    if (x == std::numeric_limits<double>::infinity()) return 0;
    constexpr double tiny = 1e-17;
    const double front = shape * std::log(x) - x - log_gamma(shape);
    if (x < shape + 1) {
        double sum = 1 / shape, term = sum;
        for (double a = shape + 1; term > tiny * sum; a += 1) sum += term *= x / a;
        return (std::min)(0.0, front + std::log(sum));
    }
    double b = x + 1 - shape, c = 1e300, d = 1 / b, h = d;  // Lentz's
    for (double i = 1; i < 1e5; i += 1) {
        const double a = -i * (i - shape);
        b += 2;
        d = 1 / (a * d + b);
        c = b + a / c;
        h *= d * c;
        if (std::abs(d * c - 1) < 1e-16) break;
    }
    return std::log1p(-(std::min)(1.0, std::exp(front) * h));
}

/// What `quadratic_form_probability` returns.
struct log_probability {
    double lower = 0;  ///< log of what was summed up
    double upper = 0;  ///< with the most that was left out; the same to rounding unless a hundred thousand terms are too few
};

/// log P(sum_i scale_i (z_i + offset_i)^2 <= x) of independent z_i ~ N(0, 1), scales >= 0: a mixture of chi-square distributions
/// sum_k c_k P(chi2_(n+2k) <= x/b), b the smallest positive scale, all c_k >= 0 and their sum 1, with
///
///   c_0 = exp(-1/2 sum offset^2) prod sqrt(b/scale),   c_k = 1/(2k) sum_(r<k) g_(k-r) c_r,
///   g_k = sum_i [r_i^k + k b/scale_i offset_i^2 r_i^(k-1)],   r_i = 1 - b/scale_i
///
/// (Ruben 1962, Ann. Math. Stat. 33; Farebrother 1984, AS 204). The convolution runs along with geometric sums: O(n) a term, of which there
/// are about x/(2b) and as many standard deviations more as it takes. Scales of 0 add nothing.
[[nodiscard]] inline log_probability quadratic_form_probability(std::span<const double> scale, std::span<const double> offset, double x) {
    std::vector<double> ratio, square;
    double least = std::numeric_limits<double>::infinity();
    for (double s : scale)
        if (s > 0) least = (std::min)(least, s);
    double log_first = 0;
    for (std::size_t i = 0; i < scale.size(); ++i) {
        if (!(scale[i] > 0)) continue;
        ratio.push_back(1 - least / scale[i]);
        square.push_back(least / scale[i] * offset[i] * offset[i]);
        log_first += 0.5 * (std::log(least / scale[i]) - offset[i] * offset[i]);
    }
    if (ratio.empty()) return x >= 0 ? log_probability{0, 0} : log_probability{no_mass, no_mass};
    const double half = 0.5 * static_cast<double>(ratio.size()), y = 0.5 * x / least;
    if (!(y > 0)) return {no_mass, no_mass};
    // c = value exp(log_unit). Of each i: sum_(r<k) ratio^(k-1-r) c_r, and sum_(r<k) (k-r) ratio^(k-1-r) c_r.
    std::vector<double> geometric(ratio.size()), weighted(ratio.size());
    double value = 1, log_unit = log_first, whole = 0, total = no_mass, next = log_gamma_probability(half, y);
    for (std::size_t k = 0; k < 100000; ++k) {
        if (k > 0) {
            value = 0;
            for (std::size_t i = 0; i < ratio.size(); ++i) value += ratio[i] * geometric[i] + square[i] * weighted[i];
            value /= 2 * static_cast<double>(k);
        }
        whole += value;
        total = log_add(total, std::log(value) + log_unit + next);
        next = log_gamma_probability(half + static_cast<double>(k) + 1, y);
        const double rest = std::log((std::max)(1 - std::exp(log_unit + std::log(whole)), 1e-16)) + next;
        if (rest < total - 37) return {(std::min)(total, 0.0), (std::min)(total, 0.0)};
        for (std::size_t i = 0; i < ratio.size(); ++i) {
            geometric[i] = ratio[i] * geometric[i] + value;
            weighted[i] = ratio[i] * weighted[i] + geometric[i];
        }
        if (whole > 1e200) {
            for (auto* numbers : {&geometric, &weighted})
                for (double& v : *numbers) v *= 1e-200;
            value *= 1e-200, whole *= 1e-200, log_unit += 200 * std::log(10.0);
        }
    }
    const double rest = std::log((std::max)(1 - std::exp(log_unit + std::log(whole)), 1e-16)) + next;
    return {(std::min)(total, 0.0), (std::min)(log_add(total, rest), 0.0)};
}

}  // namespace rationale::detail

#endif
