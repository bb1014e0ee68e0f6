#ifndef RATIONALE_PRIOR_REMEMBERED_LOCATION_HPP
#define RATIONALE_PRIOR_REMEMBERED_LOCATION_HPP

#include <algorithm>
#include <cstddef>

#include "rationale/prior/memory.hpp"
#include "rationale/prior/normal_inverse_gamma.hpp"
#include "rationale/prior/remembered.hpp"
#include "rationale/task/gaussian_location.hpp"

namespace rationale {

/// Locations remembered as Gaussians or normal-inverse-gammas (memory<gaussian_location>), all with the same precision: what differs
/// between tasks is where a belief is and, with an unknown variance, its scale.
template <class Precision>
struct predictive<gaussian_location, remembered<seen_tasks<gaussian_location>, Precision>> : detail::location_fold {
    using prior_type = remembered<seen_tasks<gaussian_location>, Precision>;
    static_assert(prior_type::uniform, "rationale::bayes: gaussian_location must be remembered with one precision for all tasks");

    predictive(const gaussian_location& family, const prior_type& prior) : predictive(memory<gaussian_location>(family), prior) {}
    void pack(const prior_type& prior, std::size_t d, double* column, std::size_t stride) const {
        location_fold::pack(belief(memory_, prior, d), column, stride);
    }
    [[nodiscard]] double greatest_log_likelihood(const moments& m) const noexcept { return m.greatest; }

private:
    predictive(const memory<gaussian_location>& of, const prior_type& prior)
        : location_fold(belief(of, prior, 0).strength, belief(of, prior, 0).shape, least_scale(of, prior)), memory_(of) {}
    static detail::location_belief belief(const memory<gaussian_location>& of, const prior_type& prior, std::size_t d) {
        return of.belief(prior.table(), d, prior.precision(d));
    }
    static double least_scale(const memory<gaussian_location>& of, const prior_type& prior) {
        double least = belief(of, prior, 0).scale;
        for (std::size_t d = 1; d < prior.size(); ++d) least = (std::min)(least, belief(of, prior, d).scale);
        return least;
    }

    memory<gaussian_location> memory_;
};

}  // namespace rationale

#endif
