#ifndef RATIONALE_COMPARE_CONTEXT_LOSS_HPP
#define RATIONALE_COMPARE_CONTEXT_LOSS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/compare/divergence.hpp"
#include "rationale/compare/mixture_loss.hpp"
#include "rationale/compare/through_softmax.hpp"
#include "rationale/kept.hpp"
#include "rationale/softmax.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale {

/// How far a model is from a mixture whose weights differ from position to position: at position t of sequence s they are proportional to
/// exp(eta_q - lambda n_q(s, t)), with n_q(s, t) the nats that strategy q gave the outcomes before t. As a function of the n numbers eta
/// and of lambda; mean over events of KL(model || mixture) in nats, or of the squared error. It refers to what it is made from, which must
/// outlive it, unless that is temporary, which it keeps. An evaluation reads all predictions: O(n^2) for each event and O(n^2) for each
/// outcome.
class context_loss {
public:
    /// `nats_before[q]` has a number for each event, as the predictions are laid out. Throws std::invalid_argument for no strategies and
    /// when shapes differ.
    context_loss(kept_list<predictions> strategies, kept_list<ndarray<double, 2>> nats_before, kept_value<predictions> model)
        : strategies_(std::move(strategies)), nats_(std::move(nats_before)), model_(std::move(model)) {
        constexpr const char* where = "rationale::context_loss";
        detail::check_at_least(where, "the number of strategies", strategies_.size(), 1);
        for (const auto& q : strategies_) detail::check_same_shape(where, q, *model_);
        detail::check_size(where, "nats_before", nats_.size(), strategies_.size());
        for (const auto& x : nats_) detail::check_size(where, "an entry of nats_before", x.size(), model_->sequences() * model_->events());
    }

    /// The loss in nats, or squared error, of weights softmax(eta_q - lambda times strategy q's nats so far). Throws std::invalid_argument
    /// for another number of eta than strategies, and a lambda that is negative or no number.
    [[nodiscard]] double value(std::span<const double> eta, double lambda) const {
        mixture_loss::derivatives out;
        sum<false>(eta, lambda, out);
        return out.value;
    }
    /// Value, gradient (n+1) and Hessian with respect to eta, then lambda.
    void evaluate(std::span<const double> eta, double lambda, mixture_loss::derivatives& out) const { sum<true>(eta, lambda, out); }

    /// A typical size: 1 nat, or the mean over strategies of their squared error.
    [[nodiscard]] double unit() const {
        if (model_->kind == prediction_kind::distribution) return 1;
        double sum = 0;
        for (const auto& q : strategies_) {
            const auto errors = divergences(squared_error{}, *model_, q);
            for (double e : errors) sum += e / static_cast<double>(errors.size());
        }
        return sum / static_cast<double>(strategies_.size());
    }

private:
    template <bool Derivatives>
    void sum(std::span<const double> eta, double lambda, mixture_loss::derivatives& out) const {
        const std::size_t n = strategies_.size(), outcomes = model_->outcomes(), events = model_->sequences() * model_->events();
        detail::check_size("rationale::context_loss", "eta", eta.size(), n);
        if (!(lambda >= 0)) detail::refuse("rationale::context_loss", "lambda", detail::number_text(lambda), "at least 0");
        const bool means = model_->kind == prediction_kind::mean;
        out.value = 0;
        out.gradient.assign(Derivatives ? n + 1 : 0, 0.0);
        out.hessian.assign(Derivatives ? (n + 1) * (n + 1) : 0, 0.0);
        std::vector<double> w(n), share(n), g(n), h(n * n), tilt(n), all_mixed(events * outcomes);
        for (std::size_t e = 0; e < events; ++e) {
            for (std::size_t q = 0; q < n; ++q) w[q] = eta[q] - (lambda > 0 ? lambda * nats_[q].data()[e] : 0);
            detail::softmax_in_place(w);
            std::fill(g.begin(), g.end(), 0.0);
            std::fill(h.begin(), h.end(), 0.0);
            for (std::size_t k = e * outcomes; k < (e + 1) * outcomes; ++k) {
                const double target = model_->values.data()[k];
                double mixed = 0;
                for (std::size_t q = 0; q < n; ++q) mixed += share[q] = w[q] * strategies_[q].values.data()[k];
                all_mixed[k] = mixed;
                if constexpr (Derivatives) {
                    if (!means && target == 0) continue;
                    // Derivatives of the outcome's part with respect to the mixture, times it where that is a probability.
                    const double first = means ? 2 * (mixed - target) : -target, second = means ? 2 : target;
                    for (std::size_t q = 0; q < n; ++q) {
                        if (!means) share[q] /= mixed;
                        g[q] += first * share[q];
                        for (std::size_t r = 0; r <= q; ++r) h[q * n + r] += second * share[q] * share[r];
                    }
                }
            }
            if constexpr (Derivatives) add_event(e, w, g, h, tilt, out);
        }
        // Logarithms are taken of all events' mixtures together, on lanes.
        const std::span<const double> target(model_->values.data(), all_mixed.size()), mixed(all_mixed);
        out.value = means ? divergence(squared_error{}, target, mixed) : divergence(kl{}, target, mixed);
        const auto count = static_cast<double>(events);
        out.value /= count;
        for (double& x : out.gradient) x /= count;
        for (double& x : out.hessian) x /= count;
    }

    /// Through the softmax, and to lambda, whose derivative of log weight q is -n_q. `h` is given in its lower triangle.
    void add_event(std::size_t e, const std::vector<double>& w, std::vector<double>& g, std::vector<double>& h, std::vector<double>& tilt,
                   mixture_loss::derivatives& out) const {
        const std::size_t n = w.size();
        for (std::size_t q = 0; q < n; ++q)
            for (std::size_t r = 0; r < q; ++r) h[r * n + q] = h[q * n + r];
        detail::through_softmax(w, g, h, tilt);
        const std::size_t m = n + 1;
        // A constant in all nats changes nothing; without it a long context's are not huge.
        double least = std::numeric_limits<double>::infinity();
        for (std::size_t q = 0; q < n; ++q) least = (std::min)(least, nats_[q].data()[e]);
        for (std::size_t q = 0; q < n; ++q) tilt[q] = w[q] > 0 ? least - nats_[q].data()[e] : 0;
        for (std::size_t q = 0; q < n; ++q) {
            out.gradient[q] += g[q];
            out.gradient[n] += g[q] * tilt[q];
            for (std::size_t r = 0; r < n; ++r) {
                out.hessian[q * m + r] += h[q * n + r];
                out.hessian[q * m + n] += h[q * n + r] * tilt[r];
                out.hessian[n * m + q] += h[q * n + r] * tilt[r];
                out.hessian[n * m + n] += tilt[q] * h[q * n + r] * tilt[r];
            }
        }
    }

    kept_list<predictions> strategies_;
    kept_list<ndarray<double, 2>> nats_;
    kept_value<predictions> model_;
};

}  // namespace rationale

#endif
