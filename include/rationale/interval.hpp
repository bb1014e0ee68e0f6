#ifndef RATIONALE_INTERVAL_HPP
#define RATIONALE_INTERVAL_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "rationale/check.hpp"

namespace rationale {

/// The normal quantile of a two-sided interval of 95 %.
inline constexpr double normal_95 = 1.959963984540054;

/// An interval; NaN where there is none.
struct interval {
    /// The lower end.
    double lower = std::numeric_limits<double>::quiet_NaN();
    /// The upper end.
    double upper = std::numeric_limits<double>::quiet_NaN();

    /// Whether x lies in it.
    [[nodiscard]] bool holds(double x) const noexcept { return lower <= x && x <= upper; }
};

/// Quantile p of numbers, interpolated between order statistics. Infinite numbers count, NaN does not; NaN for no numbers. Between -inf and
/// another number it is -inf, between a number and inf inf. Throws
/// std::invalid_argument for a p outside [0, 1].
[[nodiscard]] inline double quantile(std::vector<double> x, double p) {
    detail::share("rationale::quantile", "p", p);
    std::erase_if(x, [](double v) { return std::isnan(v); });
    if (x.empty()) return std::numeric_limits<double>::quiet_NaN();
    std::sort(x.begin(), x.end());
    const double at = p * static_cast<double>(x.size() - 1);
    const auto i = static_cast<std::size_t>(at);
    const double beyond = at - static_cast<double>(i);
    // Differences of infinities are not numbers.
    if (!(beyond > 0) || x[i] == x[i + 1] || x[i] == -std::numeric_limits<double>::infinity()) return x[i];
    return x[i] + beyond * (x[i + 1] - x[i]);
}

/// The interval that holds the middle `level` of the replicates.
[[nodiscard]] inline interval percentile_interval(const std::vector<double>& x, double level = 0.95) {
    return {quantile(x, 0.5 * (1 - level)), quantile(x, 0.5 * (1 + level))};
}

}  // namespace rationale

#endif
