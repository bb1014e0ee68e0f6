#ifndef RATIONALE_PRIOR_GAUSSIAN_MIXTURE_HPP
#define RATIONALE_PRIOR_GAUSSIAN_MIXTURE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/number_text.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/symmetric.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/linear_regression.hpp"

namespace rationale {

/// Weight vectors of a regression from a mixture of Gaussians, each with its own mean and full covariance, which may be singular. One
/// component is a Gaussian prior with any covariance; with spike_and_slab() most coordinates are exactly 0.
class gaussian_mixture {
public:
    /// One Gaussian.
    struct component {
        double weight = 1;               ///< relative to the others
        std::vector<double> mean;        ///< d
        std::vector<double> covariance;  ///< d x d, row by row
    };

    /// Weights are relative. Throws std::invalid_argument for no components, a negative weight or only zeros, sizes that do not fit, or a
    /// covariance that is not symmetric or not positive semidefinite.
    explicit gaussian_mixture(std::vector<component> components) : components_(std::move(components)) {
        const auto fail = [](const std::string& what) { throw std::invalid_argument("rationale::gaussian_mixture: " + what); };
        if (components_.empty()) fail("there are 0 components, must be at least 1");
        for (std::size_t c = 0; c < components_.size(); ++c) {
            const auto& x = components_[c];
            const std::string which = "component " + std::to_string(c);
            if (x.mean.empty() || x.mean.size() != dimensions())
                fail(which + " has a mean of " + std::to_string(x.mean.size()) + " numbers, must be " +
                     std::to_string((std::max)(dimensions(), std::size_t{1})));
            if (x.covariance.size() != dimensions() * dimensions())
                fail(which + " has a covariance of " + std::to_string(x.covariance.size()) + " numbers, must be " +
                     std::to_string(dimensions() * dimensions()));
            detail::check_finite("rationale::gaussian_mixture", "the mean of " + which, x.mean);
            weights_.push_back(x.weight);
            roots_.push_back(root(x.covariance, dimensions()));
            if (roots_.back().empty()) fail(which + " has a covariance that is no covariance, must be symmetric and positive semidefinite");
        }
        detail::normalise("rationale::gaussian_mixture", "a weight", weights_);
        for (std::size_t c = 0; c < components_.size(); ++c) components_[c].weight = weights_[c];
    }
    /// One Gaussian.
    gaussian_mixture(std::vector<double> mean, std::vector<double> covariance)
        : gaussian_mixture(std::vector<component>{{1, std::move(mean), std::move(covariance)}}) {}

    /// d.
    [[nodiscard]] std::size_t dimensions() const noexcept { return components_[0].mean.size(); }
    /// Component c.
    [[nodiscard]] const component& operator[](std::size_t c) const noexcept { return components_[c]; }

    [[nodiscard]] std::size_t size() const noexcept { return components_.size(); }
    [[nodiscard]] double log_weight(std::size_t c) const noexcept { return std::log(weights_[c]); }
    /// Weight, mean and the covariance's lower triangle, component by component.
    [[nodiscard]] std::vector<double> numbers() const {
        std::vector<double> all;
        for (const auto& x : components_) {
            if (components_.size() > 1) all.push_back(x.weight);
            all.insert(all.end(), x.mean.begin(), x.mean.end());
            for (std::size_t i = 0; i < dimensions(); ++i)
                for (std::size_t j = 0; j <= i; ++j) all.push_back(x.covariance[i * dimensions() + j]);
        }
        return all;
    }
    template <std::size_t D>
    void draw(philox& rng, const linear_regression<D>&, typename linear_regression<D>::task_table& table, std::size_t to) const {
        const std::size_t c = components_.size() == 1 ? 0 : categorical(rng, weights_), d = dimensions();
        detail::check_size("rationale::gaussian_mixture", "a mean", d, table.tasks.shape(1));
        std::vector<double> z(d);
        fill_standard_normal(rng, z);
        const auto out = row(table.tasks, to);
        for (std::size_t i = 0; i < d; ++i) {
            out[i] = components_[c].mean[i];
            for (std::size_t j = 0; j <= i; ++j) out[i] += roots_[c][i * d + j] * z[j];
        }
    }

private:
    /// L with L L' the covariance; empty where there is none.
    static std::vector<double> root(const std::vector<double>& covariance, std::size_t d) {
        double scale = 0;
        for (std::size_t i = 0; i < d; ++i) scale = (std::max)(scale, std::abs(covariance[i * d + i]));
        for (std::size_t i = 0; i < d; ++i)
            for (std::size_t j = 0; j < i; ++j)
                if (!(std::abs(covariance[i * d + j] - covariance[j * d + i]) <= 1e-12 * scale)) return {};
        auto l = detail::semidefinite_root(covariance, d, 1e-12 * scale);
        // A pivot of 0 leaves out what is beside it, which no semidefinite matrix has.
        for (std::size_t i = 0; i < d && !l.empty(); ++i)
            for (std::size_t j = 0; j <= i; ++j) {
                double x = 0;
                for (std::size_t k = 0; k <= j; ++k) x += l[i * d + k] * l[j * d + k];
                if (!(std::abs(x - covariance[i * d + j]) <= 1e-6 * scale)) return {};
            }
        return l;
    }

    std::vector<component> components_;
    std::vector<std::vector<double>> roots_;
    std::vector<double> weights_;
};

/// Each coordinate is 0 with probability 1 - inclusion and N(0, variance) otherwise: exactly, as a mixture over the 2^d sets of
/// coordinates. Throws std::invalid_argument for more than 16 dimensions.
[[nodiscard]] inline gaussian_mixture spike_and_slab(std::size_t dimensions, double inclusion, double variance) {
    if (dimensions == 0 || dimensions > 16)
        throw std::invalid_argument("rationale::spike_and_slab: dimensions is " + std::to_string(dimensions) + ", must be in 1..16");
    detail::share("rationale::spike_and_slab", "inclusion", inclusion);
    detail::positive("rationale::spike_and_slab", "variance", variance);
    std::vector<gaussian_mixture::component> all;
    for (std::size_t set = 0; set < std::size_t{1} << dimensions; ++set) {
        gaussian_mixture::component x{1, std::vector<double>(dimensions), std::vector<double>(dimensions * dimensions)};
        for (std::size_t i = 0; i < dimensions; ++i) {
            const bool in = set >> i & 1;
            x.weight *= in ? inclusion : 1 - inclusion;
            if (in) x.covariance[i * dimensions + i] = variance;
        }
        if (x.weight > 0) all.push_back(std::move(x));
    }
    return gaussian_mixture(std::move(all));
}

/// Every component is updated as if it were alone (Kalman's form, P -= g g'/s with g = P x and s = x.g + noise variance) and weighed by
/// what it gave to the outputs so far: O(d^2) an event and component. The difference loses digits as the noise becomes small: with noise
/// variance q of the largest prior variance predictions are off by some 1e-16/q of their standard deviation, and below 1e-10 it is refused.
template <std::size_t Dimensions>
struct predictive<linear_regression<Dimensions>, gaussian_mixture> {
    struct nothing {};

    predictive(const linear_regression<Dimensions>& family, const gaussian_mixture& prior) : family_(family) {
        if (prior.dimensions() != d())
            throw std::invalid_argument("rationale::bayes: gaussian_mixture has " + std::to_string(prior.dimensions()) +
                                        " dimensions, must have " + std::to_string(d()));
        double largest = 0;
        for (std::size_t c = 0; c < prior.size(); ++c)
            for (std::size_t i = 0; i < d(); ++i) largest = (std::max)(largest, prior[c].covariance[i * d() + i]);
        if (!(family.noise_variance() >= 1e-10 * largest))
            detail::refuse("rationale::bayes", "noise_variance of the family", significant(family.noise_variance(), 3),
                           "at least 1e-10 of the largest variance of gaussian_mixture, " + significant(largest, 3));
        temper(1);
    }

    /// Every pair counts e times: the noise has variance/e.
    void temper(double e) noexcept {
        exponent_ = e, noise_variance_ = family_.noise_variance() / e;
        log_unit_ = e * std::log(2 * std::numbers::pi * family_.noise_variance());
    }
    [[nodiscard]] std::size_t outcomes() const noexcept { return 1; }
    [[nodiscard]] std::size_t rows() const noexcept { return d() + d() * (d() + 1) / 2; }
    [[nodiscard]] std::size_t state_rows() const noexcept { return rows() + d(); }
    [[nodiscard]] nothing start() const noexcept { return {}; }
    void pack(const gaussian_mixture& prior, std::size_t c, double* column, std::size_t stride) const noexcept {
        for (std::size_t i = 0; i < d(); ++i) *column = prior[c].mean[i], column += stride;
        for (std::size_t i = 0; i < d(); ++i)
            for (std::size_t j = 0; j <= i; ++j) *column = prior[c].covariance[i * d() + j], column += stride;
    }
    template <class Rows, class V>
    void begin(const Rows& component, V* state, const nothing&) const {
        for (std::size_t i = 0; i < rows(); ++i) state[i] = component[i];
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows&, const V* state, const nothing&, std::span<const double> x, Emit&& give) const {
        V mean(0.0);
        for (std::size_t i = 0; i < d(); ++i) mean = kernel::lane_access<V>::multiply_add(state[i], kernel::broadcast<V>(x[i]), mean);
        give(std::size_t{0}, mean);
    }
    template <class Rows, class V>
    V observe(const Rows&, V* state, const nothing&, std::span<const double> x, const V* mean, double y) const {
        if (exponent_ == 0) return V(0.0);  // what is not read leaves the belief as it is
        V *const covariance = state + d(), *const gain = state + rows();
        const auto fma = [](V a, V b, V c) { return kernel::lane_access<V>::multiply_add(a, b, c); };
        for (std::size_t i = 0; i < d(); ++i) gain[i] = V(0.0);
        for (std::size_t i = 0, at = 0; i < d(); ++i) {
            const V xi = kernel::broadcast<V>(x[i]);
            for (std::size_t j = 0; j < i; ++j, ++at) {
                gain[i] = fma(covariance[at], kernel::broadcast<V>(x[j]), gain[i]);
                gain[j] = fma(covariance[at], xi, gain[j]);
            }
            gain[i] = fma(covariance[at++], xi, gain[i]);
        }
        V variance = kernel::broadcast<V>(noise_variance_);
        for (std::size_t i = 0; i < d(); ++i) variance = fma(gain[i], kernel::broadcast<V>(x[i]), variance);
        const V inverse = V(1.0) / variance, residual = kernel::broadcast<V>(y) - mean[0];
        for (std::size_t i = 0, at = 0; i < d(); ++i) {
            const V share = gain[i] * inverse;
            state[i] = fma(share, residual, state[i]);
            for (std::size_t j = 0; j <= i; ++j, ++at) covariance[at] = covariance[at] - share * gain[j];
        }
        return V(-0.5) * (residual * residual * inverse + kernel::logarithm(kernel::broadcast<V>(1 / noise_variance_) * variance) +
                          kernel::broadcast<V>(log_unit_));
    }

private:
    [[nodiscard]] std::size_t d() const noexcept { return family_.dimensions(); }

    linear_regression<Dimensions> family_;
    double exponent_ = 1, noise_variance_ = 1;
    double log_unit_ = 0;  // e log(2 pi sigma^2)
};

}  // namespace rationale

#endif
