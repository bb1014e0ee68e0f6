#ifndef RATIONALE_KERNEL_COVARIANCE_FACTOR_HPP
#define RATIONALE_KERNEL_COVARIANCE_FACTOR_HPP

#include <array>
#include <cstddef>
#include <span>
#include <type_traits>

#include "rationale/kernel/aligned.hpp"
#include "rationale/kernel/covariance.hpp"
#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel {

/// The covariance of a Gaussian belief about a weight vector as U diag(D) U', U unit upper triangular, updated for one linear observation
/// at a time: Bierman's form of the rank-one update ("Factorization methods for discrete sequential estimation", 1977). It has no square
/// root and no inverse, and D stays positive. V is a number, or a batch whose lanes are sequences; Dimensions is their number, or 0 when
/// only the constructor knows it. Cost of an update: 1.5 d^2 multiply-adds and d divisions that do not wait for one another.
template <class V, std::size_t Dimensions = 0>
class covariance_factor {
    template <std::size_t N>
    using list = std::conditional_t<Dimensions == 0, aligned_vector<V>, std::array<V, N>>;

public:
    /// scale C.
    explicit covariance_factor(const covariance& c, double scale = 1) {
        const std::size_t d = c.size();
        if constexpr (Dimensions == 0) {
            u_.resize(d * (d - 1) / 2);
            for (auto* all : {&d_, &f_, &gain_, &inverse_}) all->resize(d);
        }
        for (std::size_t i = 0; i < u_.size(); ++i) u_[i] = broadcast<V>(c.unit_upper()[i]);
        for (std::size_t i = 0; i < d; ++i) d_[i] = broadcast<V>(scale * c.diagonal()[i]);
        for (V& v : gain_) v = V(0.0);
    }

    /// Takes in an observation of x.w with the given noise variance: the new covariance, the gain (its product with the residual moves the
    /// mean) and, returned, the observation's predictive variance.
    template <class Number>
    V update(const Number* x, double noise_variance) noexcept {
        const std::size_t d = d_.size();
        const auto fma = [](V a, V b, V c) { return lane_access<V>::multiply_add(a, b, c); };
        // f = U'x needs nothing of the update, and so come all predictive variances and their inverses before the columns.
        V variance = broadcast<V>(noise_variance), inverse = broadcast<V>(1 / noise_variance);
        const V* column = u_.data();  // of U, above the diagonal
#pragma GCC unroll 8
        for (std::size_t j = 0; j < d; column += j++) {
            V f(x[j]);
#pragma GCC unroll 8
            for (std::size_t i = 0; i < j; ++i) f = fma(column[i], V(x[i]), f);
            f_[j] = f;
        }
        for (std::size_t j = 0; j < d; ++j) {
            gain_[j] = d_[j] * f_[j];
            d_[j] = d_[j] * variance;
            variance = fma(f_[j], gain_[j], variance);
            inverse_[j] = variance;
        }
        for (std::size_t j = 0; j < d; ++j) {
            f_[j] = -(f_[j] * inverse);
            inverse = V(1.0) / inverse_[j];
            d_[j] = d_[j] * inverse;
        }
#pragma GCC unroll 8
        for (std::size_t i = 0; i < d; ++i) {
            V gain = gain_[i];
            V* at = u_.data() + i + i * (i + 1) / 2;
#pragma GCC unroll 8
            for (std::size_t j = i + 1; j < d; at += j++) {
                const V old = *at;
                *at = fma(gain, f_[j], old);
                gain = fma(gain_[j], old, gain);
            }
            gain_[i] = gain * inverse;
        }
        inverse_variance_ = inverse;
        return variance;
    }

    [[nodiscard]] std::span<const V> gain() const noexcept { return gain_; }
    /// Of the last observation, 1 / predictive variance.
    [[nodiscard]] V inverse_variance() const noexcept { return inverse_variance_; }

private:
    list<Dimensions*(Dimensions - (Dimensions > 0)) / 2> u_;  // column by column
    list<Dimensions> d_, f_, gain_, inverse_;
    V inverse_variance_{};
};

}  // namespace rationale::kernel

#endif
