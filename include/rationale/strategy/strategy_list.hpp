#ifndef RATIONALE_STRATEGY_STRATEGY_LIST_HPP
#define RATIONALE_STRATEGY_STRATEGY_LIST_HPP

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/strategy/any_strategy.hpp"
#include "rationale/strategy/strategies.hpp"
#include "rationale/strategy/strategy_range.hpp"

namespace rationale {

/// Strategies of family F whose number is known at run time, in the order of a learner's weights. Some may be a range of one strategy.
template <class F>
class strategy_list {
public:
    using family_type = F;

    /// In this order. Throws std::invalid_argument for none.
    explicit strategy_list(std::vector<any_strategy<F>> all) : all_(std::move(all)), log_mass_(all_.size()) {
        detail::check_at_least("rationale::strategy_list", "the number of strategies", all_.size(), 1);
    }
    /// Strategies, ranges of them and lists, one after the other.
    template <class First, class... Rest>
        requires(sizeof...(Rest) > 0 || !std::same_as<First, std::vector<any_strategy<F>>>)
    explicit strategy_list(const First& first, const Rest&... rest) { add(first), (add(rest), ...); }

    /// How many there are.
    [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
    [[nodiscard]] const F& family() const noexcept { return all_[0].family(); }
    /// Strategy number q.
    [[nodiscard]] const any_strategy<F>& operator[](std::size_t q) const noexcept { return all_[q]; }
    /// Their names, in order.
    [[nodiscard]] std::vector<std::string_view> names() const {
        std::vector<std::string_view> out;
        for (const auto& s : all_) out.push_back(s.name());
        return out;
    }
    /// The ranges among them, in order.
    [[nodiscard]] std::span<const parameter_range> ranges() const noexcept { return ranges_; }
    /// Log prior mass of each in nats: 0, or its part of a range's.
    [[nodiscard]] std::span<const double> log_mass() const noexcept { return log_mass_; }
    /// Calls visit(q, strategy) for each, in order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (std::size_t q = 0; q < all_.size(); ++q) visit(q, all_[q]);
    }

private:
    template <class Part>
    void add(const Part& part) {
        static_assert(std::same_as<detail::family_of<Part>, F>,
                      "rationale::strategy_list<F>: every part must be a strategy of F, a range or a list of such");
        all_.push_back(part);
        log_mass_.push_back(0);
    }
    template <class... S>
    void add(const rationale::strategies<S...>& part) {
        part.for_each([&](std::size_t, const auto& s) { add(s); });
    }
    void add(const strategy_range<F>& part) {
        ranges_.push_back({part.range().parameter, part.range().grid, all_.size()});
        all_.insert(all_.end(), part.strategies().begin(), part.strategies().end());
        log_mass_.insert(log_mass_.end(), part.log_mass().begin(), part.log_mass().end());
    }
    void add(const strategy_list& part) {
        for (auto range : part.ranges_) range.first += all_.size(), ranges_.push_back(std::move(range));
        all_.insert(all_.end(), part.all_.begin(), part.all_.end());
        log_mass_.insert(log_mass_.end(), part.log_mass_.begin(), part.log_mass_.end());
    }

    std::vector<any_strategy<F>> all_;
    std::vector<double> log_mass_;
    std::vector<parameter_range> ranges_;
};

template <class F>
strategy_list(std::vector<any_strategy<F>>) -> strategy_list<F>;
template <class First, class... Rest>
strategy_list(const First&, const Rest&...) -> strategy_list<detail::family_of<First>>;

}  // namespace rationale

#endif
