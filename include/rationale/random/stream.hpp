#ifndef RATIONALE_RANDOM_STREAM_HPP
#define RATIONALE_RANDOM_STREAM_HPP

#include <cstdint>

#include "rationale/random/philox.hpp"

namespace rationale {

/// What random numbers are drawn for. No two purposes share a number, whatever their seeds and indices.
enum class purpose : std::uint8_t {
    losses,            ///< sequences on which losses are estimated: estimate_losses
    sequences,         ///< sequences: sample_sequences
    tasks,             ///< tasks: sample_tasks
    prior_draws,       ///< tasks that stand for a prior: draws_of
    basis,             ///< the fixed weights of a basis: relu_basis
    resampled_cells,   ///< bootstrap samples of sequences and cells
    resampled_losses,  ///< bootstrap samples of losses
    resampled_parts,   ///< of one cell's sequences
    resampled_scores,  ///< of differences between scores
    resampled_visits,  ///< of the cells of one run
    probes,            ///< mixtures at which a loss is looked at
    checks,            ///< what check_family draws
    resampled_runs,    ///< sets of runs that tell optima apart
    resampled_units,   ///< bootstrap samples of sequences or runs: resampled
    null_series,       ///< series without a trend: early_warning
    weighed_tasks,     ///< which of many tasks stand for all: bits_within
    own = 128,         ///< this one, and those above it, are a program's own: `static_cast<purpose>(130)`
};

/// The generator of a purpose: for each seed 2^64 of them, by index. The purpose is a part of the generator's counter, so that streams of
/// different purposes, seeds or indices never overlap. Nothing in the library draws from a generator of another making.
[[nodiscard]] constexpr philox stream(purpose of, std::uint64_t seed, std::uint64_t index = 0) noexcept {
    return {seed, index, static_cast<std::uint8_t>(of)};
}

}  // namespace rationale

#endif
