#ifndef RATIONALE_EXPLANATION_POWER_EXPLANATION_HPP
#define RATIONALE_EXPLANATION_POWER_EXPLANATION_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "rationale/explanation/detail/memory_range.hpp"
#include "rationale/explanation/explanation.hpp"
#include "rationale/explanation/score.hpp"

namespace rationale::detail {

/// Which powers of N and D a number follows: value = scale base_0^exponent_0 base_1^exponent_1 ...
template <std::size_t Exponents>
struct training_powers {
    const char* key;                                               ///< of the explanation, behind the number's name
    const char* words;                                             ///< as reports write it
    std::array<const char*, Exponents> names;                      ///< of the exponents
    std::array<double (*)(const training&), Exponents> logs_of{};  ///< logarithms of the bases

    [[nodiscard]] std::array<double, Exponents> logs(const training& at) const {
        std::array<double, Exponents> out{};
        for (std::size_t i = 0; i < Exponents; ++i) out[i] = logs_of[i](at);
        return out;
    }
};
/// How often a task was seen.
inline constexpr training_powers<1> by_visits{"by_visits", "by visits, scale (N/D)^exponent", {"exponent"}, {log_visits}};
/// Steps and tasks each by a power of its own.
inline constexpr training_powers<2> by_steps_and_tasks{
    "by_steps_and_tasks",
    "by steps and tasks, scale N^a D^b",
    {"a", "b"},
    {[](const training& at) { return std::log((std::max)(at.steps, 1.)); }, [](const training& at) { return std::log(at.tasks); }}};

/// The number along an axis of memories as a product of powers of training, fitted to the fitted cells. Its values are the scale and the
/// exponents. Divergences between the places at which a cell's memories were evaluated are those of a curve through these.
template <std::size_t Exponents>
class power_explanation : public explanation_of_cells {
public:
    /// The range and its observations must outlive it.
    power_explanation(const memory_range& range, const observations& seen, const training_powers<Exponents>& powers)
        : explanation_of_cells(
              {.key = range.name + "_" + powers.key, .words = range.name + " " + powers.words, .parameters = Exponents + 1}, seen),
          range_(&range) {
        facts_.names = {"scale"};
        facts_.names.insert(facts_.names.end(), powers.names.begin(), powers.names.end());
        double fitted = 0;
        for (const auto& c : seen.cells) {
            logs_.push_back(powers.logs(c.at));
            if (!is_fitted(c)) continue;
            ++fitted;
            for (std::size_t j = 0; j < Exponents; ++j) middle_[j] += logs_.back()[j];
        }
        for (double& m : middle_) m /= fitted;
        // From several places of the axis, growing as a root: the mean may have more than one valley.
        const recorded_sample recorded;
        const auto curves = curves_of(recorded, is_fitted);
        point best{};
        double least = std::numeric_limits<double>::infinity();
        for (const double share : {0.5, 0.2, 0.8}) {
            point start{std::log(range.value(share))}, step{0.8};
            for (std::size_t j = 0; j < Exponents; ++j) start[j + 1] = j == 0 ? 0.5 : 0, step[j + 1] = 0.2;
            const auto [found, mean] = least_from(curves, start, step, 16);
            if (share == 0.5 || mean < least) best = found, least = mean;
        }
        facts_.values = values_of(best), facts_.spread = spread_around(best);
    }

    [[nodiscard]] std::vector<double> fit(const recorded_sample& sample, const cell_choice& use) const {
        point step{0.1};
        for (std::size_t j = 0; j < Exponents; ++j) step[j + 1] = 0.03;
        return values_of(least_from(curves_of(sample, use), point_of(facts_.values), step, 8).first);
    }
    [[nodiscard]] std::vector<double> losses(const std::vector<double>& values, const recorded_sample& sample,
                                             const cell_choice& use) const {
        const auto at = point_of(values);
        std::vector<double> out(seen_->cells.size(), std::numeric_limits<double>::quiet_NaN());
        for (const auto& [cell, curve, weight] : curves_of(sample, use)) out[cell] = curve(share_at(at, cell));
        return out;
    }

private:
    /// Log of the number at the fitted cells' middle, where it hardly depends on the exponents, and the exponents.
    using point = std::array<double, Exponents + 1>;
    struct weighted_curve {
        std::size_t cell;
        monotone_curve curve;
        double weight;
    };

    [[nodiscard]] double log_value(const point& u, std::size_t cell) const {
        double out = u[0];
        for (std::size_t j = 0; j < Exponents; ++j) out += u[j + 1] * (logs_[cell][j] - middle_[j]);
        return out;
    }
    [[nodiscard]] double share_at(const point& u, std::size_t cell) const { return range_->share(std::exp(log_value(u, cell))); }
    /// log scale - log of the number at the middle.
    [[nodiscard]] double log_scale_beyond(const double* exponents) const {
        double out = 0;
        for (std::size_t j = 0; j < Exponents; ++j) out -= exponents[j] * middle_[j];
        return out;
    }
    [[nodiscard]] std::vector<double> values_of(const point& u) const {
        std::vector<double> out{std::exp(u[0] + log_scale_beyond(&u[1]))};
        out.insert(out.end(), u.begin() + 1, u.end());
        return out;
    }
    [[nodiscard]] point point_of(const std::vector<double>& values) const {
        point u{std::log(values[0]) - log_scale_beyond(&values[1])};
        std::copy(values.begin() + 1, values.end(), u.begin() + 1);
        return u;
    }
    [[nodiscard]] std::vector<weighted_curve> curves_of(const recorded_sample& sample, const cell_choice& use) const {
        const auto& drawn = sample.draw(*seen_);
        std::vector<weighted_curve> out;
        for (std::size_t i = 0; i < seen_->cells.size(); ++i)
            if (const auto& c = seen_->cells[i]; drawn.weights[i] > 0 && use(c))
                out.push_back({i, {range_->curves[i].share, range_->curves[i].drawn(drawn.parts.at({c.run, c.split}))}, drawn.weights[i]});
        return out;
    }
    [[nodiscard]] std::pair<point, double> least_from(const std::vector<weighted_curve>& curves, const point& start, const point& step,
                                                      int halvings) const {
        const auto mean = [&](const point& u) {
            double sum = 0, total = 0;
            for (const auto& [cell, curve, weight] : curves) sum += weight * curve(share_at(u, cell)), total += weight;
            return std::isnan(sum / total) ? std::numeric_limits<double>::infinity() : sum / total;
        };
        const auto found = least_by_compass(mean, start, step, halvings);
        return {found, mean(found)};
    }
    /// Standard deviation of the fitted cells' best log values around it.
    [[nodiscard]] double spread_around(const point& u) const {
        double squares = 0, count = 0;
        for (std::size_t i = 0; i < seen_->cells.size(); ++i) {
            if (!is_fitted(seen_->cells[i])) continue;
            const double value = range_->value(range_->curves[i].share[range_->curves[i].best()]);
            if (value > 0 && std::isfinite(value)) squares += std::pow(std::log(value) - log_value(u, i), 2), ++count;
        }
        return std::sqrt(squares / count);
    }

    const memory_range* range_;
    std::vector<std::array<double, Exponents>> logs_{};  // of each cell
    std::array<double, Exponents> middle_{};             // their mean over the fitted cells
};

}  // namespace rationale::detail

#endif
