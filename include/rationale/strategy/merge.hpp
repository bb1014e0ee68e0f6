#ifndef RATIONALE_STRATEGY_MERGE_HPP
#define RATIONALE_STRATEGY_MERGE_HPP

#include <cmath>
#include <cstddef>
#include <span>
#include <utility>

#include "rationale/array.hpp"
#include "rationale/check.hpp"
#include "rationale/execution.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale {

namespace detail {
/// As merge, for one sequence: its values (events x outcomes, or none at all) and evidence.
inline void merge_sequence(std::span<double> values, std::span<double> log_evidence, std::span<const double> part,
                           std::span<const double> part_evidence, double log_mass) {
    const std::size_t events = log_evidence.size() - 1, outcomes = values.size() / (events > 0 ? events : 1);
    for (std::size_t t = 0; t <= events; ++t) {
        const double mine = log_evidence[t], other = log_mass + part_evidence[t];
        if (other == kernel::minus_infinity) continue;  // a part that excludes is NaN
        const double gap = -std::abs(mine - other), both = std::log1p(std::exp(gap));
        log_evidence[t] = (mine > other ? mine : other) + both;
        if (t == events) continue;
        const double greater = std::exp(-both), lesser = std::exp(gap - both);
        const double my_weight = mine > other ? greater : lesser, weight = mine > other ? lesser : greater;
        for (std::size_t i = t * outcomes; i < (t + 1) * outcomes; ++i)
            values[i] = my_weight > 0 ? my_weight * values[i] + weight * part[i] : part[i];
    }
}
}  // namespace detail

/// Adds a part's predictions to a sum of them. Bayes with the prior sum_p mass_p prior_p predicts
///
///     sum_p w_p(t) prediction_p(t),   w_p(t) proportional to mass_p evidence_p(t),   evidence(t) = sum_p mass_p evidence_p(t),
///
/// so parts of a prior may be predicted with apart, by other threads, machines or at other times, and be added in any order; the same order
/// gives the same numbers. A sum begins empty, `predictions sum;`, its evidence is not normalised: masses that do not sum to one multiply
/// it. Throws std::invalid_argument where shapes differ, one of them has no evidence or the mass is not positive. Cost: S x E x K.
template <executor E = sequential>
void merge(predictions& sum, predictions part, double mass, const E& execute = {}) {
    constexpr const char* where = "rationale::merge";
    detail::positive(where, "the mass", mass);
    detail::check_size(where, "the part's log evidence", part.log_evidence.size(), part.sequences() * (part.events() + 1));
    const double log_mass = std::log(mass);
    if (sum.values.size() == 0 && sum.log_evidence.size() == 0) {
        for (double& nats : part.log_evidence) nats += log_mass;
        sum = std::move(part);
        return;
    }
    detail::check_size(where, "the number of a part's sequences", part.sequences(), sum.sequences());
    detail::check_size(where, "the number of a part's events", part.events(), sum.events());
    detail::check_size(where, "the number of a part's outcomes", part.outcomes(), sum.outcomes());
    detail::check_size(where, "the sum's log evidence", sum.log_evidence.size(), sum.sequences() * (sum.events() + 1));
    execute(sum.sequences(), [&](std::size_t s) {
        detail::merge_sequence(row(sum.values, s), row(sum.log_evidence, s), row(std::as_const(part).values, s),
                               row(std::as_const(part).log_evidence, s), log_mass);
    });
}

}  // namespace rationale

#endif
