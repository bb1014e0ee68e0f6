#ifndef RATIONALE_COMPARE_MIXING_WEIGHTS_HPP
#define RATIONALE_COMPARE_MIXING_WEIGHTS_HPP

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "rationale/compare/mixture_loss.hpp"
#include "rationale/compare/simplex_newton.hpp"

namespace rationale {

/// The mixture of strategies that is nearest to a model.
struct mixing_weights_result {
    std::vector<double> weights;  ///< on the simplex, with exact zeros
    /// KL in nats or squared error, not below 0; infinite when every mixture excludes what the model gives.
    double loss = 0;
    bool unique = true;        ///< false when other weights do as well, as for strategies that predict the same
    bool converged = true;     ///< whether the gap is at most 1e-11 of the gradient at the centre
    double gap = 0;            ///< the loss is above the least possible one by no more than this
    std::size_t excluded = 0;  ///< outcomes that the model gives and every strategy excludes; the weights are those of the rest
};

/// Maximum-likelihood mixing weights: the global minimum of a mixture's loss over the simplex, which is convex.
[[nodiscard]] inline mixing_weights_result mixing_weights(const mixture_loss& loss) {
    const auto least = [](const mixture_loss& f) { return simplex_newton(f, f.strategies()); };
    auto found = loss.finite() ? least(loss) : least(loss.without_excluded());
    const double value = loss.finite() ? (std::max)(found.value, 0.0) : std::numeric_limits<double>::infinity();
    return {std::move(found.point), value, found.unique, found.converged, found.gap, loss.excluded()};
}

}  // namespace rationale

#endif
