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

#include "rationale/analysis/memory_report.hpp"
#include "rationale/analysis/subset.hpp"
#include "rationale/compare/divergence.hpp"
#include "rationale/compare/mixing_weights.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/fit/observations.hpp"
#include "rationale/learner/precision_grid.hpp"
#include "rationale/prior/remembered.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/loss.hpp"
#include "rationale/strategy/program.hpp"

namespace rationale::detail {

/// Mixtures like those that laws of precisions make: single strategies, and smooth humps over the range, alone or with a share for the
/// other two.
inline std::vector<std::vector<double>> precision_probes(const precision_grid& grid) {
    const std::size_t n = grid.size() + 2;
    std::vector<std::vector<double>> out;
    philox rng(1, 0);
    const auto with_others = [&](std::vector<double> range, bool alone) {
        std::vector<double> w(n);
        const double a = alone ? 0 : uniform(rng), b = alone ? 0 : uniform(rng) * uniform(rng) * (1 - a);
        for (std::size_t i = 0; i < range.size(); ++i) w[i] = range[i] * (1 - a - b);
        w[n - 2] = a, w[n - 1] = b;
        out.push_back(std::move(w));
    };
    for (std::size_t q = 0; q < n; ++q) out.emplace_back(n), out.back()[q] = 1;
    for (int i = 0; i < 360; ++i) {
        const double center = 1.4 * uniform(rng) - 0.2, width = std::exp(std::log(0.03) * uniform(rng));
        std::vector<double> hump(grid.size());
        double sum = 0;
        for (std::size_t j = 0; j < hump.size(); ++j)
            sum += hump[j] = grid.width[j] * std::exp(-0.5 * std::pow((grid.share[j] - center) / width, 2)) + 1e-300;
        for (double& x : hump) x /= sum;
        with_others(std::move(hump), i % 2 == 0);
    }
    return out;
}

/// Least value of a function on [0, 1]: the best of a grid, and a golden section around it.
template <class Function>
std::pair<double, double> least_on_unit(const Function& f, std::size_t points = 24) {
    const auto at = [&](double x) {
        const double y = f(x);
        return std::isnan(y) ? std::numeric_limits<double>::infinity() : y;
    };
    std::size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    const auto place = [&](std::size_t i) { return static_cast<double>(i) / static_cast<double>(points); };
    for (std::size_t i = 0; i <= points; ++i)
        if (const double y = at(place(i)); y < least) least = y, best = i;
    double low = place(best == 0 ? 0 : best - 1), high = place((std::min)(best + 1, points)), x = place(best);
    constexpr double golden = 0.38196601125010515;
    double a = low + golden * (high - low), b = high - golden * (high - low), fa = at(a), fb = at(b);
    for (int i = 0; i < 24; ++i) {
        if (fa < fb) high = b, b = a, fb = fa, a = low + golden * (high - low), fa = at(a);
        else low = a, a = b, fa = fb, b = high - golden * (high - low), fb = at(b);
    }
    if (fa < least) least = fa, x = a;
    if (fb < least) least = fb, x = b;
    return {x, least};
}

/// Least divergence of a model from the exact Bayes mixture of two strategies over their masses: at a position a strategy's weight is its
/// mass times the evidence that it has for what came before.
inline double least_of_bayes_mixtures(const predictions& model, const predictions& a, const predictions& b) {
    const std::size_t outcomes = model.outcomes();
    return least_on_unit([&](double x) {
               const double log_odds = 120 * x - 60;
               double sum = 0;
               for (std::size_t s = 0; s < model.sequences(); ++s)
                   for (std::size_t t = 0; t < model.events(); ++t) {
                       const double w = 1 / (1 + std::exp(b.log_evidence(s, t) - a.log_evidence(s, t) - log_odds));
                       for (std::size_t k = 0; k < outcomes; ++k) {
                           const double h = model.values(s, t, k), mixed = w * a.values(s, t, k) + (1 - w) * b.values(s, t, k);
                           if (model.kind == prediction_kind::mean) sum += (h - mixed) * (h - mixed);
                           else if (h > 0) sum += h * std::log(h / mixed);
                       }
                   }
               return sum;
           }).second /
           static_cast<double>(model.sequences() * model.events());
}

/// Minimum of a function of two numbers near a start, by steps along the four directions that are halved where none helps.
template <class Function>
std::array<double, 2> least_by_compass(const Function& f, std::array<double, 2> at, std::array<double, 2> step, int halvings) {
    double least = f(at);
    for (int h = 0; h < halvings;) {
        bool better = false;
        for (std::size_t i = 0; i < 2; ++i)
            for (double sign : {1., -1.}) {
                auto next = at;
                next[i] += sign * step[i];
                if (const double y = f(next); y < least) least = y, at = next, better = true;
            }
        if (!better) ++h, step[0] *= 0.5, step[1] *= 0.5;
    }
    return at;
}

/// What one run shows of its precisions.
struct remembered_run {
    observed_run known{};
    std::array<std::vector<predictions>, 2> parts{};  // of each split: the grid's, generalizing, constant
    std::array<std::vector<std::size_t>, 2> kept{};   // sequences that are looked at
};

/// Above so many numbers in a checkpoint's predictions only its first sequences are looked at.
inline constexpr std::size_t most_remembered = 16384;

/// The range's losses, bits and predictions for one run.
template <task_family F, class Reader, class Run, executor E>
remembered_run remember_run(const F& family, const Reader& reader, const Run& run, const precision_grid& grid,
                            const std::array<std::vector<std::size_t>, 2>& kept, const loss_options& losses, const E& execute) {
    using prior = remembered<seen_tasks<F>>;
    const memory<F> of(family);
    const seen_tasks<F> seen(family, reader.table(), reader.task_weights());
    std::vector<bayes<F, prior>> range;
    remembered_run out;
    out.known.tasks = run.tasks, out.known.seed = run.seed;
    for (double s : grid.share) {
        range.emplace_back(family, prior(family, seen, of.precision(s)));
        out.known.known.complexity.push_back(program_bits<memorizing<F>> + range.back().prior().bits());
    }
    out.known.known.complexity.push_back(run.known.complexity[1]);
    out.known.known.complexity.push_back(run.known.complexity[2]);
    const generalizing<F> generalize(family);
    const constant<F> guess(family);
    const auto predict_range = [&](const typename F::sequences& q) {
        std::vector<predictions> all;
        for (const auto& b : range) all.push_back(predict(b, q, execute, impossible_context::mask));
        all.push_back(predict(generalize, q, execute));
        all.push_back(predict(guess, q, execute));
        return all;
    };
    std::vector<std::optional<double>> exact(grid.size() + 2);
    if constexpr (requires { generalize.expected_loss(seen, reader.context()); })
        exact[grid.size()] = generalize.expected_loss(seen, reader.context());
    if constexpr (requires { guess.expected_loss(seen, reader.context()); })
        exact[grid.size() + 1] = guess.expected_loss(seen, reader.context());
    const auto estimate = estimate_losses(family, predict_range, exact, seen, reader.context(),
                                          {.seed = losses.seed,
                                           .relative_error = 0,
                                           .batch = losses.batch,
                                           .most_sequences = (std::min)(losses.most_sequences, std::size_t{2048})});
    out.known.known.loss = estimate.mean;
    out.known.loss_covariance = covariance_of(estimate);
    for (std::size_t split = 0; split < 2; ++split) {
        if (!reader.has(split) || kept[split].empty()) continue;
        auto all = predict_range(reader.sequences(split));
        const std::size_t each = all[0].events() * all[0].outcomes();
        out.kept[split] = kept[split];
        out.kept[split].resize((std::min)(kept[split].size(), (std::max)(std::size_t{8}, most_remembered / each)));
        for (auto& p : all) {
            predictions some;
            if (&subset(p, out.kept[split], some) == &p) some = std::move(p);
            some.log_evidence = {};
            out.parts[split].push_back(std::move(some));
        }
    }
    return out;
}

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

/// A checkpoint of a run whose tasks were seen with unequal weights.
struct weighted_cell {
    training at;
    std::size_t split;
    cell_role role;
    predictions model;
};

/// kappa_d = scale (N weight_d)^exponent fitted to one run, its intervals from sequences and cells that are resampled together, and the
/// account it gives. Each evaluation predicts every cell anew, as each has its own precisions.
template <task_family F, executor E>
std::pair<visits_law, memory_account> fit_own_visits(const F& family, const seen_tasks<F>& seen,
                                                     const std::array<const typename F::sequences*, 2>& sequences,
                                                     const std::array<std::vector<std::size_t>, 2>& kept,
                                                     const std::vector<weighted_cell>& cells, const bootstrap_options& resampling,
                                                     const E& execute) {
    using prior = remembered<seen_tasks<F>>;
    // Divergences of a cell's sequences.
    const auto divergence = [&](const weighted_cell& c, const std::array<double, 2>& u) {
        std::vector<double> precision;
        for (double w : seen.weights()) precision.push_back(w > 0 ? std::exp(u[0] + u[1] * std::log((std::max)(c.at.steps, 1.) * w)) : 0);
        const auto all = predict(bayes<F, prior>(family, prior(family, seen, std::move(precision))), *sequences[c.split]);
        predictions some;
        const auto d = divergences(kl{}, c.model, subset(all, kept[c.split], some));
        return std::vector<double>(d.begin(), d.end());
    };
    const auto mean = [](const std::vector<double>& x) { return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size()); };
    std::vector<const weighted_cell*> fitted;
    for (const auto& c : cells)
        if (c.split == 0 && c.role == cell_role::fitted) fitted.push_back(&c);
    const auto each = [&](const std::array<double, 2>& u) {
        std::vector<std::vector<double>> out(fitted.size());
        execute(fitted.size(), [&](std::size_t i) { out[i] = divergence(*fitted[i], u); });
        return out;
    };
    const auto objective = [&](const std::array<double, 2>& u) {
        double sum = 0;
        for (const auto& x : each(u)) sum += mean(x);
        return std::isnan(sum) ? std::numeric_limits<double>::infinity() : sum;
    };
    const auto best = least_by_compass(objective, {1.0, 0.5}, {0.8, 0.2}, 8);
    visits_law v{.scale = std::exp(best[0]), .exponent = best[1]};
    // Near the optimum the divergences are quadratic: nine evaluations give every replicate's minimum.
    constexpr std::array<double, 2> step{0.2, 0.04};
    std::array<std::vector<std::vector<double>>, 9> around;
    for (int i = 0; i < 9; ++i)
        around[static_cast<std::size_t>(i)] = each({best[0] + step[0] * (i / 3 - 1), best[1] + step[1] * (i % 3 - 1)});
    std::vector<double> scales, exponents;
    for (std::size_t b = 0; b < resampling.replicates && !fitted.empty(); ++b) {
        philox rng(resampling.seed + 2, b);
        std::vector<double> weight(kept[0].size());
        for (std::size_t k = 0; k < weight.size(); ++k) weight[index(rng, weight.size())] += 1;
        std::array<double, 9> f{};
        for (std::size_t k = 0; k < fitted.size(); ++k) {
            const std::size_t cell = index(rng, fitted.size());
            for (std::size_t i = 0; i < 9; ++i)
                for (std::size_t s = 0; s < weight.size(); ++s) f[i] += weight[s] * around[i][cell][s];
        }
        const double ga = 0.5 * (f[7] - f[1]), gb = 0.5 * (f[5] - f[3]), aa = f[7] - 2 * f[4] + f[1], bb = f[5] - 2 * f[4] + f[3],
                     ab = 0.25 * (f[8] - f[6] - f[2] + f[0]), determinant = aa * bb - ab * ab;
        if (!(determinant > 0) || !(aa > 0)) continue;
        scales.push_back(std::exp(best[0] - step[0] * (bb * ga - ab * gb) / determinant));
        exponents.push_back(best[1] - step[1] * (aa * gb - ab * ga) / determinant);
    }
    v.scale_interval = percentile_interval(scales), v.exponent_interval = percentile_interval(exponents);
    v.spread = std::numeric_limits<double>::quiet_NaN();
    memory_account account{.name = "precision by a task's own visits", .parameters = 2};
    std::array<double, 4> sum{}, count{};
    for (const auto& c : cells) {
        const bool held = c.role != cell_role::fitted;
        if (c.role == cell_role::before_threshold) continue;
        const std::size_t which = 2 * c.split + (held ? 1 : 0);
        sum[which] += mean(divergence(c, best)), count[which] += 1;
    }
    account.fitted = sum[0] / count[0], account.held_out = sum[1] / count[1];
    account.fitted_ood = sum[2] / count[2], account.held_out_ood = sum[3] / count[3];
    return {v, account};
}

/// A law fitted to the ID cells up to a step, and its mean divergence over those after it; NaN where there are too few.
inline double forecast_after(const observations& o, const any_law& law, double step, const fit_options& options) {
    const auto s = as_observed(o);
    const auto use = [](const observed_cell& c) { return c.split == 0 && c.role != cell_role::before_threshold; };
    const auto early = cells_of(o, s, [&](const observed_cell& c) { return use(c) && c.at.steps <= step; });
    if (early.size() < (std::max)(law.parameters().size(), std::size_t{1})) return std::numeric_limits<double>::quiet_NaN();
    const auto fit = fit_law(law, s.accounts, early, options);
    return mean_divergence(law, fit.values, o, s, [&](const observed_cell& c) { return use(c) && c.at.steps > step; });
}

/// Everything that follows from the observations of the range, `o`, of the best mixture of each precision with generalizing and of the
/// best Bayes mixture of memorizing and generalizing, beside
/// those of the analysis's own law on the same cells, `two`. `share_of(kappa)` and `precision_of(s)` are the family's, `bits_per_task(run,
/// s)` is the rate; `own_range` says that precision 0 is the family's own predictor.
template <executor E>
memory_report remember(observations& o, std::span<const std::vector<double>> with_generalizing, std::span<const double> bayes_mixtures,
                       const observations& two, const law_fit& two_fit, const precision_grid& grid, bool own_range,
                       const std::function<double(double)>& share_of, const std::function<double(double)>& precision_of,
                       const std::function<double(std::size_t, double)>& bits_per_task, const fit_options& fitting,
                       const bootstrap_options& resampling, const E& execute) {
    memory_report out;
    const std::size_t n = grid.size();
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
            .name = two_fit.law.name() + " over M and G", .parameters = two_fit.values.size(), .identifiable = two_fit.identifiable()};
        mean_by_role(two, a, [&](std::size_t i) {
            return s.losses[i](two_fit.law.weights(two_fit.values, s.accounts[two.cells[i].run], two.cells[i].at));
        });
        out.accounts.push_back(a);
        memory_account best{.name = "best weight of M and G in every cell", .ceiling = true};
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
    std::vector<double> steps;
    for (const auto& c : o.cells)
        if (c.split == 0 && c.role != cell_role::before_threshold) steps.push_back(c.at.steps);
    std::sort(steps.begin(), steps.end());
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
    if (steps.size() > 1) {
        out.forecast_from = steps[(steps.size() - 1) / 2];
        out.forecast = forecast_after(o, out.fit.law, out.forecast_from, fitting);
        out.forecast_of_two = forecast_after(two, two_fit.law, out.forecast_from, fitting);
        for (const auto& c : o.cells)
            out.forecast_cells += c.split == 0 && c.role != cell_role::before_threshold && c.at.steps > out.forecast_from;
    }
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
    memory_account exact{
        .name = own_range ? "exact Bayes mixture of M and G, best mass in every cell" : "exact Bayes mixture of M and copying, best mass",
        .ceiling = true};
    mean_by_role(o, exact, [&](std::size_t i) { return bayes_mixtures[i]; });
    out.accounts.push_back(exact);
    out.accounts.push_back(alone);
    out.accounts.push_back(mixed);
    return out;
}

}  // namespace rationale::detail

#endif
