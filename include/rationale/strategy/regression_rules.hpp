#ifndef RATIONALE_STRATEGY_REGRESSION_RULES_HPP
#define RATIONALE_STRATEGY_REGRESSION_RULES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/strategy/strategy.hpp"
#include "rationale/task/extent.hpp"

namespace rationale {

// Rules that predict y at t from x at t and the pairs before it, for linear_regression and its relatives. Their evidence takes y as
// N(prediction, noise variance).

namespace detail {
/// Runs a rule: say(t) gives the mean, hear(t) takes the pair in.
template <class F, class View, class Say, class Hear>
void follow_pairs(const F& family, const View& view, std::span<double> values, std::span<double> log_evidence, const Say& say,
                  const Hear& hear) {
    log_evidence[0] = 0;
    for (std::size_t t = 0; t < view.events(); ++t) {
        values[t] = say(t);
        const double residual = view.observation(t) - values[t];
        log_evidence[t + 1] = log_evidence[t] - 0.5 * (residual * residual / family.noise_variance() +
                                                       std::log(2 * std::numbers::pi * family.noise_variance()));
        hear(t);
    }
}
inline double dot(std::span<const double> a, std::span<const double> b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }
}  // namespace detail

/// Ordinary least squares, of least norm where the pairs leave w open: Greville's recursion for the pseudo-inverse, O(d^2) a pair.
template <class F>
class ordinary_least_squares {
public:
    explicit ordinary_least_squares(F family) : family_(std::move(family)) {}

    [[nodiscard]] const F& family() const noexcept { return family_; }
    [[nodiscard]] static constexpr std::string_view name() noexcept { return "ordinary least squares"; }
    [[nodiscard]] std::vector<double> numbers() const { return {}; }
    template <class View>
    void predict_sequence(const View& view, std::span<double> values, std::span<double> log_evidence) const {
        const std::size_t d = family_.dimensions();
        std::vector<double> w(d), open(d * d), inverse(d * d), px(d), qx(d);  // open projects on what no x has touched
        for (std::size_t i = 0; i < d; ++i) open[i * d + i] = 1;
        const auto times = [&](const std::vector<double>& matrix, std::span<const double> x, std::vector<double>& out) {
            for (std::size_t i = 0; i < d; ++i) out[i] = detail::dot(std::span(matrix).subspan(i * d, d), x);
        };
        const auto say = [&](std::size_t t) { return detail::dot(w, view.input(t)); };
        detail::follow_pairs(family_, view, values, log_evidence, say, [&](std::size_t t) {
            const auto x = view.input(t);
            times(open, x, qx), times(inverse, x, px);
            const double fresh = detail::dot(qx, x), square = detail::dot(x, x), spread = 1 + detail::dot(px, x);
            const double residual = view.observation(t) - say(t);
            const bool new_direction = fresh > 1e-10 * square;
            for (std::size_t i = 0; i < d; ++i) w[i] += residual * (new_direction ? qx[i] / fresh : px[i] / spread);
            for (std::size_t i = 0; i < d; ++i)
                for (std::size_t j = 0; j < d; ++j)
                    if (new_direction) {
                        inverse[i * d + j] += spread * qx[i] * qx[j] / (fresh * fresh) - (px[i] * qx[j] + qx[i] * px[j]) / fresh;
                        open[i * d + j] -= qx[i] * qx[j] / fresh;
                    } else {
                        inverse[i * d + j] -= px[i] * px[j] / spread;
                    }
        });
    }

private:
    F family_;
};

/// `steps` steps of gradient descent on the mean squared error of the pairs so far, from w = 0: w <- w + rate (1/t) sum_i (y_i - w.x_i)
/// x_i. One step is what a layer of linear attention can do. O(T d^2 steps) a sequence, from running second moments.
template <class F>
class gradient_descent {
public:
    /// Throws std::invalid_argument for a rate that is not positive.
    gradient_descent(F family, std::size_t steps, double rate)
        : family_(std::move(family)), steps_(steps), rate_(detail::positive("rationale::gradient_descent", "rate", rate)) {}

    [[nodiscard]] const F& family() const noexcept { return family_; }
    [[nodiscard]] static constexpr std::string_view name() noexcept { return "gradient descent"; }
    [[nodiscard]] std::vector<double> numbers() const { return {static_cast<double>(steps_), rate_}; }
    template <class View>
    void predict_sequence(const View& view, std::span<double> values, std::span<double> log_evidence) const {
        const std::size_t d = family_.dimensions();
        std::vector<double> xx(d * d), xy(d), w(d), step(d);
        const auto say = [&](std::size_t t) {
            std::fill(w.begin(), w.end(), 0.0);
            for (std::size_t s = 0; t > 0 && s < steps_; ++s) {
                for (std::size_t i = 0; i < d; ++i) step[i] = xy[i] - detail::dot(std::span(xx).subspan(i * d, d), w);
                for (std::size_t i = 0; i < d; ++i) w[i] += rate_ / static_cast<double>(t) * step[i];
            }
            return detail::dot(w, view.input(t));
        };
        detail::follow_pairs(family_, view, values, log_evidence, say, [&](std::size_t t) {
            const auto x = view.input(t);
            for (std::size_t i = 0; i < d; ++i) {
                xy[i] += x[i] * view.observation(t);
                for (std::size_t j = 0; j < d; ++j) xx[i * d + j] += x[i] * x[j];
            }
        });
    }

private:
    F family_;
    std::size_t steps_;
    double rate_;
};

/// The mean y of the k pairs whose x are nearest, of equally near ones the first; 0 before the first pair. O(T^2 d) a sequence.
template <class F>
class nearest_neighbors {
public:
    /// Throws std::invalid_argument for k = 0.
    nearest_neighbors(F family, std::size_t k) : family_(std::move(family)), k_(k) {
        if (k == 0) throw std::invalid_argument("rationale::nearest_neighbors: k is 0, must be at least 1");
    }

    [[nodiscard]] const F& family() const noexcept { return family_; }
    [[nodiscard]] static constexpr std::string_view name() noexcept { return "nearest neighbors"; }
    [[nodiscard]] std::vector<double> numbers() const { return {static_cast<double>(k_)}; }
    template <class View>
    void predict_sequence(const View& view, std::span<double> values, std::span<double> log_evidence) const {
        std::vector<std::pair<double, std::size_t>> others;  // squared distance, place
        const auto say = [&](std::size_t t) {
            others.clear();
            for (std::size_t i = 0; i < t; ++i) {
                const auto x = view.input(t), other = view.input(i);
                double square = 0;
                for (std::size_t j = 0; j < x.size(); ++j) square += (x[j] - other[j]) * (x[j] - other[j]);
                if (!std::isfinite(square)) return std::numeric_limits<double>::quiet_NaN();  // no neighbour is nearer than another
                others.emplace_back(square, i);
            }
            const std::size_t n = (std::min)(k_, t);
            std::nth_element(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(n == 0 ? 0 : n - 1), others.end());
            double sum = 0;
            for (std::size_t i = 0; i < n; ++i) sum += view.observation(others[i].second);
            return n == 0 ? 0.0 : sum / static_cast<double>(n);
        };
        detail::follow_pairs(family_, view, values, log_evidence, say, [](std::size_t) {});
    }

private:
    F family_;
    std::size_t k_;
};

}  // namespace rationale

#endif
