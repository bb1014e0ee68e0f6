#ifndef RATIONALE_ANALYSIS_MEMORY_REPORT_HPP
#define RATIONALE_ANALYSIS_MEMORY_REPORT_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "rationale/fit/bootstrap.hpp"
#include "rationale/fit/fit_law.hpp"
#include "rationale/fit/over_runs.hpp"
#include "rationale/fit/sandwich.hpp"
#include "rationale/learner/known_laws.hpp"

namespace rationale {

/// Which account a row is, for those that others are compared with or that are spoken of.
enum class account_role {
    other,              ///< found by its name alone
    two_strategies,     ///< the law of the two strategies
    best_weight,        ///< their best weight in every cell
    best_precision,     ///< the best precision in every cell, or of that and a weight of copying where G reads the context alone
    per_task,           ///< the per-task law over precisions
    per_task_exponent,  ///< the per-task law over memorizing with one exponent
    best_exponent       ///< memorizing with the best exponent in every cell
};

/// An account of the same cells: mean divergences over fitted and held-out cells, ID and OOD.
struct memory_account {
    /// Stands for a mean over no cells.
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();

    std::string name;                         ///< as reports have it
    account_role role = account_role::other;  ///< by which it is found
    std::size_t parameters = 0;               ///< of a ceiling 0: it is not a law
    bool ceiling = false;                     ///< fitted to every cell on its own
    /// Mean divergences ID, in nats or squared error, over fitted and over held-out cells.
    double fitted = none, held_out = none;
    /// The same OOD; nothing is fitted to these.
    double fitted_ood = none, held_out_ood = none;
    /// Of the held-out means, ID and OOD, to the two-strategy law's: bootstrap, 95 %.
    interval difference{}, difference_ood{};
    bool identifiable = true;  ///< whether the cells determine its parameters
};

/// What explains a checkpoint best along an axis of memories, for instance the exponent of tempered memorizing.
struct best_memory {
    double value = memory_account::none;              ///< the number along the axis
    double share = memory_account::none;              ///< of the way along it
    interval range{};                                 ///< of the value, over sequences resampled, 95 %
    double divergence = memory_account::none;         ///< there
    double with_generalizing = memory_account::none;  ///< of the best mixture with generalizing, or copying
    double pair = memory_account::none;               ///< of the best mixture of memorizing with generalizing, or copying
};

/// What a checkpoint has stored of its tasks, one number for all of them.
struct memory_cell {
    std::size_t run = 0;           ///< index of its run
    std::int64_t step = 0;         ///< training steps
    std::size_t split = 0;         ///< 0 id, 1 ood
    double precision = 0;          ///< best one, in pseudo-observations
    interval range{};              ///< of it, over sequences resampled, 95 %
    double bits_per_task = 0;      ///< R of the best precision
    double divergence = 0;         ///< of the best precision
    double with_generalizing = 0;  ///< of the best mixture of a precision with generalizing, or copying
    double pair = 0;               ///< of the best mixture of memorizing with generalizing, or copying, over the same sequences
    /// The most probable one by the per-task law, 0 or infinite where its density is greatest at an end; NaN where the data give no price
    /// for bits, so that it would not depend on training.
    double law_precision = memory_account::none;
    double law_share = 0;    ///< mean share by the per-task law
    best_memory exponent{};  ///< of tempered memorizing; NaN where it was not asked for
};

/// kappa = scale visits^exponent: how precisely a task is remembered by how often it was seen.
struct visits_law {
    /// kappa = scale visits^exponent.
    double scale = 0, exponent = 0;
    /// Of scale and exponent, bootstrap, 95 %; NaN without.
    interval scale_interval{}, exponent_interval{};
    double spread = 0;  ///< standard deviation of log kappa of the fitted cells around it
};

/// A number along an axis of memories, a precision or an exponent, as a product of powers of training steps and tasks.
struct power_of_training {
    std::string formula{};                       ///< as reports write it, without the scale
    double scale = 0;                            ///< what the powers are multiplied with
    std::vector<double> exponents{};             ///< in the formula's order
    interval scale_interval{};                   ///< bootstrap, 95 %; NaN without
    std::vector<interval> exponent_intervals{};  ///< the same
    double spread = 0;                           ///< standard deviation of the fitted cells' best log values around it
};

/// The per-task law that weighs generalizing, or copying, and memorizing with one exponent for the whole recording.
struct tempered_law {
    double exponent = memory_account::none;  ///< of the likelihood: a node of the grid
    law_fit fit;                             ///< of the law, given the exponent
    sandwich_result around{};                ///< of cells, given the exponent
    run_uncertainty over_runs{};             ///< each parameter's widest interval, given the exponent
};

/// Seen tasks remembered with limited precision (prior/remembered.hpp) as an account of a recording.
struct memory_report {
    std::vector<double> precisions{};  ///< of the grid
    std::vector<double> exponents{};   ///< of the grid along tempered memorizing, where these were asked for
    /// The per-task law, fitted.
    law_fit fit{.law = law_of<per_task_law>("per task"), .values = {}};
    sandwich_result around{};                ///< of the fit: each parameter's interval, of cells
    run_uncertainty over_runs{};             ///< of the fit: the widest intervals, what is determined, other optima
    std::vector<interval> bootstrap{};       ///< of each parameter; empty without
    std::vector<memory_account> accounts{};  ///< side by side, over the same cells
    std::vector<memory_cell> cells{};        ///< what each checkpoint has stored, by run, split, step
    std::optional<visits_law> visits{};      ///< by N/D, the same for all tasks of a run
    std::optional<visits_law> own_visits{};  ///< by N times a task's weight, where tasks were seen with unequal ones
    /// Of precision, its power of visits and that of steps and tasks; of tempered memorizing's exponent, where it was asked for.
    std::vector<power_of_training> precision_powers{}, exponent_powers{};
    std::optional<tempered_law> tempered{};    ///< where exponents were asked for
    std::optional<interval> best_exponents{};  ///< the best ones of tempered memorizing in 80 % of the fitted cells
    std::size_t context = 0;                   ///< positions
    bool priced = true;                        ///< whether the data give a price for bits
    /// Sequences of a split that were looked at, and how many there are: of the run with the least share of them.
    std::size_t sequences = 0, all_sequences = 0;
    /// Backtest: fitted to ID cells up to a step, mean divergence over those after it, of the per-task law and that of two strategies.
    double forecast_from = 0, forecast = 0, forecast_of_two = 0;
    std::size_t forecast_cells = 0;  ///< cells that the backtest was asked for

    /// The account of a role; null where there is none.
    [[nodiscard]] const memory_account* find(account_role role) const noexcept {
        for (const auto& a : accounts)
            if (a.role == role) return &a;
        return nullptr;
    }
};

}  // namespace rationale

#endif
