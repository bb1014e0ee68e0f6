#ifndef RATIONALE_TASK_LINEAR_REGRESSION_HPP
#define RATIONALE_TASK_LINEAR_REGRESSION_HPP

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/kernel/covariance.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/field.hpp"

namespace rationale {

/// Linear regression in context: w ~ N(task_mean, task_variance C), C = task_covariance or I_d, x_t ~ N(0, input_variance I_d), y_t = w.x_t
/// + N(0, noise_variance). Predicted is the mean of y_t from x_t and the pairs before it (arXiv 2506.17859, section 3).
template <std::size_t Dimensions>
class linear_regression {
public:
    static constexpr std::string_view name = "linear_regression";
    static constexpr prediction_kind kind = prediction_kind::mean;
    static constexpr std::string_view prediction_shape = "ST";

    struct parameters {
        std::size_t dimensions = Dimensions == dynamic ? 0 : Dimensions;  ///< d
        std::optional<double> noise_variance{};                           ///< of y given x; d/256 unless given
        double task_variance = 1;                                         ///< of each coordinate of w
        double input_variance = 1;                                        ///< of each coordinate of x
        std::vector<double> task_mean{0.0};                               ///< one number for all coordinates, or d of them
        std::vector<double> task_covariance{};                            ///< of w over task_variance, d x d; the identity unless given
        static constexpr auto fields = std::make_tuple(
            parameter_field{"dimensions", &parameters::dimensions, true}, parameter_field{"noise_variance", &parameters::noise_variance},
            parameter_field{"task_variance", &parameters::task_variance}, parameter_field{"input_variance", &parameters::input_variance},
            parameter_field{"task_mean", &parameters::task_mean}, parameter_field{"task_covariance", &parameters::task_covariance});
    };
    /// tasks (D,d): a weight vector a row.
    struct task_table {
        ndarray<double, 2> tasks;
        static constexpr auto fields = std::make_tuple(field{"tasks", &task_table::tasks, "Dd"});
    };
    /// x (S,T,d) and y (S,T).
    struct sequences {
        ndarray<double, 3> x;  ///< (S,T,d)
        ndarray<double, 2> y;  ///< (S,T)
        static constexpr auto fields = std::make_tuple(field{"x", &sequences::x, "STd"}, field{"y", &sequences::y, "ST"});
    };

    /// Throws std::invalid_argument for no dimensions, a variance that is not positive, a mean that is not finite, or a covariance that is
    /// not symmetric and positive definite.
    explicit linear_regression(parameters p = {})
        : dimensions_("rationale::linear_regression", "dimensions", p.dimensions, 1),
          values_(std::move(p)),
          covariance_(dimensions(), values_.task_variance) {
        constexpr const char* where = "rationale::linear_regression";
        if (!values_.noise_variance) values_.noise_variance = static_cast<double>(dimensions()) / 256;
        detail::positive(where, "noise_variance", *values_.noise_variance);
        detail::positive(where, "task_variance", values_.task_variance);
        detail::positive(where, "input_variance", values_.input_variance);
        if (values_.task_mean.size() == 1) values_.task_mean.resize(dimensions(), values_.task_mean[0]);
        if (values_.task_mean.size() != dimensions())
            throw std::invalid_argument(std::string(where) + ": task_mean has " + std::to_string(values_.task_mean.size()) +
                                        " numbers, must have 1 or " + std::to_string(dimensions()));
        detail::check_finite(where, "task_mean", values_.task_mean);
        if (!values_.task_covariance.empty()) use_covariance(where);
        log_norm_ = 0.5 * std::log(2 * std::numbers::pi * noise_variance());
    }

    [[nodiscard]] const parameters& values() const noexcept { return values_; }
    /// d.
    [[nodiscard]] std::size_t dimensions() const noexcept { return dimensions_.size(); }
    /// sigma^2, of y around w.x.
    [[nodiscard]] double noise_variance() const noexcept { return *values_.noise_variance; }
    /// Of w.
    [[nodiscard]] const kernel::covariance& task_covariance() const noexcept { return covariance_; }
    [[nodiscard]] std::size_t outcomes() const noexcept { return 1; }
    [[nodiscard]] std::size_t extent(char letter) const noexcept { return letter == 'd' ? dimensions() : 0; }

    class sequence_view {
    public:
        sequence_view(std::span<const double> x, std::span<const double> y, std::size_t dimensions)
            : x_(x), y_(y), dimensions_(dimensions) {}
        [[nodiscard]] std::size_t events() const noexcept { return y_.size(); }
        [[nodiscard]] std::span<const double> input(std::size_t t) const noexcept { return x_.subspan(t * dimensions_, dimensions_); }
        [[nodiscard]] const double& observation(std::size_t t) const noexcept { return y_[t]; }

    private:
        std::span<const double> x_, y_;
        std::size_t dimensions_;
    };
    [[nodiscard]] sequence_view view_of(std::span<const double> x, std::span<const double> y) const { return {x, y, dimensions()}; }
    [[nodiscard]] sequence_view view(const sequences& q, std::size_t s) const { return view_of(row(q.x, s), row(q.y, s)); }
    sequence_view view(const sequences&& temporary, std::size_t s) const = delete;

    // The fold of a known weight vector. Second moments of what was observed give its likelihood.
    struct moments {
        std::vector<double> xx;  ///< sum of x_i x_j for j <= i, row by row, off the diagonal twice
        std::vector<double> xy;  ///< sum of -2 x_i y
        double yy = 0;           ///< sum of y^2
        double count = 0;
    };
    static constexpr std::size_t fixed_outcomes = 1;
    [[nodiscard]] std::size_t rows() const noexcept { return dimensions(); }
    [[nodiscard]] moments start() const {
        return {std::vector<double>(dimensions() * (dimensions() + 1) / 2), std::vector<double>(dimensions())};
    }
    void pack(const task_table& table, std::size_t d, double* column, std::size_t stride) const noexcept {
        const auto w = row(table.tasks, d);
        for (std::size_t i = 0; i < dimensions(); ++i) column[i * stride] = w[i];
    }
    template <class V>
    struct lane_input {
        short_array<V, Dimensions> x;
        V minus_half_precision, minus_log_norm;
    };
    template <class V>
    [[nodiscard]] lane_input<V> on_lanes(std::span<const double> x) const {
        lane_input<V> out{short_array<V, Dimensions>(dimensions()), kernel::broadcast<V>(-0.5 / noise_variance()),
                          kernel::broadcast<V>(-log_norm_)};
        for (std::size_t i = 0; i < dimensions(); ++i) out.x[i] = kernel::broadcast<V>(x[i]);
        return out;
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& w, const V*, const moments&, const lane_input<V>& input, Emit&& give) const {
        V mean(0.0);
        dimensions_.each([&](std::size_t i) { mean = kernel::lane_access<V>::multiply_add(w[i], input.x[i], mean); });
        give(std::size_t{0}, mean);
    }
    template <class Rows, class V>
    V observe(const Rows&, V*, const moments&, const lane_input<V>& input, const V* mean, double y) const {
        const V residual = kernel::broadcast<V>(y) - mean[0];
        return kernel::lane_access<V>::multiply_add(residual * residual, input.minus_half_precision, input.minus_log_norm);
    }
    void advance(moments& m, std::span<const double> x, double y) const noexcept {
        for (std::size_t i = 0, entry = 0; i < dimensions(); ++i) {
            for (std::size_t j = 0; j < i; ++j) m.xx[entry++] += 2 * x[i] * x[j];
            m.xx[entry++] += x[i] * x[i];
            m.xy[i] -= 2 * x[i] * y;
        }
        m.yy += y * y;
        m.count += 1;
    }
    template <class Rows>
    auto log_likelihood(const Rows& w, const moments& m) const {
        using V = std::remove_cvref_t<decltype(w[0])>;
        V squares(m.yy);
        const double* xx = m.xx.data();
        for (std::size_t i = 0; i < dimensions(); ++i) {
            V part(m.xy[i]);
            for (std::size_t j = 0; j <= i; ++j) part = kernel::lane_access<V>::multiply_add(V(*xx++), w[j], part);
            squares = kernel::lane_access<V>::multiply_add(part, w[i], squares);
        }
        return V(-0.5 / noise_variance()) * squares - V(m.count * log_norm_);
    }
    [[nodiscard]] double greatest_log_likelihood(const moments& m) const noexcept { return -m.count * log_norm_; }
    /// Terms of the size of sum y^2 cancel.
    [[nodiscard]] double rounding(const moments& m) const noexcept {
        return 2 * std::numeric_limits<double>::epsilon() * m.yy / noise_variance();
    }

    /// Draws w into `truth`, then the inputs and noisy outputs of sequence s.
    template <class Draw>
    void sample(philox& rng, Draw&& draw, sequences& q, std::size_t s, task_table& truth) const {
        draw(truth, s);
        const auto w = row(std::as_const(truth.tasks), s);
        const auto x = row(q.x, s);
        const auto y = row(q.y, s);
        const double input_deviation = std::sqrt(values_.input_variance), noise_deviation = std::sqrt(noise_variance());
        fill_standard_normal(rng, x);
        fill_standard_normal(rng, y);
        for (double& v : x) v *= input_deviation;
        for (std::size_t t = 0; t < y.size(); ++t) {
            y[t] *= noise_deviation;
            for (std::size_t i = 0; i < dimensions(); ++i) y[t] += w[i] * x[t * dimensions() + i];
        }
    }
    /// The noisy y that were observed.
    void target(const task_table&, const sequences& q, std::size_t s, std::span<double> out) const {
        const auto y = row(q.y, s);
        std::copy(y.begin(), y.end(), out.begin());
    }

private:
    void use_covariance(const char* where) {
        const std::size_t d = dimensions();
        const auto& c = values_.task_covariance;
        if (c.size() != d * d)
            throw std::invalid_argument(std::string(where) + ": task_covariance has " + std::to_string(c.size()) + " numbers, must have " +
                                        std::to_string(d * d));
        detail::check_finite(where, "task_covariance", c);
        bool symmetric = true;
        for (std::size_t i = 0; i < d; ++i)
            for (std::size_t j = 0; j < i; ++j)
                symmetric = symmetric && std::abs(c[i * d + j] - c[j * d + i]) <= 1e-6 * std::sqrt(std::abs(c[i * d + i] * c[j * d + j]));
        covariance_ = kernel::covariance(d, values_.task_variance, c);
        if (!symmetric || !covariance_.positive())
            throw std::invalid_argument(std::string(where) + ": task_covariance is no covariance, must be symmetric and positive definite");
    }

    rationale::extent<Dimensions> dimensions_;
    parameters values_;
    kernel::covariance covariance_;
    double log_norm_ = 0;  // log sqrt(2 pi noise_variance)
};

}  // namespace rationale

#endif
