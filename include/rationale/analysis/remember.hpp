#ifndef RATIONALE_ANALYSIS_REMEMBER_HPP
#define RATIONALE_ANALYSIS_REMEMBER_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/least.hpp"
#include "rationale/analysis/memory_report.hpp"
#include "rationale/compare/mixing_weights.hpp"
#include "rationale/fit/forecast.hpp"
#include "rationale/fit/observations.hpp"
#include "rationale/learner/precision_grid.hpp"

namespace rationale::detail {

/// The laws' prior masses: the range has mass one, and so has each of the others that is let in. Its base measure is ds, or 2 (1-s) ds,
/// which prefers to remember little.
inline void let_in(observations& o, const precision_grid& grid, bool generalizing, bool constant, bool toward_none = false) {
    for (auto& run : o.runs) {
        run.known.log_mass.assign(grid.size() + 2, -std::numeric_limits<double>::infinity());
        for (std::size_t i = 0; i < grid.size(); ++i)
            run.known.log_mass[i] = std::log(grid.width[i] * (toward_none ? 2 * (1 - grid.share[i]) : 1));
        if (generalizing) run.known.log_mass[grid.size()] = 0;
        if (constant) run.known.log_mass[grid.size() + 1] = 0;
    }
}

/// A model's divergence from each precision of the grid, which is smooth in s and so interpolated between them.
inline std::vector<double> at_nodes(const precision_grid& grid, const mixture_loss& loss) {
    std::vector<double> out, w(grid.size() + 2);
    for (std::size_t q = 0; q < grid.size(); ++q) {
        w[q] = 1;
        out.push_back(loss(w));
        w[q] = 0;
    }
    return out;
}
inline double at_share(const precision_grid& grid, std::span<const double> nodes, double s) {
    const auto w = grid.interpolate(s);
    return std::inner_product(w.begin(), w.end(), nodes.begin(), 0.0);
}

template <class Value>
void mean_by_role(const observations& o, memory_account& into, const Value& value) {
    const auto mean = [&](std::size_t split, bool held_out) {
        double sum = 0, count = 0;
        for (std::size_t i = 0; i < o.cells.size(); ++i) {
            const auto& c = o.cells[i];
            if (c.split != split || (held_out ? !is_held_out(c) : c.role != cell_role::fitted)) continue;
            sum += value(i), ++count;
        }
        return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
    };
    into.fitted = mean(0, false), into.held_out = mean(0, true), into.fitted_ood = mean(1, false), into.held_out_ood = mean(1, true);
}

/// A cell's least divergences from what is no mixture of predictions with weights of its own; NaN where it was not asked for.
struct cell_ceilings {
    double bayes_mixture = memory_account::none;  ///< exact Bayes with memorizing and generalizing, over their masses
    double some_tasks = memory_account::none;     ///< exact Bayes with a precision and none, over the precision and its share of tasks
    double tempered = memory_account::none;       ///< memorizing with likelihood^exponent, over exponents from 1/1024 to 1
    double exponent = memory_account::none;       ///< the best of them
};

/// Everything that follows from the observations of the range, `o`, of the best mixture of each precision with generalizing and of other
/// ceilings of every cell, beside those of the analysis's own law on the same cells, `two`. `share_of(kappa)` and `precision_of(s)` are the
/// family's, `bits_per_task(run, s)` is the rate; `own_range` says that precision 0 is the family's own predictor.
template <executor E>
memory_report remember(observations& o, std::span<const std::vector<double>> with_generalizing, std::span<const cell_ceilings> ceilings,
                       const observations& two, const law_fit& two_fit, const precision_grid& grid, bool own_range,
                       const std::function<double(double)>& share_of, const std::function<double(double)>& precision_of,
                       const std::function<double(std::size_t, double)>& bits_per_task, const fit_options& fitting,
                       const bootstrap_options& resampling, const E& execute) {
    memory_report out;
    const std::size_t n = grid.size();
    const std::string of_two = !two.cells.empty() && two.cells[0].parts[0].strategies() == 3 ? "M, G and C" : "M and G";
    for (double s : grid.share) out.precisions.push_back(precision_of(s));
    const auto sample = as_observed(o);
    const bool paired = o.cells.size() == two.cells.size();
    const auto is_held = [](std::size_t split) { return [split](const observed_cell& c) { return c.split == split && is_held_out(c); }; };

    // Each replicate's held-out means, ID and OOD, to compare laws pair by pair.
    using means = std::vector<std::array<double, 2>>;
    const auto replicate = [&](const observations& of, const law_fit& fit, std::vector<std::vector<double>>* values) {
        means held(resampling.replicates);
        if (values) values->resize(resampling.replicates);
        execute(resampling.replicates, [&](std::size_t b) {
            const auto s = resample(of, resampling, b);
            const auto v = refit(fit, s.accounts, cells_of(of, s, is_fitted));
            for (std::size_t split = 0; split < 2; ++split) held[b][split] = mean_divergence(fit.law, v, of, s, is_held(split));
            if (values) (*values)[b] = v;
        });
        return held;
    };
    const means reference = paired ? replicate(two, two_fit, nullptr) : means{};
    const auto compare = [&](memory_account& a, const means& held) {
        if (!paired) return;
        std::vector<double> id, ood;
        for (std::size_t b = 0; b < held.size(); ++b)
            id.push_back(held[b][0] - reference[b][0]), ood.push_back(held[b][1] - reference[b][1]);
        a.difference = percentile_interval(id), a.difference_ood = percentile_interval(ood);
    };

    {
        const auto s = as_observed(two);
        memory_account a{
            .name = two_fit.law.name() + " over " + of_two, .parameters = two_fit.values.size(), .identifiable = two_fit.identifiable()};
        mean_by_role(two, a, [&](std::size_t i) {
            return s.losses[i](two_fit.law.weights(two_fit.values, s.accounts[two.cells[i].run], two.cells[i].at));
        });
        out.accounts.push_back(a);
        memory_account best{.name = "best weight of " + of_two + " in every cell", .ceiling = true};
        mean_by_role(two, best, [&](std::size_t i) { return mixing_weights(s.losses[i]).loss; });
        out.accounts.push_back(best);
    }
    const auto add_law = [&](const any_law& law, const std::string& name, bool with_g, bool with_c, bool toward_none = false) {
        let_in(o, grid, with_g, with_c, toward_none);
        const auto s = as_observed(o);
        auto fit = fit_law(law, s.accounts, cells_of(o, s, is_fitted), fitting);
        memory_account a{.name = name, .parameters = fit.values.size(), .identifiable = fit.identifiable()};
        mean_by_role(o, a,
                     [&](std::size_t i) { return s.losses[i](fit.law.weights(fit.values, s.accounts[o.cells[i].run], o.cells[i].at)); });
        std::vector<std::vector<double>> values;
        compare(a, replicate(o, fit, &values));
        out.accounts.push_back(a);
        return std::pair(std::move(fit), std::move(values));
    };
    const std::string with = own_range ? "" : " and copying";
    using by_visits_and_all_bits = rational_law<per_task_evidence, power_simplicity>;
    using by_steps_and_own_bits = rational_law<power_law_evidence, per_task_simplicity>;
    (void)add_law(law_of<published_law>("published"), "published over precisions" + with, !own_range, false);
    (void)add_law(law_of<by_visits_and_all_bits>("N/D and K^beta"), "evidence by N/D, all bits K^beta" + with, !own_range, false);
    (void)add_law(law_of<by_steps_and_own_bits>("N and K/D"), "evidence by N, a task's own bits" + with, !own_range, false);
    auto [fit, values] = add_law(law_of<per_task_law>("per task"), "per task over precisions" + with, !own_range, false);
    out.fit = std::move(fit);
    if (!values.empty()) out.bootstrap = parameter_intervals({values, {}});
    out.around = sandwich(o, out.fit, resampling);
    std::vector<double> per_task_share(o.cells.size()), per_task_mode(o.cells.size());
    for (std::size_t i = 0; i < o.cells.size(); ++i) {
        const auto log_p = out.fit.law.log_posterior(out.fit.values, o.runs[o.cells[i].run].known, o.cells[i].at);
        const auto w = softmax(log_p);
        double mass = 0;
        std::size_t most = 0;
        for (std::size_t q = 0; q < n; ++q) {
            mass += w[q], per_task_share[i] += w[q] * grid.share[q];
            if (log_p[q] - std::log(grid.width[q]) > log_p[most] - std::log(grid.width[most])) most = q;  // a density
        }
        per_task_share[i] /= mass, per_task_mode[i] = out.precisions[most];
    }
    const auto forecast = backtest(o, out.fit.law, fitting);
    out.forecast_from = forecast.until_steps, out.forecast_cells = forecast.cells, out.forecast = forecast.law;
    out.forecast_of_two = backtest(two, two_fit.law, fitting).law;
    (void)add_law(law_of<per_task_law>("per task"), "per task over precisions" + with + " and constant", !own_range, true);
    (void)add_law(law_of<per_task_law>("per task"), "per task over precisions" + with + ", measure 2 (1-s) ds", !own_range, false, true);
    let_in(o, grid, !own_range, false);

    // The best precision of every cell, alone and mixed with generalizing, and how sure it is.
    out.cells.resize(o.cells.size());
    execute(o.cells.size(), [&](std::size_t i) {
        const auto& c = o.cells[i];
        memory_cell& m = out.cells[i];
        m.run = c.run, m.step = static_cast<std::int64_t>(c.at.steps), m.split = c.split;
        const auto least_of = [&](std::span<const double> nodes) {
            return least_on_unit([&](double s) { return at_share(grid, nodes, s); });
        };
        const auto [s, least] = least_of(at_nodes(grid, sample.losses[i]));
        m.precision = precision_of(s), m.divergence = least;
        m.bits_per_task = bits_per_task(c.run, s);
        m.with_generalizing = (std::min)(least, least_of(with_generalizing[i]).second);
        m.law_share = per_task_share[i], m.law_precision = per_task_mode[i];
        philox rng(resampling.seed + 1, i);
        std::vector<double> shares;
        std::vector<std::vector<double>> each;
        for (const auto& part : c.parts) each.push_back(at_nodes(grid, part));
        for (int b = 0; b < 100 && each.size() > 1; ++b) {
            std::vector<double> nodes(n);
            for (std::size_t k = 0; k < each.size(); ++k) {
                const auto& drawn = each[index(rng, each.size())];
                for (std::size_t q = 0; q < n; ++q) nodes[q] += drawn[q];
            }
            shares.push_back(least_of(nodes).first);
        }
        if (!shares.empty()) {
            const auto between = percentile_interval(shares);
            m.range = {precision_of(between.lower), precision_of(between.upper)};
        }
    });
    memory_account alone{.name = "best precision in every cell", .ceiling = true};
    mean_by_role(o, alone, [&](std::size_t i) { return out.cells[i].divergence; });
    memory_account mixed{
        .name = own_range ? "best precision mixed with G in every cell" : "best precision mixed with copying in every cell",
        .ceiling = true};
    mean_by_role(o, mixed, [&](std::size_t i) { return out.cells[i].with_generalizing; });

    // kappa = scale (N/D)^exponent.
    if (own_range) {
        const auto nodes_of = [&](const observed_sample& s) {
            std::vector<std::vector<double>> nodes(o.cells.size());
            for (std::size_t i = 0; i < o.cells.size(); ++i)
                if (is_fitted(o.cells[i]) && s.weights[i] > 0) nodes[i] = at_nodes(grid, s.losses[i]);
            return nodes;
        };
        const auto objective = [&](const observed_sample& s, const std::vector<std::vector<double>>& nodes) {
            return [&](const std::array<double, 2>& u) {
                double sum = 0, total = 0;
                for (std::size_t i = 0; i < o.cells.size(); ++i) {
                    if (nodes[i].empty()) continue;
                    const auto& at = o.cells[i].at;
                    const double kappa = std::exp(u[0] + u[1] * std::log((std::max)(at.steps, 1.) / at.tasks));
                    sum += s.weights[i] * at_share(grid, nodes[i], share_of(kappa)), total += s.weights[i];
                }
                return std::isnan(sum) ? std::numeric_limits<double>::infinity() : sum / total;
            };
        };
        std::array<double, 2> start{1.5, 0.5};
        const auto observed = nodes_of(sample);
        start = least_by_compass(objective(sample, observed), start, {0.8, 0.2}, 12);
        visits_law v{.scale = std::exp(start[0]), .exponent = start[1]};
        const std::size_t replicates = (std::min)(resampling.replicates, std::size_t{200});
        std::vector<double> scales(replicates), exponents(replicates);
        execute(replicates, [&](std::size_t b) {
            const auto s = resample(o, resampling, b);
            const auto nodes = nodes_of(s);
            const auto u = least_by_compass(objective(s, nodes), start, {0.1, 0.03}, 6);
            scales[b] = std::exp(u[0]), exponents[b] = u[1];
        });
        v.scale_interval = percentile_interval(scales), v.exponent_interval = percentile_interval(exponents);
        double squares = 0, count = 0;
        for (std::size_t i = 0; i < o.cells.size(); ++i) {
            const auto& c = o.cells[i];
            if (!is_fitted(c) || !(out.cells[i].precision > 0) || !std::isfinite(out.cells[i].precision)) continue;
            const double rest = std::log(out.cells[i].precision) - start[0] - start[1] * std::log((std::max)(c.at.steps, 1.) / c.at.tasks);
            squares += rest * rest, ++count;
        }
        v.spread = std::sqrt(squares / count);
        memory_account a{.name = "precision by visits, scale (N/D)^exponent", .parameters = 2};
        mean_by_role(o, a, [&](std::size_t i) {
            const auto& at = o.cells[i].at;
            return at_share(grid, at_nodes(grid, sample.losses[i]),
                            share_of(v.scale * std::pow((std::max)(at.steps, 1.) / at.tasks, v.exponent)));
        });
        out.accounts.push_back(a);
        out.visits = v;
    }
    const auto add_ceiling = [&](std::string name, double cell_ceilings::*least) {
        memory_account a{.name = std::move(name), .ceiling = true};
        mean_by_role(o, a, [&](std::size_t i) { return ceilings[i].*least; });
        if (!std::isnan(a.fitted)) out.accounts.push_back(a);
    };
    add_ceiling(own_range ? "exact Bayes mixture of M and G, best mass in every cell" : "exact Bayes mixture of M and copying, best mass",
                &cell_ceilings::bayes_mixture);
    add_ceiling("some tasks at the best precision, others not at all", &cell_ceilings::some_tasks);
    add_ceiling("tempered M, best exponent in every cell", &cell_ceilings::tempered);
    std::vector<double> exponents;
    for (std::size_t i = 0; i < o.cells.size(); ++i)
        if (is_fitted(o.cells[i]) && !std::isnan(ceilings[i].exponent)) exponents.push_back(ceilings[i].exponent);
    if (!exponents.empty()) out.exponents = percentile_interval(exponents, 0.8);
    out.accounts.push_back(alone);
    out.accounts.push_back(mixed);
    return out;
}

}  // namespace rationale::detail

#endif
