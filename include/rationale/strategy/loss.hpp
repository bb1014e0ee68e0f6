#ifndef RATIONALE_STRATEGY_LOSS_HPP
#define RATIONALE_STRATEGY_LOSS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/execution.hpp"
#include "rationale/function_ref.hpp"
#include "rationale/kernel/detail/simd.hpp"
#include "rationale/kernel/over_lanes.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/strategies.hpp"

namespace rationale {

/// Loss of one sequence in nats per position. Distributions: KL(target || prediction), for urns from the true urn and for labels, whose
/// target is certain, the cross-entropy. Means: (y - mean)^2 / (2 noise_variance) against the observed y. Throws std::invalid_argument
/// unless both have whole events, at least one and as many.
template <task_family F>
[[nodiscard]] double sequence_loss(const F& family, std::span<const double> target, std::span<const double> prediction) {
    detail::check_size("rationale::sequence_loss", "prediction", prediction.size(), target.size());
    if (target.empty() || target.size() % family.outcomes() != 0)
        detail::refuse("rationale::sequence_loss", "the size of target", std::to_string(target.size()),
                       "a multiple of the " + std::to_string(family.outcomes()) + " outcomes");
    double total = kernel::sum_over_lanes<kernel::native_lanes>(target.size(), [&]<class V>(std::size_t i) {
        using access = kernel::lane_access<V>;
        const V t = access::load(target.data() + i), p = access::load(prediction.data() + i);
        if constexpr (F::kind == prediction_kind::mean) return (t - p) * (t - p);
        else return t * kernel::log_ratio(t, p);
    });
    if constexpr (F::kind == prediction_kind::mean) total *= 0.5 / family.noise_variance();
    return total / static_cast<double>(target.size() / family.outcomes());
}

/// How well losses are to be estimated.
struct loss_options {
    std::uint64_t seed = 0;              ///< of the sequences
    double relative_error = 0.02;        ///< wanted: standard error of each difference of losses, as a share of it
    std::size_t batch = 256;             ///< sequences added at a time
    std::size_t most_sequences = 16384;  ///< the limit at which an estimate stops anyway
};

/// Losses of n strategies on the same sequences, in nats per position.
struct loss_estimate {
    std::vector<double> mean;             ///< n
    std::vector<double> standard_error;   ///< n, 0 where the loss is known in closed form; NaN for so few sequences that nobody can tell
    ndarray<double, 2> difference_error;  ///< (n,n): standard error of mean[i] - mean[j]; paired, so far below that of either
    std::size_t sequences = 0;            ///< that were drawn
    bool reached = false;                 ///< the wanted relative error, before the limit
};

namespace detail {
/// Takes losses that are known exactly into account: the others' means are moved by their regression on what the sample of these was off
/// (control variates), and what is left of the covariance is that of the residuals. One that follows from those before it, to rounding,
/// adds nothing.
inline void regress_on_exact(std::span<const std::optional<double>> exact, std::span<double> mean, ndarray<double, 2>& covariance) {
    const std::size_t n = mean.size();
    std::vector<double> at_first(n);
    for (std::size_t q = 0; q < n; ++q) at_first[q] = covariance(q, q);
    for (std::size_t q = 0; q < n; ++q) {
        if (!exact[q]) continue;
        const double variance = covariance(q, q), off = mean[q] - *exact[q];
        for (std::size_t r = 0; r < n && variance > 1e-10 * at_first[q]; ++r) {
            if (r == q) continue;
            const double slope = covariance(r, q) / variance;
            mean[r] -= slope * off;
            for (std::size_t s = 0; s < n; ++s)
                if (s != q) covariance(r, s) -= slope * covariance(q, s);
        }
        for (std::size_t r = 0; r < n; ++r) covariance(q, r) = covariance(r, q) = 0;
    }
    for (std::size_t q = 0; q < n; ++q)
        if (exact[q]) mean[q] = *exact[q];
}
}  // namespace detail

namespace detail {
/// Sums over sequences of n strategies' losses and of their products, and the estimate that they give.
class loss_sums {
public:
    /// `exact` has the losses that are known in closed form; it must outlive this.
    explicit loss_sums(std::span<const std::optional<double>> exact)
        : exact_(exact),
          known_(std::count_if(exact.begin(), exact.end(), [](const auto& loss_of) { return loss_of.has_value(); })),
          sum_(exact.size()),
          product_(filled<double, 2>({exact.size(), exact.size()}, 0.0)) {
        constexpr double nobody_knows = std::numeric_limits<double>::quiet_NaN();
        const std::size_t n = exact.size();
        estimate_.standard_error.assign(n, nobody_knows);
        estimate_.difference_error = filled<double, 2>({n, n}, nobody_knows);
        if (static_cast<std::size_t>(known_) < n) return;
        for (const auto& loss_of : exact) estimate_.mean.push_back(*loss_of);
        estimate_.standard_error.assign(n, 0.0);
        estimate_.difference_error.fill(0.0);
        estimate_.reached = true;
    }

    [[nodiscard]] const loss_estimate& estimate() const noexcept { return estimate_; }
    /// Adds the losses of some sequences, (sequence, strategy). The estimate is reached where every difference has the relative error.
    void add(std::span<const double> loss, double relative_error) {
        const std::size_t n = exact_.size(), batch = loss.size() / n;
        if (estimate_.sequences == 0) origin_.assign(loss.begin(), loss.begin() + static_cast<std::ptrdiff_t>(n));
        for (std::size_t i = 0; i < batch; ++i)
            for (std::size_t q = 0; q < n; ++q) {
                const double a = loss[i * n + q] - origin_[q];
                sum_[q] += a;
                for (std::size_t r = 0; r < n; ++r) product_(q, r) += a * (loss[i * n + r] - origin_[r]);
            }
        estimate_.sequences += batch;
        const double count = static_cast<double>(estimate_.sequences);
        estimate_.mean.assign(n, 0.0);
        for (std::size_t q = 0; q < n; ++q) estimate_.mean[q] = origin_[q] + sum_[q] / count;
        // The mean and every loss known exactly take one degree of freedom each; without one left nobody can tell how far off the means
        // are.
        const double freedom = count - 1 - static_cast<double>(known_);
        if (!(freedom > 0)) {
            for (std::size_t q = 0; q < n; ++q) estimate_.mean[q] = exact_[q].value_or(estimate_.mean[q]);
            return;
        }
        auto covariance = filled<double, 2>({n, n}, 0.0);
        for (std::size_t q = 0; q < n; ++q)
            for (std::size_t r = 0; r < n; ++r) covariance(q, r) = (product_(q, r) - sum_[q] * sum_[r] / count) / freedom;
        regress_on_exact(exact_, estimate_.mean, covariance);
        for (std::size_t q = 0; q < n; ++q) estimate_.standard_error[q] = std::sqrt((std::max)(0.0, covariance(q, q)) / count);
        estimate_.reached = true;
        estimate_.difference_error.fill(0.0);
        for (std::size_t q = 0; q < n; ++q)
            for (std::size_t r = 0; r < q; ++r) {
                const double variance = covariance(q, q) + covariance(r, r) - 2 * covariance(q, r);
                const double error = std::sqrt((std::max)(0.0, variance) / count);
                estimate_.difference_error(q, r) = estimate_.difference_error(r, q) = error;
                estimate_.reached = estimate_.reached && error <= relative_error * std::abs(estimate_.mean[q] - estimate_.mean[r]);
            }
    }

private:
    std::span<const std::optional<double>> exact_;
    std::ptrdiff_t known_;
    std::vector<double> sum_, origin_{};  // of deviations from `origin_`, the first sequence's losses
    ndarray<double, 2> product_;
    loss_estimate estimate_{};
};
}  // namespace detail

/// Expected in-distribution loss of n strategies, estimated on fresh sequences of `context` positions whose tasks come from `prior`.
/// `predict(sequences)` returns the predictions of each; `exact` has the losses that are known in closed form, which are taken as they are
/// and steady the others. All strategies see the same sequences, so differences are paired; sequence i depends on the seed and i alone.
/// Sequences are added until the standard error of every difference is below relative_error times the difference, or the limit is reached.
/// Throws std::invalid_argument for an option out of its range, a context of 0 or a prior of another size than the family's, and
/// std::domain_error where a strategy's loss is infinite or no number: it excludes what a sequence shows.
template <task_family F, class P>
[[nodiscard]] loss_estimate estimate_losses(const F& family, function_ref<std::vector<predictions>(const typename F::sequences&)> predict,
                                            std::span<const std::optional<double>> exact, const P& prior, std::size_t context,
                                            const loss_options& options = {}, const any_executor& execute = sequential{}) {
    constexpr const char* where = "rationale::estimate_losses";
    const std::size_t n = exact.size();
    detail::check_at_least(where, "the number of strategies", n, 1);
    detail::check_at_least(where, "context", context, 1);
    detail::check_at_least(where, "batch", options.batch, 1);
    detail::check_at_least(where, "most_sequences", options.most_sequences, 2);
    detail::not_negative(where, "relative_error", options.relative_error);
    detail::loss_sums sums(exact);
    const loss_estimate& out = sums.estimate();
    std::vector<double> loss;
    while (!out.reached && out.sequences < options.most_sequences) {
        const std::size_t batch = (std::min)(options.batch, options.most_sequences - out.sequences);
        loss.assign(batch * n, 0.0);
        const auto drawn =
            detail::sample_sequences(purpose::losses, family, prior, batch, context, options.seed, out.sequences, sequential{});
        const std::vector<predictions> predicted = predict(drawn.sequences);
        detail::check_size(where, "predict(sequences)", predicted.size(), n);
        execute(batch, [&](std::size_t i) {
            std::vector<double> target(predicted[0].events() * family.outcomes());
            family.target(drawn.truth, drawn.sequences, i, target);
            for (std::size_t q = 0; q < n; ++q) loss[i * n + q] = sequence_loss(family, target, row(predicted[q].values, i));
        });
        if (const std::size_t i = detail::first_not_finite(loss); i < loss.size())
            throw std::domain_error(std::string(where) + ": the loss of strategy " + std::to_string(i % n) + " on sequence " +
                                    std::to_string(out.sequences + i / n) + " is " + detail::number_text(loss[i]) +
                                    ", must be finite: it gives probability 0 to what the sequence shows");
        sums.add(loss, options.relative_error);
    }
    return out;
}

/// The same for a list of strategies.
template <list_of_strategies L, class P>
[[nodiscard]] loss_estimate estimate_losses(const L& all, const P& prior, std::size_t context, const loss_options& options = {},
                                            const any_executor& execute = sequential{}) {
    std::vector<std::optional<double>> exact(all.names().size());
    all.for_each([&](std::size_t q, const auto& s) {
        if constexpr (requires { s.expected_loss(prior, context); }) exact[q] = s.expected_loss(prior, context);
    });
    const auto predict = [&](const auto& sequences) { return predict_all(all, sequences, execute, impossible_context::mask); };
    return estimate_losses(all.family(), predict, exact, prior, context, options, execute);
}

}  // namespace rationale

#endif
