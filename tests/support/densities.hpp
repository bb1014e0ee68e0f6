// Densities that tests integrate.
#ifndef RATIONALE_TESTS_SUPPORT_DENSITIES_HPP
#define RATIONALE_TESTS_SUPPORT_DENSITIES_HPP

#include <cmath>
#include <numbers>

namespace rationale_test {

/// log N(y; mean, variance).
inline double gaussian_log_density(double y, double mean, double variance) {
    return -0.5 * ((y - mean) * (y - mean) / variance + std::log(2 * std::numbers::pi * variance));
}

}  // namespace rationale_test

#endif
