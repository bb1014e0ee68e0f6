#ifndef RATIONALE_STRATEGY_GENERALIZING_HPP
#define RATIONALE_STRATEGY_GENERALIZING_HPP

#include "rationale/prior/dirichlet.hpp"
#include "rationale/prior/gaussian.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/strategy/copying.hpp"

namespace rationale {

namespace detail {
template <class F>
constexpr bool has_own_prior = requires(const F& f) {
    own_prior(f);
};
/// F's own prior, or what stands for it behind the sentence that there is none.
template <class F>
struct own_prior_of {
    using type = seen_tasks<F>;
};
template <class F>
    requires has_own_prior<F>
struct own_prior_of<F> {
    using type = own_prior_t<F>;
};
}  // namespace detail

/// Which strategy generalizes in family F: Bayes with the family's own prior, unless it is specialised.
template <class F>
struct generalizing_strategy {
    static_assert(detail::has_own_prior<F>,
                  "rationale::generalizing<F>: F has no own_prior(family), the prior that fresh tasks come from, or its header is not "
                  "included, see rationale/prior/prior.hpp");
    /// Bayes with the family's own prior.
    using type = bayes<F, typename detail::own_prior_of<F>::type>;
};
/// Fresh items are copied from the context.
template <std::size_t Dimensions, std::size_t Labels>
struct generalizing_strategy<classification<Dimensions, Labels>> {
    /// Copying.
    using type = copying<classification<Dimensions, Labels>>;
};

}  // namespace rationale

#endif
