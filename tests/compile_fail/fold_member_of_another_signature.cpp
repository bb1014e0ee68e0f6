// expect: rationale: the fold's `factor` must be callable as factor(rows, shared, input, observation) const with shared const
#include "rationale/rationale.hpp"

// What is shared is not const, as it must be: the engine that carries products would be given up without a word.
struct die : rationale::balls_and_urns<3> {
    template <class Rows>
    auto factor(const Rows& urn, counts&, auto, std::size_t token) const {
        return urn[token];
    }
};

int main() {
    const die family;
    rationale::bayes<die, rationale::seen_tasks<die>> m(family, die::task_table{{{.2, .3, .5}}});
    (void)m;
}
