// Strategies of every family of tokens that read the context and nothing else.
#ifndef RATIONALE_PYTHON_TOKEN_RULES_HPP
#define RATIONALE_PYTHON_TOKEN_RULES_HPP

#include "family.hpp"
#include "rationale/strategy/token_rules.hpp"

namespace rationale::python {

template <class F>
std::unique_ptr<strategy_handle> make_rule(const F& family, const strategy_request& r) {
    if (r.kind == "induction_head") return std::make_unique<strategy_of<F>>(induction_head<F>(family, r.weighed, r.share));
    if (r.kind == "last_token") return std::make_unique<strategy_of<F>>(last_token<F>(family, r.share));
    return nullptr;
}
template <class F>
    requires std::derived_from<F, token_family<F>> std::unique_ptr<strategy_handle> make_own(const F& family, const strategy_request& r,
                                                                                             const std::function<seen_tasks<F>()>&) {
        return make_rule(family, r);
    }

}  // namespace rationale::python

#endif
