#ifndef RATIONALE_KERNEL_PRODUCT_FOLD_HPP
#define RATIONALE_KERNEL_PRODUCT_FOLD_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/kernel/carried.hpp"
#include "rationale/kernel/cell_table.hpp"
#include "rationale/kernel/fold_traits.hpp"
#include "rationale/kernel/mixture_sums.hpp"
#include "rationale/kernel/packed_components.hpp"
#include "rationale/kernel/product_pass.hpp"
#include "rationale/kernel/product_walk.hpp"
#include "rationale/kernel/weights_at.hpp"
#include "rationale/kernel/wide.hpp"

namespace rationale::kernel {

/// Carries components through a sequence as products of likelihoods, without an exp or a log at an event: for folds with a `factor`, the
/// probability of the observation, and a `log_likelihood` of all that was observed.
///
/// Events come in blocks. A block starts from exact log weights in double and carries their exponentials from event to event. Factors are
/// at most 1, so while the sum of weights is above `carried::smallest`, one that has underflowed is negligible; below it the block is cut
/// short.
///
/// Components that cannot matter are left out. The best one is the rival: another is negligible up to some event if its log weight, with
/// all that it can gain on the rival until then, stays below the rival's by ln(D/tolerance), so that all that are left out weigh at most
/// `tolerance` of the rest. All components are reviewed at events 64, 128, 256, ... for the time until the next review; those that may
/// matter in it, the candidates, are packed together and counted anew at each block, and what events read of those among them that may
/// matter in the block is packed together for its events.
///
/// Where a fold's factors are numbers that few cells determine (`factor_cell`), each is computed once for a chunk and a group of sequences,
/// and an event is a multiplication by a row. Weights are then relative to what explains the block best, so that blocks need not be cut
/// short, and log weights are those carried; counted anew, which takes long, they are every `most_carried` events, in float alone.
///
/// Several sequences walk through the same components side by side, so that a tile is fetched once for all of them.
template <class Lanes, class Real, class Fold, class Sequence>
class product_fold {
    using V = typename Lanes::template of<Real>;
    using double_lanes = typename Lanes::template of<double>;
    static constexpr std::size_t group_size = lane_count<double_lanes> == 1 ? 1 : pack_size;
    using W = std::conditional_t<group_size == 1, double_lanes, wide<double_lanes, group_size / lane_count<double_lanes>>>;  // a group
    using traits = fold_traits<Fold, Sequence, V>;
    using shared_type = typename traits::shared;

    /// What is shared in a block is what came since it began.
    static constexpr bool restarts = traits::has_restart;

public:
    static constexpr bool serves = traits::has_factor && traits::has_log_likelihood && !traits::has_state;
    /// Whether a chunk's numbers are tabulated for its sequences.
    static constexpr bool tabulates = serves && restarts && traits::has_cells;
    static constexpr std::size_t side_by_side = 4;

    product_fold(const Fold& fold, const packed_components<Real>& components, double tolerance)
        : fold_(fold),
          components_(components),
          gap_(tolerance > 0 ? std::log(static_cast<double>(components.size()) / tolerance) : -minus_infinity),
          factors_(components.width() * components.chunk_tiles(), table_bytes, side_by_side * longest),
          pass_(fold, components) {
        // So many components' exact numbers stay in the nearest cache for all sequences.
        counted_together_ = (std::max)(std::size_t{1}, 16384 / (components.exact_rows() * sizeof(double) * group_size)) * group_size;
    }

    /// Adds the chunk's part of all predictions for each sequence to its `sums`; without Predict, of the masses alone: one multiplication
    /// and one addition an event and component.
    template <bool Predict>
    void run(std::size_t chunk, std::span<const Sequence> sequences, std::span<mixture_sums> sums) {
        [[maybe_unused]] const typename Lanes::flush_denormals fast;  // what would be one is negligible
        select(chunk);
        while (walks_.size() < sequences.size()) walks_.emplace_back(fold_, components_, longest);
        const std::span<walk> walks(walks_.data(), sequences.size());
        for (std::size_t s = 0; s < walks.size(); ++s) start(walks[s], sequences[s], sums[s]);
        for (bool any = true; any;) {
            in_pieces(walks, [&](walk& w, std::size_t from, std::size_t to) { count(w, from, to); });
            for (walk& w : walks)
                if (!w.done) begin_block<Predict>(w);
            in_pieces(walks, [&](walk& w, std::size_t from, std::size_t to) {
                if (w.reviews) choose(w, from, to);
            });
            if constexpr (tabulates) factors_.make_room(walks.size() * longest);
            for (walk& w : walks) {
                if (w.done) continue;
                if (w.reviews) w.look_at_candidates(tabulates ? 4 : 2);
                if constexpr (tabulates) w.tabulate(fold_, w.all ? factors_ : w.own->make_room(longest), pass::template at_once<Predict>);
                else if (w.skips) bound_gains(w, w.shared[w.events - 1]);
            }
            if constexpr (!tabulates)
                in_pieces(walks, [&](walk& w, std::size_t from, std::size_t to) {
                    if (w.skips) choose(w, from, to);
                });
            for (walk& w : walks)
                if (!w.done) make_weights(w);
            for (std::size_t tile = 0; tile < tiles_; ++tile)
                for (walk& w : walks)
                    if (!w.done) pass_.template block<Predict>(w, tile);
            any = false;
            for (walk& w : walks) {
                if (!w.done) end_block<Predict>(w);
                any |= !w.done;
            }
        }
    }

    /// Log weight of each component of the chunk at event `until`, input included.
    void log_weights(std::size_t chunk, const Sequence& sequence, std::size_t until, std::span<double> out) {
        select(chunk);
        walk w(fold_, components_, longest);
        mixture_sums unused(sequence.events(), 0);
        start(w, sequence, unused);
        advance(w.shared[0], sequence, 0, until);
        if constexpr (restarts) w.total = w.shared[0];
        count(w, 0, w.set.size);
        std::transform(w.log_weight.begin(), w.log_weight.begin() + static_cast<std::ptrdiff_t>(out.size()), out.begin(),
                       [](double x) { return x > log_of_zero ? x : minus_infinity; });
    }

    /// put(weights_at) of all of the chunk's components for each of `events`, which increase. What is not put has none.
    template <class Put>
    void weights(std::size_t chunk, const Sequence& sequence, std::span<const std::size_t> events, const Put& put) {
        [[maybe_unused]] const typename Lanes::flush_denormals fast;
        select(chunk);
        walk w(fold_, components_, longest);
        mixture_sums unused(sequence.events(), 0);
        std::size_t next = 0;
        const auto put_next = [&](double scale) {
            put(weights_at<Real>{next, 0, {}, next == 0, std::span<const Real>(w.carried.data(), w.size), scale});
            ++next;
        };
        for (start(w, sequence, unused); !w.done;) {
            count(w, 0, w.set.size);
            begin_block<false>(w);
            if (w.done) return;
            if constexpr (tabulates) {
                factors_.make_room(longest);
                w.tabulate(fold_, factors_, 1);
            }
            make_weights(w);
            bool cut = false;
            for (std::size_t e = 0; e < w.events; ++e) {
                if (w.t + e == events[next]) {
                    if (e > 0 && !range::holds(carried_mass(w))) w.events = e, cut = true;  // counted anew, here
                    else put_next(w.scale + (tabulates ? w.offset[e] : 0));
                    if (next == events.size()) return;
                }
                for (std::size_t tile = 0; e < w.events && tile < tiles_; ++tile) pass_.template event<false>(w, tile, e);
            }
            end_block<false>(w);
            if (cut) w.carries = false;
        }
        put_next(w.scale);  // after the last event
    }

private:
    static constexpr std::size_t longest = 64;
    static constexpr std::size_t table_bytes = std::size_t{12} << 20;
    /// Events after which log weights in double are counted anew, and no longer those carried in float.
    static constexpr std::size_t most_carried = std::is_same_v<Real, float> ? 512 : static_cast<std::size_t>(-1);
    /// Without predictions an event is so little work that choosing for whom to do it is more.
    template <bool Predict>
    static constexpr bool skips_any = Predict;
    using range = carried<Real>;
    using walk = product_walk<V, W, Real, Fold, Sequence>;
    using pass = product_pass<V, W, Real, Fold, Sequence>;

    void select(std::size_t chunk) noexcept {
        if (chunk != chunk_) factors_.clear();
        chunk_ = chunk;
        first_tile_ = chunk * components_.chunk_tiles();
        tiles_ = (std::min)(components_.chunk_tiles(), components_.tiles() - first_tile_);
    }
    [[nodiscard]] component_set<Real> whole_chunk() const noexcept {
        const std::size_t first = first_tile_ * components_.width();
        return {components_.log_weights(first), components_.exact_numbers(first), components_.numbers(first), tiles_ * components_.width()};
    }
    /// visit(walk, from, to) for all that walks that are not done look at: pieces of the chunk, each for all walks while it is at hand, or
    /// a walk's candidates.
    template <class Visit>
    void in_pieces(std::span<walk> walks, const Visit& visit) const {
        const std::size_t size = tiles_ * components_.width();
        for (std::size_t from = 0; from < size; from += counted_together_)
            for (walk& w : walks)
                if (!w.done && w.all) visit(w, from, (std::min)(from + counted_together_, size));
        for (walk& w : walks)
            if (!w.done && !w.all) visit(w, std::size_t{0}, w.set.size);
    }
    void start(walk& w, const Sequence& sequence, mixture_sums& sums) const {
        w.sequence = &sequence;
        w.sums = &sums;
        w.done = false;
        w.all = w.due = true;
        w.set = whole_chunk();
        w.t = w.review = 0;
        w.most = longest;
        w.top = W(minus_infinity);
        w.shared[0] = fold_.start();
        if constexpr (restarts) w.total = w.shared[0], w.follows = false;
        w.recalls = false;
        w.counted_at = 0;
        traits::enter(fold_, w.shared[0], sequence, 0);
    }
    void advance(shared_type& shared, const Sequence& sequence, std::size_t from, std::size_t to) const {
        for (std::size_t t = from; t < to; ++t) {
            traits::leave(fold_, shared, sequence, t);
            traits::enter(fold_, shared, sequence, t + 1);
        }
    }

    /// Log weights of some of those that the walk looks at, given what is shared.
    void count(walk& w, std::size_t from, std::size_t to) const {
        if constexpr (tabulates)
            if (w.recalls && w.t - w.counted_at < most_carried) return w.recall(from, to);
        if (to == w.set.size) w.counted_at = w.t;
        const bool follows = restarts && !tabulates && w.follows;  // all were counted at the last block
        const double* const before = follows ? w.log_weight.data() : w.set.log_weights;
        const shared_type& shared = !restarts ? w.shared[0] : follows ? w.latest : w.total;
        W top = w.top;
        for (std::size_t i = from; i < to; i += group_size) {
            const W weight = lane_access<W>::load(before + i) + fold_.log_likelihood(w.exact_of(i), shared);
            lane_access<W>::store(weight, w.log_weight.data() + i);
            top = lane_access<W>::larger(top, weight);
        }
        w.top = top;
    }
    /// Decides how many events the block has, and whether components are reviewed and left out.
    template <bool Predict>
    void begin_block(walk& w) {
        w.best = lane_maximum(w.top);
        w.top = W(minus_infinity);
        w.skips = w.reviews = false;
        w.done = w.best <= log_of_zero;  // a weight of zero stays zero: nothing of this chunk counts any more
        if (w.done) return;
        w.scale = w.best - (tabulates ? range::middle : range::head_room);
        const bool skips = skips_any<Predict> && gap_ < -minus_infinity;
        if (w.due) w.review = skips ? (std::min)(w.sequence->events(), (std::max)(2 * w.t, longest)) : w.sequence->events();
        w.find_rival();
        look_ahead(w);
        w.chosen.clear();
        w.skips = skips && w.t > 0 && w.events > 0;
        w.reviews = w.skips && w.due && w.t + w.events < w.review;
        if (!w.reviews) return;
        w.ahead = w.shared[w.events];
        advance(w.ahead, *w.sequence, w.t + w.events, w.review);
        bound_gains(w, w.ahead);
    }

    /// Chooses, of some of those that the walk looks at, who may matter as long as gains are bounded for.
    void choose(walk& w, std::size_t from, std::size_t to) const {
        const double least = w.best - gap_;
        const auto& gain = *w.gain;
        std::size_t n = w.chosen.size();
        w.chosen.resize(n + to - from);
        for (std::size_t i = from; i < to; i += group_size) {
            const W reach = lane_access<W>::load(w.log_weight.data() + i) + gain(w.exact_of(i));
            if (!lane_access<W>::any_at_least(reach, W(least))) continue;
            double reached[group_size];
            lane_access<W>::store(reach, reached);
            for (std::size_t j = 0; j < group_size; ++j) {
                w.chosen[n] = static_cast<std::uint32_t>(i + j);
                n += reached[j] >= least;
            }
        }
        w.chosen.resize(n);
    }

    /// What is shared at each event of the block: of at most `longest`, and not many more than in the block before, up to the review, that
    /// leave the rival's weight in range.
    void look_ahead(walk& w) const {
        w.events = (std::min)(traits::has_consider ? std::size_t{1} : w.most, w.review - w.t);
        for (std::size_t e = 0; e < w.events; ++e) {
            w.shared[e + 1] = w.shared[e];
            advance(w.shared[e + 1], *w.sequence, w.t + e, w.t + e + 1);
        }
        if constexpr (tabulates) return;
        while (w.events > 1 && rival_log_weight(w, w.shared[w.events - 1]) < w.best - range::range) w.events -= (w.events + 7) / 8;
        w.most = (std::min)(longest, w.events + w.events / 4 + 4);
    }

    /// The weights where the block begins. Those who may matter in it are packed, unless they are most of all.
    void make_weights(walk& w) const {
        Real* const carried = w.carried.data();
        const std::size_t n = w.chosen.size();
        w.size = w.set.size;
        w.numbers = w.set.numbers;
        if (!tabulates && w.skips && 4 * n <= 3 * w.size) {
            w.size = (n + group_size - 1) / group_size * group_size;
            w.pack_chosen(fold_.rows(), w.set.numbers, w.packed);
            for (std::size_t i = 0; i < n; ++i) carried[i] = static_cast<Real>(w.log_weight[w.chosen[i]] - w.scale);
            w.numbers = w.packed.data();
            std::fill(carried + n, carried + w.size, static_cast<Real>(minus_infinity));
        } else
            std::transform(w.log_weight.begin(), w.log_weight.begin() + static_cast<std::ptrdiff_t>(w.size), carried,
                           [scale = w.scale](double x) { return static_cast<Real>(x - scale); });
        for (std::size_t i = 0; i < w.size; i += lane_count<V>)
            lane_access<V>::store(exponential_weight<V>(lane_access<V>::load(carried + i)), carried + i);
    }

    /// What components can gain on the rival until `later`.
    void bound_gains(walk& w, const shared_type& later) const {
        if constexpr (traits::has_greatest_gain) w.gain.emplace(fold_.greatest_gain(rival(w), w.shared[0], later));
        else w.gain.emplace(W(w.best - rival_log_weight(w, later)));  // its own log weight can only fall
    }

    [[nodiscard]] rows<double> rival(const walk& w) const noexcept {
        return {w.set.exact + components_.offset(w.rival, components_.exact_rows())};
    }
    [[nodiscard]] double rival_log_weight(const walk& w, const shared_type& shared) const {
        if constexpr (restarts) return w.log_weight[w.rival] + fold_.log_likelihood(rival(w), shared);
        else return w.set.log_weights[w.rival] + fold_.log_likelihood(rival(w), shared);
    }

    /// Adds the block's sums for its first event and those after it at which the weights were still good, and goes on after these; adds the
    /// mass at the end.
    template <bool Predict>
    void end_block(walk& w) {
        const std::size_t outcomes = fold_.outcomes(), until = w.sequence->events();
        std::size_t good = 0;
        for (; good < w.events; ++good) {
            const V* const sum = w.block.data() + good * (outcomes + 1);
            const double mass = lane_sum(sum[outcomes]);
            if (good > 0 && !range::holds(mass)) break;
            w.sums->add(w.t + good, w.scale + (tabulates ? w.offset[good] : 0), mass,
                        [&](std::size_t k) { return Predict ? traits::complete(fold_, w.shared[good], k, lane_sum(sum[k]), mass) : 0.0; });
        }
        if constexpr (tabulates) {
            w.scale += w.offset[w.events];
            w.recalls = true, w.carries = good == w.events, w.passed = good;
            w.most = (std::min)(longest, good + good / 4 + 4);
        }
        std::fill_n(w.block.begin(), w.events * (outcomes + 1), V(Real(0)));
        if (good < w.events) w.review = (std::min)(w.review, w.t + good);
        w.t += good;
        // A review that half a block would reach comes now.
        w.due = w.t >= w.review || (w.review < until && w.t + w.events / 2 >= w.review);
        const bool returns = w.due && !w.all;
        if (returns) w.all = true, w.set = whole_chunk(), w.recalls = false;
        std::swap(w.shared[0], w.shared[good]);
        if constexpr (restarts) {
            fold_.append(w.total, w.shared[0]);
            w.latest = w.shared[0];
            w.shared[0] = fold_.restart(w.latest);
            w.follows = !returns;
        }
        if (w.t < until) return;
        const double mass = carried_mass(w);
        w.done = range::holds(mass) || w.events == 0;  // otherwise counted once more
        w.carries = w.done;
        if (w.done) w.sums->add(until, w.scale, mass, [](std::size_t) { return 0.0; });
    }

    /// Sum of the weights that a walk carries, relative to its scale.
    [[nodiscard]] static double carried_mass(const walk& w) noexcept {
        V sum(Real(0));
        for (std::size_t i = 0; i < w.size; i += lane_count<V>) sum = sum + lane_access<V>::load(w.carried.data() + i);
        return lane_sum(sum);
    }

    const Fold& fold_;
    const packed_components<Real>& components_;
    double gap_;
    std::size_t counted_together_, first_tile_ = 0, tiles_ = 0, chunk_ = 0;
    cell_table<Real> factors_;
    std::vector<walk> walks_;
    pass pass_;
};

}  // namespace rationale::kernel

#endif
