#include "instances.hpp"

namespace rationale {
RATIONALE_ANALYSIS_OF(balls_and_urns<>);
RATIONALE_ANALYSIS_OF(finite_function<>);
}  // namespace rationale
