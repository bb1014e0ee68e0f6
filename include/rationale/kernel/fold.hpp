#ifndef RATIONALE_KERNEL_FOLD_HPP
#define RATIONALE_KERNEL_FOLD_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/kernel/lanes.hpp"
#include "rationale/kernel/mixture_sums.hpp"
#include "rationale/kernel/packed_components.hpp"

namespace rationale::kernel {

/// One tile of components carried through one sequence.
///
/// Log weights, constants included, are kept in double. Weights are their exponentials at every event. Where the fold has a `factor`, the
/// likelihood itself, they are carried along as products instead, and brought back to the log weights every few events, or at once when they
/// have become small, so that a weight that had underflowed is still negligible then. Where it also has a `log_likelihood` of all that was
/// observed, nothing else happens at an event.
template <class Lanes, class Real, class Fold>
class fold_tile {
    using V = typename Lanes::template of<Real>;
    using W = typename Lanes::template of<double>;
    template <class U>
    using access = lane_access<U>;

public:
    fold_tile(const Fold& fold, std::size_t width)
        : fold_(fold), width_(width), log_weight_(width), weight_(width), states_(state_rows(fold)),
          state_(width / lane_count<V> * states_), expected_(fold.outcomes()), sum_(fold.outcomes()) {}

    /// Adds the tile's part of the predictions for events [0, until) to `sums`, and of the mass at `until`, input included. Cost: events x
    /// components x (the fold's work + an exp, or a sixteenth of one where the fold has a factor).
    template <class Sequence>
    void run(const packed_components<Real>& components, std::size_t tile, const Sequence& sequence, std::size_t until, mixture_sums& sums) {
        auto shared = fold_.start();
        const Real* const numbers = components.numbers(tile);
        const auto rows_of = [&](std::size_t i) { return rows<V>{numbers + i, width_}; };
        std::copy_n(components.log_weights(tile), width_, log_weight_.begin());
        if constexpr (requires { fold_.begin(rows_of(0), state_.data(), shared); })
            for (std::size_t i = 0; i < width_; i += lane_count<V>) fold_.begin(rows_of(i), state_of(i), shared);
        std::size_t fresh = 0;          // events for which the carried weights still hold
        double scale = 0, carried = 0;  // they are exp(log weight - scale), and sum to this
        for (std::size_t t = 0;; ++t) {
            if (t < sequence.events()) {
                if constexpr (requires { fold_.arrive(shared, sequence.input(t)); }) fold_.arrive(shared, sequence.input(t));
                if constexpr (requires { fold_.consider(rows_of(0), state_.data(), shared, sequence.input(t)); }) {
                    fresh = 0;
                    for (std::size_t i = 0; i < width_; i += lane_count<V>)
                        add_to_log_weight(i, fold_.consider(rows_of(i), state_of(i), shared, sequence.input(t)));
                }
            }
            if (fresh == 0 || carried < smallest) {
                if constexpr (has_log_likelihood<Sequence>)
                    if (t > 0) recount(components, tile, shared);
                if (!exponentiate(scale)) return;  // a weight of zero stays zero: nothing of this tile counts any more
                fresh = events_between;
            }
            --fresh;
            if (t == until) {
                if constexpr (has_log_likelihood<Sequence>) recount(components, tile, shared);
                V mass(Real(0));
                for (std::size_t i = 0; i < width_; i += lane_count<V>) mass = mass + access<V>::load(weight_.data() + i);
                sums.add(t, scale, lane_sum(mass), [](std::size_t) { return 0.0; });
                return;
            }
            carried = event(rows_of, shared, sequence, t, scale, sums);
            if constexpr (!has_factor<Sequence>) fresh = 0;
            if constexpr (requires { fold_.advance(shared, sequence.input(t), sequence.observation(t)); })
                fold_.advance(shared, sequence.input(t), sequence.observation(t));
        }
    }

    /// Log weight of each component of the tile where `run` stopped.
    void log_weights(std::span<double> out) const noexcept { std::copy_n(log_weight_.begin(), out.size(), out.begin()); }

private:
    static constexpr std::size_t events_between = 16;
    static constexpr double smallest = std::is_same_v<Real, float> ? 1e-18 : 1e-200;
    static constexpr std::size_t fixed_outcomes = [] {
        if constexpr (requires { Fold::fixed_outcomes; }) return Fold::fixed_outcomes <= 16 ? Fold::fixed_outcomes : std::size_t{0};
        else return std::size_t{0};
    }();
    template <class Sequence>
    static constexpr bool has_factor = requires(const Fold& fold, const V* v, const decltype(std::declval<const Fold&>().start())& shared, const Sequence& q) {
        fold.factor(rows<V>{nullptr, 0}, v, shared, q.input(0), v, q.observation(0));
    };
    template <class Sequence>
    static constexpr bool has_log_likelihood = has_factor<Sequence> && requires(const Fold& fold, const decltype(std::declval<const Fold&>().start())& shared) {
        fold.log_likelihood(rows<W>{nullptr, 0}, shared);
    };
    static std::size_t state_rows(const Fold& fold) {
        if constexpr (requires { fold.state_rows(); }) return fold.state_rows();
        else return 0;
    }
    [[nodiscard]] V* state_of(std::size_t i) noexcept { return state_.data() + i / lane_count<V> * states_; }

    void add_to_log_weight(std::size_t i, V nats) noexcept {
        if constexpr (std::is_same_v<V, W>) {
            access<W>::store(access<W>::load(log_weight_.data() + i) + nats, log_weight_.data() + i);
        } else {
            Real lanes[lane_count<V>];
            access<V>::store(nats, lanes);
            for (std::size_t j = 0; j < lane_count<V>; ++j) log_weight_[i + j] += static_cast<double>(lanes[j]);
        }
    }

    /// Log weights from what is shared of all that was observed.
    template <class Shared>
    void recount(const packed_components<Real>& components, std::size_t tile, const Shared& shared) noexcept {
        for (std::size_t i = 0; i < width_; i += lane_count<W>)
            access<W>::store(access<W>::load(components.log_weights(tile) + i) + fold_.log_likelihood(rows<W>{components.exact_numbers(tile) + i, width_}, shared),
                             log_weight_.data() + i);
    }

    /// Weights from log weights, relative to the largest; false when that is -inf.
    bool exponentiate(double& scale) noexcept {
        W best = access<W>::load(log_weight_.data());
        for (std::size_t i = lane_count<W>; i < width_; i += lane_count<W>) best = access<W>::larger(best, access<W>::load(log_weight_.data() + i));
        double lanes[lane_count<W>];
        access<W>::store(best, lanes);
        scale = *std::max_element(lanes, lanes + lane_count<W>);
        if (scale == minus_infinity) return false;
        if constexpr (std::is_same_v<V, W>) {
            for (std::size_t i = 0; i < width_; i += lane_count<W>)
                access<W>::store(exponential<W>(access<W>::load(log_weight_.data() + i) - W(scale)), weight_.data() + i);
        } else {
            for (std::size_t i = 0; i < width_; ++i) weight_[i] = static_cast<Real>(log_weight_[i] - scale);
            for (std::size_t i = 0; i < width_; i += lane_count<V>) access<V>::store(exponential<V>(access<V>::load(weight_.data() + i)), weight_.data() + i);
        }
        return true;
    }

    /// Predicts and observes event t; the sum of the weights after it.
    template <class RowsOf, class Shared, class Sequence>
    double event(const RowsOf& rows_of, const Shared& shared, const Sequence& sequence, std::size_t t, double scale, mixture_sums& sums) {
        const auto input = sequence.input(t);
        const auto observation = sequence.observation(t);
        V mass(Real(0)), after(Real(0));
        const auto pass = [&](V* sum, V* expected) {
            for (std::size_t i = 0; i < width_; i += lane_count<V>) {
                const V weight = access<V>::load(weight_.data() + i);
                mass = mass + weight;
                V* const state = state_of(i);
                fold_.predict(rows_of(i), static_cast<const V*>(state), shared, input, [&](std::size_t k, V value) {
                    expected[k] = value;
                    sum[k] = access<V>::multiply_add(weight, value, sum[k]);
                });
                if constexpr (has_factor<Sequence>) {
                    const V next = weight * fold_.factor(rows_of(i), static_cast<const V*>(state), shared, input, static_cast<const V*>(expected), observation);
                    access<V>::store(next, weight_.data() + i);
                    after = after + next;
                }
                if constexpr (!has_log_likelihood<Sequence>)
                    add_to_log_weight(i, fold_.observe(rows_of(i), state, shared, input, static_cast<const V*>(expected), observation));
            }
            sums.add(t, scale, lane_sum(mass), [&](std::size_t k) { return lane_sum(sum[k]); });
        };
        if constexpr (fixed_outcomes > 0) {
            std::array<V, fixed_outcomes> sum, expected;  // registers, once the loops over outcomes are unrolled
            sum.fill(V(Real(0)));
            pass(sum.data(), expected.data());
        } else {
            std::fill(sum_.begin(), sum_.end(), V(Real(0)));
            pass(sum_.data(), expected_.data());
        }
        return lane_sum(after);
    }

    const Fold& fold_;
    std::size_t width_;
    std::vector<double> log_weight_;
    std::vector<Real> weight_;
    std::size_t states_;
    std::vector<V> state_, expected_, sum_;
};

/// Carries every component through one sequence, tile by tile, and calls `done(tile, fold_tile)` after each.
template <class Lanes, class Real, class Fold, class Sequence, class Done>
void fold_sequence(const Fold& fold, const packed_components<Real>& components, const Sequence& sequence, std::size_t until, mixture_sums& sums, Done&& done) {
    fold_tile<Lanes, Real, Fold> tile(fold, components.width());
    for (std::size_t i = 0; i < components.tiles(); ++i) {
        tile.run(components, i, sequence, until, sums);
        done(i, tile);
    }
}

}  // namespace rationale::kernel

#endif
