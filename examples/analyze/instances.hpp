// The families' analyses are compiled in two parts, families_*.cpp, so that two compilers work side by side and neither needs 2 GB: more
// parts would compile more of the same twice. A family that is missing here is compiled where it is used.
#ifndef RATIONALE_EXAMPLES_ANALYZE_INSTANCES_HPP
#define RATIONALE_EXAMPLES_ANALYZE_INSTANCES_HPP

#include "rationale/analysis/analyze_recording.hpp"

/// The analysis of a recording of a family, as the program does it; after `extern` declared, alone defined.
#define RATIONALE_ANALYSIS_OF(...) template decltype(analyze_recording<__VA_ARGS__, threads>) analyze_recording<__VA_ARGS__, threads>

namespace rationale {
extern RATIONALE_ANALYSIS_OF(balls_and_urns<>);
extern RATIONALE_ANALYSIS_OF(linear_regression<>);
extern RATIONALE_ANALYSIS_OF(classification<>);
extern RATIONALE_ANALYSIS_OF(markov_chain<>);
extern RATIONALE_ANALYSIS_OF(hidden_markov<>);
extern RATIONALE_ANALYSIS_OF(finite_function<>);
extern RATIONALE_ANALYSIS_OF(gaussian_location);
extern RATIONALE_ANALYSIS_OF(feature_regression<fourier_basis>);
extern RATIONALE_ANALYSIS_OF(feature_regression<polynomial_basis>);
extern RATIONALE_ANALYSIS_OF(feature_regression<relu_basis>);
namespace detail {
extern template decltype(explain<threads>) explain<threads>;
extern template decltype(remember<threads>) remember<threads>;
}  // namespace detail
}  // namespace rationale

#endif
