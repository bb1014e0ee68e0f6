#ifndef RATIONALE_COMPARE_MIXTURE_HPP
#define RATIONALE_COMPARE_MIXTURE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>

#include "rationale/check.hpp"
#include "rationale/compare/divergence.hpp"

namespace rationale {

/// sum_q weight_q prediction_q. `weights` is (S or 1, E or 1, n): an axis of length 1 holds for all sequences or events. Throws
/// std::invalid_argument when shapes do not fit, and for weights that are negative or do not sum to 1 (to 1e-6).
[[nodiscard]] inline predictions mixture(std::span<const predictions> parts, const ndarray<double, 3>& weights) {
    if (parts.empty() || weights.shape(2) != parts.size())
        throw std::invalid_argument("rationale::mixture: there are " + std::to_string(weights.shape(2)) +
                                    " weights, must be one for each of " + std::to_string(parts.size()) + " strategies");
    const auto& first = parts[0];
    for (const auto& part : parts) detail::check_same_shape("rationale::mixture", first, part);
    if ((weights.shape(0) != 1 && weights.shape(0) != first.sequences()) || (weights.shape(1) != 1 && weights.shape(1) != first.events()))
        throw std::invalid_argument("rationale::mixture: weights are for " + std::to_string(weights.shape(0)) + " sequences and " +
                                    std::to_string(weights.shape(1)) + " events, must be for " + std::to_string(first.sequences()) +
                                    " and " + std::to_string(first.events()) + ", or for 1");
    for (std::size_t i = 0; i < weights.size(); i += parts.size()) {
        double sum = 0;
        for (double w : std::span(weights.data() + i, parts.size())) sum += detail::not_negative("rationale::mixture", "a weight", w);
        if (!(std::abs(sum - 1) <= 1e-6)) detail::refuse("rationale::mixture", "the sum of weights", detail::number_text(sum), "1");
    }
    predictions out{first.kind, filled<double, 3>({first.sequences(), first.events(), first.outcomes()}, 0.0), {}};
    if (first.events() == 0) return out;
    // Neighbours of the same weights, and few enough to stay in the nearest cache while the parts are added up.
    const std::size_t runs = weights.shape(1) == 1 ? 1 : first.events(), length = first.events() / runs * first.outcomes();
    for (std::size_t s = 0; s < first.sequences(); ++s)
        for (std::size_t t = 0; t < runs; ++t)
            for (std::size_t q = 0; q < parts.size(); ++q) {
                const double w = weights(weights.shape(0) == 1 ? 0 : s, t, q);
                if (w == 0) continue;
                const double* const from = parts[q].values.data() + (s * runs + t) * length;
                double* const to = out.values.data() + (s * runs + t) * length;
                kernel::over_lanes<kernel::native_lanes>(length, [&]<class V>(std::size_t i) {
                    using access = kernel::lane_access<V>;
                    access::store(access::multiply_add(V(w), access::load(from + i), access::load(to + i)), to + i);
                });
            }
    return out;
}

/// The same with one weight a strategy, for all sequences and events.
[[nodiscard]] inline predictions mixture(std::span<const predictions> parts, std::span<const double> weights) {
    auto w = filled<double, 3>({1, 1, weights.size()}, 0.0);
    std::copy(weights.begin(), weights.end(), w.begin());
    return mixture(parts, w);
}

}  // namespace rationale

#endif
