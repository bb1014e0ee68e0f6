#include "instances.hpp"

namespace rationale {
RATIONALE_ANALYSIS_OF(feature_regression<fourier_basis>);
RATIONALE_ANALYSIS_OF(feature_regression<polynomial_basis>);
RATIONALE_ANALYSIS_OF(feature_regression<relu_basis>);
}  // namespace rationale
