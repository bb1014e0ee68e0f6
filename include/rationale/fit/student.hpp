#ifndef RATIONALE_FIT_STUDENT_HPP
#define RATIONALE_FIT_STUDENT_HPP

#include <cmath>
#include <cstddef>
#include <numbers>

namespace rationale {

/// P(|T| < t) for t = tan(angle) sqrt(degrees), T Student's with `degrees` of freedom, at least 1: finite sums of powers of the cosine
/// (Abramowitz and Stegun, 26.7.3 and 26.7.4). O(degrees).
[[nodiscard]] inline double student_central_probability(double angle, std::size_t degrees) noexcept {
    const double cosine = std::cos(angle), square = cosine * cosine;
    double sum = 0, term = degrees % 2 == 1 ? cosine : 1;
    for (std::size_t k = degrees % 2 == 1 ? 3 : 2; k <= degrees; k += 2) {
        sum += term;
        term *= square * static_cast<double>(k - 1) / static_cast<double>(k);
    }
    return degrees % 2 == 1 ? 2 / std::numbers::pi * (angle + std::sin(angle) * sum) : std::sin(angle) * sum;
}

/// The t for which Student's variable with so many degrees of freedom lies in (-t, t) with probability `level`: 12.7 for one degree and
/// .95, and for less than one too. Between whole numbers of degrees log t is linear in their inverse: too large by at most 3 % at
/// .95 and 4 % at .99.
[[nodiscard]] inline double student_quantile(double degrees, double level = 0.95) noexcept {
    constexpr double most = 1e4;  // where it is the normal quantile to four digits
    degrees = degrees < 1 ? 1 : degrees < most ? degrees : most;
    const auto whole = [level](std::size_t n) {
        double low = 0, high = 0.5 * std::numbers::pi;
        for (int halving = 0; halving < 60; ++halving) {
            const double middle = 0.5 * (low + high);
            (student_central_probability(middle, n) < level ? low : high) = middle;
        }
        return std::tan(0.5 * (low + high)) * std::sqrt(static_cast<double>(n));
    };
    const auto n = static_cast<std::size_t>(degrees);
    if (static_cast<double>(n) == degrees) return whole(n);
    const double from = 1 / static_cast<double>(n), to = 1 / static_cast<double>(n + 1), share = (from - 1 / degrees) / (from - to);
    return std::exp((1 - share) * std::log(whole(n)) + share * std::log(whole(n + 1)));
}

}  // namespace rationale

#endif
