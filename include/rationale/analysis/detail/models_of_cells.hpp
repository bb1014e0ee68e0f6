#ifndef RATIONALE_ANALYSIS_DETAIL_MODELS_OF_CELLS_HPP
#define RATIONALE_ANALYSIS_DETAIL_MODELS_OF_CELLS_HPP

#include <cstddef>
#include <vector>

#include "rationale/analysis/run_source.hpp"
#include "rationale/fit/observations.hpp"
#include "rationale/split.hpp"

namespace rationale::detail {

/// Some sequences of each run's splits.
using looked_at = std::vector<per_split<sequence_numbers>>;

/// What the model predicted of those sequences, in every cell of the observations. They are all in memory at once.
[[nodiscard]] inline std::vector<predictions> models_of_cells(const recording_source& from, const looked_at& which,
                                                              const observations& seen, const any_executor& execute) {
    std::vector<predictions> out(seen.cells.size());
    execute(from.runs.size(), [&](std::size_t run) {
        const auto& source = *from.runs[run];
        for (const split split : splits) {
            if (which[run][split].empty()) continue;
            source.for_each_checkpoint(split, which[run][split], [&](std::size_t n, const predictions& model) {
                for (std::size_t i = 0; i < out.size(); ++i)
                    if (const auto& c = seen.cells[i];
                        c.run == run && c.split == split && c.at.steps == static_cast<double>(source.facts.steps[n]))
                        out[i] = model;
            });
        }
    });
    return out;
}

}  // namespace rationale::detail

#endif
