#ifndef RATIONALE_KERNEL_SINGLE_EVENT_FOLD_HPP
#define RATIONALE_KERNEL_SINGLE_EVENT_FOLD_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/kernel/carried.hpp"
#include "rationale/kernel/fold_traits.hpp"
#include "rationale/kernel/mixture_sums.hpp"
#include "rationale/kernel/packed_components.hpp"
#include "rationale/kernel/term_sizes.hpp"
#include "rationale/kernel/wide.hpp"

namespace rationale::kernel {

/// Weighs components for sequences whose type says that they have one event, a query: for folds with a `log_likelihood` and a `factor`, the
/// probability of the observation. Log weights are counted in double, relative to the largest so far; an exp in Real for each component.
/// Where a fold's log likelihood is a sum of products whose terms are too small for rounding to matter, they are counted in float.
///
/// Several sequences pass through the same components side by side, a block that fits the nearest cache after the other, and two of them at
/// a time through a register of numbers.
template <class Lanes, class Real, class Fold, class Sequence>
class single_event_fold {
    using V = typename Lanes::template of<Real>;
    using double_lanes = typename Lanes::template of<double>;
    static constexpr std::size_t group_size = lane_count<double_lanes> == 1 ? 1 : pack_size;
    using W = std::conditional_t<group_size == 1, double_lanes, wide<double_lanes, group_size / lane_count<double_lanes>>>;
    using traits = fold_traits<Fold, Sequence, V>;
    using shared_type = typename traits::shared;

public:
    static constexpr bool serves = traits::single_event && traits::has_factor && traits::has_log_likelihood && !traits::has_state;
    /// Whether it may count in Real.
    static constexpr bool narrows = serves && traits::sums_products && std::is_same_v<Real, float>;
    static constexpr std::size_t side_by_side = 16;

    single_event_fold(const Fold& fold, const packed_components<Real>& components, double)
        : fold_(fold),
          components_(components),
          block_((std::max)(std::size_t{1}, 32768 / (components.exact_rows() * sizeof(double) * pack_size)) * pack_size),
          log_weight_(at_once * block_),
          relative_(at_once * block_) {}

    /// Adds the chunk's part of all predictions for each sequence to its `sums`; without Predict, of the masses alone.
    template <bool Predict>
    void run(std::size_t chunk, std::span<const Sequence> sequences, std::span<mixture_sums> sums) {
        [[maybe_unused]] const typename Lanes::flush_denormals fast;  // what would be one is negligible
        while (queries_.size() < sequences.size()) queries_.emplace_back(fold_);
        const std::span<query> queries(queries_.data(), sequences.size());
        std::vector<query*> wide, narrow;
        for (std::size_t s = 0; s < queries.size(); ++s) {
            start(queries[s], sequences[s]);
            traits::enter(fold_, queries[s].shared, sequences[s], 0);
            (rounding_cannot_matter(queries[s]) ? narrow : wide).push_back(&queries[s]);
        }
        pass<Predict, true, W>(chunk, wide);
        if constexpr (narrows) pass<Predict, true, V>(chunk, narrow);
        for (std::size_t s = 0; s < queries.size(); ++s) {
            query& q = queries[s];
            if (q.top == minus_infinity) continue;  // nothing of this chunk counts
            sums[s].add(0, q.top, lane_sum(q.mass), [&](std::size_t k) { return Predict ? lane_sum(q.sum[k]) : 0.0; });
            if (const double after = lane_sum(q.after); after >= smallest) {
                sums[s].add(1, q.top, after, [](std::size_t) { return 0.0; });
                continue;
            }
            // What the event left over underflowed: it is counted once more, with the event.
            start(q, sequences[s]);
            traits::enter(fold_, q.shared, sequences[s], 0);
            traits::leave(fold_, q.shared, sequences[s], 0);
            traits::enter(fold_, q.shared, sequences[s], 1);
            query* const one = &q;
            pass<false, false, W>(chunk, std::span(&one, 1));
            if (q.top > minus_infinity) sums[s].add(1, q.top, lane_sum(q.mass), [](std::size_t) { return 0.0; });
        }
    }

private:
    static constexpr std::size_t at_once = 2;
    static constexpr double smallest = carried<Real>::smallest;

    /// One sequence: its sums so far over the components, relative to the largest of their log weights.
    struct query {
        explicit query(const Fold& fold) : shared(fold.start()), sum(fold.outcomes()) {}

        const Sequence* sequence = nullptr;
        shared_type shared;
        double top = minus_infinity;
        V mass, after;  // before the event and after it
        aligned_vector<V> sum;
    };

    void start(query& q, const Sequence& sequence) const {
        q.sequence = &sequence;
        q.shared = fold_.start();
        q.top = minus_infinity;
        q.mass = q.after = V(Real(0));
        std::fill(q.sum.begin(), q.sum.end(), V(Real(0)));
    }

    /// Whether log weights may be counted in Real: an error of 4e-5 moves a probability by 2e-5 at most.
    [[nodiscard]] bool rounding_cannot_matter(const query& q) const {
        if constexpr (!narrows) return false;
        else {
            const rows<term_sizes> largest{components_.largest()};
            return (largest[components_.exact_rows()] + fold_.log_likelihood(largest, q.shared))
                       .error_bound(static_cast<double>(std::numeric_limits<Real>::epsilon())) <= 4e-5;
        }
    }

    /// Log weights are counted on L.
    template <bool Predict, bool Event, class L>
    void pass(std::size_t chunk, std::span<query* const> queries) {
        const std::size_t first = chunk * components_.chunk_tiles() * components_.width();
        const std::size_t last =
            (std::min)(first + components_.chunk_tiles() * components_.width(), components_.tiles() * components_.width());
        for (std::size_t place = first; place < last; place += block_) {
            const std::size_t size = (std::min)(block_, last - place);
            std::size_t s = 0;
            for (; s + at_once <= queries.size(); s += at_once) {
                const auto tops = count<L, at_once>(place, size, queries.data() + s);
                for (std::size_t j = 0; j < at_once; ++j) weigh<Predict, Event, L>(*queries[s + j], place, size, j, tops[j]);
            }
            for (; s < queries.size(); ++s) weigh<Predict, Event, L>(*queries[s], place, size, 0, count<L, 1>(place, size, &queries[s])[0]);
        }
    }

    /// Where log weights go that are counted on L, `block_` for each of `at_once` sequences.
    template <class L>
    [[nodiscard]] auto* counted() noexcept {
        if constexpr (std::is_same_v<L, W>) return log_weight_.data();
        else return relative_.data();
    }

    /// Log weights of `size` components from `place` on for Count sequences; the largest of each.
    template <class L, std::size_t Count>
    [[gnu::flatten]] std::array<double, Count> count(std::size_t place, std::size_t size, query* const* queries) noexcept {
        return [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            // Copies that nobody else can see, so that numbers in them stay in registers from component to component.
            const std::array<shared_type, Count> shared{queries[Index]->shared...};
            auto* const log_weight = counted<L>();
            std::array<L, Count> top{(static_cast<void>(Index), broadcast<L>(minus_infinity))...};
            const auto each = [&](std::size_t i, const rows<L>& component, L before) {
                const std::array<L, Count> weight{before + fold_.log_likelihood(component, shared[Index])...};
                ((top[Index] = lane_access<L>::larger(top[Index], weight[Index]),
                  lane_access<L>::store(weight[Index], log_weight + Index * block_ + i)),
                 ...);
            };
            if constexpr (std::is_same_v<L, W>) {
                const double *const prior = components_.log_weights(place), *const numbers = components_.exact_numbers(place);
                const std::size_t rows_packed = components_.exact_rows();
                for (std::size_t i = 0; i < size; i += group_size)
                    each(i, {numbers + components_.offset(i, rows_packed)}, lane_access<W>::load(prior + i));
            } else {
                const Real* const numbers = components_.narrow_numbers(place);
                const std::size_t rows_packed = components_.narrow_rows();
                for (std::size_t i = 0; i < size; i += lane_count<V>) {
                    const rows<V> component{numbers + components_.offset(i, rows_packed)};
                    each(i, component, component[rows_packed - 1]);
                }
            }
            return std::array<double, Count>{lane_maximum(top[Index])...};
        }
        (std::make_index_sequence<Count>());
    }

    /// Adds the components that were counted, the largest of whose log weights is `top`, to a sequence's sums.
    template <bool Predict, bool Event, class L>
    [[gnu::flatten]] void weigh(query& q, std::size_t place, std::size_t size, std::size_t which, double top) noexcept {
        if (top > q.top) {
            const V shrink = broadcast<V>(std::exp(q.top - top));
            q.mass = q.mass * shrink;
            q.after = q.after * shrink;
            for (V& sum : q.sum) sum = sum * shrink;
            q.top = top;
        }
        if (q.top <= log_of_zero) {
            q.top = minus_infinity;  // a weight of zero stays zero
            return;
        }
        // Relative to `reference`: the largest so far, or nothing where they had to be subtracted in double.
        const auto* const log_weight = counted<L>() + which * block_;
        const Real* relatives = nullptr;
        V reference(Real(0));
        if constexpr (std::is_same_v<decltype(log_weight), const Real* const>) {
            relatives = log_weight;
            reference = broadcast<V>(q.top);
        } else {
            std::transform(log_weight, log_weight + size, relative_.data(),
                           [most = q.top](double x) { return static_cast<Real>(x - most); });
            relatives = relative_.data();
        }
        const Real* const numbers = components_.numbers(place);
        const std::size_t rows_packed = components_.rows();
        const auto& input = on_lanes<V>(fold_, q.sequence->input(0), q.shared);
        const auto observation = q.sequence->observation(0);
        V mass = q.mass, after = q.after;
        const auto sweep = [&](V * sum) __attribute__((always_inline)) {
            for (std::size_t i = 0; i < size; i += lane_count<V>) {
                const rows<V> component{numbers + components_.offset(i, rows_packed)};
                const V weight = exponential_weight<V>(lane_access<V>::load(relatives + i) - reference);
                mass = mass + weight;
                if constexpr (Predict)
                    fold_.predict(component, static_cast<const V*>(nullptr), q.shared, input,
                                  [&](std::size_t k, V value) { sum[k] = lane_access<V>::multiply_add(weight, value, sum[k]); });
                if constexpr (Event)
                    after = lane_access<V>::multiply_add(weight, fold_.factor(component, q.shared, input, observation), after);
            }
        };
        if constexpr (traits::fixed_outcomes > 0) {
            std::array<V, traits::fixed_outcomes> sum;  // registers, once the fold's loop over outcomes is unrolled
            std::copy_n(q.sum.begin(), sum.size(), sum.begin());
            sweep(sum.data());
            std::copy_n(sum.begin(), sum.size(), q.sum.begin());
        } else {
            sweep(q.sum.data());
        }
        q.mass = mass;
        q.after = after;
    }

    const Fold& fold_;
    const packed_components<Real>& components_;
    std::size_t block_;
    aligned_vector<double> log_weight_;
    aligned_vector<Real> relative_;
    std::vector<query> queries_;
};

}  // namespace rationale::kernel

#endif
