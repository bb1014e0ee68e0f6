#ifndef RATIONALE_ANALYSIS_DETAIL_RUN_LOSSES_HPP
#define RATIONALE_ANALYSIS_DETAIL_RUN_LOSSES_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/analysis_options.hpp"
#include "rationale/analysis/detail/stage_fields.hpp"
#include "rationale/analysis/detail/strategy_names.hpp"
#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/fit/observations.hpp"

namespace rationale::detail {

/// Which strategies the laws weigh: the analysis's own, and, where laws are compared, the other choice.
struct law_choice {
    std::size_t own = 2;                 ///< the first so many
    std::optional<std::size_t> other{};  ///< the first so many
};
[[nodiscard]] inline law_choice choice_of(const recording_source& from, const analysis_options& options) {
    const std::size_t all = from.strategies.size();
    const bool every =
        all > 2 && (options.scope == law_scope::all_strategies || (options.scope == law_scope::usual && has_others(from.strategies)));
    law_choice out{.own = every ? all : 2};
    if (options.compare && all > 2) out.other = every ? 2 : all;
    return out;
}

/// What is estimated of a run's strategies.
struct estimated_run {
    loss_estimate losses{};
    std::vector<description> descriptions{};
};
template <class Bytes>
void fields(Bytes& bytes, estimated_run& x) {
    auto& [losses, descriptions] = x;
    bytes(losses, descriptions);
}

/// What a learner knows of a run's strategies.
struct run_losses {
    std::size_t tasks = 0;
    std::int64_t seed = 0;
    loss_estimate losses{};
    std::vector<description> descriptions{};
    std::vector<std::optional<double>> programs{};
    account known{};  ///< complexities as in the analysis's own law
};

/// Expected losses and description lengths of a run's strategies. Throws std::invalid_argument where one excludes what seen tasks produce.
[[nodiscard]] inline estimated_run estimate_run(const recording_source& from, const run_source& source, const analysis_options& options,
                                                const any_executor& execute) {
    const std::string tasks = std::to_string(source.facts.tasks) + " tasks";
    estimated_run out;
    try {
        out.losses = source.losses(options.losses, execute);
    } catch (const std::domain_error& e) {
        throw std::invalid_argument(std::string(e.what()) + "; strategies are " + in_words(from.strategies) + ", from 0, for " + tasks +
                                    from.excluding);
    }
    for (std::size_t q = 0; q < from.strategies.size(); ++q)
        if (!std::isfinite(out.losses.mean[q]))
            throw std::invalid_argument("rationale::analyze_recording: the expected loss of " + from.strategies[q] + " for " + tasks +
                                        " is not finite: it gives probability 0, or what no double holds, to what these tasks produce" +
                                        from.excluding);
    out.descriptions = source.descriptions(options.compressors, execute);
    return out;
}

/// First stage: expected losses and description lengths of the strategies, run by run. Throws std::invalid_argument where a strategy
/// excludes what seen tasks produce.
[[nodiscard]] inline std::vector<run_losses> losses_of(const recording_source& from, const law_choice& choice,
                                                       const analysis_options& options, const stage_tools& tools) {
    std::vector<estimated_run> estimated(from.runs.size());
    in_shares(tools.team, estimated, [&](const std::vector<std::size_t>& mine) {
        for (const std::size_t i : mine) {
            tools.report("losses and complexities", i, from.runs.size());
            estimated[i] = estimate_run(from, *from.runs[i], options, tools.execute);
        }
    });
    std::vector<run_losses> out;
    for (std::size_t i = 0; i < from.runs.size(); ++i) {
        const auto& source = *from.runs[i];
        auto& run = out.emplace_back(run_losses{.tasks = source.facts.tasks,
                                                .seed = source.facts.seed,
                                                .losses = std::move(estimated[i].losses),
                                                .descriptions = std::move(estimated[i].descriptions),
                                                .programs = from.programs});
        for (std::size_t q = 0; q < source.facts.bits.size(); ++q)
            if (const auto given = source.facts.bits[q]) {  // with its program, so that none is added
                run.descriptions[q] = {*given, "given", {{"given", *given}}};
                run.programs[q] = 0;
            }
        run.known.loss = run.losses.mean, run.known.covariate = from.covariates[i];
        run.known.complexity = first_complexities(run, choice.own);
        for (std::size_t q = choice.own; q < from.strategies.size(); ++q)
            run.known.complexity.push_back(run.descriptions[q].bits + run.programs[q].value_or(0));
    }
    return out;
}

/// A run's account of some strategies, by index.
[[nodiscard]] inline observed_run some_strategies(const run_losses& run, const std::vector<std::size_t>& which) {
    observed_run out{.tasks = run.tasks, .seed = run.seed};
    std::vector<double> bits;
    std::vector<std::optional<double>> programs;
    const auto whole = covariance_of(run.losses);
    for (const std::size_t q : which) {
        out.known.loss.push_back(run.known.loss[q]);
        bits.push_back(run.descriptions[q].bits), programs.push_back(run.programs[q]);
        if (!run.known.covariate.empty()) out.known.covariate.push_back(run.known.covariate[q]);
        for (const std::size_t r : which) out.loss_covariance.push_back(whole[q * run.known.loss.size() + r]);
    }
    out.known.complexity = complexities(bits, programs);
    return out;
}
/// The same of its first n.
[[nodiscard]] inline observed_run first_strategies(const run_losses& run, std::size_t n) {
    std::vector<std::size_t> which(n);
    std::iota(which.begin(), which.end(), std::size_t{0});
    return some_strategies(run, which);
}

}  // namespace rationale::detail

#endif
