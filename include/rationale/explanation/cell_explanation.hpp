#ifndef RATIONALE_EXPLANATION_CELL_EXPLANATION_HPP
#define RATIONALE_EXPLANATION_CELL_EXPLANATION_HPP

#include <cstddef>
#include <utility>
#include <vector>

#include "rationale/compare/mixing_weights.hpp"
#include "rationale/explanation/explanation.hpp"

namespace rationale {

/// What is fitted to every cell on its own: a ceiling, with a divergence of each cell of the recording. It is not fitted again.
class cell_explanation : public explanation_of_cells {
public:
    /// `losses` has one of each cell of the observations, which must outlive it.
    cell_explanation(explanation_facts facts, const observations& seen, std::vector<double> losses)
        : explanation_of_cells(std::move(facts), seen), losses_(std::move(losses)) {
        facts_.kind = explanation_kind::ceiling, facts_.refits = false;
    }

    /// Nothing: each cell has its own.
    [[nodiscard]] std::vector<double> fit(const recorded_sample&, const cell_choice&) const { return {}; }
    /// The recording's, of every cell.
    [[nodiscard]] std::vector<double> losses(const std::vector<double>&, const recorded_sample&, const cell_choice&) const {
        return losses_;
    }

private:
    std::vector<double> losses_;
};

/// The best weights of every cell, which no law of the same strategies can pass.
[[nodiscard]] inline cell_explanation free_weights(explanation_facts facts, const observations& seen) {
    std::vector<double> losses;
    for (const auto& loss : as_observed(seen).losses) losses.push_back(mixing_weights(loss).loss);
    return {std::move(facts), seen, std::move(losses)};
}

}  // namespace rationale

#endif
