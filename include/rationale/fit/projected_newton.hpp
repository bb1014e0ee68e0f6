#ifndef RATIONALE_FIT_PROJECTED_NEWTON_HPP
#define RATIONALE_FIT_PROJECTED_NEWTON_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "rationale/symmetric.hpp"

namespace rationale {

/// A smooth function of P variables with its derivatives.
struct second_order {
    double value = 0;              ///< of the function
    std::vector<double> gradient;  ///< P
    std::vector<double> hessian;   ///< P x P
};

/// Bounds of each variable, either of which may be infinite.
struct box {
    /// P numbers each.
    std::vector<double> lower, upper;
};

/// Why a search ended.
enum class search_end {
    converged,   ///< no free derivative is left, or none that the function's rounding lets one follow
    stuck,       ///< the function does not fall along a step that should make it fall by more than its rounding
    iterations,  ///< as many steps as were allowed
    not_finite   ///< the function, its gradient or its Hessian is not finite
};

/// The minimum of a function in a box.
struct minimum {
    std::vector<double> point;                ///< P
    second_order at;                          ///< the function at the point
    std::vector<bool> at_bound;               ///< P: whether a bound holds the variable
    double projected_gradient = 0;            ///< largest entry of the gradient among variables that no bound holds
    int iterations = 0;                       ///< Newton steps
    search_end end = search_end::not_finite;  ///< why the search ended

    /// Whether it is a minimum, and not only where the search ended.
    [[nodiscard]] bool converged() const noexcept { return end == search_end::converged; }
};

namespace detail {

/// Solves (A + shift I) x = b for the variables that are not held, x = 0 for the others, with the smallest shift in a growing row that
/// makes their matrix positive definite. Empty where A or b is not finite. The shift is bounded: P times the largest entry is always
/// enough.
inline std::vector<double> definite_solve(const std::vector<double>& a, const std::vector<double>& b, const std::vector<bool>& held) {
    const std::size_t P = b.size();
    std::vector<double> l, x(P);
    double scale = 0, right = 0;
    for (std::size_t i = 0; i < P; ++i) {
        if (held[i]) continue;
        if (!std::isfinite(b[i])) return {};
        right = (std::max)(right, std::abs(b[i]));
        for (std::size_t j = 0; j < P; ++j) {
            if (held[j]) continue;
            if (!std::isfinite(a[i * P + j])) return {};
            scale = (std::max)(scale, std::abs(a[i * P + j]));
        }
    }
    if (scale == 0) scale = right > 0 ? right : 1;  // without curvature, straight downhill
    for (double shift = 0; shift <= 100 * static_cast<double>(P) * scale; shift = shift == 0 ? 1e-10 * scale : 10 * shift) {
        l = without_held(a, held);
        for (std::size_t i = 0; i < P; ++i)
            if (!held[i]) l[i * P + i] += shift;
        if (!factorize(l, P, 1e-13)) continue;
        for (std::size_t i = 0; i < P; ++i) x[i] = held[i] ? 0 : b[i];
        solve_factorized(l, x);
        return x;
    }
    return {};
}

}  // namespace detail

/// Minimizes a smooth function over a box from `start`: Newton's method on the variables that no bound holds back, with the Hessian shifted
/// until it is positive definite, steps of at most `longest_step` in any variable, projected to the box and halved until the function falls
/// (Bertsekas, "Projected Newton methods for optimization problems with simple constraints", 1982). Bounds are reached exactly. `f(point)`
/// gives a second_order, `f.value(point)` the value alone; both may be infinite. A variable whose bounds are equal stays where it is. It
/// ends when no free variable's derivative exceeds `enough` times f.unit(), a typical size of the function, 1 where it gives none, or times
/// the function where that is larger: a function and its unit times a power of 2 give the same steps. At most `most_iterations` steps of at
/// most 40 trials each.
template <class Function>
[[nodiscard]] minimum projected_newton(const Function& f, std::vector<double> start, const box& bounds, double longest_step = 2,
                                       int most_iterations = 200, double enough = 1e-14) {
    double unit = 1;
    if constexpr (requires { f.unit(); }) unit = f.unit();
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
    const auto ended = [&](search_end how) {
        out.end = how;
        return out;
    };
    double gained = std::numeric_limits<double>::infinity();  // by the last step
    for (;; ++out.iterations) {
        const double size_of_f = (std::max)(unit, std::abs(out.at.value));
        out.projected_gradient = largest_free(out.point, out.at.gradient);
        for (std::size_t i = 0; i < P; ++i) {
            out.at_bound[i] = held(out.point, out.at.gradient, i);
            downhill[i] = -out.at.gradient[i];
        }
        if (!std::isfinite(out.at.value)) return ended(search_end::not_finite);
        if (out.projected_gradient <= enough * size_of_f) return ended(search_end::converged);
        // In a flat valley steps go on for ever without gain.
        if (out.iterations >= most_iterations) return ended(gained <= 1e-10 * size_of_f ? search_end::converged : search_end::iterations);
        auto step = detail::definite_solve(out.at.hessian, downhill, out.at_bound);
        if (step.empty()) return ended(search_end::not_finite);
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
        const double whole_step = std::abs(expect(1));
        if (whole_step <= 1e-13 * size_of_f) {
            auto there = f(trial);
            if (!(largest_free(trial, there.gradient) < 0.5 * out.projected_gradient)) return ended(search_end::converged);
            gained = std::abs(out.at.value - there.value);
            out.point = trial, out.at = std::move(there);
            continue;
        }
        bool moved = false;
        for (double length = 1; length > 1e-12; length *= 0.5) {
            const double expected = expect(length);
            const double value = f.value(trial);
            if (value <= out.at.value + 1e-4 * expected && value < out.at.value) {
                out.point = trial;
                gained = out.at.value - value;
                moved = true;
                break;
            }
        }
        // No representable improvement: what could be gained is within some hundreds of the function's roundings, or the step was no good.
        if (!moved) return ended(whole_step <= 1e-10 * size_of_f ? search_end::converged : search_end::stuck);
        out.at = f(out.point);
    }
}

}  // namespace rationale

#endif
