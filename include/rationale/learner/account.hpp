#ifndef RATIONALE_LEARNER_ACCOUNT_HPP
#define RATIONALE_LEARNER_ACCOUNT_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "rationale/learner/law.hpp"

namespace rationale {

/// What a learner knows of its strategies for one set of seen tasks, in the strategies' order.
struct account {
    std::vector<double> loss;        ///< L_Q, nats per position
    std::vector<double> complexity;  ///< K_Q, bits
    std::vector<double> log_mass{};  ///< further log prior mass in nats, 0 where empty: belief shifts, base measures
};

/// log p(Q | N) up to a constant, for every strategy: -exposure(N) L_Q - cost(K_Q), in nats (arXiv 2506.17859).
template <evidence_law Evidence, simplicity_law Simplicity>
[[nodiscard]] std::vector<double> log_posterior(const Evidence& evidence, const Simplicity& simplicity, const account& a,
                                                const training& n) {
    std::vector<double> log_p(a.loss.size());
    const double exposure = Evidence::exposure(evidence.values(), n);
    for (std::size_t q = 0; q < log_p.size(); ++q)
        log_p[q] =
            -exposure * a.loss[q] - Simplicity::cost(simplicity.values(), a.complexity[q]) + (a.log_mass.empty() ? 0.0 : a.log_mass[q]);
    return log_p;
}

/// exp(x_q) / sum exp(x), computed without overflow.
[[nodiscard]] inline std::vector<double> softmax(std::vector<double> x) {
    const double top = *std::max_element(x.begin(), x.end());
    double sum = 0;
    for (double& v : x) sum += v = std::exp(v - top);
    for (double& v : x) v /= sum;
    return x;
}

/// When strategy A overtakes strategy B as training goes on.
struct crossover {
    enum class outcome {
        at_steps,        ///< B is simpler and A fits better: A leads after `steps`
        never,           ///< A neither fits better nor is simpler
        from_the_start,  ///< A fits no worse and is no more complex: it leads from the first step on
        reverse          ///< A is simpler and B fits better: A leads until `steps`
    };
    outcome what = outcome::never;
    double steps = std::numeric_limits<double>::quiet_NaN();

    [[nodiscard]] std::string words() const {
        const auto count = [&] {
            char text[32];
            std::snprintf(text, sizeof text, steps >= 100 && steps < 1e7 ? "%.0f" : "%.2g", steps);
            return std::string(text);
        };
        switch (what) {
            case outcome::at_steps:
                return "after " + count() + " steps";
            case outcome::never:
                return "never";
            case outcome::from_the_start:
                return "from the start";
            case outcome::reverse:
                return "reverse: leads until step " + count();
        }
        return {};
    }
};

/// N*: the steps at which strategies a and b of an account have equal posterior probability, everything but the steps as in `n`. The power
/// law has it in closed form, [ (cost_a - cost_b) / (gamma (L_b - L_a)) ]^(1/(1-alpha)); for another law, whose exposure must grow with the
/// steps, it is found by bisection to rounding.
template <evidence_law Evidence, simplicity_law Simplicity>
[[nodiscard]] crossover crossover_steps(const Evidence& evidence, const Simplicity& simplicity, const account& c, std::size_t a,
                                        std::size_t b, training n = {}) {
    const double mass = c.log_mass.empty() ? 0.0 : c.log_mass[a] - c.log_mass[b];
    const double fit = c.loss[b] - c.loss[a];
    const double price =
        Simplicity::cost(simplicity.values(), c.complexity[a]) - Simplicity::cost(simplicity.values(), c.complexity[b]) - mass;
    using enum crossover::outcome;
    if (fit <= 0 && price >= 0) return {never};
    if (fit >= 0 && price <= 0) return {from_the_start};
    const double wanted = price / fit;  // the exposure at which the log odds are 0
    double steps;
    if constexpr (requires { Evidence::steps(evidence.values(), wanted); }) {
        steps = Evidence::steps(evidence.values(), wanted);
    } else {
        double low = -700, high = 700;  // log steps
        for (int i = 0; i < 200; ++i) {
            const double middle = 0.5 * (low + high);
            n.steps = std::exp(middle);
            (Evidence::exposure(evidence.values(), n) < wanted ? low : high) = middle;
        }
        steps = std::exp(high);
    }
    return {fit > 0 ? at_steps : reverse, steps};
}

}  // namespace rationale

#endif
