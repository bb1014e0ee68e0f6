#ifndef RATIONALE_COMPARE_SIMPLEX_NEWTON_HPP
#define RATIONALE_COMPARE_SIMPLEX_NEWTON_HPP

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/symmetric.hpp"

namespace rationale {

/// A function of the weights with its derivatives: `f.evaluate(w, d)` sets d.value, which may be infinite on the simplex's boundary,
/// d.gradient (n) and d.hessian (n x n).
template <class F>
concept twice_differentiable = requires(const F& f, std::vector<double>& w, typename F::derivatives& d) {
    f.evaluate(w, d);
    { d.value } -> std::convertible_to<double>;
    w = d.gradient;
    w = d.hessian;
};

/// Where a convex function is least on the probability simplex.
struct simplex_minimum {
    std::vector<double> point;  ///< sums to one, with exact zeros
    double value = 0;           ///< the function there
    double gap = 0;             ///< max_i (g.w - g_i), g the gradient: the value is above the least one by no more than this
    bool unique = true;         ///< false when the curvature does not exclude that other points do as well
    bool converged = true;      ///< gap at most 1e-11 of the gradient's size at the centre
};

namespace detail {

/// The point of the simplex where g.(y - w) + (y - w)'H(y - w)/2 is least, by a primal active-set method from y = w: exact but for a
/// relative 1e-12 that is added to H's diagonal, so that it may be singular. Entries that reach 0 are exactly 0.
inline std::vector<double> least_of_quadratic(std::span<const double> w, std::span<const double> g, std::span<const double> h,
                                              double tolerance) {
    const std::size_t n = w.size();
    std::vector<double> y(w.begin(), w.end()), r(n), a, step, ones;
    double largest = 0;
    for (std::size_t i = 0; i < n; ++i) largest = (std::max)(largest, h[i * n + i]);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < n; ++i)
        if (y[i] > 0) open.push_back(i);
    double ridge = 1e-12;
    for (std::size_t iteration = 0; iteration < 50 + 20 * n; ++iteration) {
        const std::size_t m = open.size();
        for (std::size_t i = 0; i < n; ++i) {
            r[i] = g[i] + ridge * (largest + h[i * n + i]) * (y[i] - w[i]);
            for (std::size_t j = 0; j < n; ++j) r[i] += h[i * n + j] * (y[j] - w[j]);
        }
        a.resize(m * m);
        for (std::size_t i = 0; i < m; ++i) {
            for (std::size_t j = 0; j < m; ++j) a[i * m + j] = h[open[i] * n + open[j]];
            a[i * m + i] += ridge * (largest + a[i * m + i]) + (std::numeric_limits<double>::min)();
        }
        if (!factorize(a, m)) {
            if (ridge > 1) return y;
            ridge *= 100;
            continue;
        }
        step.resize(m);
        ones.assign(m, 1.0);
        for (std::size_t i = 0; i < m; ++i) step[i] = -r[open[i]];
        solve_factorized(a, step);
        solve_factorized(a, ones);
        const double multiplier = std::accumulate(step.begin(), step.end(), 0.0) / std::accumulate(ones.begin(), ones.end(), 0.0);
        double length = 1;
        std::size_t blocking = m;
        for (std::size_t i = 0; i < m; ++i) {
            step[i] -= multiplier * ones[i];
            if (step[i] < 0 && -y[open[i]] / step[i] < length) length = -y[open[i]] / step[i], blocking = i;
        }
        for (std::size_t i = 0; i < m; ++i) y[open[i]] = (std::max)(0.0, y[open[i]] + length * step[i]);
        if (blocking < m) {
            y[open[blocking]] = 0;
            open.erase(open.begin() + static_cast<std::ptrdiff_t>(blocking));
            continue;
        }
        // Least on the open entries, where the gradient is now -multiplier: open the one that gains most, or be done.
        std::size_t best = n;
        double gain = tolerance;
        for (std::size_t i = 0; i < n; ++i) {
            if (y[i] > 0 || std::find(open.begin(), open.end(), i) != open.end()) continue;
            double slope = g[i];
            for (std::size_t j = 0; j < n; ++j) slope += h[i * n + j] * (y[j] - w[j]);
            if (-multiplier - slope > gain) gain = -multiplier - slope, best = i;
        }
        if (best == n) break;
        open.push_back(best);
    }
    const double total = std::accumulate(y.begin(), y.end(), 0.0);
    for (double& v : y) v /= total;
    return y;
}

/// True when H is positive definite on the directions among `open` that sum to zero, to a relative 1e-7: less is the rounding of
/// recordings in float and what `mixture_compressor` leaves out. By pivoted elimination.
inline bool curved(std::span<const double> h, std::size_t n, std::vector<std::size_t> open) {
    if (open.size() < 2) return true;
    const std::size_t m = open.size() - 1, last = open.back();
    std::vector<double> a(m * m);
    double largest = 0;
    for (std::size_t i : open) largest = (std::max)(largest, h[i * n + i]);
    for (std::size_t i = 0; i < m; ++i)
        for (std::size_t j = 0; j < m; ++j)
            a[i * m + j] = h[open[i] * n + open[j]] - h[open[i] * n + last] - h[last * n + open[j]] + h[last * n + last];
    for (std::size_t k = 0; k < m; ++k) {
        std::size_t p = 0;
        for (std::size_t i = 1; i < m; ++i)
            if (a[i * m + i] > a[p * m + p]) p = i;
        if (!(a[p * m + p] > 1e-7 * largest)) return false;
        eliminate(a, m, p);
    }
    return true;
}

}  // namespace detail

/// Minimizes a smooth convex function over the probability simplex in n variables: Newton steps whose quadratic model is minimized over the
/// whole simplex, with backtracking, from the centre. Converges quadratically; a step costs an evaluation, and O(n^3) once or a few times.
/// Throws std::invalid_argument for n = 0.
template <twice_differentiable Function>
[[nodiscard]] simplex_minimum simplex_newton(const Function& f, std::size_t n) {
    detail::check_at_least("rationale::simplex_newton", "n", n, 1);
    simplex_minimum out{std::vector<double>(n, 1.0 / static_cast<double>(n)), 0, 0, true, true};
    auto& w = out.point;
    typename Function::derivatives at, next;
    f.evaluate(w, at);
    const auto gap_at = [n](const std::vector<double>& point, const std::vector<double>& g) {
        double mean = 0;
        for (std::size_t i = 0; i < n; ++i) mean += point[i] * g[i];
        double gap = 0;
        for (std::size_t i = 0; i < n; ++i) gap = (std::max)(gap, mean - g[i]);
        return gap;
    };
    double size = 0;
    for (double g : at.gradient) size = (std::max)(size, std::abs(g));
    out.gap = gap_at(w, at.gradient);
    std::vector<double> trial(n);
    for (int iteration = 0; iteration < 1000 && out.gap > 1e-14 * size; ++iteration) {
        const auto target = detail::least_of_quadratic(w, at.gradient, at.hessian, 1e-15 * size);
        double slope = 0;
        for (std::size_t i = 0; i < n; ++i) slope += at.gradient[i] * (target[i] - w[i]);
        bool moved = false;
        for (double length = 1; !moved && length > 1e-15; length *= 0.5) {
            for (std::size_t i = 0; i < n; ++i) trial[i] = length == 1 ? target[i] : w[i] + length * (target[i] - w[i]);
            f.evaluate(trial, next);
            if (!std::isfinite(next.value)) continue;
            // Near the optimum the value's rounding hides what the gradient still shows.
            const bool hidden = std::abs(length * slope) < 1e-12 * (std::abs(at.value) + size);
            if (!hidden && !(next.value <= at.value + 1e-4 * length * slope)) continue;
            const double gap = gap_at(trial, next.gradient);
            if (hidden && !(gap < out.gap)) continue;
            std::swap(w, trial);
            std::swap(at, next);
            out.gap = gap;
            moved = true;
        }
        if (!moved) break;
    }
    out.value = at.value;
    out.converged = out.gap <= 1e-11 * size && std::isfinite(out.value);
    const double mean = std::inner_product(w.begin(), w.end(), at.gradient.begin(), 0.0);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < n; ++i)
        if (w[i] > 0 || at.gradient[i] - mean <= 1e-8 * size) open.push_back(i);
    out.unique = detail::curved(at.hessian, n, std::move(open));
    return out;
}

}  // namespace rationale

#endif
