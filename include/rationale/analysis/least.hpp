#ifndef RATIONALE_ANALYSIS_LEAST_HPP
#define RATIONALE_ANALYSIS_LEAST_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace rationale::detail {

/// Least value of a function on [0, 1]: the best of a grid, and a golden section around it.
template <class Function>
std::pair<double, double> least_on_unit(const Function& f, std::size_t points = 24) {
    const auto at = [&](double x) {
        const double y = f(x);
        return std::isnan(y) ? std::numeric_limits<double>::infinity() : y;
    };
    std::size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    const auto place = [&](std::size_t i) { return static_cast<double>(i) / static_cast<double>(points); };
    for (std::size_t i = 0; i <= points; ++i)
        if (const double y = at(place(i)); y < least) least = y, best = i;
    double low = place(best == 0 ? 0 : best - 1), high = place((std::min)(best + 1, points)), x = place(best);
    constexpr double golden = 0.38196601125010515;
    double a = low + golden * (high - low), b = high - golden * (high - low), fa = at(a), fb = at(b);
    for (int i = 0; i < 24; ++i) {
        if (fa < fb) high = b, b = a, fb = fa, a = low + golden * (high - low), fa = at(a);
        else low = a, a = b, fa = fb, b = high - golden * (high - low), fb = at(b);
    }
    if (fa < least) least = fa, x = a;
    if (fb < least) least = fb, x = b;
    return {x, least};
}

/// Minimum of a function of two numbers near a start, by steps along the four directions that are halved where none helps.
template <class Function>
std::array<double, 2> least_by_compass(const Function& f, std::array<double, 2> at, std::array<double, 2> step, int halvings) {
    double least = f(at);
    for (int h = 0; h < halvings;) {
        bool better = false;
        for (std::size_t i = 0; i < 2; ++i)
            for (double sign : {1., -1.}) {
                auto next = at;
                next[i] += sign * step[i];
                if (const double y = f(next); y < least) least = y, at = next, better = true;
            }
        if (!better) ++h, step[0] *= 0.5, step[1] *= 0.5;
    }
    return at;
}

}  // namespace rationale::detail

#endif
