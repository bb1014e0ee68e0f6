#ifndef RATIONALE_UNIVERSALITY_PREDICTION_REGRET_HPP
#define RATIONALE_UNIVERSALITY_PREDICTION_REGRET_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <numeric>
#include <span>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/kernel/gamma_functions.hpp"
#include "rationale/softmax.hpp"
#include "rationale/strategy/strategy.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/prediction.hpp"
#include "rationale/universality/resampled.hpp"

namespace rationale {

/// Nats that predictions lost on each event of what came, (sequence, event): -log p of the outcome, or (y - mean)^2/(2 noise_variance).
/// Infinite for an outcome without probability. Throws std::invalid_argument where they are not those of the sequences. O(S T).
template <task_family F>
[[nodiscard]] ndarray<double, 2> observed_nats(const F& family, const typename F::sequences& data, const predictions& p) {
    constexpr const char* where = "rationale::observed_nats";
    detail::check_size(where, "the predictions", p.sequences(), detail::sequence_count(where, family, data));
    detail::check_size(where, "a prediction", p.outcomes(), family.outcomes());
    auto out = unwritten<double, 2>({p.sequences(), p.events()});
    for (std::size_t s = 0; s < p.sequences(); ++s) {
        const auto view = family.view(data, s);
        detail::check_size(where, "a sequence", view.events(), p.events());
        for (std::size_t t = 0; t < p.events(); ++t) {
            const auto observed = view.observation(t);
            if constexpr (F::kind == prediction_kind::mean) {
                const double off = observed - p.values(s, t, 0);
                out(s, t) = 0.5 * off * off / family.noise_variance();
            } else {
                out(s, t) = -std::log(p.values(s, t, observed));
            }
        }
    }
    return out;
}

/// Regret in nats of recorded predictions after each event, (sequence, event), from losses on each event as `observed_nats` has them:
///
///   sum_(s<=t) loss_model(s) - min_q sum_(s<=t) loss_q(s)
///
/// against the strategy that is best in hindsight up to that event of that sequence (arXiv 2403.16843); with one strategy, against it.
/// Bayes over Q strategies with equal prior weights has at most log Q. A difference that sums of such losses may have by rounding is 0: a
/// model that predicts as a strategy does regrets nothing. Throws std::invalid_argument for no strategies, and for losses of
/// another size. O(Q S T).
[[nodiscard]] inline ndarray<double, 2> prediction_regret(const ndarray<double, 2>& model, std::span<const ndarray<double, 2>> strategies) {
    constexpr const char* where = "rationale::prediction_regret";
    detail::check_at_least(where, "the number of strategies", strategies.size(), 1);
    for (const auto& q : strategies) detail::check_size(where, "a strategy's loss", q.size(), model.size());
    auto out = model;
    std::vector<double> sum(strategies.size());
    for (std::size_t s = 0; s < model.shape(0); ++s) {
        double of_model = 0;
        std::fill(sum.begin(), sum.end(), 0.0);
        for (std::size_t t = 0; t < model.shape(1); ++t) {
            of_model += model(s, t);
            for (std::size_t q = 0; q < sum.size(); ++q) sum[q] += strategies[q](s, t);
            const double best = *std::min_element(sum.begin(), sum.end());
            const double rounding = static_cast<double>(t + 1) * std::numeric_limits<double>::epsilon() * (of_model + best);
            out(s, t) = std::abs(of_model - best) < rounding ? 0 : of_model - best;
        }
    }
    return out;
}

/// Mean regret after each event over sequences, with bootstrap intervals over them. O(replicates S T).
[[nodiscard]] inline std::vector<resampled_estimate> mean_regret(const ndarray<double, 2>& regret, const resampled_options& options = {}) {
    return resampled(
        regret.shape(0),
        [&](std::span<const std::size_t> which) {
            std::vector<double> mean(regret.shape(1));
            for (const std::size_t s : which)
                for (std::size_t t = 0; t < mean.size(); ++t) mean[t] += regret(s, t) / static_cast<double>(which.size());
            return mean;
        },
        options);
}

/// Whether regret is sublinear in the context.
struct regret_trend_result {
    /// The slope of log mean regret on log t, by least squares over the events whose mean regret is positive: 1 is linear, 0 what does not
    /// grow, 1/2 a square root. NaN where fewer than two events have one, and no regret is to be explained. The error and the interval are
    /// over sequences, as neighbouring events are not independent.
    resampled_estimate exponent{};
    std::size_t events = 0;  ///< with positive mean regret
    /// The trend check of arXiv 2403.16843 on the mean: P(Binomial(T-1, 1/2) >= decreases) of regret per event from one to the next. It
    /// takes signs of neighbouring changes for independent. Small where regret per event falls.
    double falls_by_chance = 1;

    /// Whether all of the exponent's interval lies below 1.
    [[nodiscard]] bool sublinear() const noexcept { return exponent.within.upper < 1; }
};

namespace detail {
[[nodiscard]] inline double log_slope(std::span<const double> mean, std::size_t& events) {
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (std::size_t t = 0; t < mean.size(); ++t) {
        if (!(mean[t] > 0 && mean[t] < std::numeric_limits<double>::infinity())) continue;
        const double u = std::log(static_cast<double>(t + 1)), v = std::log(mean[t]);
        n += 1, x += u, y += v, xx += u * u, xy += u * v;
    }
    events = static_cast<std::size_t>(n);
    return n < 2 ? std::numeric_limits<double>::quiet_NaN() : (n * xy - x * y) / (n * xx - x * x);
}

/// P(Binomial(n, 1/2) >= k).
[[nodiscard]] inline double fair_coin_tail(std::size_t n, std::size_t k) {
    std::vector<double> logs;
    const auto log_factorial = [](std::size_t m) { return log_gamma(static_cast<double>(m) + 1); };
    for (std::size_t i = k; i <= n; ++i)
        logs.push_back(log_factorial(n) - log_factorial(i) - log_factorial(n - i) - static_cast<double>(n) * std::numbers::ln2);
    return (std::min)(1.0, std::exp(log_sum_exp(logs)));
}

/// The trend of regret (sequence, event), sample by sample.
class sampled_trend {
public:
    explicit sampled_trend(const ndarray<double, 2>& regret) : share_(regret) {
        for (double& x : share_) x /= static_cast<double>(regret.shape(0));
    }
    /// The exponent of as many sequences as there are. O(S T).
    [[nodiscard]] double exponent(std::span<const std::size_t> which) const {
        std::size_t events = 0;
        return log_slope(mean(which), events);
    }
    /// The trend of all sequences, with that exponent.
    [[nodiscard]] regret_trend_result of_all(const resampled_estimate& exponent) const {
        const std::size_t n = share_.shape(1);
        regret_trend_result out{.exponent = exponent};
        std::vector<std::size_t> all(share_.shape(0));
        std::iota(all.begin(), all.end(), std::size_t{0});
        const auto regret = mean(all);
        (void)log_slope(regret, out.events);
        std::size_t falls = 0;
        for (std::size_t t = 0; t + 1 < n; ++t)
            falls += regret[t] / static_cast<double>(t + 1) > regret[t + 1] / static_cast<double>(t + 2);
        if (n > 1) out.falls_by_chance = fair_coin_tail(n - 1, falls);
        return out;
    }

private:
    [[nodiscard]] std::vector<double> mean(std::span<const std::size_t> which) const {
        std::vector<double> out(share_.shape(1));
        for (const std::size_t s : which) {
            const auto of_sequence = row(share_, s);
            for (std::size_t t = 0; t < out.size(); ++t) out[t] += of_sequence[t];
        }
        return out;
    }

    ndarray<double, 2> share_;  // of each sequence in the mean
};
}  // namespace detail

/// The trend of regret (sequence, event), as `prediction_regret` has it, with the context. O(replicates S T).
[[nodiscard]] inline regret_trend_result regret_trend(const ndarray<double, 2>& regret, const resampled_options& options = {}) {
    const detail::sampled_trend trend(regret);
    return trend.of_all(resampled(
        regret.shape(0), [&](std::span<const std::size_t> which) { return std::vector{trend.exponent(which)}; }, options)[0]);
}

}  // namespace rationale

#endif
