#ifndef RATIONALE_SOFTMAX_HPP
#define RATIONALE_SOFTMAX_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "rationale/check.hpp"

namespace rationale {

namespace detail {
/// x_i = exp(x_i)/sum exp(x) in place, without overflow. Returns log sum exp(x), which is -inf where every x_i is; then all become NaN.
inline double softmax_in_place(std::span<double> x) noexcept {
    double top = -std::numeric_limits<double>::infinity(), sum = 0;
    for (double v : x) top = (std::max)(top, v);
    for (double& v : x) sum += v = std::exp(v - top);
    for (double& v : x) v /= sum;
    return top == -std::numeric_limits<double>::infinity() ? top : top + std::log(sum);
}
}  // namespace detail

/// log sum exp(x), computed without overflow: -inf where every x_i is, as it is of no numbers, and NaN where one is NaN.
[[nodiscard]] inline double log_sum_exp(std::span<const double> x) noexcept {
    double top = -std::numeric_limits<double>::infinity(), sum = 0;
    for (double v : x) top = (std::max)(top, v);
    if (top == -std::numeric_limits<double>::infinity()) return std::accumulate(x.begin(), x.end(), top);  // of NaN NaN
    for (double v : x) sum += std::exp(v - top);
    return top + std::log(sum);
}

/// exp(x_i) / sum exp(x), computed without overflow. Throws std::invalid_argument for no numbers.
[[nodiscard]] inline std::vector<double> softmax(std::vector<double> x) {
    detail::check_at_least("rationale::softmax", "the number of values", x.size(), 1);
    detail::softmax_in_place(x);
    return x;
}

/// x_i - log sum exp(x): logarithms of weights, where those of `softmax` may be 0. Throws std::invalid_argument for no numbers.
[[nodiscard]] inline std::vector<double> log_softmax(std::vector<double> x) {
    detail::check_at_least("rationale::log_softmax", "the number of values", x.size(), 1);
    const double total = log_sum_exp(x);
    for (double& v : x) v -= total;
    return x;
}

}  // namespace rationale

#endif
