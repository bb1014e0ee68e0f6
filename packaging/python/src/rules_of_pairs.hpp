// Strategies of every regression that read the pairs of the context and nothing else.
#ifndef RATIONALE_PYTHON_RULES_OF_PAIRS_HPP
#define RATIONALE_PYTHON_RULES_OF_PAIRS_HPP

#include "family.hpp"
#include "rationale/strategy/regression_rules.hpp"

namespace rationale::python {

template <class F>
    requires requires(const F& f) {
        f.dimensions();
        f.noise_variance();
    }
std::unique_ptr<strategy_handle> make_own(const F& family, const strategy_request& r, const std::function<seen_tasks<F>()>&) {
    if (r.kind == "least_squares") return std::make_unique<strategy_of<F>>(ordinary_least_squares<F>(family));
    if (r.kind == "gradient_descent") return std::make_unique<strategy_of<F>>(gradient_descent<F>(family, r.weighed, r.share));
    if (r.kind == "nearest_neighbors") return std::make_unique<strategy_of<F>>(nearest_neighbors<F>(family, r.weighed));
    return nullptr;
}

}  // namespace rationale::python

#endif
