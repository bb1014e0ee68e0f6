#ifndef RATIONALE_ANALYSIS_REMEMBER_RECORDING_HPP
#define RATIONALE_ANALYSIS_REMEMBER_RECORDING_HPP

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <deque>
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
#include "rationale/analysis/own_visits.hpp"
#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/remember.hpp"
#include "rationale/analysis/subset.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/kernel/over_lanes.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/loss.hpp"
#include "rationale/strategy/program.hpp"

namespace rationale::detail {

/// What one run shows of an axis of memories.
struct remembered_run {
    observed_run known{};
    std::array<std::vector<std::size_t>, 2> kept{};   // of each split: sequences that are looked at
    std::array<std::vector<predictions>, 2> parts{};  // their predictions along the axis, generalizing, constant
    std::array<predictions, 2> memorizing{};
};

/// Above so many numbers in a checkpoint's predictions only its first sequences are looked at.
inline constexpr std::size_t most_remembered = 16384;

/// The losses, bits and predictions along an axis, at the nodes of a grid, and those of generalizing and the constant, for one run.
template <class Axis, task_family F, class Reader, class Run, executor E>
    requires(memory_axis<Axis, F>)
remembered_run remember_run(const Axis& axis, const F& family, const Reader& reader, const Run& run, const precision_grid& grid,
                            std::array<std::vector<std::size_t>, 2> kept, const loss_options& losses, const E& execute) {
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
    const auto bits = first_complexities(run, 3);
    for (double s : grid.share) {
        range.emplace_back(family, axis.at(family, seen, s));
        quick_range.emplace_back(family, axis.at(family, seen, s));
        out.known.known.complexity.push_back(axis.bits(range.back().prior(), bits[0], bits[0] - run.descriptions[0].bits));
    }
    out.known.known.complexity.push_back(bits[1]);
    out.known.known.complexity.push_back(bits[2]);
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
        kept[split].resize((std::min)(kept[split].size(), (std::max)(std::size_t{8}, most_remembered / (events * family.outcomes()))));
        const auto some = subset(reader.sequences(split), kept[split]);
        out.parts[split] = predict_range(range, some);
        out.memorizing[split] = predict(memorizing<F>(family, seen), some, execute);
    }
    out.kept = std::move(kept);
    return out;
}

/// Compressors of each of several predictions with one other.
class paired_with {
public:
    paired_with(const paired_with&) = delete;
    paired_with(std::span<const predictions> several, const predictions& other) {
        pairs_.reserve(several.size());
        for (const auto& p : several) compress_.emplace_back(std::span<const predictions>(pairs_.emplace_back(std::array{p, other})));
    }
    /// Divergences of a model from the best mixture of each.
    [[nodiscard]] std::vector<double> least(const predictions& model) const {
        std::vector<double> out;
        for (const auto& pair : compress_) out.push_back(mixing_weights(pair(model)).loss);
        return out;
    }

private:
    std::vector<std::array<predictions, 2>> pairs_;  // to which the compressors refer
    std::vector<mixture_compressor> compress_;
};

/// Memories that err twice, of limited precision and with a likelihood that is not trusted as it should be, each paired with one other
/// strategy.
template <task_family F>
class tempered_memories {
public:
    /// `other` are predictions of the sequences.
    tempered_memories(const F& family, const seen_tasks<F>& seen, const precision_grid& grid, const typename F::sequences& sequences,
                      const predictions& other)
        : grid_(grid) {
        const precision_axis<F> axis(family);
        for (const int third : {-4, -3, -2, -1, 1, 2, 3}) {
            std::vector<predictions> range;
            for (double s : grid.share) {
                const bayes both(family, tempered(axis.at(family, seen, s), std::exp2(third / 3.)));
                range.push_back(predict(both, sequences, sequential{}, impossible_context::mask));
            }
            at_exponent_.emplace_back(range, other);
        }
    }
    /// The least divergence of a model from the best mixture of one.
    [[nodiscard]] double least(const predictions& model) const {
        double out = std::numeric_limits<double>::infinity();
        for (const auto& range : at_exponent_) {
            const auto of_nodes = range.least(model);
            out = (std::min)(out, least_on_unit([&](double s) { return grid_.interpolate(s, of_nodes); }).second);
        }
        return out;
    }

private:
    const precision_grid& grid_;
    std::deque<paired_with> at_exponent_;
};

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

/// Divergence of a model from the exact Bayes mixture of two strategies, the first with the given prior odds: at a position a strategy's
/// weight is its mass times the evidence that it has for what came before.
template <class Lanes = kernel::native_lanes>
double from_bayes_mixture(const predictions& model, const predictions& a, const predictions& b, double log_odds) {
    const std::size_t events = model.events(), outcomes = model.outcomes();
    std::vector<double> mixed(events * outcomes), weight(events);
    double sum = 0;
    for (std::size_t s = 0; s < model.sequences(); ++s) {
        kernel::over_lanes<Lanes>(events, [&]<class V>(std::size_t t) {
            using access = kernel::lane_access<V>;
            const V ahead = access::load(&b.log_evidence(s, t)) - access::load(&a.log_evidence(s, t)) - V(log_odds);
            access::store(V(1.0) / (V(1.0) + kernel::exponential(ahead)), &weight[t]);
        });
        const auto of_a = row(a.values, s), of_b = row(b.values, s), h = row(model.values, s);
        for (std::size_t t = 0, i = 0; t < events; ++t)
            for (std::size_t k = 0; k < outcomes; ++k, ++i) mixed[i] = weight[t] * of_a[i] + (1 - weight[t]) * of_b[i];
        sum += model.kind == prediction_kind::mean ? divergence<Lanes>(squared_error{}, h, std::span<const double>(mixed))
                                                   : divergence<Lanes>(kl{}, h, std::span<const double>(mixed));
    }
    return sum / static_cast<double>(model.sequences() * events);
}
/// The least over the prior odds.
inline double least_of_bayes_mixtures(const predictions& model, const predictions& a, const predictions& b) {
    return least_on_unit([&](double x) { return from_bayes_mixture(model, a, b, 120 * x - 60); }).second;
}
/// The least over the prior odds and over which of `several` is the first.
inline double least_of_bayes_mixtures(const predictions& model, std::span<const predictions> several, const predictions& b) {
    double least = std::numeric_limits<double>::infinity();
    for (const auto& a : several) {
        const auto at = [&](double log_odds) { return from_bayes_mixture(model, a, b, log_odds); };
        constexpr double apart = 4;
        double best = 0, best_at = std::numeric_limits<double>::infinity();
        for (const double log_odds : {-3 * apart, -2 * apart, -apart, 0., apart, 2 * apart, 3 * apart})
            if (const double x = at(log_odds); x < best_at) best = log_odds, best_at = x;
        least = (std::min)({least, best_at, least_between(at, best - apart, best + apart, 16).second});
    }
    return least;
}

/// What is seen of a recording along an axis of memories: its runs' known numbers, and each cell's loss as a function of the weights of the
/// grid's nodes, generalizing and the constant, with its best mixtures of each node and generalizing. `look(remembered run, run_split,
/// model)` sees every cell, those of a run's split in order and others at the same time. The axis must outlive it.
template <class Axis, task_family F, class Readers, class States, class Runs, class Describe, class Look, class Report, executor E>
axis_seen see_along(const Axis& axis, const F& family, const Readers& readers, const States& states, const Runs& all_runs,
                    const precision_grid& grid, const loss_options& losses, const Describe& describe, const Look& look,
                    const Report& report, const E& execute) {
    const std::size_t runs = readers.size();
    const std::string stage = "memory of limited precision: " + std::string(Axis::name);
    const auto probes = precision_probes(grid);
    std::vector<remembered_run> of_run;
    for (std::size_t i = 0; i < runs; ++i) {
        report(stage, i, 2 * runs);
        of_run.push_back(remember_run(axis, family, *readers[i], all_runs[i], grid, std::array{states[2 * i].kept, states[2 * i + 1].kept},
                                      losses, execute));
    }
    std::vector<axis_seen> seen(2 * runs);  // of each run's splits
    std::atomic<std::size_t> finished{0};
    std::mutex reporting;
    execute(seen.size(), [&](std::size_t run_split) {
        const std::size_t i = run_split / 2, split = run_split % 2;
        if (const auto& parts = of_run[i].parts[split]; !parts.empty()) {
            const mixture_compressor compress(parts, probes);
            const paired_with generalizing_too(std::span<const predictions>(parts).first(grid.size()), parts[grid.size()]);
            predictions some;
            readers[i]->for_each_checkpoint(split, [&](std::size_t n, const predictions& recorded) {
                const auto& model = subset(recorded, of_run[i].kept[split], some);
                observed_cell cell = describe(states[run_split].cells[n]);
                cell.parts = compress.parts(model, sequence_parts);
                look(of_run[i], run_split, model);
                seen[run_split].range.mixed.push_back(generalizing_too.least(model));
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
        std::move(of_split.range.mixed.begin(), of_split.range.mixed.end(), std::back_inserter(out.range.mixed));
    }
    return out;
}

/// Adds to an analysis what seen tasks remembered with limited precision say of the recording. `seen` are the observations of its own law,
/// and `role_of(cell, strategies)` tells what a cell is to a law of so many strategies.
template <task_family F, class Readers, class States, class RoleOf, class TrainingAt, class Options, class Report, executor E>
void remember_recording(recording_analysis& out, const F& family, const Readers& readers, const States& states, const observations& seen,
                        const RoleOf& role_of, const TrainingAt& training_at, const Options& options, const Report& report,
                        const E& execute) {
    constexpr bool own_range = requires { requires std::same_as<generalizing<F>, bayes<F, own_prior_t<F>>>; };
    const precision_grid grid(options.precision_nodes);
    const auto describe = [&](const auto& c) { return observed_cell{c.run, training_at(c), c.split, role_of(c, out.law_strategies), {}}; };
    std::vector<std::vector<cell_ceilings>> ceilings(states.size());
    [[maybe_unused]] std::vector<std::optional<tempered_memories<F>>> tempered(states.size());
    const auto look = [&](const remembered_run& run, std::size_t run_split, const predictions& model) {
        const std::size_t split = run_split % 2;
        const auto range = std::span(run.parts[split]).first(grid.size());
        const auto& generalizing = run.parts[split][grid.size()];
        auto& c = ceilings[run_split].emplace_back();
        c.bayes_mixture = least_of_bayes_mixtures(model, run.memorizing[split], generalizing);
        if (options.compare && own_range) c.some_tasks = least_of_bayes_mixtures(model, range, generalizing);
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
    };
    const auto look_no_more = [](const remembered_run&, std::size_t, const predictions&) {};
    const precision_axis<F> precision(family);
    const exponent_axis<F> exponent(family);
    memory_seen memories{
        .precision = see_along(precision, family, readers, states, out.runs, grid, options.losses, describe, look, report, execute),
        .own_range = own_range,
        .bits_per_task = [&](std::size_t run, double s) {
            const memory<F> of(family);
            double nats = 0;
            for (std::size_t d = 0; d < out.runs[run].tasks; ++d) nats += of.nats(readers[run]->table(), d, (std::min)(s, 1 - 1e-12));
            return nats / static_cast<double>(out.runs[run].tasks) / std::numbers::ln2;
        }};
    for (auto& some : ceilings) memories.ceilings.insert(memories.ceilings.end(), some.begin(), some.end());
    if (options.compare)
        memories.exponent =
            see_along(exponent, family, readers, states, out.runs, grid, options.losses, describe, look_no_more, report, execute);
    report("memory of limited precision: laws", 0, 1);
    memories.leave_out_infinite();
    const auto kept_of_first = memories.precision.kept[0];
    out.memory = remember(memories, seen, out.fit, options.fit, options.bootstrap, execute);
    out.memory->context = out.runs[0].context;
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
