#ifndef RATIONALE_ANALYSIS_SQUARE_REPORT_HPP
#define RATIONALE_ANALYSIS_SQUARE_REPORT_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rationale/explanation/explanation_table.hpp"
#include "rationale/fit/bootstrap.hpp"
#include "rationale/split.hpp"

namespace rationale {

/// Where a checkpoint is in the square of memory and trust. Precisions are in pseudo-observations of a task.
struct square_place {
    std::size_t run = 0;                            ///< index of its run
    std::int64_t step = 0;                          ///< training steps
    rationale::split split = rationale::split::id;  ///< id or ood
    double precision = role_means::none;            ///< kappa of the best point, infinity for tasks known exactly
    double trust = role_means::none;                ///< e of the best point
    interval precision_range{};                     ///< over sequences resampled, 95 %
    interval trust_range{};                         ///< over sequences resampled, 95 %
    bool memory_told = true;                        ///< whether the sequences tell memory; false where it hardly matters
    double divergence = role_means::none;           ///< of the best point, evaluated
    double pair = role_means::none;                 ///< of the best weights of M and G, over the same sequences
    double with_constant = role_means::none;        ///< of the best weights of M, G and C
    double order = role_means::none;                ///< h of the best point with rows pooled; none where these were not looked for
    double with_order = role_means::none;           ///< of that point, evaluated
    double law_precision = role_means::none;        ///< kappa by the law of the map
    double law_trust = role_means::none;            ///< e by the law of the map
};

/// What explains the fitted cells better, each with numbers of every cell's own.
enum class better_account {
    one_belief,  ///< memory and trust, two numbers a cell, below the best weights of M and G, one number a cell
    mixture      ///< the weights, although they are one number less
};

/// A recording explained by one belief with two precisions: how precisely seen tasks are remembered, kappa, and how much each observation
/// of the context is trusted, e (prior/remembered.hpp, prior/tempered.hpp). Corners are C (0, 0), G (0, 1) and M (infinity, 1).
///
/// Rows of both tables have the keys `published` and `published_with_constant`, the analysis's law over M and G, and over M, G and C; those
/// of square_laws(), the first two of them, and where explanations are compared all and per_task_square_laws(); `square_by_own_visits` for
/// a run whose tasks had unequal weights; `free_weights`, `free_weights_with_constant` and `best_point` and, of chains where explanations
/// are compared, `best_point_and_order`, ceilings: the last with a third number, how precisely the order of the context is read
/// (prior/pooled.hpp).
struct square_report {
    explanation_table after_threshold{};  ///< the cells of the analysis's own law
    explanation_table whole{};            ///< all cells from the first checkpoint on, split into fitted and held out without a threshold
    std::vector<square_place> places{};   ///< of each checkpoint, by run, split, step
    better_account better = better_account::one_belief;  ///< over the cells of all of training
    double unit = 1;                                     ///< precision at which half of a belief's mean is the task's own
    double greatest_trust = 1;                           ///< of the square
    std::string law{};                                   ///< key of the law of the map: the best of the fitted cells of all of training
    double context = 0;                                  ///< observations that it has of a row: positions over rows
    std::size_t rows = 1;                                ///< of a task, each remembered on its own: a chain's, else 1
    /// Backtest: fitted to ID cells up to a step, mean divergence over those after it, of the law of visits and of the published law.
    double forecast_from = 0, forecast = role_means::none, forecast_of_reference = role_means::none;
    std::size_t forecast_cells = 0;  ///< cells that the backtest was asked for
};

}  // namespace rationale

#endif
