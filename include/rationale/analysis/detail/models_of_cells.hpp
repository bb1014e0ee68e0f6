#ifndef RATIONALE_ANALYSIS_DETAIL_MODELS_OF_CELLS_HPP
#define RATIONALE_ANALYSIS_DETAIL_MODELS_OF_CELLS_HPP

#include <cstddef>
#include <utility>
#include <vector>

#include "rationale/analysis/analysis_options.hpp"
#include "rationale/analysis/detail/stage_fields.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/fit/observations.hpp"
#include "rationale/split.hpp"

namespace rationale::detail {

/// Some sequences of each run's splits.
using looked_at = std::vector<per_split<sequence_numbers>>;

/// What the model predicted of those sequences, in every cell of the observations. They are all in memory at once.
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

}  // namespace rationale::detail

#endif
