#ifndef RATIONALE_PRIOR_SAMPLE_HPP
#define RATIONALE_PRIOR_SAMPLE_HPP

#include <cstddef>
#include <cstdint>

#include "rationale/execution.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/task/field.hpp"

namespace rationale {

/// Draws `count` tasks from a prior: the seen tasks of a training run, say. Task d comes from stream d of the seed.
template <task_family F, prior_for<F> P>
[[nodiscard]] typename F::task_table sample_tasks(const F& family, const P& prior, std::size_t count, std::uint64_t seed) {
    typename F::task_table table;
    allocate(table, [&](char letter) { return letter == 'D' ? count : family.extent(letter); });
    for (std::size_t d = 0; d < count; ++d) {
        philox rng(seed, d);
        prior.draw(rng, family, table, d);
    }
    return table;
}

/// Sequences and, row s for sequence s, the task that each came from.
template <class F>
struct sample_of {
    typename F::sequences sequences;  ///< what was drawn
    typename F::task_table truth;     ///< the task of each sequence
};

/// Draws `count` sequences of `context` positions whose tasks come from `prior`: seen tasks for in-distribution sequences, the family's own
/// prior for out-of-distribution ones. Sequence s comes from stream `first` + s of the seed: the same whatever the executor and
/// however the sequences are split into calls.
template <generative_family F, prior_for<F> P, executor E = sequential>
[[nodiscard]] sample_of<F> sample_sequences(const F& family, const P& prior, std::size_t count, std::size_t context, std::uint64_t seed,
                                            std::uint64_t first = 0, const E& execute = {}) {
    sample_of<F> out;
    const auto extent = [&](char letter) {
        return letter == 'S' || letter == 'D' ? count : letter == 'T' ? context : family.extent(letter);
    };
    allocate(out.sequences, extent);
    allocate(out.truth, extent);
    execute(count, [&](std::size_t s) {
        philox rng(seed, first + s);
        family.sample(
            rng, [&](typename F::task_table& table, std::size_t row) { prior.draw(rng, family, table, row); }, out.sequences, s, out.truth);
    });
    return out;
}

}  // namespace rationale

#endif
