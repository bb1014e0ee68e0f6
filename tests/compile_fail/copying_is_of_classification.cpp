// expect: rationale::copying<F>: F must be a classification, see rationale/task/classification.hpp
#include "rationale/rationale.hpp"

template class rationale::copying<rationale::linear_regression<>>;
