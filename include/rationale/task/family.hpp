#ifndef RATIONALE_TASK_FAMILY_HPP
#define RATIONALE_TASK_FAMILY_HPP

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>

#include "rationale/kernel/fold_traits.hpp"
#include "rationale/kernel/lane_archetype.hpp"
#include "rationale/kernel/optional_members.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale {

// A task family is a generative model: a task w, then a sequence of events from it. It is a struct with
//
//   name, kind, prediction_shape       what it is called, what it predicts, and the axes of a recorded prediction after the checkpoint's
//   parameters, task_table, sequences  aggregates whose `fields` declare their members once (task/field.hpp)
//   extent(letter)                     length of a dimension of the family, 0 for a letter it does not know
//   view(sequences, s)                 sequence s: events(), and for each event input(t) and observation(t). Where events() is static,
//                                      constexpr and 1, sequences with a `factor` (below) are weighed side by side. An input that is
//                                      a struct has finite() where it has numbers, and labels_below(outcomes) where it has labels, by
//                                      which sequences that are not in the family's own arrays are checked
//
// and with the fold of a point, that is, of a task known exactly (below). Optionally
//   view_of(rows...)                   what `view` makes of a span of each of the sequences' arrays, in the order of their fields: arrays
//   of
//                                      somebody else's (arrays.hpp) are then read where they are, otherwise through copies of some at a
//                                      time
// To generate it also has
//   sample(rng, draw, sequences, s, truth)   fills sequence s; draw(table, row) draws a task from the prior in force
//   target(truth, sequences, s, out)         what an ideal predictor of sequence s would say: (events x outcomes), or the observed y
//
// A fold predicts a sequence given one component of a prior: a seen task, a Dirichlet, a Gaussian. It is written on a value type V whose
// lanes are components, so no branch may depend on a V.
//   rows(), outcomes()                             packed numbers of a component; outcomes of a prediction
//   pack(components, d, column, stride)            writes component d's numbers to column[0], column[stride], ...
//   start() -> Shared                              what all components share before the first event: counts, gains, last tokens
//   predict(rows, state, shared, input, give)      give(k, V) for each outcome k, in order
//   observe(rows, state, shared, input, expected, observation) -> V
//                                                  nats of the observation, constants included, given what was emitted
// and optionally
//   state_rows(), begin(rows, state, shared)       V's that each component carries along (a forward vector, a posterior mean)
//   consider(rows, state, shared, input) -> V      nats of the input itself, before predicting
//   arrive(shared, input)                          updates what is shared before predicting
//   advance(shared, input, observation)            updates what is shared after observing
//   temper(e)                                      from then on an observation counts e times in a component's belief w: nats are the
//                                                  log of the mean of p(observation | w)^e, and e = 0 reads nothing. For tempered<P> where
//                                                  P's components are beliefs
//   points                                         constexpr and true in place of that where they are tasks known exactly
// and, for speed,
//   on_lanes<V>(input), on_lanes<V>(input, shared) what predict, observe and factor are to see of an input, its numbers as V's for instance
//   fixed_outcomes                                 outcomes as a constant, 0 when they are not
//   reads_by_event                                 true when predict reads other rows at other events
//   log_likelihood(exact, shared) -> V             nats of all inputs and observations so far, from what is shared; kernel::log_of_zero
//                                                  or less stands for -inf
//   sums_products                                  true where log_likelihood is a sum of products, and calls nothing but
//                                                  kernel::lane_access<V>::multiply_add: it may then be summed up in float where rounding
//                                                  cannot matter
//   factor(rows, shared, input, observation) -> V  beside log_likelihood: exp of what observe returns, a probability. Weights are then
//                                                  carried as products, and no event needs an exp
//   factor_is_row                                  constexpr and true where factor(...) is rows[observation]: tempered tasks then pack its
//                                                  power
//   restart(shared) -> Shared, append(shared, later)
//                                                  beside log_likelihood(exact, shared), where the number of what is shared grows: the same
//                                                  place in a sequence with nothing counted, and the opposite. Nats of what was appended
//                                                  are the sum of both
//   factor_cell(shared, observation) -> kernel::cell   beside factor, restart and greatest_log_likelihood: an outcome's place and how
//                                                  often it came, where these alone, beside the component's numbers, determine a factor.
//                                                  It is then computed once for all sequences (kernel/cell_table.hpp)
//   cell_factor<V>(cell, body)                     calls body(f), where f(rows) -> V is that number, at most 1
//   log_factor_rest(shared, cell) -> double        log of what factor is, divided by f(rows): the same for all components
//   complete(shared, k, weighted, mass)            beside factor: outcome k of a prediction from the sum over components of weight times
//                                                  what was emitted and the sum of weights, where that is not the first itself
//   greatest_gain(rival, before, after) -> (exact -> V)  beside factor: at least the most by which a component's log likelihood can rise
//                                                  over that of another, the rival, anywhere between two states of what is shared;
//                                                  sharpens what is left out (kernel::gain_on_rival)
//   greatest_log_likelihood(shared) -> double      beside log_likelihood(exact, shared): what a component could have at most, so that what
//                                                  each one lacks of it only grows from event to event; lets components be left out.
//                                                  Beside factor_cell it scales weights alone, and what is lacked may fall
//   rounding(shared) -> double                     beside greatest_log_likelihood: by how many nats log_likelihood may be off where its
//                                                  terms cancel. Where that is more than 1e-8 no component is left out, so that log weights
//                                                  are sums of what observe returned and never counted from what is shared
//   exact_rows()                                   numbers of a component, packed after the first rows(), that log_likelihood and
//                                                  greatest_gain read as `exact` in double; without it they read the first rows()

namespace detail {

using kernel::lane_archetype;

struct rows_archetype {
    lane_archetype operator[](std::size_t) const { return {}; }
};

struct emit_archetype {
    void operator()(std::size_t, lane_archetype) const {}
};

template <class F>
using view_of = decltype(std::declval<const F&>().view(std::declval<const typename F::sequences&>(), std::size_t{}));
template <class F>
using input_of = decltype(std::declval<const view_of<F>&>().input(std::size_t{}));
template <class F>
using observation_of = decltype(std::declval<const view_of<F>&>().observation(std::size_t{}));

}  // namespace detail

/// Describes tasks and sequences: names, shapes, and access to one sequence.
template <class F>
concept task_family = std::copy_constructible<F> && requires(const F& f, const typename F::sequences& q, std::size_t s) {
    { F::name } -> std::convertible_to<std::string_view>;
    { F::kind } -> std::convertible_to<prediction_kind>;
    { F::prediction_shape } -> std::convertible_to<std::string_view>;
    typename F::task_table;
    { f.extent('K') } -> std::convertible_to<std::size_t>;
    { f.outcomes() } -> std::convertible_to<std::size_t>;
    { f.view(q, s).events() } -> std::convertible_to<std::size_t>;
    f.view(q, s).input(s);
    f.view(q, s).observation(s);
};

/// Predicts sequences of family F given one component of a prior.
template <class Fold, class F>
concept fold_of = requires(const Fold& fold, detail::rows_archetype rows, detail::lane_archetype* state,
                           const detail::lane_archetype* const_state, detail::input_of<F> input, detail::observation_of<F> observation,
                           detail::emit_archetype give) {
    { fold.rows() } -> std::convertible_to<std::size_t>;
    { fold.outcomes() } -> std::convertible_to<std::size_t>;
    fold.start();
    fold.predict(rows, const_state, fold.start(), kernel::on_lanes<detail::lane_archetype>(fold, input, fold.start()), give);
    {
        fold.observe(rows, state, fold.start(), kernel::on_lanes<detail::lane_archetype>(fold, input, fold.start()), const_state,
                     observation)
        } -> std::same_as<detail::lane_archetype>;
};

namespace detail {
/// The fold itself, or, where all that it has is handed on to another, that one.
template <class Fold>
struct fold_of_members {
    using type = Fold;
};
template <class Fold>
    requires requires { requires std::derived_from<Fold, typename Fold::fold>; }
struct fold_of_members<Fold> {
    using type = typename fold_of_members<typename Fold::fold>::type;
};

/// Never run: its instantiation refuses optional members that nobody could call, and compiles a fold's bodies on the archetype, which a
/// concept does not.
template <class F, class Fold>
void compile_fold(const Fold& fold, lane_archetype* state, input_of<F> input, observation_of<F> observation) {
    (void)sizeof(kernel::optional_members<typename fold_of_members<Fold>::type, view_of<F>>);  // which is instantiated
    auto shared = fold.start();
    const rows_archetype rows;
    const lane_archetype* const expected = state;
    if constexpr (requires { fold.begin(rows, state, shared); }) fold.begin(rows, state, shared);
    if constexpr (requires { fold.consider(rows, state, shared, input); }) (void)fold.consider(rows, state, shared, input);
    const auto& seen = kernel::on_lanes<lane_archetype>(fold, input, shared);
    fold.predict(rows, expected, shared, seen, emit_archetype{});
    (void)fold.observe(rows, state, shared, seen, expected, observation);
    if constexpr (requires { fold.factor(rows, shared, seen, observation); }) (void)fold.factor(rows, shared, seen, observation);
    if constexpr (requires { fold.log_likelihood(rows, shared); }) (void)fold.log_likelihood(rows, shared);
}
}  // namespace detail

/// A family that predicts from a task known exactly, so that a set of seen tasks can serve as its prior.
template <class F>
concept point_family = task_family<F> && fold_of<F, F> &&
    requires(const F& f, const typename F::task_table& tasks, std::size_t d, double* column) {
    f.pack(tasks, d, column, d);
};

/// A family that can generate tasks and sequences.
template <class F>
concept generative_family = task_family<F> &&
    requires(const F& f, const typename F::sequences& q, const typename F::task_table& truth, std::span<double> out) {
    f.target(truth, q, std::size_t{}, out);
};

}  // namespace rationale

#endif
