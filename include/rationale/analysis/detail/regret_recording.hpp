#ifndef RATIONALE_ANALYSIS_DETAIL_REGRET_RECORDING_HPP
#define RATIONALE_ANALYSIS_DETAIL_REGRET_RECORDING_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "rationale/analysis/detail/cell_regret.hpp"
#include "rationale/analysis/detail/distances.hpp"
#include "rationale/analysis/regret_report.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/array.hpp"

namespace rationale::detail {

/// Bootstrap samples of a run's sequences, and of all runs'.
inline constexpr resampled_options gap_replicates{.replicates = 400};

[[nodiscard]] inline bool all_finite(const std::vector<double>& x) {
    return !x.empty() && std::all_of(x.begin(), x.end(), [](double v) { return std::isfinite(v); });
}

/// What stands in the first `columns` of each row.
[[nodiscard]] inline ndarray<double, 2> as_array(const std::vector<std::vector<double>>& rows, std::size_t columns) {
    auto out = unwritten<double, 2>({rows.size(), columns});
    for (std::size_t i = 0; i < rows.size(); ++i) std::copy_n(rows[i].begin(), columns, row(out, i).begin());
    return out;
}

[[nodiscard]] inline interval mapped(const interval& x, double (*to)(double)) { return {to(x.lower), to(x.upper)}; }
[[nodiscard]] inline double squared(double x) { return x * x; }
[[nodiscard]] inline double power_of_two(double x) { return std::exp2(x); }

/// Adds a run's gap at each checkpoint, and where it turns; nothing where one of the splits is missing.
inline void add_gap(regret_report& to, std::size_t run, const std::vector<std::int64_t>& steps, const per_split<split_distances>& at) {
    std::vector<double> axis;
    std::vector<std::vector<double>> id, ood;
    for (std::size_t n = 0; n < (std::min)(at.id.excess.size(), at.ood.excess.size()); ++n) {
        if (!all_finite(at.id.excess[n]) || !all_finite(at.ood.excess[n])) continue;
        axis.push_back(std::sqrt(static_cast<double>(steps[n])));
        id.push_back(at.id.excess[n]), ood.push_back(at.ood.excess[n]);
        to.gaps.push_back({.run = run, .step = steps[n]});
    }
    if (axis.empty()) return;
    const std::size_t sequences = (std::min)(id[0].size(), ood[0].size());
    auto found = generalization_gap(axis, as_array(id, id[0].size()), as_array(ood, ood[0].size()), false, gap_replicates);
    for (std::size_t i = 0; i < axis.size(); ++i) {
        require_several(found.gap[i], sequences);
        to.gaps[to.gaps.size() - axis.size() + i].gap = found.gap[i];
    }
    require_several(found.peak, sequences), require_several(found.height, sequences);
    if (sequences < 2) found.turns.clear();
    for (auto& turn : found.turns) turn.at = std::round(squared(turn.at));
    to.turns.push_back({.run = run,
                        .peak_step = squared(found.peak.value),
                        .peak_within = mapped(found.peak.within, squared),
                        .height = found.height,
                        .turns = std::move(found.turns)});
}

/// The gap of the last checkpoints over numbers of tasks, `tasks` being those of the runs.
[[nodiscard]] inline std::optional<gap_over_tasks> gap_of_tasks(const std::vector<std::size_t>& tasks,
                                                                const recorded_distances& distances) {
    per_split<std::size_t> sequences{(std::numeric_limits<std::size_t>::max)(), (std::numeric_limits<std::size_t>::max)()};
    std::map<std::size_t, std::vector<std::size_t>> runs;  // of each D, those with a gap
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const auto& at = distances.at[i];
        if (at.id.excess.empty() || at.ood.excess.empty() || !all_finite(at.id.excess.back()) || !all_finite(at.ood.excess.back()))
            continue;
        runs[tasks[i]].push_back(i);
        for (const split split : splits) sequences[split] = (std::min)(sequences[split], at[split].excess.back().size());
    }
    if (runs.size() < 3 || sequences.id < 2 || sequences.ood < 2) return std::nullopt;
    gap_over_tasks out;
    std::vector<double> axis;
    per_split<std::vector<std::vector<double>>> rows;
    for (const auto& [d, of_tasks] : runs) {
        out.tasks.push_back(d), axis.push_back(std::log2(static_cast<double>(d)));
        for (const split split : splits) {
            auto& row = rows[split].emplace_back(sequences[split]);
            for (const std::size_t i : of_tasks)
                for (std::size_t s = 0; s < row.size(); ++s)
                    row[s] += distances.at[i][split].excess.back()[s] / static_cast<double>(of_tasks.size());
        }
    }
    auto found = generalization_gap(axis, as_array(rows.id, sequences.id), as_array(rows.ood, sequences.ood), false, gap_replicates);
    out.gap = std::move(found.gap), out.height = found.height;
    out.peak_tasks = power_of_two(found.peak.value), out.peak_within = mapped(found.peak.within, power_of_two);
    return out;
}

/// Early warning signals of a run; none with fewer than eight checkpoints before it passes the middle, or where these are all alike.
/// Checkpoints without a relative distance are left out.
[[nodiscard]] inline std::optional<switch_warning> warning_of(std::size_t run, const std::vector<analyzed_cell>& cells) {
    switch_warning out{.run = run};
    std::vector<double> place;
    for (const auto& c : cells) {
        if (!c.relative.defined()) continue;
        if (out.passes = c.relative.value > 0.5; out.passes) break;
        place.push_back(c.relative.value);
    }
    out.checkpoints = place.size();
    if (place.size() < 8 || std::all_of(place.begin(), place.end(), [&](double x) { return x == place[0]; })) return std::nullopt;
    out.found = early_warning(place);
    return out;
}

/// What the recorded predictions say without a law. The distances' stage has looked at every cell already.
[[nodiscard]] inline regret_report regret_recording(const recording_source& from, const recorded_distances& distances,
                                                    const stage_tools& tools) {
    std::vector<regret_report> of_run(from.runs.size());
    tools.execute(from.runs.size(), [&](std::size_t i) {
        add_gap(of_run[i], i, from.runs[i]->facts.steps, distances.at[i]);
        if (auto warning = warning_of(i, distances.at[i].id.cells)) of_run[i].warnings.push_back(std::move(*warning));
    });
    regret_report out;
    const auto append = [](auto& to, auto&& some) { to.insert(to.end(), some.begin(), some.end()); };
    for (std::size_t i = 0; i < from.runs.size(); ++i) {
        for (const split split : splits) append(out.cells, distances.at[i][split].regrets);
        append(out.gaps, of_run[i].gaps), append(out.turns, of_run[i].turns), append(out.warnings, of_run[i].warnings);
    }
    std::vector<std::size_t> tasks;
    for (const auto& run : from.runs) tasks.push_back(run->facts.tasks);
    out.over_tasks = gap_of_tasks(tasks, distances);
    return out;
}

}  // namespace rationale::detail

#endif
