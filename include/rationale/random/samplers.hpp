#ifndef RATIONALE_RANDOM_SAMPLERS_HPP
#define RATIONALE_RANDOM_SAMPLERS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <span>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/random/philox.hpp"
#include "rationale/random/stream.hpp"
#include "rationale/softmax.hpp"

namespace rationale {

// Samplers of our own: those of the standard library draw differently in each of its implementations.

/// Uniform in (0, 1): an odd multiple of 2^-53, so neither 0 nor 1.
[[nodiscard]] constexpr double uniform(philox& rng) noexcept { return (static_cast<double>(rng() >> 12) + 0.5) * 0x1p-52; }

/// Uniform in 0..n-1, without bias. Precondition: n is at least 1.
[[nodiscard]] constexpr std::size_t index(philox& rng, std::size_t n) noexcept {
    const std::uint64_t range = n, surplus = (0 - range) % range;  // 2^64 mod n
    std::uint64_t x = rng();
    while (x < surplus) x = rng();
    return static_cast<std::size_t>(x % range);
}

/// N(0, 1), by Box and Muller's transform of two uniforms.
[[nodiscard]] inline double standard_normal(philox& rng) noexcept {
    const double radius = std::sqrt(-2 * std::log(uniform(rng)));
    return radius * std::cos(2 * std::numbers::pi * uniform(rng));
}

/// Fills `out` with independent N(0, 1) draws, two from each pair of uniforms.
inline void fill_standard_normal(philox& rng, std::span<double> out) noexcept {
    for (std::size_t i = 0; i < out.size(); i += 2) {
        const double radius = std::sqrt(-2 * std::log(uniform(rng)));
        const double angle = 2 * std::numbers::pi * uniform(rng);
        out[i] = radius * std::cos(angle);
        if (i + 1 < out.size()) out[i + 1] = radius * std::sin(angle);
    }
}

/// log of a Gamma(shape, 1) variate, by the method of Marsaglia and Tsang (2000). Stays finite where the variate itself would underflow,
/// as it does for most draws of a shape of 1e-3. Precondition: the shape is finite and positive; NaN where it is no finite number.
[[nodiscard]] inline double log_standard_gamma(philox& rng, double shape) noexcept {
    if (shape < 1) {
        const double boost = std::log(uniform(rng)) / shape;  // drawn first: the order of a sum's operands is not fixed
        return boost + log_standard_gamma(rng, shape + 1);
    }
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    // More than 95 of 100 proposals are taken: a thousand in a row are refused only where the shape is no number.
    for (int proposal = 0; proposal < 1000; ++proposal) {
        const double x = standard_normal(rng), v = (1 + c * x) * (1 + c * x) * (1 + c * x);
        if (v > 0 && std::log(uniform(rng)) < 0.5 * x * x + d - d * v + d * std::log(v)) return std::log(d * v);
    }
    return std::numeric_limits<double>::quiet_NaN();
}

/// An index drawn with the given probabilities, which need not sum to one but must have a positive sum; never one of probability 0.
[[nodiscard]] inline std::size_t categorical(philox& rng, std::span<const double> probability) noexcept {
    double left = uniform(rng) * std::accumulate(probability.begin(), probability.end(), 0.0);
    std::size_t chosen = 0;
    for (std::size_t k = 0; k < probability.size(); ++k) {
        if (probability[k] == 0) continue;
        chosen = k;
        if ((left -= probability[k]) < 0) break;
    }
    return chosen;
}

/// Dirichlet(concentration), normalised in log space; a probability below the smallest number is an exact 0. Where all variates are so
/// small that not even their logarithms are numbers, at concentrations below some 1e-307, it is the limit: category k alone, with
/// probability a_k/sum a. Throws std::invalid_argument for another number of concentrations than of probabilities, or one that is not
/// positive.
inline void sample_dirichlet(philox& rng, std::span<const double> concentration, std::span<double> out) {
    detail::check_size("rationale::sample_dirichlet", "concentration", concentration.size(), out.size());
    for (double a : concentration) detail::positive("rationale::sample_dirichlet", "concentration", a);
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = log_standard_gamma(rng, concentration[k]);
    if (out.empty() || detail::softmax_in_place(out) > -std::numeric_limits<double>::infinity()) return;
    // E_k/a_k, E_k exponential, are all above the largest number; which is the least does not depend on that.
    const double largest = *std::max_element(concentration.begin(), concentration.end());
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = concentration[k] / largest;  // their sum is a normal number
    const std::size_t chosen = categorical(rng, out);
    std::fill(out.begin(), out.end(), 0.0);
    out[chosen] = 1;
}

/// Draws from a fixed set of weights, by bisection of their running sums: O(log n) a draw. An index of weight 0 never comes.
class discrete {
public:
    discrete() = default;
    /// Index i comes with probability weight[i] over the sum of weights. Throws std::invalid_argument for a weight that is negative or not
    /// finite, and where all are 0.
    explicit discrete(std::span<const double> weight) : upto_(weight.begin(), weight.end()) {
        (void)detail::finite_sum("rationale::discrete", "a weight", upto_);
        std::partial_sum(upto_.begin(), upto_.end(), upto_.begin());
    }

    /// An index.
    [[nodiscard]] std::size_t operator()(philox& rng) const noexcept {
        const auto found = std::upper_bound(upto_.begin(), upto_.end(), uniform(rng) * upto_.back());
        // Rounding may reach the whole sum: then the last index that has weight.
        if (found == upto_.end())
            return static_cast<std::size_t>(std::lower_bound(upto_.begin(), upto_.end(), upto_.back()) - upto_.begin());
        return static_cast<std::size_t>(found - upto_.begin());
    }

private:
    std::vector<double> upto_;
};

}  // namespace rationale

#endif
