// expect: rationale::bayes<F, P>: there is no predictive<F, P>, the fold of F over the components of P
#include "rationale/rationale.hpp"

struct prior_without_a_fold {
    [[nodiscard]] std::size_t size() const { return 1; }
    [[nodiscard]] double log_weight(std::size_t) const { return 0; }
    [[nodiscard]] std::vector<double> numbers() const { return {}; }
    template <class Table>
    void draw(rationale::philox&, const rationale::balls_and_urns<>&, Table&, std::size_t) const {}
};
template class rationale::bayes<rationale::balls_and_urns<>, prior_without_a_fold>;
