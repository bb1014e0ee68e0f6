#ifndef RATIONALE_COMPARE_SUBSET_HPP
#define RATIONALE_COMPARE_SUBSET_HPP

#include <algorithm>
#include <cstddef>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/compare/divergence.hpp"
#include "rationale/task/field.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale::detail {

/// Sequences are resampled in so many parts: more are hardly seen in an interval and cost memory. As many for every set of strategies, so
/// that the same sequences are resampled.
inline constexpr std::size_t sequence_parts = 24;

/// The given sequences of a set of predictions: itself where that is all of them, else `some`, filled with them.
inline const predictions& subset(const predictions& p, const std::vector<std::size_t>& kept, predictions& some) {
    if (kept.size() == p.sequences()) return p;
    some = {p.kind, filled<double, 3>({kept.size(), p.events(), p.outcomes()}, 0.0), {}};
    if (p.log_evidence.size() > 0) some.log_evidence = filled<double, 2>({kept.size(), p.log_evidence.shape(1)}, 0.0);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        std::copy_n(row(p.values, kept[i]).begin(), row(p.values, kept[i]).size(), row(some.values, i).begin());
        if (p.log_evidence.size() > 0)
            std::copy_n(row(p.log_evidence, kept[i]).begin(), p.log_evidence.shape(1), row(some.log_evidence, i).begin());
    }
    return some;
}

/// Predictions of some events alone, in their order; none given means all. Log evidence is that before these, and of the whole sequence.
inline predictions at_events(predictions p, const std::vector<std::size_t>& which) {
    if (which.empty()) return p;
    const std::size_t outcomes = p.outcomes(), columns = p.log_evidence.size() > 0 ? which.size() + 1 : 0;
    predictions some{p.kind, filled<double, 3>({p.sequences(), which.size(), outcomes}, 0.0), {}};
    if (columns > 0) some.log_evidence = filled<double, 2>({p.sequences(), columns}, 0.0);
    for (std::size_t s = 0; s < p.sequences(); ++s) {
        for (std::size_t i = 0; i < which.size(); ++i) std::copy_n(&p.values(s, which[i], 0), outcomes, &some.values(s, i, 0));
        for (std::size_t i = 0; i < columns; ++i) some.log_evidence(s, i) = p.log_evidence(s, i < which.size() ? which[i] : p.events());
    }
    return some;
}

/// The given ones of a family's sequences, which are the first axis of each of their arrays.
template <class Sequences>
[[nodiscard]] Sequences subset(const Sequences& all, const std::vector<std::size_t>& kept) {
    Sequences some;
    for_each_field<Sequences>([&](const auto& f) {
        const auto& from = all.*f.member;
        auto& to = some.*f.member;
        auto shape = from.shape();
        const std::size_t size = from.size() / shape[0];
        shape[0] = kept.size();
        to.resize(shape);
        for (std::size_t i = 0; i < kept.size(); ++i) std::copy_n(from.data() + kept[i] * size, size, to.data() + i * size);
    });
    return some;
}

inline std::span<const double> entries(const ndarray<double, 1>& x) { return {x.data(), x.size()}; }
inline double over_sequences(const ndarray<double, 1>& x) { return summarize(entries(x)).mean; }

}  // namespace rationale::detail

#endif
