#ifndef RATIONALE_COMPARE_AGREEMENT_HPP
#define RATIONALE_COMPARE_AGREEMENT_HPP

#include <algorithm>
#include <array>
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
#include "rationale/kernel/aligned.hpp"
#include "rationale/task/extent.hpp"

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

namespace detail {
/// Outcomes that are ranked at a time.
inline constexpr std::size_t ranked_together = 4;

/// Twice the distance of each rank from the mean one, for `count` outcomes of neighbouring events, lane by lane; outcome k in the k-th V.
/// Counts smaller entries: no sort, and whole numbers only. `ordered` and `ranks` have room for `count` V's and ranked_together - 1 more.
template <class V>
void centred_ranks(const double* p, std::size_t count, double* ordered, double* ranks) noexcept {
    using access = kernel::lane_access<V>;
    using together = extent<ranked_together>;
    constexpr std::size_t lanes = kernel::lane_count<V>;
    for (std::size_t k = 0; k < count; ++k) access::store(access::load(p + k, count), ordered + k * lanes);
    for (std::size_t k = count; k % ranked_together != 0; ++k)
        access::store(V(std::numeric_limits<double>::quiet_NaN()), ordered + k * lanes);  // neither above nor below anything
    const V zero(0.0), one(1.0), others(static_cast<double>(count - 1));
    const auto tally = [&](std::size_t k, V first, const auto& counts) {
        std::array<V, ranked_together> x, number;
        together::each([&](std::size_t n) { x[n] = access::load(ordered + (k + n) * lanes), number[n] = first; });
        for (std::size_t j = 0; j < count; ++j) {
            const V y = access::load(ordered + j * lanes);
            together::each([&](std::size_t n) { number[n] = number[n] + kernel::select(counts(y, x[n]), one, zero); });
        }
        return number;
    };
    V pairs = zero;
    for (std::size_t k = 0; k < count; k += ranked_together) {
        const auto below = tally(k, zero, [](V y, V x) { return y < x; });
        together::each([&](std::size_t n) {
            access::store(below[n] + below[n] - others, ranks + (k + n) * lanes);
            pairs = pairs + below[n];
        });
    }
    // Of every pair one is smaller, unless they are a tie: then both rank half a place higher.
    if (!access::any_at_least(others * V(0.5 * static_cast<double>(count)) - one, pairs)) return;
    for (std::size_t k = 0; k < count; k += ranked_together) {
        const auto equal = tally(k, -one, [](V y, V x) { return y == x; });
        together::each([&](std::size_t n) {
            const V x = access::load(ordered + (k + n) * lanes), rank = access::load(ranks + (k + n) * lanes);
            access::store(kernel::select(x == x, rank + equal[n], x), ranks + (k + n) * lanes);
        });
    }
}

/// Spearman's correlation over `count` outcomes of neighbouring events, lane by lane, NaN where `spearman` is. `scratch` has room for
/// 3 (count + ranked_together - 1) V's.
template <class V>
[[nodiscard]] V spearman_of_lanes(const double* a, const double* b, std::size_t count, double* scratch) noexcept {
    using access = kernel::lane_access<V>;
    const std::size_t size = count * kernel::lane_count<V>, room = (count + ranked_together - 1) * kernel::lane_count<V>;
    double *const ranks_a = scratch + room, *const ranks_b = ranks_a + room;
    centred_ranks<V>(a, count, scratch, ranks_a);
    centred_ranks<V>(b, count, scratch, ranks_b);
    V aa(0.0), bb(0.0), ab(0.0);
    for (std::size_t i = 0; i < size; i += kernel::lane_count<V>) {
        const V x = access::load(ranks_a + i), y = access::load(ranks_b + i);
        aa = aa + x * x, bb = bb + y * y, ab = ab + x * y;
    }
    return ab / kernel::square_root(aa * bb);
}

/// The first of the largest of `count` outcomes of neighbouring events, lane by lane; NaN where one of them is.
template <class V>
[[nodiscard]] V place_of_most(const double* p, std::size_t count) noexcept {
    V most = kernel::lane_access<V>::load(p, count), place(0.0), numbers = most - most;
    for (std::size_t k = 1; k < count; ++k) {
        const V next = kernel::lane_access<V>::load(p + k, count);
        place = kernel::select(most < next, V(static_cast<double>(k)), place);
        most = kernel::select(most < next, next, most);
        numbers = numbers + (next - next);
    }
    return place + numbers;
}
}  // namespace detail

/// Spearman's correlation over the outcomes of each event, averaged over the events where both sides distinguish outcomes; NaN if none
/// does. Time grows with the square of the number of outcomes, and above 256 of them as that of sorting.
[[nodiscard]] inline double mean_spearman(const prediction_view& a, const prediction_view& b) {
    detail::check_same_shape("rationale::mean_spearman", a, b);
    const std::size_t outcomes = a.outcomes();
    std::vector<double> wide_a, wide_b;
    const auto x = a.rows(0, a.sequences(), wide_a), y = b.rows(0, b.sequences(), wide_b);
    double sum = 0, defined = 0;
    if (outcomes <= 256) {
        kernel::aligned_vector<double> scratch(3 * (outcomes + detail::ranked_together - 1) * kernel::pack_size);
        sum = kernel::sum_over_lanes<kernel::native_lanes>(a.sequences() * a.events(), [&]<class V>(std::size_t e) {
            const V r = detail::spearman_of_lanes<V>(&x[e * outcomes], &y[e * outcomes], outcomes, scratch.data());
            defined += kernel::lane_sum(kernel::select(r == r, V(1.0), V(0.0)));
            return kernel::select(r == r, r, V(0.0));
        });
    } else {
        for (std::size_t i = 0; i < x.size(); i += outcomes) {
            const double r = spearman(x.subspan(i, outcomes), y.subspan(i, outcomes));
            if (!std::isnan(r)) sum += r, ++defined;
        }
    }
    return defined > 0 ? sum / defined : std::numeric_limits<double>::quiet_NaN();
}

/// Share of events for which both sides find the same outcome most probable, the first of equals, of those where both predict: NaN where
/// none is.
[[nodiscard]] inline double argmax_agreement(const prediction_view& a, const prediction_view& b) {
    detail::check_same_shape("rationale::argmax_agreement", a, b);
    const std::size_t outcomes = a.outcomes(), events = a.sequences() * a.events();
    std::vector<double> wide_a, wide_b;
    const auto x = a.rows(0, a.sequences(), wide_a), y = b.rows(0, b.sequences(), wide_b);
    double defined = 0;
    const double same = kernel::sum_over_lanes<kernel::native_lanes>(events, [&]<class V>(std::size_t e) {
        const V p = detail::place_of_most<V>(&x[e * outcomes], outcomes), q = detail::place_of_most<V>(&y[e * outcomes], outcomes);
        defined += kernel::lane_sum(kernel::select(p + q == p + q, V(1.0), V(0.0)));
        return kernel::select(p == q, V(1.0), V(0.0));
    });
    return same / defined;
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
