#ifndef RATIONALE_STRATEGY_STRATEGY_HPP
#define RATIONALE_STRATEGY_STRATEGY_HPP

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "rationale/execution.hpp"
#include "rationale/kernel/detail/simd.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/field.hpp"

namespace rationale {

namespace detail {
template <class S>
using family_of = std::remove_cvref_t<decltype(std::declval<const S&>().family())>;
}  // namespace detail

/// A strategy says, before each event of a sequence and from what came before it alone, what comes next.
///
///   name                 "memorizing", "generalizing", ... as reports have it
///   family()             the family whose sequences it predicts
///   predict_sequence(view, values, log_evidence)   fills values (events x outcomes, row-major) and log_evidence (events + 1): the log
///                        density in nats, constants included, of all that was observed before each event and, last, of the whole sequence;
///                        the evidence is -inf at an event whose context the strategy excludes, and values there count for nothing:
///                        `predict` makes them NaN
///   numbers()            the numbers that it must store, as float64: its description length is theirs and its program's
///
/// The length of its program, where it is known, is its member program_bits (strategy/program.hpp). One that knows what storing its numbers
/// takes otherwise than by compressing them has bits(). One that gains from many sequences at a time has predict_sequences(count, view,
/// values, log_evidence, execute), whose view(i), values(i) and log_evidence(i) are those of sequence i, and log_evidences(count, view,
/// log_evidence, execute). One whose expected loss has a closed form under some prior of the tasks has expected_loss(prior, context) in
/// nats per position. Models: bayes<F, P>, copying<F>, constant<F>, any_strategy<F>.
template <class S>
concept strategy = std::copy_constructible<S> && task_family<detail::family_of<S>> &&
    requires(const S& s, const detail::view_of<detail::family_of<S>>& view, std::span<double> out) {
    { s.name() } -> std::convertible_to<std::string_view>;
    { s.numbers() } -> std::same_as<std::vector<double>>;
    s.predict_sequence(view, out, out);
};

/// What to do with a context that a strategy excludes, for instance a token that no seen task ever shows.
enum class impossible_context {
    raise,  ///< throw impossible_context_error
    mask    ///< predict NaN from there on
};

/// A strategy gives probability 0 to what a sequence shows.
class impossible_context_error : public std::domain_error {
public:
    /// Before event `at_event` of sequence `at_sequence`.
    impossible_context_error(std::string_view strategy, std::size_t at_sequence, std::size_t at_event)
        : std::domain_error("rationale::predict: " + std::string(strategy) + " gives probability 0 to what sequence " +
                            std::to_string(at_sequence) + " shows before event " + std::to_string(at_event)),
          sequence(at_sequence),
          event(at_event) {}
    /// Where it happened, counted from 0.
    std::size_t sequence, event;
};

namespace detail {
/// By the member for many sequences at a time, where there is one.
template <class S, class View, class Values, class Evidence>
void predict_sequences(const S& s, std::size_t count, const View& view, const Values& values, const Evidence& log_evidence,
                       const any_executor& execute) {
    if constexpr (requires { s.predict_sequences(count, view, values, log_evidence, execute); })
        s.predict_sequences(count, view, values, log_evidence, execute);
    else execute(count, [&](std::size_t i) { s.predict_sequence(view(i), values(i), log_evidence(i)); });
}
/// By the member for evidence alone, where there is one.
template <class S, class View, class Evidence>
void log_evidences(const S& s, std::size_t count, const View& view, const Evidence& log_evidence, const any_executor& execute) {
    if constexpr (requires { s.log_evidences(count, view, log_evidence, execute); }) {
        s.log_evidences(count, view, log_evidence, execute);
    } else {
        execute(count, [&](std::size_t i) {
            const auto sequence = view(i);
            std::vector<double> unused(sequence.events() * s.family().outcomes());
            s.predict_sequence(sequence, std::span<double>(unused), log_evidence(i));
        });
    }
}

/// Number of sequences. Whether their numbers are finite is seen in the evidence: check_seen.
template <task_family F>
[[nodiscard]] std::size_t sequence_count(const char* where, const F& family, const typename F::sequences& data) {
    check_fields<false>(where, data, [&](char letter) { return family.extent(letter); });
    return count_of(data);
}
/// Sequence s, once it is known to be there, to fit the family and to have t events; of others the shapes alone are looked at. Throws
/// std::invalid_argument otherwise.
template <task_family F>
[[nodiscard]] auto checked_view(const char* where, const F& family, const typename F::sequences& data, std::size_t s, std::size_t t) {
    check_index(where, "sequence", s, count_of(data));
    check_arrays<true, typename F::sequences>(
        where, [&](const auto& f) -> const auto& { return data.*f.member; }, [&](char letter) { return family.extent(letter); }, s);
    auto view = family.view(data, s);
    check_index(where, "event", t, view.events() + 1);
    return view;
}
/// Calls look_at(i), which throws std::invalid_argument for a sequence i with a number that is not finite, where there can be one: it makes
/// the evidence of the whole sequence no number, or -inf, for every component.
template <class Check>
void check_seen(const ndarray<double, 2>& log_evidence, const Check& look_at) {
    const std::size_t last = log_evidence.shape(1) - 1;
    for (std::size_t i = 0; i < log_evidence.shape(0); ++i)
        if (!std::isfinite(log_evidence(i, last))) look_at(i);
}
/// Throws impossible_context_error for the first event whose context has no evidence.
inline void raise_impossible(std::string_view strategy, const ndarray<double, 2>& log_evidence) {
    for (std::size_t i = 0; i < log_evidence.shape(0); ++i)
        for (std::size_t t = 0; t + 1 < log_evidence.shape(1); ++t)
            if (log_evidence(i, t) == kernel::minus_infinity) throw impossible_context_error(strategy, i, t);
}

/// Makes values NaN at events whose context has no evidence.
inline void mask_impossible(predictions& p) {
    for (std::size_t i = 0; i < p.sequences(); ++i)
        for (std::size_t t = 0; t < p.events(); ++t)
            if (p.log_evidence(i, t) == kernel::minus_infinity)
                std::fill_n(&p.values(i, t, 0), p.outcomes(), std::numeric_limits<double>::quiet_NaN());
}

/// Predictions of sequences wherever they are: `each_block(run)` calls run(first, n, view), whose view(i) is number first + i of `count`,
/// for all of them, the first first; `look_at` as check_seen has it.
template <class S, class Blocks, class Check>
[[nodiscard]] predictions predict_blocks(const S& s, std::size_t count, const Blocks& each_block, const Check& look_at,
                                         const any_executor& execute, impossible_context policy) {
    predictions out{family_of<S>::kind, {}, {}};
    each_block([&](std::size_t first, std::size_t n, const auto& view) {
        if (first == 0) {
            const std::size_t events = n == 0 ? 0 : view(0).events();
            out.values = unwritten<double, 3>({count, events, s.family().outcomes()});
            out.log_evidence = unwritten<double, 2>({count, events + 1});
        }
        predict_sequences(
            s, n, view, [&](std::size_t i) { return row(out.values, first + i); },
            [&](std::size_t i) { return row(out.log_evidence, first + i); }, execute);
    });
    check_seen(out.log_evidence, look_at);
    if (policy == impossible_context::raise) raise_impossible(s.name(), out.log_evidence);
    else mask_impossible(out);
    return out;
}
/// Their log evidence.
template <class S, class Blocks, class Check>
[[nodiscard]] ndarray<double, 2> log_evidence_of_blocks(const S& s, std::size_t count, const Blocks& each_block, const Check& look_at,
                                                        const any_executor& execute) {
    ndarray<double, 2> out;
    each_block([&](std::size_t first, std::size_t n, const auto& view) {
        if (first == 0) out = unwritten<double, 2>({count, (n == 0 ? 0 : view(0).events()) + 1});
        log_evidences(
            s, n, view, [&](std::size_t i) { return row(out, first + i); }, execute);
    });
    check_seen(out, look_at);
    return out;
}
/// Of one block: `view(i)` is number i.
template <class S, class View, class Check>
[[nodiscard]] predictions predict_views(const S& s, std::size_t count, const View& view, const Check& look_at, const any_executor& execute,
                                        impossible_context policy) {
    return predict_blocks(
        s, count, [&](const auto& run) { run(std::size_t{0}, count, view); }, look_at, execute, policy);
}
template <class S, class View, class Check>
[[nodiscard]] ndarray<double, 2> log_evidence_of_views(const S& s, std::size_t count, const View& view, const Check& look_at,
                                                       const any_executor& execute) {
    return log_evidence_of_blocks(
        s, count, [&](const auto& run) { run(std::size_t{0}, count, view); }, look_at, execute);
}
}  // namespace detail

/// Predictions of a strategy for every event of every sequence, with the log evidence before each. The result does not depend on the
/// executor. Throws std::invalid_argument when the arrays do not fit the family, and impossible_context_error, naming the position, unless
/// told to mask. Cost: sequences x events x components x the fold's work.
template <strategy S>
[[nodiscard]] predictions predict(const S& s, const typename detail::family_of<S>::sequences& data,
                                  const any_executor& execute = sequential{}, impossible_context policy = impossible_context::raise) {
    constexpr const char* where = "rationale::predict";
    detail::need_ieee(where);
    const std::size_t count = detail::sequence_count(where, s.family(), data);
    return detail::predict_views(
        s, count, [&](std::size_t i) { return s.family().view(data, i); }, [&](std::size_t i) { detail::check_rows(where, data, i); },
        execute, policy);
}

namespace detail {
/// Throws std::invalid_argument unless all views have as many events as the first, and the outcomes that they show, an input's labels
/// among them, are some of the family's.
template <class F, class View>
void check_views(const char* where, const F& family, std::size_t count, const View& view) {
    using observation = std::remove_cvref_t<decltype(view(0).observation(0))>;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& one = view(i);
        if (const std::size_t events = view(0).events(); one.events() != events)
            throw std::invalid_argument(std::string(where) + ": sequence " + std::to_string(i) + " has " + std::to_string(one.events()) +
                                        " events, must have " + std::to_string(events) + " as sequence 0");
        if constexpr (std::is_integral_v<observation>)
            for (std::size_t t = 0; t < one.events(); ++t)
                if (!(one.observation(t) < family.outcomes()))
                    throw std::invalid_argument(std::string(where) + ": event " + std::to_string(t) + " of sequence " + std::to_string(i) +
                                                " is none of the " + std::to_string(family.outcomes()) + " outcomes");
        if constexpr (requires { one.input(0).labels_below(family.outcomes()); })
            for (std::size_t t = 0; t < one.events(); ++t)
                if (!one.input(t).labels_below(family.outcomes()))
                    throw std::invalid_argument(std::string(where) + ": a label in the context of event " + std::to_string(t) +
                                                " of sequence " + std::to_string(i) + " is none of the " +
                                                std::to_string(family.outcomes()) + " outcomes");
    }
}
/// Throws std::invalid_argument for a number that is not finite in what a view shows: a number, a range of numbers, or a struct that says
/// so by its member finite().
template <class View>
void check_finite_view(const char* where, const View& one, std::size_t i) {
    const auto finite = [&](const auto& x) {
        if constexpr (std::is_floating_point_v<std::remove_cvref_t<decltype(x)>>) return std::isfinite(x);
        else if constexpr (std::ranges::range<decltype(x)>)
            return std::all_of(x.begin(), x.end(), [](const auto& v) { return std::isfinite(v); });
        else if constexpr (requires { x.finite(); }) return x.finite();
        else return true;
    };
    for (std::size_t t = 0; t < one.events(); ++t)
        if (!finite(one.input(t)) || !finite(one.observation(t)))
            throw std::invalid_argument(std::string(where) + ": event " + std::to_string(t) + " of sequence " + std::to_string(i) +
                                        " has a number that is not finite");
}
}  // namespace detail

/// The same of sequences wherever they are in memory, without a copy: `view(i)` is number i of `count` as the family sees one, such as
/// F::sequence_view of spans of memory of yours, or, for strategies that are Bayesian, anything with its members, such as token_view of
/// tokens of another type. Whole arrays are simpler, see arrays.hpp. All have as many events. Throws std::invalid_argument otherwise, for
/// an outcome that is none of the family's, and for numbers that are not finite.
template <strategy S, class View>
    requires requires(const View& view) {
        { view(std::size_t{}).events() } -> std::convertible_to<std::size_t>;
        { view(std::size_t{}).observation(std::size_t{}) } -> std::convertible_to<detail::observation_of<detail::family_of<S>>>;
        view(std::size_t{}).input(std::size_t{});
    }
[[nodiscard]] predictions predict(const S& s, std::size_t count, const View& view, const any_executor& execute = sequential{},
                                  impossible_context policy = impossible_context::raise) {
    constexpr const char* where = "rationale::predict";
    static_assert(!std::is_integral_v<std::remove_cvref_t<decltype(view(0).input(0))>>,
                  "rationale::predict: inputs that are numbers of a table are read from arrays, see rationale/arrays.hpp");
    detail::need_ieee(where);
    detail::check_views(where, s.family(), count, view);
    return detail::predict_views(
        s, count, view, [&](std::size_t i) { detail::check_finite_view(where, view(i), i); }, execute, policy);
}

/// Log evidence alone, (sequence, event) in nats, as predict returns it: -inf from where a strategy excludes the context. Its differences
/// are the log loss of what was observed. Where weights are carried as products that is a multiplication and an addition an event and
/// component.
template <strategy S>
[[nodiscard]] ndarray<double, 2> log_evidence(const S& s, const typename detail::family_of<S>::sequences& data,
                                              const any_executor& execute = sequential{}) {
    constexpr const char* where = "rationale::log_evidence";
    detail::need_ieee(where);
    const std::size_t count = detail::sequence_count(where, s.family(), data);
    return detail::log_evidence_of_views(
        s, count, [&](std::size_t i) { return s.family().view(data, i); }, [&](std::size_t i) { detail::check_rows(where, data, i); },
        execute);
}

}  // namespace rationale

#endif
