#ifndef RATIONALE_ANALYSIS_REMEMBER_RECORDING_HPP
#define RATIONALE_ANALYSIS_REMEMBER_RECORDING_HPP

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <mutex>
#include <numbers>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/analysis/memory_axis.hpp"
#include "rationale/analysis/memory_ceilings.hpp"
#include "rationale/analysis/memory_curve.hpp"
#include "rationale/analysis/own_visits.hpp"
#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/remember.hpp"
#include "rationale/analysis/subset.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/loss.hpp"
#include "rationale/strategy/program.hpp"

namespace rationale::detail {

/// What one run shows of an axis of memories.
struct remembered_run {
    observed_run known{};
    std::array<std::vector<std::size_t>, 2> kept{};    // of each split: sequences that are looked at
    std::array<std::vector<predictions>, 2> parts{};   // their predictions along the axis, generalizing, constant
    std::array<predictions, 2> start{}, memorizing{};  // at the axis's ends; no start where that is generalizing
};

/// Where a list of strategies has those that memory is about.
struct memory_places {
    std::size_t memorizing, generalizing;
    std::optional<std::size_t> constant;
};

/// Above so many numbers in a checkpoint's predictions only its first sequences are looked at.
inline constexpr std::size_t most_remembered = 16384;
[[nodiscard]] inline std::size_t remembered_sequences(std::size_t kept, std::size_t numbers_of_each) {
    return (std::min)(kept, (std::max)(std::size_t{8}, most_remembered / numbers_of_each));
}

/// The losses, bits and predictions along an axis, at the nodes of a grid, and those of generalizing and the constant, for one run.
template <class Axis, task_family F, class Reader, class Run, executor E>
    requires(memory_axis<Axis, F>)
remembered_run remember_run(const Axis& axis, const F& family, const Reader& reader, const Run& run, const memory_places& places,
                            const precision_grid& grid, std::array<std::vector<std::size_t>, 2> kept, const loss_options& losses,
                            const E& execute) {
    const seen_tasks<F> seen(family, reader.table(), reader.task_weights());
    const generalizing<F> generalize(family);
    const constant<F> guess(family);
    using prior = decltype(axis.at(family, seen, 0.5));
    // Losses, which are known to a percent, are those of predictions in float: to 1e-5 the same, in half the time.
    using quick = bayes<F, prior, std::conditional_t<F::kind == prediction_kind::mean, double, float>>;
    std::vector<bayes<F, prior>> range;
    std::vector<quick> quick_range;
    remembered_run out;
    out.known.tasks = run.tasks, out.known.seed = run.seed;
    std::vector<std::size_t> weighed{places.memorizing, places.generalizing};
    if (places.constant) weighed.push_back(*places.constant);
    std::vector<double> numbers;
    std::vector<std::optional<double>> programs;
    for (std::size_t q : weighed) numbers.push_back(run.descriptions[q].bits), programs.push_back(run.programs[q]);
    const auto bits = complexities(numbers, programs);
    for (double s : grid.share) {
        range.emplace_back(family, axis.at(family, seen, s));
        quick_range.emplace_back(family, axis.at(family, seen, s));
        out.known.known.complexity.push_back(axis.bits(range.back().prior(), bits[0], bits[0] - numbers[0]));
    }
    out.known.known.complexity.push_back(bits[1]);
    out.known.known.complexity.push_back(places.constant ? bits[2] : 0);  // no law has it then
    const auto predict_range = [&](const auto& several, const typename F::sequences& q) {
        std::vector<predictions> all(several.size() + 2);
        execute(all.size(), [&](std::size_t i) {
            if (i < several.size()) all[i] = predict(several[i], q, sequential{}, impossible_context::mask);
            else all[i] = i == several.size() ? predict(generalize, q) : predict(guess, q);
        });
        return all;
    };
    std::vector<std::optional<double>> exact(grid.size() + 2);
    if constexpr (requires { generalize.expected_loss(seen, reader.context()); })
        exact[grid.size()] = generalize.expected_loss(seen, reader.context());
    if constexpr (requires { guess.expected_loss(seen, reader.context()); })
        exact[grid.size() + 1] = guess.expected_loss(seen, reader.context());
    const auto predict_quickly = [&](const typename F::sequences& q) { return predict_range(quick_range, q); };
    const std::size_t events = family.view(reader.sequences(0), 0).events();
    const std::size_t sequences = Axis::loss_sequences * 32 / std::clamp(events, std::size_t{32}, std::size_t{128});
    const auto estimate = estimate_losses(
        family, predict_quickly, exact, seen, reader.context(),
        {.seed = losses.seed, .relative_error = 0, .batch = losses.batch, .most_sequences = (std::min)(losses.most_sequences, sequences)},
        execute);
    out.known.known.loss = estimate.mean;
    out.known.loss_covariance = covariance_of(estimate);
    for (std::size_t split = 0; split < 2; ++split) {
        if (kept[split].empty()) continue;
        kept[split].resize(remembered_sequences(kept[split].size(), events * family.outcomes()));
        const auto some = subset(reader.sequences(split), kept[split]);
        out.parts[split] = predict_range(range, some);
        if (!Axis::starts_at_generalizing)
            out.start[split] = predict(bayes<F, prior>(family, axis.at(family, seen, 0)), some, execute, impossible_context::mask);
        out.memorizing[split] = predict(memorizing<F>(family, seen), some, execute);
    }
    out.kept = std::move(kept);
    return out;
}

/// Mixtures like those that laws of precisions make: single strategies, and smooth humps over the range, alone or with a share for the
/// other two.
inline std::vector<std::vector<double>> precision_probes(const precision_grid& grid) {
    const std::size_t n = grid.size() + 2;
    std::vector<std::vector<double>> out;
    philox rng = stream(purpose::probes, 0);
    const auto with_others = [&](std::vector<double> range, bool alone) {
        std::vector<double> w(n);
        const double a = alone ? 0 : uniform(rng), b = alone ? 0 : uniform(rng) * uniform(rng) * (1 - a);
        for (std::size_t i = 0; i < range.size(); ++i) w[i] = range[i] * (1 - a - b);
        w[n - 2] = a, w[n - 1] = b;
        out.push_back(std::move(w));
    };
    for (std::size_t q = 0; q < n; ++q) out.emplace_back(n), out.back()[q] = 1;
    // A single memory with a share for generalizing.
    for (std::size_t q = 0; q < grid.size(); ++q)
        for (const double share : {0.01, 0.1, 0.35, 0.65, 0.9, 0.99})
            out.emplace_back(n), out.back()[q] = share, out.back()[n - 2] = 1 - share;
    for (int i = 0; i < 360; ++i) {
        const double center = 1.4 * uniform(rng) - 0.2, width = std::exp(std::log(0.03) * uniform(rng));
        std::vector<double> hump(grid.size());
        double sum = 0;
        for (std::size_t j = 0; j < hump.size(); ++j)
            sum += hump[j] = grid.width[j] * std::exp(-0.5 * std::pow((grid.share[j] - center) / width, 2)) + 1e-300;
        for (double& x : hump) x /= sum;
        with_others(std::move(hump), i % 2 == 0);
    }
    return out;
}

/// What is seen of a recording along an axis of memories: its runs' known numbers, and each cell's loss as a function of the weights of the
/// grid's nodes, generalizing and the constant, with its divergences along the axis. `look(remembered run, run_split, memories, model)`
/// sees every cell, those of a run's split in order and others at the same time. The axis must outlive it.
template <class Axis, task_family F, class Readers, class States, class Runs, class Describe, class Look, class Report, executor E>
axis_seen see_along(const Axis& axis, const F& family, const Readers& readers, const States& states, const Runs& all_runs,
                    const memory_places& places, const precision_grid& grid, const loss_options& losses, const Describe& describe,
                    const Look& look, const Report& report, const E& execute) {
    const std::size_t runs = readers.size();
    const std::string stage = "memory of limited precision: " + std::string(Axis::name);
    const auto probes = precision_probes(grid);
    std::vector<remembered_run> of_run;
    for (std::size_t i = 0; i < runs; ++i) {
        report(stage, i, 2 * runs);
        of_run.push_back(remember_run(axis, family, *readers[i], all_runs[i], places, grid,
                                      std::array{states[2 * i].kept, states[2 * i + 1].kept}, losses, execute));
    }
    std::vector<axis_seen> seen(2 * runs);  // of each run's splits
    std::atomic<std::size_t> finished{0};
    std::mutex reporting;
    execute(seen.size(), [&](std::size_t run_split) {
        const std::size_t i = run_split / 2, split = run_split % 2;
        const auto& run = of_run[i];
        if (const auto& parts = run.parts[split]; !parts.empty()) {
            const auto& generalizing = parts[grid.size()];
            const seen_tasks<F> tasks(family, readers[i]->table(), readers[i]->task_weights());
            const auto sequences = subset(readers[i]->sequences(split), run.kept[split]);
            memories_along memories{.share = with_ends(grid), .predict = [&](double s) {
                                        return predict(bayes(family, axis.at(family, tasks, s)), sequences, sequential{},
                                                       impossible_context::mask);
                                    }};
            memories.at.push_back(Axis::starts_at_generalizing ? &generalizing : &run.start[split]);
            for (std::size_t q = 0; q < grid.size(); ++q) memories.at.push_back(&parts[q]);
            memories.at.push_back(&run.memorizing[split]);
            const mixture_compressor compress(parts, probes);
            const paired_with generalizing_too(memories.at, generalizing);
            predictions some;
            readers[i]->for_each_checkpoint(split, [&](std::size_t n, const predictions& recorded) {
                const auto& model = subset(recorded, run.kept[split], some);
                observed_cell cell = describe(states[run_split].cells[n]);
                cell.parts = compress.parts(model, sequence_parts);
                look(run, run_split, memories, model);
                seen[run_split].range.curves.push_back(curve_of(model, memories, generalizing, generalizing_too));
                seen[run_split].seen.cells.push_back(std::move(cell));
            });
        }
        const std::lock_guard<std::mutex> lock(reporting);
        report(stage, runs + ++finished / 2, 2 * runs);
    });
    axis_seen out{.range = {.name = Axis::name,
                            .grid = grid,
                            .value = [&axis](double s) { return axis.value(s); },
                            .share = [&axis](double x) { return axis.share(x); }}};
    for (auto& run : of_run) out.seen.runs.push_back(std::move(run.known)), out.kept.push_back(std::move(run.kept));
    for (auto& of_split : seen) {
        std::move(of_split.seen.cells.begin(), of_split.seen.cells.end(), std::back_inserter(out.seen.cells));
        std::move(of_split.range.curves.begin(), of_split.range.curves.end(), std::back_inserter(out.range.curves));
    }
    return out;
}

/// Adds to an analysis what seen tasks remembered with limited precision say of the recording. `seen` are the observations of its own law,
/// `role_of(cell, strategies)` tells what a cell is to a law of so many strategies, and `predict_strategies(run, sequences)` is what the
/// strategies of that law predict.
template <task_family F, class Readers, class States, class RoleOf, class TrainingAt, class PredictStrategies, class Options, class Report,
          executor E>
void remember_recording(recording_analysis& out, const F& family, const Readers& readers, const States& states, const observations& seen,
                        const memory_places& places, const RoleOf& role_of, const TrainingAt& training_at,
                        const PredictStrategies& predict_strategies, const Options& options, const Report& report, const E& execute) {
    constexpr bool own_range = precision_axis<F>::starts_at_generalizing;
    const precision_grid grid(options.precision_nodes);
    const auto describe = [&](const auto& c) { return observed_cell{c.run, training_at(c), c.split, role_of(c, out.law_strategies), {}}; };
    std::vector<std::vector<cell_ceilings>> ceilings(states.size());
    [[maybe_unused]] std::vector<std::optional<tempered_memories<F>>> tempered(states.size());
    // The law's own strategies, where only some of the sequences are looked at: all accounts are of the same ones.
    std::vector<std::vector<predictions>> of_law(states.size());
    std::vector<std::optional<mixture_compressor>> compress_law(states.size());
    std::vector<observations> with_some(states.size());
    std::pair<std::size_t, std::size_t> looked_at(1, 1);
    for (std::size_t k = 0; k < states.size(); ++k) {
        const std::size_t all = states[k].kept.size();
        if (all == 0) continue;
        const auto& sequences = readers[k / 2]->sequences(k % 2);
        const std::size_t some = remembered_sequences(all, family.view(sequences, 0).events() * family.outcomes());
        if (some * looked_at.second < all * looked_at.first || k == 0) looked_at = {some, all};
    }
    const bool all_sequences = looked_at.first == looked_at.second;
    const auto look = [&](const remembered_run& run, std::size_t run_split, memories_along& memories, const predictions& model) {
        const std::size_t split = run_split % 2;
        const auto& generalizing = run.parts[split][grid.size()];
        auto& c = ceilings[run_split].emplace_back();
        c.bayes_mixture = least_of_bayes_mixtures(model, run.memorizing[split], generalizing);
        if (options.compare && own_range)
            c.some_tasks = (std::min)(c.bayes_mixture, least_of_bayes_mixtures(model, memories, generalizing));
        if constexpr (kernel::fold_traits<F, view_of<F>, double>::single_event)  // elsewhere it would take minutes
            if (options.compare) {
                auto& both = tempered[run_split];
                if (!both) {
                    const auto& reader = *readers[run_split / 2];
                    const seen_tasks<F> seen_by_weight(family, reader.table(), reader.task_weights());
                    both.emplace(family, seen_by_weight, grid, subset(reader.sequences(split), run.kept[split]), generalizing);
                }
                c.precision_and_exponent = both->least(model);
            }
        if (all_sequences) return;
        if (!compress_law[run_split]) {
            of_law[run_split] = predict_strategies(run_split / 2, subset(readers[run_split / 2]->sequences(split), run.kept[split]));
            compress_law[run_split].emplace(std::span<const predictions>(of_law[run_split]));
        }
        auto& cells = with_some[run_split].cells;
        cells.push_back(describe(states[run_split].cells[cells.size()]));
        cells.back().parts = compress_law[run_split]->parts(model, sequence_parts);
    };
    const auto look_no_more = [](const remembered_run&, std::size_t, const memories_along&, const predictions&) {};
    const precision_axis<F> precision(family);
    const exponent_axis<F> exponent(family);
    memory_seen memories{
        .precision = see_along(precision, family, readers, states, out.runs, places, grid, options.losses, describe, look, report, execute),
        .own_range = own_range,
        .with_constant = places.constant.has_value(),
        .bits_per_task = [&](std::size_t run, double s) {
            const memory<F> of(family);
            double nats = 0;
            for (std::size_t d = 0; d < out.runs[run].tasks; ++d) nats += of.nats(readers[run]->table(), d, s);
            return nats / static_cast<double>(out.runs[run].tasks) / std::numbers::ln2;
        }};
    for (auto& some : ceilings) memories.ceilings.insert(memories.ceilings.end(), some.begin(), some.end());
    if (options.compare)
        memories.exponent =
            see_along(exponent, family, readers, states, out.runs, places, grid, options.losses, describe, look_no_more, report, execute);
    report("memory of limited precision: laws", 0, 1);
    memories.leave_out_infinite();
    observations of_same{.runs = all_sequences ? std::vector<observed_run>{} : seen.runs};
    for (auto& some : with_some)
        for (auto& c : some.cells)
            if (is_finite(c)) of_same.cells.push_back(std::move(c));
    const auto kept_of_first = memories.precision.kept[0];
    const std::string weighed = set_name(out.strategies, out.law_strategies);
    out.memory = remember(memories, all_sequences ? seen : of_same,
                          weighed == "M,G"     ? "M and G"
                          : weighed == "M,G,C" ? "M, G and C"
                                               : weighed + " strategies",
                          out.fit, options.fit, options.bootstrap, execute);
    out.memory->context = out.runs[0].context;
    out.memory->sequences = looked_at.first, out.memory->all_sequences = looked_at.second;
    if constexpr (F::kind == prediction_kind::distribution && own_range) {
        const seen_tasks<F> seen_by_weight(family, readers[0]->table(), readers[0]->task_weights());
        if (readers.size() == 1 && !seen_by_weight.uniform()) {
            std::vector<weighted_cell> recorded;
            std::array<typename F::sequences, 2> sequences{};
            for (std::size_t split = 0; split < 2; ++split) {
                if (kept_of_first[split].empty()) continue;
                sequences[split] = subset(readers[0]->sequences(split), kept_of_first[split]);
                predictions some;
                readers[0]->for_each_checkpoint(split, [&](std::size_t n, const predictions& all) {
                    const auto& c = states[split].cells[n];
                    recorded.push_back({training_at(c), split, role_of(c, out.law_strategies), subset(all, kept_of_first[split], some)});
                });
            }
            auto [visits, account] = fit_own_visits(family, seen_by_weight, sequences, recorded, options.bootstrap, execute);
            out.memory->own_visits = visits;
            auto& accounts = out.memory->accounts;  // after the laws
            const auto after = std::find_if(accounts.rbegin(), accounts.rend(), [](const memory_account& a) { return !a.ceiling; }).base();
            accounts.insert(after, std::move(account));
        }
    }
}

}  // namespace rationale::detail

#endif
