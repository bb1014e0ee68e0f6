// Each family's analysis is compiled on its own, in families_*.cpp, so that compilers work side by side and none needs much memory. A
// family that is missing here is compiled where it is used.
#ifndef RATIONALE_EXAMPLES_ANALYZE_INSTANCES_HPP
#define RATIONALE_EXAMPLES_ANALYZE_INSTANCES_HPP

#include "rationale/analysis/analyze_recording.hpp"

/// The analysis of a recording of FAMILY, as the program does it; after `extern` declared, alone defined.
#define RATIONALE_ANALYSIS_OF(...)                                                                                       \
    template recording_analysis analyze_recording<__VA_ARGS__>(const manifest&, const analysis_options&, const threads&, \
                                                               const detail::make_usual_strategies&)

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
extern template void explain(recording_analysis&, const observations&, const observations&, const explain_options&, const progress_report&,
                             const threads&);
extern template memory_report remember(observations&, std::span<const std::vector<double>>, std::span<const double>, const observations&,
                                       const law_fit&, const precision_grid&, bool, const std::function<double(double)>&,
                                       const std::function<double(double)>&, const std::function<double(std::size_t, double)>&,
                                       const fit_options&, const bootstrap_options&, const threads&);
}  // namespace detail
}  // namespace rationale

#endif
