// The families' recordings are compiled in two parts, families_*.cpp, so that two compilers work side by side and neither needs 2 GB: more
// parts would compile more of the same twice. A family that is missing here is compiled where it is used.
#ifndef RATIONALE_EXAMPLES_ANALYZE_INSTANCES_HPP
#define RATIONALE_EXAMPLES_ANALYZE_INSTANCES_HPP

#include "rationale/analysis/open_recording.hpp"

/// A recording of a family, opened as the program does it; after `extern` declared, alone defined.
#define RATIONALE_RECORDING_OF(...) \
    template recording_source open_recording<__VA_ARGS__>(const manifest&, memory_limit, const detail::make_usual_strategies&)

namespace rationale {
extern RATIONALE_RECORDING_OF(balls_and_urns<>);
extern RATIONALE_RECORDING_OF(linear_regression<>);
extern RATIONALE_RECORDING_OF(classification<>);
extern RATIONALE_RECORDING_OF(markov_chain<>);
extern RATIONALE_RECORDING_OF(hidden_markov<>);
extern RATIONALE_RECORDING_OF(finite_function<>);
extern RATIONALE_RECORDING_OF(gaussian_location);
extern RATIONALE_RECORDING_OF(feature_regression<fourier_basis>);
extern RATIONALE_RECORDING_OF(feature_regression<polynomial_basis>);
extern RATIONALE_RECORDING_OF(feature_regression<relu_basis>);
}  // namespace rationale

#endif
