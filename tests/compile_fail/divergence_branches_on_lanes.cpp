// expect: a_branch_must_not_depend_on_lanes
#include "rationale/rationale.hpp"

struct branching {
    static constexpr std::string_view name = "a divergence with an if";
    template <class V>
    V operator()(V p, V q) const {
        if (p > q) return p - q;
        return V(0.0);
    }
    friend bool operator==(branching, branching) = default;
};

int main() {
    const rationale::predictions a;
    (void)rationale::divergences(branching{}, a, a);
}
