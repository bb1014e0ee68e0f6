// expect: rationale::learner<S, E, P>: S must be strategies<...> or a strategy_list<F>
#include "rationale/rationale.hpp"

using urns = rationale::balls_and_urns<3>;
template class rationale::learner<rationale::memorizing<urns>, rationale::power_law_evidence, rationale::power_simplicity>;
