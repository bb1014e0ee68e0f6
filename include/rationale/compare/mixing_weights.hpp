#ifndef RATIONALE_COMPARE_MIXING_WEIGHTS_HPP
#define RATIONALE_COMPARE_MIXING_WEIGHTS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "rationale/compare/mixture_loss.hpp"

namespace rationale {

/// The mixture of strategies that is nearest to a model.
struct mixing_weights_result {
    std::vector<double> weights;  ///< on the simplex, with exact zeros
    double loss = 0;              ///< KL in nats or squared error; infinite when every mixture excludes what the model gives
    bool unique = true;           ///< false when other weights do as well, as for strategies that predict the same
    bool converged = true;
};

namespace detail {

/// Solves the system A x = b of n unknowns in place by elimination with pivoting; false when A is singular: a pivot below 1e-8 of the
/// largest entry, which is also what compression leaves of an exact zero.
inline bool solve(std::vector<double>& a, std::vector<double>& b) {
    const std::size_t n = b.size();
    double scale = 0;
    for (double v : a) scale = (std::max)(scale, std::abs(v));
    for (std::size_t i = 0; i < n; ++i) {
        std::size_t pivot = i;
        for (std::size_t r = i + 1; r < n; ++r)
            if (std::abs(a[r * n + i]) > std::abs(a[pivot * n + i])) pivot = r;
        if (!(std::abs(a[pivot * n + i]) > 1e-8 * scale)) return false;
        if (pivot != i) {
            for (std::size_t c = 0; c < n; ++c) std::swap(a[i * n + c], a[pivot * n + c]);
            std::swap(b[i], b[pivot]);
        }
        for (std::size_t r = i + 1; r < n; ++r) {
            const double factor = a[r * n + i] / a[i * n + i];
            if (factor == 0) continue;
            for (std::size_t c = i; c < n; ++c) a[r * n + c] -= factor * a[i * n + c];
            b[r] -= factor * b[i];
        }
    }
    for (std::size_t i = n; i-- > 0;) {
        for (std::size_t c = i + 1; c < n; ++c) b[i] -= a[i * n + c] * b[c];
        b[i] /= a[i * n + i];
    }
    return true;
}

}  // namespace detail

/// Maximum-likelihood mixing weights: minimizes a mixture's loss over the simplex. Newton's method on the weights that are not at 0, with
/// backtracking; a weight that reaches 0 stays there exactly until its gradient says otherwise. The loss is convex, so this is the global optimum.
[[nodiscard]] inline mixing_weights_result mixing_weights(const mixture_loss& loss) {
    const std::size_t n = loss.strategies();
    mixing_weights_result out{std::vector<double>(n, 1.0 / static_cast<double>(n)), 0, true, false};
    auto& w = out.weights;
    mixture_loss::derivatives at;
    loss.evaluate(w, at);
    out.loss = at.value;
    if (!loss.finite()) {
        out.loss = std::numeric_limits<double>::infinity();
        out.unique = false;
        return out;
    }
    std::vector<std::size_t> open(n);
    std::iota(open.begin(), open.end(), std::size_t{0});
    double typical = 0;
    for (std::size_t q = 0; q < n; ++q) typical = (std::max)(typical, std::abs(at.gradient[q]));
    const double tolerance = 1e-11 * (std::max)(typical, 1e-300);
    for (int iteration = 0; iteration < 200 + 20 * static_cast<int>(n); ++iteration) {
        const std::size_t m = open.size();
        // The step p minimizes the quadratic model with sum p = 0: one unknown more for the multiplier.
        bool singular = false;
        std::vector<double> step;
        for (double shift = 0;; shift = shift == 0 ? 1e-10 : 100 * shift) {
            std::vector<double> a((m + 1) * (m + 1)), b(m + 1);
            double trace = 0;
            for (std::size_t i = 0; i < m; ++i) trace += at.hessian[open[i] * n + open[i]];
            for (std::size_t i = 0; i < m; ++i) {
                for (std::size_t j = 0; j < m; ++j) a[i * (m + 1) + j] = at.hessian[open[i] * n + open[j]];
                a[i * (m + 1) + i] += shift * trace;
                a[i * (m + 1) + m] = a[m * (m + 1) + i] = (std::max)(trace, 1e-300);
                b[i] = -at.gradient[open[i]];
            }
            if (detail::solve(a, b)) {
                step.assign(b.begin(), b.end() - 1);
                break;
            }
            singular = true;
            if (shift > 1) return out;
        }
        out.unique = !singular;
        double lowest = 0, mean = 0;
        for (std::size_t i : open) mean += w[i] * at.gradient[i];
        for (std::size_t i : open) lowest = (std::max)(lowest, std::abs(at.gradient[i] - mean) * (w[i] > 0 ? 1.0 : 0.0));
        double slope = 0, longest = std::numeric_limits<double>::infinity();
        std::size_t blocking = n;
        for (std::size_t i = 0; i < m; ++i) {
            slope += at.gradient[open[i]] * step[i];
            if (step[i] < 0 && -w[open[i]] / step[i] < longest) longest = -w[open[i]] / step[i], blocking = i;
        }
        if (lowest <= tolerance || !(slope < 0) || -slope < 1e-16 * tolerance) {
            // Optimal on the open weights: open the closed one that would help most, or be done.
            std::size_t best = n;
            double gain = -tolerance;
            for (std::size_t q = 0; q < n; ++q)
                if (std::find(open.begin(), open.end(), q) == open.end() && at.gradient[q] - mean < gain) gain = at.gradient[q] - mean, best = q;
            if (best == n) {
                out.converged = true;
                return out;
            }
            open.push_back(best);
            continue;
        }
        if (longest <= 0) {  // an open weight at 0 that wants to shrink
            open.erase(open.begin() + static_cast<std::ptrdiff_t>(blocking));
            continue;
        }
        double length = (std::min)(1.0, longest);
        std::vector<double> trial = w;
        bool moved = false;
        for (int halving = 0; halving < 60; ++halving, length *= 0.5) {
            for (std::size_t i = 0; i < m; ++i) trial[open[i]] = (std::max)(0.0, w[open[i]] + length * step[i]);
            if (length == longest) trial[open[blocking]] = 0;
            const double value = loss(trial);
            if (value <= at.value + 1e-4 * length * slope || (std::abs(length * slope) < 1e-13 * std::abs(at.value) && value <= at.value + 1e-15 * std::abs(at.value))) {
                moved = true;
                break;
            }
        }
        if (!moved) {
            out.converged = lowest <= 1e4 * tolerance;
            return out;
        }
        if (length == longest) open.erase(open.begin() + static_cast<std::ptrdiff_t>(blocking));
        const double total = std::accumulate(trial.begin(), trial.end(), 0.0);
        for (std::size_t q = 0; q < n; ++q) w[q] = trial[q] / total;
        loss.evaluate(w, at);
        out.loss = at.value;
    }
    return out;
}

}  // namespace rationale

#endif
