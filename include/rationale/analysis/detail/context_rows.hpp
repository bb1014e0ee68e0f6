#ifndef RATIONALE_ANALYSIS_DETAIL_CONTEXT_ROWS_HPP
#define RATIONALE_ANALYSIS_DETAIL_CONTEXT_ROWS_HPP

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/analysis/detail/distances.hpp"
#include "rationale/analysis/detail/looked_models.hpp"
#include "rationale/analysis/detail/recorded_stages.hpp"
#include "rationale/analysis/detail/stage_fields.hpp"
#include "rationale/explanation/context_explanation.hpp"
#include "rationale/explanation/law_explanation.hpp"
#include "rationale/explanation/score.hpp"

namespace rationale::detail {

/// Above this many numbers the recording is not held in memory, and the rows are left out: 1 GB.
inline constexpr std::size_t most_numbers_in_memory = std::size_t{1} << 27;

/// What the model predicted of all sequences that are not masked, in every cell of the observations, all in memory at once. Read again
/// unless memories were looked at with all of them.
[[nodiscard]] inline std::vector<predictions> models_of_cells(const recorded_stages& stages, const observations& seen,
                                                              const stage_tools& tools) {
    const auto& at = stages.distances.at;
    const auto looked_at_all = [&](const observed_cell& c) {
        const auto& [kept, looked] = std::tie(at[c.run][c.split].kept, at[c.run][c.split].looked);
        return !looked.empty() && looked[0].view().sequences() == kept.size();
    };
    std::vector<predictions> out;
    if (std::all_of(seen.cells.begin(), seen.cells.end(), looked_at_all)) {
        for (const auto* const model : looked_models(stages, seen)) out.push_back(model->widened());
        return out;
    }
    const progress_report silent = [](const std::string&, std::size_t, std::size_t) {};
    auto read = of_each_split<std::vector<predictions>>(
        stages.from, "", {tools.execute, silent, tools.team}, [&](std::size_t run, split split, std::vector<predictions>& to) {
            const auto& kept = at[run][split].kept;
            if (kept.empty()) return;
            stages.from.runs[run]->for_each_checkpoint(split, kept, [&](std::size_t, const predictions& model) { to.push_back(model); });
        });
    for (const auto& c : seen.cells) out.push_back(std::move(read[c.run][c.split][checkpoint_of(stages.from, c)]));
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
    tools.execute(strategies.size(), [&](std::size_t run) {
        for (const split split : splits) {
            const auto& kept = stages.distances.at[run][split].kept;
            if (kept.empty()) continue;
            strategies[run][split] = stages.from.runs[run]->predict(split, kept, sequential{});
            strategies[run][split].resize(2);
        }
    });
    const context_recording recorded(of_two, std::move(strategies), models_of_cells(stages, of_two, tools));
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
