#ifndef RATIONALE_ANALYSIS_DETAIL_MEMORY_CEILINGS_HPP
#define RATIONALE_ANALYSIS_DETAIL_MEMORY_CEILINGS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "rationale/explanation/detail/memory_curve.hpp"
#include "rationale/kernel/over_lanes.hpp"
#include "rationale/learner/precision_grid.hpp"

namespace rationale::detail {

/// Memories of limited precision with a trust of their own, each paired with one other strategy that has a power of its similarity, in a
/// family whose sequences are one event: cheap enough to be searched for directly.
class paired_memories {
public:
    /// What a memory at a share and an exponent predicts of the sequences, and the other strategy at a power.
    using memory_predictor = std::function<predictions(double, double)>;
    using other_predictor = std::function<predictions(double)>;

    paired_memories(memory_predictor memory, other_predictor other, const precision_grid& grid)
        : memory_(std::move(memory)), other_(std::move(other)), share_(with_ends(grid)), of_power_one_(other_(1)) {
        for (const double exponent : exponents) {
            std::vector<predictions> range;
            std::vector<const predictions*> at;
            for (double s : share_) range.push_back(memory_(s, exponent));
            for (const auto& p : range) at.push_back(&p);
            at_exponent_.emplace_back(at, of_power_one_);
        }
    }
    /// The least divergence of a model from the best mixture of one memory with the other strategy: with that of power 1, and of any power.
    /// From the best node with power 1 by steps of share, exponent and power.
    [[nodiscard]] std::array<double, 2> least(const predictions& model) const {
        double nearest = std::numeric_limits<double>::infinity();
        std::array<double, 3> best{0.5, 0, 0};  // place of the share, log2 of exponent and power
        for (std::size_t e = 0; e < at_exponent_.size(); ++e) {
            const auto found = at_exponent_[e].nearest(model);
            for (std::size_t k = 0; k < found.size(); ++k)
                if (found[k].loss < nearest) nearest = found[k].loss, best = {share_[k], std::log2(exponents[e]), 0};
        }
        const auto at = [&](const std::array<double, 3>& p) {
            if (!(p[0] >= 0 && p[0] <= 1)) return std::numeric_limits<double>::infinity();
            return from_nearest_mixture(model, memory_(p[0], std::exp2(p[1])), p[2] == 0 ? of_power_one_ : other_(std::exp2(p[2])));
        };
        const auto of_one = least_by_compass<2>(
            [&](const std::array<double, 2>& p) {
                return at({p[0], p[1], 0});
            },
            {best[0], best[1]}, {0.05, 0.3}, 2);
        best = {of_one[0], of_one[1], 0};
        const double least_of_one = nearest = at(best);
        for (const double power : {-6., -4., -2., -1., 1., 2.})
            if (const double y = at({of_one[0], of_one[1], power}); y < nearest) nearest = y, best[2] = power;
        const std::array<double, 3> step{0.1, 0.8, 1}, from = best;
        const auto along = [&](const std::vector<double>& u) {
            return at({from[0] + step[0] * u[0], from[1] + step[1] * u[1], from[2] + step[2] * u[2]});
        };
        return {least_of_one, along(least_by_pattern(along, {0, 0, 0}, 1, 7))};
    }

private:
    inline static const std::array<double, 4> exponents{std::exp2(-8 / 3.), std::exp2(-4 / 3.), std::exp2(-1 / 3.), std::exp2(1 / 3.)};

    memory_predictor memory_;
    other_predictor other_;
    std::vector<double> share_;
    predictions of_power_one_;
    std::deque<paired_with> at_exponent_;
};

/// Divergence of a model from the exact Bayes mixture of two strategies, the first with the given prior odds: at a position a strategy's
/// weight is its mass times the evidence that it has for what came before.
inline double from_bayes_mixture(const predictions& model, const predictions& a, const predictions& b, double log_odds) {
    const std::size_t events = model.events(), outcomes = model.outcomes();
    std::vector<double> mixed(events * outcomes), weight(events);
    double sum = 0;
    for (std::size_t s = 0; s < model.sequences(); ++s) {
        kernel::over_lanes<kernel::native_lanes>(events, [&]<class V>(std::size_t t) {
            using access = kernel::lane_access<V>;
            const V ahead = access::load(&b.log_evidence(s, t)) - access::load(&a.log_evidence(s, t)) - V(log_odds);
            access::store(V(1.0) / (V(1.0) + kernel::exponential(ahead)), &weight[t]);
        });
        const auto of_a = row(a.values, s), of_b = row(b.values, s), h = row(model.values, s);
        for (std::size_t t = 0, i = 0; t < events; ++t)
            for (std::size_t k = 0; k < outcomes; ++k, ++i) mixed[i] = weight[t] * of_a[i] + (1 - weight[t]) * of_b[i];
        sum += model.kind == prediction_kind::mean ? divergence(squared_error{}, h, std::span<const double>(mixed))
                                                   : divergence(kl{}, h, std::span<const double>(mixed));
    }
    return sum / static_cast<double>(model.sequences() * events);
}
/// The least over the prior odds. Infinite ones are either strategy alone.
inline double least_of_bayes_mixtures(const predictions& model, const predictions& a, const predictions& b) {
    const auto found = least_on_unit([&](double x) { return from_bayes_mixture(model, a, b, 120 * x - 60); }, 24, 14);
    return (std::min)({found.second, mean_or_infinite(divergences_from(model, a)), mean_or_infinite(divergences_from(model, b))});
}
/// The same near even odds, in a third of the time.
inline double least_near_even_odds(const predictions& model, const predictions& a, const predictions& b) {
    const auto at = [&](double log_odds) { return from_bayes_mixture(model, a, b, log_odds); };
    constexpr double apart = 4;
    double best = 0, least = std::numeric_limits<double>::infinity();
    for (const double log_odds : {-3 * apart, -2 * apart, -apart, 0., apart, 2 * apart, 3 * apart})
        if (const double x = at(log_odds); x < least) best = log_odds, least = x;
    return (std::min)({least, least_between(at, best - apart, best + apart, 16).second, mean_or_infinite(divergences_from(model, a)),
                       mean_or_infinite(divergences_from(model, b))});
}
/// The least over the prior odds and over which of the memories along an axis is the first.
inline double least_of_bayes_mixtures(const predictions& model, memories_along& memories, const predictions& b) {
    auto share = memories.share;
    std::vector<double> least;
    for (const auto* a : memories.at)
        least.push_back(a == &b ? mean_or_infinite(divergences_from(model, b)) : least_near_even_odds(model, *a, b));
    follow_promises(share, least, memories.asked, [&](double s, std::ptrdiff_t place) {
        share.insert(share.begin() + place, s);
        least.insert(least.begin() + place, least_near_even_odds(model, memories.ask(s), b));
    });
    return *std::min_element(least.begin(), least.end());
}

}  // namespace rationale::detail

#endif
