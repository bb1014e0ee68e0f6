#ifndef RATIONALE_ANALYSIS_WRITE_ANALYSIS_HPP
#define RATIONALE_ANALYSIS_WRITE_ANALYSIS_HPP

#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/regret_json.hpp"
#include "rationale/explanation/table_json.hpp"
#include "rationale/number_text.hpp"
#include "rationale/recording/run_reader.hpp"
#include "rationale/version.hpp"

namespace rationale {

namespace detail {

inline nlohmann::ordered_json json_agreement(const agreement& a, prediction_kind kind) {
    if (kind == prediction_kind::mean) return {{"r_squared", json_number(a.r_squared)}};
    return {{"total_variation", json_number(a.total_variation)}, {"argmax", json_number(a.argmax)}, {"spearman", json_number(a.spearman)}};
}

inline nlohmann::ordered_json to_json(const law_forecast& f, const recording_analysis& a) {
    using json = nlohmann::ordered_json;
    json out;
    for (const auto& r : f.runs) {
        json order = json::array();
        for (const auto& l : r.order) order.push_back({{"strategy", a.strategies[l.strategy]}, {"from_steps", json_number(l.from_steps)}});
        out["runs"].push_back({{"tasks", a.runs[r.run].tasks},
                               {"seed", a.runs[r.run].seed},
                               {"memorizing_overtakes", r.overtakes.words(last_step(a.runs[r.run]))},
                               {"crossover_steps", json_number(r.overtakes.steps)},
                               {"crossover_steps_95", json_interval(r.steps)},
                               {"transient_share", a.replicates > 0 ? json(r.transient) : json(nullptr)},
                               {"leading", std::move(order)}});
    }
    out["exponent_of_crossover_in_tasks"] = json_number(f.exponent);
    out["exponent_95"] = json_interval(f.exponent_interval);
    for (const auto& t : f.thresholds)
        out["threshold_tasks"].push_back({{"steps", t.steps}, {"tasks", json_numbers(t.tasks)}, {"largest_95", json_interval(t.largest)}});
    for (const auto& p : f.phases)
        out["phase_diagram"].push_back({{"tasks", a.runs[p.run].tasks},
                                        {"seed", a.runs[p.run].seed},
                                        {"steps", p.steps},
                                        {"weights", json_numbers(p.weights)},
                                        {"first_weight_95", json_interval(p.band)}});
    return out;
}

/// A fit's parameters with their intervals; null for a bootstrap that was not asked for.
inline nlohmann::ordered_json parameters_to_json(const law_fit& fit, const run_uncertainty& sure, const sandwich_result& around,
                                                 const std::vector<interval>& bootstrap) {
    using json = nlohmann::ordered_json;
    json out = json::array();
    for (std::size_t i = 0; i < fit.values.size(); ++i)
        out.push_back({{"name", fit.declared()[i].name},
                       {"value", fit.values[i]},
                       {"at_bound", bool(fit.at_bound[i])},
                       {"determined", bool(sure.determined[i])},
                       {"interval_95", json_interval(sure.intervals[i])},
                       {"effective_runs", sure.effective[i]},
                       {"jackknife_over_runs_95", json_interval(sure.jackknife[i])},
                       {"jackknife_error_of_search_coordinate", json_number(sure.standard_error[i])},
                       {"sandwich_95", json_interval(around.intervals[i])},
                       {"bootstrap_95", bootstrap.empty() ? json(nullptr) : json_interval(bootstrap[i])}});
    return out;
}
/// A row's intervals, none where there is no such row.
inline std::vector<interval> value_intervals_of(const explanation_table& table, std::string_view key) {
    const auto* const row = table.find(key);
    return row ? row->value_intervals : std::vector<interval>();
}
inline nlohmann::ordered_json to_json(const memory_report& m) {
    using json = nlohmann::ordered_json;
    json out{{"precisions", m.precisions}, {"evidence_law", m.fit.law.evidence_formula()}, {"simplicity_law", m.fit.law.prior_formula()}};
    out["parameters"] = parameters_to_json(m.fit, m.over_runs, m.around, value_intervals_of(m.explanations, "per_task"));
    out["identifiable"] = m.fit.identifiable();
    out["not_identifiable"] = m.fit.not_identifiable;
    out["explanations"] = to_json(m.explanations);
    if (m.tempered) {
        json law{{"one_exponent", m.tempered->exponent},
                 {"parameters", parameters_to_json(m.tempered->fit, m.tempered->over_runs, m.tempered->around, {})}};
        law["identifiable"] = m.tempered->fit.identifiable();
        out["exponents"] = {
            {"grid", m.exponents}, {"best_in_80_percent", json_interval(m.best_exponents)}, {"per_task_law", std::move(law)}};
    }
    if (m.forecast_cells > 0)
        out["backtest"] = {{"fitted_until_step", m.forecast_from},
                           {"cells", m.forecast_cells},
                           {"per_task_divergence", json_number(m.forecast)},
                           {"reference_divergence", json_number(m.forecast_of_reference)}};
    return out;
}
inline nlohmann::ordered_json to_json(const square_report& s) {
    using json = nlohmann::ordered_json;
    json out{{"after_threshold", to_json(s.after_threshold)},
             {"whole_training", to_json(s.whole)},
             {"law_of_map", s.law},
             {"better", s.better == better_account::mixture ? "mixture" : "one belief"}};
    if (s.forecast_cells > 0)
        out["backtest"] = {{"fitted_until_step", s.forecast_from},
                           {"cells", s.forecast_cells},
                           {"square_by_visits_divergence", json_number(s.forecast)},
                           {"published_divergence", json_number(s.forecast_of_reference)}};
    return out;
}
}  // namespace detail

namespace detail {
/// The fitted law.
inline nlohmann::ordered_json fit_to_json(const recording_analysis& a) {
    using json = nlohmann::ordered_json;
    json fit{{"law", a.fit.law.name()}, {"evidence_law", a.fit.law.evidence_formula()}, {"simplicity_law", a.fit.law.prior_formula()}};
    fit["parameters"] = parameters_to_json(a.fit, a.over_runs, a.around, a.bootstrap);
    for (std::size_t i = 0; i < a.fit.values.size(); ++i) fit["parameters"][i]["profile_95"] = json_interval(a.profile[i]);
    fit["runs"] = a.over_runs.runs;
    fit["other_optima"] = json::array();
    for (const auto& r : a.over_runs.rivals)
        fit["other_optima"].push_back({{"values", json_numbers(r.values)},
                                       {"objective", json_number(r.objective)},
                                       {"difference", json_number(r.difference)},
                                       {"difference_standard_error", json_number(r.standard_error)},
                                       {"better_in_resampled_runs", r.share}});
    fit["bootstrap_replicates"] = a.replicates;
    fit["bootstrap_of_runs"] = a.resampled_runs;
    fit["optimism"] = json_number(a.around.optimism);
    fit["objective"] = json_number(a.fit.objective);
    fit["cells"] = a.fit.cells;
    fit["starts"] = a.fit.starts;
    fit["starts_that_reached_the_optimum"] = a.fit.reached;
    fit["condition"] = json_number(a.fit.condition);
    fit["identifiable"] = a.fit.identifiable();
    fit["not_identifiable"] = a.fit.not_identifiable;
    return fit;
}
/// A run, with its strategies.
inline nlohmann::ordered_json run_to_json(const analyzed_run& r, const std::vector<std::string>& strategies) {
    using json = nlohmann::ordered_json;
    json run{{"file", r.file}, {"tasks", r.tasks}, {"seed", r.seed}, {"context", r.context}};
    run["threshold_step"] = r.threshold ? json(*r.threshold) : json(nullptr);
    for (std::size_t q = 0; q < r.known.loss.size(); ++q) {
        json tried = json::object();
        for (const auto& [method, bits] : r.descriptions[q].tried) tried[method] = bits;
        run["strategies"].push_back(
            {{"name", strategies[q]},
             {"loss_nats", json_number(r.known.loss[q])},
             {"loss_standard_error", json_number(r.losses.standard_error[q])},
             {"complexity_bits", r.known.complexity[q]},
             {"program_bits", q < r.programs.size() && r.programs[q] ? json(*r.programs[q]) : json(nullptr)},
             {"description", {{"bits", r.descriptions[q].bits}, {"method", r.descriptions[q].method}, {"tried", std::move(tried)}}}});
    }
    for (std::size_t q = 0; q < r.known.covariate.size(); ++q) run["strategies"][q]["covariate"] = r.known.covariate[q];
    run["loss_sequences"] = r.losses.sequences;
    run["loss_difference_standard_error"] = json_number(r.losses.difference_error(0, 1));
    run["memorizing_overtakes"] = memorizing_leads_in_words(r);
    run["crossover_steps"] = json_number(r.memorizing_leads.steps);
    run["masked_sequences"] = {{"id", r.masked.id}, {"ood", r.masked.ood}};
    return run;
}
}  // namespace detail

/// Everything but the cells. Losses in nats per position, complexities in bits, divergences in nats (squared error for means).
[[nodiscard]] inline nlohmann::ordered_json to_json(const recording_analysis& a) {
    using json = nlohmann::ordered_json;
    json out{{"folder", a.folder}, {"name", a.name}, {"family", a.family}, {"strategies", a.strategies}};
    out["roles"] = {{"memorizing", a.strategies[0]}, {"generalizing", a.strategies[1]}};
    out["divergence"] = a.kind == prediction_kind::mean ? "squared error" : "KL(model || mixture), nats";
    out["threshold_step"] = a.threshold ? json(*a.threshold) : json(nullptr);
    out["fit"] = detail::fit_to_json(a);
    if (!a.comparison.rows.empty()) out["explanations"] = to_json(a.comparison);
    if (a.forecast) out["forecast"] = detail::to_json(*a.forecast, a);
    if (a.backtest)
        out["backtest"] = {{"fitted_until_step", a.backtest->until_steps},
                           {"cells", a.backtest->cells},
                           {"law_divergence", detail::json_number(a.backtest->law)},
                           {"carried_weights_divergence", detail::json_number(a.backtest->carried)},
                           {"free_weights_divergence", detail::json_number(a.backtest->ceiling)},
                           {"weight_error", detail::json_number(a.backtest->weight_error)}};
    if (a.memory) out["memory"] = detail::to_json(*a.memory);
    if (a.square) out["square"] = detail::to_json(*a.square);
    if (!a.regret.cells.empty()) out["regret"] = detail::to_json(a.regret, a);
    for (const auto& s : a.spread)
        out["seeds"].push_back({{"tasks", s.tasks},
                                {"seeds", s.seeds},
                                {"relative_distance_standard_deviation", detail::json_number(s.relative_distance)},
                                {"log_crossover_standard_deviation", detail::json_number(s.log_crossover)}});
    out["cells_neither"] = a.neither;
    for (const auto& s : a.scores)
        out["scores"].push_back({{"cells", std::string(words(s.role))},
                                 {"split", words(s.split)},
                                 {"count", s.cells},
                                 {"undefined_relative_distances", s.undefined_cells},
                                 {"law_divergence", detail::json_number(s.law_loss)},
                                 {"best_mixture_divergence", detail::json_number(s.mixing_loss)},
                                 {"best_pair_divergence", detail::json_number(s.pair_loss)},
                                 {"correlation", detail::json_number(s.correlation)},
                                 {"no_correlation", s.no_correlation.empty() ? json(nullptr) : json(s.no_correlation)},
                                 {"agreement", detail::json_agreement(s.with_law, a.kind)}});
    for (const auto& r : a.runs) out["runs"].push_back(detail::run_to_json(r, a.strategies));
    out["infinite_cells"] = a.infinite_cells;
    out["notes"] = a.notes;
    return out;
}

/// results.json: the analyses of one or more recordings.
[[nodiscard]] inline std::string results_json(std::span<const recording_analysis> all, const std::vector<std::string>& command) {
    nlohmann::ordered_json out{
        {"format", "rationale-results"},
        {"version", 1},  // of the format: it grows by one whenever a key changes its meaning or goes
        {"rationale", std::to_string(version_major) + "." + std::to_string(version_minor) + "." + std::to_string(version_patch)},
        {"command", command}};
    for (const auto& a : all) out["recordings"].push_back(to_json(a));
    // A path may hold bytes that are no UTF-8.
    return out.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace rationale

#endif
