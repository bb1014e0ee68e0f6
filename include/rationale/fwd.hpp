// Forward declarations, default template arguments and public names, and nothing else.
#ifndef RATIONALE_FWD_HPP
#define RATIONALE_FWD_HPP

#include <cstddef>

namespace rationale {

/// A dimension that is known at run time only.
inline constexpr std::size_t dynamic = static_cast<std::size_t>(-1);

template <std::size_t Categories = dynamic>
class balls_and_urns;
template <std::size_t Dimensions = dynamic>
class linear_regression;
template <std::size_t Dimensions = dynamic, std::size_t Labels = dynamic>
class classification;
template <std::size_t Categories = dynamic, std::size_t Order = dynamic>
class markov_chain;
template <std::size_t Categories = dynamic>
class hidden_markov;
template <std::size_t Outputs = dynamic>
class finite_function;

template <class F>
class seen_tasks;
template <class P, class Precision = double>
class remembered;
template <class P>
class tempered;
template <class P>
class pooled;
template <class... P>
class mixture_of;
class dirichlet;
class gaussian;
template <std::size_t Order = dynamic>
class dirichlet_rows;
template <class F, std::size_t Weighed, std::size_t Said>
class seen_ngrams;

template <class F, class P, class Real = double>
class bayes;
template <class F>
class copying;
template <class F>
class constant;

/// Bayes with the seen tasks as prior.
template <class F, class Real = double>
using memorizing = bayes<F, seen_tasks<F>, Real>;

template <class F>
struct generalizing_strategy;
/// Bayes with the family's own prior; in classification, copying.
template <class F>
using generalizing = typename generalizing_strategy<F>::type;

template <class... S>
class strategies;
template <class F>
class any_strategy;
template <class F>
class strategy_range;
template <class F>
class strategy_list;
template <class Strategies, class Evidence, class Simplicity, class... Terms>
class learner;

}  // namespace rationale

#endif
