#ifndef RATIONALE_ANALYSIS_DETAIL_OBSERVED_LOSS_HPP
#define RATIONALE_ANALYSIS_DETAIL_OBSERVED_LOSS_HPP

#include <cmath>
#include <cstddef>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale::detail {

/// How well predictions fare with what came, position by position, mean over sequences: nats of the observed outcome, -log p, or the
/// squared error of means. Infinite where an observed outcome was given no probability. `p` predicts those of the sequences that are
/// `kept`.
template <task_family F>
[[nodiscard]] std::vector<double> observed_loss(const F& family, const typename F::sequences& sequences,
                                                const std::vector<std::size_t>& kept, const predictions& p) {
    std::vector<double> out(p.events());
    for (std::size_t s = 0; s < kept.size(); ++s) {
        const auto view = family.view(sequences, kept[s]);
        for (std::size_t t = 0; t < out.size(); ++t) {
            if constexpr (F::kind == prediction_kind::mean) {
                const double off = p.values(s, t, 0) - view.observation(t);
                out[t] += off * off;
            } else {
                out[t] -= std::log(p.values(s, t, view.observation(t)));
            }
        }
    }
    for (double& x : out) x /= static_cast<double>(kept.size());
    return out;
}

}  // namespace rationale::detail

#endif
