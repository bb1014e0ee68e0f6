// expect: rationale::bayes: regression must be remembered with one precision for all tasks
#include <vector>

#include "rationale/rationale.hpp"

using regression = rationale::linear_regression<>;
template class rationale::bayes<regression, rationale::remembered<rationale::seen_tasks<regression>, std::vector<double>>>;
