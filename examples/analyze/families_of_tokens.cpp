#include "instances.hpp"

namespace rationale {
RATIONALE_RECORDING_OF(balls_and_urns<>);
RATIONALE_RECORDING_OF(finite_function<>);
RATIONALE_RECORDING_OF(markov_chain<>);
RATIONALE_RECORDING_OF(hidden_markov<>);
}  // namespace rationale
