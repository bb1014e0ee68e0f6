// An analysis as figures and pages get it, with everything that they may meet: infinite and undefined numbers, texts that must be escaped.
#ifndef RATIONALE_TESTS_SUPPORT_MADE_UP_ANALYSIS_HPP
#define RATIONALE_TESTS_SUPPORT_MADE_UP_ANALYSIS_HPP

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"

namespace rationale_test {

struct made_up_run {
    std::size_t tasks;
    std::int64_t seed;
};

/// Runs of three checkpoints, ID and OOD. The law's log odds are log2 N - 2 log2 D + 3.
inline rationale::recording_analysis made_up_analysis(std::size_t strategies = 4,
                                                      const std::vector<made_up_run>& runs = {{4, 0}, {64, 0}}) {
    using namespace rationale;
    recording_analysis a{.fit = {.law = law_of<published_law>("published"), .values = {0.5, 2.0, 0.2}}};
    a.name = "made <up> & \"quoted\", </script>";
    a.family = "balls_and_urns";
    const std::vector<std::string> names{"memorizing", "generalizing", "unigram retrieval", "constant", "a \"$5\" rule"};
    a.strategies.assign(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(strategies));
    a.law_strategies = strategies;
    a.threshold = 100;
    a.fit.at_bound = {false, false, false};
    a.around.intervals.resize(3);
    a.over_runs = {.runs = runs.size(),
                   .effective = std::vector<double>(3, 1.5),
                   .standard_error = std::vector<double>(3, 0.1),
                   .jackknife = std::vector<interval>(3),
                   .intervals = std::vector<interval>(3),
                   .determined = std::vector<bool>(3, true)};
    a.settings = {{"context", 4}, {"hidden", 64}};
    for (std::size_t i = 0; i < runs.size(); ++i) {
        analyzed_run r;
        r.tasks = runs[i].tasks, r.seed = runs[i].seed;
        r.steps = {10, 100, 1000};
        const bool few = r.tasks < 32;
        r.memorizing_leads = {.what = few ? crossover::outcome::at_steps : crossover::outcome::never, .steps = few ? 250. : 0.};
        r.losses.difference_error = filled<double, 2>({strategies, strategies}, 0.01);
        for (std::size_t q = 0; q < strategies; ++q) {
            const double x = static_cast<double>(q);
            r.known.loss.push_back(0.1 + 0.1 * x), r.known.complexity.push_back(1000 / (1 + x));
            for (const auto split : splits) r.observed_loss[split].push_back({2 + x, 1.5 + x, 1 + x, 0.5 + x});
        }
        a.runs.push_back(r);
        for (const auto split : splits)
            for (std::size_t n = 0; n < 3; ++n) {
                analyzed_cell c{
                    .run = i, .step = r.steps[n], .split = split, .role = n == 0 ? cell_role::before_threshold : cell_role::fitted};
                for (std::size_t q = 0; q < strategies; ++q) {
                    c.distance.push_back(q == 0 && n == 0 ? std::numeric_limits<double>::infinity() : 0.5 / static_cast<double>(q + 1));
                    c.mixing_weights.push_back(q < 2 ? 0.6 - 0.2 * static_cast<double>(q) : 0);
                    c.predicted.push_back(1 / static_cast<double>(strategies));
                }
                c.relative.value = 0.3 + 0.3 * static_cast<double>(n) * few;
                c.relative.standard_error = 0.05;
                if (n == 0 && split == split::ood) c.relative = {.is = relative_distance_result::state::infinite_divergence};
                c.interpolation_distance = 0.1 / static_cast<double>(n + 1);
                c.observed_loss = {3, 2, 2, static_cast<double>(n)};
                c.log_prior_odds = 3 - 2 * std::log2(static_cast<double>(r.tasks)),
                c.log_bayes_factor = std::log2(static_cast<double>(c.step));
                a.cells.push_back(c);
            }
    }
    a.notes = {"5 < 6 & 7"};
    return a;
}

}  // namespace rationale_test

#endif
