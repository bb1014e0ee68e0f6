#ifndef RATIONALE_LEARNER_ACCOUNT_HPP
#define RATIONALE_LEARNER_ACCOUNT_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace rationale {

/// Where along training a learner stands: what a law may depend on.
struct training {
    double steps = 0;  ///< optimizer steps taken, N
    double tasks = 1;  ///< number of seen tasks, D
    /// Learning-rate schedule as (step, rate) knots with straight lines between them, the last rate kept; empty when unknown.
    std::span<const std::pair<double, double>> schedule{};
    /// Whatever else the recording gives about this point.
    std::span<const double> covariates{};
};

/// What a learner knows of its strategies for one set of seen tasks, in the strategies' order.
struct account {
    std::vector<double> loss;         ///< L_Q, nats per position
    std::vector<double> complexity;   ///< K_Q, bits
    std::vector<double> log_mass{};   ///< further log prior mass in nats, 0 where empty: base measures
    std::vector<double> covariate{};  ///< what a belief shift multiplies, 0 where empty
};

/// exp(x_q) / sum exp(x), computed without overflow.
[[nodiscard]] inline std::vector<double> softmax(std::vector<double> x) {
    const double top = *std::max_element(x.begin(), x.end());
    double sum = 0;
    for (double& v : x) sum += v = std::exp(v - top);
    for (double& v : x) v /= sum;
    return x;
}

}  // namespace rationale

#endif
