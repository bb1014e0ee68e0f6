#ifndef RATIONALE_ANALYSIS_REMEMBER_HPP
#define RATIONALE_ANALYSIS_REMEMBER_HPP

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

#include "rationale/analysis/fit_recording.hpp"
#include "rationale/analysis/memory_range.hpp"
#include "rationale/analysis/memory_report.hpp"
#include "rationale/compare/mixing_weights.hpp"
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
    double precision_and_exponent = memory_account::none;  ///< the best mixture of a tempered memory of limited precision with copying
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

/// A law over a range of memories with the prior masses of its own; or over one memory and generalizing, the one that fits best.
struct ranged_law {
    axis_seen* along;
    any_law law;
    std::string name;
    account_role role = account_role::other;
    std::vector<double> log_mass{};  // empty for one memory, until it is found
    law_fit fit{.law = law, .values = {}};
    bool one = log_mass.empty();
    std::size_t node = 0;                     // of that memory
    const observed_sample* sample = nullptr;  // what is seen along it, as it is

    [[nodiscard]] std::vector<account> with_masses(std::vector<account> known) const {
        for (auto& a : known) a.log_mass = log_mass;
        return known;
    }
    /// Fits it to the fitted cells; of one memory, one node after another, each from where the one before ended, then the best of them.
    void fit_to_cells(const fit_options& fitting) {
        const auto cells = cells_of(along->seen, *sample, is_fitted);
        const auto found = [&](const fit_options& how) { return fit_law(law, with_masses(sample->accounts), cells, how); };
        if (one) {
            auto how = fitting;
            double least = std::numeric_limits<double>::infinity();
            for (std::size_t q = 0; q < along->range.grid.size(); ++q) {
                log_mass = log_masses_of_one(along->range.grid, q);
                const auto at = found(how);
                if (at.objective < least) least = at.objective, node = q;
                how.initial = at.values;
            }
            log_mass = log_masses_of_one(along->range.grid, node);
        }
        fit = found(fitting);
    }
};

/// Which of the laws over ranges is the report's own: per task over precisions.
inline constexpr std::size_t main_law = 3;

/// The laws over ranges of memories that are compared.
[[nodiscard]] inline std::vector<ranged_law> ranged_laws(memory_seen& memory) {
    using by_visits_and_all_bits = rational_law<per_task_evidence, power_simplicity>;
    using by_steps_and_own_bits = rational_law<power_law_evidence, per_task_simplicity>;
    const auto& grid = memory.precision.range.grid;
    const bool own_range = memory.own_range;
    const std::string with = own_range ? "" : " and copying", per_task = "per task over precisions" + with;
    const auto usual = log_masses(grid, !own_range, false);
    auto* const precisions = &memory.precision;
    const auto other = account_role::other;
    std::vector<ranged_law> laws{
        {precisions, law_of<published_law>("published"), "published over precisions" + with, other, usual},
        {precisions, law_of<by_visits_and_all_bits>("N/D and K^beta"), "evidence by N/D, all bits K^beta" + with, other, usual},
        {precisions, law_of<by_steps_and_own_bits>("N and K/D"), "evidence by N, a task's own bits" + with, other, usual},
        {precisions, law_of<per_task_law>("per task"), per_task, account_role::per_task, usual}};
    const auto add = [&](axis_seen* along, const any_law& law, const std::string& name, std::vector<double> masses = {},
                         account_role role = account_role::other) {
        laws.push_back({along, law, name, role, std::move(masses)});
    };
    const auto published = law_of<published_law>("published"), of_task = law_of<per_task_law>("per task");
    if (memory.with_constant) add(precisions, of_task, per_task + " and constant", log_masses(grid, !own_range, true));
    add(precisions, of_task, per_task + ", measure 2 (1-s) ds", log_masses(grid, !own_range, false, true));
    const std::string and_other = own_range ? " and G" : " and copying";
    add(precisions, of_task, "per task over one precision" + and_other);
    if (memory.exponent) {
        auto* const exponents = &*memory.exponent;
        add(exponents, published, "published over exponents" + and_other, log_masses(grid, true, false));
        add(exponents, of_task, "per task over exponents" + and_other, log_masses(grid, true, false));
        add(exponents, published, "published over one exponent" + and_other);
        add(exponents, of_task, "per task over one exponent" + and_other, {}, account_role::per_task_exponent);
    }
    return laws;
}

/// What accounts are compared with: the analysis's own law on the same sequences of the same cells.
struct two_strategies_law {
    const observations& seen;
    const law_fit& fit;
    std::string of;  ///< its strategies
};

/// Held-out means, ID and OOD, in every bootstrap sample.
using held_out_means = std::vector<std::array<double, 2>>;

/// Every sample is drawn once for all laws.
struct resampled_laws {
    held_out_means reference{};                 ///< of the law of two strategies; empty where the cells are not the same
    std::vector<held_out_means> held{};         ///< of each law
    std::vector<std::vector<double>> values{};  ///< of the main law's parameters

    /// Intervals of an account's differences to the law of two strategies, pair by pair.
    void compare(memory_account& a, const held_out_means& of) const {
        std::vector<double> id, ood;
        for (std::size_t b = 0; b < (std::min)(of.size(), reference.size()); ++b)
            id.push_back(of[b][0] - reference[b][0]), ood.push_back(of[b][1] - reference[b][1]);
        a.difference = percentile_interval(id), a.difference_ood = percentile_interval(ood);
    }
};
[[nodiscard]] inline resampled_laws resample_laws(const std::vector<ranged_law>& laws, const two_strategies_law& two,
                                                  const bootstrap_options& options, const any_executor& execute) {
    const bool paired = laws[main_law].along->seen.cells.size() == two.seen.cells.size();
    const std::size_t replicates = options.replicates;
    const auto asked_for = [](const observed_cell& c) { return is_fitted(c) || is_held_out(c); };
    const auto held_out = [](const law_fit& fit, std::span<const double> values, const observations& of, const observed_sample& s) {
        const auto is_held = [](std::size_t split) {
            return [split](const observed_cell& c) { return c.split == split && is_held_out(c); };
        };
        return std::array{mean_divergence(fit.law, values, of, s, is_held(0)), mean_divergence(fit.law, values, of, s, is_held(1))};
    };
    resampled_laws out{held_out_means(paired ? replicates : 0), std::vector<held_out_means>(laws.size(), held_out_means(replicates)),
                       std::vector<std::vector<double>>(replicates)};
    execute(replicates, [&](std::size_t b) {
        if (paired) {
            const auto s = resample(two.seen, options, b, asked_for);
            out.reference[b] = held_out(two.fit, refit(two.fit, s.accounts, cells_of(two.seen, s, is_fitted)), two.seen, s);
        }
        const axis_seen* along = nullptr;
        observed_sample s;
        for (std::size_t i = 0; i < laws.size(); ++i) {
            const auto& seen = laws[i].along->seen;
            if (laws[i].along != along) s = resample(seen, options, b, asked_for);
            along = laws[i].along;
            s.accounts = laws[i].with_masses(std::move(s.accounts));
            auto v = refit(laws[i].fit, s.accounts, cells_of(seen, s, is_fitted));
            out.held[i][b] = held_out(laws[i].fit, v, seen, s);
            if (i == main_law) out.values[b] = std::move(v);
        }
    });
    return out;
}

/// Accounts of the two strategies: their law, and their best weight in every cell.
inline void add_two_strategies(const two_strategies_law& two, std::vector<memory_account>& to) {
    const auto s = as_observed(two.seen);
    memory_account a{.name = two.fit.law.name() + " over " + two.of,
                     .role = account_role::two_strategies,
                     .parameters = two.fit.values.size(),
                     .identifiable = two.fit.identifiable()};
    mean_by_role(two.seen, a, [&](std::size_t i) {
        return s.losses[i](two.fit.law.weights(two.fit.values, s.accounts[two.seen.cells[i].run], two.seen.cells[i].at));
    });
    to.push_back(a);
    memory_account best{.name = "best weight of " + two.of + " in every cell", .role = account_role::best_weight, .ceiling = true};
    mean_by_role(two.seen, best, [&](std::size_t i) { return mixing_weights(s.losses[i]).loss; });
    to.push_back(best);
}

/// The account of a law over a range, over the cells of `o`.
[[nodiscard]] inline memory_account account_of(const ranged_law& law, const observations& o) {
    const auto accounts = law.with_masses(law.sample->accounts);
    memory_account a{.name = law.name,
                     .role = law.role,
                     .parameters = law.fit.values.size() + (law.one ? 1 : 0),
                     .identifiable = law.fit.identifiable()};
    mean_by_role(o, a, [&](std::size_t k) {
        return law.sample->losses[k](law.fit.law.weights(law.fit.values, accounts[o.cells[k].run], o.cells[k].at));
    });
    return a;
}

/// The best precision and exponent of every cell, alone and mixed with generalizing, how sure they are, and what the per-task law says.
[[nodiscard]] inline std::vector<memory_cell> memory_cells(const memory_seen& memory, const law_fit& fit, std::uint64_t seed,
                                                           const any_executor& execute) {
    const auto& o = memory.precision.seen;
    const auto& grid = memory.precision.range.grid;
    const bool priced = has_price_of_bits(fit);
    std::vector<memory_cell> out(o.cells.size());
    execute(out.size(), [&](std::size_t i) {
        const auto& c = o.cells[i];
        memory_cell& m = out[i];
        m.run = c.run, m.step = static_cast<std::int64_t>(c.at.steps), m.split = c.split;
        const auto best = best_of(memory.precision.range, i, seed);
        m.precision = best.value, m.range = best.range, m.divergence = best.divergence, m.with_generalizing = best.with_generalizing;
        m.pair = best.pair;
        m.bits_per_task = memory.bits_per_task(c.run, best.share);
        if (memory.exponent) m.exponent = best_of(memory.exponent->range, i, seed);
        const auto log_p = fit.law.log_posterior(fit.values, o.runs[c.run].known, c.at);
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

/// Numbers that follow powers of training steps and tasks, and their accounts.
inline void add_powers(const memory_seen& memory, const resampled_laws& resampled, const bootstrap_options& options, memory_report& to,
                       const any_executor& execute) {
    const auto& o = memory.precision.seen;
    std::vector<drawn_again> samples((std::min)(options.replicates, std::size_t{200}));
    for (std::size_t b = 0; b < samples.size(); ++b) samples[b] = draw_again(o, options, b);
    const auto add = [&](const memory_range& along, const auto& powers, std::vector<power_of_training>& into) {
        memory_account a;
        held_out_means of;
        into.push_back(fit_power(along, o, powers, std::span<const drawn_again>(samples), of, a, execute));
        resampled.compare(a, of);
        to.accounts.push_back(std::move(a));
    };
    if (memory.own_range) {
        add(memory.precision.range, by_visits, to.precision_powers);
        add(memory.precision.range, by_steps_and_tasks, to.precision_powers);
        const auto& v = to.precision_powers[0];
        to.visits = visits_law{v.scale, v.exponents[0], v.scale_interval, v.exponent_intervals[0], v.spread};
    }
    if (memory.exponent) {
        add(memory.exponent->range, by_visits, to.exponent_powers);
        add(memory.exponent->range, by_steps_and_tasks, to.exponent_powers);
        std::vector<double> exponents;
        for (std::size_t i = 0; i < o.cells.size(); ++i)
            if (is_fitted(o.cells[i])) exponents.push_back(to.cells[i].exponent.value);
        if (!exponents.empty()) to.best_exponents = percentile_interval(exponents, 0.8);
    }
}

/// Accounts of what is fitted to every cell on its own.
inline void add_ceilings(const memory_seen& memory, memory_report& to) {
    const auto& o = memory.precision.seen;
    const bool own_range = memory.own_range;
    const auto add = [&](std::string name, const auto& of, account_role role = account_role::other) {
        memory_account a{.name = std::move(name), .role = role, .ceiling = true};
        mean_by_role(o, a, of);
        if (!std::isnan(a.fitted)) to.accounts.push_back(a);
    };
    const std::string mixed = own_range ? " mixed with G in every cell" : " mixed with copying in every cell";
    const auto& ceilings = memory.ceilings;
    const auto& cells = to.cells;
    add(own_range ? "exact Bayes mixture of M and G, best mass in every cell" : "exact Bayes mixture of M and copying, best mass",
        [&](std::size_t i) { return ceilings[i].bayes_mixture; });
    add("some tasks at the best precision, others not at all", [&](std::size_t i) { return ceilings[i].some_tasks; });
    add(
        "tempered M, best exponent in every cell", [&](std::size_t i) { return cells[i].exponent.divergence; },
        account_role::best_exponent);
    add("tempered M, best exponent" + mixed, [&](std::size_t i) { return cells[i].exponent.with_generalizing; });
    add(
        "best precision in every cell", [&](std::size_t i) { return cells[i].divergence; },
        own_range ? account_role::best_precision : account_role::other);
    add(
        "best precision" + mixed, [&](std::size_t i) { return cells[i].with_generalizing; },
        own_range ? account_role::other : account_role::best_precision);
    add("best precision and exponent" + mixed, [&](std::size_t i) {
        if (std::isnan(ceilings[i].precision_and_exponent)) return memory_account::none;
        return (std::min)({ceilings[i].precision_and_exponent, cells[i].with_generalizing, cells[i].exponent.with_generalizing});
    });
}

/// Everything that follows from what was seen of memories, beside the analysis's own law.
[[nodiscard]] inline memory_report remember(memory_seen memory, const two_strategies_law& two, const fit_options& fitting,
                                            const bootstrap_options& options, const any_executor& execute) {
    memory_report out;
    auto& o = memory.precision.seen;
    const auto& grid = memory.precision.range.grid;
    for (double s : grid.share) out.precisions.push_back(memory.precision.range.value(s));
    for (double s : grid.share)
        if (memory.exponent) out.exponents.push_back(memory.exponent->range.value(s));
    add_two_strategies(two, out.accounts);

    const auto precisions = as_observed(o), exponents = memory.exponent ? as_observed(memory.exponent->seen) : observed_sample{};
    auto laws = ranged_laws(memory);
    for (auto& law : laws) law.sample = law.along == &memory.precision ? &precisions : &exponents;
    execute(laws.size(), [&](std::size_t i) { laws[i].fit_to_cells(fitting); });
    const auto resampled = resample_laws(laws, two, options, execute);
    for (std::size_t i = 0; i < laws.size(); ++i) {
        out.accounts.push_back(account_of(laws[i], o));
        resampled.compare(out.accounts.back(), resampled.held[i]);
    }
    out.fit = laws[main_law].fit;
    for (auto& run : o.runs) run.known.log_mass = laws[main_law].log_mass;
    if (memory.exponent) {
        auto& one = laws.back();
        for (auto& run : one.along->seen.runs) run.known.log_mass = one.log_mass;
        const auto around = sandwich(one.along->seen, one.fit, options);
        out.tempered = tempered_law{one.along->range.value(grid.share[one.node]), one.fit, around,
                                    over_runs(one.along->seen, one.fit, around, 0.95, execute)};
    }
    if (options.replicates > 0) out.bootstrap = parameter_intervals({resampled.values, {}});
    out.around = sandwich(o, out.fit, options);
    out.over_runs = over_runs(o, out.fit, out.around, 0.95, execute);
    const auto forecast = backtest(o, out.fit.law, fitting);
    out.forecast_from = forecast.until_steps, out.forecast_cells = forecast.cells, out.forecast = forecast.law;
    out.forecast_of_two = backtest(two.seen, two.fit.law, fitting).law;

    out.priced = has_price_of_bits(out.fit);
    out.cells = memory_cells(memory, out.fit, options.seed + 1, execute);
    add_powers(memory, resampled, options, out, execute);
    add_ceilings(memory, out);
    return out;
}

}  // namespace rationale::detail

#endif
