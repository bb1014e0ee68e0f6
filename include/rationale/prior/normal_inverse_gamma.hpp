#ifndef RATIONALE_PRIOR_NORMAL_INVERSE_GAMMA_HPP
#define RATIONALE_PRIOR_NORMAL_INVERSE_GAMMA_HPP

#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <type_traits>
#include <vector>

#include "rationale/kernel/lanes.hpp"
#include "rationale/kernel/rising.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/gaussian_location.hpp"

namespace rationale {

namespace detail {
/// m | v ~ N(mean, v/strength), v ~ inverse Gamma(shape, shape scale). An infinite shape is the known variance `scale`, an infinite
/// strength the known mean.
struct location_belief {
    double mean, strength, shape, scale;

    explicit location_belief(const gaussian_location::parameters& p)
        : mean(p.mean),
          strength(p.strength),
          shape(p.shape.value_or(std::numeric_limits<double>::infinity())),
          scale(p.shape ? (1 - 1 / shape) * p.noise_variance : p.noise_variance) {}

    void draw(philox& rng, gaussian_location::task_table& table, std::size_t d) const {
        double variance = scale;
        if (shape < std::numeric_limits<double>::infinity()) variance *= shape / std::exp(log_standard_gamma(rng, shape));
        table.tasks(d, 0) = mean + std::sqrt(variance / strength) * standard_normal(rng);
        table.tasks(d, 1) = variance;
    }
};
}  // namespace detail

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
        detail::location_belief(values_).draw(rng, table, d);
    }

private:
    parameters values_;
};

[[nodiscard]] inline normal_inverse_gamma own_prior(const gaussian_location& family) { return normal_inverse_gamma(family); }

namespace detail {
/// Beliefs about a location, all of the same strength k and shape a. With n numbers of average y and sum of squares S around it, each
/// counted e times, and Q = e/2 [S + n (y - mean)^2/(1 + e n/k)], the posterior is of the same form: k + e n, a + e n/2, a scale + Q, and
/// the mean between the belief's and theirs. Their evidence is
///   sqrt(k/(k + e n)) Gamma(a + e n/2)/Gamma(a) a^(-e n/2) (2 pi scale)^(-e n/2) (1 + Q/(a scale))^-(a + e n/2),
/// for a known variance sqrt(k/(k + e n)) (2 pi scale)^(-e n/2) exp(-Q/scale). O(1) an event.
class location_fold {
public:
    struct moments {
        double count = 0, average = 0, squares = 0;  ///< n, y, S
        double whole = 1;                            ///< 1/(1 + e n/k)
        double log_norm = 0, log_norm_next = 0;      ///< log of the evidence's first three factors, and what the next number adds
        double greatest = 0;                         ///< at least the log evidence, number by number, of the smallest scale
    };

    location_fold(double strength, double shape, double least_scale)
        : flatness_(1 / strength),
          uncertainty_(1 / shape),
          least_scale_(least_scale),
          least_log_(std::log(2 * std::numbers::pi * least_scale)) {}

    /// Every number counts e times.
    void temper(double e) noexcept { exponent_ = e; }
    static constexpr std::size_t fixed_outcomes = 1;
    [[nodiscard]] std::size_t outcomes() const noexcept { return 1; }
    [[nodiscard]] std::size_t rows() const noexcept { return 3; }
    [[nodiscard]] moments start() const noexcept {
        moments out;
        look_ahead(out);
        return out;
    }
    /// Its mean, 1/scale, log(2 pi scale).
    static void pack(const location_belief& b, double* column, std::size_t stride) noexcept {
        column[0] = b.mean;
        column[stride] = 1 / b.scale;
        column[2 * stride] = std::log(2 * std::numbers::pi * b.scale);
    }
    /// What all components read of the numbers so far.
    template <class V>
    struct lane_moments {
        V average, whole, shift;        // the posterior's mean is whole mean + shift
        V spread, pull, step;           // Q/a = spread + pull (y - mean)^2; what a residual's square adds to Q
        V minus_half, power, log_norm;  // -e/2, a + e (n+1)/2
    };
    template <class V>
    [[nodiscard]] lane_moments<V> on_lanes(auto, const moments& m) const {
        const auto all = [](double x) { return kernel::broadcast<V>(x); };
        const double half = 0.5 * exponent_, known = flatness_ * exponent_ * m.count;
        return {all(m.average),
                all(m.whole),
                all(known * m.whole * m.average),
                all(uncertainty_ * half * m.squares),
                all(uncertainty_ * half * m.count * m.whole),
                all(half * (1 + known) / (1 + known + flatness_ * exponent_)),
                all(-half),
                all(uncertainty_ > 0 ? 1 / uncertainty_ + half * (m.count + 1) : 0),
                all(m.log_norm_next)};
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& b, const V*, const moments&, const lane_moments<V>& m, Emit&& give) const {
        give(std::size_t{0}, kernel::lane_access<V>::multiply_add(b[0], m.whole, m.shift));
    }
    template <class Rows, class V>
    V observe(const Rows& b, V*, const moments&, const lane_moments<V>& m, const V* mean, double y) const {
        const auto fma = [](V x, V z, V w) { return kernel::lane_access<V>::multiply_add(x, z, w); };
        const V residual = kernel::broadcast<V>(y) - mean[0], more = residual * residual * m.step * b[1];
        const V nats = fma(b[2], m.minus_half, m.log_norm);
        if (uncertainty_ == 0) return nats - more;
        const V apart = m.average - b[0], grown = fma(fma(apart * apart, m.pull, m.spread), b[1], V(1.0));
        return fma(m.minus_half, kernel::logarithm(grown), nats) -
               m.power * log_of_one_and(kernel::broadcast<V>(uncertainty_) * more / grown);
    }
    void advance(moments& m, auto, double y) const noexcept {
        m.log_norm += m.log_norm_next;
        m.greatest += m.log_norm_next - 0.5 * exponent_ * least_log_;
        if (uncertainty_ > 0) m.greatest -= 0.5 * exponent_ * std::log1p(0.5 * uncertainty_ * exponent_ * m.squares / least_scale_);
        const double before = y - m.average;
        m.count += 1;
        m.average += before / m.count;
        m.squares += before * (y - m.average);
        look_ahead(m);
    }
    template <class Rows>
    auto log_likelihood(const Rows& b, const moments& m) const {
        using V = std::remove_cvref_t<decltype(b[0])>;
        const double half = 0.5 * exponent_;
        const V apart = V(m.average) - b[0], q = (V(half * m.squares) + V(half * m.count * m.whole) * apart * apart) * b[1];
        const V nats = V(m.log_norm) - V(half * m.count) * b[2];
        if (uncertainty_ == 0) return nats - q;
        return nats - V(1 / uncertainty_ + half * m.count) * log_of_one_and(V(uncertainty_) * q);
    }

private:
    void look_ahead(moments& m) const noexcept {
        const double known = 1 + flatness_ * exponent_ * m.count;
        m.whole = 1 / known;
        m.log_norm_next = -0.5 * std::log1p(flatness_ * exponent_ / known);
        if (uncertainty_ > 0)
            m.log_norm_next += kernel::log_rising(1 + 0.5 * uncertainty_ * exponent_ * m.count, uncertainty_, 0.5 * exponent_);
    }
    /// log(1 + x) for x >= 0, also where 1 + x is 1.
    template <class V>
    static V log_of_one_and(V x) {
        const V sum = V(1.0) + x;
        return kernel::logarithm(sum) + (x - (sum - V(1.0))) / sum;
    }

    double flatness_, uncertainty_;                  // 1/k and 1/a, 0 for what is known
    double least_scale_, least_log_, exponent_ = 1;  // the least of all components, log of 2 pi times it
};
}  // namespace detail

/// y_t has Student's t distribution given the numbers before it, or, for a known variance, a Gaussian one.
template <>
struct predictive<gaussian_location, normal_inverse_gamma> : detail::location_fold {
    predictive(const gaussian_location&, const normal_inverse_gamma& prior) : predictive(detail::location_belief(prior.values())) {}
    void pack(const normal_inverse_gamma& prior, std::size_t, double* column, std::size_t stride) const noexcept {
        location_fold::pack(detail::location_belief(prior.values()), column, stride);
    }

private:
    explicit predictive(const detail::location_belief& b) : location_fold(b.strength, b.shape, b.scale) {}
};

}  // namespace rationale

#endif
