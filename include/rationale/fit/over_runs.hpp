#ifndef RATIONALE_FIT_OVER_RUNS_HPP
#define RATIONALE_FIT_OVER_RUNS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/execution.hpp"
#include "rationale/fit/profile.hpp"
#include "rationale/fit/sandwich.hpp"
#include "rationale/fit/student.hpp"
#include "rationale/number_text.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/random/stream.hpp"

namespace rationale {

/// A minimum of the objective beside the best one that the data cannot tell from it.
struct rival_optimum {
    std::vector<double> values;  ///< of the law's parameters
    double objective = 0;        ///< at these values
    double difference = 0;       ///< its objective minus the best one's
    double standard_error = 0;   ///< of the paired difference: the larger of those over runs and over sequences
    double share = 0;            ///< share of bootstrap samples of runs in which it is the better one
};

/// Uncertainty of a law's parameters with runs as the independent units.
struct run_uncertainty {
    std::size_t runs = 0;                        ///< number of runs with fitted cells
    double level = 0.95;                         ///< of the intervals
    std::vector<std::vector<double>> without{};  ///< the parameters with each run left out; empty where the rest is too few
    std::vector<double> effective{};             ///< of each parameter: the number of equally informative runs
    std::vector<double> standard_error{};        ///< of each parameter in search coordinates, by the jackknife; NaN where there is none
    std::vector<interval> jackknife{};           ///< of each parameter, with Student's quantiles for effective - 1 degrees of freedom
    std::vector<rival_optimum> rivals{};         ///< in ascending order of the objective
    std::vector<interval> intervals{};           ///< of each parameter: the widest, as over_runs says
    std::vector<bool> determined{};              ///< of each parameter: whether its interval is informative, as over_runs defines it
    std::vector<std::string> sentences{};        ///< in words: what makes parameters less certain than cells alone do
};

/// The heading of a table of the intervals: "95 % over 6 runs".
[[nodiscard]] inline std::string over_what(const run_uncertainty& sure) {
    return sure.runs == 1 ? "95 % for this one run" : "95 % over " + std::to_string(sure.runs) + " runs";
}

namespace detail {

/// How many of a fit's optima are compared and refitted, the best first.
inline constexpr std::size_t most_optima = 8;

/// Other minima of the fit that sequences do not tell from the best one by `quantile` standard errors of the difference, or that are the
/// better ones in more than (1 - level)/2 of resampled sets of runs. A difference that all runs have, or that many have, is certain however
/// much they differ in its size.
inline std::vector<rival_optimum> rivals_of(const observations& o, const observed_sample& sample, const law_fit& fit, double quantile,
                                            double level) {
    constexpr std::size_t resamples = 1000;
    std::vector<rival_optimum> out;
    double cells = 0;
    for (const auto& c : o.cells) cells += is_fitted(c);
    for (std::size_t k = 1; k < (std::min)(most_optima, fit.optima.size()); ++k) {
        // Each run's share in the difference, by parts of its sequences.
        std::map<std::size_t, std::vector<double>> parts, shares;
        for (const auto& c : o.cells) {
            if (!is_fitted(c)) continue;
            shares[c.run] = shares_of(c.parts);
            auto& of_run = parts[c.run];
            of_run.resize(c.parts.size());
            const auto at = [&](const std::vector<double>& values) {
                return log_softmax(fit.law.log_posterior(values, sample.accounts[c.run], c.at));
            };
            const auto here = at(fit.values), there = at(fit.optima[k].values);
            for (std::size_t s = 0; s < c.parts.size(); ++s)
                of_run[s] += (c.parts[s].at_log_weights(there) - c.parts[s].at_log_weights(here)) / cells;
        }
        rival_optimum r{fit.optima[k].values, fit.optima[k].objective};
        double over_sequences = 0, squares = 0;
        std::vector<double> of_runs;
        for (const auto& [run, of_run] : parts) {
            const auto n = static_cast<double>(of_run.size());
            double sum = 0, scatter = 0;
            for (double x : of_run) sum += x;
            for (std::size_t s = 0; s < of_run.size(); ++s) {
                const double apart = of_run[s] - shares[run][s] * sum;
                scatter += apart * apart;
            }
            if (of_run.size() > 1) over_sequences += n / (n - 1) * scatter;
            r.difference += sum, squares += sum * sum;
            of_runs.push_back(sum);
        }
        const auto n = static_cast<double>(of_runs.size());
        const double over_runs = n > 1 ? n / (n - 1) * (squares - r.difference * r.difference / n) : 0;
        r.standard_error = std::sqrt((std::max)({over_sequences, over_runs, 0.0}));
        for (std::size_t b = 0; b < resamples && n > 1; ++b) {
            philox rng = stream(purpose::resampled_runs, 0, b);
            double sum = 0;
            for (std::size_t i = 0; i < of_runs.size(); ++i) sum += of_runs[index(rng, of_runs.size())];
            r.share += (sum <= 0) / static_cast<double>(resamples);
        }
        if (r.share > 0.5 * (1 - level) || r.difference <= quantile * std::sqrt(over_sequences)) out.push_back(std::move(r));
    }
    return out;
}

/// The parameters without one run, the best of searches from the fit's optima; empty where what is left is too little.
inline std::vector<double> without_run(const observations& o, const observed_sample& sample, const law_fit& fit, std::size_t run) {
    const auto rest = cells_of(o, sample, [run](const observed_cell& c) { return is_fitted(c) && c.run != run; });
    if (rest.size() < (std::max)(fit.values.size(), std::size_t{1}) || same_complexities(fit.law, sample.accounts, rest)) return {};
    auto best = refit_from(fit, fit.values, sample.accounts, rest);
    for (std::size_t k = 1; k < (std::min)(most_optima, fit.optima.size()); ++k)
        if (auto other = refit_from(fit, fit.optima[k].values, sample.accounts, rest); other.objective < best.objective)
            best = std::move(other);
    return best.values;
}

/// (sum v)²/sum v² for each parameter p, v_r = (H^-1 H_r H^-1)_pp a run's share in p's variance by its part H_r of the Hessian: as many as
/// there are runs where they tell as much, 1 where one of them tells it all. 1 without curvature.
inline std::vector<double> effective_runs(const law_objective& objective, const law_fit& fit, std::span<const double> u) {
    const std::size_t P = fit.values.size();
    std::vector<double> out(P, 1.0);
    const auto inverse = inverse_of_free(fit.hessian, fit.fixed);
    if (inverse.empty()) return out;
    std::map<std::size_t, std::vector<double>> parts;
    second_order one;
    for (const auto& c : objective.cells()) {
        objective.cell(u, c, c.loss, one);
        auto& part = parts[c.account];
        part.resize(P * P);
        for (std::size_t i = 0; i < P * P; ++i) part[i] += one.hessian[i];
    }
    std::vector<double> sum(P), squares(P);
    for (const auto& [run, part] : parts) {
        const auto share = sandwiched(inverse, part, P);
        for (std::size_t p = 0; p < P; ++p) {
            const double v = (std::max)(share[p * P + p], 0.0);
            sum[p] += v, squares[p] += v * v;
        }
    }
    for (std::size_t p = 0; p < P; ++p)
        if (squares[p] > 0) out[p] = sum[p] * sum[p] / squares[p];
    return out;
}

/// Adds parameter p to `out`: its jackknife, the union of its intervals, and whether it is determined. `profile` is empty or has a
/// parameter's interval of that kind.
inline void add_parameter(run_uncertainty& out, const law_fit& fit, const sandwich_result& around, std::span<const interval> profile,
                          const box& bounds, std::size_t p) {
    const std::size_t P = fit.values.size();
    const auto& declared = fit.declared()[p];
    const auto search = [&](double value) { return law_objective::to_search(declared, value); };
    const auto between = [&](double from, double to) {
        const auto at = [&](double x) {
            return x <= bounds.lower[p] ? declared.lower : x >= bounds.upper[p] ? declared.upper : law_objective::from_search(declared, x);
        };
        return interval{at(from), at(to)};
    };
    const double u = search(fit.values[p]);
    double low = u, high = u;
    const auto widen = [&](double middle, double half) {  // by nothing where `half` is NaN
        if (middle - half < low) low = middle - half;
        if (middle + half > high) high = middle + half;
    };
    const double by_cells = std::sqrt(around.covariance[p * P + p]), by_runs = std::sqrt(around.run_covariance[p * P + p]);
    const double half = fit.fixed[p] || std::isnan(by_cells) ? 0 : around.quantile * by_cells;
    const double of_runs = student_quantile(out.effective[p] - 1, out.level);
    widen(u, half);
    if (!profile.empty()) {
        low = (std::min)(low, (std::max)(search(profile[p].lower), bounds.lower[p]));
        high = (std::max)(high, (std::min)(search(profile[p].upper), bounds.upper[p]));
    }
    if (!fit.fixed[p]) widen(u, of_runs * by_runs);
    if (!out.without.empty()) {
        const auto n = static_cast<double>(out.without.size());
        double mean = 0, scatter = 0;
        for (const auto& v : out.without) mean += search(v[p]) / n;
        for (const auto& v : out.without) scatter += (search(v[p]) - mean) * (search(v[p]) - mean);
        out.standard_error[p] = std::sqrt((n - 1) / n * scatter);
        const double width = of_runs * out.standard_error[p];
        out.jackknife[p] = between(u - width, u + width);
        widen(u, width);
    }
    bool another = false;
    for (const auto& r : out.rivals) {
        const double there = search(r.values[p]);
        another = another || std::abs(there - u) > half;
        widen(there, half);
    }
    if (!(low < high)) {  // there is neither curvature nor a second run
        if (fit.fixed[p] && (profile.empty() || std::isnan(profile[p].lower))) out.determined[p] = false;
        return;
    }
    out.intervals[p] = between(low, high);
    const bool bound = (low <= bounds.lower[p] && u > bounds.lower[p]) || (high >= bounds.upper[p] && u < bounds.upper[p]);
    const bool wide = high - low > 0.5 * (search(declared.start_to) - search(declared.start_from));
    if (!out.determined[p] || (!another && !bound && !wide)) return;
    out.determined[p] = false;
    out.sentences.push_back(std::string(declared.name) + " is not determined: its interval over " + std::to_string(out.runs) +
                            (out.runs == 1 ? " run, " : " runs, ") + significant(out.intervals[p].lower, 3) + " to " +
                            significant(out.intervals[p].upper, 3) +
                            (another ? ", holds another optimum"
                             : bound ? ", reaches a bound"
                                     : ", is wider than half the range that searches start from"));
}

/// In words: runs that tell most of a parameter, the other optima, and runs that are too few.
inline void add_sentences(run_uncertainty& out, const law_fit& fit) {
    // "alpha .7, beta .2"
    const auto list = [&](const std::vector<double>& values, int digits, const auto& use) {
        std::string text;
        for (std::size_t p = 0; p < values.size(); ++p)
            if (use(p)) text += (text.empty() ? "" : ", ") + std::string(fit.declared()[p].name) + " " + significant(values[p], digits);
        return text;
    };
    const auto few =
        list(out.effective, 2, [&](std::size_t p) { return out.effective[p] < 0.5 * static_cast<double>(out.runs) && !fit.fixed[p]; });
    if (!few.empty())
        out.sentences.push_back("few of the " + std::to_string(out.runs) +
                                " runs tell most of a parameter, as much as so many of equal weight: " + few);
    for (const auto& r : out.rivals)
        out.sentences.push_back(
            "another optimum is as good within what the data tell apart: " + list(r.values, 3, [](std::size_t) { return true; }) +
            ", its objective is higher by " + significant(r.difference, 2) + " +- " + significant(r.standard_error, 2) + ", and lower in " +
            significant(100 * r.share, 2) + " % of resampled sets of runs");
    if (out.runs == 1)
        out.sentences.push_back(
            "there is one run, so that nothing tells how parameters differ between runs: intervals are of this run alone");
    else if (out.without.empty())
        out.sentences.push_back((out.runs == 2 ? "the 2 runs are too few to leave one out"
                                               : "of the " + std::to_string(out.runs) + " runs not each can be left out, as what is left " +
                                                     "has a single number of tasks or fewer cells than parameters") +
                                std::string(": intervals hardly tell how parameters differ between runs"));
}

}  // namespace detail

/// Uncertainty over runs: the delete-one-run jackknife, SE² = (n-1)/n sum_i (u_-i - mean)² of the search coordinates u, with Student's
/// quantiles, and the optima that are as good within what runs and sequences tell apart. Runs of which few tell most of a parameter have
/// fewer degrees of freedom than n - 1: the effective number of them is counted (after Bell and McCaffrey, 2002). A parameter's
/// interval is the widest of the sandwich's, by cells or runs, and the jackknife's, where a parameter lies at its bound also of the
/// profile's, and holds the rivals' values; the parameter is determined unless its
/// interval holds a rival that is not the estimate within the sandwich's, reaches a bound at which the estimate is not, or is wider than
/// half its start range, in search coordinates. With fewer than three runs, or one number of tasks when a run is left out, there is no
/// jackknife. It takes a search for each run and optimum.
template <executor E = sequential>
[[nodiscard]] run_uncertainty over_runs(const observations& o, const law_fit& fit, const sandwich_result& around, double level = 0.95,
                                        const E& execute = {}) {
    const auto sample = as_observed(o);
    const std::size_t P = fit.values.size();
    std::set<std::size_t> fitted;
    for (const auto& c : o.cells)
        if (is_fitted(c)) fitted.insert(c.run);
    const std::vector<std::size_t> of_run(fitted.begin(), fitted.end());
    run_uncertainty out{.runs = of_run.size(), .level = level};
    out.rivals = detail::rivals_of(o, sample, fit, around.quantile, level);
    if (out.runs > 2) {
        out.without.resize(out.runs);
        execute(out.runs, [&](std::size_t i) { out.without[i] = detail::without_run(o, sample, fit, of_run[i]); });
        if (std::any_of(out.without.begin(), out.without.end(), [](const auto& v) { return v.empty(); })) out.without.clear();
    }
    const auto cells = cells_of(o, sample, is_fitted);
    const law_objective objective(fit.law, sample.accounts, cells);
    const auto bounds = objective.bounds();
    out.effective = detail::effective_runs(objective, fit, objective.to_search(fit.values));
    out.standard_error.assign(P, std::numeric_limits<double>::quiet_NaN());
    out.jackknife.resize(P), out.intervals.resize(P), out.determined = fit.determined;
    // A parameter at its bound has no curvature there, and the others' is with it held.
    std::vector<interval> profile;
    if (std::find(fit.fixed.begin(), fit.fixed.end(), true) != fit.fixed.end())
        profile = profile_intervals(o, fit, around, around.quantile, execute);
    for (std::size_t p = 0; p < P; ++p) detail::add_parameter(out, fit, around, profile, bounds, p);
    detail::add_sentences(out, fit);
    return out;
}

}  // namespace rationale

#endif
