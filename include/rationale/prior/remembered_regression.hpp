#ifndef RATIONALE_PRIOR_REMEMBERED_REGRESSION_HPP
#define RATIONALE_PRIOR_REMEMBERED_REGRESSION_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <span>
#include <type_traits>
#include <vector>

#include "rationale/kernel/covariance_factor.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/prior/remembered.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/feature_regression.hpp"
#include "rationale/task/linear_regression.hpp"

namespace rationale {

namespace detail {
/// Weight vectors remembered as N(m_d, (1-s) C), C that of tasks, all with the same precision: gain and innovation variance are shared, and
/// a task's posterior mean is U_t m_d + v_t, so that it predicts (U_t' x).m_d + x.v_t. O(d^2) an event, and O(d) a task. F is a regression
/// with so many dimensions, linear or on features.
template <class F, std::size_t Dimensions, class Precision>
struct remembered_weights {
    using prior_type = remembered<seen_tasks<F>, Precision>;
    static_assert(prior_type::uniform,
                  "rationale::bayes: regression must be remembered with one precision for all tasks; linear_regression also as "
                  "beliefs(family, prior)");

    struct filtered {
        kernel::covariance_factor<double> factor;
        std::vector<double> carried;  ///< U, d x d
        std::vector<double> drift;    ///< v
        std::vector<double> seen;     ///< U' x of the event in view
        double offset = 0, innovation_variance = 1;
        double log_norm_next = 0;     ///< nats that an observation where it is expected takes
        std::vector<double> xx, xy;   ///< sums of seen_i seen_j/S for j <= i, off the diagonal twice, and of -2 seen_i (y - offset)/S
        double yy = 0, log_norm = 0;  ///< sums of (y - offset)^2/S and log_norm_next
    };

    remembered_weights(const F& family, const prior_type& prior)
        : family_(family), dimensions_("rationale::bayes", "dimensions", family.dimensions(), 1), share_(prior.share(0)) {
        temper(1);
    }

    /// Every pair counts e times: the noise has variance/e.
    void temper(double e) noexcept {
        exponent_ = e, noise_variance_ = family_.noise_variance() / e;
        log_unit_ = 0.5 * e * std::log(2 * std::numbers::pi * family_.noise_variance());
    }
    static constexpr std::size_t fixed_outcomes = 1;
    [[nodiscard]] std::size_t outcomes() const noexcept { return 1; }
    [[nodiscard]] std::size_t rows() const noexcept { return d(); }
    [[nodiscard]] filtered start() const {
        filtered out{kernel::covariance_factor<double>(family_.task_covariance(), 1 - share_),
                     std::vector<double>(d() * d()),
                     std::vector<double>(d()),
                     std::vector<double>(d()),
                     0,
                     1,
                     0,
                     std::vector<double>(d() * (d() + 1) / 2),
                     std::vector<double>(d())};
        for (std::size_t i = 0; i < d(); ++i) out.carried[i * d() + i] = 1;
        return out;
    }
    void pack(const prior_type& prior, std::size_t task, double* column, std::size_t stride) const noexcept {
        for (std::size_t i = 0; i < d(); ++i) {
            const double mean = family_.values().task_mean[i];
            column[i * stride] = mean + share_ * (prior.table().tasks(task, i) - mean);
        }
    }
    void arrive(filtered& f, std::span<const double> x) const noexcept {
        f.offset = 0;
        std::fill(f.seen.begin(), f.seen.end(), 0.0);
        for (std::size_t i = 0; i < d(); ++i) {
            f.offset += x[i] * f.drift[i];
            for (std::size_t j = 0; j < d(); ++j) f.seen[j] += x[i] * f.carried[i * d() + j];
        }
        if (exponent_ == 0) {  // what is not read leaves the belief as it is
            f.innovation_variance = noise_variance_;
            return;
        }
        f.innovation_variance = f.factor.update(x.data(), noise_variance_);
        f.log_norm_next = 0.5 * std::log(f.innovation_variance / noise_variance_) + log_unit_;
    }
    template <class V>
    struct lane_pair {
        short_array<V, Dimensions> seen;
        V offset, minus_half_precision, minus_log_norm;
    };
    template <class V>
    [[nodiscard]] lane_pair<V> on_lanes(std::span<const double>, const filtered& f) const {
        lane_pair<V> out{short_array<V, Dimensions>(d()), kernel::broadcast<V>(f.offset),
                         kernel::broadcast<V>(-0.5 / f.innovation_variance), kernel::broadcast<V>(-f.log_norm_next)};
        for (std::size_t i = 0; i < d(); ++i) out.seen[i] = kernel::broadcast<V>(f.seen[i]);
        return out;
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& m, const V*, const filtered&, const lane_pair<V>& input, Emit&& give) const {
        V mean = input.offset;
        dimensions_.each([&](std::size_t i) { mean = kernel::lane_access<V>::multiply_add(m[i], input.seen[i], mean); });
        give(std::size_t{0}, mean);
    }
    template <class Rows, class V>
    V observe(const Rows&, V*, const filtered&, const lane_pair<V>& input, const V* mean, double y) const {
        const V residual = kernel::broadcast<V>(y) - mean[0];
        return kernel::lane_access<V>::multiply_add(residual * residual, input.minus_half_precision, input.minus_log_norm);
    }
    void advance(filtered& f, std::span<const double>, double y) const noexcept {
        const double rest = y - f.offset, precision = 1 / f.innovation_variance;
        for (std::size_t i = 0, entry = 0; i < d(); ++i) {
            for (std::size_t j = 0; j < i; ++j) f.xx[entry++] += 2 * precision * f.seen[i] * f.seen[j];
            f.xx[entry++] += precision * f.seen[i] * f.seen[i];
            f.xy[i] -= 2 * precision * f.seen[i] * rest;
            for (std::size_t j = 0; j < d(); ++j) f.carried[i * d() + j] -= f.factor.gain()[i] * f.seen[j];
            f.drift[i] += f.factor.gain()[i] * rest;
        }
        f.yy += precision * rest * rest;
        f.log_norm += f.log_norm_next;
    }
    template <class Rows>
    auto log_likelihood(const Rows& m, const filtered& f) const {
        using V = std::remove_cvref_t<decltype(m[0])>;
        V squares(f.yy);
        const double* xx = f.xx.data();
        for (std::size_t i = 0; i < d(); ++i) {
            V part(f.xy[i]);
            for (std::size_t j = 0; j <= i; ++j) part = kernel::lane_access<V>::multiply_add(V(*xx++), m[j], part);
            squares = kernel::lane_access<V>::multiply_add(part, m[i], squares);
        }
        return V(-0.5) * squares - V(f.log_norm);
    }
    [[nodiscard]] double greatest_log_likelihood(const filtered& f) const noexcept { return -f.log_norm; }
    [[nodiscard]] double rounding(const filtered& f) const noexcept { return 2 * std::numeric_limits<double>::epsilon() * f.yy; }

private:
    [[nodiscard]] std::size_t d() const noexcept { return dimensions_.size(); }

    linear_regression<Dimensions> family_;
    extent<Dimensions> dimensions_;
    double share_, exponent_ = 1, noise_variance_ = 1;
    double log_unit_ = 0;  // minus what likelihood^e has at its greatest
};
}  // namespace detail

template <std::size_t Dimensions, class Precision>
struct predictive<linear_regression<Dimensions>, remembered<seen_tasks<linear_regression<Dimensions>>, Precision>>
    : detail::remembered_weights<linear_regression<Dimensions>, Dimensions, Precision> {
    using detail::remembered_weights<linear_regression<Dimensions>, Dimensions, Precision>::remembered_weights;
};

template <class Basis, class Precision>
struct predictive<feature_regression<Basis>, remembered<seen_tasks<feature_regression<Basis>>, Precision>>
    : detail::remembered_weights<feature_regression<Basis>, dynamic, Precision> {
    using detail::remembered_weights<feature_regression<Basis>, dynamic, Precision>::remembered_weights;
};

}  // namespace rationale

#endif
