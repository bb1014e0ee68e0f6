#ifndef RATIONALE_TASK_GAUSSIAN_LOCATION_HPP
#define RATIONALE_TASK_GAUSSIAN_LOCATION_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "rationale/array.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/field.hpp"

namespace rationale {

/// Gaussian location: y_t ~ N(m, v). The mean m ~ N(mean, v/strength), and the variance v is noise_variance, known, or, where a shape is
/// given, unknown: v ~ inverse Gamma(shape, (shape - 1) noise_variance), so that it is noise_variance on average. Predicted is the mean of
/// y_t from the t numbers before it.
class gaussian_location {
public:
    static constexpr std::string_view name = "gaussian_location";
    static constexpr prediction_kind kind = prediction_kind::mean;
    static constexpr std::string_view prediction_shape = "ST";

    struct parameters {
        /// Of the belief about the mean: where it is, and how many observations it is worth; and the variance of y around it.
        double mean = 0, strength = 1, noise_variance = 1;
        std::optional<double> shape{};  ///< of the unknown variance; none where it is known
        static constexpr auto fields =
            std::make_tuple(parameter_field{"mean", &parameters::mean}, parameter_field{"strength", &parameters::strength},
                            parameter_field{"noise_variance", &parameters::noise_variance}, parameter_field{"shape", &parameters::shape});
    };
    /// tasks (D,2): mean and variance.
    struct task_table {
        ndarray<double, 2> tasks;
        static constexpr auto fields = std::make_tuple(field{"tasks", &task_table::tasks, "DP"});
    };
    /// y (S,T).
    struct sequences {
        ndarray<double, 2> y;  ///< (S,T)
        static constexpr auto fields = std::make_tuple(field{"y", &sequences::y, "ST"});
    };

    gaussian_location() : gaussian_location(parameters{}) {}
    /// Throws std::invalid_argument for a strength or variance that is not positive, a mean that is not finite, or a shape of at most 1.
    explicit gaussian_location(parameters p) : values_(p) {
        constexpr const char* where = "rationale::gaussian_location";
        detail::positive(where, "strength", p.strength);
        detail::positive(where, "noise_variance", p.noise_variance);
        if (!std::isfinite(p.mean)) detail::refuse(where, "mean", detail::number_text(p.mean), "finite");
        if (p.shape && !(*p.shape > 1 && std::isfinite(*p.shape)))
            throw std::invalid_argument(std::string(where) + ": shape is " + detail::number_text(*p.shape) + ", must be above 1");
    }

    [[nodiscard]] const parameters& values() const noexcept { return values_; }
    /// Of y around the mean.
    [[nodiscard]] double noise_variance() const noexcept { return values_.noise_variance; }
    [[nodiscard]] std::size_t outcomes() const noexcept { return 1; }
    [[nodiscard]] std::size_t extent(char letter) const noexcept { return letter == 'P' ? 2 : 0; }
    /// Throws std::invalid_argument for a variance that is not positive.
    static void check_tasks(const task_table& table) {
        for (std::size_t d = 0; d < table.tasks.shape(0); ++d)
            detail::positive("rationale::gaussian_location", "the variance of a task", table.tasks(d, 1));
    }

    class sequence_view {
    public:
        explicit sequence_view(std::span<const double> y) : y_(y) {}
        struct no_input {};
        [[nodiscard]] std::size_t events() const noexcept { return y_.size(); }
        [[nodiscard]] no_input input(std::size_t) const noexcept { return {}; }
        [[nodiscard]] double observation(std::size_t t) const noexcept { return y_[t]; }

    private:
        std::span<const double> y_;
    };
    [[nodiscard]] static sequence_view view_of(std::span<const double> y) { return sequence_view(y); }
    [[nodiscard]] static sequence_view view(const sequences& q, std::size_t s) { return view_of(row(q.y, s)); }
    static sequence_view view(const sequences&& temporary, std::size_t s) = delete;

    // The fold of a known mean and variance: the mean, -1/(2 v), and -log(2 pi v)/2. Sums of what was observed give its likelihood.
    struct moments {
        double count = 0, y = 0, yy = 0;
    };
    static constexpr std::size_t fixed_outcomes = 1;
    [[nodiscard]] std::size_t rows() const noexcept { return 3; }
    [[nodiscard]] moments start() const noexcept { return {}; }
    void pack(const task_table& table, std::size_t d, double* column, std::size_t stride) const noexcept {
        column[0] = table.tasks(d, 0);
        column[stride] = -0.5 / table.tasks(d, 1);
        column[2 * stride] = -0.5 * std::log(2 * std::numbers::pi * table.tasks(d, 1));
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& task, const V*, const moments&, auto, Emit&& give) const {
        give(std::size_t{0}, task[0]);
    }
    template <class Rows, class V>
    V observe(const Rows& task, V*, const moments&, auto, const V* mean, double y) const {
        const V residual = kernel::broadcast<V>(y) - mean[0];
        return kernel::lane_access<V>::multiply_add(residual * residual, task[1], task[2]);
    }
    void advance(moments& m, auto, double y) const noexcept { m.count += 1, m.y += y, m.yy += y * y; }
    template <class Rows>
    auto log_likelihood(const Rows& task, const moments& m) const {
        using V = std::remove_cvref_t<decltype(task[0])>;
        const V squares = V(m.yy) - V(2 * m.y) * task[0] + V(m.count) * task[0] * task[0];
        return squares * task[1] + V(m.count) * task[2];
    }

    /// Draws mean and variance into `truth` and the numbers of sequence s.
    template <class Draw>
    void sample(philox& rng, Draw&& draw, sequences& q, std::size_t s, task_table& truth) const {
        draw(truth, s);
        const auto y = row(q.y, s);
        fill_standard_normal(rng, y);
        for (double& v : y) v = truth.tasks(s, 0) + std::sqrt(truth.tasks(s, 1)) * v;
    }
    /// The numbers that were observed.
    void target(const task_table&, const sequences& q, std::size_t s, std::span<double> out) const {
        const auto y = row(q.y, s);
        std::copy(y.begin(), y.end(), out.begin());
    }

private:
    parameters values_;
};

}  // namespace rationale

#endif
