#ifndef RATIONALE_ANALYSIS_MEMORY_REPORT_HPP
#define RATIONALE_ANALYSIS_MEMORY_REPORT_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "rationale/explanation/best_memory.hpp"
#include "rationale/explanation/explanation_table.hpp"
#include "rationale/explanation/square_law.hpp"
#include "rationale/fit/bootstrap.hpp"
#include "rationale/fit/fit_law.hpp"
#include "rationale/fit/over_runs.hpp"
#include "rationale/fit/sandwich.hpp"
#include "rationale/split.hpp"

namespace rationale {

/// What a checkpoint has stored of its tasks, one number for all of them.
struct memory_cell {
    std::size_t run = 0;                            ///< index of its run
    std::int64_t step = 0;                          ///< training steps
    rationale::split split = rationale::split::id;  ///< id or ood
    double precision = role_means::none;            ///< best one, in pseudo-observations
    interval range{};                               ///< of it, over sequences resampled, 95 %
    double bits_per_task = 0;                       ///< R of the best precision
    double divergence = 0;                          ///< of the best precision
    double with_generalizing = 0;                   ///< of the best mixture of a precision with generalizing, or copying
    double pair = 0;  ///< of the best mixture of memorizing with generalizing, or copying, over the same sequences
    /// The most probable one by the per-task law, 0 or infinite where its density is greatest at an end; NaN where the data give no price
    /// for bits, so that it would not depend on training.
    double law_precision = role_means::none;
    double law_share = 0;    ///< mean share by the per-task law
    best_memory exponent{};  ///< of tempered memorizing; NaN where it was not asked for
};

/// The per-task law that weighs generalizing, or copying, and memorizing with one exponent for the whole recording.
struct tempered_law {
    double exponent = role_means::none;  ///< of the likelihood: a node of the grid
    law_fit fit;                         ///< of the law, given the exponent
    sandwich_result around{};            ///< of cells, given the exponent
    run_uncertainty over_runs{};         ///< each parameter's widest interval, given the exponent
};

/// Seen tasks remembered with limited precision (prior/remembered.hpp) as explanations of a recording. Those of its table that are spoken
/// of have the keys `per_task` and `per_task_one_exponent`, laws; `precision_by_visits`, `precision_by_steps_and_tasks`,
/// `exponent_by_visits` and `exponent_by_steps_and_tasks`, powers of training; `free_weights`, `best_precision`,
/// `best_precision_mixed` and `best_exponent`, ceilings.
struct memory_report {
    law_fit fit;                             ///< the per-task law over precisions, fitted
    std::vector<double> precisions{};        ///< of the grid
    std::vector<double> exponents{};         ///< of the grid along tempered memorizing, where these were asked for
    sandwich_result around{};                ///< of the fit: each parameter's interval, of cells
    run_uncertainty over_runs{};             ///< of the fit: the widest intervals, what is determined, other optima
    explanation_table explanations{};        ///< side by side, over the same cells
    std::vector<memory_costs> costs{};       ///< of each run, at the grid's precisions
    std::vector<memory_cell> cells{};        ///< what each checkpoint has stored, by run, split, step
    bool starts_at_generalizing = true;      ///< whether precision 0 is G; else a precision is mixed with copying
    std::optional<tempered_law> tempered{};  ///< where exponents were asked for
    interval best_exponents{};               ///< the best ones of tempered memorizing in 80 % of the fitted cells
    double context = 0;                      ///< observations that it has of a row: positions over rows
    std::size_t rows = 1;                    ///< of a task, each remembered on its own: a chain's, else 1
    bool priced = true;                      ///< whether the data give a price for bits
    /// Sequences of a split that were looked at, and how many there are: of the run with the least share of them.
    std::size_t sequences = 0, all_sequences = 0;
    /// Backtest: fitted to ID cells up to a step, mean divergence over those after it, of the per-task law and the table's reference.
    double forecast_from = 0, forecast = 0, forecast_of_reference = 0;
    std::size_t forecast_cells = 0;  ///< cells that the backtest was asked for
};

}  // namespace rationale

#endif
