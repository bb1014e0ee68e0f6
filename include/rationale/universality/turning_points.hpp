#ifndef RATIONALE_UNIVERSALITY_TURNING_POINTS_HPP
#define RATIONALE_UNIVERSALITY_TURNING_POINTS_HPP

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/universality/resampled.hpp"

namespace rationale {

/// Where a curve turns.
struct turning_point {
    double at = 0;      ///< on its axis
    double height = 0;  ///< the curve there
    bool peak = true;   ///< otherwise a valley
};

/// Turning points of a curve through (x_i, y_i), x increasing: peaks and valleys by turns, in order. A turn counts where the curve has come
/// by more than `prominence` and goes back by more than it, so that the noise of a curve whose standard error is well below that makes
/// none. A curve's ends are none. O(n). Throws std::invalid_argument for another number of y than of x, x that does not increase and a
/// prominence that is negative or no number.
[[nodiscard]] inline std::vector<turning_point> turning_points(std::span<const double> x, std::span<const double> y,
                                                               double prominence = 0) {
    constexpr const char* where = "rationale::turning_points";
    detail::check_size(where, "y", y.size(), x.size());
    detail::not_negative(where, "prominence", prominence);
    for (std::size_t i = 1; i < x.size(); ++i)
        if (!(x[i] > x[i - 1])) detail::refuse(where, "x[" + std::to_string(i) + "]", detail::number_text(x[i]), "above the one before");
    std::vector<turning_point> out;
    std::size_t highest = 0, lowest = 0;
    int direction = 0;  // 1 after a rise of more than the prominence, -1 after such a fall
    for (std::size_t i = 1; i < y.size(); ++i) {
        if (y[i] > y[highest]) highest = i;
        if (y[i] < y[lowest]) lowest = i;
        if (direction >= 0 && y[highest] - y[i] > prominence) {
            if (direction != 0) out.push_back({x[highest], y[highest], true});
            direction = -1, lowest = i;
            highest = i;
        } else if (direction <= 0 && y[i] - y[lowest] > prominence) {
            if (direction != 0) out.push_back({x[lowest], y[lowest], false});
            direction = 1, highest = i;
            lowest = i;
        }
    }
    return out;
}

/// Where a curve is highest: a parabola's top through the highest point and its neighbours, or the point itself at an end.
[[nodiscard]] inline turning_point highest_point(std::span<const double> x, std::span<const double> y) {
    detail::check_size("rationale::highest_point", "y", y.size(), x.size());
    detail::check_at_least("rationale::highest_point", "the number of points", x.size(), 1);
    std::size_t top = 0;
    for (std::size_t i = 1; i < y.size(); ++i)
        if (y[i] > y[top]) top = i;
    if (top == 0 || top + 1 == y.size()) return {x[top], y[top], true};
    const double left = x[top - 1] - x[top], right = x[top + 1] - x[top], a = y[top - 1] - y[top], b = y[top + 1] - y[top];
    const double curvature = (a / left - b / right) / (left - right), slope = a / left - curvature * left;
    if (!(curvature < 0)) return {x[top], y[top], true};
    return {x[top] - 0.5 * slope / curvature, y[top] - 0.25 * slope * slope / curvature, true};
}

/// The generalization gap along training, and where it peaks.
struct generalization_gap_result {
    std::vector<resampled_estimate> gap{};  ///< at each checkpoint, loss out of distribution minus loss in distribution
    resampled_estimate peak{};              ///< where it is largest, on the axis given: from there on generalization gains on memory
    resampled_estimate height{};            ///< the gap there
    std::vector<turning_point> turns{};     ///< of the gap: of a prominence of four standard errors, three of a difference
};

/// The gap ID against OOD along training from a recording alone (arXiv 2506.21551 follows generalization in pretraining without a test set;
/// arXiv 2410.01769 has the gap as a function of complexity, whose peak is where reliance on memory peaks): `id` and `ood` have the loss of
/// each checkpoint and unit, (checkpoint, unit); a unit is a sequence or, paired, a run of another seed. `axis` has log N of the
/// checkpoints, or with a row for each number of tasks, log D: the peak is then the task diversity at which memory is relied on most. Units
/// of both splits are resampled apart unless `paired`. O(replicates x all losses). Throws std::invalid_argument for shapes that differ.
[[nodiscard]] inline generalization_gap_result generalization_gap(std::span<const double> axis, const ndarray<double, 2>& id,
                                                                  const ndarray<double, 2>& ood, bool paired = false,
                                                                  const resampled_options& options = {}) {
    constexpr const char* where = "rationale::generalization_gap";
    const std::size_t n = axis.size(), of_id = id.shape(1), of_ood = ood.shape(1);
    detail::check_size(where, "the first axis of id", id.shape(0), n);
    detail::check_size(where, "the first axis of ood", ood.shape(0), n);
    if (paired) detail::check_size(where, "the second axis of ood", of_ood, of_id);
    for (const std::size_t units : {of_id, of_ood, n}) detail::check_at_least(where, "every axis", units, 1);
    const auto statistics = [&](std::span<const std::size_t> ids, std::span<const std::size_t> oods) {
        std::vector<double> gap(n);
        for (std::size_t i = 0; i < n; ++i) {
            for (const std::size_t unit : oods) gap[i] += ood(i, unit) / static_cast<double>(oods.size());
            for (const std::size_t unit : ids) gap[i] -= id(i, unit) / static_cast<double>(ids.size());
        }
        const auto top = highest_point(axis, gap);
        gap.push_back(top.at), gap.push_back(top.height);
        return gap;
    };
    auto all = paired ? resampled(
                            of_id, [&](auto which) { return statistics(which, which); }, options)
                      : resampled(std::array{of_id, of_ood}, statistics, options);
    generalization_gap_result out;
    out.peak = all[n], out.height = all[n + 1];
    all.resize(n);
    out.gap = std::move(all);
    std::vector<double> mean;
    double error = 0;
    for (const auto& g : out.gap) mean.push_back(g.value), error = g.standard_error > error ? g.standard_error : error;
    out.turns = turning_points(axis, mean, 4 * error);
    return out;
}

}  // namespace rationale

#endif
