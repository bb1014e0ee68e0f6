#ifndef RATIONALE_ANALYSIS_CONTEXT_ROWS_HPP
#define RATIONALE_ANALYSIS_CONTEXT_ROWS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/compare/context_loss.hpp"
#include "rationale/execution.hpp"
#include "rationale/fit/compare_laws.hpp"
#include "rationale/learner/known_laws.hpp"
#include "rationale/number_text.hpp"

namespace rationale::detail {

/// A checkpoint's predictions themselves: weights that depend on the sequence need them.
struct context_cell {
    std::size_t run, split;
    cell_role role;
    training at;
    predictions model;
};

/// Above this many numbers the recording is not held in memory, and the rows are left out: 1 GB.
inline constexpr std::size_t most_numbers_in_memory = std::size_t{1} << 27;

/// Nats that each strategy gave to what it observed before each event.
inline std::vector<ndarray<double, 2>> nats_before(std::span<const predictions> parts) {
    std::vector<ndarray<double, 2>> out;
    for (const auto& p : parts) {
        out.push_back(filled<double, 2>({p.sequences(), p.events()}, 0.0));
        for (std::size_t s = 0; s < p.sequences(); ++s)
            for (std::size_t t = 0; t < p.events(); ++t) out.back()(s, t) = -p.log_evidence(s, t);
    }
    return out;
}

/// Adds to a comparison the published law with weights that depend on a sequence's own start, fitted to the ID cells that other laws are
/// fitted to, and that law and the published one fitted to the same cells of both splits. Differences are to the published law fitted to
/// ID cells, over held-out cells that are resampled; nothing is fitted again. `published` has the parameters of that law, to start from;
/// `recorded` has the cells of each split of a run, and `parts` the strategies' predictions of its sequences.
template <executor E>
void add_context_rows(recording_analysis& a, const std::vector<double>& published, const std::vector<std::vector<context_cell>>& recorded,
                      const std::vector<std::vector<predictions>>& parts, std::uint64_t seed, const E& execute) {
    std::vector<account> accounts;
    for (const auto& run : a.runs)
        accounts.push_back({.loss = {run.known.loss[0], run.known.loss[1]}, .complexity = first_complexities(run, 2)});
    std::vector<std::vector<ndarray<double, 2>>> nats(recorded.size());
    std::vector<context_loss> losses;
    std::vector<const context_cell*> cells;
    for (std::size_t i = 0; i < recorded.size(); ++i) {
        if (recorded[i].empty()) continue;
        const auto pair = std::span(parts[i]).first(2);
        nats[i] = nats_before(pair);
        for (const auto& c : recorded[i]) {
            losses.emplace_back(pair, nats[i], c.model);
            cells.push_back(&c);
        }
    }
    using with_context = rational_law<power_law_evidence, power_simplicity, context_evidence>;
    const any_law law = law_of<with_context>("published + context");
    const auto chosen = [&](const auto& use) {
        std::vector<fit_cell> out;
        for (std::size_t i = 0; i < cells.size(); ++i)
            if (use(*cells[i]) && std::isfinite(losses[i].value(std::vector{0.0, 0.0}, 0)))
                out.push_back({cells[i]->run, cells[i]->at, nullptr, 1, &losses[i]});
        return out;
    };
    const auto id_fitted = chosen([](const context_cell& c) { return c.split == 0 && c.role == cell_role::fitted; });
    const auto both_fitted = chosen([](const context_cell& c) { return c.role == cell_role::fitted; });
    const auto held_out = [&](std::size_t split) {
        return chosen([split](const context_cell& c) {
            return c.split == split && c.role != cell_role::fitted && c.role != cell_role::before_threshold;
        });
    };
    const auto id_held_out = held_out(0), ood_held_out = held_out(1);
    const auto scores = [&](std::span<const double> values, std::span<const fit_cell> of) {
        const law_objective objective(law, accounts, of);
        std::vector<double> out;
        for (const auto& c : of) out.push_back(objective.cell_value(values, c));
        return out;
    };
    const auto mean = [](const std::vector<double>& x) {
        double sum = 0;
        for (double v : x) sum += v;
        return sum / static_cast<double>(x.size());
    };
    // lambda = 0 is the published law, so its fit is a start; a small lambda is another, as the gradient at 0 may point outside.
    const auto fit = [&](std::span<const fit_cell> to, bool context) {
        const law_objective objective(law, accounts, to);
        auto bounds = objective.bounds();
        if (!context) bounds.upper[3] = 0;
        minimum best;
        for (double lambda : {0.0, 0.05}) {
            if (lambda > 0 && !context) continue;
            auto from = published;
            from.push_back(lambda);
            const auto found = projected_newton(objective, objective.to_search(from), bounds);
            if (best.point.empty() || found.at.value < best.at.value) best = found;
        }
        return objective.from_search(best.point);
    };
    struct context_row {
        std::string name;
        std::span<const fit_cell> to;
        bool context;
        std::vector<double> values{};
    };
    std::vector<context_row> rows{{"", id_fitted, false},  // the reference
                                  {"published + context {M,G}", id_fitted, true},
                                  {"same, fitted to id and ood", both_fitted, true},
                                  {"published, fitted to id and ood", both_fitted, false}};
    execute(rows.size(), [&](std::size_t i) { rows[i].values = fit(rows[i].to, rows[i].context); });
    const auto reference = scores(rows[0].values, id_held_out);
    for (std::size_t r = 1; r < rows.size(); ++r) {
        const auto& [name, to, context, values] = rows[r];
        const auto id = scores(values, id_held_out), ood = scores(values, ood_held_out);
        explanation_score s{.name = name, .parameters = context ? 4u : 3u, .fitted = mean(scores(values, id_fitted))};
        if (!id.empty()) s.held_out = mean(id);
        if (!ood.empty()) s.held_out_ood = mean(ood);
        if (context) {
            s.name += ", lambda " + significant(values[3], 3);
        }
        philox rng = stream(purpose::resampled_scores, seed);
        std::vector<double> differences;
        for (int b = 0; b < 1000 && !id.empty(); ++b) {
            double sum = 0;
            for (std::size_t k = 0; k < id.size(); ++k) {
                const auto i = (std::min)(static_cast<std::size_t>(uniform(rng) * static_cast<double>(id.size())), id.size() - 1);
                sum += id[i] - reference[i];
            }
            differences.push_back(sum / static_cast<double>(id.size()));
        }
        s.difference = percentile_interval(differences);
        const auto place = std::find_if(a.comparison.begin(), a.comparison.end(), [](const explanation_score& x) { return !x.law; });
        a.comparison.insert(place, std::move(s));
    }
}

}  // namespace rationale::detail

#endif
