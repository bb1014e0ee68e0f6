#ifndef RATIONALE_LEARNER_KNOWN_LAWS_HPP
#define RATIONALE_LEARNER_KNOWN_LAWS_HPP

#include <vector>

#include "rationale/learner/any_law.hpp"
#include "rationale/learner/evidence_laws.hpp"
#include "rationale/learner/prior_terms.hpp"
#include "rationale/learner/simplicity_laws.hpp"

namespace rationale {

/// The law of arXiv 2506.17859: log p(Q | N) = -gamma N^(1-alpha) L_Q - ln 2 K_Q^beta + const.
using published_law = rational_law<power_law_evidence, power_simplicity>;

/// log p(kappa | N, D) = -gamma (N/D)^(1-alpha) L(kappa) - ln 2 c K(kappa)/D + const: a task is seen N/D times, and each task's memory pays
/// for its own bits.
using per_task_law = rational_law<per_task_evidence, per_task_simplicity>;

/// The published law, its ablations and its alternatives, for a command line to choose from. Each one's name says how it differs.
[[nodiscard]] inline std::vector<any_law> known_laws() {
    return {law_of<published_law>("published"),
            law_of<rational_law<linear_evidence, power_simplicity>>("alpha=0"),
            law_of<rational_law<unscaled_evidence, power_simplicity>>("gamma=1"),
            law_of<rational_law<power_law_evidence, plain_simplicity>>("beta=1"),
            law_of<rational_law<power_law_evidence, linear_simplicity>>("linear-K"),
            law_of<rational_law<power_law_evidence, no_simplicity>>("no-simplicity"),
            law_of<rational_law<saturating_evidence, power_simplicity>>("saturating"),
            law_of<rational_law<scheduled_evidence, power_simplicity>>("scheduled"),
            law_of<rational_law<power_law_evidence, power_simplicity, belief_shift>>("belief-shift")};
}

}  // namespace rationale

#endif
