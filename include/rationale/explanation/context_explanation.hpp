#ifndef RATIONALE_EXPLANATION_CONTEXT_EXPLANATION_HPP
#define RATIONALE_EXPLANATION_CONTEXT_EXPLANATION_HPP

#include <cstddef>
#include <deque>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "rationale/compare/context_loss.hpp"
#include "rationale/explanation/detail/memory_curve.hpp"
#include "rationale/explanation/explanation.hpp"
#include "rationale/fit/law_objective.hpp"
#include "rationale/fit/projected_newton.hpp"
#include "rationale/learner/known_laws.hpp"
#include "rationale/softmax.hpp"
#include "rationale/split.hpp"

namespace rationale {

/// A recording's predictions themselves, which weights that depend on a sequence's own start need: of M and G, and of the model.
class context_recording {
public:
    /// What M and G predict of each run's splits, and the model in each cell of the observations by M and G, which must outlive it.
    context_recording(const observations& seen, std::vector<per_split<std::vector<predictions>>> strategies,
                      std::vector<predictions> models)
        : seen_(&seen), strategies_(std::move(strategies)), models_(std::move(models)), nats_(strategies_.size()) {
        for (const auto& run : seen.runs) accounts_.push_back(run.known);
        for (std::size_t run = 0; run < strategies_.size(); ++run)
            for (const split split : splits)
                for (const auto& p : strategies_[run][split]) {
                    auto& nats = nats_[run][split].emplace_back(filled<double, 2>({p.sequences(), p.events()}, 0.0));
                    for (std::size_t s = 0; s < p.sequences(); ++s)
                        for (std::size_t t = 0; t < p.events(); ++t) nats(s, t) = -p.log_evidence(s, t);
                }
        for (std::size_t i = 0; i < models_.size(); ++i) {
            const auto& c = seen.cells[i];
            losses_.emplace_back(strategies_[c.run][c.split], nats_[c.run][c.split], models_[i]);
        }
    }
    context_recording(const context_recording&) = delete;

    /// The observations by M and G.
    [[nodiscard]] const observations& cells() const noexcept { return *seen_; }
    /// What is known of M and G in every run.
    [[nodiscard]] const std::vector<account>& accounts() const noexcept { return accounts_; }
    /// The cells for which use(cell), as a fit wants them.
    template <class Use>
    [[nodiscard]] std::vector<fit_cell> chosen(const Use& use) const {
        std::vector<fit_cell> out;
        for (std::size_t i = 0; i < losses_.size(); ++i)
            if (const auto& c = seen_->cells[i]; use(c)) out.push_back({c.run, c.at, nullptr, 1, &losses_[i]});
        return out;
    }
    /// What each part of a cell's sequences has of its divergence, given the log posterior of M and G without the context and lambda.
    [[nodiscard]] std::vector<double> parts(std::size_t cell, const std::vector<double>& log_posterior, double lambda) const {
        const auto& c = seen_->cells[cell];
        const auto& parts = strategies_[c.run][c.split];
        auto mixed = parts[0];
        for (std::size_t s = 0; s < mixed.sequences(); ++s)
            for (std::size_t t = 0; t < mixed.events(); ++t) {
                auto w = log_posterior;
                for (std::size_t q = 0; q < w.size(); ++q) w[q] -= lambda > 0 ? lambda * nats_[c.run][c.split][q](s, t) : 0;
                w = softmax(std::move(w));
                for (std::size_t k = 0; k < mixed.outcomes(); ++k)
                    mixed.values(s, t, k) = w[0] * parts[0].values(s, t, k) + w[1] * parts[1].values(s, t, k);
            }
        return detail::divergence_parts(divergences_from(models_[cell], mixed), c.parts.size());
    }

private:
    const observations* seen_;
    std::vector<per_split<std::vector<predictions>>> strategies_;   // of each run
    std::vector<predictions> models_;                               // of each cell
    std::vector<per_split<std::vector<ndarray<double, 2>>>> nats_;  // that each strategy gave to what came before each event
    std::vector<account> accounts_{};
    std::deque<context_loss> losses_{};
};

/// The published law with weights that depend on the context: log p(Q | N, x_<t) = law - lambda sum over s < t of the nats that Q gave to
/// x_s. A sample draws its cells and sequences again; nothing is fitted again, which would read every prediction some hundred times.
class context_explanation : public explanation_of_cells {
public:
    /// Fitted from the published law's values to the cells for which use(cell); without `context` lambda stays 0, which is the published
    /// law. The recording must outlive it.
    context_explanation(explanation_facts facts, const context_recording& recorded, const std::vector<double>& published, bool context,
                        const cell_choice& use)
        : explanation_of_cells(std::move(facts), recorded.cells()) {
        const auto law = law_of<rational_law<power_law_evidence, power_simplicity, context_evidence>>("published + context");
        const auto cells = recorded.chosen(use);
        const law_objective objective(law, recorded.accounts(), cells);
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
        for (const auto& p : law.parameters().first(facts_.parameters)) facts_.names.emplace_back(p.name);
        for (std::size_t i = 0; i < seen_->cells.size(); ++i) {
            const auto& c = seen_->cells[i];
            parts_.push_back(recorded.parts(i, law.log_posterior(facts_.values, recorded.accounts()[c.run], c.at), facts_.values.back()));
        }
    }

    /// The values that were fitted to the recording.
    [[nodiscard]] std::vector<double> fit(const recorded_sample&, const cell_choice&) const { return facts_.values; }
    /// Divergences over the sequences that were drawn.
    [[nodiscard]] std::vector<double> losses(const std::vector<double>&, const recorded_sample& sample, const cell_choice& use) const {
        const auto& drawn = sample.draw(*seen_);
        return losses_of_drawn(drawn.weights, use, [&](std::size_t i) {
            const auto& times = drawn.parts.at({seen_->cells[i].run, seen_->cells[i].split});
            return detail::drawn_divergence(parts_[i], times);
        });
    }

private:
    std::vector<std::vector<double>> parts_{};  // of each cell's divergence
};

}  // namespace rationale

#endif
