#ifndef RATIONALE_COMPARE_MIXTURE_HPP
#define RATIONALE_COMPARE_MIXTURE_HPP

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>

#include "rationale/compare/divergence.hpp"

namespace rationale {

/// sum_q weight_q prediction_q. `weights` is (S or 1, E or 1, n): an axis of length 1 holds for all sequences or events.
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
    predictions out{first.kind, filled<double, 3>({first.sequences(), first.events(), first.outcomes()}, 0.0), {}};
    for (std::size_t q = 0; q < parts.size(); ++q)
        for (std::size_t s = 0, i = 0; s < first.sequences(); ++s)
            for (std::size_t t = 0; t < first.events(); ++t) {
                const double w = weights(weights.shape(0) == 1 ? 0 : s, weights.shape(1) == 1 ? 0 : t, q);
                for (std::size_t k = 0; k < first.outcomes(); ++k, ++i)
                    if (w != 0) out.values.data()[i] += w * parts[q].values.data()[i];
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
