// expect: rationale::seen_tasks<F>: F must be a family with the fold of a point, see rationale/task/family.hpp
#include "rationale/rationale.hpp"

struct family_without_a_fold {
    using task_table = rationale::balls_and_urns<>::task_table;
};
template class rationale::seen_tasks<family_without_a_fold>;
