#ifndef RATIONALE_KERNEL_COVARIANCE_FACTOR_HPP
#define RATIONALE_KERNEL_COVARIANCE_FACTOR_HPP

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace rationale::kernel {

/// The covariance of a Gaussian belief about a weight vector as U diag(D) U', U unit upper triangular, updated for one linear observation
/// at a time: Bierman's form of the rank-one update ("Factorization methods for discrete sequential estimation", 1977). It has no square
/// root and no inverse, and D stays positive. V is a number, or a batch whose lanes are sequences. Cost of an update: 1.5 d^2
/// multiply-adds.
template <class V>
class covariance_factor {
public:
    /// variance I in d dimensions.
    covariance_factor(std::size_t d, double variance) : u_(d * d, V(0.0)), d_(d, V(variance)), gain_(d, V(0.0)) {}

    void reset(double variance) noexcept {
        std::fill(u_.begin(), u_.end(), V(0.0));
        std::fill(d_.begin(), d_.end(), V(variance));
    }

    /// Takes in an observation of x.w with the given noise variance: the new covariance, the gain (its product with the residual moves the
    /// mean) and, returned, the observation's predictive variance.
    template <class Number>
    V update(const Number* x, double noise_variance) noexcept {
        const std::size_t d = d_.size();
        V alpha(noise_variance);
        for (std::size_t j = 0; j < d; ++j) {
            // f = U' x, entry j; U's column j is contiguous.
            V* const column = u_.data() + j * d;
            V f(x[j]);
            for (std::size_t i = 0; i < j; ++i) f = f + column[i] * V(x[i]);
            const V g = d_[j] * f;
            const V before = alpha;
            alpha = alpha + f * g;
            const V lambda = V(0.0) - f / before;
            d_[j] = d_[j] * before / alpha;
            for (std::size_t i = 0; i < j; ++i) {
                const V old = column[i];
                column[i] = old + gain_[i] * lambda;
                gain_[i] = gain_[i] + g * old;
            }
            gain_[j] = g;
        }
        const V scale = V(1.0) / alpha;
        for (V& k : gain_) k = k * scale;
        return alpha;
    }

    [[nodiscard]] std::span<const V> gain() const noexcept { return gain_; }

private:
    std::vector<V> u_, d_, gain_;  // u_: column by column
};

}  // namespace rationale::kernel

#endif
