#include "instances.hpp"

namespace rationale::detail {
template void explain(recording_analysis&, const observations&, const observations&, const explain_options&, const progress_report&,
                      const threads&);
template memory_report remember(observations&, std::span<const std::vector<double>>, std::span<const double>, const observations&,
                                const law_fit&, const precision_grid&, bool, const std::function<double(double)>&,
                                const std::function<double(double)>&, const std::function<double(std::size_t, double)>&, const fit_options&,
                                const bootstrap_options&, const threads&);
}  // namespace rationale::detail
