#include "instances.hpp"

namespace rationale {
RATIONALE_ANALYSIS_OF(classification<>);
}  // namespace rationale
