#ifndef RATIONALE_ANALYSIS_DETAIL_RECORDED_STAGES_HPP
#define RATIONALE_ANALYSIS_DETAIL_RECORDED_STAGES_HPP

#include <algorithm>
#include <cstddef>
#include <vector>

#include "rationale/analysis/analysis_options.hpp"
#include "rationale/analysis/detail/distances.hpp"
#include "rationale/analysis/detail/fit_recording.hpp"
#include "rationale/analysis/detail/roles.hpp"
#include "rationale/analysis/detail/run_losses.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/fit/observations.hpp"
#include "rationale/learner/known_laws.hpp"

namespace rationale::detail {

/// What the stages before have found: what explanations are made of.
struct recorded_stages {
    const recording_source& from;
    const analysis_options& options;
    const std::vector<run_losses>& losses;
    const recorded_distances& distances;
    const recorded_roles& roles;
    const recorded_fit& found;

    /// How many the own law weighs, the first ones.
    [[nodiscard]] std::size_t strategies() const { return choice_of(from, options).own; }
    /// Observations by laws of memorizing and generalizing alone; empty where nobody asked for them.
    [[nodiscard]] const observations& of_two() const { return strategies() == 2 ? found.seen : found.others; }
    /// Whether there are cells enough to fit what has no more parameters than the published law or the own one.
    [[nodiscard]] bool enough(const observations& o) const {
        return static_cast<std::size_t>(std::count_if(o.cells.begin(), o.cells.end(), is_fitted)) >=
               (std::max)(law_of<published_law>().parameters().size(), found.fit.law.parameters().size());
    }
};

}  // namespace rationale::detail

#endif
