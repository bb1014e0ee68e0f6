#ifndef RATIONALE_KERNEL_PRODUCT_WALK_HPP
#define RATIONALE_KERNEL_PRODUCT_WALK_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "rationale/kernel/aligned.hpp"
#include "rationale/kernel/fold_traits.hpp"
#include "rationale/kernel/mixture_sums.hpp"
#include "rationale/kernel/packed_components.hpp"

namespace rationale::kernel {

/// Components side by side, as packed_components has them: all of a chunk, or some that were packed together.
template <class Real>
struct component_set {
    const double* log_weights = nullptr;  // prior
    const double* exact = nullptr;        // numbers that log likelihoods read
    const Real* numbers = nullptr;        // and those that events read
    std::size_t size = 0;
};

/// The same for all components.
template <class W>
struct same_gain {
    W nats;
    explicit same_gain(W of_all) : nats(of_all) {}
    W operator()(const rows<W>&) const noexcept { return nats; }
};

/// One sequence on its way through a chunk of components (kernel/product_fold.hpp). V are lanes of events, W of log weights.
template <class V, class W, class Real, class Fold, class Sequence>
struct product_walk {
    using traits = fold_traits<Fold, Sequence, V>;
    using shared_type = typename traits::shared;
    using gain_type = decltype([](const auto& fold, const shared_type& shared) {
        if constexpr (traits::has_greatest_gain) return fold.greatest_gain(rows<double>{nullptr}, shared, shared);
        else return same_gain<W>(W(0.0));
    }(std::declval<const Fold&>(), std::declval<const shared_type&>()));

    product_walk(const Fold& fold, const packed_components<Real>& components, std::size_t longest)
        : log_weight(components.width() * components.chunk_tiles()),
          carried(log_weight.size()),
          shared(longest + 1, fold.start()),
          ahead(fold.start()),
          total(fold.start()),
          latest(fold.start()),
          block((fold.outcomes() + 1) * longest, V(Real(0))),
          factors(longest),
          relative(longest),
          offset(longest + 1),
          bounds(log_weight.size() / lane_count<W>) {}

    /// The best of those that were counted; the first of them where `best` is not a number.
    void find_rival() noexcept {
        rival = 0;
        while (rival < set.size && !lane_access<W>::any_at_least(lane_access<W>::load(log_weight.data() + rival), W(best)))
            rival += lane_count<W>;
        if (rival >= set.size) rival = 0;
        else
            while (log_weight[rival] < best) ++rival;
    }

    /// Packs what was chosen until the next review, unless it is more than the `share`-th part of the chunk, to look at nothing else.
    /// `rows` and `exact_rows` are those of a component.
    void look_at_candidates(std::size_t rows, std::size_t exact_rows, std::size_t share) {
        const std::size_t n = chosen.size(), size_of_set = (n + lane_count<W> - 1) / lane_count<W> * lane_count<W>;
        if (share * n <= set.size) {
            pack_chosen(exact_rows, set.exact, candidates_exact);
            pack_chosen(rows, set.numbers, candidates_numbers);
            candidates_log_weights.assign(size_of_set, minus_infinity);
            for (std::size_t i = 0; i < n; ++i) {
                candidates_log_weights[i] = set.log_weights[chosen[i]];
                log_weight[i] = log_weight[chosen[i]];
            }
            std::fill_n(log_weight.begin() + static_cast<std::ptrdiff_t>(n), size_of_set - n, minus_infinity);
            set = {candidates_log_weights.data(), candidates_exact.data(), candidates_numbers.data(), size_of_set};
            all = false;
            find_rival();
        }
        chosen.clear();
    }

    /// Packs the numbers of what was chosen together; each has so many rows.
    template <class Number>
    void pack_chosen(std::size_t rows, const Number* of_set, aligned_vector<Number>& out) const {
        const std::size_t n = chosen.size();
        out.resize((std::max)(out.size(), (n + pack_size) * rows + packed_components<Real>::slack));
        for (std::size_t i = 0; i < n; ++i) {
            const Number* const from = of_set + packed_components<Real>::offset(chosen[i], rows);
            Number* const to = out.data() + packed_components<Real>::offset(i, rows);
            for (std::size_t r = 0; r < rows; ++r) to[r * pack_size] = from[r * pack_size];
        }
    }

    const Sequence* sequence = nullptr;
    mixture_sums* sums = nullptr;
    bool done = false, all = true;      // all: it looks at the whole chunk, not at candidates alone
    bool due = true;                    // it is time for a review
    bool skips = false;                 // in the block components may be left out
    bool reviews = false;               // and for some events more
    std::size_t t = 0, events = 0;      // the block
    std::size_t most = 0;               // events to look at for the next one
    std::size_t review = 0, rival = 0;  // the next one's time; a component
    double best = 0, scale = 0;         // largest log weight; weights are exp(log weight - scale)
    aligned_vector<double> log_weight;
    aligned_vector<Real> carried;
    std::vector<shared_type> shared;  // before each event of the block, and after it
    shared_type ahead;                // at the next review
    std::optional<gain_type> gain{};  // what a component can gain on the rival, given its exact numbers
    // Where what is shared in a block is what came since it began: what was shared until then, of that the block before, and whether this
    // is what the log weights that are counted next lack.
    shared_type total, latest;
    bool follows = false;
    aligned_vector<V> block;  // for each event the sums over its outcomes, and the mass
    W top;
    component_set<Real> set{};  // what the walk looks at
    aligned_vector<double> candidates_log_weights{}, candidates_exact{};
    aligned_vector<Real> candidates_numbers{};
    std::vector<std::uint32_t> chosen{};  // places in the set
    // What is carried in the block; with few left out it is the set itself.
    aligned_vector<Real> packed{};
    const Real* numbers = nullptr;
    std::size_t size = 0;
    // Where cells are tabulated (kernel/cell_table.hpp), of all components of the chunk: each event's factors, to be multiplied by what is
    // `relative`; the log of what that leaves out is the same at each event.
    bool tabulated = false, carries = false;  // carries: log weights are those carried
    std::vector<const Real*> factors;
    std::vector<Real> relative;
    std::vector<double> offset;
    std::vector<std::uint8_t> bounds;  // of each group: log weights are at most what they are said to be
};

}  // namespace rationale::kernel

#endif
