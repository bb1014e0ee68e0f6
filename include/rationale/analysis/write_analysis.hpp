#ifndef RATIONALE_ANALYSIS_WRITE_ANALYSIS_HPP
#define RATIONALE_ANALYSIS_WRITE_ANALYSIS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/number_text.hpp"
#include "rationale/recording/run_reader.hpp"
#include "rationale/version.hpp"

namespace rationale {

namespace detail {

/// JSON has no NaN and no infinity: null is undefined, the texts "inf" and "-inf" are infinite.
inline nlohmann::ordered_json json_number(double x) {
    if (std::isnan(x)) return nullptr;
    if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
    return x;
}

inline nlohmann::ordered_json json_numbers(std::span<const double> x) {
    auto out = nlohmann::ordered_json::array();
    for (double v : x) out.push_back(json_number(v));
    return out;
}

inline nlohmann::ordered_json json_agreement(const agreement& a, prediction_kind kind) {
    if (kind == prediction_kind::mean) return {{"r_squared", json_number(a.r_squared)}};
    return {{"total_variation", json_number(a.total_variation)}, {"argmax", json_number(a.argmax)}, {"spearman", json_number(a.spearman)}};
}

inline nlohmann::ordered_json json_interval(const interval& x) {
    if (std::isnan(x.lower)) return nullptr;
    return {json_number(x.lower), json_number(x.upper)};
}

inline nlohmann::ordered_json to_json(const explanation_score& s) {
    return {{"explanation", s.name},
            {"law", s.law},
            {"parameters", s.parameters},
            {"fitted", json_number(s.fitted)},
            {"held_out", json_number(s.held_out)},
            {"held_out_difference_95", json_interval(s.difference)},
            {"held_out_ood", json_number(s.held_out_ood)},
            {"cross_validated_over_tasks", json_number(s.across_tasks)},
            {"cross_validated_over_steps", json_number(s.across_steps)},
            {"takeuchi_criterion", json_number(s.criterion)},
            {"identifiable", s.identifiable}};
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

inline const char* split_name(std::size_t split) { return splits[split]; }

}  // namespace detail

namespace detail {
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
inline nlohmann::ordered_json to_json(const memory_report& m) {
    using json = nlohmann::ordered_json;
    json out{{"precisions", m.precisions}, {"evidence_law", m.fit.law.evidence_formula()}, {"simplicity_law", m.fit.law.prior_formula()}};
    out["parameters"] = parameters_to_json(m.fit, m.over_runs, m.around, m.bootstrap);
    out["identifiable"] = m.fit.identifiable();
    out["not_identifiable"] = m.fit.not_identifiable;
    for (const auto& a : m.accounts)
        out["accounts"].push_back({{"account", a.name},
                                   {"parameters", a.parameters},
                                   {"ceiling", a.ceiling},
                                   {"fitted", json_number(a.fitted)},
                                   {"held_out", json_number(a.held_out)},
                                   {"fitted_ood", json_number(a.fitted_ood)},
                                   {"held_out_ood", json_number(a.held_out_ood)},
                                   {"held_out_difference_95", json_interval(a.difference)},
                                   {"held_out_ood_difference_95", json_interval(a.difference_ood)},
                                   {"identifiable", a.identifiable}});
    const auto visits = [](const visits_law& v) {
        return json{{"scale", v.scale},
                    {"scale_95", json_interval(v.scale_interval)},
                    {"exponent", v.exponent},
                    {"exponent_95", json_interval(v.exponent_interval)},
                    {"log_precision_spread", json_number(v.spread)}};
    };
    const auto powers = [](const std::vector<power_of_training>& all) {
        json rows = json::array();
        for (const auto& p : all) {
            json between = json::array();
            for (const auto& x : p.exponent_intervals) between.push_back(json_interval(x));
            rows.push_back({{"formula", "scale " + p.formula},
                            {"scale", p.scale},
                            {"scale_95", json_interval(p.scale_interval)},
                            {"exponents", json_numbers(p.exponents)},
                            {"exponents_95", std::move(between)},
                            {"log_spread", json_number(p.spread)}});
        }
        return rows;
    };
    if (m.visits) out["visits"] = visits(*m.visits);
    if (m.visits) out["precision_powers"] = powers(m.precision_powers);
    if (m.tempered) {
        json law{{"one_exponent", m.tempered->exponent},
                 {"parameters", parameters_to_json(m.tempered->fit, m.tempered->over_runs, m.tempered->around, {})}};
        law["identifiable"] = m.tempered->fit.identifiable();
        out["exponents"] = {{"grid", m.exponents},
                            {"best_in_80_percent", m.best_exponents ? json_interval(*m.best_exponents) : json(nullptr)},
                            {"per_task_law", std::move(law)},
                            {"powers", powers(m.exponent_powers)}};
    }
    if (m.forecast_cells > 0)
        out["backtest"] = {{"fitted_until_step", m.forecast_from},
                           {"cells", m.forecast_cells},
                           {"per_task_divergence", json_number(m.forecast)},
                           {"two_strategies_divergence", json_number(m.forecast_of_two)}};
    if (m.own_visits) out["own_visits"] = visits(*m.own_visits);
    return out;
}
}  // namespace detail

/// Everything but the cells. Losses in nats per position, complexities in bits, divergences in nats (squared error for means).
[[nodiscard]] inline nlohmann::ordered_json to_json(const recording_analysis& a) {
    using json = nlohmann::ordered_json;
    json out{{"folder", a.folder}, {"name", a.name}, {"family", a.family}, {"strategies", a.strategies}};
    out["divergence"] = a.kind == prediction_kind::mean ? "squared error" : "KL(model || mixture), nats";
    out["threshold_step"] = a.threshold ? json(*a.threshold) : json(nullptr);
    json fit{{"law", a.fit.law.name()}, {"evidence_law", a.fit.law.evidence_formula()}, {"simplicity_law", a.fit.law.prior_formula()}};
    const auto& values = a.fit.values;
    fit["parameters"] = detail::parameters_to_json(a.fit, a.over_runs, a.around, a.bootstrap);
    for (std::size_t i = 0; i < values.size(); ++i) fit["parameters"][i]["profile_95"] = detail::json_interval(a.profile[i]);
    fit["runs"] = a.over_runs.runs;
    fit["other_optima"] = json::array();
    for (const auto& r : a.over_runs.rivals)
        fit["other_optima"].push_back({{"values", detail::json_numbers(r.values)},
                                       {"objective", detail::json_number(r.objective)},
                                       {"difference", detail::json_number(r.difference)},
                                       {"difference_standard_error", detail::json_number(r.standard_error)},
                                       {"better_in_resampled_runs", r.share}});
    fit["bootstrap_replicates"] = a.replicates;
    fit["bootstrap_of_runs"] = a.resampled_runs;
    fit["optimism"] = detail::json_number(a.around.optimism);
    fit["objective"] = detail::json_number(a.fit.objective);
    fit["cells"] = a.fit.cells;
    fit["starts"] = a.fit.starts;
    fit["starts_that_reached_the_optimum"] = a.fit.reached;
    fit["condition"] = detail::json_number(a.fit.condition);
    fit["identifiable"] = a.fit.identifiable();
    fit["not_identifiable"] = a.fit.not_identifiable;
    out["fit"] = std::move(fit);
    for (const auto& s : a.comparison) out["comparison"].push_back(detail::to_json(s));
    if (a.forecast) out["forecast"] = detail::to_json(*a.forecast, a);
    if (a.backtest)
        out["backtest"] = {{"fitted_until_step", a.backtest->until_steps},
                           {"cells", a.backtest->cells},
                           {"law_divergence", detail::json_number(a.backtest->law)},
                           {"carried_weights_divergence", detail::json_number(a.backtest->carried)},
                           {"free_weights_divergence", detail::json_number(a.backtest->ceiling)},
                           {"weight_error", detail::json_number(a.backtest->weight_error)}};
    if (a.memory) out["memory"] = detail::to_json(*a.memory);
    for (const auto& s : a.spread)
        out["seeds"].push_back({{"tasks", s.tasks},
                                {"seeds", s.seeds},
                                {"relative_distance_standard_deviation", detail::json_number(s.relative_distance)},
                                {"log_crossover_standard_deviation", detail::json_number(s.log_crossover)}});
    out["cells_neither"] = a.neither;
    for (const auto& s : a.scores)
        out["scores"].push_back({{"cells", std::string(words(s.role))},
                                 {"split", detail::split_name(s.split)},
                                 {"count", s.cells},
                                 {"undefined_relative_distances", s.undefined_cells},
                                 {"law_divergence", detail::json_number(s.law_loss)},
                                 {"best_mixture_divergence", detail::json_number(s.mixing_loss)},
                                 {"best_pair_divergence", detail::json_number(s.pair_loss)},
                                 {"correlation", detail::json_number(s.correlation)},
                                 {"no_correlation", s.no_correlation.empty() ? json(nullptr) : json(s.no_correlation)},
                                 {"agreement", detail::json_agreement(s.with_law, a.kind)}});
    for (const auto& r : a.runs) {
        json run{{"file", r.file}, {"tasks", r.tasks}, {"seed", r.seed}, {"context", r.context}};
        run["threshold_step"] = r.threshold ? json(*r.threshold) : json(nullptr);
        for (std::size_t q = 0; q < r.known.loss.size(); ++q) {
            json tried = json::object();
            for (const auto& [method, bits] : r.descriptions[q].tried) tried[method] = bits;
            run["strategies"].push_back(
                {{"name", a.strategies[q]},
                 {"loss_nats", detail::json_number(r.known.loss[q])},
                 {"loss_standard_error", detail::json_number(r.losses.standard_error[q])},
                 {"complexity_bits", r.known.complexity[q]},
                 {"program_bits", q < r.programs.size() && r.programs[q] ? json(*r.programs[q]) : json(nullptr)},
                 {"description", {{"bits", r.descriptions[q].bits}, {"method", r.descriptions[q].method}, {"tried", std::move(tried)}}}});
        }
        for (std::size_t q = 0; q < r.known.covariate.size(); ++q) run["strategies"][q]["covariate"] = r.known.covariate[q];
        run["loss_sequences"] = r.losses.sequences;
        run["loss_difference_standard_error"] = detail::json_number(r.losses.difference_error(0, 1));
        run["memorizing_overtakes"] = memorizing_leads_in_words(r);
        run["crossover_steps"] = detail::json_number(r.memorizing_leads.steps);
        run["masked_sequences"] = {{"id", r.masked[0]}, {"ood", r.masked[1]}};
        out["runs"].push_back(std::move(run));
    }
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

/// cells.csv: a row for each D x seed x N x split. Empty fields are undefined; "inf" is infinite.
[[nodiscard]] inline std::string cells_csv(std::span<const recording_analysis> all) {
    // A column for every strategy of any of the recordings.
    std::vector<std::string> names;
    for (const auto& a : all)
        for (const auto& s : a.strategies)
            if (std::find(names.begin(), names.end(), s) == names.end()) names.push_back(s);
    std::string out;
    bool first = true;  // of its row
    const auto text = [&](std::string_view field) {
        if (!first) out += ',';
        first = false;
        const bool quote = field.find_first_of(",\"\n\r") != std::string_view::npos;
        if (quote) out += '"';
        for (char c : field) out += c == '"' ? "\"\"" : std::string(1, c);
        if (quote) out += '"';
    };
    const auto texts = [&](std::initializer_list<const char*> fields) {
        for (const char* field : fields) text(field);
    };
    const auto columns = [&](const std::string& prefix) {
        for (std::string name : names) {
            std::replace(name.begin(), name.end(), ' ', '_');
            text(prefix + name);
        }
    };
    texts({"recording", "tasks", "seed", "step", "split", "cell"});
    columns("distance_");
    texts({"relative_distance", "relative_distance_error", "relative_distance_state", "interpolation_distance", "observed_loss"});
    columns("observed_loss_");
    columns("weight_");
    texts({"best_mixture_divergence", "best_pair_divergence", "law_divergence"});
    columns("predicted_");
    texts({"unexplained", "neither", "log_prior_odds", "log_bayes_factor", "total_variation", "argmax_agreement", "spearman", "r_squared"});
    texts(
        {"precision", "precision_lower", "precision_upper", "bits_per_task", "precision_divergence", "precision_generalizing_divergence"});
    texts({"memory_pair_divergence", "law_precision", "exponent", "exponent_lower", "exponent_upper", "exponent_divergence",
           "exponent_generalizing_divergence"});
    out += '\n';
    const auto number = [&](double x) { text(std::isnan(x) ? std::string() : significant(x, 10)); };
    for (const auto& a : all) {
        const auto by_name = [&](const std::vector<double>& weights) {
            for (const auto& name : names) {
                const auto at = static_cast<std::size_t>(std::find(a.strategies.begin(), a.strategies.end(), name) - a.strategies.begin());
                number(at < weights.size() ? weights[at] : undefined);
            }
        };
        std::size_t next = 0;  // of the memory's cells, which are in the same order but for those that no mixture explains
        for (const auto& c : a.cells) {
            const auto& run = a.runs[c.run];
            first = true;
            text(a.name);
            text(std::to_string(run.tasks));
            text(std::to_string(run.seed));
            text(std::to_string(c.step));
            text(detail::split_name(c.split));
            text(words(c.role));
            by_name(c.distance);
            number(c.relative.value);
            number(c.relative.standard_error);
            text(c.relative.words());
            number(c.interpolation_distance);
            number(over_positions(c.observed_loss));
            std::vector<double> losses;
            for (const auto& loss : run.observed_loss[c.split]) losses.push_back(over_positions(loss));
            by_name(losses);
            by_name(c.mixing_weights);
            for (double x : {c.mixing_loss, c.pair_loss, c.law_loss}) number(x);
            by_name(c.predicted);
            for (double x : {c.unexplained, c.neither ? 1.0 : 0.0, c.log_prior_odds, c.log_bayes_factor, c.with_law.total_variation,
                             c.with_law.argmax, c.with_law.spearman, c.with_law.r_squared})
                number(x);
            memory_cell m{.range = {}};
            for (double* x : {&m.precision, &m.bits_per_task, &m.divergence, &m.with_generalizing, &m.pair, &m.law_precision})
                *x = undefined;
            if (a.memory && next < a.memory->cells.size()) {
                const auto& candidate = a.memory->cells[next];
                if (candidate.run == c.run && candidate.step == c.step && candidate.split == c.split) m = candidate, ++next;
            }
            for (double x :
                 {m.precision, m.range.lower, m.range.upper, m.bits_per_task, m.divergence, m.with_generalizing, m.pair, m.law_precision,
                  m.exponent.value, m.exponent.range.lower, m.exponent.range.upper, m.exponent.divergence, m.exponent.with_generalizing})
                number(x);
            out += '\n';
        }
    }
    return out;
}

}  // namespace rationale

#endif
