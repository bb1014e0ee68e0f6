#ifndef RATIONALE_TASK_PREDICTION_HPP
#define RATIONALE_TASK_PREDICTION_HPP

#include <cstddef>

#include "rationale/array.hpp"

namespace rationale {

/// What a prediction is, and with it how it is scored: a distribution over outcomes (Kullback-Leibler divergence, in nats), or
/// the mean of a real outcome (squared error).
enum class prediction_kind { distribution, mean };

/// Predictions for S sequences, each made from what comes before its event alone.
struct predictions {
    prediction_kind kind = prediction_kind::distribution;  ///< what `values` are
    /// (sequence, event, outcome). Urns (S,T,K), regression (S,T,1), classification (S,1,L).
    ndarray<double, 3> values;
    /// (sequence, event): log density in nats of all that was observed before the event, constants included; the last column, one
    /// past the last event, is that of the whole sequence. Empty where nobody computed it, as for a recorded model.
    ndarray<double, 2> log_evidence;

    /// S.
    [[nodiscard]] std::size_t sequences() const { return values.shape(0); }
    [[nodiscard]] std::size_t events() const { return values.shape(1); }
    [[nodiscard]] std::size_t outcomes() const { return values.shape(2); }
};

}  // namespace rationale

#endif
