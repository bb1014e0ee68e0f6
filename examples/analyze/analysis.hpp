#ifndef RATIONALE_EXAMPLES_ANALYZE_ANALYSIS_HPP
#define RATIONALE_EXAMPLES_ANALYZE_ANALYSIS_HPP

#include <cstddef>

#include "rationale/analysis/analysis_options.hpp"
#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/recording/manifest.hpp"

/// rationale::analyze_any of the known families, on so many threads.
[[nodiscard]] rationale::recording_analysis analyze_known(const rationale::manifest& m, const rationale::analysis_options& options,
                                                          std::size_t workers);

#endif
