#ifndef RATIONALE_COMPARE_AGREEMENT_HPP
#define RATIONALE_COMPARE_AGREEMENT_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "rationale/compare/divergence.hpp"

namespace rationale {

namespace detail {
/// Whether all entries are equal: a sum of squares about the mean would be rounding alone.
inline bool constant_list(std::span<const double> x) noexcept {
    return std::adjacent_find(x.begin(), x.end(), std::not_equal_to<>{}) == x.end();
}
}  // namespace detail

/// Pearson's correlation of two lists; NaN when either is constant or has fewer than two entries. Throws std::invalid_argument when the
/// lengths differ.
[[nodiscard]] inline double pearson(std::span<const double> x, std::span<const double> y) {
    detail::check_same_length("rationale::pearson", x.size(), y.size());
    if (detail::constant_list(x) || detail::constant_list(y)) return std::numeric_limits<double>::quiet_NaN();
    const auto n = static_cast<double>(x.size());
    const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n, mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
    double xx = 0, yy = 0, xy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    return xx > 0 && yy > 0 ? std::clamp(xy / std::sqrt(xx) / std::sqrt(yy), -1.0, 1.0) : std::numeric_limits<double>::quiet_NaN();
}

/// Ranks from 1, ties sharing the mean of theirs; all NaN when an entry is NaN.
[[nodiscard]] inline std::vector<double> ranks(std::span<const double> x) {
    if (std::any_of(x.begin(), x.end(), [](double v) { return std::isnan(v); }))
        return std::vector<double>(x.size(), std::numeric_limits<double>::quiet_NaN());
    std::vector<std::size_t> order(x.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return x[a] < x[b]; });
    std::vector<double> rank(x.size());
    for (std::size_t i = 0, j = 0; i < order.size(); i = j) {
        while (j < order.size() && x[order[j]] == x[order[i]]) ++j;
        for (std::size_t k = i; k < j; ++k) rank[order[k]] = 0.5 * static_cast<double>(i + 1 + j);
    }
    return rank;
}

/// Spearman's correlation: Pearson's of the ranks.
[[nodiscard]] inline double spearman(std::span<const double> x, std::span<const double> y) { return pearson(ranks(x), ranks(y)); }

/// Spearman's correlation over the outcomes of each event, averaged over the events where both sides distinguish outcomes; NaN if none
/// does.
[[nodiscard]] inline double mean_spearman(const predictions& a, const predictions& b) {
    detail::check_same_shape("rationale::mean_spearman", a, b);
    double sum = 0, count = 0;
    const std::size_t outcomes = a.outcomes();
    for (std::size_t i = 0; i < a.values.size(); i += outcomes) {
        const double r = spearman({a.values.data() + i, outcomes}, {b.values.data() + i, outcomes});
        if (!std::isnan(r)) sum += r, ++count;
    }
    return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

/// Share of events for which both sides find the same outcome most probable, the first of equals.
[[nodiscard]] inline double argmax_agreement(const predictions& a, const predictions& b) {
    detail::check_same_shape("rationale::argmax_agreement", a, b);
    double same = 0;
    const std::size_t outcomes = a.outcomes();
    for (std::size_t i = 0; i < a.values.size(); i += outcomes) {
        const auto top = [&](const predictions& p) {
            return std::max_element(p.values.data() + i, p.values.data() + i + outcomes) - (p.values.data() + i);
        };
        same += top(a) == top(b);
    }
    return same * static_cast<double>(outcomes) / static_cast<double>(a.values.size());
}

/// 1 - sum (target - prediction)^2 / sum (target - mean target)^2; NaN for a constant target. Throws std::invalid_argument when the lengths
/// differ.
[[nodiscard]] inline double r_squared(std::span<const double> prediction, std::span<const double> target) {
    detail::check_same_length("rationale::r_squared", prediction.size(), target.size());
    if (detail::constant_list(target)) return std::numeric_limits<double>::quiet_NaN();
    const double mean = std::accumulate(target.begin(), target.end(), 0.0) / static_cast<double>(target.size());
    double residual = 0, total = 0;
    for (std::size_t i = 0; i < target.size(); ++i) {
        residual += (target[i] - prediction[i]) * (target[i] - prediction[i]);
        total += (target[i] - mean) * (target[i] - mean);
    }
    return total > 0 ? 1 - residual / total : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace rationale

#endif
