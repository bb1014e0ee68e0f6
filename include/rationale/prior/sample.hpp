#ifndef RATIONALE_PRIOR_SAMPLE_HPP
#define RATIONALE_PRIOR_SAMPLE_HPP

#include <cstddef>
#include <cstdint>

#include "rationale/execution.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/random/stream.hpp"
#include "rationale/task/field.hpp"

namespace rationale {

/// Draws `count` tasks from a prior: the seen tasks of a training run, say. Task d depends on the seed and d alone.
template <task_family F, prior_for<F> P>
[[nodiscard]] typename F::task_table sample_tasks(const F& family, const P& prior, std::size_t count, std::uint64_t seed) {
    typename F::task_table table;
    allocate(table, [&](char letter) { return letter == 'D' ? count : family.extent(letter); });
    for (std::size_t d = 0; d < count; ++d) {
        philox rng = stream(purpose::tasks, seed, d);
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

namespace detail {
/// Sequence s comes from stream `first` + s of a purpose and seed.
template <generative_family F, prior_for<F> P, executor E>
[[nodiscard]] sample_of<F> sample_sequences(purpose of, const F& family, const P& prior, std::size_t count, std::size_t context,
                                            std::uint64_t seed, std::uint64_t first, const E& execute) {
    sample_of<F> out;
    const auto extent = [&](char letter) {
        return letter == 'S' || letter == 'D' ? count : letter == 'T' ? context : family.extent(letter);
    };
    allocate(out.sequences, extent);
    allocate(out.truth, extent);
    execute(count, [&](std::size_t s) {
        philox rng = stream(of, seed, first + s);
        family.sample(
            rng, [&](typename F::task_table& table, std::size_t row) { prior.draw(rng, family, table, row); }, out.sequences, s, out.truth);
    });
    return out;
}
}  // namespace detail

/// Draws `count` sequences of `context` positions whose tasks come from `prior`: seen tasks for in-distribution sequences, the family's own
/// prior for out-of-distribution ones. Sequence s depends on the seed and `first` + s alone: it is the same whatever the executor and
/// however the sequences are split into calls.
template <generative_family F, prior_for<F> P, executor E = sequential>
[[nodiscard]] sample_of<F> sample_sequences(const F& family, const P& prior, std::size_t count, std::size_t context, std::uint64_t seed,
                                            std::uint64_t first = 0, const E& execute = {}) {
    return detail::sample_sequences(purpose::sequences, family, prior, count, context, seed, first, execute);
}

}  // namespace rationale

#endif
