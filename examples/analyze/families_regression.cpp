#include "instances.hpp"

namespace rationale {
RATIONALE_ANALYSIS_OF(linear_regression<>);
RATIONALE_ANALYSIS_OF(gaussian_location);
}  // namespace rationale
