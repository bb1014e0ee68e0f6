// expect: rationale::tempered<P>: P must be a prior of several components, to one alone it changes nothing
#include "rationale/rationale.hpp"

template class rationale::tempered<rationale::dirichlet>;
