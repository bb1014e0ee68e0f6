#ifndef RATIONALE_PRIOR_PRIOR_HPP
#define RATIONALE_PRIOR_PRIOR_HPP

#include <concepts>
#include <cstddef>
#include <vector>

#include "rationale/random/philox.hpp"
#include "rationale/task/family.hpp"

namespace rationale {

/// A prior is a belief about the task before any context: a finite mixture of components, of which most priors have one. The same
/// object generates tasks and predicts with them, so that generator and predictor cannot disagree.
///
///   size()             number of components; static and constexpr where it is one always, so that no register is made for it
///   log_weight(d)      log prior mass of component d, in nats; the masses sum to 1
///   numbers()          the numbers that describe it, as float64, for its description length
///   draw(rng, family, table, row)   draws a task into a row of the family's task table
/// and, where it has components that are tasks,
///   table()            these, which must be of the family's size
///
/// Models: seen_tasks<F>, dirichlet, gaussian.
template <class P, class F>
concept prior_for = std::copy_constructible<P> && task_family<F> &&
    requires(const P& p, const F& f, philox& rng, typename F::task_table& table, std::size_t i) {
    { p.size() } -> std::convertible_to<std::size_t>;
    { p.log_weight(i) } -> std::convertible_to<double>;
    { p.numbers() } -> std::same_as<std::vector<double>>;
    p.draw(rng, f, table, i);
};

/// The fold of family F over the components of prior P. Specialise it, constructible from (family, prior), with the fold's members
/// (task/family.hpp) and `pack(prior, d, column, stride)`; for seen tasks the family itself is the fold and nothing is to be specialised.
template <class F, class P>
struct predictive;

/// The family's own prior, from which fresh tasks come. Overloads `own_prior(family)` are found beside the family.
template <class F>
using own_prior_t = decltype(own_prior(std::declval<const F&>()));

}  // namespace rationale

#endif
