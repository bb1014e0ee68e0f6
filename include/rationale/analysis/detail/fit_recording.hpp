#ifndef RATIONALE_ANALYSIS_DETAIL_FIT_RECORDING_HPP
#define RATIONALE_ANALYSIS_DETAIL_FIT_RECORDING_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/analysis_options.hpp"
#include "rationale/analysis/detail/distances.hpp"
#include "rationale/analysis/detail/roles.hpp"
#include "rationale/analysis/detail/run_losses.hpp"
#include "rationale/analysis/detail/strategy_names.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/compare/mixture_loss.hpp"
#include "rationale/fit/fit_law.hpp"
#include "rationale/fit/observations.hpp"

namespace rationale::detail {

/// Whether some mixture explains a cell.
[[nodiscard]] inline bool is_finite(const std::vector<mixture_loss>& parts) {
    return std::all_of(parts.begin(), parts.end(), [](const mixture_loss& l) { return l.finite(); });
}

/// What laws are told of a run's training at a checkpoint.
[[nodiscard]] inline training training_at(const recording_source& from, std::size_t run, std::int64_t step) {
    return {.steps = static_cast<double>(step),
            .tasks = static_cast<double>(from.runs[run]->facts.tasks),
            .schedule = from.schedule,
            .visits = from.runs[run]->facts.visits};
}

/// Appends cells of the recording, with what laws are told of their training.
inline void add_cells(observations& to, const recording_source& from, std::vector<observed_cell>&& cells) {
    for (auto& c : cells) {
        c.at = training_at(from, c.run, static_cast<std::int64_t>(c.at.steps));
        to.cells.push_back(std::move(c));
    }
}

/// What laws of the first `strategies` see: the cells that some mixture explains. Takes each cell's losses out of `losses`.
[[nodiscard]] inline observations observe(const recording_source& from, const std::vector<run_losses>& runs,
                                          const recorded_distances& distances, const recorded_roles& roles, std::size_t strategies,
                                          checkpoint_losses&& losses) {
    observations out;
    for (const auto& run : runs) out.runs.push_back(first_strategies(run, strategies));
    for (std::size_t i = 0; i < from.runs.size(); ++i)
        for (const split split : splits)
            for (std::size_t n = 0; n < losses[i][split].size(); ++n) {
                const auto step = distances.at[i][split].cells[n].step;
                auto& parts = losses[i][split][n];
                if (is_finite(parts))
                    out.cells.push_back(
                        {i, training_at(from, i, step), split, roles.of(runs[i].tasks, step, strategies), std::move(parts)});
            }
    return out;
}

/// Throws std::invalid_argument where fewer cells are left to fit than the law has parameters, and says where the others went.
inline void check_enough_cells(const std::vector<run_facts>& runs, const recorded_distances& distances, const recorded_roles& roles,
                               const observations& seen, const any_law& law) {
    std::size_t left = 0, all = 0, early = 0, infinite = 0, held_out = 0, masked = 0, without = 0;
    for (const auto& c : seen.cells) left += is_fitted(c);
    const std::size_t least = (std::max)(law.parameters().size(), std::size_t{1});
    if (left >= least) return;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const auto& at = distances.at[i].id;
        all += runs[i].steps.size();
        if (at.kept.empty()) masked += at.masked, without += runs[i].steps.size();
        for (const auto& cell : at.cells) {
            const bool finite = std::any_of(seen.cells.begin(), seen.cells.end(), [&](const observed_cell& c) {
                return c.run == i && c.split == split::id && c.at.steps == static_cast<double>(cell.step);
            });
            const auto role = roles.of(runs[i].tasks, cell.step);
            infinite += !finite;
            early += finite && role == cell_role::before_threshold;
            held_out += finite && role != cell_role::before_threshold && role != cell_role::fitted;
        }
    }
    std::string causes;
    const auto add = [&](std::size_t count, const char* one, const char* several, const std::string& what) {
        if (count > 0) causes += (causes.empty() ? " " : "; ") + std::to_string(count) + (count == 1 ? one : several) + what;
    };
    add(infinite, " is", " are",
        " infinitely far from every mixture, as the model gives a probability to outcomes that every strategy excludes: a noise or a "
        "concentration of 0 in the manifest does that, or seen tasks with probabilities of 0");
    add(early, " lies", " lie",
        " before the threshold" + (roles.threshold ? " at step " + std::to_string(*roles.threshold) : std::string()));
    add(held_out, " is", " are", " held out");
    add(without, " has", " have", " no sequences left, as no seen task can give any of their " + std::to_string(masked));
    throw std::invalid_argument("rationale::analyze_recording: there " + std::string(left == 1 ? "is " : "are ") + counted(left, "cell") +
                                " to fit, must be at least " + std::to_string(least) + ", the number of the law's parameters" +
                                (causes.empty() ? "" : ": of " + std::to_string(all) + " ID checkpoints" + causes));
}

/// Why a law cannot be fitted, behind the sentence that says it cannot: which strategies exclude what sequences show, and which parameters
/// do that; empty where nothing is left out.
[[nodiscard]] inline std::string why_not_fitted(const recording_source& from, const recorded_distances& distances, bool infinite_cells) {
    std::string out;
    std::size_t sequences = 0;
    std::vector<std::size_t> excluding(from.strategies.size());
    for (const auto& of_run : distances.at)
        for (const auto* of_split : {&of_run.id, &of_run.ood}) {
            const auto& at = *of_split;
            sequences += at.kept.size() + at.masked;
            for (std::size_t q = 0; q < at.excluding.size(); ++q) excluding[q] += at.excluding[q];
        }
    for (std::size_t q = 0; q < excluding.size(); ++q)
        if (excluding[q] > 0)
            out += "; " + from.strategies[q] + " gives probability 0 to what " + std::to_string(excluding[q]) + " of " +
                   std::to_string(sequences) + " sequences show, which are left out";
    return out.empty() && !infinite_cells ? out : out + from.excluding;
}

/// The fitted law, and what it and its rivals see.
struct recorded_fit {
    observations seen{};             ///< by the law's own choice of strategies
    observations others{};           ///< by the other choice; empty where there is none
    std::size_t infinite_cells = 0;  ///< left out: no mixture explains them
    law_fit fit;
    bootstrap_options bootstrap{};  ///< with the unit of resampling
};

/// Fourth stage: the law, fitted to the cells that are. Takes the losses of `distances`. Throws std::invalid_argument where there are too
/// few cells.
[[nodiscard]] inline recorded_fit fit_recording(const recording_source& from, const std::vector<run_losses>& runs,
                                                const recorded_distances& distances, recorded_losses&& losses, const recorded_roles& roles,
                                                const analysis_options& options) {
    const auto choice = choice_of(from, options);
    std::vector<run_facts> facts;
    std::size_t cells = 0;
    for (std::size_t i = 0; i < from.runs.size(); ++i) {
        facts.push_back(from.runs[i]->facts);
        cells += distances.at[i].id.cells.size() + distances.at[i].ood.cells.size();
    }
    auto seen = observe(from, runs, distances, roles, choice.own, std::move(losses.own));
    auto others = choice.other ? observe(from, runs, distances, roles, *choice.other, std::move(losses.other)) : observations{};
    const std::size_t infinite = cells - seen.cells.size();
    const auto fitted = [&] {
        try {
            check_enough_cells(facts, distances, roles, seen, options.law);
            const auto sample = as_observed(seen);
            return fit_law(options.law, sample.accounts, cells_of(seen, sample, is_fitted), options.fit);
        } catch (const std::invalid_argument& e) {
            throw std::invalid_argument(e.what() + why_not_fitted(from, distances, infinite > 0));
        }
    };
    recorded_fit out{.infinite_cells = infinite, .fit = fitted(), .bootstrap = options.bootstrap};
    if (!out.bootstrap.runs) {
        std::set<std::size_t> of_fitted;
        for (const auto& c : seen.cells)
            if (is_fitted(c)) of_fitted.insert(c.run);
        out.bootstrap.runs = of_fitted.size() >= enough_runs;
    }
    out.seen = std::move(seen), out.others = std::move(others);
    return out;
}

}  // namespace rationale::detail

#endif
