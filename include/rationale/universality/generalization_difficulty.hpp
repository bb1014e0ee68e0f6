#ifndef RATIONALE_UNIVERSALITY_GENERALIZATION_DIFFICULTY_HPP
#define RATIONALE_UNIVERSALITY_GENERALIZATION_DIFFICULTY_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "rationale/execution.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/universality/detail/pair_moments.hpp"
#include "rationale/universality/hypothesis_mass.hpp"

namespace rationale {

// Inductive-bias bits (arXiv 2305.01034): what has to be known beside the observations to generalize from them,
//
//   -log2 P(w: KL(w* || w) <= eps | first t observations),   eps in nats per position,
//
// the posterior mass of the tasks that do as well as the true one to within eps. The paper has a uniform distribution over what fits the
// observations; here it is the posterior of the prior at hand. At t = 0 it is the weight of the hypothesis w* (hypothesis_mass.hpp).

/// Posterior mass of what lies within eps of row i of `truth`, after the first t events of sequence s; of a prior whose components are
/// tasks, exactly. O(D t).
template <comparable_tasks F, class P>
    requires requires(const P& prior) { prior.table(); }
[[nodiscard]] prior_mass posterior_mass_within(const bayes<F, P>& strategy, const typename F::task_table& truth, std::size_t i,
                                               const typename F::sequences& data, std::size_t s, std::size_t t, double eps,
                                               const mass_options& = {}) {
    const task_divergence<F> kl(strategy.family(), strategy.prior().table());
    return mass_within(divergences_from(kl, truth, i), strategy.posterior(data, s, t), eps);
}

/// Of Dirichlet(a), whose posterior is Dirichlet(a + counts): exact for two categories, sampled for more.
template <std::size_t K>
[[nodiscard]] prior_mass posterior_mass_within(const bayes<balls_and_urns<K>, dirichlet>& strategy,
                                               const typename balls_and_urns<K>::task_table& truth, std::size_t i,
                                               const typename balls_and_urns<K>::sequences& data, std::size_t s, std::size_t t, double eps,
                                               const mass_options& options = {}) {
    const auto view = detail::checked_view("rationale::posterior_mass_within", strategy.family(), data, s, t);
    const auto before = strategy.prior().concentration();
    std::vector<double> after(before.begin(), before.end());
    for (std::size_t event = 0; event < t; ++event) after[view.observation(event)] += 1;
    return mass_within(strategy.family(), dirichlet(std::move(after)), truth, i, eps, options);
}

/// Of a Gaussian prior, whose posterior is Gaussian, exactly: a ball's mass, by the probability of a quadratic form. O(t d^2 + d^3).
template <std::size_t Dimensions>
[[nodiscard]] prior_mass posterior_mass_within(const bayes<linear_regression<Dimensions>, gaussian>& strategy,
                                               const typename linear_regression<Dimensions>::task_table& truth, std::size_t i,
                                               const typename linear_regression<Dimensions>::sequences& data, std::size_t s, std::size_t t,
                                               double eps, const mass_options& = {}) {
    const auto& family = strategy.family();
    (void)detail::checked_view("rationale::posterior_mass_within", family, data, s, t);
    const auto& prior = strategy.prior();
    detail::check_task("rationale::posterior_mass_within", truth.tasks, i, prior.mean().size());
    detail::check_tolerance("rationale::posterior_mass_within", eps);
    const auto root = prior.covariance().root(), before = prior.covariance().whitened(prior.mean());
    const detail::pair_moments of(family, data, s, t, root);
    const std::size_t d = before.size();
    const double noise = family.noise_variance();
    // w = R z, and z is N(sum m_j v_j, sum s_j v_j v_j'), v_j the eigenvectors.
    std::vector<double> mean(d), covariance(d * d), turned(d);
    for (std::size_t j = 0; j < d; ++j) {
        const double variance = 1 / (of.value[j] / noise + 1), m = variance * (of.xy[j] / noise + of.along(j, before));
        for (std::size_t a = 0; a < d; ++a) turned[a] = of.along(j, std::span(root).subspan(a * d, d));
        for (std::size_t a = 0; a < d; ++a) {
            mean[a] += m * turned[a];
            for (std::size_t b = 0; b < d; ++b) covariance[a * d + b] += variance * turned[a] * turned[b];
        }
    }
    return detail::ball_mass(std::move(covariance), mean, row(truth.tasks, i), 2 * noise * eps / family.values().input_variance);
}

/// Mean over sequences.
struct generalization_difficulty_result {
    double bits = 0;            ///< infinite where a sequence's mass is 0
    double standard_error = 0;  ///< of the mean, over sequences; NaN for fewer than two
};

/// How difficult it is to generalize from t observations: inductive-bias bits averaged over sequences, each with its own task. `sampled`
/// comes of `sample_sequences`. The order of families by these bits at the same eps is that of their difficulty.
template <class S, executor E = sequential>
[[nodiscard]] generalization_difficulty_result generalization_difficulty(const S& strategy, const sample_of<detail::family_of<S>>& sampled,
                                                                         std::size_t t, double eps, const mass_options& options = {},
                                                                         const E& execute = {}) {
    const std::size_t n = detail::sequence_count("rationale::generalization_difficulty", strategy.family(), sampled.sequences);
    detail::check_at_least("rationale::generalization_difficulty", "the number of sequences", n, 1);
    std::vector<double> bits(n);
    execute(n, [&](std::size_t s) {
        bits[s] = posterior_mass_within(strategy, sampled.truth, s, sampled.sequences, s, t, eps, options).bits();
    });
    generalization_difficulty_result out{0, std::numeric_limits<double>::quiet_NaN()};
    const double count = static_cast<double>(n);
    for (double b : bits) out.bits += b / count;
    double squares = 0;
    for (double b : bits) squares += (b - out.bits) * (b - out.bits);
    if (n > 1) out.standard_error = std::sqrt(squares / (count - 1) / count);
    return out;
}

}  // namespace rationale

#endif
