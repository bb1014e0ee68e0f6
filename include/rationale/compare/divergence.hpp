#ifndef RATIONALE_COMPARE_DIVERGENCE_HPP
#define RATIONALE_COMPARE_DIVERGENCE_HPP

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
#include "rationale/kernel/detail/simd.hpp"
#include "rationale/kernel/lane_archetype.hpp"
#include "rationale/kernel/over_lanes.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale {

// Divergences of two predictions of one event, summed over its outcomes. 0 log 0 is 0, an outcome that one side gives and the other
// excludes makes a Kullback-Leibler divergence infinite, and nothing is clamped.

/// A divergence is a small value: a name, and what an outcome of probabilities p and q contributes, `V operator()(V p, V q) const` for any
/// value type V of kernel/lanes.hpp. A case is a kernel::select, and no branch.
template <class M>
concept divergence_measure = std::regular<M> && requires(const M& measure, double p, kernel::lane_archetype v) {
    { M::name } -> std::convertible_to<std::string_view>;
    { measure(p, p) } -> std::same_as<double>;
    { measure(v, v) } -> std::same_as<kernel::lane_archetype>;
};

/// KL(p || q) = sum p log(p/q) - p + q, nats: of distributions sum p log(p/q), and never negative, also where the sums of p and q differ by
/// what rounding left of them. Every outcome's part is positive or 0 and relatively exact: with r = (q - p)/(q + p) it is
/// (p + q) (r^2 - (1 - r) (r^3/3 + r^5/5 + ...)), in which near r = 0 nothing cancels.
struct kl {
    static constexpr std::string_view name = "KL, nats";
    template <class V>
    [[nodiscard]] V operator()(V p, V q) const noexcept {
        const V apart = q - p, sum = q + p, r = apart / sum, z = r * r;
        V rest(1. / 15);
        for (const double c : {1. / 13, 1. / 11, 1. / 9, 1. / 7, 1. / 5, 1. / 3})
            rest = kernel::lane_access<V>::multiply_add(rest, z, V(c));
        const V close = sum * z * (V(1.0) - (V(1.0) - r) * r * rest);
        return kernel::select(z < V(1. / 256), close, p * kernel::log_ratio(p, q) + apart);
    }
    friend bool operator==(kl, kl) = default;
};

/// (KL(p || q) + KL(q || p))/2 = sum (p - q) log(p/q) / 2, nats; the same to the last bit whichever comes first.
struct symmetric_kl {
    static constexpr std::string_view name = "symmetric KL, nats";
    template <class V>
    [[nodiscard]] V operator()(V p, V q) const noexcept {
        const auto less = p < q;
        const V most = kernel::select(less, q, p), least = kernel::select(less, p, q);
        return V(0.5) * (most - least) * kernel::log_ratio(most, least);
    }
    friend bool operator==(symmetric_kl, symmetric_kl) = default;
};

/// sum (p - q)^2: for means.
struct squared_error {
    static constexpr std::string_view name = "squared error";
    template <class V>
    [[nodiscard]] V operator()(V p, V q) const noexcept {
        return (p - q) * (p - q);
    }
    friend bool operator==(squared_error, squared_error) = default;
};

/// sum |p - q| / 2, in [0, 1].
struct total_variation {
    static constexpr std::string_view name = "total variation";
    template <class V>
    [[nodiscard]] V operator()(V p, V q) const noexcept {
        return V(0.5) * kernel::larger(p - q, q - p);
    }
    friend bool operator==(total_variation, total_variation) = default;
};

/// sum (sqrt p - sqrt q)^2 / 2, in [0, 1]: the square of Hellinger's distance, which averages; take the root of the mean.
struct squared_hellinger {
    static constexpr std::string_view name = "squared Hellinger distance";
    template <class V>
    [[nodiscard]] V operator()(V p, V q) const noexcept {
        const V apart = kernel::square_root(p) - kernel::square_root(q);
        return V(0.5) * (apart * apart);
    }
    friend bool operator==(squared_hellinger, squared_hellinger) = default;
};

/// The mean of KL(p || m) and KL(q || m) with m = (p + q)/2, nats, at most ln 2.
struct jensen_shannon {
    static constexpr std::string_view name = "Jensen-Shannon divergence, nats";
    template <class V>
    [[nodiscard]] V operator()(V p, V q) const noexcept {
        return V(0.5) * (p * kernel::log_ratio(p + p, p + q) + q * kernel::log_ratio(q + q, p + q));
    }
    friend bool operator==(jensen_shannon, jensen_shannon) = default;
};

namespace detail {
inline void check_same_shape(const char* where, const prediction_view& a, const prediction_view& b) {
    const auto text = [](const prediction_view& p) {
        return '(' + std::to_string(p.sequences()) + ", " + std::to_string(p.events()) + ", " + std::to_string(p.outcomes()) + ")";
    };
    if (a.kind != b.kind)
        throw std::invalid_argument(std::string(where) + ": one side predicts distributions and the other means, must be of one kind");
    if (a.sequences() != b.sequences() || a.events() != b.events() || a.outcomes() != b.outcomes())
        throw std::invalid_argument(std::string(where) + ": predictions have the shape " + text(b) + ", must be " + text(a) +
                                    " as the others");
}

inline void check_same_length(const char* where, std::size_t x, std::size_t y) {
    if (x != y)
        throw std::invalid_argument(std::string(where) + ": the second list has the length " + std::to_string(y) + ", must be " +
                                    std::to_string(x) + " as the first");
}

/// Never run: its instantiation compiles a measure's body on the archetype, which a concept does not.
template <class M>
void compile_measure(const M& measure, kernel::lane_archetype v) {
    (void)measure(v, v);
}
}  // namespace detail

/// Sum over the outcomes of one event, or of more than one that lie in a row. Throws std::invalid_argument when the lengths differ.
template <divergence_measure M>
[[nodiscard]] double divergence(const M& measure, std::span<const double> p, std::span<const double> q) {
    (void)&detail::compile_measure<M>;
    detail::check_same_length("rationale::divergence", p.size(), q.size());
    return kernel::sum_over_lanes<kernel::native_lanes>(p.size(), [&]<class V>(std::size_t i) {
        return measure(kernel::lane_access<V>::load(p.data() + i), kernel::lane_access<V>::load(q.data() + i));
    });
}

/// Mean divergence over the events of each sequence: one number a sequence, so that errors and resampling know what was independent.
template <divergence_measure M, executor E = sequential>
[[nodiscard]] ndarray<double, 1> divergences(const M& measure, const prediction_view& a, const prediction_view& b, const E& execute = {}) {
    detail::need_ieee("rationale::divergences");
    detail::check_same_shape("rationale::divergences", a, b);
    auto out = filled<double, 1>({a.sequences()}, 0.0);
    const auto events = static_cast<double>(a.events());
    execute(a.sequences(), [&](std::size_t s) {
        std::vector<double> p, q;
        out(s) = divergence(measure, a.rows(s, 1, p), b.rows(s, 1, q)) / events;
    });
    return out;
}

/// The divergence that distances between a model and its strategies are measured with: symmetric KL for distributions, squared error for
/// means.
template <executor E = sequential>
[[nodiscard]] ndarray<double, 1> default_divergences(const prediction_view& a, const prediction_view& b, const E& execute = {}) {
    return a.kind == prediction_kind::mean ? divergences(squared_error{}, a, b, execute) : divergences(symmetric_kl{}, a, b, execute);
}

/// What an account of a model is judged by: KL(model || prediction), and for means squared error.
template <executor E = sequential>
[[nodiscard]] ndarray<double, 1> divergences_from(const prediction_view& model, const prediction_view& prediction, const E& execute = {}) {
    return model.kind == prediction_kind::mean ? divergences(squared_error{}, model, prediction, execute)
                                               : divergences(kl{}, model, prediction, execute);
}

/// Mean over sequences and its standard error; the error of fewer than two is NaN.
struct mean_and_error {
    /// Mean over sequences.
    double mean = std::numeric_limits<double>::quiet_NaN();
    /// Standard error of the mean.
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
[[nodiscard]] inline double hellinger(const prediction_view& a, const prediction_view& b) {
    const auto squared = divergences(squared_hellinger{}, a, b);
    return std::sqrt(summarize({squared.data(), squared.size()}).mean);
}

}  // namespace rationale

#endif
