#include "instances.hpp"

namespace rationale {
RATIONALE_RECORDING_OF(linear_regression<>);
RATIONALE_RECORDING_OF(gaussian_location);
RATIONALE_RECORDING_OF(feature_regression<fourier_basis>);
RATIONALE_RECORDING_OF(feature_regression<polynomial_basis>);
RATIONALE_RECORDING_OF(feature_regression<relu_basis>);
RATIONALE_RECORDING_OF(classification<>);
}  // namespace rationale
