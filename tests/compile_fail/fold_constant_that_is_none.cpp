// expect: rationale: the fold's `reads_by_event` must be static and constexpr
#include "rationale/rationale.hpp"

struct die : rationale::balls_and_urns<3> {
    bool reads_by_event = true;
};

int main() {
    const die family;
    rationale::bayes<die, rationale::seen_tasks<die>> m(family, die::task_table{{{.2, .3, .5}}});
    (void)m;
}
