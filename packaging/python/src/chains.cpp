#include "rationale/strategy/borrowed.hpp"
#include "rationale/strategy/ngrams.hpp"
#include "token_rules.hpp"

namespace rationale::python {

using chain = markov_chain<>;
using hidden = hidden_markov<>;

static std::unique_ptr<strategy_handle> make_own(const chain& family, const strategy_request& r,
                                                 const std::function<seen_tasks<chain>()>& seen) {
    const auto of = [](auto s) { return std::make_unique<strategy_of<chain>>(std::move(s)); };
    if (r.kind == "retrieval" && r.weighed == 0 && r.said == 0)
        return of(retrieval<chain, 0>(family, seen_ngrams<chain, 0, 0>(family, seen())));
    if (r.kind == "retrieval" && r.weighed == 1 && r.said == 1)
        return of(retrieval<chain, 1>(family, seen_ngrams<chain, 1, 1>(family, seen())));
    if (r.kind == "retrieval" && r.weighed == 0 && r.said == 1)
        return of(retrieval<chain, 0, 1>(family, seen_ngrams<chain, 0, 1>(family, seen())));
    if (r.kind == "inference" && r.said == 0) return of(inference<chain, 0>(family, dirichlet_rows<0>(family)));
    if (r.kind == "inference" && r.said == 1) return of(inference<chain, 1>(family, dirichlet_rows<1>(family)));
    if (r.kind == "stationary_inference") return of(stationary_inference(family));
    return make_rule(family, r);
}
static std::unique_ptr<strategy_handle> make_own(const hidden& family, const strategy_request& r,
                                                 const std::function<seen_tasks<hidden>()>&) {
    if (r.kind == "inference" && r.said < 2) {
        chain::parameters p;
        p.categories = family.outcomes();
        p.concentration = {family.values().concentration};
        const chain tokens(p);
        if (r.said == 0)
            return std::make_unique<strategy_of<hidden>>(borrowed(family, inference<chain, 0>(tokens, dirichlet_rows<0>(tokens))));
        return std::make_unique<strategy_of<hidden>>(borrowed(family, inference<chain, 1>(tokens, dirichlet_rows<1>(tokens))));
    }
    return make_rule(family, r);
}

std::unique_ptr<family_handle> make_chains(std::string_view name, const parameters& p) {
    if (auto made_chain = made<chain>(name, p)) return made_chain;
    return made<hidden>(name, p);
}
}  // namespace rationale::python
