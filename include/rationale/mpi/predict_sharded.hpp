#ifndef RATIONALE_MPI_PREDICT_SHARDED_HPP
#define RATIONALE_MPI_PREDICT_SHARDED_HPP

#include <mpi.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/check.hpp"
#include "rationale/execution.hpp"
#include "rationale/kernel/detail/simd.hpp"
#include "rationale/mpi/detail/rows.hpp"
#include "rationale/mpi/ranks.hpp"
#include "rationale/strategy/merge.hpp"
#include "rationale/strategy/strategy.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale {

namespace detail {
/// Bytes of predictions that a rank receives before it merges them.
inline constexpr std::size_t mpi_chunk_bytes = std::size_t{1} << 22;

/// What the ranks' parts are.
struct rank_parts {
    std::vector<double> mass;              ///< of each rank's part, normalised; 0 where it has none
    std::size_t events = 0, outcomes = 0;  ///< of every part's predictions
};

/// Makes known to all what each has: no mass and no shape where it has no part.
inline rank_parts parts_of_ranks(const char* where, const mpi_ranks& ranks, double mass, std::size_t events, std::size_t outcomes) {
    const std::array<double, 3> mine{mass, static_cast<double>(events), static_cast<double>(outcomes)};
    std::vector<double> facts(3 * ranks.size());
    MPI_Allgather(mine.data(), 3, MPI_DOUBLE, facts.data(), 3, MPI_DOUBLE, ranks.communicator());
    rank_parts all;
    for (std::size_t r = 0; r < ranks.size(); ++r) {
        all.mass.push_back(facts[3 * r]);
        all.events = (std::max)(all.events, static_cast<std::size_t>(facts[3 * r + 1]));
        all.outcomes = (std::max)(all.outcomes, static_cast<std::size_t>(facts[3 * r + 2]));
    }
    for (std::size_t r = 0; r < ranks.size(); ++r)
        if (all.mass[r] > 0) {
            check_size(where, "an event of a rank's part", static_cast<std::size_t>(facts[3 * r + 2]), all.outcomes);
            check_size(where, "a sequence of a rank's part", static_cast<std::size_t>(facts[3 * r + 1]), all.events);
        }
    normalise(where, "a mass", all.mass);
    return all;
}

/// Merges this rank's share of the sequences, in place, from the predictions of all ranks that have a part, in the order of ranks.
template <class E>
void merge_over_ranks(const mpi_ranks& ranks, const rank_parts& parts, predictions& sum, const E& execute) {
    const std::size_t numbers = sum.events() * sum.outcomes(), nats = sum.events() + 1, longest = ranks.share(sum.sequences(), 0).count;
    const std::size_t chunk = (std::max)(mpi_chunk_bytes / (sizeof(double) * (numbers + nats) * ranks.size()), std::size_t{1});
    const std::size_t most = (std::min)(chunk, longest) * ranks.size();
    const mpi_rows value_rows(numbers), evidence_rows(nats);
    std::vector<double> values, evidence;
    std::vector<int> sent(ranks.size()), from(ranks.size()), received(ranks.size()), to(ranks.size());
    ranks.together([&] { mpi_count(sum.sequences()), values.resize(most * numbers), evidence.resize(most * nats); });
    for (std::size_t begin = 0; begin < longest; begin += chunk) {
        const auto now = [&](std::size_t r) {
            const mpi_share share = ranks.share(sum.sequences(), r);
            const std::size_t first = (std::min)(begin, share.count);
            return mpi_share{share.first + first, (std::min)(chunk, share.count - first)};
        };
        const mpi_share mine = now(ranks.rank());
        for (std::size_t r = 0; r < ranks.size(); ++r) {
            from[r] = mpi_count(now(r).first);
            to[r] = mpi_count(r * mine.count);
            sent[r] = parts.mass[ranks.rank()] > 0 ? mpi_count(now(r).count) : 0;
            received[r] = parts.mass[r] > 0 ? mpi_count(mine.count) : 0;
        }
        const auto exchange = [&](const double* out, double* in, const mpi_rows& rows) {
            MPI_Alltoallv(out, sent.data(), from.data(), rows.type(), in, received.data(), to.data(), rows.type(), ranks.communicator());
        };
        exchange(sum.values.data(), values.data(), value_rows);
        exchange(sum.log_evidence.data(), evidence.data(), evidence_rows);
        execute(mine.count, [&](std::size_t i) {
            const auto of = [&](std::vector<double>& all, std::size_t r, std::size_t size) {
                return std::span(all).subspan((r * mine.count + i) * size, size);
            };
            const auto first = static_cast<std::size_t>(
                std::find_if(parts.mass.begin(), parts.mass.end(), [](double mass) { return mass > 0; }) - parts.mass.begin());
            const auto value = of(values, first, numbers), log_evidence = of(evidence, first, nats);
            for (double& e : log_evidence) e += std::log(parts.mass[first]);
            for (std::size_t r = first + 1; r < ranks.size(); ++r)
                if (parts.mass[r] > 0)
                    merge_sequence(value, log_evidence, of(values, r, numbers), of(evidence, r, nats), std::log(parts.mass[r]));
            std::copy(value.begin(), value.end(), row(sum.values, mine.first + i).begin());
            std::copy(log_evidence.begin(), log_evidence.end(), row(sum.log_evidence, mine.first + i).begin());
        });
    }
}
}  // namespace detail

/// What Bayes predicts with a prior whose parts lie on different ranks, such as seen tasks that are too many for one machine's memory:
///
///     prior = sum_r mass_r prior_r,   prediction = sum_r w_r(t) prediction_r(t),   w_r(t) proportional to mass_r evidence_r(t).
///
/// `part` is the strategy of this rank's own part, none where it has no task, and `mass` its relative mass, such as the number of its
/// tasks; without a part it is not looked at. All ranks give the same sequences and get the same predictions, with normalised evidence.
/// Each rank predicts all S sequences by its part, merges its share of them in the order of ranks, and all gather what was merged. So the
/// numbers are the same for any executor, and to 1e-12 relative (in double) for any number of ranks.
///
/// Exchanged, whatever the number of tasks: with b = 8 (E (K + 1) + 1) bytes for a sequence's predictions and evidence, each of R ranks
/// sends and receives at most (R - 1)/R b for a sequence before the merge, in chunks of 4 MiB, and as much after it. Memory: predictions of
/// all sequences, and a chunk.
///
/// Throws on every rank: std::invalid_argument where the ranks' sequences or the shapes of their parts differ, or none has a part;
/// std::runtime_error, naming the rank, for what predict throws or a mass that is not positive; impossible_context_error where all parts
/// exclude what a sequence shows, unless told to mask.
template <strategy S, executor E = sequential>
[[nodiscard]] predictions predict_sharded(const mpi_ranks& ranks, const std::optional<S>& part, double mass,
                                          const typename detail::family_of<S>::sequences& data, const E& execute = {},
                                          impossible_context policy = impossible_context::raise) {
    constexpr const char* where = "rationale::predict_sharded";
    predictions sum;
    detail::check_same_sequences(where, ranks, data);
    ranks.together([&] {
        if (!part) return;
        detail::positive(where, "the mass", mass);
        sum = predict(*part, data, execute, impossible_context::mask);
    });
    const auto parts =
        part ? detail::parts_of_ranks(where, ranks, mass, sum.events(), sum.outcomes()) : detail::parts_of_ranks(where, ranks, 0, 0, 0);
    ranks.together([&] {
        if (part) return;
        const std::size_t count = detail::count_of(data);
        sum = {detail::family_of<S>::kind, unwritten<double, 3>({count, parts.events, parts.outcomes}),
               unwritten<double, 2>({count, parts.events + 1})};
    });
    detail::merge_over_ranks(ranks, parts, sum, execute);
    detail::gather_shares(ranks, sum);
    if (policy == impossible_context::raise) detail::raise_impossible("the prior of all ranks", sum.log_evidence);
    return sum;
}

}  // namespace rationale

#endif
