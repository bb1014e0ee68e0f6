#ifndef RATIONALE_LEARNER_LEARNER_HPP
#define RATIONALE_LEARNER_LEARNER_HPP

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/compare/mixture.hpp"
#include "rationale/learner/crossover.hpp"
#include "rationale/strategy/strategies.hpp"

namespace rationale {

/// The rational learner of arXiv 2506.17859: it holds every strategy with the probability that its loss and its complexity leave it,
///     log p(Q | N) = -exposure(N) L_Q - cost(K_Q) + const,
/// and predicts with their mixture.
template <class Strategies, class Evidence, class Simplicity, class... Terms>
class learner {
    static_assert(evidence_law<Evidence>, "rationale::learner<S, E, P>: E must be an evidence law, see rationale/learner/law.hpp");
    static_assert(simplicity_law<Simplicity>, "rationale::learner<S, E, P>: P must be a simplicity law, see rationale/learner/law.hpp");

public:
    using family_type = typename Strategies::family_type;
    /// Its law.
    using law_type = rational_law<Evidence, Simplicity, Terms...>;

    /// Throws std::invalid_argument for a law's parameter out of its range, an account that does not fit the strategies, and losses,
    /// complexities, masses or covariates that are none.
    learner(Strategies all, account known, Evidence evidence, Simplicity simplicity, Terms... terms)
        : all_(std::move(all)), account_(std::move(known)), law_{evidence, simplicity, {terms...}} {
        check_parameters(law_);
        const auto fits = [](const char* name, std::size_t found) {
            if (found != Strategies::size)
                throw std::invalid_argument(std::string("rationale::learner: ") + name + " has " + std::to_string(found) +
                                            " numbers, must have " + std::to_string(Strategies::size) + ", one a strategy");
        };
        fits("loss", account_.loss.size());
        fits("complexity", account_.complexity.size());
        if (!account_.log_mass.empty()) fits("log_mass", account_.log_mass.size());
        if (!account_.covariate.empty()) fits("covariate", account_.covariate.size());
        detail::check_account("rationale::learner", account_);
    }

    // What follows throws std::invalid_argument for a strategy that there is not, and for steps, tasks or a schedule that are none.

    /// What it weighs.
    [[nodiscard]] const Strategies& all() const noexcept { return all_; }
    /// Losses in nats and complexities in bits of its strategies.
    [[nodiscard]] const account& known() const noexcept { return account_; }
    /// By which it weighs.
    [[nodiscard]] const law_type& law() const noexcept { return law_; }

    /// Posterior probability of each strategy after training to `n`.
    [[nodiscard]] std::vector<double> weights(const training& n) const { return softmax(log_posterior(law_, account_, n)); }
    /// log p(a)/p(b) after this training, without what the training's evidence gives: what simplicity says.
    [[nodiscard]] double log_prior_odds(std::size_t a, std::size_t b, const training& n = {}) const {
        return log_posterior_odds(a, b, n) - log_bayes_factor(a, b, n);
    }
    /// What the training so far adds to the log odds: exposure(N) (L_b - L_a).
    [[nodiscard]] double log_bayes_factor(std::size_t a, std::size_t b, const training& n) const {
        detail::check_training("rationale::learner", n);
        check_strategies(a, b);
        return Evidence::exposure(law_.evidence.values(), n) * (account_.loss[b] - account_.loss[a]);
    }
    /// Log odds of strategy a against b after some training, in nats.
    [[nodiscard]] double log_posterior_odds(std::size_t a, std::size_t b, const training& n) const {
        check_strategies(a, b);
        const auto log_p = log_posterior(law_, account_, n);
        return log_p[a] - log_p[b];
    }
    /// When strategy a overtakes strategy b.
    [[nodiscard]] crossover overtakes(std::size_t a, std::size_t b) const { return crossover_steps(law_, account_, a, b); }

    /// Mixture predictions after training to `n`.
    template <class Lanes = kernel::native_lanes, executor E = sequential>
    [[nodiscard]] predictions predict(const typename family_type::sequences& data, const training& n, const E& execute = {}) const {
        const auto parts = predict_all<Lanes>(all_, data, execute);
        const auto weight = weights(n);
        auto w = filled<double, 3>({1, 1, weight.size()}, 0.0);
        std::copy(weight.begin(), weight.end(), w.begin());
        return mixture(parts, w);
    }

private:
    static void check_strategies(std::size_t a, std::size_t b) {
        detail::check_index("rationale::learner", "a", a, Strategies::size);
        detail::check_index("rationale::learner", "b", b, Strategies::size);
    }

    Strategies all_;
    account account_;
    law_type law_;
};

}  // namespace rationale

#endif
