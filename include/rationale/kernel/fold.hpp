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
        : fold_(fold), groups_(width / lane_count<V>), states_(detail::state_rows(fold)), log_weight_(groups_), state_(groups_ * states_),
          expected_(fold.outcomes()), sum_(fold.outcomes()) {}

    /// Adds the tile's part of the predictions for events [0, until) to `sums`, and of the mass at `until`, input included.
    /// Cost: events x components x (one exp + the fold's own work).
    template <class Sequence>
    void run(const packed_components& components, std::size_t tile, const Sequence& sequence, std::size_t until, mixture_sums& sums) {
        auto shared = fold_.start();
        const double* const numbers = components.numbers(tile);
        const auto rows_of = [&](std::size_t g) { return rows<V>{numbers + g * lane_count<V>, components.width()}; };
        for (std::size_t g = 0; g < groups_; ++g) {
            log_weight_[g] = lane_access<V>::load(components.log_weights(tile) + g * lane_count<V>);
            if constexpr (requires { fold_.begin(rows_of(g), state_.data(), shared); }) fold_.begin(rows_of(g), state_.data() + g * states_, shared);
        }
        for (std::size_t t = 0;; ++t) {
            const bool open = t < sequence.events();
            if (open) {
                if constexpr (requires { fold_.arrive(shared, sequence.input(t)); }) fold_.arrive(shared, sequence.input(t));
                if constexpr (requires { fold_.consider(rows_of(0), state_.data(), shared, sequence.input(t)); })
                    for (std::size_t g = 0; g < groups_; ++g)
                        log_weight_[g] = log_weight_[g] + fold_.consider(rows_of(g), state_.data() + g * states_, shared, sequence.input(t));
            }
            V best = log_weight_[0];
            for (std::size_t g = 1; g < groups_; ++g) best = lane_access<V>::larger(best, log_weight_[g]);
            const double top = lane_access<V>::largest(best);
            if (top == minus_infinity) return;  // a weight of zero stays zero: nothing of this tile counts any more
            const V reference(sums.raise(t, top));
            V mass(0.0);
            if (t == until) {
                for (std::size_t g = 0; g < groups_; ++g) mass = mass + exponential<V>(log_weight_[g] - reference);
                sums.mass(t) += lane_access<V>::sum(mass);
                return;
            }
            std::fill(sum_.begin(), sum_.end(), V(0.0));
            for (std::size_t g = 0; g < groups_; ++g) {
                const V weight = exponential<V>(log_weight_[g] - reference);
                mass = mass + weight;
                V* const state = state_.data() + g * states_;
                fold_.predict(rows_of(g), static_cast<const V*>(state), std::as_const(shared), sequence.input(t), [&](std::size_t k, V value) {
                    expected_[k] = value;
                    sum_[k] = sum_[k] + weight * value;
                });
                log_weight_[g] = log_weight_[g] + fold_.observe(rows_of(g), state, std::as_const(shared), sequence.input(t),
                                                                static_cast<const V*>(expected_.data()), sequence.observation(t));
            }
            sums.mass(t) += lane_access<V>::sum(mass);
            const auto totals = sums.sums(t);
            for (std::size_t k = 0; k < totals.size(); ++k) totals[k] += lane_access<V>::sum(sum_[k]);
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
    const Fold& fold_;
    std::size_t groups_, states_;
    std::vector<V> log_weight_, state_, expected_, sum_;
};

/// Carries every component through one sequence, tile by tile, and calls `done(tile, fold_tile)` after each.
template <class V, class Fold, class Sequence, class Done>
void fold_sequence(const Fold& fold, const packed_components& components, const Sequence& sequence, std::size_t until, mixture_sums& sums, Done&& done) {
    fold_tile<V, Fold> tile(fold, components.width());
    for (std::size_t i = 0; i < components.tiles(); ++i) {
        tile.run(components, i, sequence, until, sums);
        done(i, tile);
    }
}

}  // namespace rationale::kernel

#endif
