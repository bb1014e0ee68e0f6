// expect: rationale::tempered<P>: predictive<F, P> must have temper(exponent)
#include "rationale/rationale.hpp"

struct own : rationale::dirichlet {
    using dirichlet::dirichlet;
};
template <>
struct rationale::predictive<rationale::balls_and_urns<3>, own> : rationale::balls_and_urns<3> {
    predictive(const rationale::balls_and_urns<3>& family, const own&) : balls_and_urns<3>(family) {}
    static void pack(const own&, std::size_t, double*, std::size_t) {}
};
rationale::bayes<rationale::balls_and_urns<3>, rationale::tempered<own>> b(rationale::balls_and_urns<3>(),
                                                                           rationale::tempered(own({1, 1, 1}), .5));
