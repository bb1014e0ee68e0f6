#include "rationale/task/balls_and_urns.hpp"
#include "token_rules.hpp"

namespace rationale::python {
std::unique_ptr<family_handle> make_urns(std::string_view name, const parameters& p) { return made<balls_and_urns<>>(name, p); }
}  // namespace rationale::python
