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

/// A weight and whose it is, with its place in a part of the components. The heavier one comes before, of equal ones the first.
template <class Real>
struct weighted_component {
    Real weight;
    std::size_t component, place = 0;
    friend bool operator<(const weighted_component& a, const weighted_component& b) noexcept {
        return a.weight != b.weight ? a.weight > b.weight : a.component < b.component;
    }
};

/// The first k of what is added, in any order, as a heap whose front is the last of them.
template <class Real>
class first_k {
public:
    explicit first_k(std::size_t k) : k_(k) {}
    void clear() noexcept { found_.clear(); }
    [[nodiscard]] bool full() const noexcept { return found_.size() == k_; }
    /// What another one must come before once it is full.
    [[nodiscard]] const weighted_component<Real>& last() const noexcept { return found_.front(); }
    void add(const weighted_component<Real>& one) {
        if (full()) {
            if (!(one < last())) return;
            std::pop_heap(found_.begin(), found_.end());
            found_.pop_back();
        }
        found_.push_back(one);
        std::push_heap(found_.begin(), found_.end());
    }
    [[nodiscard]] std::span<const weighted_component<Real>> found() const noexcept { return found_; }
    /// Sorts them; nothing is added afterwards.
    std::span<const weighted_component<Real>> sorted() {
        std::sort_heap(found_.begin(), found_.end());
        return found_;
    }

private:
    std::size_t k_;
    std::vector<weighted_component<Real>> found_;
};

/// Components at one event: the k of the greatest log weights, and the sum of all weights.
struct heaviest_at {
    first_k<double> found;
    double log_total = kernel::minus_infinity;
};

/// Looks for them in one part of the components after the other, at one event after the other. What was found in a part at the event before
/// bounds what the next one must weigh at least, and so do the parts before.
template <class V>
class heaviest_of_part {
    using real = typename kernel::lane_access<V>::scalar;
    using access = kernel::lane_access<V>;

public:
    explicit heaviest_of_part(std::size_t k) : k_(k), of_part_(k) {}

    template <class Component>
    void look(const kernel::weights_at<real>& part, std::size_t count, const Component& component, heaviest_at& at) {
        const std::span<const real> weight = part.weight;
        // Of what is as heavy as the last one, up to rounding, the exact comparison decides.
        double least = at.found.full() ? std::exp(at.found.last().weight - part.scale) * (1 - 1e-6) : 0;
        if (!part.moved && places_.size() == k_) {
            double of_before = std::numeric_limits<double>::infinity();
            for (const std::size_t i : places_) of_before = (std::min)(of_before, static_cast<double>(weight[i]));
            least = (std::max)(least, of_before);
        }
        of_part_.clear();
        const double sum = scan(weight, count, component, static_cast<real>(least));
        places_.clear();
        for (const auto& one : of_part_.found()) {
            places_.push_back(one.place);
            at.found.add({part.scale + std::log(static_cast<double>(one.weight)), one.component});
        }
        at.log_total = log_sum_exp(std::array{at.log_total, part.scale + std::log(sum)});
    }

private:
    template <class Component>
    double scan(std::span<const real> weight, std::size_t count, const Component& component, real least) {
        V sum(real(0));
        std::size_t i = 0;
        for (; i + kernel::lane_count<V> <= weight.size(); i += kernel::lane_count<V>) {
            const V w = access::load(weight.data() + i);
            sum = sum + w;
            if (access::any_at_least(w, V(least))) least = keep(weight, i, (std::min)(i + kernel::lane_count<V>, count), component, least);
        }
        double rest = 0;
        for (std::size_t j = i; j < weight.size(); ++j) rest += static_cast<double>(weight[j]);
        keep(weight, i, count, component, least);
        return kernel::lane_sum(sum) + rest;
    }
    /// Returns what must be reached from here on.
    template <class Component>
    real keep(std::span<const real> weight, std::size_t from, std::size_t to, const Component& component, real least) {
        for (std::size_t i = from; i < to; ++i)
            if (weight[i] > 0 && weight[i] >= least) of_part_.add({weight[i], component(i), i});
        return of_part_.full() ? (std::max)(least, of_part_.last().weight) : least;
    }

    std::size_t k_;
    first_k<real> of_part_;
    std::vector<std::size_t> places_;
};
}  // namespace detail

/// Posterior probability of every component of a prior at chosen events of a sequence, given what is known when each is predicted, (event,
/// component); after its last event at `events` + 1. NaN where no component explains what came. One pass over the components, as dear as
/// prediction with none left out, and the time to write them. Throws std::invalid_argument when the arrays do not fit the family, and for a
/// sequence or an event that there is not.
template <class F, class P, class Real>
[[nodiscard]] ndarray<double, 2> posteriors(const bayes<F, P, Real>& strategy, const typename F::sequences& data, std::size_t sequence,
                                            std::span<const std::size_t> events) {
    detail::check_increasing("rationale::posteriors", events);
    auto out = filled<double, 2>({events.size(), strategy.prior().size()}, 0.0);
    if (events.empty()) return out;
    // Parts of one event have scales of their own: what was written before is brought to a larger one.
    std::vector<double> scale(events.size(), kernel::minus_infinity);
    strategy.weights("rationale::posteriors", data, sequence, events, 0.0,
                     [&](const kernel::weights_at<Real>& part, std::size_t count, const auto& component) {
                         const auto to = row(out, part.event);
                         double& of_event = scale[part.event];
                         double factor = 1;
                         if (part.scale > of_event) {  // weights may be near the largest number: they are only made smaller
                             const double down = std::exp(of_event - part.scale);
                             for (double& w : to) w *= down;
                             of_event = part.scale;
                         } else factor = std::exp(part.scale - of_event);
                         for (std::size_t j = 0; j < count; ++j) to[component(j)] = factor * static_cast<double>(part.weight[j]);
                     });
    for (std::size_t i = 0; i < events.size(); ++i) {
        const auto weights = row(out, i);
        const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
        for (double& w : weights) w /= sum;
    }
    return out;
}
/// The same at every event, and after the last: (T + 1, components).
template <class F, class P, class Real>
[[nodiscard]] ndarray<double, 2> posteriors(const bayes<F, P, Real>& strategy, const typename F::sequences& data, std::size_t sequence) {
    return posteriors(strategy, data, sequence, detail::every_event("rationale::posteriors", strategy.family(), data, sequence));
}

/// Some components at each event.
struct heaviest_components {
    /// (event, k): the heaviest first, of equal ones (up to rounding, in large priors) the first; -1 where fewer matter.
    ndarray<std::int64_t, 2> component;
    /// (event, k): posterior probabilities; 0 where there is none.
    ndarray<double, 2> weight;
};

/// The k components of the greatest posterior probability at chosen events of a sequence. Those that predictions leave out
/// (bayes::skip_tolerance: all together they weigh no more than so much of the rest) may be left out here. Cost: at most about twice that
/// of prediction. Throws as `posteriors`, and for a k of 0 or above the number of components.
template <class F, class P, class Real>
[[nodiscard]] heaviest_components heaviest(const bayes<F, P, Real>& strategy, const typename F::sequences& data, std::size_t sequence,
                                           std::size_t k, std::span<const std::size_t> events) {
    constexpr const char* where = "rationale::heaviest";
    detail::check_increasing(where, events);
    if (k == 0 || k > strategy.prior().size())
        detail::refuse(where, "k", std::to_string(k), "from 1 to the number of components, " + std::to_string(strategy.prior().size()));
    heaviest_components out{filled<std::int64_t, 2>({events.size(), k}, -1), filled<double, 2>({events.size(), k}, 0.0)};
    if (events.empty()) return out;
    std::vector<detail::heaviest_at> at(events.size(), {detail::first_k<double>(k)});
    detail::heaviest_of_part<kernel::native_lanes::of<Real>> parts(k);
    strategy.weights(where, data, sequence, events, strategy.skip_tolerance(),
                     [&](const kernel::weights_at<Real>& part, std::size_t count, const auto& component) {
                         parts.look(part, count, component, at[part.event]);
                     });
    for (std::size_t i = 0; i < events.size(); ++i) {
        std::size_t j = 0;
        for (const auto& one : at[i].found.sorted()) {
            out.weight(i, j) = std::exp(one.weight - at[i].log_total);
            out.component(i, j++) = static_cast<std::int64_t>(one.component);
        }
    }
    return out;
}
/// The same at every event, and after the last: (T + 1, k).
template <class F, class P, class Real>
[[nodiscard]] heaviest_components heaviest(const bayes<F, P, Real>& strategy, const typename F::sequences& data, std::size_t sequence,
                                           std::size_t k) {
    return heaviest(strategy, data, sequence, k, detail::every_event("rationale::heaviest", strategy.family(), data, sequence));
}

}  // namespace rationale

#endif
