#ifndef RATIONALE_STRATEGY_POSTERIOR_MOMENTS_HPP
#define RATIONALE_STRATEGY_POSTERIOR_MOMENTS_HPP

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <tuple>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/prior/dirichlet.hpp"
#include "rationale/prior/gaussian.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/strategy/posteriors.hpp"

namespace rationale {

/// What a posterior over tasks is like at every event of a sequence, and after the last: of n numbers of a task, those of a row of its
/// table.
struct posterior_moments_result {
    ndarray<double, 2> mean;        ///< (T + 1, n)
    ndarray<double, 3> covariance;  ///< (T + 1, n, n)
};

namespace detail {
[[nodiscard]] inline posterior_moments_result moments_of(std::size_t events, std::size_t n) {
    return {filled<double, 2>({events, n}, 0.0), filled<double, 3>({events, n, n}, 0.0)};
}
}  // namespace detail

/// Of seen tasks, by their weights; the first array of the task table. NaN where no task explains what came. O(T D n^2). Throws as
/// `posteriors`.
template <class F, class Real>
[[nodiscard]] posterior_moments_result posterior_moments(const bayes<F, seen_tasks<F>, Real>& strategy, const typename F::sequences& data,
                                                         std::size_t sequence) {
    const auto weights = posteriors(strategy, data, sequence);
    const auto& tasks = strategy.prior().table().*std::get<0>(F::task_table::fields).member;
    const std::size_t D = strategy.prior().size(), n = tasks.size() / D;
    auto out = detail::moments_of(weights.shape(0), n);
    for (std::size_t t = 0; t < weights.shape(0); ++t) {
        for (std::size_t d = 0; d < D; ++d)
            for (std::size_t i = 0; i < n; ++i) out.mean(t, i) += weights(t, d) * static_cast<double>(row(tasks, d)[i]);
        for (std::size_t d = 0; d < D; ++d)
            for (std::size_t i = 0; i < n; ++i)
                for (std::size_t j = 0; j < n; ++j)
                    out.covariance(t, i, j) += weights(t, d) * (static_cast<double>(row(tasks, d)[i]) - out.mean(t, i)) *
                                               (static_cast<double>(row(tasks, d)[j]) - out.mean(t, j));
    }
    return out;
}

/// Of urns under a Dirichlet prior: a/A and (diag(m) - m m')/(A + 1), a the prior's numbers and the counts, A their sum, m the mean.
template <std::size_t K, class Real>
[[nodiscard]] posterior_moments_result posterior_moments(const bayes<balls_and_urns<K>, dirichlet, Real>& strategy,
                                                         const typename balls_and_urns<K>::sequences& data, std::size_t sequence) {
    const auto events = detail::every_event("rationale::posterior_moments", strategy.family(), data, sequence);
    const auto before = strategy.prior().concentration();
    std::vector<double> a(before.begin(), before.end());
    auto out = detail::moments_of(events.size(), a.size());
    const auto view = strategy.family().view(data, sequence);
    for (const std::size_t t : events) {
        const double all = std::accumulate(a.begin(), a.end(), 0.0);
        for (std::size_t i = 0; i < a.size(); ++i) out.mean(t, i) = a[i] / all;
        for (std::size_t i = 0; i < a.size(); ++i)
            for (std::size_t j = 0; j < a.size(); ++j)
                out.covariance(t, i, j) = ((i == j ? out.mean(t, i) : 0) - out.mean(t, i) * out.mean(t, j)) / (all + 1);
        if (t < view.events()) a[view.observation(t)] += 1;
    }
    return out;
}

/// Of weight vectors under a Gaussian prior: Kalman's filter, P -= g g'/s with g = P x and s = x.g + noise variance. O(T d^2).
template <std::size_t Dimensions, class Real>
[[nodiscard]] posterior_moments_result posterior_moments(const bayes<linear_regression<Dimensions>, gaussian, Real>& strategy,
                                                         const typename linear_regression<Dimensions>::sequences& data,
                                                         std::size_t sequence) {
    const auto& family = strategy.family();
    const auto events = detail::every_event("rationale::posterior_moments", family, data, sequence);
    const std::size_t d = family.dimensions();
    auto out = detail::moments_of(events.size(), d);
    std::vector<double> mean(strategy.prior().mean().begin(), strategy.prior().mean().end()), gain(d);
    auto covariance = strategy.prior().covariance().matrix();
    const auto view = family.view(data, sequence);
    for (const std::size_t t : events) {
        std::copy(mean.begin(), mean.end(), row(out.mean, t).begin());
        std::copy(covariance.begin(), covariance.end(), row(out.covariance, t).begin());
        if (t == view.events()) break;
        const auto x = view.input(t);
        double variance = family.noise_variance(), rest = view.observation(t);
        for (std::size_t i = 0; i < d; ++i) {
            gain[i] = 0;
            for (std::size_t j = 0; j < d; ++j) gain[i] += covariance[i * d + j] * x[j];
            variance += x[i] * gain[i], rest -= x[i] * mean[i];
        }
        for (std::size_t i = 0; i < d; ++i) {
            mean[i] += gain[i] / variance * rest;
            for (std::size_t j = 0; j < d; ++j) covariance[i * d + j] -= gain[i] * gain[j] / variance;
        }
    }
    return out;
}

}  // namespace rationale

#endif
