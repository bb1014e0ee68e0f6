#include "rationale/analysis/recordings_of.hpp"

namespace rationale {
template struct recordings_of<linear_regression<>>;
template struct recordings_of<gaussian_location>;
template struct recordings_of<feature_regression<fourier_basis>>;
template struct recordings_of<feature_regression<polynomial_basis>>;
template struct recordings_of<feature_regression<relu_basis>>;
template struct recordings_of<classification<>>;
}  // namespace rationale
