#ifndef RATIONALE_FIT_FIT_LAW_HPP
#define RATIONALE_FIT_FIT_LAW_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/fit/law_objective.hpp"
#include "rationale/number_text.hpp"

namespace rationale {

/// Where a fit starts, and how often.
struct fit_options {
    std::size_t candidates = 512;  ///< points of the start ranges that are looked at
    std::size_t starts = 12;       ///< the best of them, from which the fit is run
    /// Parameter values to start from instead: one more fit of the same cells, resampled ones say, then costs milliseconds.
    std::optional<std::vector<double>> initial{};
};

/// A law fitted to cells.
struct law_fit {
    any_law law;                 ///< what was fitted
    std::vector<double> values;  ///< of the law's parameters
    /// Mean over cells of KL(model || mixture) in nats, or of the squared error.
    double objective = std::numeric_limits<double>::quiet_NaN();
    std::size_t cells = 0;          ///< to which it was fitted
    std::vector<bool> at_bound{};   ///< of each parameter: whether a bound holds it
    std::vector<double> hessian{};  ///< P x P, of the objective in search coordinates
    double condition = 0;           ///< of the Hessian of the parameters that are not at a bound, scaled to a unit diagonal
    /// Searches, those that ended at the optimum, and those that ended at any minimum and not elsewhere.
    std::size_t starts = 0, reached = 0, converged = 0;
    bool settled = true;  ///< whether the search converged at `values`; otherwise they are where it ended, and no optimum
    std::vector<std::string> not_identifiable{};  ///< in words: what the data do not determine; empty when they determine everything

    /// The law's parameters, in the order of `values`.
    [[nodiscard]] std::span<const law_parameter> declared() const noexcept { return law.parameters(); }
    /// Whether the cells determine all parameters.
    [[nodiscard]] bool identifiable() const noexcept { return not_identifiable.empty(); }
    /// The law with its type, which must be the one that was fitted.
    template <class Law>
    [[nodiscard]] Law as() const {
        return Law::from(values);
    }
    /// The fitted law's weight of each strategy.
    [[nodiscard]] std::vector<double> weights(const account& a, const training& n) const { return law.weights(values, a, n); }
};

namespace detail {

/// Number i of the sequence of van der Corput in a prime base: low-discrepancy points in (0, 1).
inline double van_der_corput(std::size_t i, std::size_t base) {
    double x = 0, place = 1;
    for (++i; i > 0; i /= base) {
        place /= static_cast<double>(base);
        x += place * static_cast<double>(i % base);
    }
    return x;
}

/// Smallest and largest eigenvalue of a symmetric matrix of size n, by Jacobi's rotations.
inline std::pair<double, double> extreme_eigenvalues(std::vector<double> a, std::size_t n) {
    for (int sweep = 0; sweep < 60; ++sweep)
        for (std::size_t p = 0; p < n; ++p)
            for (std::size_t q = p + 1; q < n; ++q) {
                if (a[p * n + q] == 0) continue;
                const double theta = 0.5 * (a[q * n + q] - a[p * n + p]) / a[p * n + q];
                const double t = (theta < 0 ? -1 : 1) / (std::abs(theta) + std::hypot(theta, 1));
                const double c = 1 / std::hypot(t, 1), s = t * c;
                for (std::size_t k = 0; k < n; ++k) {
                    const double x = a[k * n + p], y = a[k * n + q];
                    a[k * n + p] = c * x - s * y, a[k * n + q] = s * x + c * y;
                }
                for (std::size_t k = 0; k < n; ++k) {
                    const double x = a[p * n + k], y = a[q * n + k];
                    a[p * n + k] = c * x - s * y, a[q * n + k] = s * x + c * y;
                }
            }
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::size_t i = 0; i < n; ++i) low = (std::min)(low, a[i * n + i]), high = (std::max)(high, a[i * n + i]);
    return {low, high};
}

}  // namespace detail

/// Fits a law to cells: minimizes the mean divergence between the model and the law's mixture over the admissible parameters, from many
/// starts, and says what the cells do not determine. Deterministic. Throws std::invalid_argument when there are fewer cells than parameters
/// or when a cell's loss is infinite for every weight.
[[nodiscard]] inline law_fit fit_law(const any_law& law, std::span<const account> accounts, std::span<const fit_cell> cells,
                                     const fit_options& options = {}) {
    const std::size_t P = law.parameters().size();
    if (cells.size() < (std::max)(P, std::size_t{1}))
        throw std::invalid_argument("rationale::fit_law: there are " + std::to_string(cells.size()) + " cells to fit, must be at least " +
                                    std::to_string((std::max)(P, std::size_t{1})) + ", the number of parameters");
    for (const auto& c : cells)
        if (!c.context && !c.loss->finite())
            throw std::invalid_argument("rationale::fit_law: the cell of " + significant(c.at.tasks) + " tasks at step " +
                                        significant(c.at.steps, 15) + " has an infinite loss whatever the weights, must be left out");
    for (const auto& c : cells)
        for (const auto* known : {&accounts[c.account].loss, &accounts[c.account].complexity})
            for (std::size_t q = 0; q < known->size(); ++q)
                if (!std::isfinite((*known)[q]))
                    throw std::invalid_argument(std::string("rationale::fit_law: ") +
                                                (known == &accounts[c.account].loss ? "the loss" : "the complexity") + " of strategy " +
                                                std::to_string(q) + " for " + std::to_string(std::llround(c.at.tasks)) + " tasks is " +
                                                significant((*known)[q]) + ", must be finite");
    const law_objective objective(law, accounts, cells);
    const auto declared = law.parameters();
    const auto bounds = objective.bounds();
    using point = law_objective::point;

    std::vector<std::pair<double, point>> candidates;
    const auto consider = [&](const point& u) {
        if (const double v = objective.value(u); std::isfinite(v)) candidates.emplace_back(v, u);
    };
    if (options.initial) {
        if (options.initial->size() != P)
            throw std::invalid_argument("rationale::fit_law: there are " + std::to_string(options.initial->size()) +
                                        " initial values, must be " + std::to_string(P) + ", one a parameter");
        point u = objective.to_search(*options.initial);
        for (std::size_t i = 0; i < P; ++i) u[i] = std::clamp(u[i], bounds.lower[i], bounds.upper[i]);
        consider(u);
    } else {
        constexpr std::array<std::size_t, 8> primes{2, 3, 5, 7, 11, 13, 17, 19};
        for (std::size_t k = 0; k < (P == 0 ? 1 : options.candidates); ++k) {
            point u(P);
            for (std::size_t i = 0; i < P; ++i) {
                const double from = law_objective::to_search(declared[i], declared[i].start_from),
                             to = law_objective::to_search(declared[i], declared[i].start_to);
                u[i] = from + (to - from) * detail::van_der_corput(k, primes[i % primes.size()]);
                // One candidate in four starts on a linear parameter's lower bound: an optimum there is common, as alpha = 0 is.
                if (declared[i].scale == search_scale::linear && k % 4 == 0) u[i] = bounds.lower[i];
            }
            consider(u);
        }
        std::sort(candidates.begin(), candidates.end());
    }
    law_fit out{.law = law, .values = {}};
    minimum best;
    best.at.value = std::numeric_limits<double>::infinity();
    std::vector<double> reached;
    std::size_t converged = 0;
    for (std::size_t k = 0; k < (std::min)(options.starts, candidates.size()); ++k) {
        const auto found = projected_newton(objective, candidates[k].second, bounds);
        reached.push_back(found.at.value);
        converged += found.converged();
        if (found.at.value < best.at.value) best = found;
    }
    if (!std::isfinite(best.at.value)) throw std::invalid_argument("rationale::fit_law: the objective is not finite at any start");
    out.values = objective.from_search(best.point);
    out.objective = (std::max)(best.at.value, 0.0);  // an exact law's is 0, but for rounding
    out.cells = cells.size();
    out.at_bound = best.at_bound;
    out.hessian = best.at.hessian;
    out.starts = reached.size();
    out.converged = converged;
    out.settled = best.converged();
    out.reached = static_cast<std::size_t>(
        std::count_if(reached.begin(), reached.end(), [&](double v) { return v <= best.at.value + 1e-9 * (1 + std::abs(best.at.value)); }));

    // What the cells leave open.
    std::set<double> steps, tasks;
    for (const auto& c : cells)
        if (c.weight > 0) steps.insert(c.at.steps), tasks.insert(c.at.tasks);
    const auto names = [&](std::size_t from, std::size_t to) {
        std::string text;
        for (std::size_t i = from; i < to; ++i) text += (i == from ? "" : i + 1 == to ? " and " : ", ") + std::string(declared[i].name);
        return text;
    };
    const std::size_t evidence_parameters = law.evidence_parameters();
    if (tasks.size() == 1 && P > evidence_parameters)
        out.not_identifiable.push_back("there is a single number of tasks, so complexity never varies and " +
                                       names(evidence_parameters, P) +
                                       " is only a constant in the log odds: how it depends on complexity cannot be determined");
    if (steps.size() == 1 && evidence_parameters > 0)
        out.not_identifiable.push_back("there is a single number of steps, so " + names(0, evidence_parameters) + " cannot be told apart");
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < P; ++i)
        // At a bound with nothing that pushes it there is as open as any other.
        if (!best.at_bound[i] || std::abs(best.at.gradient[i]) <= 1e-6 * std::abs(best.at.value)) open.push_back(i);
    std::vector<double> scaled(open.size() * open.size());
    bool flat = false;
    for (std::size_t i = 0; i < open.size(); ++i) {
        const double curvature = best.at.hessian[open[i] * P + open[i]];
        // A factor of e, or 1 on a linear scale, that changes the objective by less than a millionth of it.
        if (!(0.5 * curvature > 1e-6 * std::abs(best.at.value))) {
            out.not_identifiable.push_back(std::string(declared[open[i]].name) + " has a flat profile: the data do not determine it");
            flat = true;
        }
        for (std::size_t j = 0; j < open.size(); ++j)
            scaled[i * open.size() + j] =
                best.at.hessian[open[i] * P + open[j]] / std::sqrt(std::abs(curvature * best.at.hessian[open[j] * P + open[j]]));
    }
    if (!open.empty() && !flat) {
        const auto [low, high] = detail::extreme_eigenvalues(scaled, open.size());
        out.condition = low > 0 ? high / low : std::numeric_limits<double>::infinity();
        if (out.condition > 1e8)
            out.not_identifiable.push_back(names(0, P) + " compensate for one another: only a combination of them is determined");
    }
    return out;
}

/// The law's parameters fitted to other cells, or the same ones resampled, from where it stands: one local minimization, whose last digits
/// are left to fits.
[[nodiscard]] inline std::vector<double> refit(const law_fit& fit, std::span<const account> accounts, std::span<const fit_cell> cells) {
    const law_objective objective(fit.law, accounts, cells);
    const auto bounds = objective.bounds();
    auto start = objective.to_search(fit.values);
    return objective.from_search(projected_newton(objective, std::move(start), bounds, 2, 200, 1e-11).point);
}

}  // namespace rationale

#endif
