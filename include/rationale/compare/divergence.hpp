#ifndef RATIONALE_COMPARE_DIVERGENCE_HPP
#define RATIONALE_COMPARE_DIVERGENCE_HPP

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "rationale/array.hpp"
#include "rationale/execution.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale {

// Divergences of two predictions of one event, over its outcomes. 0 log 0 is 0, an outcome that one side gives and the other excludes
// makes a Kullback-Leibler divergence infinite, and nothing is clamped.

/// A divergence is a small value: a name and a function of two rows of outcomes.
template <class M>
concept divergence_measure = std::regular<M> && requires(const M& measure, std::span<const double> p) {
    { M::name } -> std::convertible_to<std::string_view>;
    { measure(p, p) } -> std::convertible_to<double>;
};

namespace detail {
/// log(p/q) for p > 0, also where the quotient overflows.
inline double log_ratio(double p, double q) noexcept {
    const double ratio = p / q;
    return ratio <= (std::numeric_limits<double>::max)() ? std::log(ratio) : std::log(p) - std::log(q);
}
}  // namespace detail

/// KL(p || q) = sum p log(p/q), nats.
struct kl {
    static constexpr std::string_view name = "KL, nats";
    [[nodiscard]] double operator()(std::span<const double> p, std::span<const double> q) const noexcept {
        double sum = 0;
        for (std::size_t k = 0; k < p.size(); ++k)
            if (p[k] > 0) sum += p[k] * detail::log_ratio(p[k], q[k]);
        return sum;
    }
    friend bool operator==(kl, kl) = default;
};

/// (KL(p || q) + KL(q || p))/2 = sum (p - q) log(p/q) / 2, nats; the same to the last bit whichever comes first.
struct symmetric_kl {
    static constexpr std::string_view name = "symmetric KL, nats";
    [[nodiscard]] double operator()(std::span<const double> p, std::span<const double> q) const noexcept {
        double sum = 0;
        for (std::size_t k = 0; k < p.size(); ++k)
            if (p[k] != q[k]) sum += std::abs(p[k] - q[k]) * detail::log_ratio((std::max)(p[k], q[k]), (std::min)(p[k], q[k]));
        return 0.5 * sum;
    }
    friend bool operator==(symmetric_kl, symmetric_kl) = default;
};

/// sum (p - q)^2: for means.
struct squared_error {
    static constexpr std::string_view name = "squared error";
    [[nodiscard]] double operator()(std::span<const double> p, std::span<const double> q) const noexcept {
        double sum = 0;
        for (std::size_t k = 0; k < p.size(); ++k) sum += (p[k] - q[k]) * (p[k] - q[k]);
        return sum;
    }
    friend bool operator==(squared_error, squared_error) = default;
};

/// sum |p - q| / 2, in [0, 1].
struct total_variation {
    static constexpr std::string_view name = "total variation";
    [[nodiscard]] double operator()(std::span<const double> p, std::span<const double> q) const noexcept {
        double sum = 0;
        for (std::size_t k = 0; k < p.size(); ++k) sum += std::abs(p[k] - q[k]);
        return 0.5 * sum;
    }
    friend bool operator==(total_variation, total_variation) = default;
};

/// sum (sqrt p - sqrt q)^2 / 2, in [0, 1]: the square of Hellinger's distance, which averages; take the root of the mean.
struct squared_hellinger {
    static constexpr std::string_view name = "squared Hellinger distance";
    [[nodiscard]] double operator()(std::span<const double> p, std::span<const double> q) const noexcept {
        double sum = 0;
        for (std::size_t k = 0; k < p.size(); ++k) {
            const double difference = std::sqrt(p[k]) - std::sqrt(q[k]);
            sum += difference * difference;
        }
        return 0.5 * sum;
    }
    friend bool operator==(squared_hellinger, squared_hellinger) = default;
};

/// The mean of KL(p || m) and KL(q || m) with m = (p + q)/2, nats, at most ln 2.
struct jensen_shannon {
    static constexpr std::string_view name = "Jensen-Shannon divergence, nats";
    [[nodiscard]] double operator()(std::span<const double> p, std::span<const double> q) const noexcept {
        double sum = 0;
        for (std::size_t k = 0; k < p.size(); ++k) {
            const double middle = 0.5 * (p[k] + q[k]);
            if (p[k] > 0) sum += p[k] * std::log(p[k] / middle);
            if (q[k] > 0) sum += q[k] * std::log(q[k] / middle);
        }
        return 0.5 * sum;
    }
    friend bool operator==(jensen_shannon, jensen_shannon) = default;
};

namespace detail {
inline void check_same_shape(const char* where, const predictions& a, const predictions& b) {
    const auto text = [](const predictions& p) {
        return "(" + std::to_string(p.sequences()) + ", " + std::to_string(p.events()) + ", " + std::to_string(p.outcomes()) + ")";
    };
    if (a.kind != b.kind)
        throw std::invalid_argument(std::string(where) + ": one side predicts distributions and the other means, must be of one kind");
    if (a.values.shape() != b.values.shape())
        throw std::invalid_argument(std::string(where) + ": predictions have the shape " + text(b) + ", must be " + text(a) +
                                    " as the others");
}
}  // namespace detail

/// Mean divergence over the events of each sequence: one number a sequence, so that errors and resampling know what was independent.
template <divergence_measure M, executor E = sequential>
[[nodiscard]] ndarray<double, 1> divergences(const M& measure, const predictions& a, const predictions& b, const E& execute = {}) {
    detail::check_same_shape("rationale::divergences", a, b);
    auto out = filled<double, 1>({a.sequences()}, 0.0);
    const std::size_t events = a.events(), outcomes = a.outcomes();
    execute(a.sequences(), [&](std::size_t s) {
        const auto p = row(a.values, s), q = row(b.values, s);
        double sum = 0;
        for (std::size_t t = 0; t < events; ++t) sum += measure(p.subspan(t * outcomes, outcomes), q.subspan(t * outcomes, outcomes));
        out(s) = sum / static_cast<double>(events);
    });
    return out;
}

/// The divergence that distances between a model and its strategies are measured with: symmetric KL for distributions, squared error for
/// means.
template <executor E = sequential>
[[nodiscard]] ndarray<double, 1> default_divergences(const predictions& a, const predictions& b, const E& execute = {}) {
    return a.kind == prediction_kind::mean ? divergences(squared_error{}, a, b, execute) : divergences(symmetric_kl{}, a, b, execute);
}

/// Mean over sequences and its standard error; the error of fewer than two is NaN.
struct mean_and_error {
    double mean = std::numeric_limits<double>::quiet_NaN();
    double standard_error = std::numeric_limits<double>::quiet_NaN();
};

[[nodiscard]] inline mean_and_error summarize(std::span<const double> values) noexcept {
    const auto n = static_cast<double>(values.size());
    double sum = 0, squares = 0;
    for (double v : values) sum += v;
    for (double v : values) squares += (v - sum / n) * (v - sum / n);
    return {sum / n, values.size() < 2 ? std::numeric_limits<double>::quiet_NaN() : std::sqrt(squares / (n - 1) / n)};
}

/// Hellinger's distance: the root of the mean squared one over all events.
[[nodiscard]] inline double hellinger(const predictions& a, const predictions& b) {
    const auto squared = divergences(squared_hellinger{}, a, b);
    return std::sqrt(summarize({squared.data(), squared.size()}).mean);
}

}  // namespace rationale

#endif
