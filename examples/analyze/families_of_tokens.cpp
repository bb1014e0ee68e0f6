#include "rationale/analysis/recordings_of.hpp"

namespace rationale {
template struct recordings_of<balls_and_urns<>>;
template struct recordings_of<finite_function<>>;
template struct recordings_of<markov_chain<>>;
template struct recordings_of<hidden_markov<>>;
}  // namespace rationale
