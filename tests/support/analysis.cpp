#include "support/analysis.hpp"

namespace rationale_test {

rationale::recording_analysis analyzed(const rationale::recording_source& from, const rationale::analysis_options& options,
                                       const rationale::any_executor& execute) {
    return rationale::analyze(from, options, execute);
}

}  // namespace rationale_test
