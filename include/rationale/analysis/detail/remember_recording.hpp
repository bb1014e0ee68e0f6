#ifndef RATIONALE_ANALYSIS_DETAIL_REMEMBER_RECORDING_HPP
#define RATIONALE_ANALYSIS_DETAIL_REMEMBER_RECORDING_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <numbers>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/analysis/detail/memory_ceilings.hpp"
#include "rationale/analysis/detail/models_of_cells.hpp"
#include "rationale/analysis/detail/recorded_stages.hpp"
#include "rationale/analysis/detail/remember.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/compare/subset.hpp"
#include "rationale/explanation/detail/memory_curve.hpp"
#include "rationale/split.hpp"

namespace rationale::detail {

/// Above so many numbers in a checkpoint's predictions only its first sequences are looked at.
inline constexpr std::size_t most_remembered = 16384;
[[nodiscard]] inline std::size_t remembered_sequences(std::size_t kept, std::size_t numbers_of_each) {
    return (std::min)(kept, (std::max)(std::size_t{8}, most_remembered / numbers_of_each));
}

/// Which sequences of each run's splits memories are looked at with.
[[nodiscard]] inline looked_at looked_at_of(const recorded_stages& stages) {
    looked_at out;
    for (std::size_t i = 0; i < stages.from.runs.size(); ++i) {
        const auto& facts = stages.from.runs[i]->facts;
        auto& of_run = out.emplace_back();
        for (const split split : splits) {
            of_run[split] = stages.distances.at[i][split].kept;
            if (!of_run[split].empty()) of_run[split].resize(remembered_sequences(of_run[split].size(), facts.events * facts.outcomes));
        }
    }
    return out;
}

/// Of the split of a run with the least share of them: sequences that are looked at, and all.
[[nodiscard]] inline std::pair<std::size_t, std::size_t> least_share(const recorded_stages& stages, const looked_at& which) {
    std::pair<std::size_t, std::size_t> out{1, 1};
    for (std::size_t i = 0; i < which.size(); ++i)
        for (const split split : splits) {
            const std::size_t all = stages.distances.at[i][split].kept.size(), some = which[i][split].size();
            if (all > 0 && some * out.second < all * out.first) out = {some, all};
        }
    return out;
}

/// What memories of one table of seen tasks predict along an axis.
struct remembered_table {
    const run_source* source = nullptr;
    per_split<std::vector<predictions>> parts{};   // predictions along the axis, generalizing, constant
    per_split<predictions> start{}, memorizing{};  // at the axis's ends; no start where that is generalizing
};
/// What one run shows of an axis of memories.
struct remembered_run {
    observed_run known{};
    std::vector<remembered_table> tables{};
};

/// The losses, bits and predictions along an axis, at the nodes of a grid, and those of generalizing and the constant, for one run.
[[nodiscard]] inline remembered_run remember_run(const recorded_stages& stages, std::size_t axis, const precision_grid& grid,
                                                 std::size_t run, const per_split<sequence_numbers>& which, const any_executor& execute) {
    const auto& losses = stages.losses[run];
    const auto& memory = *stages.from.runs[run]->memory();
    const auto& roles = stages.from.roles;
    remembered_run out;
    out.known.tasks = losses.tasks, out.known.seed = losses.seed;
    std::vector<std::size_t> weighed{roles.memorizing, roles.generalizing};
    if (roles.constant) weighed.push_back(*roles.constant);
    std::vector<double> numbers;
    std::vector<std::optional<double>> programs;
    for (std::size_t q : weighed) numbers.push_back(losses.descriptions[q].bits), programs.push_back(losses.programs[q]);
    const auto bits = complexities(numbers, programs);
    auto& known = out.known.known;
    for (double s : grid.share) known.complexity.push_back(memory.bits(axis, s, bits[0], bits[0] - numbers[0]));
    known.complexity.push_back(bits[1]);
    known.complexity.push_back(roles.constant ? bits[2] : 0);  // no law has it then
    const auto estimate = memory.losses(axis, grid.share, stages.options.losses, execute);
    known.loss = estimate.mean;
    out.known.loss_covariance = covariance_of(estimate);
    for (const auto* const source : stages.from.runs[run]->tables()) {
        auto& table = out.tables.emplace_back();
        table.source = source;
        const auto& of_table = *source->memory();
        for (const split split : splits) {
            if (which[split].empty()) continue;
            table.parts[split] = of_table.predict_range(axis, grid.share, split, which[split], execute);
            if (!stages.from.memory_axes[axis].starts_at_generalizing)
                table.start[split] = of_table.predict(axis, 0, split, which[split], execute);
            table.memorizing[split] = of_table.predict(axis, 1, split, which[split], execute);
        }
    }
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
/// grid's nodes, generalizing and the constant, with its divergences along the axis. `look(run, split, role, remembered table,
/// memories, model)` sees every cell, those of a run's split in order and others at the same time.
template <class Look>
[[nodiscard]] axis_seen see_along(const recorded_stages& stages, std::size_t axis, const precision_grid& grid, const looked_at& which,
                                  Look& look, const stage_tools& tools) {
    const auto& from = stages.from;
    const std::size_t runs = from.runs.size();
    const std::size_t strategies = stages.strategies();
    const std::string stage = "memory of limited precision: " + from.memory_axes[axis].name;
    const auto probes = precision_probes(grid);
    std::vector<remembered_run> of_run;
    for (std::size_t i = 0; i < runs; ++i) {
        tools.report(stage, i, 2 * runs);
        of_run.push_back(remember_run(stages, axis, grid, i, which[i], tools.execute));
    }
    std::vector<per_split<axis_seen>> seen(runs);
    const progress_report second_half = [&](const std::string&, std::size_t done, std::size_t) {
        tools.report(stage, runs + done / 2, 2 * runs);
    };
    for_each_split(from, "", {tools.execute, second_half}, [&](std::size_t i, split split) {
        auto& to = seen[i][split];
        for (const auto& table : of_run[i].tables) {
            const auto& parts = table.parts[split];
            if (parts.empty()) return;
            const auto& source = *table.source;
            const auto& generalizing = parts[grid.size()];
            memories_along memories{.share = with_ends(grid), .predict = [&](double s) {
                                        return source.memory()->predict(axis, s, split, which[i][split], sequential{});
                                    }};
            memories.at.push_back(from.memory_axes[axis].starts_at_generalizing ? &generalizing : &table.start[split]);
            for (std::size_t q = 0; q < grid.size(); ++q) memories.at.push_back(&parts[q]);
            memories.at.push_back(&table.memorizing[split]);
            const mixture_compressor compress(parts, probes);
            const paired_with generalizing_too(memories.at, generalizing);
            source.for_each_checkpoint(split, which[i][split], [&](std::size_t n, const predictions& model) {
                const auto step = source.facts.steps[n];
                to.seen.cells.push_back({i, training_at(from, i, step), split, stages.roles.of(source.facts.tasks, step, strategies),
                                         compress.parts(model, sequence_parts)});
                look(i, split, to.seen.cells.back().role, table, memories, model);
                to.range.curves.push_back(curve_of(model, memories, generalizing, generalizing_too));
            });
        }
    });
    axis_seen out{.range = {.name = from.memory_axes[axis].name,
                            .grid = grid,
                            .value = from.memory_axes[axis].value,
                            .share = from.memory_axes[axis].share}};
    for (auto& run : of_run) out.seen.runs.push_back(std::move(run.known));
    for (auto& of_run_seen : seen)
        for (const split split : splits) {
            auto& [of_split, range] = of_run_seen[split];
            std::move(of_split.cells.begin(), of_split.cells.end(), std::back_inserter(out.seen.cells));
            std::move(range.curves.begin(), range.curves.end(), std::back_inserter(out.range.curves));
        }
    return out;
}

/// What is looked for in every cell beside its curve: ceilings, and the law's own strategies where only some of the sequences are looked
/// at.
class cell_looker {
public:
    cell_looker(const recorded_stages& stages, const precision_grid& grid, const looked_at& which)
        : stages_(stages), grid_(grid), which_(which), runs_(which.size()), share_(least_share(stages, which)) {}
    /// Of the run with the least share of them: sequences that are looked at, and all.
    [[nodiscard]] std::pair<std::size_t, std::size_t> share() const noexcept { return share_; }
    [[nodiscard]] bool all_sequences() const noexcept { return share_.first == share_.second; }

    void operator()(std::size_t run, split split, cell_role role, const remembered_table& remembered, memories_along& memories,
                    const predictions& model) {
        auto& at = runs_[run][split];
        if (at.table != &remembered) at.table = &remembered, at.paired.reset(), at.compress.reset();
        const auto& generalizing = remembered.parts[split][grid_.size()];
        const bool compare = stages_.options.compare, own_range = stages_.from.memory_axes[0].starts_at_generalizing;
        auto& c = at.ceilings.emplace_back();
        c.bayes_mixture = least_of_bayes_mixtures(model, remembered.memorizing[split], generalizing);
        if (compare && own_range) c.some_tasks = (std::min)(c.bayes_mixture, least_of_bayes_mixtures(model, memories, generalizing));
        if (compare && role != cell_role::before_threshold && stages_.from.tempered_memories) {  // elsewhere it would take minutes
            if (!at.paired) {
                const auto* const memory = remembered.source->memory();
                const auto& which = which_[run][split];
                at.paired.emplace(
                    [=, &which](double share, double exponent) { return memory->predict_tempered(share, exponent, split, which); },
                    [=, &which](double power) { return memory->predict_copying(power, split, which); }, grid_);
            }
            const auto least = at.paired->least(model);
            c.precision_and_exponent = least[0], c.and_power = least[1];
        }
        if (all_sequences()) return;
        if (!at.compress) {
            at.of_law = remembered.source->predict(split, which_[run][split], sequential{});
            at.of_law.resize(stages_.strategies());
            at.compress.emplace(std::span<const predictions>(at.of_law));
        }
        at.losses.push_back(at.compress->parts(model, sequence_parts));
    }
    /// Of every cell, run by run and split by split.
    [[nodiscard]] std::vector<cell_ceilings> ceilings() const {
        std::vector<cell_ceilings> out;
        for (const auto& run : runs_)
            for (const split split : splits) out.insert(out.end(), run[split].ceilings.begin(), run[split].ceilings.end());
        return out;
    }
    /// What the law's own strategies are observed to be on the sequences that are looked at, where these are not all.
    [[nodiscard]] observations of_law() const {
        observations out{.runs = stages_.found.seen.runs};
        const auto& from = stages_.from;
        for (std::size_t i = 0; i < runs_.size(); ++i)
            for (const split split : splits) {
                const auto& [tasks, steps] = std::tie(from.runs[i]->facts.tasks, from.runs[i]->facts.steps);
                const auto& losses = runs_[i][split].losses;
                for (std::size_t n = 0; n < losses.size(); ++n)
                    if (is_finite(losses[n]))
                        out.cells.push_back({i, training_at(from, i, steps[n]), split,
                                             stages_.roles.of(tasks, steps[n], choice_of(from, stages_.options).own), losses[n]});
            }
        return out;
    }

private:
    struct looked_split {
        std::vector<cell_ceilings> ceilings{};
        const remembered_table* table = nullptr;  // that the next two are of
        std::optional<paired_memories> paired{};
        std::vector<predictions> of_law{};
        std::optional<mixture_compressor> compress{};
        std::vector<std::vector<mixture_loss>> losses{};
    };
    const recorded_stages& stages_;
    const precision_grid& grid_;
    const looked_at& which_;
    std::vector<per_split<looked_split>> runs_;
    std::pair<std::size_t, std::size_t> share_;
};

/// What seen tasks remembered with limited precision say of the recording.
[[nodiscard]] inline memory_report remember_recording(const recorded_stages& stages, const stage_tools& tools) {
    const auto& from = stages.from;
    const precision_grid grid(stages.options.precision_nodes);
    const auto which = looked_at_of(stages);
    cell_looker look(stages, grid, which);
    memory_seen memories{.precision = see_along(stages, 0, grid, which, look, tools),
                         .own_range = from.memory_axes[0].starts_at_generalizing,
                         .with_constant = from.roles.constant.has_value(),
                         .bits_per_task = [&](std::size_t run, double s) {
                             return from.runs[run]->memory()->nats(s) / static_cast<double>(from.runs[run]->facts.tasks) /
                                    std::numbers::ln2;
                         }};
    memories.ceilings = look.ceilings();
    const auto look_no_more = [](std::size_t, split, cell_role, const remembered_table&, const memories_along&, const predictions&) {};
    if (stages.options.compare) memories.exponent = see_along(stages, 1, grid, which, look_no_more, tools);
    tools.report("memory of limited precision: laws", 0, 1);
    memories.leave_out_infinite();
    const std::string weighed = set_name(from.strategies, stages.strategies());
    const auto of_law = look.all_sequences() ? observations{} : look.of_law();
    const reference_law reference{look.all_sequences() ? stages.found.seen : of_law, stages.found.fit,
                                  weighed == "M,G"     ? "M and G"
                                  : weighed == "M,G,C" ? "M, G and C"
                                                       : weighed + " strategies"};
    auto out = remember(memories, reference, stages, tools.execute);
    out.context = from.runs[0]->facts.context;
    std::tie(out.sequences, out.all_sequences) = look.share();
    return out;
}

}  // namespace rationale::detail

#endif
