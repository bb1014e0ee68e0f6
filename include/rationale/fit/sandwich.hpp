#ifndef RATIONALE_FIT_SANDWICH_HPP
#define RATIONALE_FIT_SANDWICH_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/fit/bootstrap.hpp"
#include "rationale/interval.hpp"
#include "rationale/symmetric.hpp"

namespace rationale {

/// The sandwich estimate of a fit's uncertainty, robust to a law that is only an approximation and to divergences that are no
/// log-likelihoods.
struct sandwich_result {
    std::vector<double> covariance;      ///< P x P in search coordinates; 0 for a parameter without curvature, as at its bound
    std::vector<interval> intervals;     ///< of the parameters themselves
    double optimism = 0;                 ///< expected gap between the objective and its value on fresh cells: Takeuchi's trace over cells
    std::vector<double> run_covariance;  ///< P x P, of scores summed over each run, which may depend on one another; NaN for one run
    double quantile = normal_95;         ///< normal, of `intervals`
};

namespace detail {

/// j += weight · a b'.
inline void add_product(std::vector<double>& j, std::span<const double> a, std::span<const double> b, double weight) {
    for (std::size_t p = 0; p < a.size(); ++p)
        for (std::size_t q = 0; q < b.size(); ++q) j[p * b.size() + q] += weight * a[p] * b[q];
}

/// H^-1 J H^-1, P x P.
inline std::vector<double> sandwiched(const std::vector<double>& inverse, const std::vector<double>& j, std::size_t P) {
    return product(product(inverse, j, P), inverse, P);
}

/// The gradient of a cell's share in the objective at u, divergence/n for n cells, with the given loss in place of the cell's own.
inline std::vector<double> cell_score(const law_objective& f, std::span<const double> u, const fit_cell& c, const mixture_loss* loss) {
    second_order one;
    f.cell(u, c, loss, one);
    for (double& g : one.gradient) g /= static_cast<double>(f.cells().size());
    return std::move(one.gradient);
}

inline void add_to(std::vector<double>& sum, std::span<const double> x, double factor = 1) {
    sum.resize(x.size());
    for (std::size_t p = 0; p < x.size(); ++p) sum[p] += factor * x[p];
}

/// Adds what cells scatter, with Bartlett's weights: sum_i sum_k (1 - |k|/consecutive) s_i s_{i+k}' over checkpoints i and i+k of a run,
/// |k| < consecutive. Scores are not centred: their sum is 0, but for a parameter at its bound, which has no variance.
inline void add_cells(std::vector<double>& j, std::span<const fit_cell> cells, const std::vector<std::vector<double>>& scores,
                      std::size_t consecutive) {
    for (std::size_t i = 0; i < cells.size(); ++i)
        for (std::size_t k = 0; k < consecutive && k <= i && cells[i - k].account == cells[i].account; ++k) {
            const double weight = 1 - static_cast<double>(k) / static_cast<double>(consecutive);
            add_product(j, scores[i], scores[i - k], weight);
            if (k > 0) add_product(j, scores[i - k], scores[i], weight);
        }
}

/// Adds what sequences scatter: sum over runs of n/(n-1) sum_s (g_s - q_s g)(g_s - q_s g)', g_s the score of part s of the run's n parts
/// of sequences, summed over its checkpoints, q_s its share of the sequences, and g the sum of all.
inline void add_sequences(std::vector<double>& j, const observations& o, const law_objective& f, std::span<const double> u) {
    std::map<std::size_t, std::vector<std::vector<double>>> by_run;
    std::map<std::size_t, std::vector<double>> shares;
    auto cell = f.cells().begin();
    for (const auto& c : o.cells) {
        if (!is_fitted(c)) continue;
        auto& parts = by_run[c.run];
        parts.resize(c.parts.size());
        for (std::size_t s = 0; s < c.parts.size(); ++s) add_to(parts[s], cell_score(f, u, *cell, &c.parts[s]));
        shares[c.run] = shares_of(c.parts);
        ++cell;
    }
    for (auto& [run, parts] : by_run) {
        const auto n = static_cast<double>(parts.size());
        if (parts.size() < 2) continue;
        std::vector<double> sum;
        for (const auto& g : parts) add_to(sum, g);
        for (std::size_t s = 0; s < parts.size(); ++s) {
            add_to(parts[s], sum, -shares[run][s]);
            add_product(j, parts[s], parts[s], n / (n - 1));
        }
    }
}

/// Adds what the estimated losses scatter: sum over runs of G C G', C the covariance of the run's losses, G the gradient's derivatives
/// with respect to them, by central differences of half a standard error.
inline void add_losses(std::vector<double>& j, const observations& o, const law_objective& f, std::span<const double> u) {
    std::vector<account> moved(f.accounts().begin(), f.accounts().end());
    const law_objective there(f.law(), moved, f.cells());
    for (std::size_t run = 0; run < o.runs.size(); ++run) {
        const auto& covariance = o.runs[run].loss_covariance;
        if (covariance.empty()) continue;
        auto& loss = moved[run].loss;
        std::vector<std::vector<double>> slope(loss.size(), std::vector<double>(u.size()));
        for (std::size_t q = 0; q < loss.size(); ++q) {
            const double step = 0.5 * std::sqrt(covariance[q * loss.size() + q]), estimate = loss[q];
            if (!(step > 0)) continue;
            for (double sign : {-1.0, 1.0}) {
                loss[q] = estimate + sign * step;
                for (const auto& c : there.cells())
                    if (c.account == run) add_to(slope[q], cell_score(there, u, c, c.loss), sign / (2 * step));
            }
            loss[q] = estimate;
        }
        for (std::size_t q = 0; q < loss.size(); ++q)
            for (std::size_t r = 0; r < loss.size(); ++r) add_product(j, slope[q], slope[r], covariance[q * loss.size() + r]);
    }
}

/// R/(R-1) sum_r s_r s_r', s_r the sum of the scores of run r, one of R; NaN for one run.
inline std::vector<double> scatter_of_runs(std::span<const fit_cell> cells, const std::vector<std::vector<double>>& scores, std::size_t P) {
    std::map<std::size_t, std::vector<double>> sums;
    for (std::size_t i = 0; i < cells.size(); ++i) add_to(sums[cells[i].account], scores[i]);
    const auto runs = static_cast<double>(sums.size());
    if (sums.size() < 2) return std::vector<double>(P * P, std::numeric_limits<double>::quiet_NaN());
    std::vector<double> j(P * P);
    for (const auto& [run, sum] : sums) add_product(j, sum, sum, runs / (runs - 1));
    return j;
}

}  // namespace detail

/// Covariance H^-1 J H^-1 of a law's parameters, H the Hessian of the objective and J the covariance of its gradient: from cells, with
/// Bartlett's weights for up to `consecutive` checkpoints of a run, from each run's sequences, which all its checkpoints share, and from
/// the losses' standard errors. Intervals are normal in search coordinates. With runs in place of cells, J is R/(R-1) times the sum of
/// squares of the R runs' scores, in which sequences and losses have their part. Everything is NaN when H is not definite. Throws
/// std::invalid_argument for a `consecutive` of 0.
[[nodiscard]] inline sandwich_result sandwich(const observations& o, const law_fit& fit, const bootstrap_options& options = {},
                                              double normal_quantile = normal_95) {
    detail::check_at_least("rationale::sandwich", "consecutive", options.consecutive, 1);
    const auto sample = as_observed(o);
    const auto cells = cells_of(o, sample, is_fitted);
    const law_objective objective(fit.law, sample.accounts, cells);
    const std::size_t P = objective.parameters();
    const auto u = objective.to_search(fit.values);
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    sandwich_result out{std::vector<double>(P * P, nan), std::vector<interval>(P), nan, std::vector<double>(P * P, nan), normal_quantile};
    const auto inverse = detail::inverse_of_free(fit.hessian, fit.fixed);
    if (inverse.empty()) return out;

    std::vector<std::vector<double>> scores;
    for (const auto& c : cells) scores.push_back(detail::cell_score(objective, u, c, c.loss));
    std::vector<double> j(P * P);
    if (options.cells) detail::add_cells(j, cells, scores, options.consecutive);
    if (options.sequences) detail::add_sequences(j, o, objective, u);
    if (options.losses) detail::add_losses(j, o, objective, u);
    out.covariance = detail::sandwiched(inverse, j, P);
    out.run_covariance = detail::sandwiched(inverse, detail::scatter_of_runs(cells, scores, P), P);
    const auto bounds = objective.bounds();
    for (std::size_t p = 0; p < P; ++p) {
        const double width = fit.fixed[p] ? nan : normal_quantile * std::sqrt(out.covariance[p * P + p]);
        const auto at = [&](double x) {
            return law_objective::from_search(fit.declared()[p], std::clamp(x, bounds.lower[p], bounds.upper[p]));
        };
        if (!std::isnan(width)) out.intervals[p] = {at(u[p] - width), at(u[p] + width)};
    }
    const auto trace = detail::product(inverse, j, P);
    out.optimism = 0;
    for (std::size_t p = 0; p < P; ++p) out.optimism += trace[p * P + p];
    return out;
}

}  // namespace rationale

#endif
