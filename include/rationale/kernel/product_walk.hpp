#ifndef RATIONALE_KERNEL_PRODUCT_WALK_HPP
#define RATIONALE_KERNEL_PRODUCT_WALK_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rationale/kernel/aligned.hpp"
#include "rationale/kernel/fold_traits.hpp"
#include "rationale/kernel/mixture_sums.hpp"
#include "rationale/kernel/packed_components.hpp"

namespace rationale::kernel {

/// Groups of components, by the first of each, tile by tile.
struct group_list {
    std::vector<std::uint32_t> first;  // in its tile
    std::vector<std::size_t> end;      // of each tile's

    [[nodiscard]] std::span<const std::uint32_t> of_tile(std::size_t tile) const noexcept {
        const std::size_t from = tile == 0 ? 0 : end[tile - 1];
        return {first.data() + from, end[tile] - from};
    }
};

/// One sequence on its way through a chunk of components (kernel/product_fold.hpp). V are lanes of events, W of log weights.
template <class V, class W, class Real, class Fold, class Sequence>
struct product_walk {
    using shared_type = typename fold_traits<Fold, Sequence, V>::shared;

    product_walk(const Fold& fold, const packed_components<Real>& components, std::size_t longest)
        : log_weight(components.width() * components.chunk_tiles()),
          carried(log_weight.size()),
          shared(longest + 1, fold.start()),
          ahead(fold.start()),
          total(fold.start()),
          latest(fold.start()),
          block((fold.outcomes() + 1) * longest, V(Real(0))),
          active(log_weight.size() + lane_count<W>),
          since((log_weight.size() + lane_count<W> - 1) / lane_count<W>) {
        candidates.end = std::vector<std::size_t>(components.chunk_tiles());
    }

    const Sequence* sequence = nullptr;
    mixture_sums* sums = nullptr;
    bool done = false, all = true;      // all: everything is counted, not the candidates alone
    std::size_t t = 0, events = 0;      // the block
    std::size_t most = 0;               // events to look at for the next one
    std::size_t review = 0, rival = 0;  // the next one's time; a component
    bool good = false;                  // carried are the weights where the block begins, unless they underflowed
    double best = 0, scale = 0;         // largest log weight; weights are exp(log weight - scale)
    aligned_vector<double> log_weight;
    aligned_vector<Real> carried;
    std::vector<shared_type> shared;  // before each event of the block, and after it
    shared_type ahead;                // at the next review
    // Where what is shared in a block is what came since it began: what was shared until then, of that the block before, and whether this
    // is what the log weights that are counted next lack.
    shared_type total, latest;
    bool follows = false;
    aligned_vector<V> block;  // for each event the sums over its outcomes, and the mass
    W top;
    group_list candidates;  // until the review
    // In the block: places in the chunk of the components carried, and their numbers. With few left out it is the chunk itself.
    std::vector<std::uint32_t> active;
    aligned_vector<Real> packed;
    const Real* numbers = nullptr;
    std::size_t size = 0;
    // For log weights that are counted from what they were: what was shared whenever some were, and for each group which of these; below
    // `near` they are negligible.
    std::vector<shared_type> counted;
    std::vector<std::uint32_t> since;
    double near = minus_infinity;
};

}  // namespace rationale::kernel

#endif
