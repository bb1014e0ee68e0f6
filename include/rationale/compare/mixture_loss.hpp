#ifndef RATIONALE_COMPARE_MIXTURE_LOSS_HPP
#define RATIONALE_COMPARE_MIXTURE_LOSS_HPP

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "rationale/task/prediction.hpp"

namespace rationale {

/// How far a model is from a mixture of n strategies, as a function of the mixture's weights: smooth and convex. For distributions it is
/// the mean over events of KL(model || sum_q w_q Q_q) in nats, constant - sum_i mass_i log(sum_q w_q ratio_iq); for means the mean squared
/// error, constant - 2 b.w + w'A w. Everything that depends on the model's and the strategies' predictions is summed up once.
class mixture_loss {
public:
    struct derivatives {
        double value = 0;
        std::vector<double> gradient;  ///< n
        std::vector<double> hessian;   ///< n x n
    };

    /// Of distributions; `ratios` has n numbers a mass. `excluded` counts outcomes that the model gives and every strategy excludes: one is
    /// enough for an infinite loss.
    mixture_loss(std::size_t strategies, double constant, std::vector<double> masses, std::vector<double> ratios, std::size_t excluded = 0)
        : kind_(prediction_kind::distribution),
          n_(strategies),
          constant_(constant),
          excluded_(excluded),
          a_(std::move(ratios)),
          b_(std::move(masses)) {}
    /// Of means; `gram` is n x n, `cross` has n numbers.
    static mixture_loss of_means(double constant, std::vector<double> gram, std::vector<double> cross) {
        const std::size_t n = cross.size();
        mixture_loss out(n, constant, std::move(cross), std::move(gram));
        out.kind_ = prediction_kind::mean;
        return out;
    }

    [[nodiscard]] prediction_kind kind() const noexcept { return kind_; }
    [[nodiscard]] std::size_t strategies() const noexcept { return n_; }
    /// False when no weights make the loss finite: the model gives what every strategy excludes.
    [[nodiscard]] bool finite() const noexcept { return excluded_ == 0; }
    [[nodiscard]] std::size_t excluded() const noexcept { return excluded_; }
    /// The loss of the other outcomes alone.
    [[nodiscard]] mixture_loss without_excluded() const {
        mixture_loss out = *this;
        out.excluded_ = 0;
        return out;
    }
    /// Terms summed in an evaluation.
    [[nodiscard]] std::size_t size() const noexcept { return b_.size(); }

    [[nodiscard]] double operator()(std::span<const double> w) const noexcept {
        double value = base();
        if (kind_ == prediction_kind::mean) {
            for (std::size_t q = 0; q < n_; ++q) {
                value -= 2 * b_[q] * w[q];
                for (std::size_t r = 0; r < n_; ++r) value += w[q] * a_[q * n_ + r] * w[r];
            }
            return value;
        }
        for (std::size_t i = 0; i < b_.size(); ++i) {
            double mixed = 0;
            for (std::size_t q = 0; q < n_; ++q) mixed += w[q] * a_[i * n_ + q];
            value -= b_[i] * std::log(mixed);
        }
        return value;
    }

    /// Value, gradient and Hessian with respect to the weights, which need not sum to one here.
    void evaluate(std::span<const double> w, derivatives& out) const {
        out.value = base();
        out.gradient.assign(n_, 0.0);
        out.hessian.assign(n_ * n_, 0.0);
        if (kind_ == prediction_kind::mean) {
            for (std::size_t q = 0; q < n_; ++q) {
                double aw = 0;
                for (std::size_t r = 0; r < n_; ++r) aw += a_[q * n_ + r] * w[r];
                out.value += w[q] * (aw - 2 * b_[q]);
                out.gradient[q] = 2 * (aw - b_[q]);
            }
            for (std::size_t i = 0; i < a_.size(); ++i) out.hessian[i] = 2 * a_[i];
            return;
        }
        for (std::size_t i = 0; i < b_.size(); ++i) {
            const double* const ratio = a_.data() + i * n_;
            double mixed = 0;
            for (std::size_t q = 0; q < n_; ++q) mixed += w[q] * ratio[q];
            out.value -= b_[i] * std::log(mixed);
            const double share = b_[i] / mixed;
            for (std::size_t q = 0; q < n_; ++q) {
                out.gradient[q] -= share * ratio[q];
                for (std::size_t r = 0; r <= q; ++r) out.hessian[q * n_ + r] += share / mixed * ratio[q] * ratio[r];
            }
        }
        for (std::size_t q = 0; q < n_; ++q)
            for (std::size_t r = 0; r < q; ++r) out.hessian[r * n_ + q] = out.hessian[q * n_ + r];
    }

private:
    [[nodiscard]] double base() const noexcept { return excluded_ == 0 ? constant_ : std::numeric_limits<double>::infinity(); }

    prediction_kind kind_;
    std::size_t n_;
    double constant_;
    std::size_t excluded_ = 0;
    std::vector<double> a_;  // ratios, or the Gram matrix
    std::vector<double> b_;  // masses, or the cross terms
};

}  // namespace rationale

#endif
