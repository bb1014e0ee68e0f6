#ifndef RATIONALE_EXPLANATION_OWN_VISITS_EXPLANATION_HPP
#define RATIONALE_EXPLANATION_OWN_VISITS_EXPLANATION_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include "rationale/compare/kept_predictions.hpp"
#include "rationale/explanation/detail/memory_curve.hpp"
#include "rationale/explanation/explanation.hpp"
#include "rationale/symmetric.hpp"

namespace rationale::detail {

/// kappa_d = c (N weight_d)^b and one trust e: each task is remembered by its own visits, in a run whose tasks were seen with unequal
/// weights. Fitted again to a sample by the quadratic through evaluations around the optimum; a sample's divergences are those at the
/// optimum.
class own_visits_explanation : public explanation_of_cells {
public:
    /// Predictions of a split's sequences when each task has a precision of its own and every observation counts e times.
    using predictor = std::function<predictions(const std::vector<double>& precisions, double trust, split split)>;

    /// `models` are the model's predictions in each cell of the observations, which must outlive it. Each evaluation of the parameters
    /// predicts the sequences of every cell's split anew, as each has its own precisions.
    template <class Execute>
    own_visits_explanation(const observations& seen, const std::vector<const kept_predictions*>& models,
                           const std::vector<double>& task_weights, const predictor& predict, const Execute& execute)
        : explanation_of_cells({.key = "square_by_own_visits", .words = "kappa_d = c (N weight_d)^b, e", .parameters = 3}, seen) {
        const auto each = [&](const point& u, const cell_choice& use) {
            std::vector<std::vector<double>> out(seen.cells.size());
            execute(out.size(), [&](std::size_t i) {
                const auto& c = seen.cells[i];
                if (!use(c)) return;
                std::vector<double> precision;
                for (double w : task_weights)
                    precision.push_back(w > 0 ? std::exp(u[0] + u[1] * std::log((std::max)(c.at.steps, 1.) * w)) : 0);
                out[i] = divergence_parts(divergences_from(models[i]->view(), predict(precision, std::exp(u[2]), c.split)), c.parts.size());
            });
            return out;
        };
        const auto objective = [&](const point& u) {
            double sum = 0;
            for (const auto& parts : each(u, is_fitted)) sum += std::accumulate(parts.begin(), parts.end(), 0.0);
            return std::isnan(sum) ? std::numeric_limits<double>::infinity() : sum;
        };
        best_ = least_by_compass<3>(objective, {1.0, 0.5, 0.0}, {0.8, 0.2, 0.2}, 8);
        const auto in_distribution = [](const observed_cell& c) { return c.split == split::id; };
        for (std::size_t k = 0; k < around_.size(); ++k) {
            auto at = best_;
            for (std::size_t j = 0; j < at.size(); ++j) at[j] += step[j] * offsets[k][j];
            around_[k] = each(at, in_distribution);
        }
        at_best_ = each(best_, [](const observed_cell&) { return true; });
        facts_.names = {"c", "b", "e"}, facts_.values = values_of(best_);
    }

    /// NaN for a sample whose quadratic has no minimum.
    [[nodiscard]] std::vector<double> fit(const recorded_sample& sample, const cell_choice& use) const {
        std::array<double, offsets.size()> f{};
        for (std::size_t i = 0; i < f.size(); ++i)
            for_each_drawn(sample, use, [&](std::size_t cell, double weight, const std::vector<double>& times) {
                f[i] += weight * drawn_divergence(around_[i][cell], times);
            });
        std::vector<double> slope(3), curvature(9);
        for (std::size_t i = 0; i < 3; ++i) {
            const double up = f[1 + i], down = f[4 + i];
            slope[i] = 0.5 * (up - down), curvature[4 * i] = up - 2 * f[0] + down;
        }
        for (std::size_t i = 0, k = 7; i < 3; ++i)
            for (std::size_t j = 0; j < i; ++j, ++k) curvature[3 * i + j] = curvature[3 * j + i] = f[k] - f[1 + i] - f[1 + j] + f[0];
        if (!factorize(curvature, 3)) return std::vector<double>(3, std::numeric_limits<double>::quiet_NaN());
        solve_factorized(curvature, slope);
        auto at = best_;
        for (std::size_t i = 0; i < 3; ++i) at[i] -= step[i] * slope[i];
        return values_of(at);
    }
    [[nodiscard]] std::vector<double> losses(const std::vector<double>&, const recorded_sample& sample, const cell_choice& use) const {
        std::vector<double> out(seen_->cells.size(), std::numeric_limits<double>::quiet_NaN());
        for_each_drawn(sample, use, [&](std::size_t cell, double, const std::vector<double>& times) {
            out[cell] = drawn_divergence(at_best_[cell], times);
        });
        return out;
    }

private:
    using point = std::array<double, 3>;  // log c, b, log e
    static constexpr point step{0.2, 0.04, 0.04};
    /// The optimum, a step up and a step down along each side, and up along each two.
    static constexpr std::array<std::array<double, 3>, 10> offsets{
        {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {-1, 0, 0}, {0, -1, 0}, {0, 0, -1}, {1, 1, 0}, {1, 0, 1}, {0, 1, 1}}};

    [[nodiscard]] static std::vector<double> values_of(const point& u) { return {std::exp(u[0]), u[1], std::exp(u[2])}; }
    /// visit(cell, how often it was drawn, how often each part of its sequences was).
    template <class Visit>
    void for_each_drawn(const recorded_sample& sample, const cell_choice& use, const Visit& visit) const {
        const auto& drawn = sample.draw(*seen_);
        for (std::size_t i = 0; i < seen_->cells.size(); ++i)
            if (const auto& c = seen_->cells[i]; drawn.weights[i] > 0 && use(c))
                visit(i, drawn.weights[i], drawn.parts.at({c.run, c.split}));
    }

    point best_{};
    std::array<std::vector<std::vector<double>>, offsets.size()> around_{};  // of each ID cell, its parts
    std::vector<std::vector<double>> at_best_{};                             // of every cell
};

}  // namespace rationale::detail

#endif
