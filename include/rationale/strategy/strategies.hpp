#ifndef RATIONALE_STRATEGY_STRATEGIES_HPP
#define RATIONALE_STRATEGY_STRATEGIES_HPP

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/strategy/strategy.hpp"

namespace rationale {

/// The strategies that a learner weighs, in the order of its weights: all of one family.
template <class... S>
class strategies {
    static_assert(sizeof...(S) > 0, "rationale::strategies<S...>: there must be at least one strategy");
    static_assert((strategy<S> && ...), "rationale::strategies<S...>: every S must be a strategy, see rationale/strategy/strategy.hpp");
    using first_type = std::tuple_element_t<0, std::tuple<S...>>;

public:
    using family_type = detail::family_of<first_type>;
    static_assert((std::same_as<family_type, detail::family_of<S>> && ...),
                  "rationale::strategies<S...>: all strategies must predict the same family");

    /// In this order.
    explicit strategies(S... all) : all_(std::move(all)...) {}

    /// How many there are.
    static constexpr std::size_t size = sizeof...(S);
    [[nodiscard]] const family_type& family() const noexcept { return std::get<0>(all_).family(); }
    /// Their names, in order.
    [[nodiscard]] std::array<std::string_view, size> names() const {
        return std::apply([](const auto&... s) { return std::array<std::string_view, size>{s.name()...}; }, all_);
    }
    /// Strategy number Index.
    template <std::size_t Index>
    [[nodiscard]] const auto& get() const noexcept {
        return std::get<Index>(all_);
    }
    /// Calls visit(q, strategy) for each, in order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        std::apply(
            [&](const auto&... s) {
                std::size_t q = 0;
                (visit(q++, s), ...);
            },
            all_);
    }

private:
    std::tuple<S...> all_;
};

template <class... S>
strategies(S...) -> strategies<S...>;

namespace detail {
template <class S, class All>
struct place_of;
template <class S, class... All>
struct place_of<S, strategies<All...>> {
    static constexpr std::size_t find() {
        std::size_t at = 0;
        (void)((std::same_as<S, All> || (++at, false)) || ...);
        return at;
    }
};
/// Where a list of strategies has the first of type S; its size where it has none.
template <class S, class All>
inline constexpr std::size_t place_in = place_of<S, All>::find();
}  // namespace detail

namespace detail {
struct visit_nothing {
    void operator()(std::size_t, const auto&) const {}
};
}  // namespace detail

/// Strategies of one family in an order: family_type, family(), names(), and for_each(visit), which calls visit(q, strategy) for each.
/// Models: strategies<S...>, whose types are known, and strategy_list<F>, whose number is a run-time one.
template <class L>
concept list_of_strategies = task_family<typename L::family_type> && requires(const L& all) {
    { all.family() } -> std::convertible_to<typename L::family_type>;
    all.names().size();
    all.for_each(detail::visit_nothing{});
};

/// Predictions of every strategy, in order: from here on their number is a run-time one.
template <list_of_strategies L>
[[nodiscard]] std::vector<predictions> predict_all(const L& all, const typename L::family_type::sequences& data,
                                                   const any_executor& execute = sequential{},
                                                   impossible_context policy = impossible_context::raise) {
    std::vector<predictions> out;
    all.for_each([&](std::size_t, const auto& s) { out.push_back(predict(s, data, execute, policy)); });
    return out;
}

}  // namespace rationale

#endif
