#ifndef RATIONALE_STRATEGY_GENERALIZING_HPP
#define RATIONALE_STRATEGY_GENERALIZING_HPP

#include "rationale/prior/dirichlet.hpp"
#include "rationale/prior/gaussian.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/strategy/copying.hpp"

namespace rationale {

/// Which strategy generalizes in family F: Bayes with the family's own prior, unless it is specialised.
template <class F>
struct generalizing_strategy {
    /// Bayes with the family's own prior.
    using type = bayes<F, own_prior_t<F>>;
};
/// Fresh items are copied from the context.
template <std::size_t Dimensions, std::size_t Labels>
struct generalizing_strategy<classification<Dimensions, Labels>> {
    /// Copying.
    using type = copying<classification<Dimensions, Labels>>;
};

}  // namespace rationale

#endif
