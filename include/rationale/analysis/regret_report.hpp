#ifndef RATIONALE_ANALYSIS_REGRET_REPORT_HPP
#define RATIONALE_ANALYSIS_REGRET_REPORT_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "rationale/interval.hpp"
#include "rationale/split.hpp"
#include "rationale/universality/early_warning.hpp"
#include "rationale/universality/prediction_regret.hpp"
#include "rationale/universality/resampled.hpp"
#include "rationale/universality/turning_points.hpp"

namespace rationale {

/// Regret of a checkpoint on one split: the model's loss on what was observed minus a strategy's, summed over a sequence, mean over
/// sequences that are not masked; nats, or squared error for means. Intervals are over sequences; there are none of a single one.
struct regret_cell {
    std::size_t run = 0;                            ///< index of its run
    std::int64_t step = 0;                          ///< training steps
    rationale::split split = rationale::split::id;  ///< id or ood
    std::vector<resampled_estimate> against{};      ///< each strategy; negative where the model loses less
    resampled_estimate hindsight{};                 ///< the strategy that is best in hindsight on each sequence
    regret_trend_result trend{};                    ///< of the regret in hindsight with the context
};

/// The generalization gap of a checkpoint: the model's loss out of distribution minus in distribution, a sequence, each beside what
/// generalizing loses on the same sequences, which takes out how surprising these are.
struct gap_cell {
    std::size_t run = 0;       ///< index of its run
    std::int64_t step = 0;     ///< training steps
    resampled_estimate gap{};  ///< nats, or squared error
};

/// Where a run's gap turns.
struct gap_turns {
    std::size_t run = 0;                 ///< index of its run
    double peak_step = 0;                ///< where the gap is largest, between checkpoints along the square root of steps
    interval peak_within{};              ///< of it, over sequences, 95 %
    resampled_estimate height{};         ///< the gap there
    std::vector<turning_point> turns{};  ///< in steps, at checkpoints, of a prominence of four standard errors
};

/// The gap of the runs' last checkpoints over numbers of tasks, runs of one number averaged. Of each split as many sequences count as every
/// run has.
struct gap_over_tasks {
    std::vector<std::size_t> tasks{};       ///< D
    std::vector<resampled_estimate> gap{};  ///< of each
    double peak_tasks = 0;                  ///< where it is largest, on a logarithmic axis: reliance on memory peaks there
    interval peak_within{};                 ///< of it, over sequences, 95 %
    resampled_estimate height{};            ///< the gap there
};

/// Whether a run announced that it would come to memorize: early warning signals of its relative distance in distribution, checkpoint by
/// checkpoint until it passes 1/2.
struct switch_warning {
    std::size_t run = 0;           ///< index of its run
    std::size_t checkpoints = 0;   ///< before it passes
    bool passes = false;           ///< whether it passes at all; else a signal is a false alarm
    early_warning_result found{};  ///< trends and their probabilities by chance

    /// Variance or autocorrelation rises as it does by chance in 5 %.
    [[nodiscard]] bool announced() const noexcept { return found.variance_by_chance <= 0.05 || found.autocorrelation_by_chance <= 0.05; }
};

/// What recorded predictions say without a law: what the model loses against the strategies, how seen and fresh tasks differ along training
/// and over numbers of tasks, and whether switches are announced (universality/).
struct regret_report {
    std::vector<regret_cell> cells{};            ///< by run, split, step
    std::vector<gap_cell> gaps{};                ///< by run, step; of checkpoints with finite losses on both splits
    std::vector<gap_turns> turns{};              ///< of each run with a gap
    std::optional<gap_over_tasks> over_tasks{};  ///< with at least three numbers of tasks
    std::vector<switch_warning> warnings{};      ///< of runs with at least eight checkpoints before they pass the middle
};

}  // namespace rationale

#endif
