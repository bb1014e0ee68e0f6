// A family's side of predictors.hpp: arrays of Python's as they are, and strategies by name.
#ifndef RATIONALE_PYTHON_FAMILY_HPP
#define RATIONALE_PYTHON_FAMILY_HPP

#include <algorithm>
#include <concepts>
#include <functional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "predictors.hpp"
#include "rationale/prior/memory.hpp"
#include "rationale/prior/remembered.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/prior/tempered.hpp"
#include "rationale/strategy/any_strategy.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/strategy_list.hpp"

namespace rationale::python {

/// An array_view with the members that check_arrays reads.
template <class Array>
struct borrowed_array {
    using value_type = typename Array::value_type;
    const array_view& of;
    [[nodiscard]] const value_type* data() const { return static_cast<const value_type*>(of.data); }
    [[nodiscard]] std::size_t shape(std::size_t axis) const { return of.shape[axis]; }
    [[nodiscard]] std::size_t size() const {
        std::size_t n = 1;
        for (const std::size_t length : of.shape) n *= length;
        return n;
    }
};

/// Entry s of an array along its first axis.
template <class T>
[[nodiscard]] std::span<const T> row_of(const array_view& a, std::size_t s) {
    const std::size_t n = borrowed_array<ndarray<T, 1>>{a}.size() / (std::max)(a.shape[0], std::size_t{1});
    return {static_cast<const T*>(a.data) + s * n, n};
}

template <class Owner>
[[nodiscard]] std::vector<array_facts> facts_of() {
    std::vector<array_facts> out;
    for_each_field<Owner>([&](const auto& f) {
        using number = typename std::remove_cvref_t<decltype(std::declval<Owner&>().*f.member)>::value_type;
        out.push_back({std::string(f.name), std::string(f.shape), std::is_same_v<number, double> ? 'd' : sizeof(number) == 4 ? 'i' : 'q'});
    });
    return out;
}

/// Calls visit(field, array) for Owner's fields and the arrays in their place. Throws std::invalid_argument for another number of arrays or
/// axes.
template <class Owner, class Visit>
void visit_arrays(const char* where, std::span<const array_view> arrays, const Visit& visit) {
    detail::check_size(where, "the list of arrays", arrays.size(), std::tuple_size_v<std::remove_cvref_t<decltype(Owner::fields)>>);
    std::size_t at = 0;
    for_each_field<Owner>([&](const auto& f) {
        const auto& a = arrays[at++];
        if (a.shape.size() != f.shape.size())
            throw std::invalid_argument(std::string(where) + ": " + std::string(f.name) + " has " + std::to_string(a.shape.size()) +
                                        " axes, must have " + std::to_string(f.shape.size()) + " (" + std::string(f.shape) + ")");
        visit(f, borrowed_array<std::remove_cvref_t<decltype(std::declval<Owner&>().*f.member)>>{a});
    });
}

/// Copies entries `first` to `first` + count of every array.
template <class Owner>
[[nodiscard]] Owner copy_of(const char* where, std::span<const array_view> arrays, std::size_t first = 0, std::size_t count = dynamic) {
    Owner out;
    visit_arrays<Owner>(where, arrays, [&](const auto& f, const auto& from) {
        auto& to = out.*f.member;
        typename std::remove_cvref_t<decltype(to)>::shape_type shape{};
        for (std::size_t i = 0; i < shape.size(); ++i) shape[i] = from.shape(i);
        const std::size_t apart = from.size() / (std::max)(shape[0], std::size_t{1});
        shape[0] = (std::min)(count, shape[0] - (std::min)(first, shape[0]));
        to.resize(shape);
        std::copy_n(from.data() + first * apart, shape[0] * apart, to.data());
    });
    return out;
}

/// The arrays of an owner that lives as long as any of them.
template <class Owner>
void hand_over(Owner&& owner, std::vector<array_value>& out) {
    const auto kept = std::make_shared<const Owner>(std::forward<Owner>(owner));
    std::size_t at = 0;
    const auto facts = facts_of<Owner>();
    for_each_field<Owner>([&](const auto& f) {
        const auto& a = (*kept).*f.member;
        out.push_back({facts[at++], {a.data(), {a.shape().begin(), a.shape().end()}}, kept});
    });
}

/// Sequence s of arrays as the family sees it.
template <class F>
[[nodiscard]] auto view_of_arrays(const F& family, std::span<const array_view> a, std::size_t s) {
    using sequences = typename F::sequences;
    return [&]<class... Array, std::size_t... Index>(const std::tuple<field<sequences, Array>...>&, std::index_sequence<Index...>) {
        return family.view_of(row_of<typename Array::value_type>(a[Index], s)...);
    }(sequences::fields, std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<decltype(sequences::fields)>>>());
}

/// Throws std::invalid_argument unless the arrays are sequences of the family; how many there are.
template <class F>
[[nodiscard]] std::size_t count_of(const char* where, const F& family, std::span<const array_view> a) {
    visit_arrays<typename F::sequences>(where, a, [](const auto&, const auto&) {});
    std::size_t at = 0;
    const auto array_of = [&]<class Array>(const field<typename F::sequences, Array>&) { return borrowed_array<Array>{a[at++]}; };
    detail::check_arrays<false, typename F::sequences>(where, array_of, [&](char letter) { return family.extent(letter); });
    return a[0].shape[0];
}

template <class F>
class strategy_of final : public strategy_handle {
public:
    template <class S>
    explicit strategy_of(S s) : held_(s) {
        if constexpr (requires(const typename F::sequences& q) { s.posterior(q, 0, 0); })
            posterior_ = [of = std::move(s)](const typename F::sequences& q, std::size_t event) { return of.posterior(q, 0, event); };
    }
    [[nodiscard]] const any_strategy<F>& held() const { return held_; }
    [[nodiscard]] std::string name() const override { return std::string(held_.name()); }
    [[nodiscard]] std::vector<double> numbers() const override { return held_.numbers(); }
    [[nodiscard]] std::optional<double> bits() const override { return held_.bits(); }
    [[nodiscard]] std::optional<double> program_bits() const override { return held_.program_length(); }
    [[nodiscard]] predictions predict(std::span<const array_view> sequences, const interruptible& execute, bool mask) const override {
        return with("rationale::predict", sequences, [&](std::size_t count, const auto& view, const auto& check) {
            return detail::predict_views(held_, count, view, check, execute, mask ? impossible_context::mask : impossible_context::raise);
        });
    }
    [[nodiscard]] ndarray<double, 2> log_evidence(std::span<const array_view> sequences, const interruptible& execute) const override {
        return with("rationale::log_evidence", sequences, [&](std::size_t count, const auto& view, const auto& check) {
            return detail::log_evidence_of_views(held_, count, view, check, execute);
        });
    }
    [[nodiscard]] std::vector<double> posterior(std::span<const array_view> sequences, std::size_t sequence,
                                                std::size_t event) const override {
        constexpr const char* where = "rationale::bayes::posterior";
        if (!posterior_) throw std::invalid_argument("rationale::posterior: " + name() + " has no prior, expected a Bayesian strategy");
        detail::check_index(where, "sequence", sequence, count_of(where, held_.family(), sequences));
        return posterior_(copy_of<typename F::sequences>(where, sequences, sequence, 1), event);
    }

private:
    template <class Use>
    auto with(const char* where, std::span<const array_view> sequences, const Use& use) const {
        detail::need_ieee(where);
        const F& family = held_.family();
        const std::size_t count = count_of(where, family, sequences);
        return use(
            count, [&](std::size_t i) { return view_of_arrays(family, sequences, i); },
            [&](std::size_t i) {
                visit_arrays<typename F::sequences>(where, sequences, [&](const auto& f, const auto& a) {
                    if constexpr (std::is_floating_point_v<typename std::remove_cvref_t<decltype(a)>::value_type>)
                        detail::check_row(where, f.name, detail::entry_of(a, i), i);
                });
            });
    }

    any_strategy<F> held_;
    std::function<std::vector<double>(const typename F::sequences&, std::size_t)> posterior_;
};

/// Strategies that only some families have: null for a kind that is none of F's.
template <class F>
std::unique_ptr<strategy_handle> make_own(const F&, const strategy_request&, const std::function<seen_tasks<F>()>&) {
    return nullptr;
}

template <class F>
class family_of final : public family_handle {
public:
    explicit family_of(F family) : family_(std::move(family)) {}
    [[nodiscard]] std::string name() const override { return std::string(F::name); }
    [[nodiscard]] std::string prediction_axes() const override { return std::string(F::prediction_shape); }
    [[nodiscard]] parameters values() const override {
        parameters out;
        for_each_field<typename F::parameters>([&](const auto& f) {
            const auto& value = family_.values().*f.member;
            using type = std::remove_cvref_t<decltype(value)>;
            if constexpr (std::is_same_v<type, std::optional<double>>) {
                if (value) out[std::string(f.name)] = *value;
            } else if constexpr (std::is_same_v<type, std::size_t>) out[std::string(f.name)] = static_cast<std::int64_t>(value);
            else out[std::string(f.name)] = value;
        });
        return out;
    }
    [[nodiscard]] std::vector<array_facts> task_arrays() const override { return facts_of<typename F::task_table>(); }
    [[nodiscard]] std::vector<array_facts> sequence_arrays() const override { return facts_of<typename F::sequences>(); }

    [[nodiscard]] std::unique_ptr<strategy_handle> make(const strategy_request& r) const override {
        const std::function<seen_tasks<F>()> seen = [&] { return seen_of("rationale::seen_tasks", r.tasks, r.weights); };
        if (r.kind == "memorizing" && r.in_float && r.exponent == 1) return held(memorizing<F, float>(family_, seen()));
        if (r.in_float)
            throw std::invalid_argument("rationale: " + r.kind + " is float64, float32 is for memorizing with an exponent of 1");
        if (r.kind == "memorizing")
            return r.exponent == 1 ? held(memorizing<F>(family_, seen())) : held(bayes(family_, tempered(seen(), r.exponent)));
        if (r.kind == "generalizing" && r.exponent == 1) return held(generalizing<F>(family_));
        if (r.kind == "constant") return held(constant<F>(family_));
        if (auto own = make_own(family_, r, seen)) return own;
        if constexpr (requires { memory<F>(family_); }) {
            if (r.kind == "remembered" && r.precision.size() == 1)
                return of_memory(remembered(family_, seen(), r.precision[0]), r.exponent);
            if constexpr (F::kind == prediction_kind::distribution)
                if (r.kind == "remembered") return of_memory(remembered(family_, seen(), r.precision), r.exponent);
            if (r.kind == "remembered")
                throw std::invalid_argument("rationale::remembered: the family " + name() + " must have one precision for all tasks");
            if constexpr (std::same_as<generalizing<F>, bayes<F, own_prior_t<F>>>)
                if (r.kind == "generalizing") return held(bayes(family_, tempered(own_prior(family_), r.exponent)));
        }
        throw std::invalid_argument("rationale: the family " + name() + " has no strategy " + r.kind +
                                    (r.exponent == 1 ? "" : " with an exponent"));
    }

    [[nodiscard]] std::vector<array_value> sample_tasks(std::size_t count, std::uint64_t seed) const override {
        std::vector<array_value> out;
        hand_over(rationale::sample_tasks(family_, own_prior(family_), count, seed), out);
        return out;
    }
    [[nodiscard]] std::vector<array_value> sample_sequences(std::span<const array_view> tasks, const std::vector<double>& weights,
                                                            std::size_t count, std::size_t context, std::uint64_t seed,
                                                            std::uint64_t first) const override {
        constexpr const char* where = "rationale::sample_sequences";
        auto drawn = tasks.empty() ? rationale::sample_sequences(family_, own_prior(family_), count, context, seed, first)
                                   : rationale::sample_sequences(family_, seen_of(where, tasks, weights), count, context, seed, first);
        std::vector<array_value> out;
        hand_over(std::move(drawn.sequences), out);
        hand_over(std::move(drawn.truth), out);
        return out;
    }
    [[nodiscard]] loss_estimate losses(std::span<const strategy_handle* const> all, std::span<const array_view> tasks,
                                       const std::vector<double>& weights, std::size_t context, const loss_options& options,
                                       const interruptible& execute) const override {
        std::vector<any_strategy<F>> list;
        for (const auto* s : all) {
            const auto* of = dynamic_cast<const strategy_of<F>*>(s);
            if (of == nullptr) throw std::invalid_argument("rationale::losses: a strategy is of another family than " + name());
            list.push_back(of->held());
        }
        return estimate_losses(strategy_list<F>(std::move(list)), seen_of("rationale::losses", tasks, weights), context, options, execute);
    }

private:
    template <class S>
    static std::unique_ptr<strategy_handle> held(S s) {
        return std::make_unique<strategy_of<F>>(std::move(s));
    }
    template <class P>
    std::unique_ptr<strategy_handle> of_memory(P prior, double exponent) const {
        return exponent == 1 ? held(bayes(family_, std::move(prior))) : held(bayes(family_, tempered(std::move(prior), exponent)));
    }
    [[nodiscard]] seen_tasks<F> seen_of(const char* where, std::span<const array_view> tasks, const std::vector<double>& weights) const {
        return seen_tasks<F>(family_, copy_of<typename F::task_table>(where, tasks), weights);
    }

    F family_;
};

/// Sets a family's parameter from a number of Python's.
template <class T>
void set_parameter(T& to, const std::string& what, const parameter& from) {
    const auto* whole = std::get_if<std::int64_t>(&from);
    const auto* real = std::get_if<double>(&from);
    const auto fail = [&](const char* wanted) { throw std::invalid_argument(what + " must be " + wanted); };
    if constexpr (std::is_same_v<T, bool>) {
        if (!std::holds_alternative<bool>(from)) fail("True or False");
        to = std::get<bool>(from);
    } else if constexpr (std::is_same_v<T, std::size_t>) {
        if (whole == nullptr || *whole < 0) fail("a whole number of at least 0");
        to = static_cast<std::size_t>(*whole);
    } else {
        if constexpr (std::is_same_v<T, std::vector<double>>) {
            if (const auto* list = std::get_if<std::vector<double>>(&from)) return void(to = *list);
        }
        if (whole == nullptr && real == nullptr)
            fail(std::is_same_v<T, std::vector<double>> ? "a number or a list of numbers" : "a number");
        const double number = whole != nullptr ? static_cast<double>(*whole) : *real;
        if constexpr (std::is_same_v<T, std::vector<double>>) to = {number};
        else to = number;
    }
}

/// The family with these parameters, if that is its name. Throws std::invalid_argument for a parameter that it does not have, and where the
/// family does.
template <class F>
[[nodiscard]] std::unique_ptr<family_handle> made(std::string_view name, const parameters& p) {
    if (name != F::name) return nullptr;
    typename F::parameters values;
    std::string known;
    std::size_t found = 0;
    for_each_field<typename F::parameters>([&](const auto& f) {
        known += (known.empty() ? "" : ", ") + std::string(f.name);
        const auto at = p.find(f.name);
        if (at == p.end()) return;
        ++found;
        set_parameter(values.*f.member, "rationale::" + std::string(name) + ": " + std::string(f.name), at->second);
    });
    if (found != p.size()) throw std::invalid_argument("rationale::" + std::string(name) + ": its parameters are " + known);
    return std::make_unique<family_of<F>>(F(std::move(values)));
}

}  // namespace rationale::python

#endif
