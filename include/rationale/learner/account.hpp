#ifndef RATIONALE_LEARNER_ACCOUNT_HPP
#define RATIONALE_LEARNER_ACCOUNT_HPP

#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/kept.hpp"
#include "rationale/softmax.hpp"

namespace rationale {

/// Where along training a learner stands: what a law may depend on.
struct training {
    double steps = 0;  ///< optimizer steps taken, N
    double tasks = 1;  ///< number of seen tasks, D
    /// Learning-rate schedule as (step, rate) knots with straight lines between them, the last rate kept; empty when unknown. Like the
    /// covariates it is referred to, unless it is a temporary vector, which is kept.
    kept_list<std::pair<double, double>> schedule{};
    /// Whatever else the recording gives about this point.
    kept_list<double> covariates{};
};

/// What a learner knows of its strategies for one set of seen tasks, in the strategies' order.
struct account {
    std::vector<double> loss;         ///< L_Q, nats per position
    std::vector<double> complexity;   ///< K_Q, bits
    std::vector<double> log_mass{};   ///< further log prior mass in nats, 0 where empty: base measures
    std::vector<double> covariate{};  ///< what a belief shift multiplies, 0 where empty
};

namespace detail {
/// Throws std::invalid_argument unless steps are finite and not negative, tasks finite and positive, and a schedule has rates that are
/// finite and not negative at steps that increase.
inline void check_training(std::string_view where, const training& n) {
    not_negative(where, "steps", n.steps);
    if (!(n.tasks > 0 && n.tasks < std::numeric_limits<double>::infinity()))
        refuse(where, "tasks", number_text(n.tasks), "a finite number above 0");
    double before = -1;
    for (const auto& [step, rate] : n.schedule) {
        not_negative(where, "a step of the schedule", step), not_negative(where, "a rate of the schedule", rate);
        if (!(step > before)) refuse(where, "a step of the schedule", number_text(step), "above the one before, " + number_text(before));
        before = step;
    }
}
/// Throws std::invalid_argument unless every strategy has a finite loss, a finite complexity that is not negative, and a log mass below
/// infinity and a finite covariate where there are any. Loss and complexity of one without mass do not matter.
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
