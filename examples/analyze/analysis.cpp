#include "analysis.hpp"

#include "instances.hpp"

rationale::recording_analysis analyze_known(const rationale::manifest& m, const rationale::analysis_options& options, std::size_t workers) {
    return rationale::analyze_any(m, options, rationale::threads{workers});
}
