#ifndef RATIONALE_MPI_PREDICT_OVER_RANKS_HPP
#define RATIONALE_MPI_PREDICT_OVER_RANKS_HPP

#include <algorithm>
#include <cstddef>

#include "rationale/array.hpp"
#include "rationale/execution.hpp"
#include "rationale/kernel/detail/simd.hpp"
#include "rationale/mpi/detail/rows.hpp"
#include "rationale/mpi/ranks.hpp"
#include "rationale/strategy/strategy.hpp"
#include "rationale/task/field.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale {

namespace detail {
/// A share of the sequences, copied.
template <class Sequences>
[[nodiscard]] Sequences sequences_of(const Sequences& data, const mpi_share& share) {
    Sequences out;
    for_each_field<Sequences>([&](const auto& f) {
        const auto& from = data.*f.member;
        auto& to = out.*f.member;
        auto shape = from.shape();
        shape[0] = share.count;
        to.resize(shape);
        const std::size_t each = from.size() / (std::max)(from.shape(0), std::size_t{1});
        std::copy_n(from.data() + share.first * each, share.count * each, to.data());
    });
    return out;
}
}  // namespace detail

/// What `predict` returns, bit for bit, on every rank; each has computed its share of the sequences. All ranks give the same strategy and
/// the same sequences. For tasks that fit into the memory of one process; the others are for predict_sharded.
///
/// Each rank receives the predictions of the sequences that are not its own, 8 (E (K + 1) + 1) bytes each, once. Throws on every rank:
/// std::invalid_argument where the ranks' sequences differ, std::runtime_error, naming the rank, for what predict throws, and
/// impossible_context_error as predict does.
template <strategy S, executor E = sequential>
[[nodiscard]] predictions predict_over_ranks(const mpi_ranks& ranks, const S& s, const typename detail::family_of<S>::sequences& data,
                                             const E& execute = {}, impossible_context policy = impossible_context::raise) {
    constexpr const char* where = "rationale::predict_over_ranks";
    const auto& family = s.family();
    predictions all;
    detail::check_same_sequences(where, ranks, data);
    ranks.together([&] {
        check_fields(where, data, [&](char letter) { return family.extent(letter); });  // with places in all of the data
        const std::size_t count = detail::sequence_count(where, family, data), events = count == 0 ? 0 : family.view(data, 0).events();
        const mpi_share mine = ranks.share(count);
        all = {detail::family_of<S>::kind, unwritten<double, 3>({count, events, family.outcomes()}),
               unwritten<double, 2>({count, events + 1})};
        if (mine.count == 0) return;
        const predictions part = predict(s, detail::sequences_of(data, mine), execute, impossible_context::mask);
        std::copy(part.values.begin(), part.values.end(), all.values.data() + mine.first * events * family.outcomes());
        std::copy(part.log_evidence.begin(), part.log_evidence.end(), all.log_evidence.data() + mine.first * (events + 1));
    });
    detail::gather_shares(ranks, all);
    if (policy == impossible_context::raise) detail::raise_impossible(s.name(), all.log_evidence);
    return all;
}

}  // namespace rationale

#endif
