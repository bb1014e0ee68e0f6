#ifndef RATIONALE_PRIOR_NORMAL_INVERSE_GAMMA_HPP
#define RATIONALE_PRIOR_NORMAL_INVERSE_GAMMA_HPP

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include "rationale/kernel/lanes.hpp"
#include "rationale/kernel/rising.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/gaussian_location.hpp"

namespace rationale {

/// m | v ~ N(mean, v/strength), v ~ inverse Gamma(shape, (shape-1) variance), or v = variance where there is no shape.
class normal_inverse_gamma {
public:
    /// The family's, which describe it.
    using parameters = gaussian_location::parameters;

    /// The belief that the family's parameters describe.
    explicit normal_inverse_gamma(const gaussian_location& family) : values_(family.values()) {}
    [[nodiscard]] const parameters& values() const noexcept { return values_; }

    [[nodiscard]] static constexpr std::size_t size() noexcept { return 1; }
    [[nodiscard]] double log_weight(std::size_t) const noexcept { return 0; }
    [[nodiscard]] std::vector<double> numbers() const {
        std::vector<double> all{values_.mean, values_.strength, values_.noise_variance};
        if (values_.shape) all.push_back(*values_.shape);
        return all;
    }
    void draw(philox& rng, const gaussian_location&, gaussian_location::task_table& table, std::size_t d) const {
        double variance = values_.noise_variance;
        if (values_.shape) variance *= (*values_.shape - 1) / std::exp(log_standard_gamma(rng, *values_.shape));
        table.tasks(d, 0) = values_.mean + std::sqrt(variance / values_.strength) * standard_normal(rng);
        table.tasks(d, 1) = variance;
    }

private:
    parameters values_;
};

[[nodiscard]] inline normal_inverse_gamma own_prior(const gaussian_location& family) { return normal_inverse_gamma(family); }

/// The posterior after n numbers that count e times each is of the same form: strength + e n, a mean between the prior's and theirs,
/// shape + e n/2. For e = 1, y_t then has Student's t distribution, or, for a known variance, a Gaussian one. O(1) an event.
template <>
struct predictive<gaussian_location, normal_inverse_gamma> {
    struct belief {
        double strength, mean, shape, rate;  // without a shape the rate is the known variance
    };

    predictive(const gaussian_location&, const normal_inverse_gamma& prior) : values_(prior.values()) {}

    /// Every number counts e times.
    void temper(double e) noexcept { exponent_ = e; }
    [[nodiscard]] std::size_t outcomes() const noexcept { return 1; }
    [[nodiscard]] std::size_t rows() const noexcept { return 1; }
    [[nodiscard]] belief start() const noexcept {
        return {values_.strength, values_.mean, values_.shape.value_or(0),
                values_.shape ? (*values_.shape - 1) * values_.noise_variance : values_.noise_variance};
    }
    void pack(const normal_inverse_gamma& prior, std::size_t, double* column, std::size_t) const noexcept { *column = prior.values().mean; }
    template <class Rows, class V, class Emit>
    void predict(const Rows&, const V*, const belief& b, auto, Emit&& give) const {
        give(std::size_t{0}, V(b.mean));
    }
    /// With strength k, residual r and q = k/(2 (k + e)) e r^2: the mean of likelihood^e is sqrt(k/(k + e)) exp(-q/v)/(2 pi v)^(e/2) for a
    /// known variance v, and sqrt(k/(k + e)) Gamma(shape + e/2)/Gamma(shape) rate^shape/(rate + q)^(shape + e/2)/(2 pi)^(e/2) else.
    template <class Rows, class V>
    V observe(const Rows&, V*, const belief& b, auto, const V* mean, double y) const {
        const V residual = V(y) - mean[0];
        const double e = exponent_, shrunk = b.strength / (b.strength + e);
        const double log_norm = 0.5 * (std::log(shrunk) - e * std::log(2 * std::numbers::pi * b.rate));
        if (!values_.shape) return V(-0.5 * e * shrunk / b.rate) * residual * residual + V(log_norm);
        return V(kernel::log_rising(b.shape, 1.0, 0.5 * e) + log_norm) -
               V(b.shape + 0.5 * e) * kernel::logarithm(V(1.0) + residual * residual * V(0.5 * e * shrunk / b.rate));
    }
    void advance(belief& b, auto, double y) const noexcept {
        const double e = exponent_, residual = y - b.mean;
        if (values_.shape) b.shape += 0.5 * e, b.rate += 0.5 * e * residual * residual * b.strength / (b.strength + e);
        b.strength += e;
        b.mean += e * residual / b.strength;
    }

private:
    gaussian_location::parameters values_;
    double exponent_ = 1;
};

}  // namespace rationale

#endif
