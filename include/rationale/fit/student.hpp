#ifndef RATIONALE_FIT_STUDENT_HPP
#define RATIONALE_FIT_STUDENT_HPP

#include <algorithm>
#include <cmath>
#include <numbers>

#include "rationale/kernel/gamma_functions.hpp"

namespace rationale {

/// P(|T| < t) for t = tan(angle) sqrt(degrees), T Student's with v = `degrees` of freedom, 0 < v <= 1e4: the incomplete beta functions
/// I_y(1/2, v/2) = 1 - I_(1-y)(v/2, 1/2) at y = sin² angle (Abramowitz and Stegun, 26.7.1), whichever has the shorter series
/// I_z(a, b) = z^a (1-z)^b / (a B(a, b)) sum_n (a+b)_n / (a+1)_n z^n. To some 1e-11; at most some 4000 terms.
[[nodiscard]] inline double student_central_probability(double angle, double degrees) noexcept {
    const double cosine = std::cos(angle), sine = std::sin(angle), b = 0.5 * degrees;
    const double log_beta = detail::log_gamma(0.5) + detail::log_gamma(b) - detail::log_gamma(b + 0.5);
    const auto series = [&](double a, double z) {
        double sum = 1, term = 1;
        for (double n = 0; term > 1e-17 * sum; ++n) sum += term *= (b + 0.5 + n) / (a + 1 + n) * z;
        return sine * std::exp(degrees * std::log(cosine) - log_beta) / a * sum;
    };
    const double y = sine * sine;
    const bool outside = y > 0.5 || degrees * y > 100 * (1 - y);
    return outside ? 1 - series(b, cosine * cosine) : series(0.5, y);
}

/// The t for which Student's variable with so many degrees of freedom, whole or not, lies in (-t, t) with probability `level`, to 1e-9 of
/// it: 12.7 for one degree and .95, and for less than one too. Above 1e4 degrees it is that of 1e4, the normal quantile to four digits.
[[nodiscard]] inline double student_quantile(double degrees, double level = 0.95) noexcept {
    degrees = std::clamp(degrees, 1.0, 1e4);
    double low = 0, high = 0.5 * std::numbers::pi;
    for (int halving = 0; halving < 60; ++halving) {
        const double middle = 0.5 * (low + high);
        (student_central_probability(middle, degrees) < level ? low : high) = middle;
    }
    return std::tan(0.5 * (low + high)) * std::sqrt(degrees);
}

}  // namespace rationale

#endif
