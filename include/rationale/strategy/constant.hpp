#ifndef RATIONALE_STRATEGY_CONSTANT_HPP
#define RATIONALE_STRATEGY_CONSTANT_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <string_view>
#include <vector>

#include "rationale/strategy/generalizing.hpp"

namespace rationale {

/// The prediction that the family's own prior makes of an event by itself: no context is used. Urns a/sum a, regression mu.x_t,
/// classification the label base rates 1/L.
template <class F>
class constant {
public:
    explicit constant(F family) : family_(family), generalizing_(family) {}

    [[nodiscard]] const F& family() const noexcept { return family_; }
    [[nodiscard]] static constexpr std::string_view name() noexcept { return "constant"; }
    [[nodiscard]] std::vector<double> numbers() const { return generalizing_.numbers(); }
    /// That of the generalizing strategy at a sequence's first position.
    template <class Tasks>
        requires requires(const generalizing<F>& g, const Tasks& tasks) { g.expected_loss(tasks, 1); }
    [[nodiscard]] double expected_loss(const Tasks& tasks, std::size_t) const { return generalizing_.expected_loss(tasks, 1); }

    /// The evidence is that of the generalizing strategy if every event were a sequence's first.
    void predict_sequence(const detail::view_of<F>& view, std::span<double> values, std::span<double> log_evidence) const {
        const std::size_t outcomes = family_.outcomes();
        log_evidence[0] = 0;
        for (std::size_t t = 0; t < view.events(); ++t) {
            double alone[2];
            generalizing_.predict_sequence(first_event{view, t}, values.subspan(t * outcomes, outcomes), std::span<double>(alone));
            log_evidence[t + 1] = log_evidence[t] + alone[1];
        }
    }

private:
    /// Event t of a sequence as a sequence of its own.
    struct first_event {
        const detail::view_of<F>& whole;
        std::size_t t;
        [[nodiscard]] std::size_t events() const noexcept { return 1; }
        [[nodiscard]] decltype(auto) input(std::size_t) const noexcept { return whole.input(t); }
        [[nodiscard]] decltype(auto) observation(std::size_t) const noexcept { return whole.observation(t); }
    };

    F family_;
    generalizing<F> generalizing_;
};

template <class F>
constant(F) -> constant<F>;

/// In classification the context is the query's input, so the base rates 1/L stand on their own.
template <std::size_t Dimensions, std::size_t Labels>
class constant<classification<Dimensions, Labels>> {
public:
    using family_type = rationale::classification<Dimensions, Labels>;

    explicit constant(family_type family) : family_(std::move(family)) {}

    [[nodiscard]] const family_type& family() const noexcept { return family_; }
    [[nodiscard]] static constexpr std::string_view name() noexcept { return "constant"; }
    [[nodiscard]] std::vector<double> numbers() const { return copying(family_).numbers(); }

    /// The evidence is the query's density as a fresh item, N(q; 0, item_variance I), and its label's.
    void predict_sequence(const detail::view_of<family_type>& view, std::span<double> values, std::span<double> log_evidence) const {
        std::fill(values.begin(), values.end(), 1 / static_cast<double>(values.size()));
        log_evidence[0] = 0;
        for (double q : view.input(0).query)
            log_evidence[0] -= 0.5 * (q * q / family_.item_variance() + std::log(2 * std::numbers::pi * family_.item_variance()));
        log_evidence[1] = log_evidence[0] - std::log(static_cast<double>(values.size()));
    }

private:
    family_type family_;
};

}  // namespace rationale

#endif
