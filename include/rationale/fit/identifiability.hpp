#ifndef RATIONALE_FIT_IDENTIFIABILITY_HPP
#define RATIONALE_FIT_IDENTIFIABILITY_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/fit/law_objective.hpp"

namespace rationale {

/// What cells determine of a law, parameter by parameter, at the minimum of their objective.
struct identifiability {
    std::vector<bool> determined{};        ///< of each parameter
    std::vector<bool> fixed{};             ///< of each: without curvature of its own, beside the others: at a bound, flat or redundant
    double condition = 0;                  ///< of the Hessian of the parameters that are not fixed, scaled to a unit diagonal
    std::vector<std::string> sentences{};  ///< in words: what is not determined, and why
};

namespace detail {

/// Smallest and largest eigenvalue of a symmetric matrix of size n, by Jacobi's rotations.
inline std::pair<double, double> extreme_eigenvalues(std::vector<double> a, std::size_t n) {
    for (int sweep = 0; sweep < 60; ++sweep)
        for (std::size_t p = 0; p < n; ++p)
            for (std::size_t q = p + 1; q < n; ++q) {
                if (a[p * n + q] == 0) continue;
                const double theta = 0.5 * (a[q * n + q] - a[p * n + p]) / a[p * n + q];
                const double t = (theta < 0 ? -1 : 1) / (std::abs(theta) + std::hypot(theta, 1));
                const double c = 1 / std::hypot(t, 1), s = t * c;
                for (std::size_t k = 0; k < n; ++k) {
                    const double x = a[k * n + p], y = a[k * n + q];
                    a[k * n + p] = c * x - s * y, a[k * n + q] = s * x + c * y;
                }
                for (std::size_t k = 0; k < n; ++k) {
                    const double x = a[p * n + k], y = a[q * n + k];
                    a[p * n + k] = c * x - s * y, a[q * n + k] = s * x + c * y;
                }
            }
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::size_t i = 0; i < n; ++i) low = (std::min)(low, a[i * n + i]), high = (std::max)(high, a[i * n + i]);
    return {low, high};
}

/// Curvature along variable i of a function with the unit-diagonal Hessian `a` (n x n) when the others follow to their minimum: i's Schur
/// complement. Others without curvature beside those before them are left out.
inline double profile_curvature(std::vector<double> a, std::size_t n, std::size_t i) {
    std::vector<bool> done(n, false);
    done[i] = true;
    for (;;) {
        std::size_t k = n;
        for (std::size_t j = 0; j < n; ++j)
            if (!done[j] && (k == n || a[j * n + j] > a[k * n + k])) k = j;
        if (k == n || !(a[k * n + k] > 1e-10)) return a[i * n + i];
        done[k] = true;
        for (std::size_t p = 0; p < n; ++p)
            for (std::size_t q = 0; q < n; ++q)
                if ((!done[p] || p == i) && (!done[q] || q == i)) a[p * n + q] -= a[p * n + k] * a[k * n + q] / a[k * n + k];
    }
}

}  // namespace detail

/// A parameter is not determined when a factor of e, or 1 on a linear scale, changes the objective by less than a millionth of it, when the
/// others can undo its change (its profile's curvature is 1e-8 of its own), when complexity or training never varies, and when no search
/// converged. `unit` is a typical size of the objective.
[[nodiscard]] inline identifiability identify(const any_law& law, std::span<const fit_cell> cells, const minimum& best, double unit) {
    const auto declared = law.parameters();
    const std::size_t P = declared.size(), evidence_parameters = law.evidence_parameters();
    identifiability out{std::vector<bool>(P, true), best.at_bound};
    std::set<double> steps, tasks;
    for (const auto& c : cells)
        if (c.weight > 0) steps.insert(c.at.steps), tasks.insert(c.at.tasks);
    // "alpha, gamma and beta"; they are not determined.
    const auto open = [&](const std::vector<std::size_t>& some) {
        std::string text;
        for (std::size_t k = 0; k < some.size(); ++k) {
            text += (k == 0 ? "" : k + 1 == some.size() ? " and " : ", ") + std::string(declared[some[k]].name);
            out.determined[some[k]] = false;
        }
        return text;
    };
    const auto range = [](std::size_t from, std::size_t to) {
        std::vector<std::size_t> all;
        for (; from < to; ++from) all.push_back(from);
        return all;
    };
    if (tasks.size() == 1 && P > evidence_parameters)
        out.sentences.push_back("there is a single number of tasks, so complexity never varies and " + open(range(evidence_parameters, P)) +
                                " is only a constant in the log odds: how it depends on complexity cannot be determined");
    if (steps.size() == 1 && evidence_parameters > 0)
        out.sentences.push_back("there is a single number of steps, so " + open(range(0, evidence_parameters)) + " cannot be told apart");
    if (!best.converged()) {
        out.sentences.push_back("no search for the optimum converged, so that the values are where the best of them ended");
        out.determined.assign(P, false), out.fixed.assign(P, true);
        return out;
    }
    const double least = 1e-6 * std::abs(best.at.value) + 1e-10 * unit;
    std::vector<std::size_t> curved;
    for (std::size_t i = 0; i < P; ++i) {
        // At a bound with nothing that pushes it there is as open as any other.
        if (best.at_bound[i] && std::abs(best.at.gradient[i]) > least) continue;
        if (0.5 * best.at.hessian[i * P + i] > least) {
            if (!best.at_bound[i]) curved.push_back(i);
            continue;
        }
        out.fixed[i] = true;
        out.sentences.push_back(open({i}) + " has a flat profile: the data do not determine it");
    }
    const std::size_t n = curved.size();
    if (n == 0) return out;
    std::vector<double> scaled(n * n);
    const auto entry = [&](std::size_t i, std::size_t j) { return best.at.hessian[curved[i] * P + curved[j]]; };
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) scaled[i * n + j] = entry(i, j) / std::sqrt(entry(i, i) * entry(j, j));
    const auto [low, high] = detail::extreme_eigenvalues(scaled, n);
    out.condition = low > 0 ? high / low : std::numeric_limits<double>::infinity();
    std::vector<std::size_t> compensating;
    bool news = false;
    for (std::size_t i = 0; i < n; ++i)
        if (!(detail::profile_curvature(scaled, n, i) > 1e-8)) {
            compensating.push_back(curved[i]);
            news = news || out.determined[curved[i]];
        }
    if (news) out.sentences.push_back(open(compensating) + " compensate for one another: only a combination of them is determined");
    // Of those that compensate, the ones that add nothing to the others stay where they are.
    std::stable_partition(curved.begin(), curved.end(), [&](std::size_t i) { return out.determined[i]; });
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) scaled[i * n + j] = entry(i, j) / std::sqrt(entry(i, i) * entry(j, j));
    for (std::size_t k = 0; k < n; ++k) {
        if (!(scaled[k * n + k] > 1e-8)) {
            out.fixed[curved[k]] = true;
            continue;
        }
        for (std::size_t p = k + 1; p < n; ++p)
            for (std::size_t q = k + 1; q < n; ++q) scaled[p * n + q] -= scaled[p * n + k] * scaled[k * n + q] / scaled[k * n + k];
    }
    return out;
}

}  // namespace rationale

#endif
