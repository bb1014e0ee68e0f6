#include "family.hpp"
#include "rationale/strategy/recognizing.hpp"

namespace rationale::python {

using items = classification<>;
static std::unique_ptr<strategy_handle> make_own(const items& family, const strategy_request& r,
                                                 const std::function<seen_tasks<items>()>& seen) {
    if (r.kind == "generalizing" || r.kind == "copying") return std::make_unique<strategy_of<items>>(copying<items>(family, r.exponent));
    if (r.kind == "recognizing") return std::make_unique<strategy_of<items>>(recognizing(family, seen()));
    return nullptr;
}

std::unique_ptr<family_handle> make_classification(std::string_view name, const parameters& p) { return made<items>(name, p); }
}  // namespace rationale::python
