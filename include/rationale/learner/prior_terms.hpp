#ifndef RATIONALE_LEARNER_PRIOR_TERMS_HPP
#define RATIONALE_LEARNER_PRIOR_TERMS_HPP

#include <array>
#include <cstddef>
#include <limits>

#include "rationale/learner/law.hpp"

namespace rationale {

/// coefficient covariate_Q: a number known of a run shifts its log prior odds of strategy Q.
struct belief_shift {
    double coefficient = 0;  ///< nats per unit of the covariate

    static constexpr const char* formula = "coefficient covariate";
    static constexpr bool weighs_covariates = true;
    static constexpr std::array<law_parameter, 1> parameters{
        {{"coefficient", -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity(), search_scale::linear, -2, 2}}};
    [[nodiscard]] std::array<double, 1> values() const { return {coefficient}; }

    template <class Real>
    [[nodiscard]] static Real nats(const std::array<Real, 1>& p, const account& a, std::size_t q, const training&) {
        return a.covariate.empty() ? Real(0.0) : p[0] * Real(a.covariate[q]);
    }
    friend bool operator==(const belief_shift&, const belief_shift&) = default;
};

/// -lambda sum_{s<t} l_Q(s) at position t of a sequence, where l_Q(s) are the nats of the outcome observed at s: the context is evidence
/// too, and the weights depend on it. At the first position the term is 0; `context_loss` adds it at the others.
struct context_evidence {
    double lambda = 0;  ///< weight of a nat of the context, >= 0

    static constexpr const char* formula = "-lambda sum_{s<t} l_Q(s)";
    static constexpr bool weighs_context = true;
    static constexpr std::array<law_parameter, 1> parameters{
        {{"lambda", 0, std::numeric_limits<double>::infinity(), search_scale::linear, 0, 0.5}}};
    [[nodiscard]] std::array<double, 1> values() const { return {lambda}; }

    template <class Real>
    [[nodiscard]] static Real nats(const std::array<Real, 1>&, const account&, std::size_t, const training&) {
        return Real(0.0);
    }
    friend bool operator==(const context_evidence&, const context_evidence&) = default;
};

}  // namespace rationale

#endif
