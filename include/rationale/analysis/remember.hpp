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
    observations seen{};                                          ///< over the grid's nodes, generalizing and the constant
    memory_range range{};                                         ///< of the same cells
    std::vector<std::array<std::vector<std::size_t>, 2>> kept{};  ///< sequences that were looked at, of each run and split
};

/// Whether some mixture explains a cell.
inline bool is_finite(const observed_cell& c) {
    return std::all_of(c.parts.begin(), c.parts.end(), [](const mixture_loss& l) { return l.finite(); });
}

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
            keep.push_back(is_finite(precision.seen.cells[i]) && (!exponent || is_finite(exponent->seen.cells[i])));
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

/// Everything that follows from what was seen of memories, beside the analysis's own law on the same sequences of the same cells, `two`,
/// and the name of its strategies.
template <executor E>
memory_report remember(memory_seen& memory, const observations& two, const std::string& of_two, const law_fit& two_fit,
                       const fit_options& fitting, const bootstrap_options& options, const E& execute) {
    memory_report out;
    auto& o = memory.precision.seen;
    const auto& grid = memory.precision.range.grid;
    const std::size_t n = grid.size();
    const bool own_range = memory.own_range;
    for (double s : grid.share) out.precisions.push_back(memory.precision.range.value(s));
    for (double s : grid.share)
        if (memory.exponent) out.exponents.push_back(memory.exponent->range.value(s));

    {
        const auto s = as_observed(two);
        memory_account a{.name = two_fit.law.name() + " over " + of_two,
                         .role = account_role::two_strategies,
                         .parameters = two_fit.values.size(),
                         .identifiable = two_fit.identifiable()};
        mean_by_role(two, a, [&](std::size_t i) {
            return s.losses[i](two_fit.law.weights(two_fit.values, s.accounts[two.cells[i].run], two.cells[i].at));
        });
        out.accounts.push_back(a);
        memory_account best{.name = "best weight of " + of_two + " in every cell", .role = account_role::best_weight, .ceiling = true};
        mean_by_role(two, best, [&](std::size_t i) { return mixing_weights(s.losses[i]).loss; });
        out.accounts.push_back(best);
    }

    // The laws over a range of memories, each with the prior masses of its own; or over one memory and generalizing, the one that fits
    // best.
    struct ranged_law {
        axis_seen* along;
        any_law law;
        std::string name;
        account_role role = account_role::other;
        std::vector<double> log_mass{};  // empty for one memory, until it is found
        law_fit fit{.law = law, .values = {}};
        bool one = log_mass.empty();
        std::size_t node = 0;  // of that memory
    };
    using by_visits_and_all_bits = rational_law<per_task_evidence, power_simplicity>;
    using by_steps_and_own_bits = rational_law<power_law_evidence, per_task_simplicity>;
    const std::string with = own_range ? "" : " and copying", per_task = "per task over precisions" + with;
    const auto usual = log_masses(grid, !own_range, false);
    auto* const precisions = &memory.precision;
    std::vector<ranged_law> laws{
        {precisions, law_of<published_law>("published"), "published over precisions" + with, account_role::other, usual},
        {precisions, law_of<by_visits_and_all_bits>("N/D and K^beta"), "evidence by N/D, all bits K^beta" + with, account_role::other,
         usual},
        {precisions, law_of<by_steps_and_own_bits>("N and K/D"), "evidence by N, a task's own bits" + with, account_role::other, usual},
        {precisions, law_of<per_task_law>("per task"), per_task, account_role::per_task, usual},
        {precisions, law_of<per_task_law>("per task"), per_task + ", measure 2 (1-s) ds", account_role::other,
         log_masses(grid, !own_range, false, true)}};
    constexpr std::size_t main_law = 3;
    if (memory.with_constant)
        laws.insert(laws.end() - 1, ranged_law{precisions, law_of<per_task_law>("per task"), per_task + " and constant",
                                               account_role::other, log_masses(grid, !own_range, true)});
    const std::string and_other = own_range ? " and G" : " and copying";
    laws.push_back({precisions, law_of<per_task_law>("per task"), "per task over one precision" + and_other});
    if (memory.exponent) {
        auto* const exponents = &*memory.exponent;
        const auto with_other = log_masses(grid, true, false);
        laws.push_back(
            {exponents, law_of<published_law>("published"), "published over exponents" + and_other, account_role::other, with_other});
        laws.push_back(
            {exponents, law_of<per_task_law>("per task"), "per task over exponents" + and_other, account_role::other, with_other});
        laws.push_back({exponents, law_of<published_law>("published"), "published over one exponent" + and_other});
        laws.push_back(
            {exponents, law_of<per_task_law>("per task"), "per task over one exponent" + and_other, account_role::per_task_exponent});
    }
    const auto sample = as_observed(o);
    const auto sample_of_exponents = memory.exponent ? as_observed(memory.exponent->seen) : observed_sample{};
    const auto sample_along = [&](const ranged_law& law) -> const auto& { return law.along == precisions ? sample : sample_of_exponents; };
    const auto accounts_of = [](const ranged_law& law, std::vector<account> accounts) {
        for (auto& a : accounts) a.log_mass = law.log_mass;
        return accounts;
    };
    execute(laws.size(), [&](std::size_t i) {
        auto& law = laws[i];
        const auto& s = sample_along(law);
        const auto cells = cells_of(law.along->seen, s, is_fitted);
        const auto fit = [&](const fit_options& how) { return fit_law(law.law, accounts_of(law, s.accounts), cells, how); };
        if (law.log_mass.empty()) {
            // One node after another, each fitted from where the one before ended.
            auto how = fitting;
            double least = std::numeric_limits<double>::infinity();
            for (std::size_t q = 0; q < n; ++q) {
                law.log_mass = log_masses_of_one(grid, q);
                const auto found = fit(how);
                if (found.objective < least) least = found.objective, law.node = q;
                how.initial = found.values;
            }
            law.log_mass = log_masses_of_one(grid, law.node);
        }
        law.fit = fit(fitting);
    });

    // Every sample is drawn once for all laws: held-out means, ID and OOD, to compare them pair by pair with the law of two strategies.
    using means = std::vector<std::array<double, 2>>;
    const bool paired = o.cells.size() == two.cells.size();
    const std::size_t replicates = options.replicates;
    const auto is_held = [](std::size_t split) { return [split](const observed_cell& c) { return c.split == split && is_held_out(c); }; };
    const auto asked_for = [](const observed_cell& c) { return is_fitted(c) || is_held_out(c); };
    const auto held_out = [&](const law_fit& fit, std::span<const double> values, const observations& of, const observed_sample& s) {
        return std::array{mean_divergence(fit.law, values, of, s, is_held(0)), mean_divergence(fit.law, values, of, s, is_held(1))};
    };
    means reference(paired ? replicates : 0);
    std::vector<means> held(laws.size(), means(replicates));
    std::vector<std::vector<double>> values(replicates);
    execute(replicates, [&](std::size_t b) {
        if (paired) {
            const auto s = resample(two, options, b, asked_for);
            reference[b] = held_out(two_fit, refit(two_fit, s.accounts, cells_of(two, s, is_fitted)), two, s);
        }
        const axis_seen* along = nullptr;
        observed_sample s;
        for (std::size_t i = 0; i < laws.size(); ++i) {
            const auto& seen = laws[i].along->seen;
            if (laws[i].along != along) s = resample(seen, options, b, asked_for);
            along = laws[i].along;
            s.accounts = accounts_of(laws[i], std::move(s.accounts));
            auto v = refit(laws[i].fit, s.accounts, cells_of(seen, s, is_fitted));
            held[i][b] = held_out(laws[i].fit, v, seen, s);
            if (i == main_law) values[b] = std::move(v);
        }
    });
    const auto compare = [&](memory_account& a, const means& of) {
        std::vector<double> id, ood;
        for (std::size_t b = 0; paired && b < of.size(); ++b)
            id.push_back(of[b][0] - reference[b][0]), ood.push_back(of[b][1] - reference[b][1]);
        a.difference = percentile_interval(id), a.difference_ood = percentile_interval(ood);
    };
    for (std::size_t i = 0; i < laws.size(); ++i) {
        const auto& fit = laws[i].fit;
        const auto& s = sample_along(laws[i]);
        const auto accounts = accounts_of(laws[i], s.accounts);
        memory_account a{.name = laws[i].name,
                         .role = laws[i].role,
                         .parameters = fit.values.size() + (laws[i].one ? 1 : 0),
                         .identifiable = fit.identifiable()};
        mean_by_role(o, a,
                     [&](std::size_t k) { return s.losses[k](fit.law.weights(fit.values, accounts[o.cells[k].run], o.cells[k].at)); });
        compare(a, held[i]);
        out.accounts.push_back(a);
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
    if (replicates > 0) out.bootstrap = parameter_intervals({values, {}});
    out.around = sandwich(o, out.fit, options);
    out.over_runs = over_runs(o, out.fit, out.around, 0.95, execute);
    const auto forecast = backtest(o, out.fit.law, fitting);
    out.forecast_from = forecast.until_steps, out.forecast_cells = forecast.cells, out.forecast = forecast.law;
    out.forecast_of_two = backtest(two, two_fit.law, fitting).law;

    const bool priced = out.priced = has_price_of_bits(out.fit);
    // The best precision and exponent of every cell, alone and mixed with generalizing, and how sure they are.
    const auto best_along = [&](const axis_seen& a, std::size_t i) { return best_of(a.range, i, options.seed + 1); };
    out.cells.resize(o.cells.size());
    execute(o.cells.size(), [&](std::size_t i) {
        const auto& c = o.cells[i];
        memory_cell& m = out.cells[i];
        m.run = c.run, m.step = static_cast<std::int64_t>(c.at.steps), m.split = c.split;
        const auto best = best_along(memory.precision, i);
        m.precision = best.value, m.range = best.range, m.divergence = best.divergence, m.with_generalizing = best.with_generalizing;
        m.pair = best.pair;
        m.bits_per_task = memory.bits_per_task(c.run, best.share);
        if (memory.exponent) m.exponent = best_along(*memory.exponent, i);
        const auto log_p = out.fit.law.log_posterior(out.fit.values, o.runs[c.run].known, c.at);
        const auto w = softmax(log_p);
        double mass = 0;
        std::vector<double> improbable(n);  // minus a log density
        for (std::size_t q = 0; q < n; ++q)
            mass += w[q], m.law_share += w[q] * grid.share[q], improbable[q] = std::log(grid.width[q]) - log_p[q];
        m.law_share /= mass;
        if (priced) m.law_precision = memory.precision.range.value(most_probable_share(grid, improbable));
    });

    // Numbers that follow powers of training steps and tasks.
    std::vector<drawn_again> samples((std::min)(replicates, std::size_t{200}));
    for (std::size_t b = 0; b < samples.size(); ++b) samples[b] = draw_again(o, options, b);
    const auto add_power = [&](const memory_range& along, const auto& powers, std::vector<power_of_training>& to) {
        memory_account a;
        means of;
        to.push_back(fit_power(along, o, powers, std::span<const drawn_again>(samples), of, a, execute));
        compare(a, of);
        out.accounts.push_back(std::move(a));
    };
    if (own_range) {
        add_power(memory.precision.range, by_visits, out.precision_powers);
        add_power(memory.precision.range, by_steps_and_tasks, out.precision_powers);
        const auto& v = out.precision_powers[0];
        out.visits = visits_law{v.scale, v.exponents[0], v.scale_interval, v.exponent_intervals[0], v.spread};
    }
    if (memory.exponent) {
        add_power(memory.exponent->range, by_visits, out.exponent_powers);
        add_power(memory.exponent->range, by_steps_and_tasks, out.exponent_powers);
        std::vector<double> exponents;
        for (std::size_t i = 0; i < o.cells.size(); ++i)
            if (is_fitted(o.cells[i])) exponents.push_back(out.cells[i].exponent.value);
        if (!exponents.empty()) out.best_exponents = percentile_interval(exponents, 0.8);
    }

    const auto add_ceiling = [&](std::string name, const auto& of, account_role role = account_role::other) {
        memory_account a{.name = std::move(name), .role = role, .ceiling = true};
        mean_by_role(o, a, of);
        if (!std::isnan(a.fitted)) out.accounts.push_back(a);
    };
    const std::string mixed = own_range ? " mixed with G in every cell" : " mixed with copying in every cell";
    add_ceiling(own_range ? "exact Bayes mixture of M and G, best mass in every cell" : "exact Bayes mixture of M and copying, best mass",
                [&](std::size_t i) { return memory.ceilings[i].bayes_mixture; });
    add_ceiling("some tasks at the best precision, others not at all", [&](std::size_t i) { return memory.ceilings[i].some_tasks; });
    add_ceiling(
        "tempered M, best exponent in every cell", [&](std::size_t i) { return out.cells[i].exponent.divergence; },
        account_role::best_exponent);
    add_ceiling("tempered M, best exponent" + mixed, [&](std::size_t i) { return out.cells[i].exponent.with_generalizing; });
    add_ceiling(
        "best precision in every cell", [&](std::size_t i) { return out.cells[i].divergence; },
        own_range ? account_role::best_precision : account_role::other);
    add_ceiling(
        "best precision" + mixed, [&](std::size_t i) { return out.cells[i].with_generalizing; },
        own_range ? account_role::other : account_role::best_precision);
    add_ceiling("best precision and exponent" + mixed, [&](std::size_t i) {
        if (std::isnan(memory.ceilings[i].precision_and_exponent)) return memory_account::none;
        return (std::min)(
            {memory.ceilings[i].precision_and_exponent, out.cells[i].with_generalizing, out.cells[i].exponent.with_generalizing});
    });
    return out;
}

}  // namespace rationale::detail

#endif
