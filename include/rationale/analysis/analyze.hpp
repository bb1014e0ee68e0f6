#ifndef RATIONALE_ANALYSIS_ANALYZE_HPP
#define RATIONALE_ANALYSIS_ANALYZE_HPP

#include <algorithm>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/analysis/analysis_options.hpp"
#include "rationale/analysis/detail/agree.hpp"
#include "rationale/analysis/detail/context_rows.hpp"
#include "rationale/analysis/detail/distances.hpp"
#include "rationale/analysis/detail/explain.hpp"
#include "rationale/analysis/detail/fit_recording.hpp"
#include "rationale/analysis/detail/regret_recording.hpp"
#include "rationale/analysis/detail/remember_recording.hpp"
#include "rationale/analysis/detail/roles.hpp"
#include "rationale/analysis/detail/run_losses.hpp"
#include "rationale/analysis/detail/scores.hpp"
#include "rationale/analysis/detail/square_recording.hpp"
#include "rationale/analysis/notes.hpp"
#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/learner/crossover.hpp"
#include "rationale/number_text.hpp"
#include "rationale/processes/in_shares.hpp"

namespace rationale {

namespace detail {

/// What is found of every run, in one place.
[[nodiscard]] inline std::vector<analyzed_run> collect_runs(const recorded_stages& stages, recorded_agreement& agreement) {
    const auto& from = stages.from;
    std::vector<analyzed_run> out;
    for (std::size_t i = 0; i < from.runs.size(); ++i) {
        const auto& facts = from.runs[i]->facts;
        const auto& losses = stages.losses[i];
        auto& run = out.emplace_back(analyzed_run{.file = facts.file,
                                                  .tasks = facts.tasks,
                                                  .seed = facts.seed,
                                                  .context = facts.context,
                                                  .known = losses.known,
                                                  .losses = losses.losses,
                                                  .descriptions = losses.descriptions,
                                                  .programs = losses.programs,
                                                  .steps = facts.steps,
                                                  .train_loss = facts.train_loss,
                                                  .visits = facts.visits,
                                                  .positions = facts.positions,
                                                  .threshold = stages.roles.thresholds[i]});
        run.memorizing_leads =
            crossover_steps(stages.found.fit.law, stages.found.fit.values, stages.found.seen.runs[i].known, 0, 1,
                            {.tasks = static_cast<double>(facts.tasks), .schedule = from.schedule, .visits = facts.visits});
        for (const split split : splits) {
            const auto& found = stages.distances.at[i][split];
            run.masked[split] = found.masked, run.sequences[split] = found.kept.size() + found.masked;
        }
        run.trace = std::move(agreement.traces[i]);
    }
    return out;
}

/// What is found of every cell, by run, split and step.
[[nodiscard]] inline std::vector<analyzed_cell> collect_cells(const recorded_stages& stages, recorded_agreement& agreement) {
    std::vector<analyzed_cell> out;
    for (std::size_t i = 0; i < stages.from.runs.size(); ++i)
        for (const split split : splits) {
            const auto& cells = stages.distances.at[i][split].cells;
            for (std::size_t n = 0; n < cells.size(); ++n) {
                auto& c = out.emplace_back(cells[n]);
                auto& said = agreement.at[i][split][n];
                c.role = stages.roles.of(stages.from.runs[i]->facts.tasks, c.step, stages.strategies());
                c.predicted = std::move(said.weights), c.law_loss = said.loss, c.with_law = said.with_law;
                c.log_prior_odds = said.log_prior_odds, c.log_bayes_factor = said.log_bayes_factor;
            }
        }
    return out;
}

/// What processes that analyse together must agree on.
[[nodiscard]] inline std::string description_of(const recording_source& from, const analysis_options& o) {
    std::string out = from.name + '\n' + from.family + '\n' + set_name(from.strategies, from.strategies.size()) + '\n' + o.law.name();
    const auto add = [&](auto... numbers) {
        ((out +=
          ' ' + (std::is_floating_point_v<decltype(numbers)> ? significant(static_cast<double>(numbers), 17) : std::to_string(numbers))),
         ...);
    };
    add(o.losses.seed, o.losses.relative_error, o.losses.most_sequences, static_cast<int>(o.scope), o.neither_share);
    add(o.threshold_share.value_or(-1.0), o.bootstrap.replicates, o.bootstrap.seed, o.bootstrap.consecutive, o.compressors.size());
    add(o.memory, o.precision_nodes, o.compare, o.forecast);
    for (const auto& run : from.runs) {
        out += '\n' + run->facts.file;
        add(run->facts.tasks, run->facts.seed);
        for (const auto step : run->facts.steps) add(step);
    }
    return out;
}

/// The analysis itself: every process of a team comes by the same stages.
[[nodiscard]] inline recording_analysis analyze_together(const recording_source& from, const analysis_options& options,
                                                         const any_executor& execute) {
    const detail::progress_report report = [&](const std::string& stage, std::size_t done, std::size_t of) {
        if (options.progress) options.progress(stage, done, of);
    };
    const detail::stage_tools tools{execute, report, options.processes};
    const auto choice = detail::choice_of(from, options);

    const auto losses = detail::losses_of(from, choice, options, tools);
    auto [distances, losses_of_cells] = detail::distances_of(from, choice, options, tools);
    const auto roles = detail::roles_of(from, distances, options);
    tools.report("fit", 0, 1);
    const auto found = detail::fit_recording(from, losses, distances, std::move(losses_of_cells), roles, options);
    const detail::recorded_stages stages{from, options, losses, distances, roles, found};
    auto explanations = detail::explain(stages, tools);
    std::string no_memory, no_square;
    std::optional<memory_report> memory;
    std::optional<square_report> square;
    if (options.memory) {
        no_memory = !from.no_memory.empty()      ? from.no_memory
                    : !stages.enough(found.seen) ? "its laws have more parameters than there are cells to fit"
                                                 : "";
        if (no_memory.empty()) memory = detail::remember_recording(stages, tools);
        if (memory && from.no_square.empty()) square = detail::square_recording(stages, memory->costs, tools);
        if (memory && !square)
            no_square =
                from.no_square.empty() ? "its laws have more parameters than there are cells to fit after the threshold" : from.no_square;
    }
    auto agreement = detail::agree(stages, tools);
    auto recording_faults = detail::recording_faults(
        from, [&](std::size_t run, split split) { return distances.at[run][split].signs; },
        [&](std::size_t run) {
            auto some = distances.at[run][split::id].kept;
            some.resize((std::min)(some.size(), std::size_t{64}));
            return some;
        });

    recording_analysis out{.folder = from.folder,
                           .name = from.name,
                           .family = from.family,
                           .files = from.files,
                           .kind = from.kind,
                           .has_inputs = from.has_inputs,
                           .settings = from.settings,
                           .strategies = from.strategies,
                           .law_strategies = choice.own,
                           .runs = detail::collect_runs(stages, agreement),
                           .cells = detail::collect_cells(stages, agreement),
                           .threshold = roles.threshold,
                           .fit = found.fit,
                           .infinite_cells = found.infinite_cells,
                           .around = std::move(explanations.around),
                           .profile = std::move(explanations.profile),
                           .over_runs = std::move(explanations.over_runs),
                           .replicates = found.bootstrap.replicates,
                           .resampled_runs = found.bootstrap.runs.value_or(false),
                           .bootstrap = std::move(explanations.bootstrap),
                           .comparison = std::move(explanations.comparison),
                           .forecast = std::move(explanations.forecast),
                           .backtest = std::move(explanations.backtest),
                           .memory = std::move(memory),
                           .no_memory = std::move(no_memory),
                           .no_square = std::move(no_square),
                           .recording_faults = std::move(recording_faults),
                           .square = std::move(square),
                           .regret = detail::regret_recording(from, distances, tools)};
    for (const auto& c : out.cells) out.neither += c.neither;
    out.spread = detail::spread_of(out);
    out.scores = detail::scores_of(out);
    out.notes = notes_of(out);
    out.notes.insert(out.notes.end(), from.notes.begin(), from.notes.end());
    for (const auto& file : out.files) file.require_unchanged();
    return out;
}

}  // namespace detail

/// The rational analysis of a recording: estimates the strategies' losses and description lengths for each run, measures where the model
/// stands between them at every checkpoint, fits the law to the in-distribution cells at or after the threshold and scores it, fitted and
/// held-out cells apart. Results do not depend on the executor. Memory: for each thread a checkpoint and the strategies' predictions of its
/// sequences, and for each checkpoint and split 100 to 300 kB. Throws recording_error for a faulty recording and std::invalid_argument when
/// there are too few cells to fit.
[[nodiscard]] inline recording_analysis analyze(const recording_source& from, const analysis_options& options = {},
                                                const any_executor& execute = sequential{}) {
    if (options.processes) detail::check_same(options.processes, "rationale::analyze", detail::description_of(from, options));
    try {
        return detail::analyze_together(from, options, execute);
    } catch (...) {
        if (options.processes) options.processes->leave(std::current_exception());
        throw;
    }
}

}  // namespace rationale

#endif
