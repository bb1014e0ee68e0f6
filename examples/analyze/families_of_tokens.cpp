#include "instances.hpp"

namespace rationale {
RATIONALE_ANALYSIS_OF(balls_and_urns<>);
RATIONALE_ANALYSIS_OF(finite_function<>);
RATIONALE_ANALYSIS_OF(markov_chain<>);
RATIONALE_ANALYSIS_OF(hidden_markov<>);
}  // namespace rationale
