// Analyses that several files of tests make: what they need is compiled once, in support/analysis.cpp and in the program analyze.
#ifndef RATIONALE_TESTS_SUPPORT_ANALYSIS_HPP
#define RATIONALE_TESTS_SUPPORT_ANALYSIS_HPP

#include "analyze/instances.hpp"
#include "rationale/analysis/recording_analysis.hpp"

namespace rationale_test {

/// rationale::analyze.
[[nodiscard]] rationale::recording_analysis analyzed(const rationale::recording_source& from, const rationale::analysis_options& options,
                                                     const rationale::any_executor& execute = rationale::sequential{});

/// rationale::analyze_recording.
template <class F, class Make = rationale::detail::make_usual_strategies>
[[nodiscard]] rationale::recording_analysis analyzed(const rationale::manifest& m, const rationale::analysis_options& options,
                                                     const rationale::any_executor& execute = rationale::sequential{},
                                                     const Make& make = {}) {
    return analyzed(rationale::recordings_of<F, Make>::open(m, options.memory_for_arrays, make), options, execute);
}

}  // namespace rationale_test

#endif
