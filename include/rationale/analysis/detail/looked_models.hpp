#ifndef RATIONALE_ANALYSIS_DETAIL_LOOKED_MODELS_HPP
#define RATIONALE_ANALYSIS_DETAIL_LOOKED_MODELS_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "rationale/analysis/detail/recorded_stages.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/compare/kept_predictions.hpp"
#include "rationale/fit/observations.hpp"
#include "rationale/split.hpp"

namespace rationale::detail {

/// Some sequences of each run's splits.
using looked_at = std::vector<per_split<sequence_numbers>>;

/// Which sequences of each run's splits memories are looked at with.
[[nodiscard]] inline looked_at looked_at_of(const recorded_stages& stages) {
    looked_at out;
    for (std::size_t i = 0; i < stages.from.runs.size(); ++i) {
        const auto& facts = stages.from.runs[i]->facts;
        auto& of_run = out.emplace_back();
        for (const split split : splits) {
            of_run[split] = stages.distances.at[i][split].kept;
            if (!of_run[split].empty()) of_run[split].resize(remembered_sequences(of_run[split].size(), facts.events * facts.outcomes));
        }
    }
    return out;
}

/// visit(n, what the model predicted of those sequences) for every checkpoint n of a table of a run's seen tasks. Nothing is read again.
template <class Visit>
void for_each_looked(const recorded_stages& stages, const split_of_run& at, const run_source& table, const Visit& visit) {
    const auto& source = *stages.from.runs[at.run];
    const auto& looked = stages.distances.at[at.run][at.split].looked;
    for (std::size_t n = 0; n < looked.size(); ++n)
        if (source.table_at(source.facts.steps[n]) == &table) visit(n, looked[n].widened());
}

/// Which of its run's checkpoints a cell is of.
[[nodiscard]] inline std::size_t checkpoint_of(const recording_source& from, const observed_cell& c) {
    const auto& steps = from.runs[c.run]->facts.steps;
    return static_cast<std::size_t>(std::lower_bound(steps.begin(), steps.end(), static_cast<std::int64_t>(c.at.steps)) - steps.begin());
}

/// What the model predicted of those sequences in every cell of the observations.
[[nodiscard]] inline std::vector<const kept_predictions*> looked_models(const recorded_stages& stages, const observations& seen) {
    std::vector<const kept_predictions*> out;
    for (const auto& c : seen.cells) out.push_back(&stages.distances.at[c.run][c.split].looked[checkpoint_of(stages.from, c)]);
    return out;
}

}  // namespace rationale::detail

#endif
