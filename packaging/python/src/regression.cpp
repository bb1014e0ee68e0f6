#include "rationale/prior/gaussian.hpp"
#include "rationale/prior/hypotheses.hpp"
#include "rationale/prior/normal_inverse_gamma.hpp"
#include "rationale/prior/remembered_location.hpp"
#include "rationale/prior/remembered_regression.hpp"
#include "rationale/task/finite_function.hpp"
#include "rules_of_pairs.hpp"

namespace rationale::python {
std::unique_ptr<family_handle> make_regression(std::string_view name, const parameters& p) {
    if (auto linear = made<linear_regression<>>(name, p)) return linear;
    if (auto location = made<gaussian_location>(name, p)) return location;
    return made<finite_function<>>(name, p);
}
}  // namespace rationale::python
