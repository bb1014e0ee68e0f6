#ifndef RATIONALE_STRATEGY_STRATEGY_RANGE_HPP
#define RATIONALE_STRATEGY_STRATEGY_RANGE_HPP

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/softmax.hpp"
#include "rationale/strategy/any_strategy.hpp"
#include "rationale/strategy/parameter_grid.hpp"

namespace rationale {

/// A parameter of a range of strategies, and where in a list that range begins.
struct parameter_range {
    std::string parameter;  ///< its name in reports
    parameter_grid grid;    ///< its values at the nodes, and their widths
    std::size_t first = 0;  ///< place in the list of the strategy at the first node
};

/// One strategy over a range of its parameter x: the strategies at the nodes of a grid, with prior mass one together. Node i has the share
/// width_i density(x_i) of it. The base measure is the parameter's own: a memory's share of its task (prior/memory.hpp) is even on [0, 1],
/// where its precision has no end.
template <class F>
class strategy_range {
public:
    /// make(x) gives the strategy at x, and log_density(x) the logarithm in nats of the prior density at x, up to a constant. Throws
    /// std::invalid_argument for no nodes, nodes that are not in order within the grid's ends, a width that is not positive, a log density
    /// that is neither finite nor -inf, and densities that are all 0.
    template <class Make, class Density>
    strategy_range(std::string parameter, parameter_grid grid, const Make& make, const Density& log_density)
        : at_{std::move(parameter), std::move(grid)}, log_mass_(at_.grid.value.size()) {
        check_grid(at_.grid);
        for (std::size_t i = 0; i < log_mass_.size(); ++i) {
            const double x = at_.grid.value[i], density = log_density(x);
            if (!(density < std::numeric_limits<double>::infinity()))
                detail::refuse(where, "the log density at " + detail::number_text(x), detail::number_text(density), "finite or -inf");
            log_mass_[i] = std::log(at_.grid.width[i]) + density;
            strategies_.push_back(make(x));
        }
        if (log_sum_exp(log_mass_) == -std::numeric_limits<double>::infinity())
            detail::refuse(where, "the prior mass of the range", "0", "above 0");
        log_mass_ = log_softmax(std::move(log_mass_));
    }
    /// With a density that is the same everywhere.
    template <class Make>
    strategy_range(std::string parameter, parameter_grid grid, const Make& make)
        : strategy_range(std::move(parameter), std::move(grid), make, [](double) { return 0.0; }) {}

    /// The parameter and its grid.
    [[nodiscard]] const parameter_range& range() const noexcept { return at_; }
    /// The strategy at each node.
    [[nodiscard]] std::span<const any_strategy<F>> strategies() const noexcept { return strategies_; }
    /// Log prior mass of each node in nats.
    [[nodiscard]] std::span<const double> log_mass() const noexcept { return log_mass_; }
    [[nodiscard]] const F& family() const noexcept { return strategies_[0].family(); }

private:
    static constexpr const char* where = "rationale::strategy_range";

    static void check_grid(const parameter_grid& grid) {
        detail::check_at_least(where, "the number of nodes", grid.size(), 1);
        detail::check_size(where, "width", grid.width.size(), grid.size());
        for (double w : grid.width) detail::positive(where, "a width", w);
        double before = grid.lower;
        for (std::size_t i = 0; i < grid.size(); ++i) {
            const double x = grid.value[i];
            if (!((i == 0 ? x >= before : x > before) && x <= grid.upper && std::isfinite(grid.upper - grid.lower)))
                detail::refuse(where, "a node", detail::number_text(x),
                               (i == 0 ? "at least " : "above ") + detail::number_text(before) + " and at most " +
                                   detail::number_text(grid.upper) + ", both finite");
            before = x;
        }
    }

    parameter_range at_;
    std::vector<any_strategy<F>> strategies_;
    std::vector<double> log_mass_;
};

template <class Make, class... Density>
strategy_range(std::string, parameter_grid, const Make&, const Density&...)
    -> strategy_range<detail::family_of<std::invoke_result_t<const Make&, double>>>;

}  // namespace rationale

#endif
