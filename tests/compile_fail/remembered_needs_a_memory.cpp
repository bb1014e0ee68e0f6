// expect: rationale::remembered<seen_tasks<F>>: there is no memory<F>, the beliefs about tasks of F
#include "rationale/rationale.hpp"

rationale::remembered remembered(rationale::hidden_markov<>({.categories = 2, .states = 2}),
                                 rationale::seen_tasks<rationale::hidden_markov<>>({}, {}), 2.0);
