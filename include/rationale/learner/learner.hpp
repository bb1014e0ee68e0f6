#ifndef RATIONALE_LEARNER_LEARNER_HPP
#define RATIONALE_LEARNER_LEARNER_HPP

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "rationale/compare/mixture.hpp"
#include "rationale/learner/crossover.hpp"
#include "rationale/learner/parameter_posterior.hpp"
#include "rationale/strategy/predict_arrays.hpp"
#include "rationale/strategy/strategies.hpp"

namespace rationale {

/// The rational learner of arXiv 2506.17859: it holds every strategy with the probability that its loss and its complexity leave it,
///     log p(Q | N) = -exposure(N) L_Q - cost(K_Q) + log mass_Q + const,
/// and predicts with their mixture. Its strategies are strategies<S...>, or a strategy_list<F> with ranges in it; a strategy outside a
/// range has mass 1 unless the account says otherwise.
template <class Strategies, class Evidence, class Simplicity, class... Terms>
class learner {
    static_assert(evidence_law<Evidence>, "rationale::learner<S, E, P>: E must be an evidence law, see rationale/learner/law.hpp");
    static_assert(simplicity_law<Simplicity>, "rationale::learner<S, E, P>: P must be a simplicity law, see rationale/learner/law.hpp");

    static constexpr bool has_ranges = requires(const Strategies& all) { all.ranges(), all.log_mass(); };
    static_assert(list_of_strategies<Strategies>, "rationale::learner<S, E, P>: S must be strategies<...> or a strategy_list<F>");

public:
    using family_type = typename Strategies::family_type;
    /// Its law.
    using law_type = rational_law<Evidence, Simplicity, Terms...>;

    /// The account's masses are beside those of the list's ranges. Throws std::invalid_argument for a law's parameter out of its range, an
    /// account that does not fit the strategies, and losses, complexities, masses or covariates that are not such numbers.
    learner(Strategies all, account known, Evidence evidence, Simplicity simplicity, Terms... terms)
        : all_(std::move(all)), account_(std::move(known)), law_{evidence, simplicity, {terms...}} {
        check_parameters(law_);
        detail::check_size("rationale::learner", "loss", account_.loss.size(), all_.names().size());
        detail::check_account("rationale::learner", account_);
        if constexpr (has_ranges) {
            account_.log_mass.resize(account_.loss.size());
            for (std::size_t q = 0; q < account_.log_mass.size(); ++q) account_.log_mass[q] += all_.log_mass()[q];
        }
    }

    // What follows throws std::invalid_argument for a place at which there is no strategy, and for steps, tasks or a schedule that are not
    // finite or out of order.

    /// The strategies that it weighs.
    [[nodiscard]] const Strategies& all() const noexcept { return all_; }
    /// Losses in nats, complexities in bits and log prior masses of its strategies.
    [[nodiscard]] const account& known() const noexcept { return account_; }
    /// The law by which it weighs them.
    [[nodiscard]] const law_type& law() const noexcept { return law_; }

    /// Posterior probability of each strategy after training to `n`.
    [[nodiscard]] std::vector<double> weights(const training& n) const { return softmax(log_posterior(law_, account_, n)); }
    /// log p(a)/p(b) before any evidence: what simplicity and the masses say after this training. Infinite where one has no mass, whatever
    /// its loss, and NaN where neither has.
    [[nodiscard]] double log_prior_odds(std::size_t a, std::size_t b, const training& n = {}) const {
        const double odds = log_posterior_odds(a, b, n);
        return std::isfinite(odds) ? odds - log_bayes_factor(a, b, n) : odds;
    }
    /// The evidence of the training so far in the log odds of a against b: exposure(N) (L_b - L_a), 0 without any. NaN where both losses,
    /// of strategies without mass, are infinite.
    [[nodiscard]] double log_bayes_factor(std::size_t a, std::size_t b, const training& n) const {
        detail::check_training("rationale::learner", n);
        check_strategies(a, b);
        const double exposure = Evidence::exposure(law_.evidence.values(), n);
        return exposure == 0 ? 0 : exposure * (account_.loss[b] - account_.loss[a]);
    }
    /// Log odds of strategy a against b after some training, in nats; infinite and NaN as those before evidence.
    [[nodiscard]] double log_posterior_odds(std::size_t a, std::size_t b, const training& n) const {
        check_strategies(a, b);
        const auto log_p = log_posterior(law_, account_, n);
        return log_p[a] - log_p[b];
    }
    /// When strategy a overtakes strategy b, of training as `n` says but for its steps: laws of visits ask for its tasks, those with a
    /// schedule for that.
    [[nodiscard]] crossover overtakes(std::size_t a, std::size_t b, const training& n = {}) const {
        return crossover_steps(law_, account_, a, b, n);
    }
    /// The posterior of the parameter of range number r of the list. Throws std::invalid_argument for a range that there is not.
    [[nodiscard]] parameter_posterior parameter(std::size_t r, const training& n) const requires has_ranges {
        detail::check_index("rationale::learner", "range", r, all_.ranges().size());
        return posterior_of(all_.ranges()[r], log_posterior(law_, account_, n));
    }

    /// Mixture predictions after training to `n`.
    [[nodiscard]] predictions predict(const typename family_type::sequences& data, const training& n,
                                      const any_executor& execute = sequential{}) const {
        const auto weight = weights(n);
        return mixture(predict_all(all_, data, execute), weight);
    }
    /// Of sequences in arrays of somebody else's.
    template <class... T>
    [[nodiscard]] predictions predict(const arrays<T...>& data, const training& n, const any_executor& execute = sequential{}) const {
        const auto weight = weights(n);
        return mixture(predict_all(all_, data, execute), weight);
    }

private:
    void check_strategies(std::size_t a, std::size_t b) const {
        detail::check_index("rationale::learner", "a", a, account_.loss.size());
        detail::check_index("rationale::learner", "b", b, account_.loss.size());
    }

    Strategies all_;
    account account_;
    law_type law_;
};

}  // namespace rationale

#endif
