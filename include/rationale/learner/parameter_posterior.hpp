#ifndef RATIONALE_LEARNER_PARAMETER_POSTERIOR_HPP
#define RATIONALE_LEARNER_PARAMETER_POSTERIOR_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/softmax.hpp"
#include "rationale/strategy/strategy_range.hpp"

namespace rationale {

/// What a posterior says of the parameter of a range of strategies.
struct parameter_posterior {
    double mass = 0;  ///< posterior probability of the range as a whole
    double mean = 0;  ///< of the parameter, given that the strategy is of the range
    double mode = 0;  ///< where the parameter's posterior density is greatest: an end of the range, or a place between its nodes
};

namespace detail {
/// Where a density is greatest, given its logarithm at a grid's nodes: at the end that the first or the last node stands for, else at the
/// vertex of the parabola through the greatest and its neighbours in log((x - lower)/(upper - x)), on which a memory's bits are smooth up
/// to the ends.
[[nodiscard]] inline double mode_of(const parameter_grid& grid, std::span<const double> log_density) {
    const auto i = static_cast<std::size_t>(std::max_element(log_density.begin(), log_density.end()) - log_density.begin());
    if (grid.size() == 1) return grid.value[0];
    if (i == 0) return grid.lower;
    if (i + 1 == grid.size()) return grid.upper;
    const auto log_odds = [&](std::size_t j) { return std::log((grid.value[j] - grid.lower) / (grid.upper - grid.value[j])); };
    const double left = log_odds(i) - log_odds(i - 1), right = log_odds(i + 1) - log_odds(i);
    const double rise = log_density[i] - log_density[i - 1], fall = log_density[i] - log_density[i + 1];
    const double move = 0.5 * (rise * right * right - fall * left * left) / (rise * right + fall * left);
    if (!std::isfinite(move)) return grid.value[i];  // level, or beside a density of 0
    return grid.lower + (grid.upper - grid.lower) / (1 + std::exp(-log_odds(i) - move));
}
}  // namespace detail

/// The posterior of a range's parameter, from the log posterior in nats of every strategy of the list that the range is part of, up to a
/// constant: `log_posterior` of a law, with the list's masses in its account. The mean is as exact as the grid's quadrature; it is NaN
/// where no strategy of the range has mass. Throws std::invalid_argument where the range is longer than what follows its place.
[[nodiscard]] inline parameter_posterior posterior_of(const parameter_range& range, std::span<const double> log_posterior) {
    const auto& grid = range.grid;
    const std::size_t n = grid.size();
    detail::check_at_least("rationale::posterior_of", "the number of strategies", log_posterior.size(), range.first + n);
    const auto at_nodes = log_posterior.subspan(range.first, n);
    const auto given_range = softmax({at_nodes.begin(), at_nodes.end()});
    parameter_posterior out{.mass = std::exp(log_sum_exp(at_nodes) - log_sum_exp(log_posterior))};
    std::vector<double> log_density(n);
    for (std::size_t i = 0; i < n; ++i) {
        out.mean += given_range[i] * grid.value[i];
        log_density[i] = at_nodes[i] - std::log(grid.width[i]);
    }
    out.mode = detail::mode_of(grid, log_density);
    return out;
}

}  // namespace rationale

#endif
