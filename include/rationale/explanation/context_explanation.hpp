#ifndef RATIONALE_EXPLANATION_CONTEXT_EXPLANATION_HPP
#define RATIONALE_EXPLANATION_CONTEXT_EXPLANATION_HPP

#include <cmath>
#include <cstddef>
#include <deque>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/compare/context_loss.hpp"
#include "rationale/explanation/explanation.hpp"
#include "rationale/fit/law_objective.hpp"
#include "rationale/fit/projected_newton.hpp"
#include "rationale/learner/known_laws.hpp"

namespace rationale {

/// A recording's predictions themselves, which weights that depend on a sequence's own start need: of M and G, and of the model.
class context_recording {
public:
    /// What one split of a run predicts, by M and G and at each checkpoint.
    struct split_predictions {
        std::vector<predictions> strategies{};   ///< of M and G
        std::vector<observed_cell> cells{};      ///< without parts
        std::vector<predictions> model{};        ///< in each cell
        std::vector<ndarray<double, 2>> nats{};  ///< that each strategy gave to what came before each event
    };

    /// Takes each split's predictions, and the losses and complexities of M and G in every run. Cells that no mixture explains are left
    /// out.
    context_recording(std::vector<split_predictions> of_splits, std::vector<observed_run> runs) : splits_(std::move(of_splits)) {
        observed_.runs = std::move(runs);
        for (const auto& run : observed_.runs) accounts_.push_back(run.known);
        for (auto& of : splits_) {
            for (const auto& p : of.strategies) {
                of.nats.push_back(filled<double, 2>({p.sequences(), p.events()}, 0.0));
                for (std::size_t s = 0; s < p.sequences(); ++s)
                    for (std::size_t t = 0; t < p.events(); ++t) of.nats.back()(s, t) = -p.log_evidence(s, t);
            }
            for (std::size_t i = 0; i < of.cells.size(); ++i) {
                context_loss loss(of.strategies, of.nats, of.model[i]);
                if (!std::isfinite(loss.value(std::vector{0.0, 0.0}, 0))) continue;
                losses_.push_back(std::move(loss)), observed_.cells.push_back(of.cells[i]);
            }
        }
    }
    context_recording(const context_recording&) = delete;

    /// Every cell that some mixture explains, without the losses of its parts.
    [[nodiscard]] const observations& cells() const noexcept { return observed_; }
    /// The cells for which use(cell), as a fit wants them.
    template <class Use>
    [[nodiscard]] std::vector<fit_cell> chosen(const Use& use) const {
        std::vector<fit_cell> out;
        for (std::size_t i = 0; i < losses_.size(); ++i)
            if (const auto& c = observed_.cells[i]; use(c)) out.push_back({c.run, c.at, nullptr, 1, &losses_[i]});
        return out;
    }
    /// What is known of M and G in every run.
    [[nodiscard]] const std::vector<account>& accounts() const noexcept { return accounts_; }

private:
    std::vector<split_predictions> splits_;
    observations observed_{};
    std::vector<account> accounts_{};
    std::deque<context_loss> losses_{};
};

/// The published law with weights that depend on the context: log p(Q | N, x_<t) = law - lambda sum over s < t of the nats that Q gave to
/// x_s. A sample draws its cells again; nothing is fitted again, which would read every prediction some hundred times.
class context_explanation : public explanation_of_cells {
public:
    /// Fitted from the published law's values to the cells for which use(cell); without `context` lambda stays 0, which is the published
    /// law. The recording must outlive it.
    context_explanation(explanation_facts facts, const context_recording& recorded, const std::vector<double>& published, bool context,
                        const cell_choice& use)
        : explanation_of_cells(std::move(facts), recorded.cells()) {
        const auto cells = recorded.chosen(use);
        const law_objective objective(law_, recorded.accounts(), cells);
        auto bounds = objective.bounds();
        if (!context) bounds.upper[3] = 0;
        minimum best;
        // lambda = 0 is the published law, so its fit is a start; a small lambda is another, as the gradient at 0 may point outside.
        for (double lambda : {0.0, 0.05}) {
            if (lambda > 0 && !context) continue;
            auto from = published;
            from.push_back(lambda);
            const auto found = projected_newton(objective, objective.to_search(from), bounds);
            if (best.point.empty() || found.at.value < best.at.value) best = found;
        }
        facts_.values = objective.from_search(best.point), facts_.refits = false;
        facts_.parameters = context ? 4 : 3;
        for (const auto& p : law_.parameters().first(facts_.parameters)) facts_.names.emplace_back(p.name);
        const auto all = recorded.chosen([](const observed_cell&) { return true; });
        const law_objective everywhere(law_, recorded.accounts(), all);
        for (const auto& c : all) losses_.push_back(everywhere.cell_value(facts_.values, c));
    }

    /// The values that were fitted to the recording.
    [[nodiscard]] std::vector<double> fit(const recorded_sample&, const cell_choice&) const { return facts_.values; }
    /// The recording's, of every cell.
    [[nodiscard]] std::vector<double> losses(const std::vector<double>&, const recorded_sample&, const cell_choice&) const {
        return losses_;
    }

private:
    any_law law_ = law_of<rational_law<power_law_evidence, power_simplicity, context_evidence>>("published + context");
    std::vector<double> losses_{};
};

}  // namespace rationale

#endif
