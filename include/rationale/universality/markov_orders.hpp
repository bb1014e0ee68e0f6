#ifndef RATIONALE_UNIVERSALITY_MARKOV_ORDERS_HPP
#define RATIONALE_UNIVERSALITY_MARKOV_ORDERS_HPP

#include <cstddef>
#include <vector>

#include "rationale/strategy/any_strategy.hpp"
#include "rationale/strategy/borrowed.hpp"
#include "rationale/strategy/generalizing.hpp"

namespace rationale {

/// Rivals of the strategies that know of hidden states: inference as if tokens depended on the m tokens before them alone, of every order
/// m = 0..most, P(k) = (a + n_k)/(K a + sum n) of the tokens that followed the same m; a is the emissions' concentration. A hidden Markov
/// model's tokens are no chain of any order, so that its conditional marginals come nearer to it with every order ("Investigating the
/// Impact of Model Complexity in Large Language Models", Luo, Wang and Huang 2024), while those of a high order take longer to be inferred:
/// the loss (`estimate_losses`) has its minimum at an order that grows with the context. O(T K) a sequence and K^m numbers each.
template <std::size_t K>
[[nodiscard]] std::vector<any_strategy<hidden_markov<K>>> markov_orders(const hidden_markov<K>& family, std::size_t most) {
    using chain = markov_chain<K, dynamic>;
    std::vector<any_strategy<hidden_markov<K>>> out;
    for (std::size_t order = 0; order <= most; ++order) {
        typename chain::parameters p;
        p.categories = family.outcomes();
        p.order = order;
        p.concentration = {family.values().concentration};
        out.push_back(borrowed(family, generalizing<chain>(chain(p))));
    }
    return out;
}

}  // namespace rationale

#endif
