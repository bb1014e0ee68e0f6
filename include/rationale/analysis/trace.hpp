#ifndef RATIONALE_ANALYSIS_TRACE_HPP
#define RATIONALE_ANALYSIS_TRACE_HPP

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rationale/task/family.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale {

/// One sequence seen through training, place by place: its events, or where it has a single one that one's outcomes. A number says the
/// probability given to what came (of a single event: to each outcome), or the predicted mean.
struct sequence_trace {
    /// A checkpoint.
    struct moment {
        std::int64_t step = 0;        ///< of training
        std::vector<double> model{};  ///< as recorded
        std::vector<double> law{};    ///< the fitted law's mixture
    };
    bool outcomes = false;                          ///< places are the outcomes of a single event
    std::vector<double> observed{};                 ///< what came: the outcome's index, or the value; of a single event: 1 at the outcome
    std::vector<std::vector<double>> strategies{};  ///< of each strategy
    std::vector<moment> moments{};                  ///< at each checkpoint
};

namespace detail {

/// What p says of its sequence s, place by place; `view` is that sequence, predicted at `positions`, or without any at all of them.
template <task_family F>
[[nodiscard]] std::vector<double> said_of(const view_of<F>& view, const predictions& p, std::size_t s,
                                          const std::vector<std::size_t>& positions = {}) {
    std::vector<double> out;
    if constexpr (F::kind == prediction_kind::mean) {
        for (std::size_t t = 0; t < p.events(); ++t) out.push_back(p.values(s, t, 0));
    } else if (p.events() == 1) {
        for (std::size_t k = 0; k < p.outcomes(); ++k) out.push_back(p.values(s, 0, k));
    } else {
        for (std::size_t t = 0; t < p.events(); ++t) out.push_back(p.values(s, t, view.observation(positions.empty() ? t : positions[t])));
    }
    return out;
}

/// A trace of sequence `view`, the s-th of the strategies' predictions, before any checkpoint.
template <task_family F>
[[nodiscard]] sequence_trace start_trace(const view_of<F>& view, const std::vector<predictions>& parts, std::size_t s,
                                         const std::vector<std::size_t>& positions = {}) {
    const auto observed = [&](std::size_t t) { return view.observation(positions.empty() ? t : positions[t]); };
    sequence_trace out;
    const auto& p = parts[0];
    out.outcomes = F::kind == prediction_kind::distribution && p.events() == 1;
    if (out.outcomes)
        for (std::size_t k = 0; k < p.outcomes(); ++k) out.observed.push_back(k == static_cast<std::size_t>(observed(0)) ? 1 : 0);
    else
        for (std::size_t t = 0; t < p.events(); ++t) out.observed.push_back(static_cast<double>(observed(t)));
    for (const auto& part : parts) out.strategies.push_back(said_of<F>(view, part, s, positions));
    return out;
}

}  // namespace detail

}  // namespace rationale

#endif
