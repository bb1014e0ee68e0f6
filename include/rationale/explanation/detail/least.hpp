#ifndef RATIONALE_EXPLANATION_DETAIL_LEAST_HPP
#define RATIONALE_EXPLANATION_DETAIL_LEAST_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace rationale::detail {

/// Minimum of a function between two places by golden sections, and where it is; NaN counts as infinite.
template <class Function>
std::pair<double, double> least_between(const Function& f, double low, double high, int sections = 24) {
    const auto at = [&](double x) {
        const double y = f(x);
        return std::isnan(y) ? std::numeric_limits<double>::infinity() : y;
    };
    constexpr double golden = 0.38196601125010515;
    double a = low + golden * (high - low), b = high - golden * (high - low), fa = at(a), fb = at(b);
    for (int i = 0; i < sections; ++i) {
        if (fa < fb) high = b, b = a, fb = fa, a = low + golden * (high - low), fa = at(a);
        else low = a, a = b, fa = fb, b = high - golden * (high - low), fb = at(b);
    }
    return fb < fa ? std::pair(b, fb) : std::pair(a, fa);
}

/// Least value of a function on [0, 1]: the best of a grid, and a golden section around it.
template <class Function>
std::pair<double, double> least_on_unit(const Function& f, std::size_t points = 24, int sections = 24) {
    std::size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    const auto place = [&](std::size_t i) { return static_cast<double>(i) / static_cast<double>(points); };
    for (std::size_t i = 0; i <= points; ++i)
        if (const double y = f(place(i)); y < least) least = y, best = i;
    const auto inside = least_between(f, place(best == 0 ? 0 : best - 1), place((std::min)(best + 1, points)), sections);
    return inside.second < least ? inside : std::pair(place(best), least);
}

/// Minimum of a function of a few numbers near a start, by steps along each direction that are halved where none helps. At most 1000
/// rounds: a function that falls for ever is left there.
template <std::size_t P, class Function>
std::array<double, P> least_by_compass(const Function& f, std::array<double, P> at, std::array<double, P> step, int halvings) {
    double least = f(at);
    for (int h = 0, round = 0; h < halvings && round < 1000; ++round) {
        bool better = false;
        for (std::size_t i = 0; i < P; ++i)
            for (double sign : {1., -1.}) {
                auto next = at;
                next[i] += sign * step[i];
                if (const double y = f(next); y < least) least = y, at = next, better = true;
            }
        if (better) continue;
        ++h;
        for (double& x : step) x *= 0.5;
    }
    return at;
}

/// The same along valleys that turn (Hooke and Jeeves 1961): after steps that helped, as far again in their direction. At most 200 rounds.
template <class Function>
std::vector<double> least_by_pattern(const Function& f, std::vector<double> at, double step, int halvings) {
    constexpr int most_rounds = 200;
    double least = f(at);
    const auto explore = [&](std::vector<double> x, double& y) {
        for (double& coordinate : x)
            for (const double sign : {1., -1.}) {
                const double before = coordinate;
                coordinate += sign * step;
                if (const double next = f(x); next < y) {
                    y = next;
                    break;
                }
                coordinate = before;
            }
        return x;
    };
    for (int h = 0, round = 0; h < halvings && round < most_rounds; ++round) {
        double found = least;
        auto next = explore(at, found);
        if (!(found < least)) {
            ++h, step *= 0.5;
            continue;
        }
        while (found < least && round++ < most_rounds) {
            auto beyond = next;
            for (std::size_t i = 0; i < beyond.size(); ++i) beyond[i] += next[i] - at[i];
            at = std::move(next), least = found;
            found = f(beyond);
            next = explore(std::move(beyond), found);
        }
    }
    return at;
}

}  // namespace rationale::detail

#endif
