#ifndef RATIONALE_UNIVERSALITY_EARLY_WARNING_HPP
#define RATIONALE_UNIVERSALITY_EARLY_WARNING_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/random/samplers.hpp"

namespace rationale {

/// Kendall's tau of a series with its order: (concordant - discordant pairs)/(n (n-1)/2), 1 where it only rises, -1 where it only falls. A
/// tie counts for neither.
struct kendall_result {
    double tau = 0;  ///< in [-1, 1]
    /// P(tau or more) of n independent numbers without ties: exactly, O(n^3), up to n = 60, and by a Gaussian of variance
    /// 2 (2n+5)/(9 n (n-1)) beyond.
    double rises_by_chance = 1;
};

namespace detail {
/// P(a random permutation of n has at most k inversions), by the recursion over n of their numbers.
[[nodiscard]] inline double few_inversions(std::size_t n, std::size_t k) {
    std::vector<double> chance{1};
    for (std::size_t m = 2; m <= n; ++m) {
        std::vector<double> next(m * (m - 1) / 2 + 1);
        for (std::size_t i = 0; i < chance.size(); ++i)
            for (std::size_t j = 0; j < m; ++j) next[i + j] += chance[i] / static_cast<double>(m);
        chance = std::move(next);
    }
    double sum = 0;
    for (std::size_t i = 0; i <= k && i < chance.size(); ++i) sum += chance[i];
    return sum;
}
}  // namespace detail

/// O(n^2) for tau. Throws std::invalid_argument for fewer than two numbers and for one that is not finite.
[[nodiscard]] inline kendall_result kendall(std::span<const double> series) {
    constexpr const char* where = "rationale::kendall";
    detail::check_at_least(where, "the number of values", series.size(), 2);
    detail::check_finite(where, "series", series);
    const std::size_t n = series.size(), pairs = n * (n - 1) / 2;
    double concordant = 0, discordant = 0;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < i; ++j) concordant += series[i] > series[j], discordant += series[i] < series[j];
    kendall_result out{(concordant - discordant) / static_cast<double>(pairs), 1};
    if (n <= 60) {
        // Half a pair for a tie, rounded so that the probability is not too small.
        const double inversions = discordant + 0.5 * (static_cast<double>(pairs) - concordant - discordant);
        out.rises_by_chance = detail::few_inversions(n, static_cast<std::size_t>(std::ceil(inversions)));
    } else {
        const double m = static_cast<double>(n), deviation = std::sqrt(2 * (2 * m + 5) / (9 * m * (m - 1)));
        out.rises_by_chance = 0.5 * std::erfc(out.tau / deviation / std::numbers::sqrt2);
    }
    return out;
}

/// How a series is watched.
struct early_warning_options {
    double bandwidth = 0;      ///< of the Gaussian kernel that is the trend, in places; 0: a tenth of the series
    std::size_t window = 0;    ///< values that variance and autocorrelation are of; 0: half of the series
    std::size_t series = 200;  ///< null series
    std::uint64_t seed = 0;    ///< of these
};

/// Early warning signals of a switch (arXiv 1305.6700): before a system tips, what disturbs it dies out more slowly, so that variance and
/// autocorrelation rise.
struct early_warning_result {
    std::vector<double> detrended;           ///< the series without its trend
    std::vector<double> variance;            ///< of the window that ends at each place from the first full one on
    std::vector<double> autocorrelation;     ///< of neighbours in it; NaN, and no part of the trend, where all are equal
    kendall_result variance_trend{};         ///< its tau; rises_by_chance as if windows did not overlap
    kendall_result autocorrelation_trend{};  ///< as that of the variance
    /// P(tau or more) under no change: of null series that pass through the same steps, the share, counting the series itself. They are
    /// first-order autoregressive, of the memory whose detrended series have the autocorrelation that this one has. These are the ones to
    /// use.
    double variance_by_chance = 1;
    double autocorrelation_by_chance = 1;  ///< of the autocorrelation's tau
};

namespace detail {
/// The series minus its mean with Gaussian weights of places.
[[nodiscard]] inline std::vector<double> detrended(std::span<const double> x, double bandwidth) {
    std::vector<double> out(x.begin(), x.end()), weight;  // by how many places apart
    for (std::size_t k = 0; k < x.size(); ++k) weight.push_back(std::exp(-0.5 * std::pow(static_cast<double>(k) / bandwidth, 2)));
    for (std::size_t i = 0; i < x.size(); ++i) {
        double weights = 0, sum = 0;
        for (std::size_t j = 0; j < x.size(); ++j) {
            const double w = weight[i > j ? i - j : j - i];
            weights += w, sum += w * x[j];
        }
        out[i] -= sum / weights;
    }
    return out;
}
/// Variance, and the covariance of neighbours over it.
[[nodiscard]] inline std::pair<double, double> spread_and_memory(std::span<const double> x) noexcept {
    const double n = static_cast<double>(x.size());
    double mean = 0, squares = 0, products = 0;
    for (double v : x) mean += v / n;
    for (std::size_t i = 0; i < x.size(); ++i) {
        squares += (x[i] - mean) * (x[i] - mean);
        if (i > 0) products += (x[i] - mean) * (x[i - 1] - mean);
    }
    return {squares / (n - 1), products / squares};
}
/// The coefficient of a stationary autoregressive series x of n values for which E sum r_t r_(t-1) / E sum r_t^2 is `memory`, r being x
/// without its trend and mean: that quotient itself would be too small, as a trend takes memory away. Both are sums of powers of the
/// coefficient, whose factors are those of the trend's matrix. O(n^3), then bisection.
[[nodiscard]] inline double memory_before_detrending(std::size_t n, double bandwidth, double memory) {
    std::vector<double> r(n * n), unit(n);  // row j: what becomes of a 1 at place j
    for (std::size_t j = 0; j < n; ++j) {
        unit.assign(n, 0.0), unit[j] = 1;
        const auto image = detrended(unit, bandwidth);
        double mean = 0;
        for (double v : image) mean += v / static_cast<double>(n);
        for (std::size_t t = 0; t < n; ++t) r[j * n + t] = image[t] - mean;
    }
    std::vector<double> squares(n), products(n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) {
            const double *const a = r.data() + i * n, *const b = r.data() + j * n;
            double same = a[0] * b[0], next = 0;  // of a pair in both orders
            for (std::size_t t = 1; t < n; ++t) same += a[t] * b[t], next += a[t] * b[t - 1] + a[t - 1] * b[t];
            squares[i - j] += i == j ? same : 2 * same;
            products[i - j] += i == j ? 0.5 * next : next;
        }
    double low = -0.999, high = 0.999;
    for (int halving = 0; halving < 50; ++halving) {
        const double middle = 0.5 * (low + high);
        double power = 1, above = 0, below = 0;
        for (std::size_t k = 0; k < n; ++k, power *= middle) above += power * products[k], below += power * squares[k];
        (above < memory * below ? low : high) = middle;
    }
    return 0.5 * (low + high);
}
[[nodiscard]] inline early_warning_result watch(std::span<const double> x, double bandwidth, std::size_t window) {
    early_warning_result out;
    out.detrended = detrended(x, bandwidth);
    for (std::size_t end = window; end <= x.size(); ++end) {
        const auto [variance, memory] = spread_and_memory(std::span(out.detrended).subspan(end - window, window));
        out.variance.push_back(variance);
        out.autocorrelation.push_back(memory);
    }
    out.variance_trend = kendall(out.variance);
    auto defined = out.autocorrelation;
    std::erase_if(defined, [](double v) { return std::isnan(v); });
    if (defined.size() > 1) out.autocorrelation_trend = kendall(defined);
    return out;
}
}  // namespace detail

/// Signals in a series of equally spaced values, up to the switch that is to be foreseen: a run's relative distance checkpoint by
/// checkpoint, for instance. Throws std::invalid_argument for fewer than 8 values, one that is not finite, a series without any change, a
/// bandwidth that is not positive, and a window of fewer than 3 or more than n - 2 values. O(series n^2 + n^3).
[[nodiscard]] inline early_warning_result early_warning(std::span<const double> series, early_warning_options options = {}) {
    constexpr const char* where = "rationale::early_warning";
    const std::size_t n = series.size();
    detail::check_at_least(where, "the number of values", n, 8);
    detail::check_finite(where, "series", series);
    if (options.bandwidth == 0) options.bandwidth = 0.1 * static_cast<double>(n);
    if (options.window == 0) options.window = n / 2;
    detail::positive(where, "bandwidth", options.bandwidth);
    detail::check_at_least(where, "window", options.window, 3);
    detail::check_at_least(where, "the number of values minus the window", n - (std::min)(n, options.window), 2);
    const auto [variance, left] = detail::spread_and_memory(detail::detrended(series, options.bandwidth));
    const double rounding =
        std::numeric_limits<double>::epsilon() * static_cast<double>(n) *
        std::abs(*std::max_element(series.begin(), series.end(), [](double a, double b) { return std::abs(a) < std::abs(b); }));
    if (!(variance > rounding * rounding)) detail::refuse(where, "the variance of the series", "0", "above 0");
    const double memory = detail::memory_before_detrending(n, options.bandwidth, left);
    auto out = detail::watch(series, options.bandwidth, options.window);
    std::size_t variance_reaches = 1, memory_reaches = 1;
    std::vector<double> null(n);
    for (std::size_t i = 0; i < options.series; ++i) {
        philox rng = stream(purpose::null_series, options.seed, i);
        const double fresh = std::sqrt(1 - memory * memory);
        for (std::size_t t = 0; t < n; ++t) null[t] = t == 0 ? standard_normal(rng) : memory * null[t - 1] + fresh * standard_normal(rng);
        const auto watched = detail::watch(null, options.bandwidth, options.window);
        variance_reaches += watched.variance_trend.tau >= out.variance_trend.tau;
        memory_reaches += watched.autocorrelation_trend.tau >= out.autocorrelation_trend.tau;
    }
    out.variance_by_chance = static_cast<double>(variance_reaches) / static_cast<double>(options.series + 1);
    out.autocorrelation_by_chance = static_cast<double>(memory_reaches) / static_cast<double>(options.series + 1);
    return out;
}

}  // namespace rationale

#endif
