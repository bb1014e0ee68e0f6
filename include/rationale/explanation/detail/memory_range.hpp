#ifndef RATIONALE_EXPLANATION_DETAIL_MEMORY_RANGE_HPP
#define RATIONALE_EXPLANATION_DETAIL_MEMORY_RANGE_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "rationale/explanation/best_memory.hpp"
#include "rationale/explanation/detail/memory_curve.hpp"
#include "rationale/fit/bootstrap.hpp"
#include "rationale/fit/observations.hpp"
#include "rationale/learner/precision_grid.hpp"

namespace rationale::detail {

/// What an analysis needs to know of an axis of memories (memory_axis.hpp), with the family forgotten, and what was seen along it. Cells
/// are those of the observations it belongs to.
struct memory_range {
    std::string name{};                              ///< of the number: precision, exponent
    precision_grid grid{1};                          ///< shares along the axis that laws weigh
    std::function<double(double)> value{}, share{};  ///< of a share, and of a value
    std::vector<memory_curve> curves{};              ///< of each cell
};

/// What explains a cell of some observations best along an axis, evaluated, and how sure that is: over `draws` samples of its sequences,
/// 95 %, and itself. Of a sample the best share is found between the places at which the cell's memories were evaluated.
[[nodiscard]] inline best_memory best_of(const memory_range& range, const observations& o, std::size_t cell, std::uint64_t seed,
                                         int draws = 100) {
    const auto& curve = range.curves[cell];
    const auto& parts = o.cells[cell].parts;
    const std::size_t best = curve.best();
    best_memory out{.value = range.value(curve.share[best]), .share = curve.share[best], .divergence = curve.whole[best]};
    out.with_generalizing = curve.with_other, out.pair = curve.pair;
    philox rng = stream(purpose::resampled_parts, seed, cell);
    std::vector<double> shares;
    for (int b = 0; b < draws && parts.size() > 1; ++b)
        shares.push_back(promised_least(curve.share, curve.drawn(draw_parts(rng, parts))).first);
    if (!shares.empty()) {
        const auto between = percentile_interval(shares);
        out.range = {range.value((std::min)(between.lower, out.share)), range.value((std::max)(between.upper, out.share))};
    }
    return out;
}

}  // namespace rationale::detail

#endif
