// expect: rationale::strategies<S...>: all strategies must predict the same family
#include "rationale/rationale.hpp"

using urns = rationale::balls_and_urns<>;
using regression = rationale::linear_regression<>;
template class rationale::strategies<rationale::memorizing<urns>, rationale::memorizing<regression>>;
