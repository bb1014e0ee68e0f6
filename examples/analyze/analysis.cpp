#include "instances.hpp"

namespace rationale {
template recording_analysis analyze_any<known_families, threads>(const manifest&, const analysis_options&, const threads&,
                                                                 const detail::make_usual_strategies&);
}  // namespace rationale
