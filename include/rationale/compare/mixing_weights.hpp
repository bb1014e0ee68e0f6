#ifndef RATIONALE_COMPARE_MIXING_WEIGHTS_HPP
#define RATIONALE_COMPARE_MIXING_WEIGHTS_HPP

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
    double loss = 0;              ///< KL in nats or squared error; infinite when every mixture excludes what the model gives
    bool unique = true;           ///< false when other weights do as well, as for strategies that predict the same
    bool converged = true;
    double gap = 0;            ///< the loss is above the least possible one by no more than this
    std::size_t excluded = 0;  ///< outcomes that the model gives and every strategy excludes; the weights are those of the rest
};

/// Maximum-likelihood mixing weights: the global minimum of a mixture's loss over the simplex, which is convex.
[[nodiscard]] inline mixing_weights_result mixing_weights(const mixture_loss& loss) {
    auto found = loss.finite() ? simplex_newton(loss, loss.strategies()) : simplex_newton(loss.without_excluded(), loss.strategies());
    const double value = loss.finite() ? found.value : std::numeric_limits<double>::infinity();
    return {std::move(found.point), value, found.unique, found.converged, found.gap, loss.excluded()};
}

}  // namespace rationale

#endif
