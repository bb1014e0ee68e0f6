#ifndef RATIONALE_ANALYSIS_EXPLAIN_HPP
#define RATIONALE_ANALYSIS_EXPLAIN_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/fit/compare_laws.hpp"
#include "rationale/fit/forecast.hpp"
#include "rationale/fit/profile.hpp"

namespace rationale::detail {

/// Called with what is going on and how far it is.
using progress_report = std::function<void(const std::string& stage, std::size_t done, std::size_t of)>;

struct explain_options {
    bootstrap_options bootstrap{};
    fit_options fit{};
    bool compare = false;
    bool forecast = false;
};

/// The laws that are compared, fitted to the analysis's choice of strategies: its own first, so that it is the reference. Not those with
/// more parameters than there are cells.
template <executor E>
std::vector<law_fit> fit_known_laws(const recording_analysis& a, const observations& seen, const fit_options& options, const E& execute) {
    const auto sample = as_observed(seen);
    const auto cells = cells_of(seen, sample, is_fitted);
    const bool covariates = std::any_of(a.runs.begin(), a.runs.end(), [](const auto& run) { return !run.known.covariate.empty(); });
    std::vector<law_fit> fits{a.fit};
    for (const auto& law : known_laws())
        if (law.name() != a.fit.law.name() && (covariates || !law.weighs_covariates()) && law.parameters().size() <= cells.size())
            fits.push_back({.law = law, .values = {}});
    execute(fits.size() - 1, [&](std::size_t i) { fits[i + 1] = fit_law(fits[i + 1].law, sample.accounts, cells, options); });
    return fits;
}

/// Scores laws fitted to the analysis's choice of strategies, and its own law also fitted to the other choice, side by side, the best on
/// held-out cells first, then what is no law. `seen` belongs to the analysis's own law, `others` to the other choice of strategies.
/// Differences are to that law, over the bootstrap samples that all were `resampled` in.
template <executor E>
std::vector<explanation_score> compare_laws(const recording_analysis& a, const observations& seen, const observations& others,
                                            std::span<const law_fit> fits, std::span<const bootstrap_fits> resampled,
                                            const explain_options& options, const E& execute) {
    std::vector<explanation_score> laws;
    std::vector<law_fit> of_others;
    const auto sample_of_others = as_observed(others);
    const auto cells_of_others = cells_of(others, sample_of_others, is_fitted);
    const bool other_choice = cells_of_others.size() >= (std::max)(a.fit.law.parameters().size(), std::size_t{1});
    if (other_choice) of_others.push_back(fit_law(a.fit.law, sample_of_others.accounts, cells_of_others, options.fit));
    const auto of_other_set = other_choice ? bootstrap(others, of_others, options.bootstrap, execute) : std::vector<bootstrap_fits>();
    // Laws that are the same here, as the scheduled one at a constant learning rate, differ by rounding, which must not order them.
    const auto key = [](const explanation_score& s) { return static_cast<float>(std::isnan(s.held_out) ? s.fitted : s.held_out); };
    const auto better = [&](const explanation_score& x, const explanation_score& y) { return key(x) < key(y); };
    std::vector<explanation_score> scores(fits.size() + of_others.size());
    execute(scores.size(), [&](std::size_t i) {
        const bool own = i < fits.size();
        scores[i] = own ? score_of(fits[i], seen, options.bootstrap) : score_of(of_others[i - fits.size()], others, options.bootstrap);
        scores[i].name += " {" + set_name(a.strategies, own ? a.law_strategies : a.law_strategies == 2 ? a.strategies.size() : 2) + "}";
    });
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const auto& b = i < fits.size() ? resampled[i] : of_other_set[i - fits.size()];
        std::vector<double> difference;
        for (std::size_t k = 0; k < b.held_out.size(); ++k) difference.push_back(b.held_out[k] - resampled[0].held_out[k]);
        if (i > 0) scores[i].difference = percentile_interval(difference);
        laws.insert(std::upper_bound(laws.begin(), laws.end(), scores[i], better), scores[i]);
    }
    for (auto& s : baselines(seen, std::span(a.strategies).first(a.law_strategies))) {
        s.name += " {" + set_name(a.strategies, a.law_strategies) + "}";
        laws.push_back(std::move(s));
    }
    return laws;
}

/// Everything that a fit's uncertainty, the comparison and the forecast add to an analysis.
template <executor E>
void explain(recording_analysis& a, const observations& seen, const observations& others, const explain_options& options,
             const progress_report& report, const E& execute) {
    report("intervals", 0, 1);
    a.around = sandwich(seen, a.fit, options.bootstrap);
    a.profile = profile_intervals(seen, a.fit, a.around, 1.959963984540054, execute);
    a.over_runs = over_runs(seen, a.fit, a.around, 0.95, execute);
    a.replicates = options.bootstrap.replicates, a.resampled_runs = options.bootstrap.runs.value_or(false);
    const auto fits = options.compare ? fit_known_laws(a, seen, options.fit, execute) : std::vector<law_fit>{a.fit};
    std::vector<std::vector<account>> accounts(a.replicates);
    if (a.replicates > 0) report("bootstrap", 0, 1);
    const auto resampled = bootstrap(seen, std::span<const law_fit>(fits), options.bootstrap, execute,
                                     [&](const observed_sample& s, std::size_t b) { accounts[b] = s.accounts; });
    if (a.replicates > 0) a.bootstrap = parameter_intervals(resampled[0]);
    if (options.forecast) {
        a.forecast = forecast(seen, a.fit, resampled[0].values, accounts);
        a.backtest = backtest(seen, a.fit.law, options.fit);
    }
    if (options.compare) {
        report("comparison", 0, 1);
        a.comparison = compare_laws(a, seen, others, fits, resampled, options, execute);
    }
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
