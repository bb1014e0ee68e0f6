#ifndef RATIONALE_UNIVERSALITY_RASHOMON_HPP
#define RATIONALE_UNIVERSALITY_RASHOMON_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "rationale/strategy/bayes.hpp"
#include "rationale/universality/detail/pair_moments.hpp"
#include "rationale/universality/hypothesis_mass.hpp"

namespace rationale {

// The Rashomon ratio (arXiv 1908.01755): the prior mass of the tasks whose loss on a context is within eps of the best task's,
//
//   P(w: L(w) <= min L + eps),   L(w) = -1/t sum_(s<t) log p(observation s | w),   eps in nats per position.
//
// 1 before the first event. Where it is large many tasks explain the context equally well, and simple ones are among them.

namespace detail {
/// For each of a prior's tasks with weight how many nats per position its loss on the first t events is above the best's. From the
/// posterior, in which a task is 0 that lacks more than 745 nats: then they are infinite.
template <class F, class P>
[[nodiscard]] std::vector<double> loss_gaps(const bayes<F, P>& strategy, const typename F::sequences& data, std::size_t s, std::size_t t,
                                            double eps) {
    if (!(eps * static_cast<double>(t) <= 700))
        refuse("rationale::rashomon_mass", "eps times events", number_text(eps * static_cast<double>(t)), "at most 700 nats");
    auto out = strategy.posterior(data, s, t);
    double best = kernel::minus_infinity;
    for (std::size_t d = 0; d < out.size(); ++d) {
        const double log_weight = strategy.prior().log_weight(d);
        out[d] = log_weight > kernel::minus_infinity ? std::log(out[d]) - log_weight : kernel::minus_infinity;
        best = (std::max)(best, out[d]);
    }
    for (double& nats : out) nats = t == 0 ? 0 : (best - nats) / static_cast<double>(t);
    return out;
}
}  // namespace detail

/// Of the seen tasks, exactly, on the first t events of sequence s. Throws std::invalid_argument for t eps above 700 nats, and for a
/// sequence or an event that there is not. O(D t).
template <class F>
[[nodiscard]] prior_mass rashomon_mass(const bayes<F, seen_tasks<F>>& strategy, const typename F::sequences& data, std::size_t s,
                                       std::size_t t, double eps) {
    return mass_within(detail::loss_gaps(strategy, data, s, t, eps), strategy.prior().weights(), eps);
}

/// Of any prior, from tasks drawn of it, with an interval of what sampling leaves open. The best of the draws stands for the best task,
/// which makes the ratio larger than it is unless many draws come close to that. O(draws t).
template <class F, prior_for<F> P>
[[nodiscard]] prior_mass sampled_rashomon_mass(const F& family, const P& prior, const typename F::sequences& data, std::size_t s,
                                               std::size_t t, double eps, const mass_options& options = {}) {
    const bayes<F, seen_tasks<F>> draws(family, detail::prior_draws(family, prior, options));
    const auto gap = detail::loss_gaps(draws, data, s, t, eps);
    return detail::sampled_mass(static_cast<std::size_t>(std::count_if(gap.begin(), gap.end(), [eps](double x) { return x <= eps; })),
                                options.draws);
}

/// Of Dirichlet(a): L(w) - min L is KL(frequencies of the context || w), so this is their `mass_within`, exact for two categories and
/// sampled for more, with the exact best.
template <std::size_t K>
[[nodiscard]] prior_mass rashomon_mass(const bayes<balls_and_urns<K>, dirichlet>& strategy,
                                       const typename balls_and_urns<K>::sequences& data, std::size_t s, std::size_t t, double eps,
                                       const mass_options& options = {}) {
    const auto& family = strategy.family();
    const auto view = detail::checked_view("rationale::rashomon_mass", family, data, s, t);
    if (t == 0) return detail::exact_mass(0);
    typename balls_and_urns<K>::task_table frequencies;
    frequencies.tasks = filled<double, 2>({1, family.outcomes()}, 0.0);
    for (std::size_t i = 0; i < t; ++i) frequencies.tasks(0, view.observation(i)) += 1;
    for (double& p : frequencies.tasks) p /= static_cast<double>(t);
    return mass_within(family, strategy.prior(), frequencies, 0, eps, options);
}

/// Of a Gaussian prior, exactly: the ellipsoid (w - w')'X'X(w - w') <= 2 noise_variance t eps about a least-squares solution w', whose
/// mass is the probability of a quadratic form of Gaussian variables. O(t d^2 + d^3), and O(d) for each of its terms.
template <std::size_t Dimensions>
[[nodiscard]] prior_mass rashomon_mass(const bayes<linear_regression<Dimensions>, gaussian>& strategy,
                                       const typename linear_regression<Dimensions>::sequences& data, std::size_t s, std::size_t t,
                                       double eps) {
    const auto& family = strategy.family();
    (void)detail::checked_view("rationale::rashomon_mass", family, data, s, t);
    detail::check_tolerance("rationale::rashomon_mass", eps);
    const auto& covariance = strategy.prior().covariance();
    const detail::pair_moments of(family, data, s, t, covariance.root());
    std::vector<double> scale(of.value.size()), offset(of.value.size());
    const auto mean = covariance.whitened(strategy.prior().mean());
    for (std::size_t i = 0; i < scale.size(); ++i) {
        if (of.value[i] == 0) continue;
        scale[i] = of.value[i];
        offset[i] = of.along(i, mean) - of.xy[i] / of.value[i];
    }
    const auto found = detail::quadratic_form_probability(scale, offset, 2 * family.noise_variance() * static_cast<double>(t) * eps);
    return {found.lower, found.lower, found.upper};
}

}  // namespace rationale

#endif
