#ifndef RATIONALE_KERNEL_FOLD_HPP
#define RATIONALE_KERNEL_FOLD_HPP

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "rationale/kernel/lanes.hpp"
#include "rationale/kernel/mixture_sums.hpp"

namespace rationale::kernel {

/// The numbers of D components as folds read them: tiles of neighbouring components, in each the rows one after the other, so that a
/// tile stays in the nearest cache while all events of a sequence pass over it. The last tile is filled up with copies of weight zero.
class packed_components {
public:
    /// `pack(d, column, stride)` writes component d's numbers to column[0], column[stride], ...; `log_weight(d)` is its log prior weight.
    template <class Pack, class LogWeight>
    packed_components(std::size_t count, std::size_t rows, Pack&& pack, LogWeight&& log_weight)
        : count_(count), rows_(rows), width_(count == 1 ? 1 : (std::min)(tile_width, (count + widest - 1) / widest * widest)) {
        const std::size_t tiles = (count + width_ - 1) / width_;
        numbers_.resize(tiles * width_ * rows);
        log_weight_.assign(tiles * width_, minus_infinity);
        for (std::size_t d = 0; d < tiles * width_; ++d) {
            pack(d < count ? d : 0, numbers_.data() + d / width_ * width_ * rows + d % width_, width_);
            if (d < count) log_weight_[d] = log_weight(d);
        }
    }

    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] std::size_t tiles() const noexcept { return log_weight_.size() / width_; }
    /// Components in a tile, and the distance between a component's numbers.
    [[nodiscard]] std::size_t width() const noexcept { return width_; }
    [[nodiscard]] const double* numbers(std::size_t tile) const noexcept { return numbers_.data() + tile * width_ * rows_; }
    [[nodiscard]] const double* log_weights(std::size_t tile) const noexcept { return log_weight_.data() + tile * width_; }

private:
    static constexpr std::size_t tile_width = 128;
    static constexpr std::size_t widest = 16;

    std::size_t count_, rows_, width_;
    std::vector<double> numbers_, log_weight_;
};

namespace detail {
template <class Fold>
std::size_t state_rows(const Fold& fold) {
    if constexpr (requires { fold.state_rows(); }) return fold.state_rows();
    else return 0;
}
}  // namespace detail

/// One tile of components carried through one sequence: the log weight of each after the events so far, constants included.
template <class V, class Fold>
class fold_tile {
public:
    fold_tile(const Fold& fold, std::size_t width)
        : fold_(fold),
          groups_(width / lane_count<V>),
          states_(detail::state_rows(fold)),
          log_weight_(groups_),
          weight_(groups_),
          state_(groups_ * states_),
          expected_(fold.outcomes()),
          sum_(fold.outcomes()) {}

    /// Adds the tile's part of the predictions for events [0, until) to `sums`, and of the mass at `until`, input included.
    ///
    /// Log weights are carried exactly, in double. Weights are their exponentials at every event; where the fold has a `factor`, the
    /// likelihood itself, they are carried along as products instead and brought back to the log weights every few events, or at once when
    /// they have become small: a weight that was 0 is then still below 1e-100 of the whole. Cost: events x components x (the fold's work +
    /// an exp, or an eighth of one).
    template <class Sequence>
    void run(const packed_components& components, std::size_t tile, const Sequence& sequence, std::size_t until, mixture_sums& sums) {
        auto shared = fold_.start();
        const double* const numbers = components.numbers(tile);
        const auto rows_of = [&](std::size_t g) { return rows<V>{numbers + g * lane_count<V>, components.width()}; };
        for (std::size_t g = 0; g < groups_; ++g) {
            log_weight_[g] = lane_access<V>::load(components.log_weights(tile) + g * lane_count<V>);
            if constexpr (requires { fold_.begin(rows_of(g), state_.data(), shared); })
                fold_.begin(rows_of(g), state_.data() + g * states_, shared);
        }
        std::size_t fresh = 0;          // events for which the carried weights still hold
        double scale = 0, carried = 0;  // they are exp(log weight - scale), and sum to this
        for (std::size_t t = 0;; ++t) {
            const bool open = t < sequence.events();
            if (open) {
                if constexpr (requires { fold_.arrive(shared, sequence.input(t)); }) fold_.arrive(shared, sequence.input(t));
                if constexpr (requires { fold_.consider(rows_of(0), state_.data(), shared, sequence.input(t)); }) {
                    fresh = 0;
                    for (std::size_t g = 0; g < groups_; ++g)
                        log_weight_[g] =
                            log_weight_[g] + fold_.consider(rows_of(g), state_.data() + g * states_, shared, sequence.input(t));
                }
            }
            if (fresh == 0 || carried < 1e-200) {
                V best = log_weight_[0];
                for (std::size_t g = 1; g < groups_; ++g) best = lane_access<V>::larger(best, log_weight_[g]);
                scale = lane_access<V>::largest(best);
                if (scale == minus_infinity) return;  // a weight of zero stays zero: nothing of this tile counts any more
                for (std::size_t g = 0; g < groups_; ++g) weight_[g] = exponential<V>(log_weight_[g] - V(scale));
                fresh = events_between;
            }
            --fresh;
            V mass(0.0);
            if (t == until) {
                for (std::size_t g = 0; g < groups_; ++g) mass = mass + weight_[g];
                sums.add(t, scale, lane_access<V>::sum(mass), [](std::size_t) { return 0.0; });
                return;
            }
            std::fill(sum_.begin(), sum_.end(), V(0.0));
            V after(0.0);
            for (std::size_t g = 0; g < groups_; ++g) {
                const V weight = weight_[g];
                mass = mass + weight;
                V* const state = state_.data() + g * states_;
                fold_.predict(rows_of(g), static_cast<const V*>(state), std::as_const(shared), sequence.input(t),
                              [&](std::size_t k, V value) {
                                  expected_[k] = value;
                                  sum_[k] = sum_[k] + weight * value;
                              });
                const V* const expected = expected_.data();
                if constexpr (has_factor<Sequence>) {
                    weight_[g] = weight * fold_.factor(rows_of(g), static_cast<const V*>(state), std::as_const(shared), sequence.input(t),
                                                       expected, sequence.observation(t));
                    after = after + weight_[g];
                }
                log_weight_[g] = log_weight_[g] + fold_.observe(rows_of(g), state, std::as_const(shared), sequence.input(t), expected,
                                                                sequence.observation(t));
            }
            sums.add(t, scale, lane_access<V>::sum(mass), [&](std::size_t k) { return lane_access<V>::sum(sum_[k]); });
            if constexpr (has_factor<Sequence>) carried = lane_access<V>::sum(after);
            else fresh = 0;
            if constexpr (requires { fold_.advance(shared, sequence.input(t), sequence.observation(t)); })
                fold_.advance(shared, sequence.input(t), sequence.observation(t));
        }
    }

    /// Log weight of each component of the tile where `run` stopped.
    void log_weights(std::span<double> out) const noexcept {
        for (std::size_t g = 0; g < groups_; ++g) {
            double lanes[lane_count<V>];
            lane_access<V>::store(log_weight_[g], lanes);
            for (std::size_t i = 0; i < lane_count<V> && g * lane_count<V> + i < out.size(); ++i) out[g * lane_count<V> + i] = lanes[i];
        }
    }

private:
    static constexpr std::size_t events_between = 8;
    template <class Sequence>
    static constexpr bool has_factor = requires(const Fold& fold, const V* v, const decltype(std::declval<const Fold&>().start())& shared,
                                                const Sequence& q) {
        fold.factor(rows<V>{nullptr, 0}, v, shared, q.input(0), v, q.observation(0));
    };

    const Fold& fold_;
    std::size_t groups_, states_;
    std::vector<V> log_weight_, weight_, state_, expected_, sum_;
};

/// Carries every component through one sequence, tile by tile, and calls `done(tile, fold_tile)` after each.
template <class V, class Fold, class Sequence, class Done>
void fold_sequence(const Fold& fold, const packed_components& components, const Sequence& sequence, std::size_t until, mixture_sums& sums,
                   Done&& done) {
    fold_tile<V, Fold> tile(fold, components.width());
    for (std::size_t i = 0; i < components.tiles(); ++i) {
        tile.run(components, i, sequence, until, sums);
        done(i, tile);
    }
}

}  // namespace rationale::kernel

#endif
