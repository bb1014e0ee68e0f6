#ifndef RATIONALE_FIGURE_THINNED_HPP
#define RATIONALE_FIGURE_THINNED_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"

namespace rationale::detail {

/// Cells of a recording that a page draws; more make it slow.
inline constexpr std::size_t most_drawn_cells = 1200;

/// The greatest number of checkpoints of a run.
inline std::size_t most_checkpoints(const recording_analysis& a) {
    std::size_t most = 0;
    for (const auto& r : a.runs) most = (std::max)(most, r.steps.size());
    return most;
}

/// The analysis with fewer checkpoints of each run, evenly chosen, first and last among them, so that there are about `most` cells; at
/// least eight checkpoints stay, and the gap stays where it turns.
inline recording_analysis thinned(recording_analysis a, std::size_t most = most_drawn_cells) {
    const std::size_t wanted = (std::max)(std::size_t{8}, most_checkpoints(a) * most / (std::max)(a.cells.size(), std::size_t{1}));
    if (a.cells.size() <= most || wanted >= most_checkpoints(a)) return a;
    std::vector<std::set<std::int64_t>> chosen;
    for (auto& r : a.runs) {
        auto& steps = chosen.emplace_back();
        const std::size_t last = r.steps.size() - 1, of = (std::min)(wanted, r.steps.size());
        for (std::size_t i = 0; i < of; ++i) steps.insert(r.steps[of == 1 ? last : i * last / (of - 1)]);
        std::vector<double> losses;
        for (std::size_t i = 0; i < r.train_loss.size(); ++i)
            if (steps.contains(r.steps[i])) losses.push_back(r.train_loss[i]);
        r.train_loss = std::move(losses);
        r.steps.assign(steps.begin(), steps.end());
    }
    const auto left_out = [&](const auto& cell) { return !chosen[cell.run].contains(cell.step); };
    std::erase_if(a.cells, left_out);
    if (a.square) std::erase_if(a.square->places, left_out);
    if (a.memory) std::erase_if(a.memory->cells, left_out);
    std::set<std::pair<std::size_t, double>> turns;
    for (const auto& g : a.regret.turns)
        for (const auto& turn : g.turns) turns.emplace(g.run, turn.at);
    std::erase_if(a.regret.cells, left_out);
    std::erase_if(a.regret.gaps, [&](const gap_cell& c) { return left_out(c) && !turns.contains({c.run, static_cast<double>(c.step)}); });
    return a;
}

}  // namespace rationale::detail

#endif
