#ifndef RATIONALE_FIGURE_ANALYSIS_FIGURES_HPP
#define RATIONALE_FIGURE_ANALYSIS_FIGURES_HPP

#include <span>
#include <vector>

#include "rationale/figure/curvature.hpp"
#include "rationale/figure/laws.hpp"
#include "rationale/figure/maps.hpp"
#include "rationale/figure/memory.hpp"
#include "rationale/figure/model_size.hpp"
#include "rationale/figure/odds.hpp"
#include "rationale/figure/positions.hpp"
#include "rationale/figure/recordings.hpp"
#include "rationale/figure/regret.hpp"
#include "rationale/figure/square.hpp"
#include "rationale/figure/strategy_map.hpp"
#include "rationale/figure/tasks.hpp"
#include "rationale/figure/training.hpp"

namespace rationale {

/// All figures that the analysis has data for, in the order of a report. `whole` is the same with all its checkpoints, of which the first
/// nearer to memorizing is told.
[[nodiscard]] inline std::vector<figure> figures_of(const recording_analysis& a, const recording_analysis& whole,
                                                    const palette& colours = {}) {
    std::vector<figure> all{belief_map(a, colours),
                            belief_maps(a, colours),
                            memory_by_visits(a),
                            trust_by_steps(a),
                            relative_distance_map(a, colours),
                            strategy_map(a, colours),
                            strategy_weights(a, colours),
                            predicted_and_observed(a, colours),
                            crossovers(whole, colours),
                            transience(a, colours),
                            regret_over_training(a, colours),
                            task_diversity(a, colours),
                            odds_maps(a, colours),
                            odds_over_training(a, colours),
                            evidence_accumulation(a),
                            curvature_field(a),
                            losses_and_bits(a, colours),
                            loss_difference(a, colours),
                            position_profiles(a, colours),
                            loss_difference_by_position(a),
                            relative_distances(a, colours),
                            distances(a, colours),
                            interpolation(a),
                            law_comparison(a, colours),
                            stored_bits_map(a),
                            a.square ? figure{} : precision_by_visits(a)};  // memory_by_visits shows it with trust
    std::erase_if(all, [](const figure& f) { return f.data.empty(); });
    return all;
}

[[nodiscard]] inline std::vector<figure> figures_of(const recording_analysis& a, const palette& colours = {}) {
    return figures_of(a, a, colours);
}

/// Figures of several recordings together; none for a single one.
[[nodiscard]] inline std::vector<figure> figures_of(std::span<const recording_analysis> all, const palette& colours = {}) {
    std::vector<figure> out;
    if (all.size() < 2) return out;
    out.push_back(crossovers_of(all));
    for (const auto& of : by_model_size(all)) out.push_back(boundaries_by_size(of));
    for (const auto& setting : differing_settings(all)) {
        out.push_back(parameters_against(all, setting, colours));
        out.push_back(loss_difference_against(all, setting));
    }
    std::erase_if(out, [](const figure& f) { return f.data.empty(); });
    return out;
}

}  // namespace rationale

#endif
