#ifndef RATIONALE_ANALYSIS_DETAIL_DISTANCES_HPP
#define RATIONALE_ANALYSIS_DETAIL_DISTANCES_HPP

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <memory>
#include <mutex>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "rationale/analysis/analysis_options.hpp"
#include "rationale/analysis/detail/cell_regret.hpp"
#include "rationale/analysis/detail/recording_faults.hpp"
#include "rationale/analysis/detail/run_losses.hpp"
#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/regret_report.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/compare/divergence.hpp"
#include "rationale/compare/interpolation_distance.hpp"
#include "rationale/compare/kept_predictions.hpp"
#include "rationale/compare/mixing_weights.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/compare/subset.hpp"
#include "rationale/split.hpp"

namespace rationale::detail {

/// A split of a run.
struct split_of_run {
    std::size_t run = 0;
    rationale::split split = split::id;
};

/// Something of each split of each run, as it is made without arguments where the run lacks the split. compute(splits of runs, for each of
/// them where what is found goes) is called with those that fall to this process.
template <class T, class Compute>
[[nodiscard]] std::vector<per_split<T>> of_splits(const recording_source& from, process_team* team, const Compute& compute) {
    std::vector<split_of_run> recorded;
    for (std::size_t i = 0; i < from.runs.size(); ++i)
        for (const split split : splits)
            if (from.runs[i]->facts.sequences[split] > 0) recorded.push_back({i, split});
    std::vector<T> found(recorded.size());
    in_shares(team, found, [&](const std::vector<std::size_t>& numbers) {
        std::vector<split_of_run> mine;
        std::vector<T*> to;
        for (const std::size_t k : numbers) mine.push_back(recorded[k]), to.push_back(&found[k]);
        compute(mine, to);
    });
    std::vector<per_split<T>> out(from.runs.size());
    for (std::size_t k = 0; k < found.size(); ++k) out[recorded[k].run][recorded[k].split] = std::move(found[k]);
    return out;
}

/// visit(i) for so many splits, several at a time, with progress.
template <class Visit>
void for_each_split(std::size_t count, const char* stage, const stage_tools& tools, const Visit& visit) {
    std::atomic<std::size_t> finished{0};
    std::mutex reporting;
    tools.execute(count, [&](std::size_t i) {
        visit(i);
        const std::lock_guard<std::mutex> lock(reporting);
        tools.report(stage, ++finished, count);
    });
}

/// What look(run, split, to) finds of each split of each run, several at a time.
template <class T, class Look>
[[nodiscard]] std::vector<per_split<T>> of_each_split(const recording_source& from, const char* stage, const stage_tools& tools,
                                                      const Look& look) {
    return of_splits<T>(from, tools.team, [&](const std::vector<split_of_run>& mine, const std::vector<T*>& to) {
        for_each_split(mine.size(), stage, tools, [&](std::size_t i) { look(mine[i].run, mine[i].split, *to[i]); });
    });
}

/// Memories are looked at with a split's first sequences: with all where a checkpoint predicts at most so many numbers of them, else with
/// so many numbers' worth, but no less than 8.
[[nodiscard]] inline std::size_t remembered_sequences(std::size_t kept, std::size_t numbers_of_each) {
    constexpr std::size_t most_numbers = 16384;
    return (std::min)(kept, (std::max)(std::size_t{8}, most_numbers / numbers_of_each));
}

/// Where the model stands on one split of a run.
struct split_distances {
    sequence_numbers kept{};               ///< sequences that are not masked: no strategy excludes what they show
    std::size_t masked = 0;                ///< how many are
    std::vector<std::size_t> excluding{};  ///< of each strategy: sequences that it excludes
    std::vector<analyzed_cell> cells{};    ///< of each checkpoint: distances and best mixtures
    std::vector<regret_cell> regrets{};    ///< of each checkpoint
    /// Of each checkpoint and sequence, the model's loss minus generalizing's.
    std::vector<std::vector<double>> excess{};
    /// Of each checkpoint, what the model predicted of the sequences that memories are looked at with; empty where none are.
    std::vector<kept_predictions> looked{};
    recording_signs signs{};  ///< of how the split was recorded
};

/// What the second stage finds, run by run and split by split.
struct recorded_distances {
    std::vector<per_split<split_distances>> at{};
};

/// Each checkpoint's losses as functions of the weights, in parts of its sequences.
using split_losses = std::vector<std::vector<mixture_loss>>;
/// The same, run by run and split by split.
using checkpoint_losses = std::vector<per_split<split_losses>>;

/// All that one pass over a split of a run finds.
struct looked_split {
    split_distances at{};
    split_losses own{}, other{};
};
template <class Bytes>
void fields(Bytes& bytes, mean_over_sequences& x) {
    auto& [mean, error] = x;
    bytes(mean, error);
}
template <class Bytes>
void fields(Bytes& bytes, recording_signs& x) {
    auto& [seen_tasks, beyond_memorizing, first_spread, nearest_at] = x;
    bytes(seen_tasks, beyond_memorizing, first_spread, nearest_at);
}
template <class Bytes>
void fields(Bytes& bytes, split_distances& x) {
    auto& [kept, masked, excluding, cells, regrets, excess, looked, signs] = x;
    bytes(kept, masked, excluding, cells, regrets, excess, looked, signs);
}
template <class Bytes>
void fields(Bytes& bytes, looked_split& x) {
    auto& [at, own, other] = x;
    bytes(at, own, other);
}

/// Those of the own law's strategies, and of the other choice's.
struct recorded_losses {
    checkpoint_losses own{}, other{};
};

/// The loss of all parts together.
inline mixture_loss sum(const std::vector<mixture_loss>& parts) {
    return mixture_loss::weighted_sum(parts, std::vector<double>(parts.size(), 1.0));
}

/// Largest finite mean divergence of one strategy from another: KL, or squared error.
inline double widest_divergence(const std::vector<predictions>& parts) {
    double widest = 0;
    for (const auto& p : parts)
        for (const auto& q : parts) {
            if (&p == &q) continue;
            const double d = over_sequences(divergences_from(p, q));
            if (std::isfinite(d)) widest = (std::max)(widest, d);
        }
    return widest;
}

/// Of each strategy, which sequences it excludes: it gives no probability to what they show.
using exclusions = std::vector<std::vector<bool>>;

/// Adds what the strategies' predictions exclude.
inline void add_excluded(exclusions& to, const std::vector<predictions>& parts) {
    to.resize(parts.size(), std::vector<bool>(parts[0].sequences()));
    for (std::size_t q = 0; q < parts.size(); ++q)
        for (std::size_t s = 0; s < parts[q].sequences(); ++s) {
            const auto values = row(parts[q].values, s);
            if (std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); })) to[q][s] = true;
        }
}
/// Which sequences no strategy excludes.
inline split_distances without_excluded(const exclusions& excluded) {
    split_distances out;
    for (const auto& by : excluded) out.excluding.push_back(static_cast<std::size_t>(std::count(by.begin(), by.end(), true)));
    for (std::size_t s = 0; s < excluded[0].size(); ++s) {
        if (std::none_of(excluded.begin(), excluded.end(), [s](const auto& by) { return bool(by[s]); })) out.kept.push_back(s);
        else ++out.masked;
    }
    return out;
}

/// Of one checkpoint: distances from the strategies, and the best mixtures of all and of the first two.
class cell_distances {
public:
    /// The strategies' predictions must outlive it.
    cell_distances(const std::vector<predictions>& parts, const law_choice& choice, double neither_share)
        : parts_(parts),
          pair_(std::span(parts).first(2)),
          all_wanted_(choice.own > 2 || choice.other.has_value()),
          own_is_all_(choice.own > 2),
          neither_share_(neither_share),
          compress_pair_(pair_),
          compress_all_(parts),
          apart_(default_divergences(parts[0], parts[1])),
          widest_(widest_divergence(parts)) {}

    /// Completes the cell of a model. Returns its losses: own, other.
    [[nodiscard]] std::array<std::vector<mixture_loss>, 2> look(const predictions& model, analyzed_cell& c) const {
        std::vector<ndarray<double, 1>> apart;
        for (const auto& p : parts_) apart.push_back(default_divergences(model, p)), c.distance.push_back(over_sequences(apart.back()));
        c.relative = relative_distance(entries(apart[0]), entries(apart[1]), entries(apart_));
        c.interpolation_distance = rationale::interpolation_distance(model, pair_, c.relative, over_sequences(apart_));
        auto of_pair = compress_pair_.parts(model, sequence_parts);
        auto of_all = all_wanted_ ? compress_all_.parts(model, sequence_parts) : std::vector{compress_all_(model)};
        const auto best = rationale::mixing_weights(sum(of_all));
        c.mixing_weights = best.weights, c.mixing_loss = best.loss;
        c.unexplained = widest_ > 0 ? best.loss / widest_ : undefined;
        c.neither = c.unexplained > neither_share_;
        c.pair_loss = rationale::mixing_weights(sum(of_pair)).loss;
        if (own_is_all_) std::swap(of_pair, of_all);
        return {std::move(of_pair), std::move(of_all)};
    }

private:
    const std::vector<predictions>& parts_;
    std::span<const predictions> pair_;
    bool all_wanted_, own_is_all_;
    double neither_share_;
    mixture_compressor compress_pair_, compress_all_;
    ndarray<double, 1> apart_;
    double widest_;
};

/// Second stage: where the model stands between the strategies, checkpoint by checkpoint. Predictions of the strategies are made again in
/// each pass over the model's: those of all runs may not fit in memory.
[[nodiscard]] inline std::pair<recorded_distances, recorded_losses> distances_of(const recording_source& from, const law_choice& choice,
                                                                                 const analysis_options& options,
                                                                                 const stage_tools& tools) {
    auto looked = of_each_split<looked_split>(from, "distances", tools, [&](std::size_t run, split split, looked_split& to) {
        const auto& source = *from.runs[run];
        const bool remembers = options.memory && from.no_memory.empty();
        sequence_numbers all(source.facts.sequences[split]);
        std::iota(all.begin(), all.end(), std::size_t{0});
        const auto tables = source.tables();
        exclusions excluded;
        std::vector<predictions> parts;
        for (const auto* const table : tables) add_excluded(excluded, parts = table->predict(split, all, sequential{}));
        auto& at = to.at = without_excluded(excluded);
        const bool known = from.strategies[0] == "memorizing" && from.strategies[1] == "generalizing";
        for (const auto* const table : tables) {
            if (tables.size() > 1) parts = table->predict(split, all, sequential{});
            if (known) at.signs.seen_tasks = evidence_of_seen_tasks(parts[0], parts[1]);
            if (at.kept.empty()) return;  // the split has no cells for this run; the mask is counted and noted
            std::vector<ndarray<double, 2>> losses_of_parts;
            const auto by_position = std::make_shared<std::vector<std::vector<double>>>();
            for (auto& p : parts) {
                predictions some;
                if (&subset(p, at.kept, some) != &p) p = std::move(some);
                losses_of_parts.push_back(table->observed_losses(split, at.kept, p));
                by_position->push_back(mean_by_event(losses_of_parts.back()));
            }
            const auto of_generalizing = sum_by_sequence(losses_of_parts[1]);
            const cell_distances distances(parts, choice, options.neither_share);
            table->for_each_checkpoint(split, at.kept, [&](std::size_t n, const predictions& model) {
                auto& c = at.cells.emplace_back(analyzed_cell{.run = run, .step = source.facts.steps[n], .split = split});
                const auto observed = table->observed_losses(split, at.kept, model);
                c.observed_loss = mean_by_event(observed), c.strategies_loss = by_position;
                at.regrets.push_back(
                    with_regret({.run = run, .step = c.step, .split = split}, observed, losses_of_parts, source.facts.positions.empty()));
                auto& excess = at.excess.emplace_back(sum_by_sequence(observed));
                for (std::size_t s = 0; s < excess.size(); ++s) excess[s] -= of_generalizing[s];
                if (remembers) at.looked.emplace_back(model, remembered_sequences(at.kept.size(), model.events() * model.outcomes()));
                auto [own, other] = distances.look(model, c);
                to.own.push_back(std::move(own));
                if (choice.other) to.other.push_back(std::move(other));
                if (known && n + 1 == source.facts.steps.size()) look_at_last(at.signs, *table, split, at.kept, parts, model);
            });
        }
    });
    recorded_distances out;
    recorded_losses losses;
    out.at.resize(from.runs.size()), losses.own.resize(from.runs.size()), losses.other.resize(from.runs.size());
    for (std::size_t run = 0; run < from.runs.size(); ++run)
        for (const split split : splits) {
            auto& of_split = looked[run][split];
            out.at[run][split] = std::move(of_split.at);
            losses.own[run][split] = std::move(of_split.own), losses.other[run][split] = std::move(of_split.other);
        }
    return {std::move(out), std::move(losses)};
}

}  // namespace rationale::detail

#endif
