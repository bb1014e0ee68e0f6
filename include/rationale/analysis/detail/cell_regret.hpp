#ifndef RATIONALE_ANALYSIS_DETAIL_CELL_REGRET_HPP
#define RATIONALE_ANALYSIS_DETAIL_CELL_REGRET_HPP

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "rationale/analysis/detail/observed_loss.hpp"
#include "rationale/analysis/regret_report.hpp"
#include "rationale/array.hpp"

namespace rationale::detail {

/// Bootstrap samples of a cell's sequences: the ends of an interval are then off by about a tenth of its half width.
inline constexpr resampled_options cell_replicates{.replicates = 200};

/// An estimate from a number of sequences: a single one leaves its error open.
inline void require_several(resampled_estimate& of, std::size_t sequences) {
    if (sequences < 2) of.standard_error = std::numeric_limits<double>::quiet_NaN(), of.within = {};
}

/// Completes a cell, from losses by (sequence, event) of the model and of each strategy. Without `every_event` of the context it has no
/// trend. O(replicates S (T + strategies)).
[[nodiscard]] inline regret_cell with_regret(regret_cell cell, const ndarray<double, 2>& model,
                                             const std::vector<ndarray<double, 2>>& strategies, bool every_event = true) {
    const std::size_t sequences = model.shape(0), events = model.shape(1);
    const auto in_hindsight = prediction_regret(model, strategies);
    const sampled_trend trend(in_hindsight);
    const auto own = sum_by_sequence(model);
    std::vector<std::vector<double>> regret;  // against each strategy, then in hindsight
    for (const auto& q : strategies) {
        auto& against = regret.emplace_back(sum_by_sequence(q));
        for (std::size_t s = 0; s < sequences; ++s) against[s] = own[s] - against[s];
    }
    auto& hindsight = regret.emplace_back();
    for (std::size_t s = 0; s < sequences; ++s) hindsight.push_back(in_hindsight(s, events - 1));
    cell.against = resampled(
        sequences,
        [&](std::span<const std::size_t> which) {
            std::vector<double> found;  // the means of these, then the trend's exponent
            for (const auto& against : regret) {
                double sum = 0;
                for (const std::size_t s : which) sum += against[s];
                found.push_back(sum / static_cast<double>(which.size()));
            }
            if (every_event) found.push_back(trend.exponent(which));
            return found;
        },
        cell_replicates);
    for (auto& e : cell.against) require_several(e, sequences);
    if (every_event) {
        cell.trend = trend.of_all(cell.against.back());
        cell.against.pop_back();
    } else {
        cell.trend.exponent.value = std::numeric_limits<double>::quiet_NaN();
        require_several(cell.trend.exponent, sequences);
    }
    cell.hindsight = cell.against.back();
    cell.against.pop_back();
    return cell;
}

}  // namespace rationale::detail

#endif
