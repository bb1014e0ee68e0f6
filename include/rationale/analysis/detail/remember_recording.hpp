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

#include "rationale/analysis/detail/looked_models.hpp"
#include "rationale/analysis/detail/memory_ceilings.hpp"
#include "rationale/analysis/detail/recorded_stages.hpp"
#include "rationale/analysis/detail/remember.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/compare/subset.hpp"
#include "rationale/explanation/detail/memory_curve.hpp"
#include "rationale/split.hpp"

namespace rationale::detail {

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

/// What memories of one table of seen tasks predict along an axis, of a split.
struct remembered_table {
    const run_source* source = nullptr;
    std::vector<predictions> parts{};   // predictions along the axis, generalizing, constant
    predictions start{}, memorizing{};  // at the axis's ends; no start where that is generalizing
};

/// The losses and bits along an axis, at the nodes of a grid, and those of generalizing and the constant, for one run.
[[nodiscard]] inline observed_run known_along(const recorded_stages& stages, std::size_t axis, const precision_grid& grid, std::size_t run,
                                              const any_executor& execute) {
    const auto& losses = stages.losses[run];
    const auto& memory = *stages.from.runs[run]->memory();
    const auto& roles = stages.from.roles;
    observed_run out{.tasks = losses.tasks, .seed = losses.seed};
    std::vector<std::size_t> weighed{roles.memorizing, roles.generalizing};
    if (roles.constant) weighed.push_back(*roles.constant);
    std::vector<double> numbers;
    std::vector<std::optional<double>> programs;
    for (std::size_t q : weighed) numbers.push_back(losses.descriptions[q].bits), programs.push_back(losses.programs[q]);
    const auto bits = complexities(numbers, programs);
    auto& known = out.known;
    for (double s : grid.share) known.complexity.push_back(memory.bits(axis, s, bits[0], bits[0] - numbers[0]));
    known.complexity.push_back(bits[1]);
    known.complexity.push_back(roles.constant ? bits[2] : 0);  // no law has it then
    const auto estimate = memory.losses(axis, grid.share, stages.options.losses, execute);
    known.loss = estimate.mean;
    out.loss_covariance = covariance_of(estimate);
    return out;
}

/// What memories predict along an axis, at the nodes of a grid, of some sequences of a split of a run, and generalizing and the constant.
[[nodiscard]] inline std::vector<remembered_table> remember_split(const recorded_stages& stages, std::size_t axis,
                                                                  const precision_grid& grid, const split_of_run& at,
                                                                  const sequence_numbers& which, const any_executor& execute) {
    std::vector<remembered_table> out;
    if (which.empty()) return out;
    for (const auto* const source : stages.from.runs[at.run]->tables()) {
        const auto& memory = *source->memory();
        auto& table = out.emplace_back(remembered_table{.source = source});
        table.parts = memory.predict_range(axis, grid.share, at.split, which, execute);
        if (!stages.from.memory_axes[axis].starts_at_generalizing) table.start = memory.predict(axis, 0, at.split, which, execute);
        table.memorizing = memory.predict(axis, 1, at.split, which, execute);
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

/// What is looked for in a cell beside its curve.
struct looked_cell {
    cell_ceilings ceilings{};
    /// By the law's own strategies, where only some of the sequences are looked at.
    std::vector<mixture_loss> of_law{};
};
/// What is seen of a split along an axis, cell by cell.
struct cells_along {
    std::vector<observed_cell> cells{};
    std::vector<memory_curve> curves{};
    std::vector<looked_cell> looked{};
};
template <class Bytes>
void fields(Bytes& bytes, cell_ceilings& x) {
    auto& [bayes_mixture, some_tasks, precision_and_exponent, and_power] = x;
    bytes(bayes_mixture, some_tasks, precision_and_exponent, and_power);
}
template <class Bytes>
void fields(Bytes& bytes, looked_cell& x) {
    auto& [ceilings, of_law] = x;
    bytes(ceilings, of_law);
}
template <class Bytes>
void fields(Bytes& bytes, cells_along& x) {
    auto& [cells, curves, looked] = x;
    bytes(cells, curves, looked);
}

/// What is seen of a recording along an axis of memories: its runs' known numbers, and each cell's loss as a function of the weights of the
/// grid's nodes, generalizing and the constant, with its divergences along the axis; and what look(run, split, role, remembered table,
/// memories, model) finds in every cell, which sees those of a run's split in order and others at the same time.
template <class Look>
[[nodiscard]] std::pair<axis_seen, std::vector<looked_cell>> see_along(const recorded_stages& stages, std::size_t axis,
                                                                       const precision_grid& grid, const looked_at& which, Look& look,
                                                                       const stage_tools& tools) {
    const auto& from = stages.from;
    const std::size_t runs = from.runs.size();
    const std::size_t strategies = stages.strategies();
    const std::string stage = "memory of limited precision: " + from.memory_axes[axis].name;
    const auto probes = precision_probes(grid);
    axis_seen out{.range = {.name = from.memory_axes[axis].name,
                            .grid = grid,
                            .value = from.memory_axes[axis].value,
                            .share = from.memory_axes[axis].share}};
    out.seen.runs.resize(runs);
    in_shares(tools.team, out.seen.runs, [&](const std::vector<std::size_t>& mine) {
        for (const std::size_t i : mine) {
            tools.report(stage, i, 3 * runs);
            out.seen.runs[i] = known_along(stages, axis, grid, i, tools.execute);
        }
    });
    const auto look_at = [&](std::size_t run, split split, const remembered_table& table, cells_along& to) {
        const auto& parts = table.parts;
        const auto& source = *table.source;
        const auto& generalizing = parts[grid.size()];
        memories_along memories{.share = with_ends(grid), .predict = [&](double s) {
                                    return source.memory()->predict(axis, s, split, which[run][split], sequential{});
                                }};
        memories.at.push_back(from.memory_axes[axis].starts_at_generalizing ? &generalizing : &table.start);
        for (std::size_t q = 0; q < grid.size(); ++q) memories.at.push_back(&parts[q]);
        memories.at.push_back(&table.memorizing);
        const mixture_compressor compress(parts, probes);
        const paired_with generalizing_too(memories.at, generalizing);
        for_each_looked(stages, {run, split}, source, [&](std::size_t n, const predictions& model) {
            const auto step = source.facts.steps[n];
            const auto role = stages.roles.of(source.facts.tasks, step, strategies);
            to.cells.push_back({run, training_at(from, run, step), split, role, compress.parts(model, sequence_parts)});
            to.looked.push_back(look(run, split, role, table, memories, model));
            to.curves.push_back(curve_of(model, memories, generalizing, generalizing_too));
        });
    };
    auto found = of_splits<cells_along>(from, tools.team, [&](const std::vector<split_of_run>& mine, const std::vector<cells_along*>& to) {
        std::vector<std::vector<remembered_table>> tables;
        for (const auto& at : mine) {
            tools.report(stage, mine.size() + tables.size(), 3 * mine.size());
            tables.push_back(remember_split(stages, axis, grid, at, which[at.run][at.split], tools.execute));
        }
        const progress_report second_half = [&](const std::string&, std::size_t done, std::size_t of) {
            tools.report(stage, of + done / 2, 3 * of / 2);
        };
        for_each_split(mine.size(), "", {tools.execute, second_half}, [&](std::size_t i) {
            for (const auto& table : tables[i]) look_at(mine[i].run, mine[i].split, table, *to[i]);
        });
    });
    std::vector<looked_cell> looked;
    for (auto& run : found)
        for (const split split : splits) {
            add_cells(out.seen, from, std::move(run[split].cells));
            std::move(run[split].curves.begin(), run[split].curves.end(), std::back_inserter(out.range.curves));
            std::move(run[split].looked.begin(), run[split].looked.end(), std::back_inserter(looked));
        }
    return {std::move(out), std::move(looked)};
}

/// Looks for ceilings in every cell, and at the law's own strategies where only some of the sequences are looked at.
class cell_looker {
public:
    cell_looker(const recorded_stages& stages, const precision_grid& grid, const looked_at& which)
        : stages_(stages), grid_(grid), which_(which), runs_(which.size()), share_(least_share(stages, which)) {}
    /// Of the run with the least share of them: sequences that are looked at, and all.
    [[nodiscard]] std::pair<std::size_t, std::size_t> share() const noexcept { return share_; }
    [[nodiscard]] bool all_sequences() const noexcept { return share_.first == share_.second; }

    [[nodiscard]] looked_cell operator()(std::size_t run, split split, cell_role role, const remembered_table& remembered,
                                         memories_along& memories, const predictions& model) {
        auto& at = runs_[run][split];
        if (at.table != &remembered) at.table = &remembered, at.paired.reset(), at.compress.reset();
        const auto& generalizing = remembered.parts[grid_.size()];
        const bool compare = stages_.options.compare, own_range = stages_.from.memory_axes[0].starts_at_generalizing;
        looked_cell out;
        auto& c = out.ceilings;
        c.bayes_mixture = least_of_bayes_mixtures(model, remembered.memorizing, generalizing);
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
        if (all_sequences()) return out;
        if (!at.compress) {
            at.of_law = remembered.source->predict(split, which_[run][split], sequential{});
            at.of_law.resize(stages_.strategies());
            at.compress.emplace(std::span<const predictions>(at.of_law));
        }
        out.of_law = at.compress->parts(model, sequence_parts);
        return out;
    }

private:
    struct split_tools {
        const remembered_table* table = nullptr;  // that the others are of
        std::optional<paired_memories> paired{};
        std::vector<predictions> of_law{};
        std::optional<mixture_compressor> compress{};
    };
    const recorded_stages& stages_;
    const precision_grid& grid_;
    const looked_at& which_;
    std::vector<per_split<split_tools>> runs_;
    std::pair<std::size_t, std::size_t> share_;
};

/// What the law's own strategies are observed to be on the sequences that are looked at, where these are not all.
[[nodiscard]] inline observations of_law(const recorded_stages& stages, const std::vector<observed_cell>& cells,
                                         std::vector<looked_cell>& looked) {
    observations out{.runs = stages.found.seen.runs};
    for (std::size_t i = 0; i < cells.size(); ++i)
        if (const auto& c = cells[i]; is_finite(looked[i].of_law))
            out.cells.push_back({c.run, c.at, c.split, c.role, std::move(looked[i].of_law)});
    return out;
}

/// What seen tasks remembered with limited precision say of the recording.
[[nodiscard]] inline memory_report remember_recording(const recorded_stages& stages, const stage_tools& tools) {
    const auto& from = stages.from;
    const precision_grid grid(stages.options.precision_nodes);
    const auto which = looked_at_of(stages);
    cell_looker look(stages, grid, which);
    auto [precision, looked] = see_along(stages, 0, grid, which, look, tools);
    const auto of_law_here = look.all_sequences() ? observations{} : of_law(stages, precision.seen.cells, looked);
    memory_seen memories{.precision = std::move(precision),
                         .own_range = from.memory_axes[0].starts_at_generalizing,
                         .with_constant = from.roles.constant.has_value(),
                         .bits_per_task = [&](std::size_t run, double s) {
                             return from.runs[run]->memory()->nats(s) / static_cast<double>(from.runs[run]->facts.tasks) /
                                    std::numbers::ln2;
                         }};
    for (const auto& c : looked) memories.ceilings.push_back(c.ceilings);
    const auto look_no_more = [](std::size_t, split, cell_role, const remembered_table&, const memories_along&, const predictions&) {
        return looked_cell{};
    };
    if (stages.options.compare) memories.exponent = see_along(stages, 1, grid, which, look_no_more, tools).first;
    tools.report("memory of limited precision: laws", 0, 1);
    memories.leave_out_infinite();
    const std::string weighed = set_name(from.strategies, stages.strategies());
    const reference_law reference{look.all_sequences() ? stages.found.seen : of_law_here, stages.found.fit,
                                  weighed == "M,G"     ? "M and G"
                                  : weighed == "M,G,C" ? "M, G and C"
                                                       : weighed + " strategies"};
    auto out = remember(memories, reference, stages, tools);
    out.rows = from.runs[0]->facts.rows;
    out.context = static_cast<double>(from.runs[0]->facts.context) / static_cast<double>(out.rows);
    std::tie(out.sequences, out.all_sequences) = look.share();
    return out;
}

}  // namespace rationale::detail

#endif
