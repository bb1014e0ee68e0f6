#ifndef RATIONALE_KERNEL_MIXTURE_SUMS_HPP
#define RATIONALE_KERNEL_MIXTURE_SUMS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel {

/// The running sums of a posterior-weighted prediction for one sequence, in log space: at event t the components seen so far weigh
/// mass(t) exp(top(t)) in all, and sum(t)[k] exp(top(t)) is their weighted prediction of outcome k. Parts over different components,
/// tiles, threads or machines merge by log-sum-exp. Memory: events x (outcomes + 2).
class mixture_sums {
public:
    mixture_sums(std::size_t events, std::size_t outcomes)
        : outcomes_(outcomes), top_(events + 1), mass_(events + 1), sum_(events * outcomes) {
        clear();
    }

    void clear() noexcept {
        std::fill(top_.begin(), top_.end(), minus_infinity);
        std::fill(mass_.begin(), mass_.end(), 0.0);
        std::fill(sum_.begin(), sum_.end(), 0.0);
    }

    [[nodiscard]] std::size_t events() const noexcept { return top_.size() - 1; }
    [[nodiscard]] std::size_t outcomes() const noexcept { return outcomes_; }

    /// Makes room for log weights up to `log_weight` (finite) at event t and returns the reference to subtract from them.
    double raise(std::size_t t, double log_weight) noexcept {
        if (log_weight > top_[t]) {
            const double shrink = top_[t] == minus_infinity ? 0.0 : std::exp(top_[t] - log_weight);
            mass_[t] *= shrink;
            if (t < events())
                for (std::size_t k = 0; k < outcomes_; ++k) sum_[t * outcomes_ + k] *= shrink;
            top_[t] = log_weight;
        }
        return top_[t];
    }

    /// Adds components that weigh mass exp(scale) at event t and whose weighted prediction of outcome k is sum(k) exp(scale).
    template <class Sum>
    void add(std::size_t t, double scale, double mass, const Sum& sum) noexcept {
        const double reference = raise(t, scale);
        const double factor = scale == reference ? 1.0 : std::exp(scale - reference);
        mass_[t] += factor * mass;
        if (t == events()) return;
        for (std::size_t k = 0; k < outcomes_; ++k) sum_[t * outcomes_ + k] += factor * sum(k);
    }

    /// log of the total weight at event t: the log evidence of what came before; -inf when no component explains it.
    [[nodiscard]] double log_mass(std::size_t t) const noexcept { return mass_[t] > 0 ? top_[t] + std::log(mass_[t]) : minus_infinity; }

    void merge(const mixture_sums& other) noexcept {
        for (std::size_t t = 0; t < top_.size(); ++t) {
            if (other.top_[t] == minus_infinity) continue;
            add(t, other.top_[t], other.mass_[t], [&](std::size_t k) { return other.sum_[t * outcomes_ + k]; });
        }
    }

    /// Normalised predictions (events x outcomes, NaN where no component explains the context) and the log evidence (events + 1).
    void finish(std::span<double> predictions, std::span<double> log_evidence) const noexcept {
        for (std::size_t t = 0; t < top_.size(); ++t) {
            log_evidence[t] = log_mass(t);
            if (t == events()) continue;
            for (std::size_t k = 0; k < outcomes_; ++k)
                predictions[t * outcomes_ + k] =
                    mass_[t] > 0 ? sum_[t * outcomes_ + k] / mass_[t] : std::numeric_limits<double>::quiet_NaN();
        }
    }

private:
    std::size_t outcomes_;
    std::vector<double> top_, mass_, sum_;
};

}  // namespace rationale::kernel

#endif
