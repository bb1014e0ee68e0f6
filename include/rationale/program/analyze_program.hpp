// The program `analyze`, for anybody's families, strategies and laws.
#ifndef RATIONALE_PROGRAM_ANALYZE_PROGRAM_HPP
#define RATIONALE_PROGRAM_ANALYZE_PROGRAM_HPP

#include <cstddef>
#include <vector>

#include "rationale/analysis/analyze_recording.hpp"
#include "rationale/execution.hpp"
#include "rationale/learner/known_laws.hpp"
#include "rationale/processes/process_team.hpp"
#include "rationale/program/run_program.hpp"
#include "rationale/recording/families.hpp"

namespace rationale {

/// The program `analyze`, whole: a main function returns what this returns, the exit status. It reads the command line (--help lists the
/// options), analyses the recordings that it names, writes results.json, cells.csv and a page, and prints a summary. A fault is a
/// sentence on standard error and a status that is not 0.
///
/// Families are those that the recordings may be of: known_families::with<mine>, or families<mine>, as each takes its time to compile.
/// `make_strategies(family, seen tasks)` says what an analysis weighs (open_recording); without it that is usual_strategies, which may be
/// overloaded beside a family. `laws` are the choices for --law, the first unless another one is asked for. `processes` analyse together
/// (analysis_options); the first of them writes and prints.
///
/// Needs CLI11 beside what files and figures need; takes compressors and OpenSSL where their headers are: CMake's rationale::program links
/// them all. Every translation unit has a function of its own, for the reason that system_compressors gives.
template <class Families = known_families, class Make = detail::make_usual_strategies>
[[nodiscard, maybe_unused]] static int analyze_program(int argc, const char* const* argv, const Make& make_strategies = {},
                                                       const std::vector<any_law>& laws = known_laws(), process_team* processes = nullptr) {
    return run_program(
        argc, argv,
        [&](const manifest& m, const analysis_options& options, std::size_t workers) {
            return analyze_any<Families>(m, options, threads{workers}, make_strategies);
        },
        laws, processes);
}

}  // namespace rationale

#endif
