#ifndef RATIONALE_ANALYSIS_RECORDINGS_OF_HPP
#define RATIONALE_ANALYSIS_RECORDINGS_OF_HPP

#include "rationale/analysis/open_recording.hpp"

namespace rationale {

/// Recordings of family F, as analyze_recording and analyze_any open them. Here is most of what a family takes to compile, so a program of
/// several translation units can do it in one of them: there it has `template struct rationale::recordings_of<F>;`, and where these are
/// called `extern template struct rationale::recordings_of<F>;` before.
template <task_family F, class Make = detail::make_usual_strategies>
struct recordings_of {
    /// open_recording.
    [[nodiscard]] static recording_source open(const manifest& m, memory_limit room = {}, const Make& make_strategies = {});
};

// Not in the class: it would be inline there, and compiled by everyone who calls it.
template <task_family F, class Make>
recording_source recordings_of<F, Make>::open(const manifest& m, memory_limit room, const Make& make_strategies) {
    return open_recording<F>(m, room, make_strategies);
}

}  // namespace rationale

#endif
