#ifndef RATIONALE_STRATEGY_POSTERIORS_HPP
#define RATIONALE_STRATEGY_POSTERIORS_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/softmax.hpp"
#include "rationale/strategy/bayes.hpp"

namespace rationale {

namespace detail {
/// 0, 1, ... and the number of a sequence's events, after the last of them.
template <class F>
[[nodiscard]] std::vector<std::size_t> every_event(const char* where, const F& family, const typename F::sequences& data, std::size_t s) {
    const auto view = checked_view(where, family, data, s, 0);
    check_rows(where, data, s);
    std::vector<std::size_t> out(view.events() + 1);
    std::iota(out.begin(), out.end(), std::size_t{0});
    return out;
}

inline void check_increasing(const char* where, std::span<const std::size_t> events) {
    if (std::adjacent_find(events.begin(), events.end(), std::greater_equal<>()) != events.end())
        throw std::invalid_argument(std::string(where) + ": events must increase");
}

/// The k heaviest of a part of the components, by place, of equal ones the first components, at one event after the other: those of the
/// event before bound what the next must weigh at least.
template <class V>
class heaviest_of_part {
    using real = typename kernel::lane_access<V>::scalar;

public:
    explicit heaviest_of_part(std::size_t k) : k_(k) {}

    /// Forgets the event before.
    void begin() noexcept { found_.clear(); }
    /// Looks at the weights of these components, which come first. Returns the sum of all.
    double look(std::span<const real> weight, std::span<const std::size_t> component) {
        using access = kernel::lane_access<V>;
        const std::size_t count = component.size();
        component_ = component;
        least_ = 0;
        if (found_.size() == k_) {
            least_ = weight[found_[0].second];
            for (const auto& [before, i] : found_) least_ = (std::min)(least_, weight[i]);
        }
        found_.clear();
        V sum(real(0));
        std::size_t i = 0;
        for (; i + kernel::lane_count<V> <= weight.size(); i += kernel::lane_count<V>) {
            const V w = access::load(weight.data() + i);
            sum = sum + w;
            if (access::any_at_least(w, V(least_))) keep(weight, i, (std::min)(i + kernel::lane_count<V>, count));
        }
        double rest = 0;
        for (std::size_t j = i; j < weight.size(); ++j) rest += static_cast<double>(weight[j]);
        keep(weight, i, count);
        choose();
        return kernel::lane_sum(sum) + rest;
    }
    /// At most k weights and their places.
    [[nodiscard]] const std::vector<std::pair<real, std::size_t>>& found() const noexcept { return found_; }

private:
    void keep(std::span<const real> weight, std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i)
            if (weight[i] > 0 && weight[i] >= least_) found_.emplace_back(weight[i], i);
        if (found_.size() >= 4 * k_ + 64) choose();
    }
    void choose() {
        if (found_.size() <= k_) return;
        std::nth_element(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(k_ - 1), found_.end(),
                         [this](const auto& a, const auto& b) {
                             return a.first != b.first ? a.first > b.first : component_[a.second] < component_[b.second];
                         });
        found_.resize(k_);
        least_ = (std::max)(least_, found_[k_ - 1].first);
    }

    std::size_t k_;
    real least_ = 0;
    std::span<const std::size_t> component_{};
    std::vector<std::pair<real, std::size_t>> found_;
};

/// Those of all parts, each with a scale of its own, and the sum of all weights.
struct heaviest_of_parts {
    double log_total = kernel::minus_infinity;
    std::vector<std::pair<double, std::size_t>> found{};  // log weight and component

    /// The k heaviest, with their shares in the sum, the heaviest first.
    void finish(std::size_t k) {
        k = (std::min)(k, found.size());
        std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(k), found.end(),
                          [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
        found.resize(k);
        for (auto& [log_weight, component] : found) log_weight = std::exp(log_weight - log_total);
    }
};
}  // namespace detail

/// Posterior probability of every component of a prior at chosen events of a sequence, given what is known when each is predicted, (event,
/// component); after its last event at `events` + 1. NaN where no component explains what came. One pass over the components, as dear as
/// prediction with none left out, and the time to write them. Throws std::invalid_argument when the arrays do not fit the family, and for a
/// sequence or an event that there is not.
template <class Lanes = kernel::native_lanes, class F, class P, class Real>
[[nodiscard]] ndarray<double, 2> posteriors(const bayes<F, P, Real>& strategy, const typename F::sequences& data, std::size_t sequence,
                                            std::span<const std::size_t> events) {
    detail::check_increasing("rationale::posteriors", events);
    auto out = filled<double, 2>({events.size(), strategy.prior().size()}, 0.0);
    if (events.empty()) return out;
    // Parts of one event have scales of their own: what was written before is brought to a larger one.
    std::vector<double> scale(events.size(), kernel::minus_infinity);
    strategy.template weights<Lanes>(
        "rationale::posteriors", data, sequence, events,
        [&](std::size_t i, std::span<const std::size_t> component, std::span<const Real> weight, double of_part) {
            const auto to = row(out, i);
            double factor = 1;
            if (of_part > scale[i]) {  // weights may be near the largest number: they are only made smaller
                const double down = std::exp(scale[i] - of_part);
                for (double& w : to) w *= down;
                scale[i] = of_part;
            } else factor = std::exp(of_part - scale[i]);
            for (std::size_t j = 0; j < component.size(); ++j) to[component[j]] = factor * static_cast<double>(weight[j]);
        });
    for (std::size_t i = 0; i < events.size(); ++i) {
        const auto weights = row(out, i);
        const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
        for (double& w : weights) w /= sum;
    }
    return out;
}
/// The same at every event, and after the last: (T + 1, components).
template <class Lanes = kernel::native_lanes, class F, class P, class Real>
[[nodiscard]] ndarray<double, 2> posteriors(const bayes<F, P, Real>& strategy, const typename F::sequences& data, std::size_t sequence) {
    return posteriors<Lanes>(strategy, data, sequence, detail::every_event("rationale::posteriors", strategy.family(), data, sequence));
}

/// Some components at each event.
struct heaviest_components {
    ndarray<std::int64_t, 2> component;  ///< (event, k): the heaviest first, of equal ones the first; -1 where fewer explain what came
    ndarray<double, 2> weight;           ///< (event, k): posterior probabilities; 0 where there is none
};

/// The k components of the greatest posterior probability at chosen events of a sequence. Cost as `posteriors`, but for what is not
/// written: memory of k numbers for each event and each part of the components. Throws as `posteriors`, and for a k of 0 or above the
/// number of components.
template <class Lanes = kernel::native_lanes, class F, class P, class Real>
[[nodiscard]] heaviest_components heaviest(const bayes<F, P, Real>& strategy, const typename F::sequences& data, std::size_t sequence,
                                           std::size_t k, std::span<const std::size_t> events) {
    constexpr const char* where = "rationale::heaviest";
    detail::check_increasing(where, events);
    if (k == 0 || k > strategy.prior().size())
        detail::refuse(where, "k", std::to_string(k), "from 1 to the number of components, " + std::to_string(strategy.prior().size()));
    heaviest_components out{filled<std::int64_t, 2>({events.size(), k}, -1), filled<double, 2>({events.size(), k}, 0.0)};
    if (events.empty()) return out;
    std::vector<detail::heaviest_of_parts> at(events.size());
    detail::heaviest_of_part<typename Lanes::template of<Real>> part(k);
    const std::size_t* of_part = nullptr;
    strategy.template weights<Lanes>(
        where, data, sequence, events,
        [&](std::size_t i, std::span<const std::size_t> component, std::span<const Real> weight, double scale) {
            if (component.data() != of_part) part.begin(), of_part = component.data();
            const double sum = part.look(weight, component);
            at[i].log_total = log_sum_exp(std::array{at[i].log_total, scale + std::log(sum)});
            for (const auto& [w, place] : part.found())
                at[i].found.emplace_back(scale + std::log(static_cast<double>(w)), component[place]);
        });
    for (std::size_t i = 0; i < events.size(); ++i) {
        at[i].finish(k);
        for (std::size_t j = 0; j < at[i].found.size(); ++j)
            out.weight(i, j) = at[i].found[j].first, out.component(i, j) = static_cast<std::int64_t>(at[i].found[j].second);
    }
    return out;
}
/// The same at every event, and after the last: (T + 1, k).
template <class Lanes = kernel::native_lanes, class F, class P, class Real>
[[nodiscard]] heaviest_components heaviest(const bayes<F, P, Real>& strategy, const typename F::sequences& data, std::size_t sequence,
                                           std::size_t k) {
    return heaviest<Lanes>(strategy, data, sequence, k, detail::every_event("rationale::heaviest", strategy.family(), data, sequence));
}

}  // namespace rationale

#endif
