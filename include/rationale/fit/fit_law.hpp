#ifndef RATIONALE_FIT_FIT_LAW_HPP
#define RATIONALE_FIT_FIT_LAW_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/fit/identifiability.hpp"
#include "rationale/fit/law_objective.hpp"
#include "rationale/fit/starts.hpp"
#include "rationale/number_text.hpp"

namespace rationale {

/// Where a fit starts, and how often.
struct fit_options {
    std::size_t candidates = 512;  ///< points of the start ranges that are evaluated
    std::size_t starts = 12;       ///< searches from the best candidates; half as many more start from candidates apart from these
    /// Parameter values to start from instead: one more fit of the same cells, resampled ones say, then costs milliseconds.
    std::optional<std::vector<double>> initial{};
};

/// A minimum of a fit's objective.
struct law_optimum {
    std::vector<double> values;  ///< of the law's parameters
    double objective;            ///< at these values
};

/// A law fitted to cells.
struct law_fit {
    any_law law;                 ///< what was fitted
    std::vector<double> values;  ///< of the law's parameters
    /// Mean over cells of KL(model || mixture) in nats, or of the squared error.
    double objective = std::numeric_limits<double>::quiet_NaN();
    std::size_t cells = 0;          ///< number of cells that it was fitted to
    std::vector<bool> at_bound{};   ///< of each parameter: whether a bound holds it
    std::vector<double> hessian{};  ///< P x P, of the objective in search coordinates
    double condition = 0;           ///< of the Hessian of the parameters that are not at a bound, scaled to a unit diagonal
    /// Searches, those that ended at the optimum, and those that converged.
    std::size_t starts = 0, reached = 0, converged = 0;
    std::vector<law_optimum> optima{};            ///< all minima that searches ended at, the best first
    std::vector<bool> determined{};               ///< of each parameter: whether the cells determine it
    std::vector<bool> fixed{};                    ///< of each: whether it has no curvature beside the others, as at a bound
    std::vector<std::string> not_identifiable{};  ///< in words: what the data do not determine; empty when they determine everything

    /// The law's parameters, in the order of `values`.
    [[nodiscard]] std::span<const law_parameter> declared() const noexcept { return law.parameters(); }
    /// Whether the cells determine all parameters.
    [[nodiscard]] bool identifiable() const noexcept { return not_identifiable.empty(); }
    /// The law with its type, which must be the one that was fitted.
    template <class Law>
    [[nodiscard]] Law as() const {
        return Law::from(values);
    }
    /// The fitted law's weight of each strategy.
    [[nodiscard]] std::vector<double> weights(const account& a, const training& n) const { return law.weights(values, a, n); }
};

namespace detail {

/// Throws std::invalid_argument unless every cell can be fitted to and there are as many as parameters.
inline void check_cells(const any_law& law, std::span<const account> accounts, std::span<const fit_cell> cells) {
    const std::size_t least = (std::max)(law.parameters().size(), std::size_t{1});
    const auto fail = [](const std::string& what) { throw std::invalid_argument("rationale::fit_law: " + what); };
    if (cells.size() < least)
        fail((cells.size() == 1 ? "there is " : "there are ") + counted(cells.size(), "cell") + " to fit, must be at least " +
             std::to_string(least) + ", the number of parameters");
    for (const auto& c : cells) {
        const std::string tasks = significant(c.at.tasks) + " tasks";
        check_index("rationale::fit_law", "the account of a cell", c.account, accounts.size());
        if (!c.context && !c.loss) fail("the cell of " + tasks + " has no loss");
        if (!c.context && !c.loss->finite())
            fail("the cell of " + tasks + " at step " + significant(c.at.steps, 15) +
                 " has an infinite loss whatever the weights, must be left out");
        const auto finite = [&](const std::vector<double>& numbers, const char* what) {
            for (std::size_t q = 0; q < numbers.size(); ++q)
                if (!std::isfinite(numbers[q]))
                    fail(std::string(what) + " of strategy " + std::to_string(q) + " for " + tasks + " is " + significant(numbers[q]) +
                         ", must be finite");
        };
        finite(accounts[c.account].loss, "the loss"), finite(accounts[c.account].complexity, "the complexity");
    }
}

}  // namespace detail

/// Fits a law to cells: minimizes the mean divergence between the model and the law's mixture over the admissible parameters, from many
/// starts, and says what the cells do not determine. Deterministic. Throws std::invalid_argument when there are fewer cells than
/// parameters, when a cell's loss is infinite for every weight, and when a run's losses or complexities are not finite.
[[nodiscard]] inline law_fit fit_law(const any_law& law, std::span<const account> accounts, std::span<const fit_cell> cells,
                                     const fit_options& options = {}) {
    detail::need_ieee("rationale::fit_law");
    const std::size_t P = law.parameters().size();
    detail::check_cells(law, accounts, cells);
    const law_objective objective(law, accounts, cells);
    const auto bounds = objective.bounds();

    std::vector<law_objective::point> starts;
    if (options.initial) {
        if (options.initial->size() != P)
            throw std::invalid_argument("rationale::fit_law: there are " + std::to_string(options.initial->size()) +
                                        " initial values, must be " + std::to_string(P) + ", one a parameter");
        starts.push_back(objective.to_search(*options.initial));
    } else {
        detail::check_at_least("rationale::fit_law", "candidates", options.candidates, 1);
        detail::check_at_least("rationale::fit_law", "starts", options.starts, 1);
        starts = detail::start_screen(objective).best(options.candidates, options.starts);
    }
    law_fit out{.law = law, .values = {}};
    std::vector<minimum> ends;
    for (auto& u : starts) {
        auto found = projected_newton(objective, std::move(u), bounds);
        out.converged += found.converged();
        if (std::isfinite(found.at.value)) ends.push_back(std::move(found));
    }
    if (ends.empty()) throw std::invalid_argument("rationale::fit_law: the objective is not finite at any start");
    std::stable_sort(ends.begin(), ends.end(), [](const minimum& a, const minimum& b) { return a.at.value < b.at.value; });
    const minimum& best = ends[0];
    const double same = 1e-9 * (objective.unit() + std::abs(best.at.value));
    out.values = objective.from_search(best.point);
    out.objective = (std::max)(best.at.value, 0.0);  // an exact law's is 0, but for rounding
    out.cells = cells.size();
    out.at_bound = best.at_bound;
    out.hessian = best.at.hessian;
    out.starts = starts.size();
    out.reached = static_cast<std::size_t>(
        std::count_if(ends.begin(), ends.end(), [&](const minimum& m) { return m.at.value <= best.at.value + same; }));
    double last = -std::numeric_limits<double>::infinity();
    for (const auto& m : ends)
        if (m.converged() && m.at.value > last + same) {
            last = m.at.value;
            out.optima.push_back({objective.from_search(m.point), (std::max)(last, 0.0)});
        }
    auto found = identify(law, accounts, cells, best, objective.unit());
    out.determined = std::move(found.determined), out.fixed = std::move(found.fixed), out.condition = found.condition,
    out.not_identifiable = std::move(found.sentences);
    return out;
}

/// The law's parameters fitted to other cells, or to the same cells resampled: one local minimization from `values`, or from that optimum
/// of the fit with the lowest objective over these cells. To fewer digits than a fit's.
[[nodiscard]] inline law_optimum refit_from(const law_fit& fit, std::span<const double> values, std::span<const account> accounts,
                                            std::span<const fit_cell> cells) {
    const law_objective objective(fit.law, accounts, cells);
    const auto bounds = objective.bounds();
    const auto found = projected_newton(objective, objective.to_search(values), bounds, 2, 200, 1e-11);
    return {objective.from_search(found.point), found.at.value};
}
[[nodiscard]] inline std::vector<double> refit(const law_fit& fit, std::span<const account> accounts, std::span<const fit_cell> cells) {
    if (fit.optima.size() < 2) return refit_from(fit, fit.values, accounts, cells).values;
    const law_objective objective(fit.law, accounts, cells);
    const auto height = [&](const law_optimum& o) { return objective.value(objective.to_search(o.values)); };
    const auto lowest = std::min_element(fit.optima.begin(), fit.optima.end(),
                                         [&](const law_optimum& a, const law_optimum& b) { return height(a) < height(b); });
    return refit_from(fit, lowest->values, accounts, cells).values;
}

}  // namespace rationale

#endif
