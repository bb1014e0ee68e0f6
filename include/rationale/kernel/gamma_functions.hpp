#ifndef RATIONALE_KERNEL_GAMMA_FUNCTIONS_HPP
#define RATIONALE_KERNEL_GAMMA_FUNCTIONS_HPP

#include <cmath>

namespace rationale::detail {

/// log Gamma(x) for x > 0, to 1e-14 or 1e-15 of itself, whichever is more: the recurrence up to 8, then Stirling's series. std::lgamma may
/// write the sign to a variable that all threads share.
[[nodiscard]] inline double log_gamma(double x) noexcept {
    double below = 1;  // x (x + 1) ..., what the recurrence divides by
    for (; x < 8; x += 1) below *= x;
    const double y = 1 / (x * x);
    const double series =
        1. / 12 -
        y * (1. / 360 - y * (1. / 1260 - y * (1. / 1680 - y * (1. / 1188 - y * (691. / 360360 - y * (1. / 156 - y * 3617. / 122400))))));
    return (x - 0.5) * std::log(x) - x + 0.91893853320467274178 + series / x - std::log(below);
}

/// Derivative of log Gamma for x > 0, to rounding: the recurrence up to 10, then Stirling's series.
[[nodiscard]] inline double digamma(double x) noexcept {
    double out = 0;
    for (; x < 10; x += 1) out -= 1 / x;
    const double y = 1 / (x * x);
    return out + std::log(x) - 0.5 / x -
           y * (1. / 12 - y * (1. / 120 - y * (1. / 252 - y * (1. / 240 - y * (1. / 132 - y * (691. / 32760 - y / 12))))));
}

/// x digamma(x) - log Gamma(x) - x for x > 0, to rounding: log x/2 + O(1), though both terms grow as x log x. From 10 on the terms of
/// Stirling's series and of its derivative are summed together.
[[nodiscard]] inline double digamma_remainder(double x) noexcept {
    if (x < 10) return x * digamma(x) - log_gamma(x) - x;
    const double y = 1 / (x * x);
    return 0.5 * std::log(x) - 1.41893853320467274178 -
           (1. / 6 - y * (1. / 90 - y * (1. / 210 - y * (1. / 210 - y * (5. / 594 - y * (691. / 30030 - y * 7. / 78)))))) / x;
}

}  // namespace rationale::detail

#endif
