#ifndef RATIONALE_LEARNER_ACCOUNT_HPP
#define RATIONALE_LEARNER_ACCOUNT_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/kept.hpp"
#include "rationale/softmax.hpp"

namespace rationale {

/// A point of training: everything that a law may depend on.
struct training {
    double steps = 0;  ///< optimizer steps taken, N
    double tasks = 1;  ///< number of seen tasks, D
    /// Learning-rate schedule as (step, rate) knots, with straight lines between them and the last rate after them; empty when unknown.
    /// This list and the next refer to an lvalue, which must outlive them, and keep a temporary vector (kept.hpp).
    kept_list<std::pair<double, double>> schedule{};
    /// How often a task was seen in the mean, as (step, visits) knots, with straight lines between them, from 0 at step 0, and as steep
    /// after them as the last line; empty where that is N/D. Fewer are recorded of tasks that are redrawn, more of batches of several.
    kept_list<std::pair<double, double>> visits{};
    /// Further numbers about this point, for laws of your own.
    kept_list<double> covariates{};
};

/// What a learner knows of its strategies for one set of seen tasks. Each list is in the strategies' order.
struct account {
    std::vector<double> loss;         ///< L_Q, nats per position
    std::vector<double> complexity;   ///< K_Q, bits
    std::vector<double> log_mass{};   ///< log prior mass in nats beside the simplicity law; empty means 0
    std::vector<double> covariate{};  ///< factor of a belief shift's coefficient; empty means 0
};

/// How often a task was seen in the mean.
[[nodiscard]] inline double mean_visits(const training& n) {
    if (n.visits.empty()) return n.steps / n.tasks;
    std::pair<double, double> before{0, 0};
    double slope = 0;
    for (const auto& knot : n.visits) {
        if (knot.first > before.first) slope = (knot.second - before.second) / (knot.first - before.first);
        if (n.steps <= knot.first) return knot.second - slope * (knot.first - n.steps);
        before = knot;
    }
    return before.second + (std::max)(slope, 0.0) * (n.steps - before.first);
}

namespace detail {
/// Throws std::invalid_argument unless steps are finite and not negative, tasks finite and positive, and schedule and
/// visits are finite and not negative at steps that increase.
inline void check_training(std::string_view where, const training& n) {
    not_negative(where, "steps", n.steps);
    if (!(n.tasks > 0 && n.tasks < std::numeric_limits<double>::infinity()))
        refuse(where, "tasks", number_text(n.tasks), "a finite number above 0");
    for (const auto& [knots, name] : {std::pair(&n.schedule, "schedule"), std::pair(&n.visits, "visits")}) {
        double before = -1;
        for (const auto& [step, value] : *knots) {
            const std::string list = name;
            not_negative(where, "a step of the " + list, step), not_negative(where, "a number of the " + list, value);
            if (!(step > before)) refuse(where, "a step of the " + list, number_text(step), "above the one before, " + number_text(before));
            before = step;
        }
    }
}
/// Logarithm of the mean visits, of one step where there was none.
[[nodiscard]] inline double log_visits(const training& n) { return std::log((std::max)(mean_visits(n), 1 / n.tasks)); }
/// Throws std::invalid_argument unless every strategy has a finite loss, a finite complexity that is not negative, and a log mass below
/// infinity and a finite covariate where there are any. A strategy of log mass -inf may have any loss and complexity.
inline void check_account(std::string_view where, const account& a) {
    const std::size_t n = a.loss.size();
    check_at_least(where, "the number of losses", n, 1);
    check_size(where, "complexity", a.complexity.size(), n);
    if (!a.log_mass.empty()) check_size(where, "log_mass", a.log_mass.size(), n);
    if (!a.covariate.empty()) check_size(where, "covariate", a.covariate.size(), n);
    check_finite(where, "covariate", a.covariate);
    for (std::size_t q = 0; q < n; ++q) {
        const double mass = a.log_mass.empty() ? 0 : a.log_mass[q];
        if (!(mass < std::numeric_limits<double>::infinity())) refuse(where, "a log mass", number_text(mass), "finite or -inf");
        if (mass == -std::numeric_limits<double>::infinity()) continue;
        if (!std::isfinite(a.loss[q])) refuse(where, "loss[" + std::to_string(q) + "]", number_text(a.loss[q]), "finite");
        not_negative(where, "a complexity", a.complexity[q]);
    }
}
}  // namespace detail

}  // namespace rationale

#endif
