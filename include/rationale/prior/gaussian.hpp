#ifndef RATIONALE_PRIOR_GAUSSIAN_HPP
#define RATIONALE_PRIOR_GAUSSIAN_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/kernel/covariance_factor.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/classification.hpp"
#include "rationale/task/linear_regression.hpp"

namespace rationale {

/// An isotropic Gaussian N(mean, variance I).
class gaussian {
public:
    /// Throws std::invalid_argument for no coordinates or a variance that is not positive.
    gaussian(std::vector<double> mean, double variance)
        : mean_(std::move(mean)), variance_(detail::positive("rationale::gaussian", "variance", variance)) {
        if (mean_.empty()) throw std::invalid_argument("rationale::gaussian: mean has 0 numbers, must have at least 1");
    }

    [[nodiscard]] std::span<const double> mean() const noexcept { return mean_; }
    [[nodiscard]] double variance() const noexcept { return variance_; }

    [[nodiscard]] std::size_t size() const noexcept { return 1; }
    [[nodiscard]] double log_weight(std::size_t) const noexcept { return 0; }
    /// {mean, variance}, the mean as one number when all its coordinates are equal.
    [[nodiscard]] std::vector<double> numbers() const {
        std::vector<double> all = mean_;
        if (std::all_of(all.begin(), all.end(), [&](double m) { return m == all[0]; })) all.resize(1);
        all.push_back(variance_);
        return all;
    }

    template <std::size_t Dimensions>
    void draw(philox& rng, const linear_regression<Dimensions>&, typename linear_regression<Dimensions>::task_table& table,
              std::size_t d) const {
        draw_point(rng, row(table.tasks, d));
    }
    /// The item is Gaussian and its label uniform.
    template <std::size_t Dimensions, std::size_t Labels>
    void draw(philox& rng, const classification<Dimensions, Labels>& family, typename classification<Dimensions, Labels>::task_table& table,
              std::size_t d) const {
        draw_point(rng, row(table.tasks, d));
        table.task_labels(d) = static_cast<std::int32_t>(index(rng, family.outcomes()));
    }

private:
    void draw_point(philox& rng, std::span<double> out) const {
        fill_standard_normal(rng, out);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = mean_[i] + std::sqrt(variance_) * out[i];
    }

    std::vector<double> mean_;
    double variance_;
};

template <std::size_t Dimensions>
[[nodiscard]] gaussian own_prior(const linear_regression<Dimensions>& family) {
    return {family.values().task_mean, family.values().task_variance};
}

template <std::size_t Dimensions, std::size_t Labels>
[[nodiscard]] gaussian own_prior(const classification<Dimensions, Labels>& family) {
    return {std::vector<double>(family.dimensions()), family.item_variance()};
}

/// Bayesian linear regression with the prior N(mean, variance I): ridge regression shrunk to the mean. The posterior covariance is kept
/// factored and updated for each pair, O(d^2) an event; gain and innovation variance are shared, only the posterior mean belongs to the
/// component. With one component the lanes are sequences instead.
template <std::size_t Dimensions>
struct predictive<linear_regression<Dimensions>, gaussian> {
    struct posterior_covariance {
        kernel::covariance_factor<double> factor;
        double innovation_variance = 0;
    };

    predictive(const linear_regression<Dimensions>& family, const gaussian& prior) : family_(family), variance_(prior.variance()) {
        if (prior.mean().size() != d())
            throw std::invalid_argument("rationale::bayes: gaussian has " + std::to_string(prior.mean().size()) +
                                        " dimensions, must have " + std::to_string(d()));
    }

    [[nodiscard]] std::size_t outcomes() const noexcept { return 1; }
    [[nodiscard]] std::size_t rows() const noexcept { return d(); }
    [[nodiscard]] std::size_t state_rows() const noexcept { return d(); }
    [[nodiscard]] posterior_covariance start() const { return {kernel::covariance_factor<double>(d(), variance_)}; }
    void pack(const gaussian& prior, std::size_t, double* column, std::size_t stride) const noexcept {
        for (std::size_t i = 0; i < d(); ++i) column[i * stride] = prior.mean()[i];
    }
    template <class Rows, class V>
    void begin(const Rows& mean, V* posterior_mean, const posterior_covariance&) const {
        for (std::size_t i = 0; i < d(); ++i) posterior_mean[i] = mean[i];
    }
    void arrive(posterior_covariance& c, std::span<const double> x) const noexcept {
        c.innovation_variance = c.factor.update(x.data(), family_.noise_variance());
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows&, const V* posterior_mean, const posterior_covariance&, std::span<const double> x, Emit&& emit) const {
        V mean(0.0);
        for (std::size_t i = 0; i < d(); ++i) mean = mean + posterior_mean[i] * V(x[i]);
        emit(std::size_t{0}, mean);
    }
    template <class Rows, class V>
    V observe(const Rows&, V* posterior_mean, const posterior_covariance& c, std::span<const double>, const V* mean, double y) const {
        const V residual = V(y) - mean[0];
        for (std::size_t i = 0; i < d(); ++i) posterior_mean[i] = posterior_mean[i] + V(c.factor.gain()[i]) * residual;
        return V(-0.5 / c.innovation_variance) * residual * residual - V(0.5 * std::log(2 * std::numbers::pi * c.innovation_variance));
    }

    /// Predicts `count` sequences, at most as many as V has lanes, at once. `view(s)` is sequence s; `values(s)`, unless it is empty, and
    /// `log_evidence(s)` are where its predictions and its evidence go.
    template <class V, class View, class Values, class Evidence>
    void predict_together(const gaussian& prior, std::size_t count, const View& view, const Values& values,
                          const Evidence& log_evidence) const {
        using scalar = typename kernel::lane_access<V>::scalar;
        constexpr std::size_t lanes = kernel::lane_count<V>;
        kernel::covariance_factor<V> factor(d(), variance_);
        std::vector<V> mean(d()), x(d());
        for (std::size_t i = 0; i < d(); ++i) mean[i] = V(scalar(prior.mean()[i]));
        scalar column[lanes] = {};
        std::vector<double> evidence(lanes, 0.0);
        const std::size_t events = view(0).events();
        for (std::size_t s = 0; s < count; ++s) log_evidence(s)[0] = 0;
        for (std::size_t t = 0; t < events; ++t) {
            for (std::size_t i = 0; i < d(); ++i) {
                for (std::size_t s = 0; s < count; ++s) column[s] = static_cast<scalar>(view(s).input(t)[i]);
                x[i] = kernel::lane_access<V>::load(column);
            }
            V predicted(scalar(0));
            for (std::size_t i = 0; i < d(); ++i) predicted = kernel::lane_access<V>::multiply_add(mean[i], x[i], predicted);
            kernel::lane_access<V>::store(predicted, column);
            for (std::size_t s = 0; s < count; ++s)
                if (const auto out = values(s); !out.empty()) out[t] = static_cast<double>(column[s]);
            for (std::size_t s = 0; s < count; ++s) column[s] = static_cast<scalar>(view(s).observation(t));
            const V residual = kernel::lane_access<V>::load(column) - predicted;
            const V variance = factor.update(x.data(), family_.noise_variance());
            for (std::size_t i = 0; i < d(); ++i) mean[i] = kernel::lane_access<V>::multiply_add(factor.gain()[i], residual, mean[i]);
            const V nats =
                V(scalar(-0.5)) * (residual * residual / variance + kernel::logarithm(V(scalar(2 * std::numbers::pi)) * variance));
            kernel::lane_access<V>::store(nats, column);
            for (std::size_t s = 0; s < count; ++s) log_evidence(s)[t + 1] = evidence[s] += static_cast<double>(column[s]);
        }
    }

private:
    [[nodiscard]] std::size_t d() const noexcept { return family_.dimensions(); }

    linear_regression<Dimensions> family_;
    double variance_;
};

}  // namespace rationale

#endif
