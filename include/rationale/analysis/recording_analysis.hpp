#ifndef RATIONALE_ANALYSIS_RECORDING_ANALYSIS_HPP
#define RATIONALE_ANALYSIS_RECORDING_ANALYSIS_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rationale/compare/relative_distance.hpp"
#include "rationale/complexity/description_length.hpp"
#include "rationale/fit/fit_law.hpp"
#include "rationale/fit/split.hpp"
#include "rationale/learner/account.hpp"
#include "rationale/strategy/loss.hpp"

namespace rationale {

/// One training run of a recording: what a learner knows of its strategies, and what follows from the fit.
struct analyzed_run {
    std::string file;
    std::size_t tasks = 0;  ///< D
    std::int64_t seed = 0;
    account known;
    loss_estimate losses;
    std::vector<description> descriptions;  ///< of each strategy's numbers; its program's bits are in known.complexity
    std::optional<std::int64_t> threshold;  ///< first step that the model interpolates between the strategies
    crossover memorizing_leads;             ///< by the fitted law
};

/// Agreement of a model's predictions with others, by the kind of prediction.
struct agreement {
    double total_variation = 0, argmax = 0, spearman = 0;  ///< distributions
    double r_squared = 0;                                  ///< means: of the mixture against the model
};

/// One checkpoint of one run on one split.
struct analyzed_cell {
    std::size_t run = 0;
    std::int64_t step = 0;
    bool ood = false;
    cell_role role = cell_role::before_threshold;
    std::vector<double> distance;            ///< to each strategy: symmetric KL in nats, or squared error
    relative_distance_result relative;       ///< 0 generalizing, 1 memorizing
    double interpolation_distance = 0;
    std::vector<double> mixing_weights;      ///< best mixture of all strategies, the constant one included
    double best_divergence = 0;              ///< of that mixture
    std::vector<double> predicted_weights;   ///< by the fitted law
    double log_prior_odds = 0, log_bayes_factor = 0;
    double law_divergence = 0;               ///< of the law's mixture: KL(model || mixture) in nats, or squared error
    agreement with_law;
};

/// Scores of the fitted law over the cells of one role on one split.
struct score {
    cell_role role;
    bool ood = false;
    std::size_t cells = 0;
    std::size_t undefined = 0;   ///< cells without a relative distance, left out of the correlation
    double divergence = 0;       ///< mean law_divergence
    double correlation = 0;      ///< of the predicted weight of M with the relative distance, over cells
    agreement with_law;          ///< means
};

/// All that is found in a recording. Types of families end here: the number of strategies is a run-time one.
struct recording_analysis {
    std::string name, family, folder;
    prediction_kind kind = prediction_kind::distribution;
    std::vector<std::string> strategies;     ///< memorizing, generalizing, then those that only the mixing weights use
    std::vector<analyzed_run> runs;
    std::vector<analyzed_cell> cells;
    std::optional<std::int64_t> threshold;   ///< of the recording: the latest of its runs'
    law_fit<power_law_evidence, power_simplicity> fit;
    std::vector<score> scores;
    std::size_t masked_sequences = 0;        ///< whose context no seen task explains
    std::size_t infinite_cells = 0;          ///< left out of the fit
    std::vector<std::string> notes;          ///< what is undefined, not identifiable or not determined, in words
};

}  // namespace rationale

#endif
