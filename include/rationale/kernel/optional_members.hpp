#ifndef RATIONALE_KERNEL_OPTIONAL_MEMBERS_HPP
#define RATIONALE_KERNEL_OPTIONAL_MEMBERS_HPP

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "rationale/kernel/fold_traits.hpp"

namespace rationale::kernel {

namespace member {
// Whether a class has a member of a name, whatever it is: beside another member of this name it is ambiguous.
template <class Fold, class Other>
struct beside : Fold, Other {};

struct arrive {
    int arrive;
};
struct advance {
    int advance;
};
struct state_rows {
    int state_rows;
};
struct begin {
    int begin;
};
struct consider {
    int consider;
};
struct on_lanes {
    int on_lanes;
};
struct factor {
    int factor;
};
struct log_likelihood {
    int log_likelihood;
};
struct restart {
    int restart;
};
struct complete {
    int complete;
};
struct greatest_gain {
    int greatest_gain;
};
struct greatest_log_likelihood {
    int greatest_log_likelihood;
};
struct rounding {
    int rounding;
};
struct exact_rows {
    int exact_rows;
};
struct fixed_outcomes {
    int fixed_outcomes;
};
struct reads_by_event {
    int reads_by_event;
};
struct sums_products {
    int sums_products;
};
struct factor_is_row {
    int factor_is_row;
};
}  // namespace member

/// Refuses, when it is instantiated, a fold whose optional member (task/family.hpp) cannot be called as the engines call it: one that takes
/// what is shared by reference where it is const, or is not const itself, would be passed over without a word, and another engine would
/// run. One that is inherited and not wanted is switched off by a constant of its name: `static constexpr std::nullptr_t factor =
/// nullptr;`.
template <class Fold, class Sequence>
struct optional_members {
    using traits = fold_traits<Fold, Sequence, double>;
    using shared = typename traits::shared;

    static constexpr bool has_begin = requires(const Fold& f, double* state, const shared& s) { f.begin(rows<double>{nullptr}, state, s); };
    static constexpr bool has_on_lanes = requires(const Fold& f, const shared& s, const Sequence& q) {
        f.template on_lanes<double>(q.input(0));
    }
    || requires(const Fold& f, const shared& s, const Sequence& q) { f.template on_lanes<double>(q.input(0), s); };
    static constexpr bool has_exact_rows = requires(const Fold& f) {
        { f.exact_rows() } -> std::convertible_to<std::size_t>;
    };

    template <class T>
    static constexpr bool is_off = std::is_null_pointer_v<std::remove_cv_t<T>>;
    template <class Name>
    using both = member::beside<Fold, Name>;

    static_assert(
        traits::has_arrive || requires { &both<member::arrive>::arrive; } || requires { requires is_off<decltype(Fold::arrive)>; },
        "rationale: the fold's `arrive` must be callable as arrive(shared, input) const, see rationale/task/family.hpp");
    static_assert(
        traits::has_advance || requires { &both<member::advance>::advance; } || requires { requires is_off<decltype(Fold::advance)>; },
        "rationale: the fold's `advance` must be callable as advance(shared, input, observation) const, see rationale/task/family.hpp");
    static_assert(
        traits::has_state || requires { &both<member::state_rows>::state_rows; } ||
            requires { requires is_off<decltype(Fold::state_rows)>; },
        "rationale: the fold's `state_rows` must be callable as state_rows() const, see rationale/task/family.hpp");
    static_assert(
        has_begin || requires { &both<member::begin>::begin; } || requires { requires is_off<decltype(Fold::begin)>; },
        "rationale: the fold's `begin` must be callable as begin(rows, state, shared) const with shared const, see "
        "rationale/task/family.hpp");
    static_assert(
        traits::has_consider || requires { &both<member::consider>::consider; } || requires { requires is_off<decltype(Fold::consider)>; },
        "rationale: the fold's `consider` must be callable as consider(rows, state, shared, input) const with shared const, see "
        "rationale/task/family.hpp");
    static_assert(
        has_on_lanes || requires { &both<member::on_lanes>::on_lanes; } || requires { requires is_off<decltype(Fold::on_lanes)>; },
        "rationale: the fold's `on_lanes` must be callable as on_lanes<V>(input) or on_lanes<V>(input, shared) const with shared "
        "const, see rationale/task/family.hpp");
    static_assert(
        traits::has_factor || requires { &both<member::factor>::factor; } || requires { requires is_off<decltype(Fold::factor)>; },
        "rationale: the fold's `factor` must be callable as factor(rows, shared, input, observation) const with shared const, see "
        "rationale/task/family.hpp");
    static_assert(
        traits::has_log_likelihood || requires { &both<member::log_likelihood>::log_likelihood; } ||
            requires { requires is_off<decltype(Fold::log_likelihood)>; },
        "rationale: the fold's `log_likelihood` must be callable as log_likelihood(exact, shared) const with shared const, see "
        " rationale/task/family.hpp");
    static_assert(
        traits::has_restart || requires { &both<member::restart>::restart; } || requires { requires is_off<decltype(Fold::restart)>; },
        "rationale: the fold's `restart` and `append` must be callable as shared = restart(shared) and append(shared, later) const, "
        "see rationale/task/family.hpp");
    static_assert(
        traits::has_complete || requires { &both<member::complete>::complete; } || requires { requires is_off<decltype(Fold::complete)>; },
        "rationale: the fold's `complete` must be callable as complete(shared, k, weighted, mass) const with shared const, see "
        "rationale/task/family.hpp");
    static_assert(
        traits::has_greatest_gain || requires { &both<member::greatest_gain>::greatest_gain; } ||
            requires { requires is_off<decltype(Fold::greatest_gain)>; },
        "rationale: the fold's `greatest_gain` must be callable as greatest_gain(rival, before, after)(exact) const with what is "
        "shared const, see rationale/task/family.hpp");
    static_assert(
        traits::has_greatest_log_likelihood || requires { &both<member::greatest_log_likelihood>::greatest_log_likelihood; } ||
            requires { requires is_off<decltype(Fold::greatest_log_likelihood)>; },
        "rationale: the fold's `greatest_log_likelihood` must be callable as greatest_log_likelihood(shared) const with shared "
        "const, see rationale/task/family.hpp");
    static_assert(
        traits::has_rounding || requires { &both<member::rounding>::rounding; } || requires { requires is_off<decltype(Fold::rounding)>; },
        "rationale: the fold's `rounding` must be callable as rounding(shared) const with shared const, see "
        "rationale/task/family.hpp");
    static_assert(
        has_exact_rows || requires { &both<member::exact_rows>::exact_rows; } || requires { requires is_off<decltype(Fold::exact_rows)>; },
        "rationale: the fold's `exact_rows` must be callable as exact_rows() const, see rationale/task/family.hpp");
    static_assert(
        requires { typename std::integral_constant<std::size_t, Fold::fixed_outcomes>; } ||
            requires { &both<member::fixed_outcomes>::fixed_outcomes; },
        "rationale: the fold's `fixed_outcomes` must be static and constexpr, see rationale/task/family.hpp");
    static_assert(
        requires { typename std::bool_constant<Fold::reads_by_event>; } || requires { &both<member::reads_by_event>::reads_by_event; },
        "rationale: the fold's `reads_by_event` must be static and constexpr, see rationale/task/family.hpp");
    static_assert(
        requires { typename std::bool_constant<Fold::sums_products>; } || requires { &both<member::sums_products>::sums_products; },
        "rationale: the fold's `sums_products` must be static and constexpr, see rationale/task/family.hpp");
    static_assert(
        requires { typename std::bool_constant<Fold::factor_is_row>; } || requires { &both<member::factor_is_row>::factor_is_row; },
        "rationale: the fold's `factor_is_row` must be static and constexpr, see rationale/task/family.hpp");
};

}  // namespace rationale::kernel

#endif
