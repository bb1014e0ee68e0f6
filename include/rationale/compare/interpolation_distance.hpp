#ifndef RATIONALE_COMPARE_INTERPOLATION_DISTANCE_HPP
#define RATIONALE_COMPARE_INTERPOLATION_DISTANCE_HPP

#include <array>
#include <cmath>
#include <limits>
#include <span>

#include "rationale/compare/divergence.hpp"
#include "rationale/compare/mixture.hpp"
#include "rationale/compare/relative_distance.hpp"
#include "rationale/compare/subset.hpp"

namespace rationale {

/// d(h, r M + (1-r) G), mean over sequences, of a model h from the mixture of two strategies at its relative distance r: what they leave
/// unexplained, in the unit of default_divergences. `apart` is d(M, G), of which an exact mixture's distance is below 1e-9, as float32
/// leaves about 1e-14 of it: that is 0. NaN where r is.
[[nodiscard]] inline double interpolation_distance(const prediction_view& model, std::span<const predictions> pair,
                                                   const relative_distance_result& r, double apart) {
    if (std::isnan(r.value)) return std::numeric_limits<double>::quiet_NaN();
    const double d = detail::over_sequences(default_divergences(model, mixture(pair, std::array{r.value, 1 - r.value})));
    return d < 1e-9 * apart ? 0 : d;
}

}  // namespace rationale

#endif
