#ifndef RATIONALE_ANALYSIS_SPLIT_STATE_HPP
#define RATIONALE_ANALYSIS_SPLIT_STATE_HPP

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/compare/mixture_loss.hpp"
#include "rationale/fit/observations.hpp"

namespace rationale::detail {

/// What is kept of one split of a run between the passes over its predictions.
struct split_state {
    std::vector<std::size_t> kept;       // sequences that are not masked
    std::vector<std::size_t> excluding;  // of each strategy: sequences that it gives probability 0
    // Of each checkpoint: where the model stands, the loss of the law's strategies, and where laws are compared that of the others' choice.
    std::vector<analyzed_cell> cells;
    std::vector<std::vector<mixture_loss>> losses, other_losses;
};

/// A run's account of its first n strategies.
inline observed_run first_strategies(const analyzed_run& run, std::size_t n) {
    observed_run out{.tasks = run.tasks, .seed = run.seed};
    out.known.loss.assign(run.known.loss.begin(), run.known.loss.begin() + static_cast<std::ptrdiff_t>(n));
    out.known.complexity = first_complexities(run, n);
    if (!run.known.covariate.empty())
        out.known.covariate.assign(run.known.covariate.begin(), run.known.covariate.begin() + static_cast<std::ptrdiff_t>(n));
    const auto whole = covariance_of(run.losses);
    for (std::size_t q = 0; q < n; ++q)
        for (std::size_t r = 0; r < n; ++r) out.loss_covariance.push_back(whole[q * run.known.loss.size() + r]);
    return out;
}

/// Throws std::invalid_argument where fewer cells are left to fit than the law has parameters, and says where the others went.
inline void check_enough_cells(const recording_analysis& a, const std::vector<split_state>& states, const observations& seen,
                               const any_law& law) {
    std::size_t left = 0, all = 0, early = 0, infinite = 0, held_out = 0, masked = 0, without = 0;
    for (const auto& c : seen.cells) left += is_fitted(c);
    const std::size_t least = (std::max)(law.parameters().size(), std::size_t{1});
    if (left >= least) return;
    for (std::size_t i = 0; i < a.runs.size(); ++i) {
        const auto& state = states[2 * i];
        all += a.runs[i].steps.size();
        if (state.kept.empty()) masked += a.runs[i].masked[0], without += a.runs[i].steps.size();
        for (const auto& cell : state.cells) {
            const bool finite = std::any_of(seen.cells.begin(), seen.cells.end(), [&](const observed_cell& c) {
                return c.run == i && c.split == 0 && c.at.steps == static_cast<double>(cell.step);
            });
            infinite += !finite;
            early += finite && cell.role == cell_role::before_threshold;
            held_out += finite && cell.role != cell_role::before_threshold && cell.role != cell_role::fitted;
        }
    }
    std::string causes;
    const auto add = [&](std::size_t count, const char* one, const char* several, const std::string& what) {
        if (count > 0) causes += (causes.empty() ? " " : "; ") + std::to_string(count) + (count == 1 ? one : several) + what;
    };
    add(infinite, " is", " are",
        " infinitely far from every mixture, as the model gives a probability to outcomes that every strategy excludes: a noise or a "
        "concentration of 0 in the manifest does that, or seen tasks with probabilities of 0");
    add(early, " lies", " lie", " before the threshold" + (a.threshold ? " at step " + std::to_string(*a.threshold) : std::string()));
    add(held_out, " is", " are", " held out");
    add(without, " has", " have", " no sequences left, as no seen task can give any of their " + std::to_string(masked));
    throw std::invalid_argument("rationale::analyze_recording: there are " + std::to_string(left) + " cells to fit, must be at least " +
                                std::to_string(least) + ", the number of the law's parameters" +
                                (causes.empty() ? "" : ": of " + std::to_string(all) + " ID checkpoints" + causes));
}

}  // namespace rationale::detail

#endif
