// expect: rationale::bayes<F, P>: F must be a task family, see rationale/task/family.hpp
#include "rationale/rationale.hpp"

struct not_a_family {};
template class rationale::bayes<not_a_family, rationale::dirichlet>;
