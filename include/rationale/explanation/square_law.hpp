#ifndef RATIONALE_EXPLANATION_SQUARE_LAW_HPP
#define RATIONALE_EXPLANATION_SQUARE_LAW_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <numbers>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/explanation/detail/square_side.hpp"
#include "rationale/learner/law.hpp"

namespace rationale {

/// On which line a parameter x is searched for: itself, its logarithm, or log(x/(1-x)) of one in (0, 1).
enum class coordinate { itself, logarithm, log_odds };

/// A law of memory and trust: log kappa and log e of a checkpoint as functions of training and a few parameters u, each of which is
/// searched for on the whole line.
struct square_law {
    std::string key;                          ///< of its explanation
    std::string words;                        ///< as reports have it
    std::vector<std::string> names;           ///< of the parameters
    std::vector<coordinate> scales;           ///< of each
    std::vector<std::vector<double>> starts;  ///< of the search
    /// {log kappa, log e} of kappa in pseudo-observations.
    std::function<std::array<double, 2>(std::span<const double> u, const training& at)> numbers;

    /// The parameters, as they are said, and back.
    [[nodiscard]] std::vector<double> values(std::vector<double> u) const {
        for (std::size_t i = 0; i < u.size(); ++i) {
            if (scales[i] == coordinate::logarithm) u[i] = std::exp(u[i]);
            if (scales[i] == coordinate::log_odds) u[i] = 1 / (1 + std::exp(-u[i]));
        }
        return u;
    }
    /// The search coordinates of values.
    [[nodiscard]] std::vector<double> search_values(std::vector<double> values) const {
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (scales[i] == coordinate::logarithm) values[i] = std::log(values[i]);
            if (scales[i] == coordinate::log_odds) values[i] = std::log(values[i] / (1 - values[i]));
        }
        return values;
    }
};

/// What memories of a run's tasks cost: at shares s of a belief's mean, increasing (prior/memory.hpp), each the middle of a stretch of the
/// range of so much width.
struct memory_costs {
    double tasks = 0;             ///< D
    std::vector<double> share{};  ///< s
    std::vector<double> width{};  ///< of the stretch that s is the middle of
    std::vector<double> loss{};   ///< L_D, expected loss in nats
    std::vector<double> bits{};   ///< R, of a task
};

/// Laws in which memory is the mean of a posterior over kappa, task by task, and e is the same everywhere or grows:
///
///   log p(kappa | N, D) = -gamma (N/D)^(1-alpha) L_D(kappa) - ln 2 c R(kappa) + const,   the mean over places of the square's side,
///
/// 0 < alpha < 1. `unit` is kappa at s = 1/2. Of runs with the same D the costs are those of the first.
[[nodiscard]] inline std::vector<square_law> per_task_square_laws(std::vector<memory_costs> runs, double unit) {
    using values = std::span<const double>;
    const auto log_precision = [all = std::move(runs), unit](values u, const training& at) {
        const auto& run = *std::find_if(all.begin(), all.end(), [&](const memory_costs& r) { return r.tasks == at.tasks; });
        const double visits = detail::log_visits(at);
        const double exposure = std::exp(std::clamp(u[0] + visits / (1 + std::exp(u[1])), -50., 50.)),
                     price = std::exp((std::min)(u[2], 50.)) * std::numbers::ln2;
        std::vector<double> weight(run.share.size());
        double top = -std::numeric_limits<double>::infinity(), mass = 0, place = 0;
        for (std::size_t i = 0; i < weight.size(); ++i)
            top = (std::max)(top, weight[i] = std::log(run.width[i]) - exposure * run.loss[i] - price * run.bits[i]);
        for (std::size_t i = 0; i < weight.size(); ++i) {
            const double w = std::exp(weight[i] - top);
            mass += w, place += w * detail::side_place(run.share[i] / (1 - run.share[i]));
        }
        return std::log(detail::side_number(place / mass) * unit);
    };
    const std::vector<std::vector<double>> starts{{2, 0, -2, 0}, {4, -1, 0, -3}, {0, 1, -4, 0}};
    auto growing = starts;
    for (auto& s : growing) s.push_back(5);
    constexpr auto log = coordinate::logarithm;
    return {{"square_per_task",
             "per-task posterior mean of kappa, e",
             {"gamma", "alpha", "c", "e"},
             {log, coordinate::log_odds, log, log},
             starts,
             [=](values u, const training& at) -> std::array<double, 2> {
                 return {log_precision(u, at), u[3]};
             }},
            {"square_per_task_trust_grows",
             "per-task posterior mean of kappa, e/(1 + N0/N)",
             {"gamma", "alpha", "c", "e", "N0"},
             {log, coordinate::log_odds, log, log, log},
             growing,
             [=](values u, const training& at) -> std::array<double, 2> {
                 return {log_precision(u, at), u[3] - std::log1p(std::exp(u[4] - std::log((std::max)(at.steps, 1.))))};
             }}};
}

/// Laws in which a task is remembered by how often it was seen, kappa = c (N/D)^b.
///
///   by visits                e the same everywhere
///   by visits, e by tasks    e = e_1 D^r
///   by visits, e grows       e = e_1/(1 + N_0/N): reading is learned from all tasks together, so it follows N and not N/D
///   by visits, e to Bayes    e = (e_1 + kappa/kappa_0)/(1 + kappa/kappa_0): e_1 without memory, and the context counts once when the task
///                            is known; models that trust it too much and models that trust it too little come to Bayes alike
///   by steps and tasks       kappa = c N^b D^-d, e the same everywhere
///
/// Those with a power of D alone only where there are several numbers of tasks.
[[nodiscard]] inline std::vector<square_law> square_laws(bool several_task_counts = true) {
    using values = std::span<const double>;
    constexpr auto itself = coordinate::itself, log = coordinate::logarithm;
    const auto log_steps = [](const training& at) { return std::log((std::max)(at.steps, 1.)); };
    const auto visits = [](values u, const training& at) { return u[0] + u[1] * detail::log_visits(at); };
    const std::vector<std::vector<double>> of_three{{1.5, 0.6, 0}, {3, 0.3, -3}, {-6, 1, -3}};
    const auto with = [&](std::vector<double> further) {
        auto out = of_three;
        for (auto& start : out) start.insert(start.end(), further.begin(), further.end());
        return out;
    };
    std::vector<square_law> out{{"square_by_visits",
                                 "kappa = c (N/D)^b, e",
                                 {"c", "b", "e"},
                                 {log, itself, log},
                                 of_three,
                                 [=](values u, const training& at) -> std::array<double, 2> {
                                     return {visits(u, at), u[2]};
                                 }},
                                {"square_by_visits_trust_grows",
                                 "kappa = c (N/D)^b, e/(1 + N0/N)",
                                 {"c", "b", "e", "N0"},
                                 {log, itself, log, log},
                                 with({5}),
                                 [=](values u, const training& at) -> std::array<double, 2> {
                                     return {visits(u, at), u[2] - std::log1p(std::exp(u[3] - log_steps(at)))};
                                 }}};
    out.push_back({"square_by_visits_trust_to_bayes",
                   "kappa = c (N/D)^b, (e + kappa/kappa0)/(1 + kappa/kappa0)",
                   {"c", "b", "e", "kappa0"},
                   {log, itself, log, log},
                   with({4}),
                   [=](values u, const training& at) -> std::array<double, 2> {
                       const double log_kappa = visits(u, at), known = 1 / (1 + std::exp(u[3] - log_kappa));
                       return {log_kappa, std::log(std::exp((std::min)(u[2], 50.)) * (1 - known) + known)};
                   }});
    if (!several_task_counts) return out;
    out.push_back({"square_by_visits_trust_by_tasks",
                   "kappa = c (N/D)^b, e D^r",
                   {"c", "b", "e", "r"},
                   {log, itself, log, itself},
                   with({0}),
                   [=](values u, const training& at) -> std::array<double, 2> {
                       return {visits(u, at), u[2] + u[3] * std::log(at.tasks)};
                   }});
    out.push_back({"square_by_steps_and_tasks",
                   "kappa = c N^b D^-d, e",
                   {"c", "b", "e", "d"},
                   {log, itself, log, itself},
                   with({0.5}),
                   [=](values u, const training& at) -> std::array<double, 2> {
                       return {u[0] + u[1] * log_steps(at) - u[3] * std::log(at.tasks), u[2]};
                   }});
    return out;
}

}  // namespace rationale

#endif
