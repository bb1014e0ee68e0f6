#include "instances.hpp"

namespace rationale {
RATIONALE_ANALYSIS_OF(linear_regression<>);
RATIONALE_ANALYSIS_OF(gaussian_location);
RATIONALE_ANALYSIS_OF(feature_regression<fourier_basis>);
RATIONALE_ANALYSIS_OF(feature_regression<polynomial_basis>);
RATIONALE_ANALYSIS_OF(feature_regression<relu_basis>);
RATIONALE_ANALYSIS_OF(classification<>);
}  // namespace rationale
