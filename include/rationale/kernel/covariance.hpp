#ifndef RATIONALE_KERNEL_COVARIANCE_HPP
#define RATIONALE_KERNEL_COVARIANCE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace rationale::kernel {

/// A positive definite covariance C of d numbers as U diag(D) U', U unit upper triangular.
class covariance {
public:
    /// variance I.
    covariance(std::size_t d, double variance) : u_(d * (d - 1) / 2), d_(d, variance) {}
    /// variance C, C (d x d, row by row) symmetric: its upper triangle is read. Whether it is positive definite says `positive`.
    covariance(std::size_t d, double variance, std::span<const double> c) : covariance(d, variance) {
        std::vector<double> rest(c.begin(), c.end());
        for (std::size_t j = d; j-- > 0;) {
            const double pivot = rest[j * d + j];
            d_[j] = variance * pivot;
            for (std::size_t i = 0; i < j; ++i) {
                const double u = upper(i, j) = rest[i * d + j] / pivot;
                for (std::size_t k = 0; k <= i; ++k) rest[k * d + i] -= u * rest[k * d + j];
            }
        }
    }

    /// d.
    [[nodiscard]] std::size_t size() const noexcept { return d_.size(); }
    /// U above its diagonal, column by column.
    [[nodiscard]] std::span<const double> unit_upper() const noexcept { return u_; }
    /// D.
    [[nodiscard]] std::span<const double> diagonal() const noexcept { return d_; }
    /// Whether D is, and with it C.
    [[nodiscard]] bool positive() const noexcept {
        return std::all_of(d_.begin(), d_.end(), [](double v) { return v > 0 && std::isfinite(v); });
    }
    /// C, row by row.
    [[nodiscard]] std::vector<double> matrix() const {
        std::vector<double> out(size() * size());
        for (std::size_t i = 0; i < size(); ++i)
            for (std::size_t j = 0; j <= i; ++j) {
                double sum = d_[i] * u(j, i);
                for (std::size_t k = i + 1; k < size(); ++k) sum += u(i, k) * d_[k] * u(j, k);
                out[i * size() + j] = out[j * size() + i] = sum;
            }
        return out;
    }
    /// Mean of the variances, trace C/d.
    [[nodiscard]] double mean_variance() const {
        const auto c = matrix();
        double sum = 0;
        for (std::size_t i = 0; i < size(); ++i) sum += c[i * size() + i];
        return sum / static_cast<double>(size());
    }
    /// R with R R' = C, row by row: U D^(1/2).
    [[nodiscard]] std::vector<double> root() const {
        std::vector<double> out(size() * size());
        for (std::size_t i = 0; i < size(); ++i)
            for (std::size_t j = i; j < size(); ++j) out[i * size() + j] = u(i, j) * std::sqrt(d_[j]);
        return out;
    }
    /// R^-1 y.
    [[nodiscard]] std::vector<double> whitened(std::span<const double> y) const {
        std::vector<double> out(y.begin(), y.end());
        for (std::size_t j = size(); j-- > 0; out[j] /= std::sqrt(d_[j]))
            for (std::size_t i = 0; i < j; ++i) out[i] -= u(i, j) * out[j];
        return out;
    }
    /// Makes standard normal numbers ~ N(0, scale C).
    void colour(std::span<double> z, double scale = 1) const noexcept {
        for (std::size_t i = 0; i < size(); ++i) {
            z[i] *= std::sqrt(scale * d_[i]);  // those after i are still standard
            for (std::size_t k = i + 1; k < size(); ++k) z[i] += u(i, k) * std::sqrt(scale * d_[k]) * z[k];
        }
    }
    /// y' C^-1 y.
    [[nodiscard]] double square(std::span<const double> y) const {
        double sum = 0;
        for (const double z : whitened(y)) sum += z * z;
        return sum;
    }

private:
    [[nodiscard]] double& upper(std::size_t i, std::size_t j) noexcept { return u_[j * (j - 1) / 2 + i]; }
    [[nodiscard]] double u(std::size_t i, std::size_t j) const noexcept { return i == j ? 1 : u_[j * (j - 1) / 2 + i]; }

    std::vector<double> u_, d_;
};

}  // namespace rationale::kernel

#endif
