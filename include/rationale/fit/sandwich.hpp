#ifndef RATIONALE_FIT_SANDWICH_HPP
#define RATIONALE_FIT_SANDWICH_HPP

#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "rationale/fit/bootstrap.hpp"
#include "rationale/symmetric.hpp"

namespace rationale {

/// The sandwich: what cells and sequences say of each parameter one by one, around the curvature of the objective. It holds for a law that
/// is only an approximation, and for divergences that are no log-likelihoods.
struct sandwich_result {
    std::vector<double> covariance;       ///< P x P in search coordinates; 0 for a parameter without curvature, as at its bound
    std::vector<interval> intervals;      ///< of the parameters themselves
    double optimism = 0;                  ///< expected gap between the objective and its value on fresh cells: Takeuchi's trace over cells
    std::vector<double> run_covariance;   ///< P x P, of scores summed over each run, which may depend on one another; NaN for one run
    double quantile = 1.959963984540054;  ///< normal, of `intervals`
};

/// Covariance H^-1 J H^-1 of a law's parameters, H the Hessian of the objective and J the covariance of its gradient: from cells, with
/// Bartlett's weights for up to `consecutive` checkpoints of a run, from each run's sequences, which all its checkpoints share, and from
/// the losses' standard errors. Intervals are normal in search coordinates. With runs in place of cells, J is R/(R-1) times the sum of
/// squares of the R runs' scores, in which sequences and losses have their part. Everything is NaN when H is not definite.
[[nodiscard]] inline sandwich_result sandwich(const observations& o, const law_fit& fit, const bootstrap_options& options = {},
                                              double normal_quantile = 1.959963984540054) {
    const auto sample = as_observed(o);
    const auto cells = cells_of(o, sample, is_fitted);
    const law_objective objective(fit.law, sample.accounts, cells);
    const std::size_t P = objective.parameters();
    const auto u = objective.to_search(fit.values);
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    sandwich_result out{std::vector<double>(P * P, nan), std::vector<interval>(P), nan, std::vector<double>(P * P, nan), normal_quantile};
    const auto inverse = detail::inverse_of_free(fit.hessian, fit.fixed);
    if (inverse.empty()) return out;

    const auto n = static_cast<double>(cells.size());
    std::vector<double> j_cells(P * P), j_sequences(P * P);
    std::vector<std::vector<double>> score(cells.size());
    std::map<std::size_t, std::vector<double>> run_score;
    second_order one;
    const auto add = [&](std::vector<double>& j, std::span<const double> a, std::span<const double> b, double weight) {
        for (std::size_t p = 0; p < P; ++p)
            for (std::size_t q = 0; q < P; ++q) j[p * P + q] += weight * a[p] * b[q];
    };
    for (std::size_t i = 0; i < cells.size(); ++i) {
        objective.cell(u, cells[i], cells[i].loss, one);
        score[i] = one.gradient;
        auto& of_run = run_score[cells[i].account];
        of_run.resize(P);
        for (std::size_t p = 0; p < P; ++p) of_run[p] += one.gradient[p] / n;
        // At a bound the mean score is not 0; what varies is.
        for (std::size_t k = 0; k < options.consecutive && k <= i && cells[i - k].account == cells[i].account; ++k) {
            const double weight = (1 - static_cast<double>(k) / static_cast<double>(options.consecutive)) / (n * n);
            add(j_cells, score[i], score[i - k], weight);
            if (k > 0) add(j_cells, score[i - k], score[i], weight);
        }
    }
    if (options.sequences) {
        std::map<std::size_t, std::vector<std::vector<double>>> by_run;  // the run's score of each part
        std::size_t i = 0;
        for (const auto& c : o.cells) {
            if (!is_fitted(c)) continue;
            auto& parts = by_run[c.run];
            parts.resize(c.parts.size(), std::vector<double>(P));
            for (std::size_t s = 0; s < c.parts.size(); ++s) {
                objective.cell(u, cells[i], &c.parts[s], one);
                for (std::size_t p = 0; p < P; ++p) parts[s][p] += one.gradient[p] / n;
            }
            ++i;
        }
        for (auto& [run, parts] : by_run) {
            const auto count = static_cast<double>(parts.size());
            std::vector<double> mean(P);
            for (const auto& g : parts)
                for (std::size_t p = 0; p < P; ++p) mean[p] += g[p] / count;
            for (auto& g : parts) {
                for (std::size_t p = 0; p < P; ++p) g[p] -= mean[p];
                if (count > 1) add(j_sequences, g, g, count / (count - 1));
            }
        }
    }
    std::vector<double> j(P * P);
    for (std::size_t p = 0; p < P * P; ++p) j[p] = (options.cells ? j_cells[p] : 0) + j_sequences[p];
    // The gradient's derivatives with respect to the losses, by central differences of half a standard error.
    if (options.losses)
        for (std::size_t run = 0; run < o.runs.size(); ++run) {
            const auto& covariance = o.runs[run].loss_covariance;
            const std::size_t strategies = o.runs[run].known.loss.size();
            if (covariance.empty()) continue;
            std::vector<std::vector<double>> slope(strategies, std::vector<double>(P));
            auto moved = sample.accounts;
            const law_objective there(fit.law, moved, cells);
            for (std::size_t q = 0; q < strategies; ++q) {
                const double step = 0.5 * std::sqrt(covariance[q * strategies + q]);
                if (!(step > 0)) continue;
                for (double sign : {-1.0, 1.0}) {
                    moved[run].loss[q] = o.runs[run].known.loss[q] + sign * step;
                    for (std::size_t i = 0; i < cells.size(); ++i) {
                        if (cells[i].account != run) continue;
                        there.cell(u, cells[i], cells[i].loss, one);
                        for (std::size_t p = 0; p < P; ++p) slope[q][p] += sign * one.gradient[p] / (2 * step * n);
                    }
                }
                moved[run].loss[q] = o.runs[run].known.loss[q];
            }
            for (std::size_t q = 0; q < strategies; ++q)
                for (std::size_t r = 0; r < strategies; ++r) add(j, slope[q], slope[r], covariance[q * strategies + r]);
        }
    out.covariance = detail::product(detail::product(inverse, j, P), inverse, P);
    if (run_score.size() > 1) {
        const auto runs = static_cast<double>(run_score.size());
        std::vector<double> j_runs(P * P);
        for (const auto& [run, sum] : run_score) add(j_runs, sum, sum, runs / (runs - 1));
        out.run_covariance = detail::product(detail::product(inverse, j_runs, P), inverse, P);
    }
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
