#ifndef RATIONALE_ANALYSIS_RECORDING_ANALYSIS_HPP
#define RATIONALE_ANALYSIS_RECORDING_ANALYSIS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/memory_report.hpp"
#include "rationale/analysis/regret_report.hpp"
#include "rationale/analysis/square_report.hpp"
#include "rationale/analysis/trace.hpp"
#include "rationale/compare/relative_distance.hpp"
#include "rationale/complexity/description_length.hpp"
#include "rationale/explanation/explanation_table.hpp"
#include "rationale/fit/cell_roles.hpp"
#include "rationale/fit/fit_law.hpp"
#include "rationale/fit/forecast.hpp"
#include "rationale/fit/over_runs.hpp"
#include "rationale/fit/profile.hpp"
#include "rationale/learner/crossover.hpp"
#include "rationale/learner/known_laws.hpp"
#include "rationale/recording/regular_file.hpp"
#include "rationale/split.hpp"
#include "rationale/strategy/loss.hpp"
#include "rationale/strategy/program.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale {

/// The constant strategy's name.
inline constexpr const char* constant_name = "constant";
/// Stands for what does not apply or cannot be computed.
inline constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

/// How well the law's mixture agrees with the model; what does not apply to the kind of prediction is NaN.
struct agreement {
    double total_variation = undefined;  ///< distributions: mean over events
    double argmax = undefined;           ///< distributions: share of events with the same most probable outcome
    double spearman = undefined;         ///< distributions: over outcomes, mean over events
    double r_squared = undefined;        ///< means: of the mixture, the model being the target
};

/// One training run: what a learner knows of its strategies, and what the fitted law says of it.
struct analyzed_run {
    std::string file{};                       ///< its npz file
    std::size_t tasks = 0;                    ///< D
    std::int64_t seed = 0;                    ///< of its training
    std::size_t context = 0;                  ///< positions of a sequence
    account known{};                          ///< losses in nats and complexities in bits, strategy by strategy
    loss_estimate losses{};                   ///< how sure the losses are
    std::vector<description> descriptions{};  ///< of each strategy's numbers
    /// Bits of each strategy's program, none where they are not known. known.complexity has them, too, unless the law weighs a strategy
    /// whose program is not known.
    std::vector<std::optional<double>> programs{};
    std::vector<std::int64_t> steps{};                ///< its checkpoints
    std::vector<double> train_loss{};                 ///< at each checkpoint; empty when not recorded
    std::vector<std::pair<double, double>> visits{};  ///< (step, mean visits of a task) at each checkpoint; empty when not recorded
    std::vector<std::size_t> positions{};             ///< that were recorded, from 0; empty for all
    std::optional<std::int64_t> threshold{};          ///< the first step that the model is explained as a mixture; none for a flat run
    crossover memorizing_leads{};                     ///< by the fitted law: when memorizing overtakes generalizing
    per_split<std::size_t> sequences{};               ///< of each split
    per_split<std::size_t> masked{};                  ///< of them those whose context no seen task explains, left out
    sequence_trace trace{};                           ///< of the first ID sequence that is not masked
};

/// The last checkpoint's steps; infinite for a run without checkpoints.
[[nodiscard]] inline double last_step(const analyzed_run& r) {
    return r.steps.empty() ? std::numeric_limits<double>::infinity() : static_cast<double>(r.steps.back());
}

/// How often a task was seen in the mean at a step.
[[nodiscard]] inline double mean_visits(const analyzed_run& r, std::int64_t step) {
    return mean_visits({.steps = static_cast<double>(step), .tasks = static_cast<double>(r.tasks), .visits = r.visits});
}

/// The most visits of a task that a training of this kind can have: most_extrapolation times those at the last checkpoint.
[[nodiscard]] inline double greatest_visits(const analyzed_run& r) {
    return r.steps.empty() ? std::numeric_limits<double>::infinity() : most_extrapolation * mean_visits(r, r.steps.back());
}

/// When M overtakes G by the law, and whether that is seen in the recording or only extrapolated.
[[nodiscard]] inline std::string memorizing_leads_in_words(const analyzed_run& r) {
    const double last = last_step(r);
    return r.memorizing_leads.words(last) + (r.memorizing_leads.within(last) && r.memorizing_leads.steps > last
                                                 ? ", beyond the last checkpoint, " + std::to_string(r.steps.back())
                                                 : std::string());
}

/// Complexities of a run's first n strategies in a law that weighs these.
template <class Run>
[[nodiscard]] std::vector<double> first_complexities(const Run& run, std::size_t n) {
    std::vector<double> numbers;
    for (std::size_t q = 0; q < n; ++q) numbers.push_back(run.descriptions[q].bits);
    return complexities(numbers, std::span(run.programs).first(n));
}

/// One checkpoint of one run on one split.
struct analyzed_cell {
    std::size_t run = 0;                            ///< index of its run
    std::int64_t step = 0;                          ///< training steps
    rationale::split split = rationale::split::id;  ///< id or ood
    cell_role role = cell_role::before_threshold;   ///< whether it was fitted to, and if not why
    std::vector<double> distance{};                 ///< from each strategy: symmetric KL in nats, or squared error; may be infinite
    relative_distance_result relative{};            ///< 0 generalizing, 1 memorizing
    /// The model's divergence from the line between the two at the relative distance.
    double interpolation_distance = undefined;
    std::vector<double> mixing_weights{};  ///< of the best mixture of all strategies
    double mixing_loss = undefined;        ///< of that mixture: KL(model || mixture) in nats, or squared error
    double pair_loss = undefined;  ///< of the best mixture of the first two, memorizing and generalizing: what no law of the two can pass
    double law_loss = undefined;   ///< of the fitted law's mixture
    std::vector<double> predicted{};  ///< by the fitted law: the weights of its strategies
    /// Memorizing against generalizing by the fitted law, in nats.
    double log_prior_odds = 0, log_bayes_factor = 0;
    /// The best mixture's divergence from the model, as a share of the largest finite one between two of the strategies.
    double unexplained = undefined;
    bool neither = false;  ///< `unexplained` exceeds the analysis's limit: the model does what no mixture of the strategies does
    /// Of the law's mixture with the model.
    agreement with_law{};
    std::vector<double> observed_loss{};  ///< of the model, on the recorded sequences: nats of what came, or squared error, by position
    /// The same of each strategy, shared by the cells of a run's split whose tasks and sequences are the same; null where nothing was read.
    std::shared_ptr<const std::vector<std::vector<double>>> strategies_loss{};
};

/// Scores of the fitted law over the cells of one role on one split. Roles are never averaged together.
struct law_score {
    cell_role role = cell_role::fitted;             ///< which cells
    rationale::split split = rationale::split::id;  ///< id or ood
    std::size_t cells = 0;                          ///< how many
    std::size_t undefined_cells = 0;                ///< without a relative distance, so not in the correlation
    double law_loss = undefined;                    ///< mean over cells
    double mixing_loss = undefined;                 ///< mean over cells of the best mixture of all strategies
    double pair_loss = undefined;                   ///< mean over cells of the best mixture of memorizing and generalizing
    /// Of the law's weight of memorizing with the relative distance, over cells; undefined where `no_correlation` says why.
    double correlation = undefined;
    std::string no_correlation{};  ///< why there is no correlation; empty where there is one
    /// Of the law's mixture with the model.
    agreement with_law{};
};

/// How far training runs that differ in their seed alone are apart.
struct seed_spread {
    /// D, and how many runs have it.
    std::size_t tasks = 0, seeds = 0;
    double relative_distance = undefined;  ///< ID: root of the mean over steps of the variance between runs
    double log_crossover = undefined;      ///< standard deviation of log N* between runs, by the fitted law
};

/// Whether the cells that a law was fitted to determine a parameter.
[[nodiscard]] inline bool is_determined(const law_fit& fit, std::size_t parameter) {
    return parameter < fit.determined.size() ? bool(fit.determined[parameter]) : fit.identifiable();
}

/// Mean over positions.
[[nodiscard]] inline double over_positions(const std::vector<double>& by_position) {
    return std::accumulate(by_position.begin(), by_position.end(), 0.0) / static_cast<double>(by_position.size());
}

/// Whether there are strategies beside memorizing, generalizing and the constant.
[[nodiscard]] inline bool has_others(const std::vector<std::string>& strategies) {
    return std::any_of(strategies.begin() + 2, strategies.end(), [](const std::string& s) { return s != constant_name; });
}

/// The first n strategies: M and G, C for the constant alone, and others by their names.
[[nodiscard]] inline std::string short_names(const std::vector<std::string>& strategies, std::size_t n, const std::string& between = ",") {
    std::string out = "M" + between + "G";
    if (n == 3 && strategies[2] == constant_name) return out + between + "C";
    for (std::size_t q = 2; q < n; ++q) out += between + strategies[q];
    return out;
}

/// The same in a word: M,G, or M,G,C, or how many.
[[nodiscard]] inline std::string set_name(const std::vector<std::string>& strategies, std::size_t n) {
    return n == 2 || (n == 3 && strategies[2] == constant_name) ? short_names(strategies, n) : "all " + std::to_string(n);
}

/// All that is found in a recording. The types of families and strategies end here.
struct recording_analysis {
    /// Where the recording is, and what its manifest calls it and its family.
    std::string folder{}, name{}, family{};
    std::vector<file_read> files{};                        ///< that were read: the manifest, then each run's, with their state then
    prediction_kind kind = prediction_kind::distribution;  ///< of its predictions
    bool has_inputs = false;                               ///< whether an observation is a pair of an input x and what it gives
    /// The numbers of the manifest, of family, model and training: what recordings may differ in.
    std::vector<std::pair<std::string, double>> settings{};
    std::vector<std::string> strategies{};    ///< memorizing, generalizing, then the others
    std::size_t law_strategies = 2;           ///< the law weighs the first two, or all
    std::vector<analyzed_run> runs{};         ///< by D, then seed
    std::vector<analyzed_cell> cells{};       ///< by run, split, step
    std::optional<std::int64_t> threshold{};  ///< the latest of the runs'
    /// The law, fitted to the ID cells of role `fitted`.
    law_fit fit;
    std::size_t infinite_cells = 0;               ///< left out of fit and scores
    std::vector<law_score> scores{};              ///< of each role and split that has cells
    sandwich_result around{};                     ///< of the fit: each parameter's interval, from cells, sequences and losses
    std::vector<interval> profile{};              ///< of each parameter
    run_uncertainty over_runs{};                  ///< of the fit: the widest intervals, what is determined, other optima
    std::size_t replicates = 0;                   ///< bootstrap samples
    bool resampled_runs = false;                  ///< whether these resample whole runs, or cells and sequences
    std::vector<interval> bootstrap{};            ///< of each parameter; empty without
    explanation_table comparison{};               ///< of laws; without rows where not asked for
    std::optional<law_forecast> forecast{};       ///< where asked for
    std::optional<backtest_result> backtest{};    ///< where asked for
    std::optional<memory_report> memory{};        ///< unless it was left out
    std::string no_memory{};                      ///< why it was left out although it was asked for
    std::string no_square{};                      ///< why there is memory, but no square of memory and trust
    std::vector<std::string> recording_faults{};  ///< what seems to be recorded wrong, and what to change
    std::optional<square_report> square{};        ///< where there is memory that starts at generalizing
    regret_report regret{};                       ///< what the predictions say without a law
    std::vector<seed_spread> spread{};            ///< for each number of tasks with several seeds
    std::size_t neither = 0;                      ///< cells that no mixture of the strategies explains
    std::vector<std::string> notes{};             ///< what is undefined, not identifiable or left out, in words
};

/// Of each run the relative distance of its last ID checkpoint; NaN where that is undefined.
[[nodiscard]] inline std::vector<double> last_relative_distances(const recording_analysis& a) {
    std::vector<double> out(a.runs.size(), undefined);
    for (const auto& c : a.cells)  // by step
        if (c.split == split::id) out[c.run] = c.relative.defined() ? c.relative.value : undefined;
    return out;
}

}  // namespace rationale

#endif
