#ifndef RATIONALE_ANALYSIS_OWN_VISITS_HPP
#define RATIONALE_ANALYSIS_OWN_VISITS_HPP

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "rationale/analysis/least.hpp"
#include "rationale/analysis/memory_report.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/compare/divergence.hpp"

namespace rationale::detail {

/// A checkpoint of a run whose tasks were seen with unequal weights.
struct weighted_cell {
    training at;
    std::size_t split;
    cell_role role;
    predictions model;
};

/// kappa_d = scale (N weight_d)^exponent fitted to one run, its intervals from sequences and cells that are resampled together, and the
/// account it gives. Each evaluation predicts the sequences of every cell's split anew, as each has its own precisions.
[[nodiscard]] inline std::pair<visits_law, memory_account> fit_own_visits(const run_source& run,
                                                                          const std::array<sequence_numbers, 2>& kept,
                                                                          const std::vector<weighted_cell>& cells,
                                                                          const bootstrap_options& resampling,
                                                                          const any_executor& execute) {
    // Divergences of a cell's sequences.
    const auto divergence = [&](const weighted_cell& c, const std::array<double, 2>& u) {
        std::vector<double> precision;
        for (double w : run.facts.task_weights)
            precision.push_back(w > 0 ? std::exp(u[0] + u[1] * std::log((std::max)(c.at.steps, 1.) * w)) : 0);
        const auto of = run.memory()->predict_with(precision, c.split, kept[c.split]);
        const auto d = divergences_from(c.model, of);
        return std::vector<double>(d.begin(), d.end());
    };
    const auto mean = [](const std::vector<double>& x) { return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size()); };
    std::vector<const weighted_cell*> fitted;
    for (const auto& c : cells)
        if (c.split == 0 && c.role == cell_role::fitted) fitted.push_back(&c);
    const auto each = [&](const std::array<double, 2>& u) {
        std::vector<std::vector<double>> out(fitted.size());
        execute(fitted.size(), [&](std::size_t i) { out[i] = divergence(*fitted[i], u); });
        return out;
    };
    const auto objective = [&](const std::array<double, 2>& u) {
        double sum = 0;
        for (const auto& x : each(u)) sum += mean(x);
        return std::isnan(sum) ? std::numeric_limits<double>::infinity() : sum;
    };
    const auto best = least_by_compass<2>(objective, {1.0, 0.5}, {0.8, 0.2}, 8);
    visits_law v{.scale = std::exp(best[0]), .exponent = best[1]};
    // Near the optimum the divergences are quadratic: nine evaluations give every replicate's minimum.
    constexpr std::array<double, 2> step{0.2, 0.04};
    std::array<std::vector<std::vector<double>>, 9> around;
    for (int i = 0; i < 9; ++i)
        around[static_cast<std::size_t>(i)] = each(std::array{best[0] + step[0] * (i / 3 - 1), best[1] + step[1] * (i % 3 - 1)});
    std::vector<double> scales, exponents;
    for (std::size_t b = 0; b < resampling.replicates && !fitted.empty(); ++b) {
        philox rng = stream(purpose::resampled_visits, resampling.seed, b);
        std::vector<double> weight(fitted[0]->model.sequences());
        for (std::size_t k = 0; k < weight.size(); ++k) weight[index(rng, weight.size())] += 1;
        std::array<double, 9> f{};
        for (std::size_t k = 0; k < fitted.size(); ++k) {
            const std::size_t cell = index(rng, fitted.size());
            for (std::size_t i = 0; i < 9; ++i)
                for (std::size_t s = 0; s < weight.size(); ++s) f[i] += weight[s] * around[i][cell][s];
        }
        const double ga = 0.5 * (f[7] - f[1]), gb = 0.5 * (f[5] - f[3]), aa = f[7] - 2 * f[4] + f[1], bb = f[5] - 2 * f[4] + f[3],
                     ab = 0.25 * (f[8] - f[6] - f[2] + f[0]), determinant = aa * bb - ab * ab;
        if (!(determinant > 0) || !(aa > 0)) continue;
        scales.push_back(std::exp(best[0] - step[0] * (bb * ga - ab * gb) / determinant));
        exponents.push_back(best[1] - step[1] * (aa * gb - ab * ga) / determinant);
    }
    v.scale_interval = percentile_interval(scales), v.exponent_interval = percentile_interval(exponents);
    v.spread = std::numeric_limits<double>::quiet_NaN();
    memory_account account{.name = "precision by a task's own visits", .parameters = 2};
    std::array<double, 4> sum{}, count{};
    for (const auto& c : cells) {
        const bool held = c.role != cell_role::fitted;
        if (c.role == cell_role::before_threshold) continue;
        const std::size_t which = 2 * c.split + (held ? 1 : 0);
        sum[which] += mean(divergence(c, best)), count[which] += 1;
    }
    account.fitted = sum[0] / count[0], account.held_out = sum[1] / count[1];
    account.fitted_ood = sum[2] / count[2], account.held_out_ood = sum[3] / count[3];
    return {v, account};
}

}  // namespace rationale::detail

#endif
