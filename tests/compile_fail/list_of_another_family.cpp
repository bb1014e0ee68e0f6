// expect: rationale::strategy_list<F>: every part must be a strategy of F, a range or a list of such
#include "rationale/rationale.hpp"

using urns = rationale::balls_and_urns<3>;
using more_urns = rationale::balls_and_urns<4>;
const rationale::strategy_list all(rationale::generalizing<urns>(urns{}), rationale::generalizing<more_urns>(more_urns{}));
