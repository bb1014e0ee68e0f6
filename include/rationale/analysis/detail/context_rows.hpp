#ifndef RATIONALE_ANALYSIS_DETAIL_CONTEXT_ROWS_HPP
#define RATIONALE_ANALYSIS_DETAIL_CONTEXT_ROWS_HPP

#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "rationale/analysis/detail/looked_models.hpp"
#include "rationale/analysis/detail/recorded_stages.hpp"
#include "rationale/analysis/detail/stage_fields.hpp"
#include "rationale/explanation/context_explanation.hpp"
#include "rationale/explanation/law_explanation.hpp"
#include "rationale/explanation/score.hpp"

namespace rationale::detail {

/// Above this many numbers the recording is not held in memory, and the rows are left out: 1 GB.
inline constexpr std::size_t most_numbers_in_memory = std::size_t{1} << 27;

/// What the model predicted of some sequences of each run's splits, in every cell of the observations. They are all in memory at once.
[[nodiscard]] inline std::vector<predictions> models_of_cells(const recording_source& from, const looked_at& which,
                                                              const observations& seen, const stage_tools& tools) {
    std::vector<std::vector<std::size_t>> cells(from.runs.size());  // of each run
    for (std::size_t i = 0; i < seen.cells.size(); ++i) cells[seen.cells[i].run].push_back(i);
    std::vector<std::vector<predictions>> of_run(from.runs.size());
    in_shares(tools.team, of_run, [&](const std::vector<std::size_t>& mine) {
        tools.execute(mine.size(), [&](std::size_t k) {
            const std::size_t run = mine[k];
            const auto& source = *from.runs[run];
            of_run[run].resize(cells[run].size());
            for (const split split : splits) {
                if (which[run][split].empty()) continue;
                source.for_each_checkpoint(split, which[run][split], [&](std::size_t n, const predictions& model) {
                    for (std::size_t i = 0; i < cells[run].size(); ++i)
                        if (const auto& c = seen.cells[cells[run][i]];
                            c.split == split && c.at.steps == static_cast<double>(source.facts.steps[n]))
                            of_run[run][i] = model;
                });
            }
        });
    });
    std::vector<predictions> out(seen.cells.size());
    for (std::size_t run = 0; run < cells.size(); ++run)
        for (std::size_t i = 0; i < cells[run].size(); ++i) out[cells[run][i]] = std::move(of_run[run][i]);
    return out;
}

/// Explanations by weights that depend on a sequence's own start: the published law with them, fitted to the ID cells that other laws are
/// fitted to, and that law and the published one fitted to the same cells of both splits. Differences are to the published law fitted to ID
/// cells, over samples of cells and sequences in which nothing is fitted again. Empty where there are no events, tasks that change, too few
/// cells, or so many numbers that they are not held in memory.
[[nodiscard]] inline std::vector<explanation_row> context_rows(const recorded_stages& stages, const stage_tools& tools) {
    const auto& of_two = stages.of_two();
    const bool changing =
        std::any_of(stages.from.runs.begin(), stages.from.runs.end(), [](const auto& r) { return r->tables().size() > 1; });
    if (!stages.from.predicts_every_event || changing || !stages.enough(of_two)) return {};
    std::size_t numbers = 0;
    for (std::size_t i = 0; i < stages.from.runs.size(); ++i)
        for (const split split : splits) {
            const auto& at = stages.distances.at[i][split];
            numbers += at.cells.size() * at.kept.size() * stages.from.runs[i]->facts.events * stages.from.runs[i]->facts.outcomes;
        }
    if (numbers > most_numbers_in_memory) return {};
    tools.report("context-dependent weights", 0, 1);
    const auto two = as_observed(of_two);
    const auto published = fit_to_cells(law_of<published_law>(), of_two, two, {}, stages.options.fit).values;
    std::vector<per_split<std::vector<predictions>>> strategies(stages.from.runs.size());
    looked_at which(strategies.size());
    tools.execute(strategies.size(), [&](std::size_t run) {
        for (const split split : splits) {
            which[run][split] = stages.distances.at[run][split].kept;
            if (which[run][split].empty()) continue;
            strategies[run][split] = stages.from.runs[run]->predict(split, which[run][split], sequential{});
            strategies[run][split].resize(2);
        }
    });
    auto models = models_of_cells(stages.from, which, of_two, tools);
    const context_recording recorded(of_two, std::move(strategies), std::move(models));
    struct context_row {
        const char *key, *words;
        bool context;
        cell_choice use;
    };
    const cell_choice both = [](const observed_cell& c) { return c.role == cell_role::fitted; };
    const std::vector<context_row> rows{
        {"published_of_context_cells", "", false, is_fitted},  // the reference
        {"published_with_context", "published + context {M,G}", true, is_fitted},
        {"published_with_context_both_splits", "published + context {M,G}, fitted to id and ood", true, both},
        {"published_both_splits", "published {M,G}, fitted to id and ood", false, both}};
    std::vector<std::optional<any_explanation>> fitted(rows.size());
    tools.execute(rows.size(), [&](std::size_t i) {
        const auto& [key, words, context, use] = rows[i];
        fitted[i] = context_explanation({.key = key, .words = words}, recorded, published, context, use);
    });
    std::vector<any_explanation> all;
    for (auto& e : fitted) all.push_back(std::move(*e));
    auto scored = score(all, {.bootstrap = stages.found.bootstrap, .processes = tools.team}, tools.execute).rows;
    return {std::make_move_iterator(scored.begin() + 1), std::make_move_iterator(scored.end())};
}

}  // namespace rationale::detail

#endif
