// Small symmetric matrices, dense, row by row in a vector: of a law's parameters, of a mixture's weights, of losses.
#ifndef RATIONALE_SYMMETRIC_HPP
#define RATIONALE_SYMMETRIC_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace rationale::detail {

/// Replaces A (n x n) by its Cholesky factor, L L' = A, in the lower triangle; the upper one is left as it was. False, with A in pieces,
/// where a pivot is not above `least` times its diagonal entry: A is not positive definite.
inline bool factorize(std::vector<double>& a, std::size_t n, double least = 0) noexcept {
    for (std::size_t j = 0; j < n; ++j) {
        const double whole = std::abs(a[j * n + j]);
        for (std::size_t i = j; i < n; ++i) {
            double v = a[i * n + j];
            for (std::size_t k = 0; k < j; ++k) v -= a[i * n + k] * a[j * n + k];
            if (i == j && !(v > 0 && v > least * whole)) return false;
            a[i * n + j] = i == j ? std::sqrt(v) : v / a[j * n + j];
        }
    }
    return true;
}

/// Solves L L' x = b in place.
inline void solve_factorized(const std::vector<double>& l, std::span<double> b) noexcept {
    const std::size_t n = b.size();
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < i; ++k) b[i] -= l[i * n + k] * b[k];
        b[i] /= l[i * n + i];
    }
    for (std::size_t i = n; i-- > 0;) {
        for (std::size_t k = i + 1; k < n; ++k) b[i] -= l[k * n + i] * b[k];
        b[i] /= l[i * n + i];
    }
}

/// L with L L' = A for a positive semidefinite A: a pivot that is not above `tiny`, as rounding makes those of 0, gives a column of zeros.
/// Of an A that has no such root L L' is another matrix. Empty where a pivot is not finite.
inline std::vector<double> semidefinite_root(std::span<const double> a, std::size_t n, double tiny) {
    std::vector<double> l(n * n);
    for (std::size_t j = 0; j < n; ++j) {
        double pivot = a[j * n + j];
        for (std::size_t k = 0; k < j; ++k) pivot -= l[j * n + k] * l[j * n + k];
        if (!std::isfinite(pivot)) return {};
        if (pivot <= tiny) continue;
        l[j * n + j] = std::sqrt(pivot);
        for (std::size_t i = j + 1; i < n; ++i) {
            double x = a[i * n + j];
            for (std::size_t k = 0; k < j; ++k) x -= l[i * n + k] * l[j * n + k];
            l[i * n + j] = x / l[j * n + j];
        }
    }
    return l;
}

/// A with the rows and columns of held variables replaced by the identity's.
inline std::vector<double> without_held(std::vector<double> a, const std::vector<bool>& held) {
    const std::size_t n = held.size();
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            if (held[i] || held[j]) a[i * n + j] = i == j;
    return a;
}

/// Inverse of the positive definite matrix of the variables that are not held; 0 elsewhere. Empty where it is not definite.
inline std::vector<double> inverse_of_free(const std::vector<double>& a, const std::vector<bool>& held) {
    const std::size_t n = held.size();
    auto l = without_held(a, held);
    if (!factorize(l, n, 1e-14)) return {};
    std::vector<double> out(n * n);
    for (std::size_t i = 0; i < n; ++i) {
        if (held[i]) continue;
        const auto column = std::span(out).subspan(i * n, n);  // or row
        column[i] = 1;
        solve_factorized(l, column);
    }
    return out;
}

/// A B, n x n.
inline std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b, std::size_t n) {
    std::vector<double> out(n * n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t j = 0; j < n; ++j) out[i * n + j] += a[i * n + k] * b[k * n + j];
    return out;
}

/// A minus what variable k explains of it, a_k a_k'/a_kk: the others' curvature when k follows to its minimum. Row and column k become 0.
inline void eliminate(std::vector<double>& a, std::size_t n, std::size_t k) noexcept {
    const double pivot = a[k * n + k];
    for (std::size_t i = 0; i < n; ++i)
        if (const double factor = a[i * n + k] / pivot; i != k)
            for (std::size_t j = 0; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
    for (std::size_t j = 0; j < n; ++j) a[k * n + j] = a[j * n + k] = 0;
}

/// Curvature along variable i when the others follow to their minimum: i's Schur complement. Others without curvature above `least` beside
/// those before them, largest first, are left out.
inline double profile_curvature(std::vector<double> a, std::size_t n, std::size_t i, double least = 1e-10) {
    for (;;) {
        std::size_t k = n;
        for (std::size_t j = 0; j < n; ++j)
            if (j != i && (k == n || a[j * n + j] > a[k * n + k])) k = j;
        if (k == n || !(a[k * n + k] > least)) return a[i * n + i];
        eliminate(a, n, k);
    }
}

/// Jacobi's rotations: A becomes diagonal, and row i of `turned`, where it is given and began as the identity, eigenvector i.
inline void diagonalise(std::vector<double>& a, std::size_t n, std::vector<double>* turned = nullptr) {
    for (int sweep = 0; sweep < 60; ++sweep)
        for (std::size_t p = 0; p < n; ++p)
            for (std::size_t q = p + 1; q < n; ++q) {
                if (a[p * n + q] == 0) continue;
                const double theta = 0.5 * (a[q * n + q] - a[p * n + p]) / a[p * n + q];
                const double t = (theta < 0 ? -1 : 1) / (std::abs(theta) + std::hypot(theta, 1));
                const double c = 1 / std::hypot(t, 1), s = t * c;
                const auto rotate = [c, s](double& x, double& y) {
                    const double from = x;
                    x = c * from - s * y, y = s * from + c * y;
                };
                for (std::size_t k = 0; k < n; ++k) rotate(a[k * n + p], a[k * n + q]);
                for (std::size_t k = 0; k < n; ++k) rotate(a[p * n + k], a[q * n + k]);
                for (std::size_t k = 0; turned && k < n; ++k) rotate((*turned)[p * n + k], (*turned)[q * n + k]);
            }
}

/// Smallest and largest eigenvalue.
inline std::pair<double, double> extreme_eigenvalues(std::vector<double> a, std::size_t n) {
    diagonalise(a, n);
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::size_t i = 0; i < n; ++i) low = (std::min)(low, a[i * n + i]), high = (std::max)(high, a[i * n + i]);
    return {low, high};
}

}  // namespace rationale::detail

#endif
