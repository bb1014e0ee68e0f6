#ifndef RATIONALE_KERNEL_PRODUCT_PASS_HPP
#define RATIONALE_KERNEL_PRODUCT_PASS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "rationale/kernel/aligned.hpp"
#include "rationale/kernel/fold_traits.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/kernel/packed_components.hpp"
#include "rationale/kernel/product_walk.hpp"

namespace rationale::kernel {

/// The pass of a walk's block over components (product_fold.hpp): predictions are summed up by weight, and weights multiplied by the
/// likelihood of what came.
template <class V, class W, class Real, class Fold, class Sequence>
class product_pass {
    using traits = fold_traits<Fold, Sequence, V>;
    using shared_type = typename traits::shared;
    using walk = product_walk<V, W, Real, Fold, Sequence>;
    /// Whether a chunk's numbers are tabulated for its sequences.
    static constexpr bool tabulates =
        traits::has_factor && traits::has_log_likelihood && !traits::has_state && traits::has_restart && traits::has_cells;
    /// Sums that stay in registers, beside what is read.
    static constexpr std::size_t registers = sizeof(V) >= 64 ? (traits::reads_by_event ? 24 : 16) : 8;

public:
    /// Events for which a component is read once.
    template <bool Predict>
    static constexpr std::size_t at_once = [] {
        if (!Predict) return std::size_t{8};
        return traits::fixed_outcomes == 0 || traits::reads_by_event
                   ? std::size_t{1}
                   : std::clamp(registers / (std::max)(traits::fixed_outcomes, std::size_t{1}), std::size_t{2}, std::size_t{4});
    }();

    /// Of a fold over packed components, which must outlive it.
    product_pass(const Fold& fold, const packed_components<Real>& components) : fold_(fold), components_(components) {}

    /// All events of the walk's block with the active components of one tile.
    template <bool Predict>
    void block(walk& w, std::size_t tile) {
        if (w.t == w.sequence->events() || tile * components_.width() >= w.size) return;
        std::size_t e = 0;
        if constexpr (Predict && traits::fixed_outcomes == 0) {
            for (; e < w.events; ++e) together(w, tile, e);
        } else {
            for (; e + at_once<Predict> <= w.events; e += at_once<Predict>) events<Predict, at_once<Predict>>(w, tile, e);
            for (; e < w.events; ++e) events<Predict, 1>(w, tile, e);
        }
    }
    /// Event e of the block alone.
    template <bool Predict>
    void event(walk& w, std::size_t tile, std::size_t e) {
        events<Predict, 1>(w, tile, e);
    }

private:
    static constexpr std::size_t at_a_time = 4;

    /// Predicts and observes events [e, e + Count) of the block with the active components of one tile. A register of components is read
    /// once for all of them. The number of outcomes is known to the compiler, or nothing is predicted.
    template <bool Predict, std::size_t Count>
    void events(walk& w, std::size_t tile, std::size_t e) {
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            const Sequence& sequence = *w.sequence;
            using input_type = std::remove_cvref_t<decltype(on_lanes<V>(fold_, sequence.input(0), w.shared[0]))>;
            const std::array<input_type, Count> input{on_lanes<V>(fold_, sequence.input(w.t + e + Index), w.shared[e + Index])...};
            const std::array observation{sequence.observation(w.t + e + Index)...};
            const std::size_t outcomes = fold_.outcomes(), width = components_.width();
            const shared_type* const shared = w.shared.data() + e;
            // Local copies, because the compiler must take a store of a register to change anything else.
            const std::size_t packed_rows = components_.rows(), first = tile * width;
            Real* const carried = w.carried.data() + first;
            const Real* const numbers = w.numbers + first * packed_rows;
            const std::size_t size = (std::min)(width, w.size - first);
            V* const block = w.block.data() + e * (outcomes + 1);
            [[maybe_unused]] const std::array<const Real*, Count> tabulated{w.factors[e + Index]...};
            [[maybe_unused]] const V relative(w.relative[e + Count - 1]);
            const auto factor = [&]<std::size_t J>(std::integral_constant<std::size_t, J>, [[maybe_unused]] const rows<V>& component,
                                                   [[maybe_unused]] std::size_t i) {
                if constexpr (tabulates && J + 1 < Count) return lane_access<V>::load(tabulated[J] + first + i);
                else if constexpr (tabulates) return lane_access<V>::load(tabulated[J] + first + i) * relative;
                else return fold_.factor(component, shared[J], input[J], observation[J]);
            };
            std::array<V, Count> mass{(static_cast<void>(Index), V(Real(0)))...};
            constexpr std::size_t n = Predict ? traits::fixed_outcomes : 0;
            constexpr std::size_t sweeps = (std::max)((Count * n + registers - 1) / registers, std::size_t{1}),
                                  part = (n + sweeps - 1) / sweeps;
            // Each sweep over the components sums up some of the outcomes, the last one also advances the weights.
            const auto sweep = [&]<std::size_t First>(std::integral_constant<std::size_t, First>) {
                constexpr bool last = First + part >= n;
                std::array<V, Count * part> sum;  // registers, once the fold's loop over outcomes is unrolled
                for (V& v : sum) v = V(Real(0));
                const auto all_events = [&](std::size_t i, const Real* number) {
                    const rows<V> component{number};
                    const std::conditional_t<traits::reads_by_event, rows<V>, held_rows<V, First, part>> at_hand(component);
                    V weight = lane_access<V>::load(carried + i);
                    const auto one_event = [&]<std::size_t J>(std::integral_constant<std::size_t, J> at) {
                        if constexpr (last) mass[J] = mass[J] + weight;
                        if constexpr (Predict)
                            fold_.predict(at_hand, static_cast<const V*>(nullptr), shared[J], input[J], [&](std::size_t k, V value) {
                                if (k - First >= part) return;  // unsigned: also for k below First
                                V& s = sum[J * part + (k - First)];
                                s = lane_access<V>::multiply_add(weight, value, s);
                            });
                        if constexpr (last || J + 1 < Count) weight = weight * factor(at, component, i);
                    };
                    (one_event(std::integral_constant<std::size_t, Index>()), ...);
                    if constexpr (last) lane_access<V>::store(weight, carried + i);
                };
                for (std::size_t i = 0; i < size; i += lane_count<V>) all_events(i, numbers + components_.offset(i, packed_rows));
                for (std::size_t j = 0; j < Count; ++j)
                    for (std::size_t k = First; k < (std::min)(First + part, n); ++k)
                        block[j * (outcomes + 1) + k] = block[j * (outcomes + 1) + k] + sum[j * part + (k - First)];
            };
            [&]<std::size_t... S>(std::index_sequence<S...>) { (sweep(std::integral_constant<std::size_t, S * part>()), ...); }
            (std::make_index_sequence<sweeps>());
            for (std::size_t j = 0; j < Count; ++j) block[j * (outcomes + 1) + outcomes] = block[j * (outcomes + 1) + outcomes] + mass[j];
        }
        (std::make_index_sequence<Count>());
    }

    /// One event, with any number of outcomes: some registers of components, `at_a_time` of them but at the end, so that an outcome's sum
    /// is read and written once for them.
    void together(walk& w, std::size_t tile, std::size_t e) {
        const Sequence& sequence = *w.sequence;
        const auto input = on_lanes<V>(fold_, sequence.input(w.t + e), w.shared[e]);
        const auto observation = sequence.observation(w.t + e);
        const std::size_t outcomes = fold_.outcomes(), width = components_.width(), packed_rows = components_.rows(), first = tile * width;
        const shared_type& shared = w.shared[e];
        Real* const carried = w.carried.data() + first;
        const Real* const numbers = w.numbers + first * packed_rows;
        const std::size_t size = (std::min)(width, w.size - first);
        V* const block = w.block.data() + e * (outcomes + 1);
        V* const buffer = (buffer_.resize(outcomes * at_a_time), buffer_.data());
        [[maybe_unused]] const Real* const tabulated = w.factors[e];
        [[maybe_unused]] const V relative(w.relative[e]);
        V mass(Real(0));
        const auto next = [&](std::size_t i, auto some) {
            V weight[at_a_time];
            for (std::size_t n = 0; n < some; ++n) {
                const std::size_t at = i + n * lane_count<V>;
                const rows<V> component{numbers + components_.offset(at, packed_rows)};
                mass = mass + (weight[n] = lane_access<V>::load(carried + at));
                fold_.predict(component, static_cast<const V*>(nullptr), shared, input,
                              [&](std::size_t k, V value) { buffer[k * at_a_time + n] = value; });
                V factor;
                if constexpr (tabulates) factor = lane_access<V>::load(tabulated + first + at) * relative;
                else factor = fold_.factor(component, shared, input, observation);
                lane_access<V>::store(weight[n] * factor, carried + at);
            }
            for (std::size_t k = 0; k < outcomes; ++k) {
                V sum = block[k];
                for (std::size_t n = 0; n < some; ++n) sum = lane_access<V>::multiply_add(weight[n], buffer[k * at_a_time + n], sum);
                block[k] = sum;
            }
        };
        std::size_t i = 0;
        for (; i + at_a_time * lane_count<V> <= size; i += at_a_time * lane_count<V>)
            next(i, std::integral_constant<std::size_t, at_a_time>());
        if (i < size) next(i, (size - i) / lane_count<V>);
        block[outcomes] = block[outcomes] + mass;
    }

    const Fold& fold_;
    const packed_components<Real>& components_;
    aligned_vector<V> buffer_;
};

}  // namespace rationale::kernel

#endif
