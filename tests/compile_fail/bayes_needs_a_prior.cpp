// expect: rationale::bayes<F, P>: P must be a prior for F, see rationale/prior/prior.hpp
#include "rationale/rationale.hpp"

struct prior_without_draw {
    std::size_t size() const { return 1; }
    double log_weight(std::size_t) const { return 0; }
    std::vector<double> numbers() const { return {}; }
};
template class rationale::bayes<rationale::balls_and_urns<>, prior_without_draw>;
