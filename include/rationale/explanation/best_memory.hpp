#ifndef RATIONALE_EXPLANATION_BEST_MEMORY_HPP
#define RATIONALE_EXPLANATION_BEST_MEMORY_HPP

#include <limits>

#include "rationale/fit/bootstrap.hpp"

namespace rationale {

/// What explains a checkpoint best along an axis of memories, for instance the exponent of tempered memorizing.
struct best_memory {
    double value = std::numeric_limits<double>::quiet_NaN();              ///< the number along the axis
    double share = std::numeric_limits<double>::quiet_NaN();              ///< of the way along it
    interval range{};                                                     ///< of the value, over sequences resampled, 95 %
    double divergence = std::numeric_limits<double>::quiet_NaN();         ///< there
    double with_generalizing = std::numeric_limits<double>::quiet_NaN();  ///< of the best mixture with generalizing, or copying
    double pair = std::numeric_limits<double>::quiet_NaN();  ///< of the best mixture of memorizing with generalizing, or copying
};

}  // namespace rationale

#endif
