#ifndef RATIONALE_ANALYSIS_DETAIL_ROLES_HPP
#define RATIONALE_ANALYSIS_DETAIL_ROLES_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "rationale/analysis/analysis_options.hpp"
#include "rationale/analysis/detail/distances.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/compare/relative_distance.hpp"
#include "rationale/fit/cell_roles.hpp"

namespace rationale::detail {

/// Which cells a law is fitted to, and which are held out.
struct recorded_roles {
    std::vector<std::optional<std::int64_t>> thresholds{};  ///< of each run
    std::optional<std::int64_t> threshold{};                ///< the latest of them
    cell_roles by_rule;

    [[nodiscard]] cell_role of(std::size_t tasks, std::int64_t step) const { return by_rule.role(tasks, step); }
    /// The same for a law of so many strategies: a model that still starts to learn is explained with all of them at hand.
    [[nodiscard]] cell_role of(std::size_t tasks, std::int64_t step, std::size_t strategies) const {
        const auto role = of(tasks, step);
        return strategies > 2 && role == cell_role::before_threshold && tasks <= by_rule.last_fitted_tasks() ? cell_role::fitted : role;
    }
};

/// Third stage: the interpolation threshold of every run, the latest of them, and the split into fitted and held-out cells.
[[nodiscard]] inline recorded_roles roles_of(const recording_source& from, const recorded_distances& distances,
                                             const analysis_options& options) {
    const double share = options.threshold_share.value_or(from.kind == prediction_kind::mean ? 0.1 : 0.2);
    std::vector<std::optional<std::int64_t>> thresholds(from.runs.size());
    std::optional<std::int64_t> threshold;
    std::vector<std::size_t> tasks;
    std::vector<std::int64_t> steps;
    for (std::size_t i = 0; i < from.runs.size(); ++i) {
        const auto& facts = from.runs[i]->facts;
        std::vector<double> distance;
        for (const auto& c : distances.at[i].id.cells) distance.push_back(c.interpolation_distance);
        if (const auto at = interpolation_threshold(distance, share)) thresholds[i] = facts.steps[*at];
        if (thresholds[i]) threshold = (std::max)(threshold.value_or(0), *thresholds[i]);
        tasks.push_back(facts.tasks);
        steps.insert(steps.end(), facts.steps.begin(), facts.steps.end());
    }
    return {thresholds, threshold, cell_roles(tasks, steps, threshold)};
}

}  // namespace rationale::detail

#endif
