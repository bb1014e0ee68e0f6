// expect: rationale::learner<S, E, P>: P must be a simplicity law, see rationale/learner/law.hpp
#include "rationale/rationale.hpp"

using urns = rationale::balls_and_urns<>;
template class rationale::learner<rationale::strategies<rationale::memorizing<urns>>, rationale::power_law_evidence,
                                  rationale::power_law_evidence>;
