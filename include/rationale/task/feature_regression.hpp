#ifndef RATIONALE_TASK_FEATURE_REGRESSION_HPP
#define RATIONALE_TASK_FEATURE_REGRESSION_HPP

#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/bases.hpp"
#include "rationale/task/field.hpp"
#include "rationale/task/linear_regression.hpp"

namespace rationale {

template <class Basis>
class feature_regression;

/// Linear regression on features of the input: y = w.features(x) + noise. w, prior and predictors are those of linear_regression with as
/// many dimensions as there are features. The type of the basis is forgotten: feature_regression<Basis> names one.
template <>
class feature_regression<any_basis> : public linear_regression<dynamic> {
    using linear = linear_regression<dynamic>;

public:
    static constexpr std::string_view name = any_basis::name;
    /// Makes the basis of (dimensions, degree).
    using basis_maker = any_basis (*)(std::size_t dimensions, std::size_t degree);

    struct parameters {
        std::size_t dimensions = 1;              ///< of x
        std::size_t degree = 1;                  ///< of the basis
        std::optional<double> noise_variance{};  ///< features/256 unless given
        double task_variance = 1;                ///< of each coordinate of w
        double input_variance = 1;               ///< of each coordinate of x
        static constexpr auto fields = std::make_tuple(
            parameter_field{"dimensions", &parameters::dimensions}, parameter_field{"degree", &parameters::degree},
            parameter_field{"noise_variance", &parameters::noise_variance}, parameter_field{"task_variance", &parameters::task_variance},
            parameter_field{"input_variance", &parameters::input_variance});
    };
    /// x (S,T,c) with c the dimensions of x, and y (S,T).
    struct sequences {
        ndarray<double, 3> x;  ///< (S,T,d)
        ndarray<double, 2> y;  ///< (S,T)
        static constexpr auto fields = std::make_tuple(field{"x", &sequences::x, "STc"}, field{"y", &sequences::y, "ST"});
    };

    /// Throws std::invalid_argument where linear_regression does.
    feature_regression(parameters p, basis_maker make)
        : linear(linear_parameters(p, make)), make_(make), basis_(make(p.dimensions, p.degree)), own_(p) {
        own_.noise_variance = noise_variance();
        if (const auto known = basis_.mean_square(own_.input_variance)) feature_square_ = *known;
        else feature_square_ = drawn_square();
    }
    /// The same basis with other parameters.
    [[nodiscard]] feature_regression with(const parameters& p) const { return {p, make_}; }

    [[nodiscard]] const parameters& values() const noexcept { return own_; }
    /// What makes features of x.
    [[nodiscard]] const any_basis& basis() const noexcept { return basis_; }
    /// Mean of |features(x)|^2 over their number: the basis' own or, where it has none, that of 4096 x, the same in every program.
    [[nodiscard]] double feature_square() const noexcept { return feature_square_; }
    [[nodiscard]] std::size_t extent(char letter) const noexcept { return letter == 'c' ? own_.dimensions : linear::extent(letter); }

    /// The features of all inputs, made once.
    class sequence_view {
    public:
        sequence_view(const any_basis& basis, std::span<const double> x, std::span<const double> y)
            : features_(basis.features()), all_(y.size() * features_), y_(y) {
            const std::size_t dimensions = y.empty() ? 0 : x.size() / y.size();
            for (std::size_t t = 0; t < y.size(); ++t)
                basis(x.subspan(t * dimensions, dimensions), std::span(all_).subspan(t * features_, features_));
        }
        [[nodiscard]] std::size_t events() const noexcept { return y_.size(); }
        [[nodiscard]] std::span<const double> input(std::size_t t) const noexcept {
            return std::span(all_).subspan(t * features_, features_);
        }
        [[nodiscard]] double observation(std::size_t t) const noexcept { return y_[t]; }

    private:
        std::size_t features_;
        std::vector<double> all_;
        std::span<const double> y_;
    };
    [[nodiscard]] sequence_view view_of(std::span<const double> x, std::span<const double> y) const { return {basis_, x, y}; }
    [[nodiscard]] sequence_view view(const sequences& q, std::size_t s) const { return view_of(row(q.x, s), row(q.y, s)); }
    sequence_view view(const sequences&& temporary, std::size_t s) const = delete;

    /// Draws w into `truth`, then the inputs and noisy outputs of sequence s.
    template <class Draw>
    void sample(philox& rng, Draw&& draw, sequences& q, std::size_t s, task_table& truth) const {
        draw(truth, s);
        const auto w = row(std::as_const(truth.tasks), s);
        const auto x = row(q.x, s);
        const auto y = row(q.y, s);
        fill_standard_normal(rng, x);
        fill_standard_normal(rng, y);
        for (double& v : x) v *= std::sqrt(own_.input_variance);
        const auto seen = view(q, s);
        for (std::size_t t = 0; t < y.size(); ++t) {
            y[t] *= std::sqrt(noise_variance());
            for (std::size_t i = 0; i < w.size(); ++i) y[t] += w[i] * seen.input(t)[i];
        }
    }
    /// The noisy y that were observed.
    void target(const task_table&, const sequences& q, std::size_t s, std::span<double> out) const {
        const auto y = row(q.y, s);
        std::copy(y.begin(), y.end(), out.begin());
    }

private:
    static linear::parameters linear_parameters(const parameters& p, basis_maker make) {
        linear::parameters out;
        detail::check_at_least("rationale::feature_regression", "dimensions", p.dimensions, 1);
        out.dimensions = make(p.dimensions, p.degree).features();
        out.noise_variance = p.noise_variance;
        out.task_variance = p.task_variance;
        out.input_variance = p.input_variance;
        return out;
    }

    [[nodiscard]] double drawn_square() const {
        constexpr std::size_t draws = 4096;
        philox rng = stream(purpose::basis, 0, 1);
        std::vector<double> x(own_.dimensions), features(basis_.features());
        double sum = 0;
        for (std::size_t i = 0; i < draws; ++i) {
            fill_standard_normal(rng, x);
            for (double& v : x) v *= std::sqrt(own_.input_variance);
            basis_(x, features);
            sum = std::inner_product(features.begin(), features.end(), features.begin(), sum);
        }
        return sum / static_cast<double>(draws * features.size());
    }

    basis_maker make_;
    any_basis basis_;
    parameters own_;
    double feature_square_ = 1;
};

/// The same on features of a basis (task/bases.hpp).
template <class Basis>
class feature_regression : public feature_regression<any_basis> {
    using of_any = feature_regression<any_basis>;

public:
    static constexpr std::string_view name = Basis::name;

    /// Throws std::invalid_argument where linear_regression does.
    explicit feature_regression(of_any::parameters p = {})
        : of_any(p, [](std::size_t dimensions, std::size_t degree) {
              return any_basis(Basis{dimensions, degree});
          }) {}
};

}  // namespace rationale

#endif
