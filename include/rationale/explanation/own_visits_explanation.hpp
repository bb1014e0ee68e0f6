#ifndef RATIONALE_EXPLANATION_OWN_VISITS_EXPLANATION_HPP
#define RATIONALE_EXPLANATION_OWN_VISITS_EXPLANATION_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "rationale/explanation/detail/memory_curve.hpp"
#include "rationale/explanation/explanation.hpp"

namespace rationale::detail {

/// kappa_d = scale (N weight_d)^exponent: each task is remembered by its own visits, in a run whose tasks were seen with unequal weights.
/// Fitted again to a sample by the quadratic through nine evaluations around the optimum; a sample's divergences are those at the optimum.
class own_visits_explanation : public explanation_of_cells {
public:
    /// Predictions of a split's sequences when each task has a precision of its own.
    using predictor = std::function<predictions(const std::vector<double>& precisions, split split)>;

    /// `models` are the model's predictions in each cell of the observations, which must outlive it. Each evaluation of a parameter pair
    /// predicts the sequences of every cell's split anew, as each has its own precisions.
    template <class Execute>
    own_visits_explanation(const observations& seen, const std::vector<predictions>& models, const std::vector<double>& task_weights,
                           const predictor& predict, const Execute& execute)
        : explanation_of_cells({.key = "precision_by_own_visits", .words = "precision by a task's own visits", .parameters = 2}, seen) {
        const auto each = [&](const point& u, const cell_choice& use) {
            std::vector<std::vector<double>> out(seen.cells.size());
            execute(out.size(), [&](std::size_t i) {
                const auto& c = seen.cells[i];
                if (!use(c)) return;
                std::vector<double> precision;
                for (double w : task_weights)
                    precision.push_back(w > 0 ? std::exp(u[0] + u[1] * std::log((std::max)(c.at.steps, 1.) * w)) : 0);
                out[i] = divergence_parts(divergences_from(models[i], predict(precision, c.split)), c.parts.size());
            });
            return out;
        };
        const auto objective = [&](const point& u) {
            double sum = 0;
            for (const auto& parts : each(u, is_fitted)) sum += std::accumulate(parts.begin(), parts.end(), 0.0);
            return std::isnan(sum) ? std::numeric_limits<double>::infinity() : sum;
        };
        best_ = least_by_compass<2>(objective, {1.0, 0.5}, {0.8, 0.2}, 8);
        const auto in_distribution = [](const observed_cell& c) { return c.split == split::id; };
        for (int i = 0; i < 9; ++i)
            around_[static_cast<std::size_t>(i)] =
                each(point{best_[0] + step[0] * (i / 3 - 1), best_[1] + step[1] * (i % 3 - 1)}, in_distribution);
        at_best_ = each(best_, [](const observed_cell&) { return true; });
        facts_.names = {"scale", "exponent"}, facts_.values = {std::exp(best_[0]), best_[1]};
    }

    /// NaN for a sample whose quadratic has no minimum.
    [[nodiscard]] std::vector<double> fit(const recorded_sample& sample, const cell_choice& use) const {
        std::array<double, 9> f{};
        for (std::size_t i = 0; i < f.size(); ++i)
            for_each_drawn(sample, use, [&](std::size_t cell, double weight, const std::vector<double>& times) {
                f[i] += weight * std::inner_product(times.begin(), times.end(), around_[i][cell].begin(), 0.0);
            });
        const double ga = 0.5 * (f[7] - f[1]), gb = 0.5 * (f[5] - f[3]), aa = f[7] - 2 * f[4] + f[1], bb = f[5] - 2 * f[4] + f[3],
                     ab = 0.25 * (f[8] - f[6] - f[2] + f[0]), determinant = aa * bb - ab * ab;
        if (!(determinant > 0) || !(aa > 0)) return std::vector<double>(2, std::numeric_limits<double>::quiet_NaN());
        return {std::exp(best_[0] - step[0] * (bb * ga - ab * gb) / determinant), best_[1] - step[1] * (aa * gb - ab * ga) / determinant};
    }
    [[nodiscard]] std::vector<double> losses(const std::vector<double>&, const recorded_sample& sample, const cell_choice& use) const {
        std::vector<double> out(seen_->cells.size(), std::numeric_limits<double>::quiet_NaN());
        for_each_drawn(sample, use, [&](std::size_t cell, double, const std::vector<double>& times) {
            out[cell] = std::inner_product(times.begin(), times.end(), at_best_[cell].begin(), 0.0);
        });
        return out;
    }

private:
    using point = std::array<double, 2>;  // log scale, exponent
    static constexpr point step{0.2, 0.04};

    /// visit(cell, how often it was drawn, how often each part of its sequences was).
    template <class Visit>
    void for_each_drawn(const recorded_sample& sample, const cell_choice& use, const Visit& visit) const {
        const auto& drawn = sample.draw(*seen_);
        for (std::size_t i = 0; i < seen_->cells.size(); ++i)
            if (const auto& c = seen_->cells[i]; drawn.weights[i] > 0 && use(c))
                visit(i, drawn.weights[i], drawn.parts.at({c.run, c.split}));
    }

    point best_{};
    std::array<std::vector<std::vector<double>>, 9> around_{};  // of each ID cell, its parts at best and around it
    std::vector<std::vector<double>> at_best_{};                // of every cell
};

}  // namespace rationale::detail

#endif
