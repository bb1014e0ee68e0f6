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
#include "rationale/analysis/memory_report.hpp"
#include "rationale/fit/observations.hpp"
#include "rationale/learner/precision_grid.hpp"

namespace rationale::detail {

/// What an analysis needs to know of an axis of memories (memory_axis.hpp), with the family forgotten, and what was seen along it. Cells
/// are those of the observations it belongs to. A model's divergence is smooth along an axis and so interpolated between the grid's nodes.
struct memory_range {
    std::string name{};                                     ///< of the number: precision, exponent
    precision_grid grid{1};                                 ///< shares along the axis
    std::function<double(double)> value{}, share{};         ///< of a share, and of a value
    std::vector<std::vector<std::vector<double>>> nodes{};  ///< of each cell and part of its sequences, a divergence a node
    std::vector<std::vector<double>> mixed{};               ///< of each cell, a node's best mixture with generalizing, or copying

    /// Divergences of a cell at the nodes, with so many of each part of its sequences.
    [[nodiscard]] std::vector<double> at_nodes(std::size_t cell, std::span<const double> parts) const {
        std::vector<double> out(grid.size());
        for (std::size_t k = 0; k < parts.size(); ++k)
            for (std::size_t q = 0; parts[k] != 0 && q < out.size(); ++q) out[q] += parts[k] * nodes[cell][k][q];
        return out;
    }
    /// The same of its sequences as they are.
    [[nodiscard]] std::vector<double> at_nodes(std::size_t cell) const {
        return at_nodes(cell, std::vector<double>(nodes[cell].size(), 1.0));
    }
    /// The best share and the divergence there.
    [[nodiscard]] std::pair<double, double> best(std::span<const double> of_nodes) const {
        return least_on_unit([&](double s) { return grid.interpolate(s, of_nodes); });
    }
};

/// What explains a cell best along an axis, and how sure that is: over `draws` samples of its sequences, 95 %.
[[nodiscard]] inline best_memory best_of(const memory_range& range, std::size_t cell, std::uint64_t seed, int draws = 100) {
    const auto [share, least] = range.best(range.at_nodes(cell));
    best_memory out{.value = range.value(share), .share = share, .divergence = least};
    out.with_generalizing = range.mixed.empty() ? memory_account::none : (std::min)(least, range.best(range.mixed[cell]).second);
    const std::size_t parts = range.nodes[cell].size();
    philox rng = stream(purpose::resampled_parts, seed, cell);
    std::vector<double> shares;
    for (int b = 0; b < draws && parts > 1; ++b) {
        std::vector<double> drawn(parts);
        for (std::size_t k = 0; k < parts; ++k) drawn[index(rng, parts)] += 1;
        shares.push_back(range.best(range.at_nodes(cell, drawn)).first);
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
/// over bootstrap samples, and its account; `held_out` gets the held-out means of each sample, ID and OOD.
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
    const auto mean = [&](const point& u, const drawn_again& s, std::span<const std::vector<double>> nodes, const auto& use) {
        double sum = 0, total = 0;
        for (std::size_t i = 0; i < o.cells.size(); ++i) {
            if (!(s.weights[i] > 0) || !use(o.cells[i])) continue;
            sum += s.weights[i] * range.grid.interpolate(range.share(std::exp(log_value(u, i))), nodes[i]), total += s.weights[i];
        }
        return sum / total;
    };
    const auto nodes_of = [&](const drawn_again& s) {
        std::vector<std::vector<double>> nodes(o.cells.size());
        for (std::size_t i = 0; i < o.cells.size(); ++i)
            if (s.weights[i] > 0 && o.cells[i].role != cell_role::before_threshold)
                nodes[i] = range.at_nodes(i, s.parts.at({o.cells[i].run, o.cells[i].split}));
        return nodes;
    };
    const auto fit = [&](point start, point step, const drawn_again& s, std::span<const std::vector<double>> nodes, int halvings) {
        return least_by_compass(
            [&](const point& u) {
                const double y = mean(u, s, nodes, is_fitted);
                return std::isnan(y) ? std::numeric_limits<double>::infinity() : y;
            },
            start, step, halvings);
    };
    const auto held = [](std::size_t split) { return [split](const observed_cell& c) { return c.split == split && is_held_out(c); }; };

    drawn_again once;
    once.weights.assign(o.cells.size(), 1.0);
    for (const auto& c : o.cells) once.parts[{c.run, c.split}].assign(c.parts.size(), 1.0);
    const auto nodes = nodes_of(once);
    // From the middle of the axis, and growing as a root.
    point start{std::log(range.value(0.5))}, step{0.8};
    for (std::size_t j = 0; j < Exponents; ++j) start[j + 1] = j == 0 ? 0.5 : 0, step[j + 1] = 0.2;
    const auto best = fit(start, step, once, nodes, 16);
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
        const auto resampled = nodes_of(samples[b]);
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
        const double value = range.value(range.best(nodes[i]).first);
        if (value > 0 && std::isfinite(value)) squares += std::pow(std::log(value) - log_value(best, i), 2), ++count;
    }
    out.spread = std::sqrt(squares / count);
    account = {.name = range.name + " by " + (Exponents == 1 ? "visits" : "steps and tasks") + ", scale " + powers.formula,
               .parameters = Exponents + 1,
               .fitted = mean(best, once, nodes, is_fitted),
               .held_out = mean(best, once, nodes, held(0)),
               .fitted_ood = mean(best, once, nodes, [](const observed_cell& c) { return c.split == 1 && c.role == cell_role::fitted; }),
               .held_out_ood = mean(best, once, nodes, held(1))};
    return out;
}

}  // namespace rationale::detail

#endif
