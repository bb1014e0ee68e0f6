#ifndef RATIONALE_EXPLANATION_SQUARE_EXPLANATION_HPP
#define RATIONALE_EXPLANATION_SQUARE_EXPLANATION_HPP

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "rationale/explanation/detail/belief_square.hpp"
#include "rationale/explanation/explanation.hpp"
#include "rationale/explanation/square_law.hpp"
#include "rationale/symmetric.hpp"

namespace rationale::detail {

/// A law of memory and trust, fitted to the fitted cells. Divergences of the recording are evaluated at the law's own points; of samples,
/// and in the search, they are those of each cell's surface, moved by what the evaluation showed.
class square_explanation : public explanation_of_cells {
public:
    /// The square and the observations must outlive it.
    template <class Execute>
    square_explanation(square_law law, const observed_square& square, const observations& seen, const Execute& execute)
        : explanation_of_cells({.key = law.key, .words = law.words, .parameters = law.names.size(), .names = law.names}, seen),
          law_(std::move(law)),
          square_(&square) {
        const recorded_sample recorded;
        const auto fitted = surfaces_of(recorded, is_fitted);
        double least = std::numeric_limits<double>::infinity();
        for (const auto& start : law_.starts)
            for (const auto& u : {least_from(fitted, start, 0.5, 14)})
                if (const double y = mean(fitted, u); y < least) least = y, best_ = u;
        facts_.values = law_.values(best_);
        facts_.identifiable = is_identifiable(fitted, least);
        at_best_.resize(seen.cells.size());
        execute(at_best_.size(), [&](std::size_t i) { at_best_[i] = square.evaluate(i, point(best_, i)); });
    }

    /// Where the law has a cell.
    [[nodiscard]] belief_point point(const std::vector<double>& u, std::size_t cell) const {
        const auto [log_kappa, log_trust] = law_.numbers(u, seen_->cells[cell].at);
        return {std::exp(std::clamp(log_kappa, -300., 300.)) / square_->unit,
                (std::min)(std::exp((std::min)(log_trust, 10.)), side_number(square_->grid.trust.back()))};
    }
    [[nodiscard]] belief_point point_of(std::size_t cell) const { return point(best_, cell); }

    [[nodiscard]] std::vector<double> fit(const recorded_sample& sample, const cell_choice& use) const {
        return law_.values(least_from(surfaces_of(sample, use), best_, 0.1, 5));
    }
    [[nodiscard]] std::vector<double> losses(const std::vector<double>& values, const recorded_sample& sample,
                                             const cell_choice& use) const {
        const auto u = law_.search_values(values);
        const auto& drawn = sample.draw(*seen_);
        std::vector<double> out(seen_->cells.size(), std::numeric_limits<double>::quiet_NaN());
        const bool same = values == facts_.values;
        for (std::size_t i = 0; i < out.size(); ++i) {
            const auto& c = seen_->cells[i];
            if (!(drawn.weights[i] > 0) || !use(c)) continue;
            const auto& times = drawn.parts.at({c.run, c.split});
            const double evaluated = square_cell::weighted(at_best_[i], times);
            if (same) {
                out[i] = evaluated;
                continue;
            }
            const auto surface = square_->cells[i].surface(square_->grid, times);
            out[i] = (std::max)(evaluated + at(surface, point(u, i)) - at(surface, point(best_, i)), 0.0);
        }
        return out;
    }

private:
    struct weighted_surface {
        std::size_t cell;
        grid_surface surface;
        double weight;
    };
    [[nodiscard]] static double at(const grid_surface& surface, const belief_point& p) {
        return surface(side_place(p.memory), side_place(p.trust));
    }
    [[nodiscard]] std::vector<weighted_surface> surfaces_of(const recorded_sample& sample, const cell_choice& use) const {
        const auto& drawn = sample.draw(*seen_);
        std::vector<weighted_surface> out;
        for (std::size_t i = 0; i < seen_->cells.size(); ++i)
            if (const auto& c = seen_->cells[i]; drawn.weights[i] > 0 && use(c))
                out.push_back({i, square_->cells[i].surface(square_->grid, drawn.parts.at({c.run, c.split})), drawn.weights[i]});
        return out;
    }
    [[nodiscard]] double mean(const std::vector<weighted_surface>& cells, const std::vector<double>& u) const {
        double sum = 0, total = 0;
        for (const auto& [cell, surface, weight] : cells) sum += weight * at(surface, point(u, cell)), total += weight;
        return sum / total;
    }
    [[nodiscard]] std::vector<double> least_from(const std::vector<weighted_surface>& cells, const std::vector<double>& start, double step,
                                                 int halvings) const {
        return least_by_pattern([&](const std::vector<double>& u) { return mean(cells, u); }, start, step, halvings);
    }

    /// Whether every parameter, moved by 3 with the others following, would raise the mean by a thousandth at least.
    [[nodiscard]] bool is_identifiable(const std::vector<weighted_surface>& cells, double least) const {
        constexpr double h = 0.02;
        const std::size_t n = best_.size();
        const auto moved = [&](std::size_t i, double x, std::size_t j, double y) {
            auto u = best_;
            u[i] += x, u[j] += y;
            return mean(cells, u);
        };
        std::vector<double> curvature(n * n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j)
                curvature[i * n + j] = curvature[j * n + i] =
                    (moved(i, h, j, h) - moved(i, h, j, -h) - moved(i, -h, j, h) + moved(i, -h, j, -h)) / (4 * h * h);
        for (std::size_t i = 0; i < n; ++i)
            if (!(0.5 * 9 * profile_curvature(curvature, n, i) > 1e-3 * least)) return false;
        return true;
    }

    square_law law_;
    const observed_square* square_;
    std::vector<double> best_{};
    std::vector<std::vector<double>> at_best_{};  // of each cell
};

}  // namespace rationale::detail

#endif
