#ifndef RATIONALE_FIT_OBSERVATIONS_HPP
#define RATIONALE_FIT_OBSERVATIONS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "rationale/fit/cell_roles.hpp"
#include "rationale/fit/law_objective.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/split.hpp"
#include "rationale/strategy/loss.hpp"

namespace rationale {

/// A run's losses L_Q, with their covariance, and complexities K_Q.
struct observed_run {
    std::size_t tasks = 0;                  ///< D
    std::int64_t seed = 0;                  ///< seed of its training
    account known{};                        ///< losses in nats and complexities in bits, strategy by strategy
    std::vector<double> loss_covariance{};  ///< n x n, of the estimated losses; empty where they are exact
};

/// One checkpoint of one run on one split.
struct observed_cell {
    std::size_t run = 0;                            ///< index of its run
    training at{};                                  ///< steps, tasks and schedule: the law's covariates
    rationale::split split = rationale::split::id;  ///< id or ood
    cell_role role = cell_role::fitted;             ///< fitted, held out, or before the threshold
    std::vector<mixture_loss> parts{};              ///< of the run's sequences of this split, the same for every checkpoint
};

/// The data of a fit, its uncertainty, comparisons and forecasts: cells run by run, split by split, in the order of steps.
struct observations {
    std::vector<observed_run> runs{};    ///< each training run
    std::vector<observed_cell> cells{};  ///< run by run
};

/// Of each part of some sequences, its share of all that are in the parts.
[[nodiscard]] inline std::vector<double> shares_of(std::span<const mixture_loss> parts) {
    std::vector<double> out;
    double sum = 0;
    for (const auto& part : parts) sum += out.emplace_back(part.share());
    for (double& share : out) share /= sum;
    return out;
}

/// Covariance of estimated losses, from the standard errors of each and of their paired differences.
[[nodiscard]] inline std::vector<double> covariance_of(const loss_estimate& e) {
    const std::size_t n = e.mean.size();
    std::vector<double> out(n * n);
    for (std::size_t q = 0; q < n; ++q)
        for (std::size_t r = 0; r < n; ++r) {
            const double apart = e.difference_error(q, r);
            out[q * n + r] = 0.5 * (e.standard_error[q] * e.standard_error[q] + e.standard_error[r] * e.standard_error[r] - apart * apart);
        }
    return out;
}

/// Observations as they are, or resampled.
struct observed_sample {
    std::vector<account> accounts;     ///< of each run
    std::vector<mixture_loss> losses;  ///< of each cell
    std::vector<double> weights;       ///< of each cell
};

[[nodiscard]] inline observed_sample as_observed(const observations& o) {
    observed_sample out;
    for (const auto& run : o.runs) out.accounts.push_back(run.known);
    for (const auto& cell : o.cells) {
        const std::vector<double> once(cell.parts.size(), 1.0);
        out.losses.push_back(mixture_loss::weighted_sum(cell.parts, once));
    }
    out.weights.assign(o.cells.size(), 1.0);
    return out;
}

/// The cells that `use(cell)` chooses, as a fit wants them. They refer to the sample, which must outlive them.
template <class Use>
[[nodiscard]] std::vector<fit_cell> cells_of(const observations& o, const observed_sample& s, const Use& use) {
    std::vector<fit_cell> out;
    for (std::size_t i = 0; i < o.cells.size(); ++i)
        if (use(o.cells[i])) out.push_back({o.cells[i].run, o.cells[i].at, &s.losses[i], s.weights[i]});
    return out;
}
/// Not of a temporary sample: the cells would dangle.
template <class Use>
std::vector<fit_cell> cells_of(const observations&, const observed_sample&& temporary, const Use&) = delete;

/// The cells that a law is fitted to.
[[nodiscard]] inline bool is_fitted(const observed_cell& c) noexcept { return c.split == split::id && c.role == cell_role::fitted; }
/// The cells that are held out, in training steps, in tasks or in both.
[[nodiscard]] inline bool is_held_out(const observed_cell& c) noexcept {
    return c.role == cell_role::held_out_steps || c.role == cell_role::held_out_tasks || c.role == cell_role::held_out_both;
}

/// Weighted mean of value(i) over the cells number i that `use(cell)` chooses; NaN where there are none.
template <class Use, class Value>
[[nodiscard]] double mean_over(const observations& o, std::span<const double> weights, const Use& use, const Value& value) {
    double sum = 0, total = 0;
    for (std::size_t i = 0; i < o.cells.size(); ++i)
        if (weights[i] > 0 && use(o.cells[i])) sum += weights[i] * value(i), total += weights[i];
    return sum / total;
}

/// The same of a law's divergences.
template <class Use>
[[nodiscard]] double mean_divergence(const any_law& law, std::span<const double> values, const observations& o, const observed_sample& s,
                                     const Use& use) {
    return mean_over(o, s.weights, use, [&](std::size_t i) {
        const auto& c = o.cells[i];
        return (std::max)(s.losses[i](law.weights(values, s.accounts[c.run], c.at)), 0.0);  // an exact mixture's is 0, but for rounding
    });
}

}  // namespace rationale

#endif
