#ifndef RATIONALE_ANALYSIS_DETAIL_REMEMBER_HPP
#define RATIONALE_ANALYSIS_DETAIL_REMEMBER_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/detail/recorded_stages.hpp"
#include "rationale/analysis/memory_report.hpp"
#include "rationale/explanation/cell_explanation.hpp"
#include "rationale/explanation/detail/memory_range.hpp"
#include "rationale/explanation/law_explanation.hpp"
#include "rationale/explanation/power_explanation.hpp"
#include "rationale/explanation/score.hpp"
#include "rationale/fit/forecast.hpp"
#include "rationale/fit/observations.hpp"
#include "rationale/learner/precision_grid.hpp"

namespace rationale::detail {

/// Log prior masses of the grid's nodes, generalizing and the constant: the range has mass one, and so has each of the others that is let
/// in. Its base measure is ds, or 2 (1-s) ds, which prefers to remember little.
inline std::vector<double> log_masses(const precision_grid& grid, bool generalizing, bool constant, bool toward_none = false) {
    std::vector<double> out(grid.size() + 2, -std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < grid.size(); ++i) out[i] = std::log(grid.width[i] * (toward_none ? 2 * (1 - grid.share[i]) : 1));
    if (generalizing) out[grid.size()] = 0;
    if (constant) out[grid.size() + 1] = 0;
    return out;
}

/// The same with a single node of the grid, and generalizing.
inline std::vector<double> log_masses_of_one(const precision_grid& grid, std::size_t node) {
    std::vector<double> out(grid.size() + 2, -std::numeric_limits<double>::infinity());
    out[node] = out[grid.size()] = 0;
    return out;
}

/// Where a density on [0, 1] is greatest, given minus its logarithm at the nodes: at the end that the first or the last of them stands for,
/// else between them, by a polynomial in log(s/(1-s)), on which bits are smooth up to the ends.
inline double most_probable_share(const precision_grid& grid, std::span<const double> minus_log_density) {
    const auto most = std::min_element(minus_log_density.begin(), minus_log_density.end()) - minus_log_density.begin();
    if (most == 0) return 0;
    if (static_cast<std::size_t>(most) + 1 == grid.size()) return 1;
    std::vector<double> log_odds;
    for (double s : grid.share) log_odds.push_back(std::log(s / (1 - s)));
    return 1 / (1 + std::exp(-promised_least(log_odds, minus_log_density).first));
}

/// Whether a per-task law that was fitted has a price for bits: without one, memory that errs least is the most probable after any
/// training.
inline bool has_price_of_bits(const law_fit& fit) {
    for (std::size_t i = 0; i < fit.values.size(); ++i)
        if (fit.declared()[i].name == std::string_view("c")) return fit.values[i] > 0;
    return true;
}

/// A cell's least divergences from what is no mixture of predictions with weights of its own; NaN where it was not asked for.
struct cell_ceilings {
    double bayes_mixture = role_means::none;  ///< exact Bayes with memorizing and generalizing, over their masses
    double some_tasks = role_means::none;     ///< exact Bayes with a precision and none, over the precision and its share of tasks
    /// The best mixture of a memory of limited precision and a trust of its own with copying, and with copying of a power of its own.
    double precision_and_exponent = role_means::none, and_power = role_means::none;
};

/// What is seen of a recording along an axis of memories.
struct axis_seen {
    observations seen{};   ///< over the grid's nodes, generalizing and the constant
    memory_range range{};  ///< of the same cells
};

/// What is seen of a recording's memory.
struct memory_seen {
    axis_seen precision;                                       ///< of limited precision
    std::optional<axis_seen> exponent{};                       ///< tempered, where it was asked for
    std::vector<cell_ceilings> ceilings{};                     ///< of each cell
    bool own_range = false;                                    ///< whether precision 0 is the family's own predictor
    bool with_constant = true;                                 ///< whether the constant is among the strategies
    std::function<double(std::size_t, double)> bits_per_task;  ///< of a run and a share: the rate

    /// Keeps the cells that some mixture explains along every axis.
    void leave_out_infinite() {
        std::vector<bool> keep;
        for (std::size_t i = 0; i < ceilings.size(); ++i)
            keep.push_back(is_finite(precision.seen.cells[i].parts) && (!exponent || is_finite(exponent->seen.cells[i].parts)));
        const auto filter = [&](auto& of_cells) {
            std::size_t to = 0;
            for (std::size_t i = 0; i < keep.size(); ++i)
                if (keep[i] && to++ != i) of_cells[to - 1] = std::move(of_cells[i]);
            of_cells.erase(of_cells.begin() + static_cast<std::ptrdiff_t>(to), of_cells.end());
        };
        filter(ceilings), filter(precision.seen.cells), filter(precision.range.curves);
        if (exponent) filter(exponent->seen.cells), filter(exponent->range.curves);
    }
};

/// A law over a range of memories with prior masses of its own; or, without, over generalizing and the one memory that fits best.
struct ranged_law {
    std::string key, words;
    const axis_seen* along;
    any_law law;
    std::vector<double> log_mass{};

    /// Fitted to the fitted cells; of one memory, one node after another, each from where the one before ended, then the best of them.
    [[nodiscard]] law_explanation explain(const observed_sample& sample, const fit_options& fitting) const {
        const auto& seen = along->seen;
        if (!log_mass.empty()) return {key, words, seen, fit_to_cells(law, seen, sample, log_mass, fitting), log_mass};
        const auto& grid = along->range.grid;
        auto how = fitting;
        std::size_t node = 0;
        double least = std::numeric_limits<double>::infinity();
        for (std::size_t q = 0; q < grid.size(); ++q) {
            const auto at = fit_to_cells(law, seen, sample, log_masses_of_one(grid, q), how);
            if (at.objective < least) least = at.objective, node = q;
            how.initial = at.values;
        }
        const auto masses = log_masses_of_one(grid, node);
        return law_explanation(key, words, seen, fit_to_cells(law, seen, sample, masses, fitting), masses)
            .with(along->range.name, along->range.value(grid.share[node]));
    }
};

/// The laws over ranges of memories that are compared. The report's own is per task over precisions.
[[nodiscard]] inline std::vector<ranged_law> ranged_laws(const memory_seen& memory) {
    const auto& grid = memory.precision.range.grid;
    const bool own_range = memory.own_range;
    const auto published = law_of<published_law>("published"), of_task = law_of<per_task_law>("per task"),
               by_visits_and_all_bits = law_of<rational_law<per_task_evidence, power_simplicity>>("N/D and K^beta"),
               by_steps_and_own_bits = law_of<rational_law<power_law_evidence, per_task_simplicity>>("N and K/D");
    const std::string with = own_range ? "" : " and copying", and_other = own_range ? " and G" : " and copying",
                      per_task = "per task over precisions" + with;
    const auto usual = log_masses(grid, !own_range, false);
    const auto* const precisions = &memory.precision;
    std::vector<ranged_law> laws{
        {"per_task", per_task, precisions, of_task, usual},
        {"published_over_precisions", "published over precisions" + with, precisions, published, usual},
        {"by_visits_and_all_bits", "evidence by N/D, all bits K^beta" + with, precisions, by_visits_and_all_bits, usual},
        {"by_steps_and_own_bits", "evidence by N, a task's own bits" + with, precisions, by_steps_and_own_bits, usual},
        {"per_task_toward_none", per_task + ", measure 2 (1-s) ds", precisions, of_task, log_masses(grid, !own_range, false, true)},
        {"per_task_one_precision", "per task over one precision" + and_other, precisions, of_task}};
    if (memory.with_constant)
        laws.push_back({"per_task_with_constant", per_task + " and constant", precisions, of_task, log_masses(grid, !own_range, true)});
    if (!memory.exponent) return laws;
    const auto* const exponents = &*memory.exponent;
    const auto with_other = log_masses(grid, true, false);
    laws.push_back({"published_over_exponents", "published over exponents" + and_other, exponents, published, with_other});
    laws.push_back({"per_task_over_exponents", "per task over exponents" + and_other, exponents, of_task, with_other});
    laws.push_back({"published_one_exponent", "published over one exponent" + and_other, exponents, published});
    laws.push_back({"per_task_one_exponent", "per task over one exponent" + and_other, exponents, of_task});
    return laws;
}

/// What memories are compared with: the analysis's own law on the same sequences of the same cells.
struct reference_law {
    const observations& seen;
    const law_fit& fit;
    std::string of;  ///< its strategies
};

/// The best precision and exponent of every cell, alone and mixed with generalizing, how sure they are, and what the per-task law says.
[[nodiscard]] inline std::vector<memory_cell> memory_cells(const memory_seen& memory, const law_explanation& law, std::uint64_t seed,
                                                           const any_executor& execute) {
    const auto& o = memory.precision.seen;
    const auto& fit = law.fitted();
    const auto& grid = memory.precision.range.grid;
    const bool priced = has_price_of_bits(fit);
    std::vector<memory_cell> out(o.cells.size());
    execute(out.size(), [&](std::size_t i) {
        const auto& c = o.cells[i];
        memory_cell& m = out[i];
        m.run = c.run, m.step = static_cast<std::int64_t>(c.at.steps), m.split = c.split;
        const auto best = best_of(memory.precision.range, o, i, seed);
        m.precision = best.value, m.range = best.range, m.divergence = best.divergence, m.with_generalizing = best.with_generalizing;
        m.pair = best.pair;
        m.bits_per_task = memory.bits_per_task(c.run, best.share);
        if (memory.exponent) m.exponent = best_of(memory.exponent->range, o, i, seed);
        auto known = o.runs[c.run].known;
        known.log_mass = law.log_mass();
        const auto log_p = fit.law.log_posterior(fit.values, known, c.at);
        const auto w = softmax(log_p);
        double mass = 0;
        std::vector<double> improbable(grid.size());  // minus a log density
        for (std::size_t q = 0; q < grid.size(); ++q)
            mass += w[q], m.law_share += w[q] * grid.share[q], improbable[q] = std::log(grid.width[q]) - log_p[q];
        m.law_share /= mass;
        if (priced) m.law_precision = memory.precision.range.value(most_probable_share(grid, improbable));
    });
    return out;
}

/// Powers of training that precision and exponent follow.
[[nodiscard]] inline std::vector<any_explanation> powers_of(const memory_seen& memory) {
    std::vector<any_explanation> out;
    const auto add = [&](const memory_range& range) {
        out.emplace_back(power_explanation(range, memory.precision.seen, by_visits));
        out.emplace_back(power_explanation(range, memory.precision.seen, by_steps_and_tasks));
    };
    if (memory.own_range) add(memory.precision.range);
    if (memory.exponent) add(memory.exponent->range);
    return out;
}

/// What is fitted to every cell on its own, but for what was not asked for.
[[nodiscard]] inline std::vector<any_explanation> ceilings_of(const memory_seen& memory, const std::vector<memory_cell>& cells) {
    const auto& o = memory.precision.seen;
    const auto& ceilings = memory.ceilings;
    const bool own_range = memory.own_range;
    std::vector<any_explanation> out;
    const auto add = [&](std::string key, std::string words, std::size_t parameters, const auto& of) {
        std::vector<double> losses;
        for (std::size_t i = 0; i < o.cells.size(); ++i) losses.push_back(of(i));
        const auto asked_for = [&](std::size_t i) { return is_fitted(o.cells[i]) && std::isnan(losses[i]); };
        for (std::size_t i = 0; i < losses.size(); ++i)
            if (asked_for(i)) return;
        out.emplace_back(cell_explanation({.key = std::move(key), .words = std::move(words), .parameters = parameters}, o, losses));
    };
    const std::string mixed = own_range ? " mixed with G in every cell" : " mixed with copying in every cell";
    add("bayes_mixture",
        own_range ? "exact Bayes mixture of M and G, best mass in every cell" : "exact Bayes mixture of M and copying, best mass", 1,
        [&](std::size_t i) { return ceilings[i].bayes_mixture; });
    add("some_tasks", "some tasks at the best precision, others not at all", 2, [&](std::size_t i) { return ceilings[i].some_tasks; });
    add("best_exponent", "tempered M, best exponent in every cell", 1, [&](std::size_t i) { return cells[i].exponent.divergence; });
    add("best_exponent_mixed", "tempered M, best exponent" + mixed, 2, [&](std::size_t i) { return cells[i].exponent.with_generalizing; });
    add("best_precision", "best precision in every cell", 1, [&](std::size_t i) { return cells[i].divergence; });
    add("best_precision_mixed", "best precision" + mixed, 2, [&](std::size_t i) { return cells[i].with_generalizing; });
    add("best_precision_and_exponent", "best precision and exponent" + mixed, 3, [&](std::size_t i) {
        if (std::isnan(ceilings[i].precision_and_exponent)) return role_means::none;
        return (std::min)({ceilings[i].precision_and_exponent, cells[i].with_generalizing, cells[i].exponent.with_generalizing});
    });
    add("best_point_and_copying", "best precision, exponent and power of copying mixed in every cell", 4,
        [&](std::size_t i) { return (std::min)(ceilings[i].and_power, cells[i].with_generalizing); });
    return out;
}

/// How sure a law over a range is, for which the observations have its prior masses.
struct law_uncertainty {
    sandwich_result around;
    run_uncertainty over_runs;
};
[[nodiscard]] inline law_uncertainty uncertainty_of(const law_explanation& law, const observations& seen, const bootstrap_options& options,
                                                    const any_executor& execute) {
    const auto around = sandwich(seen, law.fitted(), options);
    return {around, over_runs(seen, law.fitted(), around, 0.95, execute)};
}

/// Everything that follows from what was seen of memories, beside the analysis's own law.
[[nodiscard]] inline memory_report remember(memory_seen& memory, const reference_law& reference, const recorded_stages& stages,
                                            const stage_tools& tools) {
    const auto& bootstrap = stages.found.bootstrap;
    const auto& execute = tools.execute;
    auto& o = memory.precision.seen;
    const recorded_sample recorded;
    const auto laws = ranged_laws(memory);
    std::vector<std::optional<law_explanation>> fitted(laws.size());
    execute(laws.size(), [&](std::size_t i) { fitted[i] = laws[i].explain(recorded.of(laws[i].along->seen), stages.options.fit); });
    const auto& own = *fitted.front();
    memory_report out{.fit = own.fitted(), .starts_at_generalizing = memory.own_range, .priced = has_price_of_bits(own.fitted())};
    out.cells = memory_cells(memory, own, bootstrap.seed + 1, execute);
    const auto& grid = memory.precision.range.grid;
    for (std::size_t i = 0; i < o.runs.size(); ++i) {
        const auto& loss = o.runs[i].known.loss;
        auto& costs = out.costs.emplace_back(memory_costs{static_cast<double>(o.runs[i].tasks), grid.share, grid.width, {}, {}});
        costs.loss.assign(loss.begin(), loss.begin() + static_cast<std::ptrdiff_t>(grid.size()));
        for (const double s : grid.share) costs.bits.push_back(memory.bits_per_task(i, s));
    }

    const std::string name = reference.fit.law.name(), best = "best weight of " + reference.of + " in every cell";
    std::vector<any_explanation> all{
        law_explanation(name, name + " over " + reference.of, reference.seen, reference.fit),
        free_weights({.key = "free_weights", .words = best, .parameters = stages.strategies() - 1}, reference.seen)};
    const auto add = [&](std::vector<any_explanation> some) { std::move(some.begin(), some.end(), std::back_inserter(all)); };
    for (const auto& e : fitted) all.emplace_back(*e);
    add(powers_of(memory)), add(ceilings_of(memory, out.cells));
    out.explanations = table_of(score(all, {.bootstrap = bootstrap, .processes = tools.team}, execute, recorded).rows, all[0].facts().key);

    for (auto& run : o.runs) run.known.log_mass = own.log_mass();  // from here on all that is asked is asked of the own law
    const auto forecast = backtest(o, own.fitted().law, stages.options.fit);
    out.forecast_from = forecast.until_steps, out.forecast_cells = forecast.cells, out.forecast = forecast.law;
    out.forecast_of_reference = backtest(reference.seen, reference.fit.law, stages.options.fit).law;
    auto sure = uncertainty_of(own, o, bootstrap, execute);
    out.around = std::move(sure.around), out.over_runs = std::move(sure.over_runs);
    if (memory.exponent) {
        const auto& one = *fitted.back();
        for (auto& run : memory.exponent->seen.runs) run.known.log_mass = one.log_mass();
        auto of_one = uncertainty_of(one, memory.exponent->seen, bootstrap, execute);
        out.tempered = tempered_law{one.facts().values.back(), one.fitted(), std::move(of_one.around), std::move(of_one.over_runs)};
        std::vector<double> exponents_of_fitted;
        for (std::size_t i = 0; i < o.cells.size(); ++i)
            if (is_fitted(o.cells[i])) exponents_of_fitted.push_back(out.cells[i].exponent.value);
        out.best_exponents = percentile_interval(exponents_of_fitted, 0.8);
    }
    for (double s : memory.precision.range.grid.share) {
        out.precisions.push_back(memory.precision.range.value(s));
        if (memory.exponent) out.exponents.push_back(memory.exponent->range.value(s));
    }
    return out;
}

}  // namespace rationale::detail

#endif
