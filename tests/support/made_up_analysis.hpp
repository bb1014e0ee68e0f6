// An analysis as figures and pages get it, with everything that they may meet: infinite and undefined numbers, texts that must be escaped.
#ifndef RATIONALE_TESTS_SUPPORT_MADE_UP_ANALYSIS_HPP
#define RATIONALE_TESTS_SUPPORT_MADE_UP_ANALYSIS_HPP

#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"

namespace rationale_test {

struct made_up_run {
    std::size_t tasks;
    std::int64_t seed;
};

/// Runs of three checkpoints, ID and OOD. The law's log odds are log2 N - 2 log2 D + 3.
inline rationale::recording_analysis made_up_analysis(std::size_t strategies = 4,
                                                      const std::vector<made_up_run>& runs = {{4, 0}, {64, 0}}) {
    using namespace rationale;
    recording_analysis a{.fit = {.law = law_of<published_law>("published"), .values = {0.5, 2.0, 0.2}}};
    a.name = "made <up> & \"quoted\", </script>";
    a.family = "balls_and_urns";
    const std::vector<std::string> names{"memorizing", "generalizing", "unigram retrieval", "constant", "a \"$5\" rule"};
    a.strategies.assign(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(strategies));
    a.law_strategies = strategies;
    a.threshold = 100;
    a.fit.at_bound = {false, false, false};
    a.around.intervals.resize(3);
    a.over_runs = {.runs = runs.size(),
                   .effective = std::vector<double>(3, 1.5),
                   .standard_error = std::vector<double>(3, 0.1),
                   .jackknife = std::vector<interval>(3),
                   .intervals = std::vector<interval>(3),
                   .determined = std::vector<bool>(3, true)};
    a.settings = {{"context", 4}, {"hidden", 64}};
    for (std::size_t i = 0; i < runs.size(); ++i) {
        analyzed_run r;
        r.tasks = runs[i].tasks, r.seed = runs[i].seed;
        r.steps = {10, 100, 1000};
        const bool few = r.tasks < 32;
        r.memorizing_leads = {.what = few ? crossover::outcome::at_steps : crossover::outcome::never, .steps = few ? 250. : 0.};
        r.losses.difference_error = filled<double, 2>({strategies, strategies}, 0.01);
        const auto strategies_loss = std::make_shared<std::vector<std::vector<double>>>();
        for (std::size_t q = 0; q < strategies; ++q) {
            const double x = static_cast<double>(q);
            r.known.loss.push_back(0.1 + 0.1 * x), r.known.complexity.push_back(1000 / (1 + x));
            strategies_loss->push_back({2 + x, 1.5 + x, 1 + x, 0.5 + x});
        }
        a.runs.push_back(r);
        for (const auto split : splits)
            for (std::size_t n = 0; n < 3; ++n) {
                analyzed_cell c{
                    .run = i, .step = r.steps[n], .split = split, .role = n == 0 ? cell_role::before_threshold : cell_role::fitted};
                for (std::size_t q = 0; q < strategies; ++q) {
                    c.distance.push_back(q == 0 && n == 0 ? std::numeric_limits<double>::infinity() : 0.5 / static_cast<double>(q + 1));
                    c.mixing_weights.push_back(q < 2 ? 0.6 - 0.2 * static_cast<double>(q) : 0);
                    c.predicted.push_back(1 / static_cast<double>(strategies));
                }
                c.relative.value = 0.3 + 0.3 * static_cast<double>(n) * few;
                c.relative.standard_error = 0.05;
                if (n == 0 && split == split::ood) c.relative = {.is = relative_distance_result::state::infinite_divergence};
                c.interpolation_distance = 0.1 / static_cast<double>(n + 1);
                c.observed_loss = {3, 2, 2, static_cast<double>(n)}, c.strategies_loss = strategies_loss;
                c.log_prior_odds = 3 - 2 * std::log2(static_cast<double>(r.tasks)),
                c.log_bayes_factor = std::log2(static_cast<double>(c.step));
                a.cells.push_back(c);
            }
    }
    a.notes = {"5 < 6 & 7"};
    return a;
}

/// The same with a square: of each run the first checkpoint is at C and does not tell memory, the second at kappa = 4, e = 1/2, the last
/// at M. The law is kappa = 2 (N/D)^(1/2), e = 1/2.
inline void add_square(rationale::recording_analysis& a) {
    using namespace rationale;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    square_report s{.unit = 8, .greatest_trust = 25, .law = "square_by_visits", .context = 32};
    for (const auto& c : a.cells) {
        const auto& r = a.runs[c.run];
        square_place p{.run = c.run, .step = c.step, .split = c.split, .divergence = 0.25, .pair = 0.5, .law_trust = 0.5};
        p.law_precision = 2 * std::sqrt(static_cast<double>(c.step) / static_cast<double>(r.tasks));
        if (c.step == r.steps[0]) {
            p.precision = 0, p.trust = 0, p.precision_range = {0, infinity}, p.trust_range = {0, 0.01}, p.memory_told = false;
        } else if (c.step == r.steps[1]) {
            p.precision = 4, p.trust = 0.5, p.precision_range = {2, 6}, p.trust_range = {0.25, 0.75};
        } else {
            p.precision = infinity, p.trust = 1, p.precision_range = {5000, infinity}, p.trust_range = {0.875, 1.125};
        }
        s.places.push_back(p);
    }
    s.after_threshold = {"published",
                         {{.facts = {.key = "square_by_visits",
                                     .words = "kappa = c (N/D)^b, e",
                                     .parameters = 3,
                                     .names = {"c", "b", "e"},
                                     .values = {2, 0.5, 0.5}},
                           .mean = {.fitted = 0.3, .held_out = 0.35}},
                          {.facts = {.key = "free_weights", .words = "best weight of M and G in every cell", .parameters = 1},
                           .mean = {.fitted = 0.5, .held_out = 0.6, .fitted_ood = 0.7, .held_out_ood = 0.8}},
                          {.facts = {.key = "best_point", .words = "best memory and trust in every cell", .parameters = 2},
                           .mean = {.fitted = 0.25, .held_out = 0.26, .fitted_ood = 0.27, .held_out_ood = 0.28}}}};
    s.whole = s.after_threshold;
    a.square = std::move(s);
}

/// The same with regret: each cell's is q + 1/4 nats against strategy q and 1.25 in hindsight; the gap peaks at the middle checkpoint, and
/// the last run announces its switch.
inline void add_regret(rationale::recording_analysis& a) {
    using namespace rationale;
    const auto about = [](double x) { return resampled_estimate{x, 0.1, {x - 0.2, x + 0.2}}; };
    auto& out = a.regret;
    for (const auto& c : a.cells) {
        auto& cell = out.cells.emplace_back(regret_cell{.run = c.run, .step = c.step, .split = c.split});
        for (std::size_t q = 0; q < a.strategies.size(); ++q) cell.against.push_back(about(static_cast<double>(q) + 0.25));
        cell.hindsight = about(1.25);
        cell.trend.exponent.value = 0.75;
        if (c.split == split::id)
            out.gaps.push_back({.run = c.run, .step = c.step, .gap = about(c.step == a.runs[c.run].steps[1] ? 2 : 1)});
    }
    for (std::size_t i = 0; i < a.runs.size(); ++i)
        out.turns.push_back({.run = i,
                             .peak_step = 100,
                             .peak_within = {10, 1000},
                             .height = about(2),
                             .turns = {{static_cast<double>(a.runs[i].steps[1]), 2, true}}});
    out.over_tasks = {
        .tasks = {4, 16, 64}, .gap = {about(1), about(2), about(1)}, .peak_tasks = 16, .peak_within = {8, 32}, .height = about(2)};
    out.warnings = {{.run = a.runs.size() - 1, .checkpoints = 9, .passes = true}};
    out.warnings[0].found.variance_by_chance = 0.01;
}

/// A large recording, with a square: runs of 4 to 8192 tasks and five seeds, a hundred checkpoints each, 6000 cells ID and as many OOD.
inline rationale::recording_analysis large_analysis() {
    using namespace rationale;
    std::vector<made_up_run> runs;
    for (std::size_t tasks = 4; tasks <= 8192; tasks *= 2)
        for (std::int64_t seed = 0; seed < 5; ++seed) runs.push_back({tasks, seed});
    auto a = made_up_analysis(3, runs);
    a.law_strategies = 2;
    const auto few = std::move(a.cells);
    a.cells.clear();
    for (std::size_t i = 0; i < a.runs.size(); ++i) {
        auto& r = a.runs[i];
        r.steps.clear();
        for (std::int64_t n = 1; n <= 100; ++n) r.steps.push_back(200 * n);
        r.threshold = 2000;
        r.memorizing_leads = {.what = crossover::outcome::at_steps, .steps = 40 * static_cast<double>(r.tasks)};
        for (const auto split : splits)
            for (const auto n : r.steps) {
                auto c = few[6 * i + 1];
                const double odds = std::log2(static_cast<double>(n) / r.memorizing_leads.steps), step = static_cast<double>(n) / 20000;
                c.step = n, c.split = split;
                c.role = n < 2000 ? cell_role::before_threshold : n > 16000 ? cell_role::held_out_steps : cell_role::fitted;
                c.relative.value = 1 / (1 + std::exp(-odds - 0.2 * std::sin(30 * step + static_cast<double>(r.seed))));
                c.predicted = {1 / (1 + std::exp(-odds)), 1 / (1 + std::exp(odds))};
                c.mixing_weights = {c.relative.value * 0.9, 0.9 - c.relative.value * 0.9, 0.1};
                c.distance = {0.5 * c.predicted[1] + 0.01, 0.5 * c.predicted[0] + 0.02, 1 + step};
                c.interpolation_distance = 0.1 / (1 + 10 * step) + 0.001 * static_cast<double>(r.seed);
                c.observed_loss = {2 - step, 1.5 - step, 1.4 - step, 1.2 - step};
                a.cells.push_back(std::move(c));
            }
    }
    add_square(a);
    for (auto& p : a.square->places) {
        const double step = static_cast<double>(p.step) / 20000, wave = 1 + 0.3 * std::sin(40 * step + static_cast<double>(p.run));
        p.precision = p.law_precision * wave, p.trust = 0.8 * wave * step, p.memory_told = p.step > 400;
        p.precision_range = {0.8 * p.precision, 1.2 * p.precision}, p.trust_range = {0.9 * p.trust, 1.1 * p.trust};
    }
    return a;
}

}  // namespace rationale_test

#endif
