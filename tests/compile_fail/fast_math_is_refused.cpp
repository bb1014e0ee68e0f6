// expect: rationale needs IEEE infinities and NaN: compile without -ffast-math
#define __FAST_MATH__ 1
#include "rationale/array.hpp"
