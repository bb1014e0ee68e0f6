#include "instances.hpp"

namespace rationale {
RATIONALE_ANALYSIS_OF(markov_chain<>);
RATIONALE_ANALYSIS_OF(hidden_markov<>);
}  // namespace rationale
