#ifndef RATIONALE_PRIOR_MEMORY_HPP
#define RATIONALE_PRIOR_MEMORY_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/kernel/covariance.hpp"
#include "rationale/kernel/gamma_functions.hpp"
#include "rationale/prior/normal_inverse_gamma.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/balls_and_urns.hpp"
#include "rationale/task/classification.hpp"
#include "rationale/task/feature_regression.hpp"
#include "rationale/task/gaussian_location.hpp"
#include "rationale/task/linear_regression.hpp"
#include "rationale/task/markov_chain.hpp"

namespace rationale {

/// What a family's memory of limited precision is: the belief about a seen task is the family's own prior updated by kappa average
/// pseudo-observations of that task. kappa = 0 is the prior, kappa = infinity the task itself. Specialised for each family, beside it:
///
///   share(precision)             s in [0, 1], the part of the belief's mean that is the task's own and not the prior's
///   precision(share)             its inverse
///   nats(table, d, s)            KL(belief || own prior): what storing task d so precisely takes; infinite for s = 1
///   draw(rng, table, d, s, out, row)   draws a task from the belief about task d into a row of `out`
///
/// With a fold of these beliefs, predictive<F, remembered<seen_tasks<F>, Precision>> (prior/remembered*.hpp), an analysis has memory.
/// Precision is double; also std::vector<double>, one a task, where F predicts distributions and generalizes by its own prior.
template <class F>
class memory;

namespace detail {
/// precision/(precision + half), and 1 for an infinite precision; its inverse.
[[nodiscard]] inline double share_of(double precision, double half) noexcept {
    return precision < std::numeric_limits<double>::infinity() ? precision / (precision + half) : 1;
}
[[nodiscard]] inline double precision_of(double share, double half) noexcept {
    return share < 1 ? half * share / (1 - share) : std::numeric_limits<double>::infinity();
}

/// KL(N(mean + s (w - mean), (1-s) variance I) || N(mean, variance I)), with `square` = |w - mean|^2.
[[nodiscard]] inline double gaussian_memory_nats(std::size_t dimensions, double square, double variance, double s) noexcept {
    const auto d = static_cast<double>(dimensions);
    return 0.5 * (s * s * square / variance - d * s - d * std::log1p(-s));
}
}  // namespace detail

namespace detail {
/// Tasks whose rows are distributions, each of them Dirichlet(a + kappa w_row): s = kappa/(kappa + sum a).
template <class F>
class memory_of_rows {
public:
    using task_table = typename F::task_table;

    /// Of tasks of this family.
    explicit memory_of_rows(const F& family) : a_(family.values().concentration), a_sum_(std::accumulate(a_.begin(), a_.end(), 0.0)) {}

    /// s of a precision kappa.
    [[nodiscard]] double share(double precision) const noexcept { return share_of(precision, a_sum_); }
    /// kappa of a share s, infinite for 1.
    [[nodiscard]] double precision(double share) const noexcept { return precision_of(share, a_sum_); }
    /// What remembering task d with share s takes: KL(belief || own prior) in nats, summed over its rows. With x_k = a_k + kappa w_k, a
    /// row's is sum_k of what x_k has over a_k, of h less a_k digamma, less the same of their sums, h(x) = x digamma(x) - log Gamma(x) - x:
    /// nothing that grows faster than log kappa.
    [[nodiscard]] double nats(const task_table& table, std::size_t d, double s) const {
        if (s == 1) return std::numeric_limits<double>::infinity();
        const double kappa = precision(s);
        const auto gain = [](double x, double a) {
            return x == a ? 0 : digamma_remainder(x) - digamma_remainder(a) - a * (digamma(x) - digamma(a));
        };
        double out = 0;
        const auto task = row(table.tasks, d);
        for (std::size_t first = 0; first < task.size(); first += a_.size()) {
            double total = 0;
            for (std::size_t k = 0; k < a_.size(); ++k) {
                const double x = a_[k] + kappa * task[first + k];
                total += x, out += gain(x, a_[k]);
            }
            out -= gain(total, a_sum_);
        }
        return (std::max)(out, 0.0);
    }
    void draw(philox& rng, const task_table& table, std::size_t d, double s, task_table& out, std::size_t to) const {
        const auto task = row(table.tasks, d);
        const auto drawn = row(out.tasks, to);
        std::copy(task.begin(), task.end(), drawn.begin());
        if (s == 1) return;
        std::vector<double> belief(a_.size());
        for (std::size_t first = 0; first < task.size(); first += a_.size()) {
            for (std::size_t k = 0; k < a_.size(); ++k) belief[k] = a_[k] + precision(s) * task[first + k];
            sample_dirichlet(rng, belief, drawn.subspan(first, a_.size()));
        }
    }

private:
    std::vector<double> a_;
    double a_sum_;
};
}  // namespace detail

/// Dirichlet(a + kappa w).
template <std::size_t K>
class memory<balls_and_urns<K>> : public detail::memory_of_rows<balls_and_urns<K>> {
public:
    using detail::memory_of_rows<balls_and_urns<K>>::memory_of_rows;
};

/// The rows are Dirichlet(a + kappa w_row): kappa tokens behind the tokens of each row.
template <std::size_t K, std::size_t M>
class memory<markov_chain<K, M>> : public detail::memory_of_rows<markov_chain<K, M>> {
public:
    using detail::memory_of_rows<markov_chain<K, M>>::memory_of_rows;
};

namespace detail {
/// N(mu + s (w - mu), (1-s) C), C the tasks' covariance and v the mean of its variances, s = kappa square v/(the same + noise_variance):
/// kappa pairs (x, y) of average size, `square` the mean of |x|^2/d, whose x spread as C^-1, all alike where C is v I.
class weights_memory {
public:
    weights_memory(const std::vector<double>& mean, kernel::covariance covariance, double noise_variance, double square)
        : mean_(mean), covariance_(std::move(covariance)), half_(noise_variance / (square * covariance_.mean_variance())) {}

    /// s of a precision kappa.
    [[nodiscard]] double share(double precision) const noexcept { return detail::share_of(precision, half_); }
    /// kappa of a share s, infinite for 1.
    [[nodiscard]] double precision(double share) const noexcept { return detail::precision_of(share, half_); }
    /// What remembering task d with share s takes: KL(belief || own prior) in nats.
    template <class Table>
    [[nodiscard]] double nats(const Table& table, std::size_t d, double s) const {
        std::vector<double> apart(mean_.size());
        for (std::size_t i = 0; i < mean_.size(); ++i) apart[i] = table.tasks(d, i) - mean_[i];
        return detail::gaussian_memory_nats(mean_.size(), covariance_.square(apart), 1, s);
    }
    template <class Table>
    void draw(philox& rng, const Table& table, std::size_t d, double s, Table& out, std::size_t to) const {
        const auto drawn = row(out.tasks, to);
        fill_standard_normal(rng, drawn);
        covariance_.colour(drawn, 1 - s);
        for (std::size_t i = 0; i < mean_.size(); ++i) drawn[i] += mean_[i] + s * (table.tasks(d, i) - mean_[i]);
    }

private:
    std::vector<double> mean_;
    kernel::covariance covariance_;
    double half_;
};
}  // namespace detail

/// Gaussian about the weights of a task.
template <std::size_t Dimensions>
class memory<linear_regression<Dimensions>> : public detail::weights_memory {
public:
    /// Of tasks of this family.
    explicit memory(const linear_regression<Dimensions>& family)
        : weights_memory(family.values().task_mean, family.task_covariance(), family.noise_variance(), family.values().input_variance) {}
};

/// The same of weights of features.
template <class Basis>
class memory<feature_regression<Basis>> : public detail::weights_memory {
public:
    /// Of tasks of this family.
    explicit memory(const feature_regression<Basis>& family)
        : weights_memory(std::vector<double>(family.dimensions()), kernel::covariance(family.dimensions(), family.values().task_variance),
                         family.noise_variance(), family.feature_square()) {}
};

/// The item is N(s z, (1-s) item_variance I), s = kappa/(kappa + within_class_variance): kappa shown examples of it. Its label is stored as
/// it is, which takes log L nats more.
template <std::size_t Dimensions, std::size_t Labels>
class memory<classification<Dimensions, Labels>> {
public:
    using task_table = typename classification<Dimensions, Labels>::task_table;

    /// Of tasks of this family.
    explicit memory(const classification<Dimensions, Labels>& family)
        : variance_(family.item_variance()),
          half_(family.within_class_variance()),
          label_nats_(std::log(static_cast<double>(family.outcomes()))) {}

    /// s of a precision kappa.
    [[nodiscard]] double share(double precision) const noexcept { return detail::share_of(precision, half_); }
    /// kappa of a share s, infinite for 1.
    [[nodiscard]] double precision(double share) const noexcept { return detail::precision_of(share, half_); }
    /// What remembering task d with share s takes: KL(belief || own prior) in nats.
    [[nodiscard]] double nats(const task_table& table, std::size_t d, double s) const {
        double square = 0;
        for (double z : row(table.tasks, d)) square += z * z;
        return label_nats_ + detail::gaussian_memory_nats(table.tasks.shape(1), square, variance_, s);
    }
    void draw(philox& rng, const task_table& table, std::size_t d, double s, task_table& out, std::size_t to) const {
        const auto item = row(table.tasks, d);
        const auto drawn = row(out.tasks, to);
        fill_standard_normal(rng, drawn);
        for (std::size_t i = 0; i < item.size(); ++i) drawn[i] = s * item[i] + std::sqrt((1 - s) * variance_) * drawn[i];
        out.task_labels(to) = table.task_labels(d);
    }

private:
    double variance_, half_, label_nats_;
};

/// The own prior updated by kappa numbers whose mean and variance are the task's, s = kappa/(kappa + strength). With a known variance
/// N(mean + s (w - mean), (1-s) noise_variance/strength), whatever the task's; otherwise a normal-inverse-gamma of strength + kappa, shape
/// + kappa/2 and rate + kappa v/2 + strength s (w - mean)^2/2 for a task of mean w and variance v.
template <>
class memory<gaussian_location> {
public:
    using task_table = gaussian_location::task_table;

    /// Of tasks of this family.
    explicit memory(const gaussian_location& family) : own_(family.values()) {}

    /// s of a precision kappa.
    [[nodiscard]] double share(double precision) const noexcept { return detail::share_of(precision, own_.strength); }
    /// kappa of a share s, infinite for 1.
    [[nodiscard]] double precision(double share) const noexcept { return detail::precision_of(share, own_.strength); }
    /// The belief about task d, remembered with precision kappa.
    [[nodiscard]] detail::location_belief belief(const task_table& table, std::size_t d, double kappa) const {
        const double apart = table.tasks(d, 0) - own_.mean, s = share(kappa);
        detail::location_belief out = own_;
        out.mean += s * apart;
        out.strength += kappa;
        if (own_.shape == std::numeric_limits<double>::infinity()) return out;
        const double t = detail::share_of(kappa, 2 * own_.shape);
        out.shape += 0.5 * kappa;
        out.scale = (1 - t) * own_.scale + t * (table.tasks(d, 1) + (1 - s) * apart * apart);
        return out;
    }
    /// What remembering task d with share s takes: KL(belief || own prior) in nats.
    [[nodiscard]] double nats(const task_table& table, std::size_t d, double s) const {
        if (s == 1) return std::numeric_limits<double>::infinity();
        const auto b = belief(table, d, precision(s));
        const double moved = b.mean - own_.mean, of_mean = 0.5 * (own_.strength * moved * moved / b.scale - s - std::log1p(-s));
        if (b.shape == std::numeric_limits<double>::infinity()) return of_mean;
        const double larger = b.shape * b.scale / (own_.shape * own_.scale);
        // Of Gamma beliefs about 1/variance, with no term that grows faster than the logarithm of b.shape.
        const double of_variance =
            detail::digamma_remainder(b.shape) - detail::digamma_remainder(own_.shape) +
            own_.shape * (std::log(larger) + detail::digamma(own_.shape) - detail::digamma(b.shape) + own_.scale / b.scale - 1);
        return (std::max)(of_mean + of_variance, 0.0);
    }
    void draw(philox& rng, const task_table& table, std::size_t d, double s, task_table& out, std::size_t to) const {
        belief(table, d, precision(s)).draw(rng, out, to);
    }

private:
    detail::location_belief own_;
};

}  // namespace rationale

#endif
