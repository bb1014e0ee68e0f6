// expect: a_branch_must_not_depend_on_lanes
#include "rationale/rationale.hpp"

struct branching : rationale::balls_and_urns<3> {
    template <class Rows, class V>
    V observe(const Rows& urn, V*, const counts&, auto, const V*, std::size_t token) const {
        if (urn[token] < V(0.5)) return V(0.0);
        return rationale::kernel::logarithm(urn[token]);
    }
};

int main() {
    const branching family;
    rationale::bayes<branching, rationale::seen_tasks<branching>> m(family, branching::task_table{{{.2, .3, .5}}});
    (void)m;
}
