#ifndef RATIONALE_FIT_COMPARE_LAWS_HPP
#define RATIONALE_FIT_COMPARE_LAWS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/compare/mixing_weights.hpp"
#include "rationale/fit/bootstrap.hpp"
#include "rationale/fit/sandwich.hpp"

namespace rationale {

/// How well an explanation does: mean divergences over cells, each kind of cells apart.
struct explanation_score {
    std::string name;                                                ///< as reports have it
    std::size_t parameters = 0;                                      ///< that were fitted
    double fitted = std::numeric_limits<double>::quiet_NaN();        ///< over the cells it was fitted to
    double held_out = std::numeric_limits<double>::quiet_NaN();      ///< over later steps and more tasks; NaN without such cells
    double held_out_ood = std::numeric_limits<double>::quiet_NaN();  ///< the same out of distribution
    double across_tasks = std::numeric_limits<double>::quiet_NaN();  ///< cross-validated: each number of tasks left out in turn
    double across_steps =
        std::numeric_limits<double>::quiet_NaN();                 ///< cross-validated: each of five stretches of training left out in turn
    double criterion = std::numeric_limits<double>::quiet_NaN();  ///< Takeuchi's: fitted + optimism; NaN for what is not identifiable
    bool identifiable = true;                                     ///< whether the cells determine its parameters
    interval difference{};  ///< of held_out to the reference's, over bootstrap replicates in which both are fitted again
    bool law = true;        ///< false for what is no law: baselines and the ceiling
};

namespace detail {

/// Mean divergence over the cells that are left out in turn, one group after another, each predicted by a fit to the other groups.
template <class Group>
double cross_validated(const law_fit& fit, const observations& o, const observed_sample& s, const Group& group_of) {
    const auto use = [](const observed_cell& c) { return c.split == 0 && c.role != cell_role::before_threshold; };
    std::set<std::size_t> groups;
    for (const auto& c : o.cells)
        if (use(c)) groups.insert(group_of(c));
    if (groups.size() < 2) return std::numeric_limits<double>::quiet_NaN();
    double sum = 0, count = 0;
    for (std::size_t left_out : groups) {
        const auto rest = cells_of(o, s, [&](const observed_cell& c) { return use(c) && group_of(c) != left_out; });
        if (rest.size() < (std::max)(fit.values.size(), std::size_t{1})) return std::numeric_limits<double>::quiet_NaN();
        const auto values = refit(fit, s.accounts, rest);
        for (const auto& c : cells_of(o, s, [&](const observed_cell& x) { return use(x) && group_of(x) == left_out; }))
            sum += (*c.loss)(fit.law.weights(values, s.accounts[c.account], c.at)), ++count;
    }
    return sum / count;
}

/// Minimizer over the simplex of the mean of losses: the best weights that are the same everywhere.
struct mean_loss {
    using derivatives = mixture_loss::derivatives;
    std::vector<const mixture_loss*> losses;

    void evaluate(const std::vector<double>& w, derivatives& out) const {
        out.value = 0;
        out.gradient.assign(w.size(), 0.0);
        out.hessian.assign(w.size() * w.size(), 0.0);
        derivatives one;
        const double share = 1 / static_cast<double>(losses.size());
        for (const auto* loss : losses) {
            loss->evaluate(w, one);
            out.value += share * one.value;
            for (std::size_t i = 0; i < one.gradient.size(); ++i) out.gradient[i] += share * one.gradient[i];
            for (std::size_t i = 0; i < one.hessian.size(); ++i) out.hessian[i] += share * one.hessian[i];
        }
    }
};

}  // namespace detail

/// Scores a fitted law.
[[nodiscard]] inline explanation_score score_of(const law_fit& fit, const observations& o, const bootstrap_options& options = {}) {
    const auto s = as_observed(o);
    explanation_score out{
        .name = fit.law.name(), .parameters = fit.values.size(), .fitted = fit.objective, .identifiable = fit.identifiable()};
    const auto mean = [&](std::size_t split) {
        return mean_divergence(fit.law, fit.values, o, s, [split](const observed_cell& c) { return c.split == split && is_held_out(c); });
    };
    out.held_out = mean(0), out.held_out_ood = mean(1);
    out.across_tasks = detail::cross_validated(fit, o, s, [](const observed_cell& c) { return static_cast<std::size_t>(c.at.tasks); });
    std::vector<double> steps;
    for (const auto& c : o.cells)
        if (c.split == 0 && c.role != cell_role::before_threshold) steps.push_back(c.at.steps);
    std::sort(steps.begin(), steps.end());
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
    out.across_steps = detail::cross_validated(fit, o, s, [&](const observed_cell& c) {
        const auto at = static_cast<std::size_t>(std::lower_bound(steps.begin(), steps.end(), c.at.steps) - steps.begin());
        return 5 * at / steps.size();
    });
    if (!fit.identifiable()) return out;
    out.criterion = fit.objective + sandwich(o, fit, options).optimism;
    return out;
}

/// What laws are measured against: the best single strategy and the best weights that are the same everywhere, both found on the fitted
/// cells, equal weights, and the best weights of every cell, which no law of these strategies can pass.
[[nodiscard]] inline std::vector<explanation_score> baselines(const observations& o, std::span<const std::string> strategies) {
    const auto s = as_observed(o);
    const std::size_t n = strategies.size();
    const auto mean = [&](const auto& weights_of, const auto& use) {
        double sum = 0, count = 0;
        for (std::size_t i = 0; i < o.cells.size(); ++i)
            if (use(o.cells[i])) sum += s.losses[i](weights_of(s.losses[i])), ++count;
        return sum / count;
    };
    const auto held_out = [](std::size_t split) { return [split](const observed_cell& c) { return c.split == split && is_held_out(c); }; };
    std::vector<explanation_score> out;
    const auto add = [&](std::string name, std::size_t parameters, const auto& weights_of) {
        out.push_back({.name = std::move(name),
                       .parameters = parameters,
                       .fitted = mean(weights_of, is_fitted),
                       .held_out = mean(weights_of, held_out(0)),
                       .held_out_ood = mean(weights_of, held_out(1)),
                       .law = false});
    };
    const auto fixed = [](std::vector<double> w) { return [same = std::move(w)](const mixture_loss&) { return same; }; };
    std::size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t q = 0; q < n; ++q) {
        std::vector<double> w(n);
        w[q] = 1;
        if (const double v = mean(fixed(w), is_fitted); v < least) least = v, best = q;
    }
    std::vector<double> single(n);
    single[best] = 1;
    add("always " + strategies[best], 0, fixed(single));
    add("equal weights", 0, fixed(std::vector<double>(n, 1 / static_cast<double>(n))));
    detail::mean_loss together;
    for (std::size_t i = 0; i < o.cells.size(); ++i)
        if (is_fitted(o.cells[i])) together.losses.push_back(&s.losses[i]);
    if (!together.losses.empty()) add("same weights everywhere", n - 1, fixed(simplex_newton(together, n).point));
    std::size_t cells = 0;
    for (const auto& c : o.cells) cells += is_fitted(c);
    add("free weights in every cell", cells * (n - 1), [](const mixture_loss& loss) { return mixing_weights(loss).weights; });
    return out;
}

}  // namespace rationale

#endif
