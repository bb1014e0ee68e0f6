#ifndef RATIONALE_ANALYSIS_ANALYZE_RECORDING_HPP
#define RATIONALE_ANALYSIS_ANALYZE_RECORDING_HPP

#include <type_traits>

#include "rationale/analysis/analyze.hpp"
#include "rationale/analysis/recordings_of.hpp"

namespace rationale {

/// Opens a recording of family F and analyzes it (recordings_of, analyze).
template <task_family F, executor E = sequential, class Make = detail::make_usual_strategies>
[[nodiscard]] recording_analysis analyze_recording(const manifest& m, const analysis_options& options = {}, const E& execute = {},
                                                   const Make& make_strategies = {}) {
    return analyze(recordings_of<F, Make>::open(m, options.memory_for_arrays, make_strategies), options, execute);
}

/// The same for whichever of the families the manifest names. Throws recording_error where it names none of them.
template <class Families = known_families, executor E = sequential, class Make = detail::make_usual_strategies>
[[nodiscard]] recording_analysis analyze_any(const manifest& m, const analysis_options& options = {}, const E& execute = {},
                                             const Make& make_strategies = {}) {
    recording_source from;
    Families::visit(
        m, [&]<class F>(std::type_identity<F>) { from = recordings_of<F, Make>::open(m, options.memory_for_arrays, make_strategies); });
    return analyze(from, options, execute);
}

}  // namespace rationale

#endif
