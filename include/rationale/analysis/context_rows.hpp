#ifndef RATIONALE_ANALYSIS_CONTEXT_ROWS_HPP
#define RATIONALE_ANALYSIS_CONTEXT_ROWS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/analysis/recorded_stages.hpp"
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

/// Every checkpoint's predictions and the strategies', run by run and split by split.
struct context_recording {
    std::vector<std::vector<context_cell>> cells{};
    std::vector<std::vector<predictions>> parts{};
};
[[nodiscard]] inline context_recording read_context_cells(const recorded_stages& stages, const any_executor& execute) {
    context_recording out;
    out.cells.resize(2 * stages.from.runs.size()), out.parts.resize(out.cells.size());
    execute(out.cells.size(), [&](std::size_t k) {
        const std::size_t run = k / 2, split = k % 2;
        const auto& source = *stages.from.runs[run];
        const auto& kept = stages.distances.at[run][split].kept;
        if (kept.empty()) return;
        out.parts[k] = source.predict(split, kept, sequential{});
        source.for_each_checkpoint(split, kept, [&](std::size_t n, const predictions& model) {
            const auto step = source.facts.steps[n];
            out.cells[k].push_back({run, split, stages.roles.of(source.facts.tasks, step), training_at(stages.from, run, step), model});
        });
    });
    return out;
}

/// The published law with weights that depend on the context, on the cells of a recording.
class context_law {
public:
    using with_context = rational_law<power_law_evidence, power_simplicity, context_evidence>;

    /// The recording must outlive it.
    context_law(const std::vector<run_losses>& runs, const context_recording& recorded)
        : law_(law_of<with_context>("published + context")), nats_(recorded.cells.size()) {
        for (const auto& run : runs)
            accounts_.push_back({.loss = {run.known.loss[0], run.known.loss[1]}, .complexity = first_complexities(run, 2)});
        for (std::size_t i = 0; i < recorded.cells.size(); ++i) {
            if (recorded.cells[i].empty()) continue;
            const auto pair = std::span(recorded.parts[i]).first(2);
            nats_[i] = nats_before(pair);
            for (const auto& c : recorded.cells[i]) losses_.emplace_back(pair, nats_[i], c.model), cells_.push_back(&c);
        }
    }
    context_law(const context_law&) = delete;

    /// The cells that are of use, and that some mixture explains.
    template <class Use>
    [[nodiscard]] std::vector<fit_cell> chosen(const Use& use) const {
        std::vector<fit_cell> out;
        for (std::size_t i = 0; i < cells_.size(); ++i)
            if (use(*cells_[i]) && std::isfinite(losses_[i].value(std::vector{0.0, 0.0}, 0)))
                out.push_back({cells_[i]->run, cells_[i]->at, nullptr, 1, &losses_[i]});
        return out;
    }
    /// Divergences of cells.
    [[nodiscard]] std::vector<double> losses(std::span<const double> values, std::span<const fit_cell> of) const {
        const law_objective objective(law_, accounts_, of);
        std::vector<double> out;
        for (const auto& c : of) out.push_back(objective.cell_value(values, c));
        return out;
    }
    /// Fitted with or without the context from the published law's values. lambda = 0 is the published law, so its fit is a start; a small
    /// lambda is another, as the gradient at 0 may point outside.
    [[nodiscard]] std::vector<double> fit(std::span<const fit_cell> to, bool context, const std::vector<double>& published) const {
        const law_objective objective(law_, accounts_, to);
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
    }

private:
    any_law law_;
    std::vector<account> accounts_;
    std::vector<std::vector<ndarray<double, 2>>> nats_;
    std::vector<context_loss> losses_;
    std::vector<const context_cell*> cells_;
};

/// Interval of the mean difference over resampled cells.
[[nodiscard]] inline interval difference_of(const std::vector<double>& x, const std::vector<double>& reference, std::uint64_t seed) {
    philox rng = stream(purpose::resampled_scores, seed);
    std::vector<double> differences;
    for (int b = 0; b < 1000 && !x.empty(); ++b) {
        double sum = 0;
        for (std::size_t k = 0; k < x.size(); ++k) {
            const auto i = (std::min)(static_cast<std::size_t>(uniform(rng) * static_cast<double>(x.size())), x.size() - 1);
            sum += x[i] - reference[i];
        }
        differences.push_back(sum / static_cast<double>(x.size()));
    }
    return percentile_interval(differences);
}

/// The rows of a recording, all fits from the published law's values.
[[nodiscard]] inline std::vector<explanation_score> score_context(const context_law& law, const std::vector<double>& published,
                                                                  std::uint64_t seed, const any_executor& execute) {
    const auto id_fitted = law.chosen([](const context_cell& c) { return c.split == 0 && c.role == cell_role::fitted; });
    const auto both_fitted = law.chosen([](const context_cell& c) { return c.role == cell_role::fitted; });
    const auto held_out = [&](std::size_t split) {
        return law.chosen([split](const context_cell& c) {
            return c.split == split && c.role != cell_role::fitted && c.role != cell_role::before_threshold;
        });
    };
    const auto id_held_out = held_out(0), ood_held_out = held_out(1);
    const auto mean = [](const std::vector<double>& x) { return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size()); };
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
    execute(rows.size(), [&](std::size_t i) { rows[i].values = law.fit(rows[i].to, rows[i].context, published); });
    const auto reference = law.losses(rows[0].values, id_held_out);
    std::vector<explanation_score> out;
    for (std::size_t r = 1; r < rows.size(); ++r) {
        const auto& [name, to, context, values] = rows[r];
        const auto id = law.losses(values, id_held_out), ood = law.losses(values, ood_held_out);
        explanation_score s{.name = name, .parameters = context ? 4u : 3u, .fitted = mean(law.losses(values, id_fitted))};
        if (!id.empty()) s.held_out = mean(id);
        if (!ood.empty()) s.held_out_ood = mean(ood);
        if (context) s.name += ", lambda " + significant(values[3], 3);
        s.difference = difference_of(id, reference, seed);
        out.push_back(std::move(s));
    }
    return out;
}

/// Explanations by weights that depend on a sequence's own start: the published law with them, fitted to the ID cells that other laws are
/// fitted to, and that law and the published one fitted to the same cells of both splits. Differences are to the published law fitted to
/// ID cells, over held-out cells that are resampled; nothing is fitted again. Empty where there are no events, too few cells, or so many
/// numbers that they are not held in memory.
[[nodiscard]] inline std::vector<explanation_score> context_rows(const recorded_stages& stages, const stage_tools& tools) {
    const auto& of_two = stages.of_two();
    if (!stages.from.predicts_every_event || !stages.enough(of_two)) return {};
    std::size_t numbers = 0;
    for (std::size_t i = 0; i < stages.from.runs.size(); ++i)
        for (const auto& at : stages.distances.at[i])
            numbers += at.cells.size() * at.kept.size() * stages.from.runs[i]->facts.events * stages.from.runs[i]->facts.outcomes;
    if (numbers > most_numbers_in_memory) return {};
    tools.report("context-dependent weights", 0, 1);
    const auto two = as_observed(of_two);
    const auto published = fit_law(law_of<published_law>(), two.accounts, cells_of(of_two, two, is_fitted), stages.options.fit).values;
    const auto recorded = read_context_cells(stages, tools.execute);
    return score_context(context_law(stages.losses, recorded), published, stages.options.bootstrap.seed, tools.execute);
}

}  // namespace rationale::detail

#endif
