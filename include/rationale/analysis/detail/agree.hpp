#ifndef RATIONALE_ANALYSIS_DETAIL_AGREE_HPP
#define RATIONALE_ANALYSIS_DETAIL_AGREE_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <tuple>
#include <vector>

#include "rationale/analysis/detail/distances.hpp"
#include "rationale/analysis/detail/recorded_stages.hpp"
#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/run_source.hpp"
#include "rationale/analysis/trace.hpp"
#include "rationale/compare/agreement.hpp"
#include "rationale/compare/mixture.hpp"
#include "rationale/compare/subset.hpp"

namespace rationale::detail {

/// What the fitted law says of a cell, and how its mixture agrees with the model.
struct cell_agreement {
    std::vector<double> weights{};
    double log_prior_odds = 0, log_bayes_factor = 0;
    double loss = undefined;
    agreement with_law{};
};

/// What the last stage finds of a split: of each checkpoint, and, in distribution, of one sequence.
struct split_agreement {
    std::vector<cell_agreement> cells{};
    sequence_trace trace{};
};
template <class Bytes>
void fields(Bytes& bytes, cell_agreement& x) {
    auto& [weights, log_prior_odds, log_bayes_factor, loss, with_law] = x;
    bytes(weights, log_prior_odds, log_bayes_factor, loss, with_law);
}
template <class Bytes>
void fields(Bytes& bytes, split_agreement& x) {
    auto& [cells, trace] = x;
    bytes(cells, trace);
}

/// What the last stage finds, run by run and split by split, and one sequence of each run seen through training.
struct recorded_agreement {
    std::vector<per_split<std::vector<cell_agreement>>> at{};
    std::vector<sequence_trace> traces{};
};

inline agreement agreement_of(const predictions& model, const predictions& mixed) {
    agreement a;
    if (model.kind == prediction_kind::mean) {
        a.r_squared = r_squared({mixed.values.data(), mixed.values.size()}, {model.values.data(), model.values.size()});
    } else {
        a.total_variation = over_sequences(divergences(total_variation{}, model, mixed));
        a.argmax = argmax_agreement(model, mixed);
        a.spearman = mean_spearman(model, mixed);
    }
    return a;
}

/// Last stage: what the law says of every cell. The model's predictions are read once more.
[[nodiscard]] inline recorded_agreement agree(const recorded_stages& stages, const stage_tools& tools) {
    const auto& [from, distances, found] = std::tie(stages.from, stages.distances, stages.found);
    const auto& [law, values] = std::tie(found.fit.law, found.fit.values);
    auto looked = of_each_split<split_agreement>(from, "agreement", tools, [&](std::size_t run, split split, split_agreement& to) {
        const auto& kept = distances.at[run][split].kept;
        if (kept.empty()) return;
        const auto& source = *from.runs[run];
        const auto& known = found.seen.runs[run].known;
        const std::size_t traced = kept[0];
        for (const auto* const table : source.tables()) {
            const auto all = table->predict(split, kept, sequential{});
            const auto parts = std::span(all).first(stages.strategies());
            if (split == split::id) to.trace = table->start_trace(traced, all);  // in the end through the last table's checkpoints
            table->for_each_checkpoint(split, kept, [&](std::size_t n, const predictions& model) {
                const auto at = training_at(from, run, source.facts.steps[n]);
                auto& c = to.cells.emplace_back();
                const auto log_p = law.log_posterior(values, known, at);
                c.weights = softmax(log_p);
                c.log_bayes_factor = law.exposure(values, at) * (known.loss[1] - known.loss[0]);
                c.log_prior_odds = log_p[0] - log_p[1] - c.log_bayes_factor;
                const auto mixed = mixture(parts, c.weights);
                if (split == split::id)
                    to.trace.moments.push_back({source.facts.steps[n], table->said(traced, model), table->said(traced, mixed)});
                c.loss = (std::max)(over_sequences(divergences_from(model, mixed)), 0.0);  // 0 of an exact mixture, but for rounding
                c.with_law = agreement_of(model, mixed);
            });
        }
    });
    recorded_agreement out;
    out.at.resize(from.runs.size());
    for (std::size_t run = 0; run < from.runs.size(); ++run) {
        for (const split split : splits) out.at[run][split] = std::move(looked[run][split].cells);
        out.traces.push_back(std::move(looked[run].id.trace));
    }
    return out;
}

}  // namespace rationale::detail

#endif
