// What analysis.cpp does not compile itself, so that compilers work side by side and none needs 2 GB: the families in two parts,
// families_*.cpp; more parts would compile more of the same twice. A family that is missing here is compiled in analysis.cpp.
#ifndef RATIONALE_EXAMPLES_ANALYZE_INSTANCES_HPP
#define RATIONALE_EXAMPLES_ANALYZE_INSTANCES_HPP

#include "rationale/analysis/analyze_recording.hpp"

namespace rationale {
extern template struct recordings_of<balls_and_urns<>>;
extern template struct recordings_of<linear_regression<>>;
extern template struct recordings_of<classification<>>;
extern template struct recordings_of<markov_chain<>>;
extern template struct recordings_of<hidden_markov<>>;
extern template struct recordings_of<finite_function<>>;
extern template struct recordings_of<gaussian_location>;
extern template struct recordings_of<feature_regression<fourier_basis>>;
extern template struct recordings_of<feature_regression<polynomial_basis>>;
extern template struct recordings_of<feature_regression<relu_basis>>;
}  // namespace rationale

#endif
