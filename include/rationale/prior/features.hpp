#ifndef RATIONALE_PRIOR_FEATURES_HPP
#define RATIONALE_PRIOR_FEATURES_HPP

#include "rationale/prior/gaussian.hpp"
#include "rationale/prior/gaussian_mixture.hpp"
#include "rationale/task/feature_regression.hpp"

namespace rationale {

template <class Basis>
[[nodiscard]] gaussian own_prior(const feature_regression<Basis>& family) {
    return own_prior(static_cast<const linear_regression<dynamic>&>(family));
}

template <class Basis>
struct predictive<feature_regression<Basis>, gaussian> : predictive<linear_regression<dynamic>, gaussian> {
    using predictive<linear_regression<dynamic>, gaussian>::predictive;
};
template <class Basis>
struct predictive<feature_regression<Basis>, gaussian_mixture> : predictive<linear_regression<dynamic>, gaussian_mixture> {
    using predictive<linear_regression<dynamic>, gaussian_mixture>::predictive;
};

}  // namespace rationale

#endif
