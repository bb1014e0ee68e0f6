#ifndef RATIONALE_FIT_PROFILE_HPP
#define RATIONALE_FIT_PROFILE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "rationale/execution.hpp"
#include "rationale/fit/sandwich.hpp"
#include "rationale/interval.hpp"

namespace rationale {

/// Profile intervals of a law's parameters: all values of one parameter at which the best objective over the others lies no higher above
/// the minimum than half the squared normal quantile times the parameter's sandwich variance over its curvature's, which for a
/// log-likelihood is the likelihood-ratio interval. Unlike normal intervals they need not be symmetric and end at bounds; a side on which
/// the profile never rises is infinite, or the bound. NaN where the sandwich is.
template <executor E = sequential>
[[nodiscard]] std::vector<interval> profile_intervals(const observations& o, const law_fit& fit, const sandwich_result& around,
                                                      double normal_quantile = normal_95, const E& execute = {}) {
    const auto sample = as_observed(o);
    const auto cells = cells_of(o, sample, is_fitted);
    const law_objective of_all(fit.law, sample.accounts, cells);
    const std::size_t P = of_all.parameters();
    const auto u = of_all.to_search(fit.values);
    const auto whole = of_all.bounds();
    const auto inverse = detail::inverse_of_free(fit.hessian, fit.fixed);
    std::vector<interval> out(P);
    if (inverse.empty()) return out;
    const auto free = static_cast<double>(std::count(fit.fixed.begin(), fit.fixed.end(), false));
    // One task for each end, with an objective of its own.
    std::vector<double> ends(2 * P, std::numeric_limits<double>::quiet_NaN());
    execute(2 * P, [&](std::size_t end_number) {
        const std::size_t p = end_number / 2;
        const law_objective objective(fit.law, sample.accounts, cells);
        // variance/curvature, or for a parameter at its bound, which has no curvature, the mean of it over the free parameters:
        // optimism/free.
        const double variance = around.covariance[p * P + p], curvature = inverse[p * P + p];
        const double wanted =
            0.5 * normal_quantile * normal_quantile * (fit.fixed[p] || !(curvature > 0) ? around.optimism / free : variance / curvature);
        // Without scatter, as on an exact law's cells, the interval is the estimate.
        const double scale = curvature > 0 ? std::sqrt(variance) : 0.1;
        if (!std::isfinite(wanted) || !(scale > 0)) {
            if (wanted == 0 && scale == 0) ends[end_number] = u[p];
            return;
        }
        const auto side = [&](double sign) {
            auto start = u;
            const auto rise = [&](double x) {
                auto held = whole;
                held.lower[p] = held.upper[p] = x;
                start[p] = x;
                const auto found = projected_newton(objective, start, held);
                if (std::isfinite(found.at.value)) start = found.point;
                return found.at.value - fit.objective;
            };
            double inside = u[p], outside = u[p];
            const double end = sign < 0 ? whole.lower[p] : whole.upper[p];
            for (double step = (std::max)(scale, 1e-9); outside != end; step *= 2) {
                outside = sign < 0 ? (std::max)(end, u[p] - step) : (std::min)(end, u[p] + step);
                if (!(rise(outside) <= wanted)) break;
                inside = outside;
            }
            if (inside == end) return end;
            for (int i = 0; i < 40 && std::abs(outside - inside) > 1e-6 * (1 + std::abs(inside)); ++i) {
                const double middle = 0.5 * (inside + outside);
                start = u;
                (rise(middle) <= wanted ? inside : outside) = middle;
            }
            return inside;
        };
        ends[end_number] = side(end_number % 2 == 0 ? -1 : 1);
    });
    for (std::size_t p = 0; p < P; ++p) {
        const auto& declared = fit.declared()[p];
        const double low = ends[2 * p], high = ends[2 * p + 1];
        if (!std::isnan(low))
            out[p] = {low == whole.lower[p] ? declared.lower : law_objective::from_search(declared, low),
                      high == whole.upper[p] ? declared.upper : law_objective::from_search(declared, high)};
    }
    return out;
}

}  // namespace rationale

#endif
