// The program `analyze` for an analysis that is compiled elsewhere.
#ifndef RATIONALE_PROGRAM_RUN_PROGRAM_HPP
#define RATIONALE_PROGRAM_RUN_PROGRAM_HPP

#include <exception>
#include <utility>
#include <vector>

#include "rationale/complexity/compressors.hpp"
#include "rationale/learner/known_laws.hpp"
#include "rationale/processes/process_team.hpp"
#include "rationale/program/analyzing_program.hpp"
#include "rationale/program/command_line.hpp"
#include "rationale/program/output.hpp"
#include "rationale/program/sha256.hpp"
#include "rationale/recording/text.hpp"

namespace rationale {

/// Analyses a recording with options on so many threads; 0 is one a processor.
using analyze_function = detail::analyzing_program::analyze_function;

/// The program `analyze` (analyze_program.hpp), whose analyses are those of `analyze`: a translation unit that has this and a declaration
/// of that compiles no analysis. Every translation unit has a function of its own, for the reason that system_compressors gives.
[[nodiscard, maybe_unused]] static int run_program(int argc, const char* const* argv, analyze_function analyze,
                                                   const std::vector<any_law>& laws = known_laws(), process_team* processes = nullptr) {
    detail::reserve_standard_streams();
    const bool prints = !processes || processes->rank() == 0;
    const detail::analyzing_program program({argv, argv + argc}, std::move(analyze), detail::system_sha256());
    process_team* others = nullptr;  // that know of nothing before the options are read
    try {
        detail::command_line line(laws);
        if (const auto answer = line.read(argc, argv)) {
            if (prints) detail::print_error(answer->error), detail::print(answer->output);
            return answer->code;
        }
        line.request().options.compressors = system_compressors();
        line.request().options.processes = others = processes;
        program.run(line.request());
        return 0;
    } catch (const std::exception& e) {
        if (others) others->leave(std::current_exception());
        if (prints) detail::print_error(program.name() + ": " + detail::shown(e.what()) + "\n");
        return 1;
    }
}

}  // namespace rationale

#endif
