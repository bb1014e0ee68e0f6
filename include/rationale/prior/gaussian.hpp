#ifndef RATIONALE_PRIOR_GAUSSIAN_HPP
#define RATIONALE_PRIOR_GAUSSIAN_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/kernel/covariance.hpp"
#include "rationale/kernel/covariance_factor.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/classification.hpp"
#include "rationale/task/linear_regression.hpp"

namespace rationale {

/// A Gaussian N(mean, variance I), or with any positive definite covariance.
class gaussian {
public:
    /// Throws std::invalid_argument for no coordinates, one that is not finite, or a variance that is not positive.
    gaussian(std::vector<double> mean, double variance)
        : gaussian(std::move(mean), kernel::covariance(1, detail::positive("rationale::gaussian", "variance", variance))) {
        covariance_ = kernel::covariance(mean_.size(), variance);
    }
    /// The same for no coordinates, or one that is not finite; the covariance has the mean's size and is positive.
    gaussian(std::vector<double> mean, kernel::covariance covariance) : mean_(std::move(mean)), covariance_(std::move(covariance)) {
        if (mean_.empty()) throw std::invalid_argument("rationale::gaussian: mean has 0 numbers, must have at least 1");
        detail::check_finite("rationale::gaussian", "mean", mean_);
    }

    /// d numbers.
    [[nodiscard]] std::span<const double> mean() const noexcept { return mean_; }
    /// d x d.
    [[nodiscard]] const kernel::covariance& covariance() const noexcept { return covariance_; }

    [[nodiscard]] static constexpr std::size_t size() noexcept { return 1; }
    [[nodiscard]] double log_weight(std::size_t) const noexcept { return 0; }
    /// {mean, variance}, the mean as one number when all its coordinates are equal; in place of the variance a covariance's lower triangle.
    [[nodiscard]] std::vector<double> numbers() const {
        std::vector<double> all = mean_;
        if (std::all_of(all.begin(), all.end(), [&](double m) { return m == all[0]; })) all.resize(1);
        const auto c = covariance_.matrix();
        for (std::size_t i = 0; i < mean_.size(); ++i)
            for (std::size_t j = 0; j <= i && !isotropic(c); ++j) all.push_back(c[i * mean_.size() + j]);
        if (isotropic(c)) all.push_back(c[0]);
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
        detail::check_size("rationale::gaussian", "mean", mean_.size(), out.size());
        fill_standard_normal(rng, out);
        covariance_.colour(out);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] += mean_[i];
    }
    [[nodiscard]] bool isotropic(std::span<const double> c) const noexcept {
        const std::size_t d = mean_.size();
        for (std::size_t i = 0; i < d * d; ++i)
            if (c[i] != (i % (d + 1) == 0 ? c[0] : 0)) return false;
        return true;
    }

    std::vector<double> mean_;
    kernel::covariance covariance_;
};

template <std::size_t Dimensions>
[[nodiscard]] gaussian own_prior(const linear_regression<Dimensions>& family) {
    return {family.values().task_mean, family.task_covariance()};
}

template <std::size_t Dimensions, std::size_t Labels>
[[nodiscard]] gaussian own_prior(const classification<Dimensions, Labels>& family) {
    return {std::vector<double>(family.dimensions()), family.item_variance()};
}

/// Bayesian linear regression with a Gaussian prior: ridge regression shrunk to the mean. The posterior covariance is kept
/// factored and updated for each pair, O(d^2) an event; gain and innovation variance are shared, only the posterior mean belongs to the
/// component. With one component the lanes are sequences instead.
template <std::size_t Dimensions>
struct predictive<linear_regression<Dimensions>, gaussian> {
    struct posterior_covariance {
        kernel::covariance_factor<double> factor;
        double innovation_variance = 0, log_norm = 0;  ///< S, and log(S/noise variance) + e log(2 pi sigma^2)
    };

    predictive(const linear_regression<Dimensions>& family, const gaussian& prior) : family_(family), covariance_(prior.covariance()) {
        temper(1);
        if (prior.mean().size() != d())
            throw std::invalid_argument("rationale::bayes: gaussian has " + std::to_string(prior.mean().size()) +
                                        " dimensions, must have " + std::to_string(d()));
    }

    /// Every pair counts e times: the noise has variance/e.
    void temper(double e) noexcept {
        exponent_ = e, noise_variance_ = family_.noise_variance() / e;
        log_unit_ = e * std::log(2 * std::numbers::pi * family_.noise_variance());
    }
    [[nodiscard]] std::size_t outcomes() const noexcept { return 1; }
    [[nodiscard]] std::size_t rows() const noexcept { return d(); }
    [[nodiscard]] std::size_t state_rows() const noexcept { return d(); }
    [[nodiscard]] posterior_covariance start() const { return {kernel::covariance_factor<double>(covariance_)}; }
    void pack(const gaussian& prior, std::size_t, double* column, std::size_t stride) const noexcept {
        for (std::size_t i = 0; i < d(); ++i) column[i * stride] = prior.mean()[i];
    }
    template <class Rows, class V>
    void begin(const Rows& mean, V* posterior_mean, const posterior_covariance&) const {
        for (std::size_t i = 0; i < d(); ++i) posterior_mean[i] = mean[i];
    }
    void arrive(posterior_covariance& c, std::span<const double> x) const noexcept {
        c.innovation_variance = noise_variance_;
        if (exponent_ == 0) return;  // what is not read leaves the belief as it is
        c.innovation_variance = c.factor.update(x.data(), noise_variance_);
        c.log_norm = std::log(c.innovation_variance / noise_variance_) + log_unit_;
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows&, const V* posterior_mean, const posterior_covariance&, std::span<const double> x, Emit&& give) const {
        V mean(0.0);
        for (std::size_t i = 0; i < d(); ++i) mean = mean + posterior_mean[i] * V(x[i]);
        give(std::size_t{0}, mean);
    }
    template <class Rows, class V>
    V observe(const Rows&, V* posterior_mean, const posterior_covariance& c, std::span<const double>, const V* mean, double y) const {
        const V residual = V(y) - mean[0];
        for (std::size_t i = 0; i < d(); ++i) posterior_mean[i] = posterior_mean[i] + V(c.factor.gain()[i]) * residual;
        return V(-0.5 / c.innovation_variance) * residual * residual - V(0.5 * c.log_norm);
    }

    /// Predicts `count` sequences, as many at once as V has lanes. `view(s)` is sequence s; `values(s)`, unless it is empty, and
    /// `log_evidence(s)` are where its predictions and its evidence go. A few events of all sequences are read, and then written, at a
    /// time; what is read next is fetched meanwhile.
    template <class V, class View, class Values, class Evidence>
    void predict_together(const gaussian& prior, std::size_t count, const View& view, const Values& values,
                          const Evidence& log_evidence) const {
        using access = kernel::lane_access<V>;
        using scalar = typename access::scalar;
        constexpr std::size_t lanes = kernel::lane_count<V>, block = 32, line = 64 / sizeof(double);
        const std::size_t dimensions = d(), events = view(0).events();
        const std::size_t width = dimensions + 1, apart = block * width + 16;  // no two sequences' events in one place of the cache
        kernel::aligned_vector<V> mean(dimensions), x(dimensions);
        kernel::aligned_vector<scalar> read(lanes * apart), written(block * 2 * lanes);
        std::vector<std::remove_cvref_t<decltype(view(0))>> sequences;
        for (std::size_t s = 0; s < count; ++s) sequences.push_back(view(s));
        for (std::size_t from = 0; from < count; from += lanes) {
            const std::size_t to = (std::min)(from + lanes, count);
            kernel::covariance_factor<V, Dimensions == dynamic ? 0 : Dimensions> factor(covariance_);
            for (std::size_t i = 0; i < dimensions; ++i) mean[i] = kernel::broadcast<V>(prior.mean()[i]);
            std::array<double, lanes> evidence{};
            for (std::size_t s = from; s < to; ++s) log_evidence(s)[0] = 0;
            for (std::size_t first = 0; first < events; first += block) {
                const std::size_t size = (std::min)(block, events - first);
                for (std::size_t s = from; s < to; ++s)
                    for (std::size_t e = 0; e < size; ++e) {
                        const double* const input = sequences[s].input(first + e).data();
                        scalar* const out = read.data() + (s - from) * apart + e * width;
                        for (std::size_t i = 0; i < dimensions; ++i) out[i] = static_cast<scalar>(input[i]);
                        out[dimensions] = static_cast<scalar>(sequences[s].observation(first + e));
                    }
                const bool last = first + block >= events;
                const std::size_t next_first = last ? 0 : first + block;
                const std::size_t next_from = last ? to : from, next_to = last ? (std::min)(to + lanes, count) : to;
                for (std::size_t e = 0; e < size; ++e) {
                    if (next_first + e < events)
                        for (std::size_t s = next_from; s < next_to; ++s) {
                            for (std::size_t i = 0; i < dimensions; i += line)
                                __builtin_prefetch(sequences[s].input(next_first + e).data() + i);
                            if constexpr (std::is_lvalue_reference_v<decltype(sequences[s].observation(0))>)
                                if (e % line == 0) __builtin_prefetch(&sequences[s].observation(next_first + e));
                        }
                    if (e % line == 0)
                        for (std::size_t s = from; s < to; ++s) {
                            if (const auto out = values(s); !out.empty()) __builtin_prefetch(out.data() + first + e, 1);
                            __builtin_prefetch(log_evidence(s).data() + first + e + 1, 1);
                        }
                    const scalar* const in = read.data() + e * width;
                    V predicted(scalar(0));
                    for (std::size_t i = 0; i < dimensions; ++i) {
                        x[i] = access::load(in + i, apart);
                        predicted = access::multiply_add(mean[i], x[i], predicted);
                    }
                    const V residual = access::load(in + dimensions, apart) - predicted;
                    V nats(scalar(0));
                    if (exponent_ > 0) {
                        const V innovation = factor.update(x.data(), noise_variance_) * kernel::broadcast<V>(1 / noise_variance_);
                        for (std::size_t i = 0; i < dimensions; ++i) mean[i] = access::multiply_add(factor.gain()[i], residual, mean[i]);
                        nats = kernel::broadcast<V>(-0.5) * (residual * residual * factor.inverse_variance() +
                                                             kernel::logarithm(innovation) + kernel::broadcast<V>(log_unit_));
                    }
                    access::store(predicted, written.data() + 2 * e * lanes);
                    access::store(nats, written.data() + (2 * e + 1) * lanes);
                }
                for (std::size_t s = from; s < to; ++s) {
                    const auto out = values(s), nats = log_evidence(s);
                    for (std::size_t e = 0; e < size; ++e) {
                        const scalar* const result = written.data() + 2 * e * lanes + (s - from);
                        if (!out.empty()) out[first + e] = static_cast<double>(result[0]);
                        nats[first + e + 1] = evidence[s - from] += static_cast<double>(result[lanes]);
                    }
                }
            }
        }
    }

private:
    [[nodiscard]] std::size_t d() const noexcept { return family_.dimensions(); }

    linear_regression<Dimensions> family_;
    kernel::covariance covariance_;
    double exponent_ = 1, noise_variance_ = 1;
    double log_unit_ = 0;  // e log(2 pi sigma^2)
};

}  // namespace rationale

#endif
