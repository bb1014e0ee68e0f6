#ifndef RATIONALE_FIT_FORECAST_HPP
#define RATIONALE_FIT_FORECAST_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/compare/mixing_weights.hpp"
#include "rationale/fit/bootstrap.hpp"
#include "rationale/learner/crossover.hpp"

namespace rationale {

/// D*(N), the numbers of tasks at which strategies 0 and 1, memorizing and generalizing, have equal posterior probability after this
/// training: all of them between the smallest and the largest D of the accounts. Losses and complexities between two numbers of tasks are
/// interpolated in log D, the complexities in log K. `known` goes by `tasks`, which must increase, and has as many. So does `visits`, how
/// often a task was seen in the mean by then, interpolated in its logarithm; without it that is N/D.
[[nodiscard]] inline std::vector<double> threshold_tasks(const any_law& law, std::span<const double> values, std::span<const double> tasks,
                                                         std::span<const account> known, training n, std::span<const double> visits = {}) {
    detail::check_size("rationale::threshold_tasks", "known", known.size(), tasks.size());
    if (!visits.empty()) detail::check_size("rationale::threshold_tasks", "visits", visits.size(), tasks.size());
    n.visits = {};
    // What is not given, log masses or covariates, is 0. At the ends nothing of the other account counts, were it infinite.
    const auto between = [](const std::vector<double>& x, const std::vector<double>& y, double share, bool logs) {
        std::vector<double> out((std::max)(x.size(), y.size()));
        for (std::size_t i = 0; i < out.size(); ++i) {
            const double from = i < x.size() ? x[i] : 0, to = i < y.size() ? y[i] : 0;
            if (share == 0 || share == 1) out[i] = share == 0 ? from : to;
            else
                out[i] = logs && from > 0 && to > 0 ? std::exp((1 - share) * std::log(from) + share * std::log(to))
                                                    : (1 - share) * from + share * to;
        }
        return out;
    };
    const auto at = [&](std::size_t i, double share) {
        return std::exp((1 - share) * std::log(tasks[i]) + share * std::log(tasks[i + 1]));
    };
    const auto odds = [&](std::size_t i, double share) {
        const account& x = known[i];
        const account& y = known[i + 1];
        n.tasks = at(i, share);
        if (!visits.empty()) {
            const auto seen = between({visits[i]}, {visits[i + 1]}, share, true);
            n.visits = std::vector<std::pair<double, double>>{{n.steps, seen[0]}};
        }
        const auto log_p = law.log_posterior(values,
                                             {.loss = between(x.loss, y.loss, share, false),
                                              .complexity = between(x.complexity, y.complexity, share, true),
                                              .log_mass = between(x.log_mass, y.log_mass, share, false),
                                              .covariate = between(x.covariate, y.covariate, share, false)},
                                             n);
        return log_p[0] - log_p[1];
    };
    // Several roots may lie between two numbers of tasks: search sixteen pieces. Every point is evaluated once, so that a root on it is
    // neither lost nor counted twice.
    constexpr int pieces = 16;
    std::vector<double> out;
    if (tasks.size() < 2) return out;
    bool led = odds(0, 0) >= 0;
    for (std::size_t i = 0; i + 1 < tasks.size(); ++i)
        for (int k = 0; k < pieces; ++k) {
            double low = static_cast<double>(k) / pieces, high = static_cast<double>(k + 1) / pieces;
            const bool leads = odds(i, high) >= 0;
            if (leads != led) {
                for (int halving = 0; halving < 60; ++halving) {
                    const double middle = 0.5 * (low + high);
                    ((odds(i, middle) >= 0) == led ? low : high) = middle;
                }
                out.push_back(at(i, high));
            }
            led = leads;
        }
    return out;
}

/// A fitted law's forecast for one run.
struct run_forecast {
    std::size_t run = 0;        ///< index of the run
    crossover overtakes{};      ///< when strategy 0, memorizing, overtakes strategy 1
    interval steps{};           ///< percentile interval of overtakes.steps: infinite for never, 0 for from the start
    double transient = 0;       ///< share of replicates in which the lead of strategy 1 is transient: strategy 0 overtakes it
    std::vector<lead> order{};  ///< which strategies lead one after the other
};

/// The numbers of tasks for which memorizing leads generalizing, after some training: between the smallest and the largest of the runs the
/// lead changes at every root, in either direction.
struct threshold_forecast {
    double steps = 0;               ///< of training, N
    std::vector<double> tasks{};    ///< D*(N): all roots, as the odds may cross 0 more than once
    interval largest{};             ///< percentile interval of the largest root; NaN where fewer than half of the replicates have one
    bool memorizing_first = false;  ///< whether memorizing leads for the smallest number of tasks
};

/// One point of the phase diagram.
struct phase_point {
    std::size_t run = 0;            ///< index of the run
    double steps = 0;               ///< of training, N
    std::vector<double> weights{};  ///< the law's weight of each strategy
    interval band{};                ///< percentile interval of the weight of strategy 0, memorizing
};

/// A fitted law's forecasts.
struct law_forecast {
    std::vector<run_forecast> runs;                              ///< run by run
    std::vector<threshold_forecast> thresholds;                  ///< D*(N) for several N
    std::vector<phase_point> phases;                             ///< weights over runs and N
    double exponent = std::numeric_limits<double>::quiet_NaN();  ///< slope of log N* over log D
    interval exponent_interval{};                                ///< percentile interval of the exponent
};

namespace detail {

/// A crossover's steps as a number that quantiles can order: 0 for from the start, infinity for never.
inline double ordered_steps(const crossover& c) {
    switch (c.what) {
        case crossover::outcome::at_steps:
            return c.steps;
        case crossover::outcome::never:
            return std::numeric_limits<double>::infinity();
        case crossover::outcome::from_the_start:
        case crossover::outcome::reverse:
            break;
    }
    return 0;
}

/// Slope of log N* over log D by least squares, over the runs where there is an N*; NaN for fewer than two numbers of tasks.
inline double scaling_exponent(const observations& o, const std::vector<double>& steps) {
    std::vector<double> x, y;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (!(steps[i] > 0) || !std::isfinite(steps[i])) continue;
        x.push_back(std::log(static_cast<double>(o.runs[i].tasks))), y.push_back(std::log(steps[i]));
    }
    if (std::adjacent_find(x.begin(), x.end(), std::not_equal_to<>()) == x.end()) return std::numeric_limits<double>::quiet_NaN();
    const double n = static_cast<double>(x.size()), middle = std::accumulate(x.begin(), x.end(), 0.0) / n;
    double xx = 0, xy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) xx += (x[i] - middle) * (x[i] - middle), xy += (x[i] - middle) * y[i];
    return xy / xx;
}

/// How often a task of some runs was seen in the mean by a step; empty where no run has it recorded.
inline std::vector<double> visits_at(double steps, std::vector<training> at, const std::vector<std::size_t>& runs) {
    if (std::all_of(at.begin(), at.end(), [](const training& t) { return t.visits.empty(); })) return {};
    std::vector<double> out;
    for (const std::size_t r : runs) at[r].steps = steps, out.push_back(mean_visits(at[r]));
    return out;
}

}  // namespace detail

/// What the fitted law forecasts, with percentile bands over bootstrap replicates: `values` has the replicates' parameters, `accounts` the
/// losses that each was fitted with. Steps run from the first checkpoint after the untrained model to a thousand times the last.
[[nodiscard]] inline law_forecast forecast(const observations& o, const law_fit& fit, const std::vector<std::vector<double>>& values,
                                           const std::vector<std::vector<account>>& accounts, double level = 0.95) {
    law_forecast out;
    const std::size_t runs = o.runs.size();
    std::vector<training> at(runs);
    for (std::size_t r = 0; r < runs; ++r) {  // of a run without cells, too
        at[r].tasks = static_cast<double>(o.runs[r].tasks);
        if (!o.cells.empty()) at[r].schedule = o.cells[0].at.schedule;
    }
    double first = std::numeric_limits<double>::infinity(), last = 0;
    for (const auto& c : o.cells) {
        at[c.run] = c.at, last = (std::max)(last, c.at.steps);
        if (c.at.steps > 0) first = (std::min)(first, c.at.steps);
    }
    std::vector<account> known;
    for (const auto& run : o.runs) known.push_back(run.known);
    const auto crossing = [&](std::span<const double> v, const std::vector<account>& a, std::size_t run) {
        return crossover_steps(fit.law, v, a[run], 0, 1, at[run]);
    };
    std::vector<std::vector<double>> steps(runs, std::vector<double>(values.size()));
    std::vector<double> exponents, now(runs);
    for (std::size_t b = 0; b < values.size(); ++b) {
        std::vector<double> all(runs);
        for (std::size_t r = 0; r < runs; ++r) all[r] = steps[r][b] = detail::ordered_steps(crossing(values[b], accounts[b], r));
        exponents.push_back(detail::scaling_exponent(o, all));
    }
    for (std::size_t r = 0; r < runs; ++r) {
        run_forecast f{.run = r, .overtakes = crossing(fit.values, known, r), .steps = percentile_interval(steps[r], level)};
        now[r] = detail::ordered_steps(f.overtakes);
        for (double s : steps[r]) f.transient += s > 0 && std::isfinite(s);
        f.transient /= static_cast<double>((std::max)(steps[r].size(), std::size_t{1}));
        f.order = leads(fit.law, fit.values, known[r], at[r]);
        out.runs.push_back(std::move(f));
    }
    out.exponent = detail::scaling_exponent(o, now);
    out.exponent_interval = percentile_interval(exponents, level);

    // One run for each number of tasks, the first of them, in whatever order they are.
    std::map<std::size_t, std::size_t> first_of;
    for (std::size_t r = 0; r < runs; ++r) first_of.emplace(o.runs[r].tasks, r);
    std::vector<double> tasks;
    std::vector<std::size_t> of_tasks;
    for (const auto& [d, r] : first_of) tasks.push_back(static_cast<double>(d)), of_tasks.push_back(r);
    if (of_tasks.empty()) return out;
    const auto chosen = [&](const std::vector<account>& a) {
        std::vector<account> some;
        for (std::size_t r : of_tasks) some.push_back(a[r]);
        return some;
    };
    std::vector<double> along;
    constexpr int within = 12, beyond = 12;
    for (int k = 0; k < within; ++k) along.push_back(first * std::pow(last / first, static_cast<double>(k) / within));
    for (int k = 0; k <= beyond; ++k) along.push_back(last * std::pow(10, static_cast<double>(k) * 3 / beyond));
    for (double n : along) {
        training there = at[of_tasks[0]];
        there.steps = n;
        const auto visits = detail::visits_at(n, at, of_tasks);
        threshold_forecast t{.steps = n, .tasks = threshold_tasks(fit.law, fit.values, tasks, chosen(known), there, visits)};
        const auto of_fewest = fit.law.log_posterior(fit.values, known[of_tasks[0]], there);
        t.memorizing_first = of_fewest[0] >= of_fewest[1];
        std::vector<double> largest;
        for (std::size_t b = 0; b < values.size(); ++b) {
            const auto roots = threshold_tasks(fit.law, values[b], tasks, chosen(accounts[b]), there, visits);
            if (!roots.empty()) largest.push_back(roots.back());
        }
        if (!largest.empty() && 2 * largest.size() >= values.size()) t.largest = percentile_interval(largest, level);
        out.thresholds.push_back(std::move(t));
        for (std::size_t r = 0; r < runs; ++r) {
            there = at[r];
            there.steps = n;
            std::vector<double> weight;
            for (std::size_t b = 0; b < values.size(); ++b) weight.push_back(fit.law.weights(values[b], accounts[b][r], there)[0]);
            out.phases.push_back({r, n, fit.law.weights(fit.values, known[r], there), percentile_interval(weight, level)});
        }
    }
    return out;
}

/// A forecast within the recording: fitted to the first half of the checkpoints from the threshold on, scored on the second.
struct backtest_result {
    double until_steps = 0;                                     ///< last step that was fitted
    std::size_t cells = 0;                                      ///< number of ID cells that were scored
    double law = std::numeric_limits<double>::quiet_NaN();      ///< mean divergence of the law's forecast
    double carried = std::numeric_limits<double>::quiet_NaN();  ///< the same of each run's last fitted weights, held constant
    double ceiling = std::numeric_limits<double>::quiet_NaN();  ///< the same of every cell's best weights
    double weight_error =
        std::numeric_limits<double>::quiet_NaN();  ///< root mean square of the forecast weight of memorizing minus the best
    std::vector<double> values{};                  ///< parameters fitted to the first half
};

/// The cells that a backtest fits or asks for: ID, not before the threshold.
[[nodiscard]] inline bool is_backtested(const observed_cell& c) noexcept {
    return c.split == split::id && c.role != cell_role::before_threshold;
}
/// The last step of the first half of their distinct steps; none where there are fewer than two.
[[nodiscard]] inline std::optional<double> backtested_until(const observations& o) {
    std::set<double> steps;
    for (const auto& c : o.cells)
        if (is_backtested(c)) steps.insert(c.at.steps);
    if (steps.size() < 2) return std::nullopt;
    return *std::next(steps.begin(), static_cast<std::ptrdiff_t>((steps.size() - 1) / 2));
}

/// Cells before the threshold are left out, as in the fit. NaN where the first half has fewer cells than the law has parameters.
[[nodiscard]] inline backtest_result backtest(const observations& o, const any_law& law, const fit_options& options = {}) {
    const auto s = as_observed(o);
    backtest_result out;
    const auto until = backtested_until(o);
    if (!until) return out;
    out.until_steps = *until;
    const auto early = cells_of(o, s, [&](const observed_cell& c) { return is_backtested(c) && c.at.steps <= *until; });
    if (early.size() < (std::max)(law.parameters().size(), std::size_t{1})) return out;
    const auto fit = fit_law(law, s.accounts, early, options);
    out.values = fit.values;
    std::map<std::size_t, std::vector<double>> last;
    for (const auto& c : early) last[c.account] = mixing_weights(*c.loss).weights;
    out.law = out.carried = out.ceiling = out.weight_error = 0;
    for (const auto& c : cells_of(o, s, [&](const observed_cell& x) { return is_backtested(x) && x.at.steps > *until; })) {
        const auto forecast_weights = fit.weights(s.accounts[c.account], c.at);
        const auto best = mixing_weights(*c.loss);
        out.law += (*c.loss)(forecast_weights), out.ceiling += best.loss;
        out.carried += last.contains(c.account) ? (*c.loss)(last[c.account]) : std::numeric_limits<double>::quiet_NaN();
        out.weight_error += std::pow(forecast_weights[0] - best.weights[0], 2);
        ++out.cells;
    }
    const auto count = static_cast<double>(out.cells);
    out.law /= count, out.carried /= count, out.ceiling /= count, out.weight_error = std::sqrt(out.weight_error / count);
    return out;
}

}  // namespace rationale

#endif
