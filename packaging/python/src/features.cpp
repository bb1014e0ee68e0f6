#include "rationale/prior/features.hpp"
#include "rationale/prior/remembered_regression.hpp"
#include "rationale/task/feature_regression.hpp"
#include "rules_of_pairs.hpp"

namespace rationale::python {
std::unique_ptr<family_handle> make_features(std::string_view name, const parameters& p) {
    if (auto fourier = made<feature_regression<fourier_basis>>(name, p)) return fourier;
    if (auto polynomial = made<feature_regression<polynomial_basis>>(name, p)) return polynomial;
    return made<feature_regression<relu_basis>>(name, p);
}
}  // namespace rationale::python
