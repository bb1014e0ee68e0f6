#ifndef RATIONALE_EXPLANATION_SCORE_HPP
#define RATIONALE_EXPLANATION_SCORE_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "rationale/execution.hpp"
#include "rationale/explanation/explanation_table.hpp"
#include "rationale/explanation/recorded_sample.hpp"
#include "rationale/processes/in_shares.hpp"
#include "rationale/split.hpp"

namespace rationale {

/// How explanations are scored.
struct score_options {
    bootstrap_options bootstrap{.replicates = 0};  ///< of the intervals; without replicates there are none
    bool cross_validate = false;                   ///< whether laws and baselines are cross-validated, and laws have Takeuchi's criterion
    process_team* processes = nullptr;             ///< that share the bootstrap samples; null for one alone
};

/// Explanations scored.
struct scored_explanations {
    std::vector<explanation_row> rows{};                     ///< in the order they were given
    std::vector<std::vector<std::vector<double>>> values{};  ///< of each explanation, fitted to each bootstrap sample
};

namespace detail {

/// Mean of the losses of cells. An exact mixture's loss is 0, but for rounding.
template <class Use>
double mean_of(const observations& o, const std::vector<double>& losses, const std::vector<double>& weights, const Use& use) {
    return mean_over(o, weights, use, [&](std::size_t i) { return (std::max)(losses[i], 0.0); });
}

/// The held-out cells of a split, and the fitted role's.
inline auto held_out_of(split split) {
    return [split](const observed_cell& c) { return c.split == split && is_held_out(c); };
}
inline auto fitted_role_of(split split) {
    return [split](const observed_cell& c) { return c.split == split && c.role == cell_role::fitted; };
}

/// Mean over the cells that are left out in turn, one group after another, each explained by a fit to the other groups; NaN for fewer than
/// two groups, and where the others are fewer than the parameters.
inline double cross_validated(const any_explanation& e, const recorded_sample& recorded,
                              const std::function<std::size_t(const observed_cell&)>& group_of) {
    const auto& o = e.cells();
    const auto use = [](const observed_cell& c) { return c.split == split::id && c.role != cell_role::before_threshold; };
    std::set<std::size_t> groups;
    for (const auto& c : o.cells)
        if (use(c)) groups.insert(group_of(c));
    if (groups.size() < 2) return role_means::none;
    double sum = 0, count = 0;
    for (std::size_t left_out : groups) {
        const auto rest = [&](const observed_cell& c) { return use(c) && group_of(c) != left_out; };
        const auto group = [&](const observed_cell& c) { return use(c) && group_of(c) == left_out; };
        const auto others = static_cast<std::size_t>(std::count_if(o.cells.begin(), o.cells.end(), rest));
        if (others < (std::max)(e.facts().parameters, std::size_t{1})) return role_means::none;
        const auto losses = e.losses(e.fit(recorded, rest), recorded, group);
        for (std::size_t i = 0; i < o.cells.size(); ++i)
            if (group(o.cells[i])) sum += losses[i], ++count;
    }
    return sum / count;
}

/// The cells' steps, each of five stretches with as many distinct ones a number.
inline std::function<std::size_t(const observed_cell&)> stretches_of(const observations& o) {
    std::set<double> distinct;
    for (const auto& c : o.cells)
        if (c.split == split::id && c.role != cell_role::before_threshold) distinct.insert(c.at.steps);
    return [steps = std::vector<double>(distinct.begin(), distinct.end())](const observed_cell& c) {
        const auto at = static_cast<std::size_t>(std::lower_bound(steps.begin(), steps.end(), c.at.steps) - steps.begin());
        return 5 * at / steps.size();
    };
}

/// Whether two explanations have the same held-out cells, so that their means may be compared.
inline bool same_held_out(const observations& a, const observations& b) {
    if (&a == &b) return true;
    const auto held = [](const observations& o) {
        std::vector<std::array<double, 3>> out;
        for (const auto& c : o.cells)
            if (is_held_out(c)) out.push_back({static_cast<double>(c.run), static_cast<double>(c.split), c.at.steps});
        return out;
    };
    return held(a) == held(b);
}

/// An explanation's row but for what needs a bootstrap.
inline explanation_row row_of(const any_explanation& e, const recorded_sample& recorded, const score_options& options) {
    const auto& o = e.cells();
    explanation_row out{.facts = e.facts()};
    const auto everywhere = [](const observed_cell& c) { return c.role != cell_role::before_threshold; };
    const auto losses = e.losses(out.facts.values, recorded, everywhere);
    const std::vector<double> once(losses.size(), 1.0);
    const auto mean = [&](const auto& use) { return mean_of(o, losses, once, use); };
    out.mean = {mean(fitted_role_of(split::id)), mean(held_out_of(split::id)), mean(fitted_role_of(split::ood)),
                mean(held_out_of(split::ood))};
    if (!options.cross_validate || !out.facts.refits || out.facts.kind == explanation_kind::ceiling) return out;
    out.across_tasks = cross_validated(e, recorded, [](const observed_cell& c) { return static_cast<std::size_t>(c.at.tasks); });
    out.across_steps = cross_validated(e, recorded, stretches_of(o));
    if (const auto optimism = e.optimism(options.bootstrap)) out.criterion = out.mean.fitted + *optimism;
    return out;
}

}  // namespace detail

/// Scores explanations, each fitted again to every bootstrap sample; intervals of differences are to the first of them, sample by sample,
/// where both have the same held-out cells. Ceilings have none. Results do not depend on the executor. `recorded` is the recording as it
/// is, with what a caller has summed up of it already.
template <executor E = sequential>
[[nodiscard]] scored_explanations score(const std::vector<any_explanation>& all, const score_options& options = {}, const E& execute = {},
                                        const recorded_sample& recorded = {}) {
    scored_explanations out;
    out.rows.resize(all.size());
    execute(all.size(), [&](std::size_t i) { out.rows[i] = detail::row_of(all[i], recorded, options); });
    const std::size_t replicates = options.bootstrap.replicates;
    const auto resampled = [&](std::size_t i) { return all[i].facts().kind != explanation_kind::ceiling; };
    // Of each sample and explanation.
    std::vector<std::vector<std::pair<std::vector<double>, per_split<double>>>> refitted(replicates);
    detail::in_shares(options.processes, refitted, [&](const std::vector<std::size_t>& mine) {
        execute(mine.size(), [&](std::size_t k) {
            const recorded_sample sample(options.bootstrap, mine[k]);
            auto& of_sample = refitted[mine[k]];
            of_sample.resize(all.size());
            for (std::size_t i = 0; i < all.size(); ++i) {
                if (!resampled(i)) continue;
                const auto& o = all[i].cells();
                auto& [values, held] = of_sample[i];
                values = all[i].fit(sample, is_fitted);
                const auto losses = all[i].losses(values, sample, is_held_out);
                for (const split split : splits)
                    held[split] = detail::mean_of(o, losses, sample.draw(o).weights, detail::held_out_of(split));
            }
        });
    });
    out.values.assign(all.size(), std::vector<std::vector<double>>(replicates));
    const auto held = [&](std::size_t i, std::size_t b) -> const per_split<double>& { return refitted[b][i].second; };
    for (std::size_t i = 0; i < all.size(); ++i)
        for (std::size_t b = 0; b < replicates; ++b) out.values[i][b] = std::move(refitted[b][i].first);
    for (std::size_t i = 0; i < all.size() && replicates > 0; ++i) {
        if (!resampled(i)) continue;
        auto& row = out.rows[i];
        std::vector<double> x(replicates);
        const auto interval_of = [&](const auto& of_replicate) {
            for (std::size_t b = 0; b < replicates; ++b) x[b] = of_replicate(b);
            return percentile_interval(x);
        };
        for (std::size_t k = 0; row.facts.refits && k < row.facts.values.size(); ++k)
            row.value_intervals.push_back(interval_of([&](std::size_t b) { return out.values[i][b][k]; }));
        if (i == 0 || !detail::same_held_out(all[i].cells(), all[0].cells())) continue;
        row.difference = interval_of([&](std::size_t b) { return held(i, b).id - held(0, b).id; });
        row.difference_ood = interval_of([&](std::size_t b) { return held(i, b).ood - held(0, b).ood; });
    }
    return out;
}

/// Rows as a table: laws, the best on held-out cells first, then baselines, then ceilings. Laws that are the same but for rounding keep
/// their order.
[[nodiscard]] inline explanation_table table_of(std::vector<explanation_row> rows, std::string reference) {
    const auto place = [](const explanation_row& r) {
        const double mean = std::isnan(r.mean.held_out) ? r.mean.fitted : r.mean.held_out;
        const float of_law = std::isnan(mean) ? std::numeric_limits<float>::infinity() : static_cast<float>(mean);
        return std::pair(r.facts.kind, r.facts.kind == explanation_kind::law ? of_law : 0.0F);
    };
    std::stable_sort(rows.begin(), rows.end(), [&](const auto& x, const auto& y) { return place(x) < place(y); });
    return {std::move(reference), std::move(rows)};
}

}  // namespace rationale

#endif
