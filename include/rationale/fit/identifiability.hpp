#ifndef RATIONALE_FIT_IDENTIFIABILITY_HPP
#define RATIONALE_FIT_IDENTIFIABILITY_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/fit/law_objective.hpp"
#include "rationale/symmetric.hpp"

namespace rationale {

/// What cells determine of a law, parameter by parameter, at the minimum of their objective.
struct identifiability {
    std::vector<bool> determined{};        ///< of each parameter
    std::vector<bool> fixed{};             ///< of each: whether it has no curvature given the others: at a bound, flat or redundant
    double condition = 0;                  ///< condition number of the Hessian of the other parameters, scaled to a unit diagonal
    std::vector<std::string> sentences{};  ///< what is not determined, and why
};

namespace detail {
/// Whether the law's exposure is the same in all cells with weight, at a point in search coordinates.
[[nodiscard]] inline bool same_exposure(const any_law& law, std::span<const fit_cell> cells, std::vector<double> values) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = law_objective::from_search(law.parameters()[i], values[i]);
    const auto counts = [](const fit_cell& c) { return c.weight > 0; };
    const auto first = std::find_if(cells.begin(), cells.end(), counts);
    return std::all_of(first, cells.end(), [&](const fit_cell& c) {
        const double of_first = law.exposure(values, first->at);
        return !counts(c) || std::abs(law.exposure(values, c.at) - of_first) <= 1e-12 * std::abs(of_first);
    });
}
/// Whether all that the law can say of complexity is a constant in the cells' log odds: they have a single number of tasks, and the
/// strategies that have a prior mass two complexities at most. Cells without weight do not count.
[[nodiscard]] inline bool same_complexities(const any_law& law, std::span<const account> accounts, std::span<const fit_cell> cells) {
    if (law.prior_parameters() == 0) return false;
    std::set<double> tasks;
    for (const auto& c : cells) {
        if (!(c.weight > 0)) continue;
        tasks.insert(c.at.tasks);
        const auto& [complexity, log_mass] = std::tie(accounts[c.account].complexity, accounts[c.account].log_mass);
        std::set<double> some;
        for (std::size_t q = 0; q < complexity.size(); ++q)
            if (log_mass.empty() || log_mass[q] > -std::numeric_limits<double>::infinity()) some.insert(complexity[q]);
        if (tasks.size() > 1 || some.size() > 2) return false;
    }
    return !tasks.empty();
}
}  // namespace detail

/// What is said where no search converged.
inline constexpr const char* not_converged = "no search for the optimum converged, so that the values are where the best of them ended";

/// A parameter is not determined when a factor of e, or 1 on a linear scale, changes the objective by less than a millionth of it, when the
/// others can undo its change (its profile's curvature is 1e-8 of its own), when complexities or training never vary, and when no search
/// converged. `unit` is a typical size of the objective.
[[nodiscard]] inline identifiability identify(const any_law& law, std::span<const account> accounts, std::span<const fit_cell> cells,
                                              const minimum& best, double unit) {
    const auto declared = law.parameters();
    const std::size_t P = declared.size(), evidence_parameters = law.evidence_parameters(), prior_parameters = law.prior_parameters();
    identifiability out{std::vector<bool>(P, true), best.at_bound};
    std::set<double> steps;
    for (const auto& c : cells)
        if (c.weight > 0) steps.insert(c.at.steps);
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
    if (detail::same_complexities(law, accounts, cells))
        out.sentences.push_back("there is a single number of tasks, so the strategies' complexities never vary and " +
                                open(range(evidence_parameters, evidence_parameters + prior_parameters)) +
                                " is only a constant in the log odds: how it depends on complexity cannot be determined");
    if (steps.size() == 1 && evidence_parameters > 1 && detail::same_exposure(law, cells, best.point))
        out.sentences.push_back("there is a single number of steps, so " + open(range(0, evidence_parameters)) + " cannot be told apart");
    if (!best.converged()) {
        out.sentences.emplace_back(not_converged);
        out.determined.assign(P, false), out.fixed.assign(P, true);
        return out;
    }
    const double least = 1e-6 * std::abs(best.at.value) + 1e-10 * unit;
    std::vector<std::size_t> curved;
    for (std::size_t i = 0; i < P; ++i) {
        // A parameter at its bound is determined if the gradient holds it there; without a gradient it is tested as any other.
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
    const auto entry = [&](std::size_t i, std::size_t j) { return best.at.hessian[curved[i] * P + curved[j]]; };
    const auto scale = [&] {
        std::vector<double> to(n * n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) to[i * n + j] = entry(i, j) / std::sqrt(entry(i, i) * entry(j, j));
        return to;
    };
    auto scaled = scale();
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
    // Of parameters that compensate, those without curvature given the ones before them are fixed.
    std::stable_partition(curved.begin(), curved.end(), [&](std::size_t i) { return out.determined[i]; });
    scaled = scale();
    for (std::size_t k = 0; k < n; ++k) {
        if (!(scaled[k * n + k] > 1e-8)) {
            out.fixed[curved[k]] = true;
            continue;
        }
        detail::eliminate(scaled, n, k);
    }
    return out;
}

}  // namespace rationale

#endif
