#ifndef RATIONALE_ANALYSIS_MEMORY_RANGE_HPP
#define RATIONALE_ANALYSIS_MEMORY_RANGE_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "rationale/analysis/least.hpp"
#include "rationale/analysis/memory_curve.hpp"
#include "rationale/analysis/memory_report.hpp"
#include "rationale/fit/observations.hpp"
#include "rationale/learner/precision_grid.hpp"

namespace rationale::detail {

/// What an analysis needs to know of an axis of memories (memory_axis.hpp), with the family forgotten, and what was seen along it. Cells
/// are those of the observations it belongs to.
struct memory_range {
    std::string name{};                              ///< of the number: precision, exponent
    precision_grid grid{1};                          ///< shares along the axis that laws weigh
    std::function<double(double)> value{}, share{};  ///< of a share, and of a value
    std::vector<memory_curve> curves{};              ///< of each cell
};

/// What explains a cell best along an axis, evaluated, and how sure that is: over `draws` samples of its sequences, 95 %. Of a sample the
/// best share is found between the places at which the cell's memories were evaluated.
[[nodiscard]] inline best_memory best_of(const memory_range& range, std::size_t cell, std::uint64_t seed, int draws = 100) {
    const auto& curve = range.curves[cell];
    const std::size_t best = curve.best(), parts = curve.parts[best].size();
    best_memory out{.value = range.value(curve.share[best]), .share = curve.share[best], .divergence = curve.whole[best]};
    out.with_generalizing = curve.with_other, out.pair = curve.pair;
    philox rng = stream(purpose::resampled_parts, seed, cell);
    std::vector<double> shares;
    for (int b = 0; b < draws && parts > 1; ++b) {
        std::vector<double> drawn(parts);
        for (std::size_t k = 0; k < parts; ++k) drawn[index(rng, parts)] += 1;
        shares.push_back(promised_least(curve.share, curve.drawn(drawn)).first);
    }
    if (!shares.empty()) {
        const auto between = percentile_interval(shares);
        out.range = {range.value(between.lower), range.value(between.upper)};
    }
    return out;
}

/// Which powers of N and D the number follows: value = scale (N^n[0] D^d[0])^exponent_0 (N^n[1] D^d[1])^exponent_1 ...
template <std::size_t Exponents>
struct training_powers {
    const char* formula;                     ///< as reports write it
    std::array<double, Exponents> n{}, d{};  ///< in the base of each exponent

    /// Logarithms of the bases.
    [[nodiscard]] std::array<double, Exponents> logs(const training& at) const {
        std::array<double, Exponents> out{};
        for (std::size_t i = 0; i < Exponents; ++i) out[i] = n[i] * std::log((std::max)(at.steps, 1.)) + d[i] * std::log(at.tasks);
        return out;
    }
};
/// How often a task was seen.
inline constexpr training_powers<1> by_visits{"(N/D)^exponent", {1}, {-1}};
/// Steps and tasks each by a power of its own.
inline constexpr training_powers<2> by_steps_and_tasks{"N^a D^b", {1, 0}, {0, 1}};

/// The number along an axis as a product of powers, fitted to the fitted ID cells of observations. Its scale and exponents, with intervals
/// over bootstrap samples, and its account; `held_out` gets the held-out means of each sample, ID and OOD. Divergences between the places
/// at which the cells' memories were evaluated are those of a curve through these.
template <std::size_t Exponents, executor E>
[[nodiscard]] power_of_training fit_power(const memory_range& range, const observations& o, const training_powers<Exponents>& powers,
                                          std::span<const drawn_again> samples, std::vector<std::array<double, 2>>& held_out,
                                          memory_account& account, const E& execute) {
    using point = std::array<double, Exponents + 1>;
    // Around the fitted cells' middle, where scale and exponents hardly depend on one another.
    std::vector<std::array<double, Exponents>> logs;
    std::array<double, Exponents> middle{};
    double fitted = 0;
    for (const auto& c : o.cells) {
        logs.push_back(powers.logs(c.at));
        if (!is_fitted(c)) continue;
        ++fitted;
        for (std::size_t j = 0; j < Exponents; ++j) middle[j] += logs.back()[j];
    }
    for (std::size_t j = 0; j < Exponents; ++j) middle[j] /= fitted;
    const auto log_value = [&](const point& u, std::size_t i) {
        double out = u[0];
        for (std::size_t j = 0; j < Exponents; ++j) out += u[j + 1] * (logs[i][j] - middle[j]);
        return out;
    };
    // Mean divergence over the cells of a sample that are asked for.
    const auto mean = [&](const point& u, const drawn_again& s, std::span<const monotone_curve> curves, const auto& use) {
        double sum = 0, total = 0;
        for (std::size_t i = 0; i < o.cells.size(); ++i) {
            if (!(s.weights[i] > 0) || !use(o.cells[i])) continue;
            sum += s.weights[i] * curves[i](range.share(std::exp(log_value(u, i)))), total += s.weights[i];
        }
        return sum / total;
    };
    const auto curves_of = [&](const drawn_again& s) {
        std::vector<monotone_curve> curves(o.cells.size());
        for (std::size_t i = 0; i < o.cells.size(); ++i)
            if (s.weights[i] > 0 && o.cells[i].role != cell_role::before_threshold)
                curves[i] = {range.curves[i].share, range.curves[i].drawn(s.parts.at({o.cells[i].run, o.cells[i].split}))};
        return curves;
    };
    const auto fit = [&](point start, point step, const drawn_again& s, std::span<const monotone_curve> curves, int halvings) {
        return least_by_compass(
            [&](const point& u) {
                const double y = mean(u, s, curves, is_fitted);
                return std::isnan(y) ? std::numeric_limits<double>::infinity() : y;
            },
            start, step, halvings);
    };
    const auto held = [](std::size_t split) { return [split](const observed_cell& c) { return c.split == split && is_held_out(c); }; };

    drawn_again once;
    once.weights.assign(o.cells.size(), 1.0);
    for (const auto& c : o.cells) once.parts[{c.run, c.split}].assign(c.parts.size(), 1.0);
    const auto curves = curves_of(once);
    // From several places of the axis, growing as a root: the mean may have more than one valley.
    point best{};
    double least = std::numeric_limits<double>::infinity();
    for (const double share : {0.5, 0.2, 0.8}) {
        point start{std::log(range.value(share))}, step{0.8};
        for (std::size_t j = 0; j < Exponents; ++j) start[j + 1] = j == 0 ? 0.5 : 0, step[j + 1] = 0.2;
        const auto found = fit(start, step, once, curves, 16);
        if (const double x = mean(found, once, curves, is_fitted); share == 0.5 || x < least) best = found, least = x;
    }
    power_of_training out;
    const auto read = [&](const point& u) {
        double log_scale = u[0];
        for (std::size_t j = 0; j < Exponents; ++j) log_scale -= u[j + 1] * middle[j];
        return std::exp(log_scale);
    };
    out.formula = powers.formula, out.scale = read(best), out.exponents.assign(best.begin() + 1, best.end());

    held_out.resize(samples.size());
    std::vector<point> found(samples.size());
    execute(samples.size(), [&](std::size_t b) {
        const auto resampled = curves_of(samples[b]);
        point short_step{0.1};
        for (std::size_t j = 0; j < Exponents; ++j) short_step[j + 1] = 0.03;
        found[b] = fit(best, short_step, samples[b], resampled, 8);
        for (std::size_t split = 0; split < 2; ++split) held_out[b][split] = mean(found[b], samples[b], resampled, held(split));
    });
    std::vector<double> all(samples.size());
    for (std::size_t b = 0; b < all.size(); ++b) all[b] = read(found[b]);
    out.scale_interval = percentile_interval(all);
    for (std::size_t j = 0; j < Exponents; ++j) {
        for (std::size_t b = 0; b < all.size(); ++b) all[b] = found[b][j + 1];
        out.exponent_intervals.push_back(percentile_interval(all));
    }
    double squares = 0, count = 0;
    for (std::size_t i = 0; i < o.cells.size(); ++i) {
        if (!is_fitted(o.cells[i])) continue;
        const double value = range.value(range.curves[i].share[range.curves[i].best()]);
        if (value > 0 && std::isfinite(value)) squares += std::pow(std::log(value) - log_value(best, i), 2), ++count;
    }
    out.spread = std::sqrt(squares / count);
    account = {.name = range.name + " by " + (Exponents == 1 ? "visits" : "steps and tasks") + ", scale " + powers.formula,
               .parameters = Exponents + 1,
               .fitted = mean(best, once, curves, is_fitted),
               .held_out = mean(best, once, curves, held(0)),
               .fitted_ood = mean(best, once, curves, [](const observed_cell& c) { return c.split == 1 && c.role == cell_role::fitted; }),
               .held_out_ood = mean(best, once, curves, held(1))};
    return out;
}

}  // namespace rationale::detail

#endif
