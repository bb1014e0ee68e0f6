#ifndef RATIONALE_ANALYSIS_DETAIL_SQUARE_RECORDING_HPP
#define RATIONALE_ANALYSIS_DETAIL_SQUARE_RECORDING_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/detail/distances.hpp"
#include "rationale/analysis/detail/observe_square.hpp"
#include "rationale/analysis/detail/pool_cells.hpp"
#include "rationale/analysis/detail/recorded_stages.hpp"
#include "rationale/analysis/detail/remember_recording.hpp"
#include "rationale/analysis/square_report.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/explanation/cell_explanation.hpp"
#include "rationale/explanation/law_explanation.hpp"
#include "rationale/explanation/own_visits_explanation.hpp"
#include "rationale/explanation/score.hpp"
#include "rationale/explanation/square_explanation.hpp"
#include "rationale/fit/cell_roles.hpp"
#include "rationale/fit/forecast.hpp"

namespace rationale::detail {

/// What choices of strategies, by index, say of some sequences of every cell, and every cell's role after the threshold. Cells that no
/// mixture of the first choice explains are left out. Losses of the other choices are in parts of the sequences only where these are
/// resampled, as each part has nodes of its own in the cells that it shares with others (compare/mixture_compressor.hpp).
[[nodiscard]] inline std::vector<observations> observe_strategies(const recorded_stages& stages, const looked_at& which,
                                                                  const std::vector<std::vector<std::size_t>>& choices,
                                                                  const stage_tools& tools) {
    const auto& from = stages.from;
    std::vector<observations> out(choices.size());
    const auto parts_of = [&](std::size_t k) { return k == 0 || stages.found.bootstrap.replicates > 0 ? sequence_parts : 1; };
    for (std::size_t k = 0; k < choices.size(); ++k)
        for (const auto& run : stages.losses) out[k].runs.push_back(some_strategies(run, choices[k]));
    const progress_report silent = [](const std::string&, std::size_t, std::size_t) {};
    using cells_of_choices = std::vector<std::vector<observed_cell>>;
    auto of_run = of_each_split<cells_of_choices>(from, "", {tools.execute, silent, tools.team}, [&](std::size_t i, split split, auto& to) {
        if (which[i][split].empty()) return;
        to.resize(choices.size());
        const auto& source = *from.runs[i];
        for (const auto* const table : source.tables()) {
            const auto predicted = table->predict(split, which[i][split], sequential{});
            std::vector<std::vector<predictions>> chosen(choices.size());
            std::vector<mixture_compressor> compress;
            for (std::size_t k = 0; k < choices.size(); ++k) {
                for (const std::size_t q : choices[k]) chosen[k].push_back(predicted[q]);
                compress.emplace_back(std::span<const predictions>(chosen[k]));
            }
            for_each_looked(stages, {i, split}, *table, [&](std::size_t n, const predictions& model) {
                const auto step = source.facts.steps[n];
                std::vector<std::vector<mixture_loss>> parts;
                for (std::size_t k = 0; k < choices.size(); ++k) parts.push_back(compress[k].parts(model, parts_of(k)));
                if (!is_finite(parts[0])) return;
                for (std::size_t k = 0; k < choices.size(); ++k)
                    to[k].push_back({i, training_at(from, i, step), split, stages.roles.of(source.facts.tasks, step), std::move(parts[k])});
            });
        }
    });
    for (auto& run : of_run)
        for (const split split : splits)
            for (std::size_t k = 0; k < run[split].size(); ++k) add_cells(out[k], from, std::move(run[split][k]));
    return out;
}

/// Cells are fitted and held out from the first checkpoint on.
inline void leave_out_threshold(const recording_source& from, observations& seen) {
    std::vector<std::size_t> tasks;
    std::vector<std::int64_t> steps;
    for (const auto& run : from.runs) {
        tasks.push_back(run->facts.tasks);
        steps.insert(steps.end(), run->facts.steps.begin(), run->facts.steps.end());
    }
    const cell_roles roles(tasks, steps, std::nullopt);
    for (auto& c : seen.cells) c.role = roles.role(static_cast<std::size_t>(c.at.tasks), static_cast<std::int64_t>(c.at.steps));
}

/// Every cell's place, with its range over samples of its sequences, which holds it. Memory is told where that range is less than half of
/// the side and where, with the same trust, no memory or a perfect one would be further from the model by a tenth.
[[nodiscard]] inline std::vector<square_place> square_places(const observed_square& square, const observations& seen,
                                                             const square_explanation& law, std::uint64_t seed, const any_executor& execute,
                                                             int draws = 100) {
    std::vector<square_place> out(seen.cells.size());
    execute(out.size(), [&](std::size_t i) {
        const auto& c = seen.cells[i];
        const auto& cell = square.cells[i];
        const std::size_t parts = c.parts.size();
        auto& place = out[i];
        place.run = c.run, place.step = static_cast<std::int64_t>(c.at.steps), place.split = c.split;
        place.precision = cell.best.memory * square.unit, place.trust = cell.best.trust;
        place.divergence = cell.best_divergence();
        if (square.pools) place.order = cell.pooled.pooling * square.unit, place.with_order = cell.pooled_divergence;
        const auto by_law = law.point_of(i);
        place.law_precision = by_law.memory * square.unit, place.law_trust = by_law.trust;
        philox rng = stream(purpose::resampled_parts, seed, i);
        std::array<std::vector<double>, 2> sides;
        for (int b = 0; b < draws && parts > 1; ++b) {
            const auto least = least_of(cell.surface(square.grid, draw_parts(rng, c.parts)), square.grid);
            for (std::size_t k = 0; k < 2; ++k) sides[k].push_back(least[k]);
        }
        if (sides[0].empty()) return;
        const auto memory = percentile_interval(sides[0]), trust = percentile_interval(sides[1]);
        const double at_memory = side_place(cell.best.memory), at_trust = side_place(cell.best.trust);
        const auto with = [](interval range, double best) {
            return interval{(std::min)(range.lower, best), (std::max)(range.upper, best)};
        };
        const auto of_memory = with(memory, at_memory), of_trust = with(trust, at_trust);
        place.precision_range = {side_number(of_memory.lower) * square.unit, side_number(of_memory.upper) * square.unit};
        place.trust_range = {side_number(of_trust.lower), side_number(of_trust.upper)};
        const auto surface = cell.surface(square.grid, std::vector<double>(parts, 1.0));
        const double without_memory = (std::max)(surface(0, at_trust), surface(1, at_trust));
        place.memory_told = of_memory.upper - of_memory.lower < 0.5 && without_memory > 1.1 * place.divergence;
    });
    return out;
}

/// What a square is compared with: the published law and the best weights of M and G, and of M, G and C.
struct square_rivals {
    const observations& two;
    const observations* three;               ///< null without C
    any_law law;                             ///< the analysis's own
    const std::vector<memory_costs>& costs;  ///< of each run
};

/// Memory by each task's own visits, where the only run saw its tasks, always the same, with unequal weights.
[[nodiscard]] inline std::vector<any_explanation> own_visits(const recorded_stages& stages, const looked_at& which,
                                                             const observations& seen, const stage_tools& tools) {
    const auto& from = stages.from;
    if (from.kind != prediction_kind::distribution || from.runs.size() != 1 || from.runs[0]->facts.equal_weights ||
        from.runs[0]->tables().size() > 1)
        return {};
    const auto& source = *from.runs[0];
    const auto models = looked_models(stages, seen);
    const auto predict = [&](const std::vector<double>& precisions, double trust, split split) {
        return source.memory()->predict_with(precisions, trust, split, which[0][split]);
    };
    return {own_visits_explanation(seen, models, source.facts.task_weights, predict, tools.execute)};
}

/// Whether runs differ in their number of tasks.
[[nodiscard]] inline bool several_task_counts(const observations& o) {
    return std::any_of(o.runs.begin(), o.runs.end(), [&](const observed_run& r) { return r.tasks != o.runs[0].tasks; });
}

/// The laws of the square beside their rivals, over cells whose roles the observations have. The laws of M and G and of M, G and C are
/// fitted to the same cells.
struct scored_square {
    explanation_table table;
    std::vector<square_explanation> laws;
};
[[nodiscard]] inline scored_square score_square(const observed_square& square, const square_rivals& rivals, const looked_at& which,
                                                const recorded_stages& stages, const stage_tools& tools) {
    const auto& seen = rivals.two;
    const auto& execute = tools.execute;
    const recorded_sample recorded;
    const std::string name = rivals.law.name();
    const auto law_over = [&](std::string key, const std::string& of, const observations& o) {
        return law_explanation(std::move(key), name + " over " + of, o,
                               fit_to_cells(rivals.law, o, recorded.of(o), {}, stages.options.fit));
    };
    std::vector<any_explanation> all{law_over("published", "M and G", seen)};
    if (rivals.three) all.emplace_back(law_over("published_with_constant", "M, G and C", *rivals.three));
    scored_square out;
    // The first two laws in any case; each evaluates a point of its own in every cell.
    auto laws = square_laws(several_task_counts(seen));
    if (!stages.options.compare) laws.resize(2);
    else
        for (auto& law : per_task_square_laws(rivals.costs, square.unit)) laws.push_back(std::move(law));
    std::vector<std::optional<square_explanation>> fitted(laws.size());
    execute(laws.size(), [&](std::size_t i) { fitted[i].emplace(laws[i], square, seen, sequential{}); });
    for (auto& law : fitted) out.laws.push_back(std::move(*law));
    for (const auto& law : out.laws) all.emplace_back(law);
    for (auto& e : own_visits(stages, which, seen, tools)) all.push_back(std::move(e));
    all.emplace_back(free_weights({.key = "free_weights", .words = "best weight of M and G in every cell", .parameters = 1}, seen));
    if (rivals.three)
        all.emplace_back(free_weights(
            {.key = "free_weights_with_constant", .words = "best weights of M, G and C in every cell", .parameters = 2}, *rivals.three));
    const auto ceiling = [&](explanation_facts facts, const auto& of_cell) {
        std::vector<double> losses;
        for (const auto& cell : square.cells) losses.push_back(of_cell(cell));
        all.emplace_back(cell_explanation(std::move(facts), seen, std::move(losses)));
    };
    ceiling({.key = "best_point", .words = "best memory and trust in every cell", .parameters = 2},
            [](const square_cell& cell) { return cell.best_divergence(); });
    if (square.pools)
        ceiling({.key = "best_point_and_order", .words = "best memory, trust and order in every cell", .parameters = 3},
                [](const square_cell& cell) { return cell.pooled_divergence; });
    out.table = table_of(score(all, {.bootstrap = stages.found.bootstrap, .processes = tools.team}, execute, recorded).rows, "published");
    return out;
}

/// The mean divergence of an explanation over the later half of the steps, ID, when it is fitted to the first half; NaN where that has
/// fewer cells than parameters.
[[nodiscard]] inline backtest_result backtest_of(const any_explanation& e, const recorded_sample& recorded) {
    const auto& o = e.cells();
    backtest_result out;
    const auto until = backtested_until(o);
    if (!until) return out;
    out.until_steps = *until;
    const auto early = [&](const observed_cell& c) { return is_backtested(c) && c.at.steps <= *until; };
    const auto later = [&](const observed_cell& c) { return is_backtested(c) && c.at.steps > *until; };
    if (static_cast<std::size_t>(std::count_if(o.cells.begin(), o.cells.end(), early)) < e.facts().parameters) return out;
    out.values = e.fit(recorded, early);
    out.cells = static_cast<std::size_t>(std::count_if(o.cells.begin(), o.cells.end(), later));
    const std::vector<double> once(o.cells.size(), 1.0);
    out.law = mean_of(o, e.losses(out.values, recorded, later), once, later);
    return out;
}

/// One belief with two precisions, as the recording shows it, given what memories cost. For families whose generalizing strategy is Bayes
/// with their own prior. None where fewer cells of memorizing and generalizing are left to fit after the threshold than a law has
/// parameters.
[[nodiscard]] inline std::optional<square_report> square_recording(const recorded_stages& stages, const std::vector<memory_costs>& costs,
                                                                   const stage_tools& tools) {
    const auto& from = stages.from;
    const auto which = looked_at_of(stages);
    const auto& roles = from.roles;
    std::vector<std::vector<std::size_t>> choices{{roles.memorizing, roles.generalizing}};
    if (roles.constant) choices.push_back({roles.memorizing, roles.generalizing, *roles.constant});
    auto seen = observe_strategies(stages, which, choices, tools);
    if (!stages.enough(seen[0])) return std::nullopt;
    auto square = observe_square(stages, which, seen[0], tools);
    if (stages.options.compare && from.pooled_memories) pool_cells(square, tools);
    tools.report("memory and trust: laws", 0, 1);
    const auto& facts = from.runs[0]->facts;
    square_report out{
        .unit = square.unit, .context = static_cast<double>(facts.context) / static_cast<double>(facts.rows), .rows = facts.rows};
    out.greatest_trust = side_number(square.grid.trust.back());
    const auto& law = stages.found.fit.law;
    const square_rivals rivals{seen[0], seen.size() > 1 ? &seen[1] : nullptr, law, costs};
    {
        const auto after = score_square(square, rivals, which, stages, tools);
        out.after_threshold = after.table;
        const auto forecast = backtest_of(after.laws[0], {});
        out.forecast_from = forecast.until_steps, out.forecast_cells = forecast.cells, out.forecast = forecast.law;
        out.forecast_of_reference = backtest(seen[0], law, stages.options.fit).law;
    }
    for (auto& o : seen) leave_out_threshold(from, o);
    const auto whole = score_square(square, rivals, which, stages, tools);
    out.whole = whole.table;
    const auto of_cells = [&](const char* key) { return whole.table.find(key)->mean.fitted; };
    if (of_cells("free_weights") < of_cells("best_point")) out.better = better_account::mixture;
    std::size_t best = 0;
    const auto fitted = [&](std::size_t i) { return whole.table.find(whole.laws[i].facts().key)->mean.fitted; };
    for (std::size_t i = 1; i < whole.laws.size(); ++i)
        if (fitted(i) < fitted(best)) best = i;
    out.law = whole.laws[best].facts().key;
    out.places = square_places(square, seen[0], whole.laws[best], stages.found.bootstrap.seed + 1, tools.execute);
    const auto best_weights = [&](const observations& o, std::size_t i) {
        const std::vector<double> once(o.cells[i].parts.size(), 1.0);
        return mixing_weights(mixture_loss::weighted_sum(o.cells[i].parts, once)).loss;
    };
    for (std::size_t i = 0; i < out.places.size(); ++i) {
        out.places[i].pair = best_weights(seen[0], i);
        if (seen.size() > 1) out.places[i].with_constant = best_weights(seen[1], i);
    }
    return out;
}

}  // namespace rationale::detail

#endif
