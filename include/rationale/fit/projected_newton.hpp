#ifndef RATIONALE_FIT_PROJECTED_NEWTON_HPP
#define RATIONALE_FIT_PROJECTED_NEWTON_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace rationale {

/// A smooth function of P variables with its derivatives.
struct second_order {
    double value = 0;              ///< of the function
    std::vector<double> gradient;  ///< P
    std::vector<double> hessian;   ///< P x P
};

/// Bounds of each variable, either of which may be infinite.
struct box {
    /// P of each.
    std::vector<double> lower, upper;
};

/// Where a function is least in a box.
struct minimum {
    std::vector<double> point;      ///< P
    second_order at;                ///< the function there
    std::vector<bool> at_bound;     ///< P: whether a bound holds the variable
    double projected_gradient = 0;  ///< largest entry of the gradient that a bound does not hold back
    int iterations = 0;             ///< Newton steps
};

namespace detail {

/// Solves (A + shift diag) x = b for the smallest shift in a growing row that makes the matrix of the free variables positive definite.
inline std::vector<double> definite_solve(const std::vector<double>& a, const std::vector<double>& b, const std::vector<bool>& held) {
    const std::size_t P = b.size();
    std::vector<double> l(P * P), x(P);
    double scale = 0;
    for (std::size_t i = 0; i < P; ++i)
        if (!held[i]) scale = (std::max)(scale, std::abs(a[i * P + i]));
    if (scale == 0) scale = 1;
    for (double shift = 0;; shift = shift == 0 ? 1e-10 * scale : 10 * shift) {
        std::fill(l.begin(), l.end(), 0.0);
        bool definite = true;
        for (std::size_t i = 0; i < P && definite; ++i)
            for (std::size_t j = 0; j <= i; ++j) {
                double sum = held[i] || held[j] ? (i == j ? 1.0 : 0.0) : a[i * P + j] + (i == j ? shift : 0.0);
                const double whole = std::abs(sum);
                for (std::size_t k = 0; k < j; ++k) sum -= l[i * P + k] * l[j * P + k];
                if (i != j) l[i * P + j] = sum / l[j * P + j];
                else if (sum > 1e-13 * whole && sum > 0) l[i * P + i] = std::sqrt(sum);
                else definite = false;
            }
        if (!definite) continue;
        for (std::size_t i = 0; i < P; ++i) {
            x[i] = held[i] ? 0 : b[i];
            for (std::size_t k = 0; k < i; ++k) x[i] -= l[i * P + k] * x[k];
            x[i] /= l[i * P + i];
        }
        for (std::size_t i = P; i-- > 0;) {
            for (std::size_t k = i + 1; k < P; ++k) x[i] -= l[k * P + i] * x[k];
            x[i] /= l[i * P + i];
        }
        return x;
    }
}

}  // namespace detail

/// Minimizes a smooth function over a box from `start`: Newton's method on the variables that no bound holds back, with the Hessian shifted
/// until it is positive definite, steps of at most `longest_step` in any variable, projected to the box and halved until the function falls
/// (Bertsekas, "Projected Newton methods for optimization problems with simple constraints", 1982). Bounds are reached exactly. `f(point)`
/// gives a second_order, `f.value(point)` the value alone; both may be infinite. A variable whose bounds are equal stays where it is. It
/// ends when no free variable's derivative exceeds `enough` times the function, or times 1 for a function below that.
template <class Function>
[[nodiscard]] minimum projected_newton(const Function& f, std::vector<double> start, const box& bounds, double longest_step = 2,
                                       int most_iterations = 200, double enough = 1e-14) {
    const std::size_t P = start.size();
    const auto project = [&](std::vector<double>& x) {
        for (std::size_t i = 0; i < P; ++i) x[i] = std::clamp(x[i], bounds.lower[i], bounds.upper[i]);
    };
    minimum out;
    out.at_bound.resize(P);
    project(start);
    out.point = std::move(start);
    std::vector<double> downhill(P), trial(P);
    out.at = f(out.point);
    const auto held = [&](const std::vector<double>& x, const std::vector<double>& gradient, std::size_t i) {
        return (x[i] <= bounds.lower[i] && gradient[i] >= 0) || (x[i] >= bounds.upper[i] && gradient[i] <= 0) ||
               bounds.lower[i] == bounds.upper[i];
    };
    const auto largest_free = [&](const std::vector<double>& x, const std::vector<double>& gradient) {
        double largest = 0;
        for (std::size_t i = 0; i < P; ++i)
            if (!held(x, gradient, i)) largest = (std::max)(largest, std::abs(gradient[i]));
        return largest;
    };
    for (;; ++out.iterations) {
        out.projected_gradient = largest_free(out.point, out.at.gradient);
        for (std::size_t i = 0; i < P; ++i) {
            out.at_bound[i] = held(out.point, out.at.gradient, i);
            downhill[i] = -out.at.gradient[i];
        }
        if (out.projected_gradient <= enough * (std::max)(1.0, std::abs(out.at.value)) || out.iterations >= most_iterations ||
            !std::isfinite(out.at.value))
            return out;
        auto step = detail::definite_solve(out.at.hessian, downhill, out.at_bound);
        double size = 0;
        for (double s : step) size = (std::max)(size, std::abs(s));
        if (size > longest_step)
            for (double& s : step) s *= longest_step / size;
        // Sets the trial point; how the function changes on the way there, to first order.
        const auto expect = [&](double length) {
            for (std::size_t i = 0; i < P; ++i) trial[i] = out.point[i] + length * step[i];
            project(trial);
            double change = 0;
            for (std::size_t i = 0; i < P; ++i) change += out.at.gradient[i] * (trial[i] - out.point[i]);
            return change;
        };
        // Below the function's rounding only its gradient can tell whether the last steps are good.
        if (std::abs(expect(1)) <= 1e-13 * (std::max)(1.0, std::abs(out.at.value))) {
            auto there = f(trial);
            if (!(largest_free(trial, there.gradient) < 0.5 * out.projected_gradient)) return out;
            out.point = trial, out.at = std::move(there);
            continue;
        }
        bool moved = false;
        for (double length = 1; length > 1e-12; length *= 0.5) {
            const double expected = expect(length);
            const double value = f.value(trial);
            if (value <= out.at.value + 1e-4 * expected && value < out.at.value) {
                out.point = trial;
                moved = true;
                break;
            }
        }
        if (!moved) return out;  // no representable improvement
        out.at = f(out.point);
    }
}

}  // namespace rationale

#endif
