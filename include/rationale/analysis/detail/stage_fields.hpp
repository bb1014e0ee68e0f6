#ifndef RATIONALE_ANALYSIS_DETAIL_STAGE_FIELDS_HPP
#define RATIONALE_ANALYSIS_DETAIL_STAGE_FIELDS_HPP

#include <array>
#include <utility>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/compare/mixture_loss.hpp"
#include "rationale/explanation/detail/belief_square.hpp"
#include "rationale/explanation/detail/memory_curve.hpp"
#include "rationale/fit/observations.hpp"
#include "rationale/processes/in_shares.hpp"

// What stages find, member by member, so that it goes from one process to the others (processes/detail/bytes.hpp).
namespace rationale::detail {

template <class Bytes>
void fields(Bytes& bytes, predictions& x) {
    auto& [kind, values, log_evidence] = x;
    bytes(kind, values, log_evidence);
}
template <class Bytes>
void fields(Bytes& bytes, loss_estimate& x) {
    auto& [mean, standard_error, difference_error, sequences, reached] = x;
    bytes(mean, standard_error, difference_error, sequences, reached);
}
template <class Bytes>
void fields(Bytes& bytes, description& x) {
    auto& [bits, method, tried] = x;
    bytes(bits, method, tried);
}
template <class Bytes>
void fields(Bytes& bytes, account& x) {
    auto& [loss, complexity, log_mass, covariate] = x;
    bytes(loss, complexity, log_mass, covariate);
}
template <class Bytes>
void fields(Bytes& bytes, observed_run& x) {
    auto& [tasks, seed, known, loss_covariance] = x;
    bytes(tasks, seed, known, loss_covariance);
}
/// But for what laws are told of its training, which refers to lists of the recording: with_training gives it back.
template <class Bytes>
void fields(Bytes& bytes, observed_cell& x) {
    auto& [run, at, split, role, parts] = x;
    bytes(run, at.steps, split, role, parts);
}
template <class Bytes>
void fields(Bytes& bytes, interval& x) {
    auto& [lower, upper] = x;
    bytes(lower, upper);
}
template <class Bytes>
void fields(Bytes& bytes, resampled_estimate& x) {
    auto& [value, standard_error, within] = x;
    bytes(value, standard_error, within);
}
template <class Bytes>
void fields(Bytes& bytes, regret_trend_result& x) {
    auto& [exponent, events, falls_by_chance] = x;
    bytes(exponent, events, falls_by_chance);
}
template <class Bytes>
void fields(Bytes& bytes, regret_cell& x) {
    auto& [run, step, split, against, hindsight, trend] = x;
    bytes(run, step, split, against, hindsight, trend);
}
template <class Bytes>
void fields(Bytes& bytes, relative_distance_result& x) {
    auto& [value, standard_error, is] = x;
    bytes(value, standard_error, is);
}
template <class Bytes>
void fields(Bytes& bytes, agreement& x) {
    auto& [total_variation, argmax, spearman, r_squared] = x;
    bytes(total_variation, argmax, spearman, r_squared);
}
template <class Bytes>
void fields(Bytes& bytes, analyzed_cell& x) {
    auto& [run, step, split, role, distance, relative, interpolation_distance, mixing_weights, mixing_loss, pair_loss, law_loss, predicted,
           log_prior_odds, log_bayes_factor, unexplained, neither, with_law, observed_loss, strategies_loss] = x;
    bytes(run, step, split, role, distance, relative, interpolation_distance, mixing_weights, mixing_loss, pair_loss, law_loss, predicted,
          log_prior_odds, log_bayes_factor, unexplained, neither, with_law, observed_loss, strategies_loss);
}
template <class Bytes>
void fields(Bytes& bytes, sequence_trace::moment& x) {
    auto& [step, model, law] = x;
    bytes(step, model, law);
}
template <class Bytes>
void fields(Bytes& bytes, sequence_trace& x) {
    auto& [outcomes, observed, strategies, moments] = x;
    bytes(outcomes, observed, strategies, moments);
}
template <class Bytes>
void fields(Bytes& bytes, memory_curve& x) {
    auto& [share, whole, parts, with_other, pair] = x;
    bytes(share, whole, parts, with_other, pair);
}
template <class Bytes>
void fields(Bytes& bytes, belief_point& x) {
    auto& [memory, trust, pooling] = x;
    bytes(memory, trust, pooling);
}
template <class Bytes>
void fields(Bytes& bytes, square_cell& x) {
    auto& [parts, best, best_parts, pooled, pooled_divergence] = x;
    bytes(parts, best, best_parts, pooled, pooled_divergence);
}

}  // namespace rationale::detail

#endif
