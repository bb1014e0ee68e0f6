#ifndef RATIONALE_ANALYSIS_ANALYSIS_OPTIONS_HPP
#define RATIONALE_ANALYSIS_ANALYSIS_OPTIONS_HPP

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rationale/analysis/run_source.hpp"
#include "rationale/complexity/description_length.hpp"
#include "rationale/fit/bootstrap.hpp"
#include "rationale/fit/fit_law.hpp"
#include "rationale/learner/known_laws.hpp"
#include "rationale/processes/process_team.hpp"
#include "rationale/recording/run_reader.hpp"
#include "rationale/strategy/loss.hpp"

namespace rationale {

namespace detail {
/// Called with what is going on and how far it is.
using progress_report = std::function<void(const std::string& stage, std::size_t done, std::size_t of)>;

/// How a stage runs.
struct stage_tools {
    const any_executor& execute;
    const progress_report& report;
    process_team* team = nullptr;
};
}  // namespace detail

/// What a law weighs.
enum class law_scope {
    usual,           ///< all strategies where there are others beside memorizing, generalizing and the constant
    first_two,       ///< memorizing and generalizing
    all_strategies,  ///< all, from the first checkpoint on
};

/// What an analysis does and how thoroughly.
struct analysis_options {
    loss_options losses{};                             ///< how the strategies' losses are estimated
    fit_options fit{};                                 ///< how the law is fitted
    any_law law = law_of<published_law>("published");  ///< the law that is fitted
    law_scope scope = law_scope::usual;                ///< which strategies it weighs
    /// A cell is "neither" when its best mixture's divergence from the model exceeds this share of the largest between two strategies.
    double neither_share = 0.1;
    /// How intervals are resampled; with no replicates there is no bootstrap.
    bootstrap_options bootstrap{.replicates = 0, .consecutive = 3};
    /// Fit seen tasks remembered with limited precision, too: of the families that have a memory, that is, a conjugate prior (memory<F>,
    /// prior/memory.hpp), where memorizing<F> and generalizing<F> are among the strategies. Not hidden_markov and finite_function.
    bool memory = true;
    std::size_t precision_nodes = 16;  ///< of the grid of precisions
    bool compare = false;              ///< fit all known laws, and this one to the other choice of strategies, and score them side by side
    bool forecast = false;             ///< when strategies switch beyond the recording, and a check of such forecasts on its second half
    /// The share q of the interpolation threshold; 0.2 for distributions and 0.1 for means when not given.
    std::optional<double> threshold_share{};
    /// For description lengths; without any they are the raw bits.
    std::vector<compressor> compressors{};
    memory_limit memory_for_arrays{};  ///< what the recording's arrays may take
    /// Called with what is going on and how far it is, from one thread at a time.
    detail::progress_report progress{};
    /// Processes that make this analysis together, each calling `analyze` with the same recording and options; null for one alone. They
    /// read and look at their own runs and splits, and all have the whole result, the same as one process has.
    process_team* processes = nullptr;
};

}  // namespace rationale

#endif
