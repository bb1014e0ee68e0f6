#ifndef RATIONALE_PRIOR_BELIEFS_HPP
#define RATIONALE_PRIOR_BELIEFS_HPP

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "rationale/prior/gaussian_mixture.hpp"
#include "rationale/prior/remembered.hpp"
#include "rationale/task/linear_regression.hpp"

namespace rationale {

/// The beliefs about seen weight vectors as a mixture of Gaussians N(mu + s_d (w_d - mu), (1-s_d) C), C the tasks' covariance: the same
/// predictions, at O(d^2) numbers a task in place of O(d), and with a precision of each task's own, which `remembered` has for families of
/// tokens and items only.
template <std::size_t Dimensions, class Precision>
[[nodiscard]] gaussian_mixture beliefs(const linear_regression<Dimensions>& family,
                                       const remembered<seen_tasks<linear_regression<Dimensions>>, Precision>& prior) {
    const std::size_t d = family.dimensions();
    check_fields("rationale::beliefs", prior.table(), [&](char letter) { return family.extent(letter); });
    std::vector<gaussian_mixture::component> all;
    for (std::size_t task = 0; task < prior.size(); ++task) {
        const double s = prior.share(task);
        gaussian_mixture::component belief{
            .weight = std::exp(prior.log_weight(task)), .mean = family.values().task_mean, .covariance = family.task_covariance().matrix()};
        for (std::size_t i = 0; i < d; ++i) belief.mean[i] += s * (prior.seen().table().tasks(task, i) - belief.mean[i]);
        for (double& c : belief.covariance) c *= 1 - s;
        all.push_back(std::move(belief));
    }
    return gaussian_mixture(std::move(all));
}

}  // namespace rationale

#endif
