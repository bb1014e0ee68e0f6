#ifndef RATIONALE_TASK_BASES_HPP
#define RATIONALE_TASK_BASES_HPP

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <functional>
#include <numbers>
#include <numeric>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rationale/random/samplers.hpp"

namespace rationale {

// A basis maps an input x of some dimensions to features: a value made from (dimensions, degree), with `features()` and
// `operator()(x, out)`, and the name of the family of regressions on it; perhaps with `mean_square(input_variance)`, the mean over
// x ~ N(0, input_variance I) of |features(x)|^2 over their number.

/// x itself.
struct identity_basis {
    static constexpr std::string_view name = "identity_regression";
    /// Of x, and of the basis.
    std::size_t dimensions, degree;
    [[nodiscard]] std::size_t features() const noexcept { return dimensions; }
    /// Writes the features of x.
    void operator()(std::span<const double> x, std::span<double> out) const noexcept { std::copy(x.begin(), x.end(), out.begin()); }
    /// Of a feature, x ~ N(0, input_variance I).
    [[nodiscard]] static double mean_square(double input_variance) noexcept { return input_variance; }
};

/// 1, and x_i, x_i^2, ... x_i^degree for each coordinate.
struct polynomial_basis {
    static constexpr std::string_view name = "polynomial_regression";
    /// Of x, and of the basis.
    std::size_t dimensions, degree;
    [[nodiscard]] std::size_t features() const noexcept { return 1 + dimensions * degree; }
    /// Writes the features of x.
    void operator()(std::span<const double> x, std::span<double> out) const noexcept {
        out[0] = 1;
        for (std::size_t i = 0, at = 1; i < dimensions; ++i) {
            double power = 1;
            for (std::size_t j = 0; j < degree; ++j) out[at++] = power *= x[i];
        }
    }
    /// Of a feature, x ~ N(0, input_variance I): x_i^2j is (2j-1)!! input_variance^j on average.
    [[nodiscard]] double mean_square(double input_variance) const noexcept {
        double sum = 0, power = 1;
        for (std::size_t j = 1; j <= degree; ++j) sum += power *= static_cast<double>(2 * j - 1) * input_variance;
        return (1 + static_cast<double>(dimensions) * sum) / static_cast<double>(features());
    }
};

/// 1, and cos(pi j x_i), sin(pi j x_i) for j = 1..degree and each coordinate.
struct fourier_basis {
    static constexpr std::string_view name = "fourier_regression";
    /// Of x, and of the basis.
    std::size_t dimensions, degree;
    [[nodiscard]] std::size_t features() const noexcept { return 1 + 2 * dimensions * degree; }
    /// Writes the features of x.
    void operator()(std::span<const double> x, std::span<double> out) const noexcept {
        out[0] = 1;
        for (std::size_t i = 0, at = 1; i < dimensions; ++i)
            for (std::size_t j = 1; j <= degree; ++j) {
                const double angle = std::numbers::pi * static_cast<double>(j) * x[i];
                out[at++] = std::cos(angle);
                out[at++] = std::sin(angle);
            }
    }
    /// Of a feature, whatever x.
    [[nodiscard]] double mean_square(double) const noexcept {
        return static_cast<double>(1 + dimensions * degree) / static_cast<double>(features());
    }
};

/// A hidden layer of `degree` units max(0, v.x + b) with fixed weights, v ~ N(0, I/dimensions) and b ~ N(0, 1), the same in every program.
struct relu_basis {
    static constexpr std::string_view name = "relu_regression";
    /// Of x, and of the basis.
    std::size_t dimensions, degree;
    std::vector<double> weights;  ///< a row of v and b for each unit

    /// With `units` units on inputs of so many dimensions.
    relu_basis(std::size_t of_dimensions, std::size_t units)
        : dimensions(of_dimensions), degree(units), weights(units * (of_dimensions + 1)) {
        philox rng = stream(purpose::basis, 0);
        fill_standard_normal(rng, weights);
    }
    [[nodiscard]] std::size_t features() const noexcept { return degree; }
    /// Writes the features of x.
    void operator()(std::span<const double> x, std::span<double> out) const noexcept {
        for (std::size_t j = 0; j < degree; ++j) {
            const double* const w = weights.data() + j * (dimensions + 1);
            double sum = 0;
            for (std::size_t i = 0; i < dimensions; ++i) sum += w[i] * x[i];
            out[j] = (std::max)(0.0, sum / std::sqrt(static_cast<double>(dimensions)) + w[dimensions]);
        }
    }
    /// Of a feature, x ~ N(0, input_variance I): max(0, g)^2 with g ~ N(b, r^2), r^2 = |v|^2 input_variance/dimensions, is
    /// (b^2 + r^2) Phi(b/r) + b r phi(b/r) on average.
    [[nodiscard]] double mean_square(double input_variance) const noexcept {
        double sum = 0;
        for (std::size_t j = 0; j < degree; ++j) {
            const double* const w = weights.data() + j * (dimensions + 1);
            const double b = w[dimensions];
            const double r = std::sqrt(std::inner_product(w, w + dimensions, w, 0.0) * input_variance / static_cast<double>(dimensions));
            sum += 0.5 * (b * b + r * r) * std::erfc(-b / (r * std::numbers::sqrt2)) +
                   b * r * std::exp(-0.5 * b * b / (r * r)) / std::sqrt(2 * std::numbers::pi);
        }
        return sum / static_cast<double>(degree);
    }
};

/// A basis whose type is forgotten, so that what is computed with it is compiled once for all of them.
class any_basis {
public:
    static constexpr std::string_view name = "feature_regression";

    /// Holds a basis.
    template <class Basis>
        requires(!std::same_as<Basis, any_basis>)
    explicit any_basis(const Basis& basis)
        : features_(basis.features()), write_([basis](std::span<const double> x, std::span<double> out) { basis(x, out); }) {
        if constexpr (requires { basis.mean_square(1.0); })
            mean_square_ = [basis](double input_variance) { return basis.mean_square(input_variance); };
    }

    [[nodiscard]] std::size_t features() const noexcept { return features_; }
    /// Writes the features of x.
    void operator()(std::span<const double> x, std::span<double> out) const { write_(x, out); }
    /// Of a feature, x ~ N(0, input_variance I), where the basis says it.
    [[nodiscard]] std::optional<double> mean_square(double input_variance) const {
        return mean_square_ ? std::optional(mean_square_(input_variance)) : std::nullopt;
    }

private:
    std::size_t features_;
    std::function<void(std::span<const double>, std::span<double>)> write_;
    std::function<double(double)> mean_square_{};
};

}  // namespace rationale

#endif
