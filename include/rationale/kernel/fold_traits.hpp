#ifndef RATIONALE_KERNEL_FOLD_TRAITS_HPP
#define RATIONALE_KERNEL_FOLD_TRAITS_HPP

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "rationale/kernel/cell_table.hpp"
#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel {

/// What a fold reads of an input at an event: its own copy of it on lanes, or a copy of the input, which may have been made for the call.
template <class V, class Fold, class Input, class Shared>
[[nodiscard]] auto on_lanes(const Fold& fold, const Input& input, const Shared& shared) {
    if constexpr (requires { fold.template on_lanes<V>(input, shared); }) return fold.template on_lanes<V>(input, shared);
    else if constexpr (requires { fold.template on_lanes<V>(input); }) return fold.template on_lanes<V>(input);
    else return input;
}

/// Which of the optional members (task/family.hpp) a fold has, when it reads sequences of type Sequence on lanes of type V.
template <class Fold, class Sequence, class V>
struct fold_traits {
    using shared = decltype(std::declval<const Fold&>().start());

    static constexpr bool has_arrive = requires(const Fold& f, shared& s, const Sequence& q) { f.arrive(s, q.input(0)); };
    static constexpr bool has_advance = requires(const Fold& f, shared& s, const Sequence& q) {
        f.advance(s, q.input(0), q.observation(0));
    };
    static constexpr bool has_state = requires(const Fold& f) { f.state_rows(); };
    static constexpr bool has_consider = requires(const Fold& f, V* state, const shared& s, const Sequence& q) {
        f.consider(rows<V>{nullptr}, state, s, q.input(0));
    };
    static constexpr bool has_log_likelihood = requires(const Fold& f, const shared& s) { f.log_likelihood(rows<double>{nullptr}, s); };
    static constexpr bool has_greatest_log_likelihood = requires(const Fold& f, const shared& s) {
        { f.greatest_log_likelihood(s) } -> std::convertible_to<double>;
    };
    static constexpr bool has_rounding = requires(const Fold& f, const shared& s) {
        { f.rounding(s) } -> std::convertible_to<double>;
    };
    static constexpr bool has_restart = requires(const Fold& f, shared& s) {
        s = f.restart(s);
        f.append(s, s);
    };
    static constexpr bool has_complete = requires(const Fold& f, const shared& s) { f.complete(s, std::size_t{}, double{}, double{}); };
    static constexpr bool has_factor = requires(const Fold& f, const shared& s, const Sequence& q) {
        f.factor(rows<V>{nullptr}, s, on_lanes<V>(f, q.input(0), s), q.observation(0));
    };
    /// Whether a component's factors are numbers that a cell determines, times one that all components share.
    static constexpr bool has_cells = requires(const Fold& f, const shared& s, const Sequence& q, const cell& c) {
        { f.factor_cell(s, q.observation(0)) } -> std::same_as<cell>;
        { f.log_factor_rest(s, c) } -> std::convertible_to<double>;
        { f.greatest_log_likelihood(s) } -> std::convertible_to<double>;
        f.template cell_factor<V>(c, [](const auto&) {});
    };
    static constexpr bool has_greatest_gain = requires(const Fold& f, const shared& s) {
        f.greatest_gain(rows<double>{nullptr}, s, s)(rows<double>{nullptr});
    };
    /// Whether the type of sequences says that they have one event.
    static constexpr bool single_event = [] {
        if constexpr (requires { typename std::integral_constant<std::size_t, Sequence::events()>; }) return Sequence::events() == 1;
        else return false;
    }();
    /// Whether each event reads other numbers of a component, so that reading one once for several events gains nothing.
    static constexpr bool reads_by_event = requires { requires Fold::reads_by_event; };
    /// Whether log_likelihood is a sum of products.
    static constexpr bool sums_products = requires { requires Fold::sums_products; };
    /// Outcomes when few and known at compile time, so that their sums can stay in registers; 0 otherwise.
    static constexpr std::size_t fixed_outcomes = [] {
        if constexpr (requires { Fold::fixed_outcomes; }) return Fold::fixed_outcomes <= 16 ? Fold::fixed_outcomes : std::size_t{0};
        else return std::size_t{0};
    }();

    /// Outcome k of a prediction, up to the sum of weights.
    static double complete(const Fold& f, const shared& s, std::size_t k, double weighted, double mass) {
        if constexpr (has_complete) return f.complete(s, k, weighted, mass);
        else return weighted;
    }
    /// Event t comes into view.
    static void enter(const Fold& f, shared& s, const Sequence& q, std::size_t t) {
        if constexpr (has_arrive)
            if (t < q.events()) f.arrive(s, q.input(t));
    }
    /// Event t is over.
    static void leave(const Fold& f, shared& s, const Sequence& q, std::size_t t) {
        if constexpr (has_advance) f.advance(s, q.input(t), q.observation(t));
    }
};

/// Numbers of a component that log_likelihood and greatest_gain read, beside those that events read; 0 when they are the same.
template <class Fold>
[[nodiscard]] std::size_t exact_rows(const Fold& fold) {
    if constexpr (requires { fold.exact_rows(); }) return fold.exact_rows();
    else return 0;
}

/// Numbers of a component that one event reads.
template <class Fold>
[[nodiscard]] std::size_t event_rows(const Fold& fold) {
    if constexpr (requires { requires Fold::reads_by_event; }) return (std::min)(fold.rows(), fold.outcomes() + 1);
    else return fold.rows();
}

}  // namespace rationale::kernel

#endif
