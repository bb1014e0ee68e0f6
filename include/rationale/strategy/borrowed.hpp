#ifndef RATIONALE_STRATEGY_BORROWED_HPP
#define RATIONALE_STRATEGY_BORROWED_HPP

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/prior/random_hidden_markov.hpp"
#include "rationale/strategy/ngrams.hpp"
#include "rationale/strategy/strategy.hpp"
#include "rationale/strategy/usual_strategies.hpp"

namespace rationale {

/// A strategy of one family at work on another's sequences, of the same kind of events: a Markov strategy on the tokens of a hidden Markov
/// model, say.
template <class F, class S>
class borrowed {
public:
    /// `strategy` on the sequences of `family`.
    borrowed(F family, S strategy) : family_(std::move(family)), strategy_(std::move(strategy)) {}

    [[nodiscard]] const F& family() const noexcept { return family_; }
    [[nodiscard]] std::string_view name() const { return strategy_.name(); }
    [[nodiscard]] std::vector<double> numbers() const { return strategy_.numbers(); }
    void predict_sequence(const detail::view_of<F>& view, std::span<double> values, std::span<double> log_evidence) const {
        strategy_.predict_sequence(view, values, log_evidence);
    }

private:
    F family_;
    S strategy_;
};

/// Memorizing and generalizing, then the Markov strategies, which see no hidden state, and the constant.
template <std::size_t K>
[[nodiscard]] auto usual_strategies(const hidden_markov<K>& family, const seen_tasks<hidden_markov<K>>& seen) {
    using F = hidden_markov<K>;
    using chain = markov_chain<K, 1>;
    typename chain::parameters p;
    p.categories = family.outcomes();
    p.concentration = {family.values().concentration};
    const chain tokens(p);
    return strategies(memorizing<F>(family, seen), generalizing<F>(family),
                      borrowed(family, inference<chain, 1>(tokens, dirichlet_rows<1>(tokens))),
                      borrowed(family, inference<chain, 0>(tokens, dirichlet_rows<0>(tokens))), constant<F>(family));
}

}  // namespace rationale

#endif
