#ifndef RATIONALE_ANALYSIS_DETAIL_EXPLAIN_HPP
#define RATIONALE_ANALYSIS_DETAIL_EXPLAIN_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/analysis/analysis_options.hpp"
#include "rationale/analysis/detail/context_rows.hpp"
#include "rationale/analysis/detail/mass_law.hpp"
#include "rationale/analysis/detail/recorded_stages.hpp"
#include "rationale/analysis/detail/run_losses.hpp"
#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/explanation/law_explanation.hpp"
#include "rationale/explanation/same_weights.hpp"
#include "rationale/explanation/score.hpp"
#include "rationale/fit/forecast.hpp"
#include "rationale/fit/profile.hpp"

namespace rationale::detail {

/// What the fit's uncertainty, the comparison and the forecast add to it.
struct recorded_explanations {
    sandwich_result around{};
    std::vector<interval> profile{};
    run_uncertainty over_runs{};
    std::vector<interval> bootstrap{};
    explanation_table comparison{};
    std::optional<law_forecast> forecast{};
    std::optional<backtest_result> backtest{};
};

/// A law over the first n strategies of a recording.
[[nodiscard]] inline law_explanation over_first(const recording_source& from, std::size_t n, const observations& seen, law_fit fit) {
    const std::string of = set_name(from.strategies, n), name = fit.law.name();
    return {name + "/" + of, name + " {" + of + "}", seen, std::move(fit)};
}

/// The laws that are compared: the analysis's own, which is the reference, the others of the same strategies, and the own one over the
/// other choice of strategies. Not those with more parameters than there are cells, nor one that has no covariates to weigh.
[[nodiscard]] inline std::vector<any_explanation> compared_laws(const recording_source& from, const recorded_fit& found,
                                                                const analysis_options& options, const any_executor& execute) {
    const auto choice = choice_of(from, options);
    const auto& runs = found.seen.runs;
    const bool covariates = std::any_of(runs.begin(), runs.end(), [](const auto& run) { return !run.known.covariate.empty(); });
    struct law_of_choice {
        any_law law;
        const observations* seen;
        std::size_t strategies;
    };
    std::vector<law_of_choice> others;
    const auto add = [&](const any_law& law, const observations& seen, std::size_t strategies) {
        const auto cells = static_cast<std::size_t>(std::count_if(seen.cells.begin(), seen.cells.end(), is_fitted));
        if (cells >= (std::max)(law.parameters().size(), std::size_t{1})) others.push_back({law, &seen, strategies});
    };
    for (const auto& law : known_laws())
        if (law.name() != found.fit.law.name() && (covariates || !law.weighs_covariates())) add(law, found.seen, choice.own);
    if (choice.other) add(found.fit.law, found.others, *choice.other);
    const auto of_own = as_observed(found.seen), of_others = as_observed(found.others);
    std::vector<std::optional<law_fit>> fits(others.size());
    execute(fits.size(), [&](std::size_t i) {
        const auto& [law, seen, strategies] = others[i];
        fits[i] = fit_to_cells(law, *seen, seen == &found.seen ? of_own : of_others, {}, options.fit);
    });
    std::vector<any_explanation> out{over_first(from, choice.own, found.seen, found.fit)};
    for (std::size_t i = 0; i < fits.size(); ++i)
        out.emplace_back(over_first(from, others[i].strategies, *others[i].seen, std::move(*fits[i])));
    return out;
}

/// Fifth stage: how sure the fit is, how other explanations compare, and when strategies switch beyond the recording.
[[nodiscard]] inline recorded_explanations explain(const recorded_stages& stages, const stage_tools& tools) {
    tools.report("intervals", 0, 1);
    recorded_explanations out;
    const auto& [from, found, options] = std::tie(stages.from, stages.found, stages.options);
    const auto& fit = found.fit;
    const std::size_t own = stages.strategies(), replicates = found.bootstrap.replicates;
    out.around = sandwich(found.seen, fit, found.bootstrap);
    out.profile = profile_intervals(found.seen, fit, out.around, normal_95, tools.execute);
    out.over_runs = over_runs(found.seen, fit, out.around, 0.95, tools.execute);
    if (replicates > 0) tools.report("bootstrap", 0, 1);
    std::vector<any_explanation> all;
    if (options.compare) {
        all = compared_laws(from, found, options, tools.execute);
        if (auto law = mass_law(stages, tools.execute)) all.emplace_back(std::move(*law));
        for (auto& e : baselines(found.seen, std::span(from.strategies).first(own), " {" + set_name(from.strategies, own) + "}"))
            all.push_back(std::move(e));
    } else {
        all.emplace_back(over_first(from, own, found.seen, fit));
    }
    auto scored = score(all, {.bootstrap = found.bootstrap, .cross_validate = options.compare, .processes = tools.team}, tools.execute);
    out.bootstrap = scored.rows[0].value_intervals;
    if (options.forecast) {
        std::vector<std::vector<account>> accounts(replicates);
        for (std::size_t b = 0; b < replicates; ++b) accounts[b] = draw_bootstrap(found.seen, found.bootstrap, b).accounts;
        out.forecast = forecast(found.seen, fit, scored.values[0], accounts);
        out.backtest = backtest(found.seen, fit.law, options.fit);
    }
    if (options.compare) {
        tools.report("comparison", 0, 1);
        for (auto& row : context_rows(stages, tools)) {
            // Their differences are to the published law over M and G, those of the table to its own reference.
            if (all[0].facts().key != "published/M,G") row.difference = row.difference_ood = {};
            scored.rows.push_back(std::move(row));
        }
        out.comparison = table_of(std::move(scored.rows), all[0].facts().key);
    }
    return out;
}

/// How far runs of the same number of tasks and another seed are apart.
inline std::vector<seed_spread> spread_of(const recording_analysis& a) {
    std::map<std::size_t, std::vector<std::size_t>> runs;
    for (std::size_t i = 0; i < a.runs.size(); ++i) runs[a.runs[i].tasks].push_back(i);
    const auto variance = [](const std::vector<double>& x) {
        double mean = 0, squares = 0;
        for (double v : x) mean += v / static_cast<double>(x.size());
        for (double v : x) squares += (v - mean) * (v - mean);
        return squares / static_cast<double>(x.size() - 1);
    };
    std::vector<seed_spread> out;
    for (const auto& [tasks, of_tasks] : runs) {
        if (of_tasks.size() < 2) continue;
        seed_spread s{.tasks = tasks, .seeds = of_tasks.size()};
        std::map<std::int64_t, std::vector<double>> by_step;
        std::vector<double> logs;
        for (const auto& c : a.cells)
            if (a.runs[c.run].tasks == tasks && c.split == split::id && c.relative.defined()) by_step[c.step].push_back(c.relative.value);
        double sum = 0, count = 0;
        for (const auto& [step, values] : by_step)
            if (values.size() > 1) sum += variance(values), ++count;
        if (count > 0) s.relative_distance = std::sqrt(sum / count);
        for (std::size_t i : of_tasks)
            if (a.runs[i].memorizing_leads.within(last_step(a.runs[i]))) logs.push_back(std::log(a.runs[i].memorizing_leads.steps));
        if (logs.size() > 1) s.log_crossover = std::sqrt(variance(logs));
        out.push_back(s);
    }
    return out;
}

}  // namespace rationale::detail

#endif
