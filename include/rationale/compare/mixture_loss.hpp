#ifndef RATIONALE_COMPARE_MIXTURE_LOSS_HPP
#define RATIONALE_COMPARE_MIXTURE_LOSS_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/fwd.hpp"
#include "rationale/kernel/aligned.hpp"
#include "rationale/kernel/detail/simd.hpp"
#include "rationale/kernel/short_vector.hpp"
#include "rationale/softmax.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale {

/// How far a model is from a mixture of n strategies, as a function of the mixture's weights: smooth and convex. For distributions it is
/// the mean over events of KL(model || sum_q w_q Q_q) in nats, constant - sum_i mass_i log(sum_q w_q ratio_iq); for means the mean squared
/// error, constant - 2 b.w + w'A w. Everything that depends on the model's and the strategies' predictions is summed up once.
class mixture_loss {
public:
    /// The loss at some weights, with its derivatives in them.
    struct derivatives {
        double value = 0;              ///< nats or squared error
        std::vector<double> gradient;  ///< n
        std::vector<double> hessian;   ///< n x n
    };
    /// Numbers that are summed over lanes.
    using terms = kernel::aligned_vector<double>;

    /// Of distributions. There are whole packs of masses, filled up with 0; `ratios` has a row for each strategy, of a number a mass, and
    /// is shared by the models that are compared with the same strategies. A mass of 0 counts for nothing, whatever its ratios. `excluded`
    /// counts outcomes that the model gives and every strategy excludes: one is enough for an infinite loss. Throws std::invalid_argument
    /// for no strategies and sizes that do not fit.
    mixture_loss(std::size_t strategies, double constant, terms masses, std::shared_ptr<const terms> ratios, std::size_t excluded = 0)
        : kind_(prediction_kind::distribution),
          n_(strategies),
          constant_(constant),
          excluded_(excluded),
          row_(masses.size()),
          masses_(std::move(masses)),
          ratios_(std::move(ratios)) {
        detail::check_at_least("rationale::mixture_loss", "the number of strategies", n_, 1);
        if (row_ % kernel::pack_size != 0)
            detail::refuse("rationale::mixture_loss", "the number of masses", std::to_string(row_),
                           "a multiple of " + std::to_string(kernel::pack_size));
        if (row_ > 0) detail::check_size("rationale::mixture_loss", "ratios", ratios_ ? ratios_->size() : 0, n_ * row_);
        leave_out_gaps();
    }
    /// Of means; `gram` is n x n, `cross` has n numbers. Throws std::invalid_argument for other sizes.
    static mixture_loss of_means(double constant, std::vector<double> gram, std::vector<double> cross) {
        detail::check_size("rationale::mixture_loss::of_means", "gram", gram.size(), cross.size() * cross.size());
        mixture_loss out(cross.size(), constant, {}, {});
        out.kind_ = prediction_kind::mean;
        out.gram_ = std::move(gram), out.cross_ = std::move(cross);
        return out;
    }

    /// Of nothing, 0 for all weights: holds the place of a loss that nobody asks for.
    static mixture_loss none(std::size_t strategies) { return {strategies, 0, {}, {}}; }

    /// Says that it sums up this share of the sequences of a mean, in (0, 1].
    void set_share(double share) noexcept { share_ = share; }

    /// sum_i weights_i losses_i, of losses against the same strategies: of sequences that were resampled, say. Where a weight is 0 the loss
    /// may be infinite. Throws std::invalid_argument for no losses, another number of weights, or losses against different strategies.
    static mixture_loss weighted_sum(std::span<const mixture_loss> losses, std::span<const double> weights) {
        constexpr const char* where = "rationale::mixture_loss::weighted_sum";
        detail::check_at_least(where, "the number of losses", losses.size(), 1);
        detail::check_size(where, "weights", weights.size(), losses.size());
        for (const auto& l : losses)
            if (l.kind_ != losses[0].kind_ || l.n_ != losses[0].n_ || l.row_ != losses[0].row_)
                throw std::invalid_argument(std::string(where) + ": the losses are of different strategies, must be of the same");
        mixture_loss out = losses[0];
        out.stretches_.assign(out.row_ > 0 ? 1 : 0, {0, out.row_});
        out.masses_.assign(out.row_, 0.0);
        for (std::size_t i = 0; i < losses.size(); ++i) {
            if (weights[i] == 0) continue;
            const double* mass = losses[i].masses_.data();
            for (const auto& [first, last] : losses[i].stretches_)
                for (std::size_t k = first; k < last; ++k) out.masses_[k] += weights[i] * *mass++;
        }
        const auto combine = [&](auto& total, auto part) {
            std::fill(total.begin(), total.end(), 0.0);
            for (std::size_t i = 0; i < losses.size(); ++i)
                for (std::size_t k = 0; weights[i] != 0 && k < total.size(); ++k) total[k] += weights[i] * part(losses[i])[k];
        };
        out.constant_ = 0, out.excluded_ = 0, out.share_ = 0;
        for (std::size_t i = 0; i < losses.size(); ++i) {
            if (weights[i] == 0) continue;
            out.constant_ += weights[i] * losses[i].constant_, out.excluded_ += losses[i].excluded_;
            out.share_ += weights[i] * losses[i].share_;
        }
        combine(out.gram_, [](const mixture_loss& l) -> const std::vector<double>& { return l.gram_; });
        combine(out.cross_, [](const mixture_loss& l) -> const std::vector<double>& { return l.cross_; });
        return out;
    }

    /// What the strategies predict.
    [[nodiscard]] prediction_kind kind() const noexcept { return kind_; }
    /// Of the sequences that the mean is over, the share that is in it: 1 but for a part.
    [[nodiscard]] double share() const noexcept { return share_; }
    /// How many strategies are mixed.
    [[nodiscard]] std::size_t strategies() const noexcept { return n_; }
    /// A typical size: 1 nat, or the mean over strategies of their squared error.
    [[nodiscard]] double unit() const noexcept {
        if (kind_ == prediction_kind::distribution) return 1;
        double sum = 0;
        for (std::size_t q = 0; q < n_; ++q) sum += constant_ - 2 * cross_[q] + gram_[q * n_ + q];
        return sum / static_cast<double>(n_);
    }
    /// False when no weights make the loss finite: the model gives what every strategy excludes.
    [[nodiscard]] bool finite() const noexcept { return excluded_ == 0; }
    /// Outcomes that the model gives and every strategy excludes.
    [[nodiscard]] std::size_t excluded() const noexcept { return excluded_; }
    /// The loss of the other outcomes alone.
    [[nodiscard]] mixture_loss without_excluded() const {
        mixture_loss out = *this;
        out.excluded_ = 0;
        return out;
    }
    /// Terms summed in an evaluation.
    [[nodiscard]] std::size_t size() const noexcept { return masses_.size(); }

    /// The loss of the mixture with weights w, n of them, in nats or squared error. The latter is not negative, though the sums that the
    /// other members give may be, by their rounding.
    [[nodiscard]] double operator()(std::span<const double> w) const {
        derivatives out;
        add<by::none>(w, out, with_weight(w));
        return kind_ == prediction_kind::mean ? (std::max)(out.value, 0.0) : out.value;
    }

    /// Value, gradient and Hessian with respect to the weights, which need not sum to one here.
    void evaluate(std::span<const double> w, derivatives& out) const {
        few<std::size_t> all(n_);
        std::iota(all.begin(), all.end(), std::size_t{0});
        add<by::weights>(w, out, all);
    }

    /// The loss at weights exp(log_w), finite unless every strategy of weight above -inf excludes what the model gives: weights that are
    /// too small for a number count too.
    [[nodiscard]] double at_log_weights(std::span<const double> log_w) const {
        derivatives out;
        add_log<by::none>(log_w, out);
        return out.value;
    }
    /// The same with w_q dF/dw_q and w_q w_r d2F/(dw_q dw_r) in place of the derivatives: with the responsibilities r_q = w_q Q_q / sum w Q
    /// of an outcome of mass m these are sums of -m r_q and m r_q r_r, which stay finite where 1/w_q does not.
    void evaluate_log_weights(std::span<const double> log_w, derivatives& out) const { add_log<by::logarithms>(log_w, out); }

    /// Its members, for what carries them to another process.
    template <class Bytes>
    friend void fields(Bytes& bytes, mixture_loss& x) {
        bytes(x.kind_, x.n_, x.share_, x.constant_, x.excluded_, x.row_, x.stretches_, x.masses_, x.ratios_, x.gram_, x.cross_);
    }

private:
    enum class by { none, weights, logarithms };
    /// Something of each of a few strategies.
    static constexpr std::size_t usual_strategies = 16;
    template <class T>
    using few = kernel::short_vector<T, usual_strategies>;
    /// Whole packs of a row.
    struct stretch {
        std::size_t first, last;  // the latter is behind it

        template <class Bytes>
        friend void fields(Bytes& bytes, stretch& x) {
            bytes(x.first, x.last);
        }
    };

    template <by Derivatives>
    void add_products(std::span<const double> w, derivatives& out) const {
        const auto factor = [&](std::size_t q) { return Derivatives == by::logarithms ? w[q] : 1.0; };
        for (std::size_t q = 0; q < n_; ++q) {
            double aw = 0;
            for (std::size_t r = 0; r < n_; ++r) aw += gram_[q * n_ + r] * w[r];
            out.value += w[q] * (aw - 2 * cross_[q]);
            if constexpr (Derivatives != by::none) {
                out.gradient[q] = 2 * factor(q) * (aw - cross_[q]);
                for (std::size_t r = 0; r < n_; ++r) out.hessian[q * n_ + r] = 2 * factor(q) * factor(r) * gram_[q * n_ + r];
            }
        }
    }

    [[nodiscard]] static few<std::size_t> with_weight(std::span<const double> w) {
        few<std::size_t> out;
        for (std::size_t q = 0; q < w.size(); ++q)
            if (w[q] != 0) out.push_back(q);
        return out;
    }

    /// Of the mixture of some of the strategies. Returns the least mixture of what has a mass.
    template <by Derivatives>
    double add(std::span<const double> w, derivatives& out, const few<std::size_t>& some) const {
        detail::check_size("rationale::mixture_loss", "w", w.size(), n_);
        out.value = excluded_ == 0 ? constant_ : std::numeric_limits<double>::infinity();
        if constexpr (Derivatives != by::none) out.gradient.assign(n_, 0.0), out.hessian.assign(n_ * n_, 0.0);
        double least = 1;
        if (kind_ == prediction_kind::mean) {
            add_products<Derivatives>(w, out);
        } else {
            // The usual numbers of strategies are constants to the compiler, which then keeps all sums in registers.
            const auto sums = [&](const auto& n) { least = add_logarithms<Derivatives>(n, w, out, some); };
            if (some.size() == 2) sums(extent<2>("", "", 0, 2));
            else if (some.size() == 3) sums(extent<3>("", "", 0, 3));
            else if (some.size() == 5) sums(extent<5>("", "", 0, 5));
            else sums(extent<dynamic>("", "", some.size(), 0));
        }
        return least;
    }

    template <by Derivatives>
    void add_log(std::span<const double> log_w, derivatives& out) const {
        detail::check_size("rationale::mixture_loss", "log_w", log_w.size(), n_);
        few<double> w(n_);
        for (std::size_t q = 0; q < n_; ++q) w[q] = std::exp(log_w[q]);
        // Below the least normal number a mixture, or its inverse, has lost its digits.
        if (!(add<Derivatives>(w, out, with_weight(w)) > 1e-290)) add_far(log_w, Derivatives == by::logarithms, out);
    }

    /// As evaluate_log_weights, with each outcome's mixture in log space: for weights that are nearly 0 where nothing else has the outcome.
    void add_far(std::span<const double> log_w, bool derivatives_too, derivatives& out) const {
        out.value = excluded_ == 0 ? constant_ : std::numeric_limits<double>::infinity();
        std::fill(out.gradient.begin(), out.gradient.end(), 0.0);
        std::fill(out.hessian.begin(), out.hessian.end(), 0.0);
        std::vector<double> r(n_);
        const double* next = masses_.data();
        for (const auto& [first, last] : stretches_)
            for (std::size_t i = first; i < last; ++i) {
                const double mass = *next++;
                if (mass == 0) continue;
                for (std::size_t q = 0; q < n_; ++q) r[q] = log_w[q] + std::log((*ratios_)[q * row_ + i]);
                const double log_mixture = detail::softmax_in_place(r);
                if (log_mixture == kernel::minus_infinity) {
                    out.value = std::numeric_limits<double>::infinity();
                    return;
                }
                out.value -= mass * log_mixture;
                if (!derivatives_too) continue;
                for (std::size_t q = 0; q < n_; ++q) {
                    out.gradient[q] -= mass * r[q];
                    for (std::size_t s = 0; s < n_; ++s) out.hessian[q * n_ + s] += mass * r[q] * r[s];
                }
            }
    }

    // Not inlined: where a caller's number of weights is a constant, the compiler would warn of the branches for other numbers.
    template <by Derivatives, std::size_t N>
    [[gnu::noinline]] double add_logarithms(const extent<N>& n, std::span<const double> w, derivatives& out,
                                            const few<std::size_t>& some) const {
        using V = kernel::native_lanes::of<double>;
        using access = kernel::lane_access<V>;
        constexpr std::size_t triangle = N == dynamic ? dynamic : N * (N + 1) / 2;
        auto weight = zeros<V, N, usual_strategies>(n.size()), share = weight, gradient = weight;
        // Row q of the lower triangle begins at q (q + 1)/2.
        auto hessian = zeros<V, triangle, usual_strategies*(usual_strategies + 1) / 2>(n.size() * (n.size() + 1) / 2);
        std::conditional_t<N == dynamic, few<const double*>, std::array<const double*, N == dynamic ? 1 : N>> rows{};
        if constexpr (N == dynamic) rows.resize(n.size());
        n.each([&](std::size_t q) { weight[q] = V(w[some[q]]), rows[q] = masses_.empty() ? nullptr : ratios_->data() + some[q] * row_; });
        const V zero(0.0), one(1.0);
        V value = zero, minus_least = -one;
        const auto add = [&](const double* masses, std::size_t i) {
            const V mass = access::load(masses);
            V mixed = zero;
            n.each([&](std::size_t q) {
                share[q] = access::load(rows[q] + i);
                if constexpr (Derivatives == by::logarithms) {
                    share[q] = weight[q] * share[q];
                    mixed = mixed + share[q];
                } else {
                    mixed = access::multiply_add(weight[q], share[q], mixed);
                }
            });
            mixed = kernel::select(mass == zero, one, mixed);
            minus_least = access::larger(minus_least, -mixed);
            value = access::multiply_add(mass, kernel::logarithm(mixed), value);
            if constexpr (Derivatives != by::none) {
                const V inverse = one / mixed;
                n.each([&](std::size_t q) {
                    share[q] = share[q] * inverse;
                    const V part = mass * share[q];
                    gradient[q] = gradient[q] + part;
                    n.each([&](std::size_t r) {
                        if (r > q) return;
                        V& sum = hessian[q * (q + 1) / 2 + r];
                        sum = access::multiply_add(part, share[r], sum);
                    });
                });
            }
        };
        const double* next = masses_.data();
        for (const auto& [first, last] : stretches_)
            for (std::size_t i = first; i < last; i += kernel::lane_count<V>, next += kernel::lane_count<V>) add(next, i);
        out.value -= kernel::lane_sum(value);
        if constexpr (Derivatives != by::none)
            for (std::size_t q = 0; q < n.size(); ++q) {
                out.gradient[some[q]] = -kernel::lane_sum(gradient[q]);
                for (std::size_t r = 0; r <= q; ++r)
                    out.hessian[some[q] * n_ + some[r]] = out.hessian[some[r] * n_ + some[q]] =
                        kernel::lane_sum(hessian[q * (q + 1) / 2 + r]);
            }
        return -kernel::lane_maximum(minus_least);
    }

    /// Of a part of the sequences most masses may be 0: long runs of these are not kept.
    void leave_out_gaps() {
        constexpr std::size_t worth_a_stretch = 4 * kernel::pack_size;
        std::size_t to = 0;
        for (std::size_t i = 0; i < row_; i += kernel::pack_size) {
            const auto at = masses_.begin() + static_cast<std::ptrdiff_t>(i);
            if (std::all_of(at, at + kernel::pack_size, [](double m) { return m == 0; })) continue;
            if (stretches_.empty() || i > stretches_.back().last + worth_a_stretch) stretches_.push_back({i, i});
            const std::size_t from = std::exchange(stretches_.back().last, i + kernel::pack_size);
            for (std::size_t k = from; k < stretches_.back().last; ++k) masses_[to++] = masses_[k];
        }
        if (to < row_) masses_ = terms(masses_.begin(), masses_.begin() + static_cast<std::ptrdiff_t>(to));
    }

    template <class V, std::size_t N, std::size_t Room>
    static auto zeros(std::size_t size) {
        if constexpr (N == dynamic) {
            return kernel::short_vector<V, Room>(size, V(0.0));
        } else {
            std::array<V, N> out;
            out.fill(V(0.0));
            return out;
        }
    }

    prediction_kind kind_;
    std::size_t n_;
    double share_ = 1;
    double constant_;
    std::size_t excluded_ = 0;
    std::size_t row_;                   // numbers in a row of the ratios
    std::vector<stretch> stretches_{};  // of the row, in order, which the masses belong to
    terms masses_;
    std::shared_ptr<const terms> ratios_;
    std::vector<double> gram_, cross_;  // of means
};

}  // namespace rationale

#endif
