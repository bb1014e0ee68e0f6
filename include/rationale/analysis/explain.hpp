#ifndef RATIONALE_ANALYSIS_EXPLAIN_HPP
#define RATIONALE_ANALYSIS_EXPLAIN_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/analysis/analysis_options.hpp"
#include "rationale/analysis/context_rows.hpp"
#include "rationale/analysis/recorded_stages.hpp"
#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/run_losses.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/fit/compare_laws.hpp"
#include "rationale/fit/forecast.hpp"
#include "rationale/fit/profile.hpp"

namespace rationale::detail {

/// What the fit's uncertainty, the comparison and the forecast add to it.
struct recorded_explanations {
    sandwich_result around{};
    std::vector<interval> profile{};
    run_uncertainty over_runs{};
    std::vector<interval> bootstrap{};
    std::vector<explanation_score> comparison{};
    std::optional<law_forecast> forecast{};
    std::optional<backtest_result> backtest{};
};

/// The laws that are compared, fitted to the analysis's choice of strategies: its own first, so that it is the reference. Not those with
/// more parameters than there are cells.
[[nodiscard]] inline std::vector<law_fit> fit_known_laws(const recorded_fit& found, const fit_options& options,
                                                         const any_executor& execute) {
    const auto sample = as_observed(found.seen);
    const auto cells = cells_of(found.seen, sample, is_fitted);
    const auto& runs = found.seen.runs;
    const bool covariates = std::any_of(runs.begin(), runs.end(), [](const auto& run) { return !run.known.covariate.empty(); });
    std::vector<law_fit> fits{found.fit};
    for (const auto& law : known_laws())
        if (law.name() != found.fit.law.name() && (covariates || !law.weighs_covariates()) && law.parameters().size() <= cells.size())
            fits.push_back({.law = law, .values = {}});
    execute(fits.size() - 1, [&](std::size_t i) { fits[i + 1] = fit_law(fits[i + 1].law, sample.accounts, cells, options); });
    return fits;
}

/// Scores laws fitted to the analysis's choice of strategies, and its own law also fitted to the other choice, side by side, the best on
/// held-out cells first, then what is no law. Differences are to the own law, over the bootstrap samples that all were `resampled` in.
[[nodiscard]] inline std::vector<explanation_score> compare_laws(const recording_source& from, const recorded_fit& found,
                                                                 std::span<const law_fit> fits, std::span<const bootstrap_fits> resampled,
                                                                 const analysis_options& options, const any_executor& execute) {
    const auto choice = choice_of(from, options);
    std::vector<explanation_score> laws;
    std::vector<law_fit> of_others;
    const auto sample_of_others = as_observed(found.others);
    const auto cells_of_others = cells_of(found.others, sample_of_others, is_fitted);
    const bool other_choice = cells_of_others.size() >= (std::max)(found.fit.law.parameters().size(), std::size_t{1});
    if (other_choice) of_others.push_back(fit_law(found.fit.law, sample_of_others.accounts, cells_of_others, options.fit));
    const auto of_other_set = other_choice ? bootstrap(found.others, of_others, found.bootstrap, execute) : std::vector<bootstrap_fits>();
    const auto named = [&](std::size_t strategies) { return " {" + set_name(from.strategies, strategies) + "}"; };
    // Laws that are the same here, as the scheduled one at a constant learning rate, differ by rounding, which must not order them.
    const auto key = [](const explanation_score& s) { return static_cast<float>(std::isnan(s.held_out) ? s.fitted : s.held_out); };
    const auto better = [&](const explanation_score& x, const explanation_score& y) { return key(x) < key(y); };
    std::vector<explanation_score> scores(fits.size() + of_others.size());
    execute(scores.size(), [&](std::size_t i) {
        const bool own = i < fits.size();
        scores[i] =
            own ? score_of(fits[i], found.seen, found.bootstrap) : score_of(of_others[i - fits.size()], found.others, found.bootstrap);
        scores[i].name += named(own ? choice.own : *choice.other);
    });
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const auto& b = i < fits.size() ? resampled[i] : of_other_set[i - fits.size()];
        std::vector<double> difference;
        for (std::size_t k = 0; k < b.held_out.size(); ++k) difference.push_back(b.held_out[k] - resampled[0].held_out[k]);
        if (i > 0) scores[i].difference = percentile_interval(difference);
        laws.insert(std::upper_bound(laws.begin(), laws.end(), scores[i], better), scores[i]);
    }
    for (auto& s : baselines(found.seen, std::span(from.strategies).first(choice.own))) {
        s.name += named(choice.own);
        laws.push_back(std::move(s));
    }
    return laws;
}

/// Fifth stage: how sure the fit is, how other laws compare, and when strategies switch beyond the recording.
[[nodiscard]] inline recorded_explanations explain(const recorded_stages& stages, const stage_tools& tools) {
    tools.report("intervals", 0, 1);
    recorded_explanations out;
    const auto& [found, options] = std::tie(stages.found, stages.options);
    const auto& fit = found.fit;
    const std::size_t replicates = found.bootstrap.replicates;
    out.around = sandwich(found.seen, fit, found.bootstrap);
    out.profile = profile_intervals(found.seen, fit, out.around, 1.959963984540054, tools.execute);
    out.over_runs = over_runs(found.seen, fit, out.around, 0.95, tools.execute);
    const auto fits = options.compare ? fit_known_laws(found, options.fit, tools.execute) : std::vector<law_fit>{fit};
    std::vector<std::vector<account>> accounts(replicates);
    if (replicates > 0) tools.report("bootstrap", 0, 1);
    const auto resampled = bootstrap(found.seen, std::span<const law_fit>(fits), found.bootstrap, tools.execute,
                                     [&](const observed_sample& s, std::size_t b) { accounts[b] = s.accounts; });
    if (replicates > 0) out.bootstrap = parameter_intervals(resampled[0]);
    if (options.forecast) {
        out.forecast = forecast(found.seen, fit, resampled[0].values, accounts);
        out.backtest = backtest(found.seen, fit.law, options.fit);
    }
    if (options.compare) {
        tools.report("comparison", 0, 1);
        out.comparison = compare_laws(stages.from, found, fits, resampled, options, tools.execute);
        auto rows = context_rows(stages, tools);
        const auto place = std::find_if(out.comparison.begin(), out.comparison.end(), [](const explanation_score& x) { return !x.law; });
        out.comparison.insert(place, std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
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
            if (a.runs[c.run].tasks == tasks && c.split == 0 && c.relative.defined()) by_step[c.step].push_back(c.relative.value);
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
