// expect: rationale::learner<S, E, P>: E must be an evidence law, see rationale/learner/law.hpp
#include "rationale/rationale.hpp"

struct law_without_parameters {
    template <class Real>
    static Real exposure(const std::array<Real, 0>&, const rationale::training& n) {
        return Real(n.steps);
    }
    friend bool operator==(const law_without_parameters&, const law_without_parameters&) = default;
};
using urns = rationale::balls_and_urns<>;
template class rationale::learner<rationale::strategies<rationale::memorizing<urns>>, law_without_parameters, rationale::power_simplicity>;
