#ifndef RATIONALE_ANALYSIS_DETAIL_OBSERVED_LOSS_HPP
#define RATIONALE_ANALYSIS_DETAIL_OBSERVED_LOSS_HPP

#include <cmath>
#include <cstddef>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale::detail {

/// How well predictions fare with what came, (sequence, event): nats of the observed outcome, -log p, or the squared error of means.
/// Infinite where an observed outcome was given no probability. `p` predicts those of the sequences that are `kept`, at `positions`, or
/// without any at all of them.
template <task_family F>
[[nodiscard]] ndarray<double, 2> observed_losses(const F& family, const typename F::sequences& sequences,
                                                 const std::vector<std::size_t>& kept, const predictions& p,
                                                 const std::vector<std::size_t>& positions = {}) {
    auto out = filled<double, 2>({kept.size(), p.events()}, 0.0);
    for (std::size_t s = 0; s < kept.size(); ++s) {
        const auto view = family.view(sequences, kept[s]);
        for (std::size_t t = 0; t < p.events(); ++t) {
            const auto observed = view.observation(positions.empty() ? t : positions[t]);
            if constexpr (F::kind == prediction_kind::mean) {
                const double off = p.values(s, t, 0) - observed;
                out(s, t) = off * off;
            } else {
                out(s, t) = -std::log(p.values(s, t, observed));
            }
        }
    }
    return out;
}

/// Their means over sequences, position by position.
[[nodiscard]] inline std::vector<double> mean_by_event(const ndarray<double, 2>& losses) {
    std::vector<double> out(losses.shape(1));
    for (std::size_t s = 0; s < losses.shape(0); ++s)
        for (std::size_t t = 0; t < out.size(); ++t) out[t] += losses(s, t);
    for (double& x : out) x /= static_cast<double>(losses.shape(0));
    return out;
}

/// Their sums over positions, sequence by sequence.
[[nodiscard]] inline std::vector<double> sum_by_sequence(const ndarray<double, 2>& losses) {
    std::vector<double> out(losses.shape(0));
    for (std::size_t s = 0; s < out.size(); ++s)
        for (std::size_t t = 0; t < losses.shape(1); ++t) out[s] += losses(s, t);
    return out;
}

/// Log evidence of each whole sequence; empty where nobody computed it.
[[nodiscard]] inline std::vector<double> evidence_of(const predictions& p) {
    std::vector<double> out(p.log_evidence.size() > 0 ? p.sequences() : 0);
    for (std::size_t s = 0; s < out.size(); ++s) out[s] = p.log_evidence(s, p.events());
    return out;
}

}  // namespace rationale::detail

#endif
