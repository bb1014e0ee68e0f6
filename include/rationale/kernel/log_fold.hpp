#ifndef RATIONALE_KERNEL_LOG_FOLD_HPP
#define RATIONALE_KERNEL_LOG_FOLD_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/kernel/fold_traits.hpp"
#include "rationale/kernel/mixture_sums.hpp"
#include "rationale/kernel/packed_components.hpp"
#include "rationale/kernel/weights_at.hpp"
#include "rationale/kernel/wide.hpp"

namespace rationale::kernel {

/// Carries components through a sequence by their log weights, an exp for each at every event: for any fold.
///
/// What an event reads and updates are log weights relative to the largest, in Real. Where that is float, they are brought back every few
/// events from log weights in double: sums of the events' nats or, where the fold has a `log_likelihood`, counted anew from what is shared.
///
/// Where the fold also says what the greatest log likelihood could be, components that cannot matter are left out. All are reviewed at
/// events 8, 16, 32, ...: the best one of a tile is the rival, and another is negligible up to the next review if its log weight now is
/// below the rival's by ln(D/tolerance) and all that the rival can lose until then, so that all that are left out weigh at most `tolerance`
/// of the rest, but for the rounding of relative log weights. The others are packed together for the events until then. Where a log
/// likelihood that is counted anew would be off by more than `most_rounding` nats, none are left out.
template <class Lanes, class Real, class Fold, class Sequence>
class log_fold {
    using V = typename Lanes::template of<Real>;
    using double_lanes = typename Lanes::template of<double>;
    using W = std::conditional_t<lane_count<double_lanes> == 1, double_lanes, wide<double_lanes, pack_size / lane_count<double_lanes>>>;
    using traits = fold_traits<Fold, Sequence, V>;
    static constexpr bool exact = std::is_same_v<Real, double>;
    static_assert(!traits::has_complete,
                  "rationale: a fold with `complete` needs a factor and a log_likelihood, see rationale/task/family.hpp");
    static constexpr bool counts = traits::has_log_likelihood && !traits::has_state, recounts = counts && !exact;
    static constexpr bool skips = counts && traits::has_greatest_log_likelihood && !traits::has_consider;

public:
    static constexpr std::size_t side_by_side = 4;

    log_fold(const Fold& fold, const packed_components<Real>& components, double tolerance)
        : fold_(fold),
          components_(components),
          gap_(tolerance > 0 ? std::log(static_cast<double>(components.size()) / tolerance) : -minus_infinity),
          log_weight_(exact ? 0 : components.width()),
          relative_(components.width()),
          states_(state_rows(fold)),
          state_(components.width() / lane_count<V> * states_),
          expected_(fold.outcomes()),
          sum_(fold.outcomes()) {}

    /// Adds the chunk's part of all predictions for each sequence to its `sums`; without Predict, of the masses alone.
    template <bool Predict>
    void run(std::size_t chunk, std::span<const Sequence> sequences, std::span<mixture_sums> sums) {
        for_each_tile(chunk, [&](std::size_t tile) {
            for (std::size_t s = 0; s < sequences.size(); ++s)
                run_tile<Predict, false>(tile, sequences[s], sequences[s].events(), sums[s], [](std::size_t, double) {});
        });
    }

    /// Log weight of each component of the chunk at event `until`, input included.
    void log_weights(std::size_t chunk, const Sequence& sequence, std::size_t until, std::span<double> out) {
        std::fill(out.begin(), out.end(), minus_infinity);
        weights(chunk, sequence, std::array{until}, [&](const weights_at<Real>& part) {
            for (std::size_t i = 0; i < part.count(out.size()); ++i)
                if (part.weight[i] > 0) out[part.place(i)] = part.scale + std::log(static_cast<double>(part.weight[i]));
        });
    }

    /// put(weights_at) of the chunk's components, some at a time, for each of `events`, which increase; inputs included. What is not put
    /// has none, or is left out.
    template <class Put>
    void weights(std::size_t chunk, const Sequence& sequence, std::span<const std::size_t> events, const Put& put) {
        mixture_sums unused(sequence.events(), fold_.outcomes());
        weight_.resize(components_.width());
        std::size_t first = 0;
        for_each_tile(chunk, [&](std::size_t tile) {
            std::size_t next = 0;
            run_tile<false, true>(tile, sequence, events.back(), unused, [&](std::size_t t, double scale) {
                if (t != events[next]) return;
                const bool some = at_.size < components_.width();
                put(weights_at<Real>{next++, first, some ? std::span<const std::uint32_t>(kept_) : std::span<const std::uint32_t>(),
                                     std::exchange(moved_, false), std::span<const Real>(weight_.data(), at_.size), scale});
            });
            first += components_.width();
        });
    }

private:
    static constexpr std::size_t longest = 32;      // events between exact log weights
    static constexpr std::size_t first_review = 8;  // event
    static constexpr double most_rounding = 1e-8;   // nats

    /// What is read of some components: all of a tile's, or those packed together, without exact numbers until they are asked for.
    struct selection {
        const Real* numbers;
        const double *exact_numbers, *prior;
        std::size_t size, tile;
    };

    static std::size_t state_rows(const Fold& fold) {
        if constexpr (traits::has_state) return fold.state_rows();
        else return 0;
    }
    [[nodiscard]] V* state_of(std::size_t i) noexcept { return state_.data() + i / lane_count<V> * states_; }
    [[nodiscard]] rows<V> rows_of(std::size_t i) const noexcept { return {at_.numbers + components_.offset(i, components_.rows())}; }
    [[nodiscard]] rows<W> exact_rows_of(std::size_t i) const noexcept {
        return {at_.exact_numbers + components_.offset(i, components_.exact_rows())};
    }
    void select(std::size_t tile) noexcept {
        const std::size_t place = tile * components_.width();
        at_ = {components_.numbers(place), nullptr, components_.log_weights(place), components_.width(), tile};
        moved_ = true;
        if constexpr (counts) at_.exact_numbers = components_.exact_numbers(place);
    }
    template <class Body>
    void for_each_tile(std::size_t chunk, const Body& body) const {
        const std::size_t first = chunk * components_.chunk_tiles();
        for (std::size_t tile = first; tile < (std::min)(first + components_.chunk_tiles(), components_.tiles()); ++tile) body(tile);
    }

    /// Calls at_event(t, scale) for each event up to `until`; with Keep, weight_ exp(scale) are the weights with which it was predicted.
    template <bool Predict, bool Keep, class AtEvent>
    void run_tile(std::size_t tile, const Sequence& sequence, std::size_t until, mixture_sums& sums, const AtEvent& at_event) {
        select(tile);
        auto shared = fold_.start();
        std::copy_n(at_.prior, at_.size, log_weights());
        if constexpr (requires { fold_.begin(rows_of(0), state_.data(), shared); })
            for (std::size_t i = 0; i < at_.size; i += lane_count<V>) fold_.begin(rows_of(i), state_of(i), shared);
        std::size_t review = skips && gap_ < -minus_infinity ? first_review : static_cast<std::size_t>(-1);
        double scale = 0, shift = 0;  // weights are exp(relative - shift + scale)
        for (std::size_t t = 0, fresh = 0;; ++t) {
            traits::enter(fold_, shared, sequence, t);
            if constexpr (traits::has_consider) {
                fresh = 0;
                scale -= shift;
                if constexpr (!recounts)
                    if (t < sequence.events())
                        for (std::size_t i = 0; i < at_.size; i += lane_count<V>)
                            add(i, fold_.consider(rows_of(i), state_of(i), shared, sequence.input(t)));
            }
            const bool reviewed = skips && t == review && t < until;
            if constexpr (skips)
                if (reviewed && at_.size < components_.width()) {  // of those left out nothing is known but by counting anew
                    select(tile);
                    if constexpr (exact) recount(shared);
                    scale = 0;
                    fresh = 0;
                }
            if (fresh == 0 || (recounts && t == until && !Predict)) {
                if constexpr (recounts)
                    if (t > 0) recount(shared);
                shift = bring_back();
                if constexpr (exact) scale += shift;
                else scale = std::exchange(shift, 0.0);
                if (scale == minus_infinity) return;  // a weight of zero stays zero: nothing of this tile counts any more
                fresh = exact ? static_cast<std::size_t>(-1) : longest;
            }
            if constexpr (skips)
                if (reviewed) {
                    review = (std::min)(2 * t, until);
                    if (scale > log_of_zero) leave_out(sequence, shared, t, review, shift);
                }
            --fresh;
            if (t == until) {
                V mass(Real(0));
                for (std::size_t i = 0; i < at_.size; i += lane_count<V>) {
                    const V w = exponential_weight<V>(lane_access<V>::load(relative_.data() + i) - broadcast<V>(shift));
                    mass = mass + w;
                    if constexpr (Keep) lane_access<V>::store(w, weight_.data() + i);
                }
                sums.add(t, scale, lane_sum(mass), [](std::size_t) { return 0.0; });
                at_event(t, scale);
                return;
            }
            shift = event<Predict, Keep>(shared, sequence, t, scale, shift, sums);
            at_event(t, scale);
            traits::leave(fold_, shared, sequence, t);
            if (shift > minus_infinity) scale += shift;
            else if (recounts) fresh = 0;  // perhaps Real underflowed
            else return;
        }
    }

    /// Adds nats to the log weights of components i, i + 1, ...
    void add(std::size_t i, V nats) noexcept {
        if constexpr (exact) {
            lane_access<V>::store(lane_access<V>::load(relative_.data() + i) + nats, relative_.data() + i);
        } else {
            Real lanes[lane_count<V>];
            lane_access<V>::store(nats, lanes);
            for (std::size_t j = 0; j < lane_count<V>; ++j) log_weight_[i + j] += static_cast<double>(lanes[j]);
        }
    }

    /// Where log weights are kept in double.
    [[nodiscard]] double* log_weights() noexcept {
        if constexpr (exact) return relative_.data();
        else return log_weight_.data();
    }

    template <class Shared>
    void recount(const Shared& shared) {
        if (at_.exact_numbers == nullptr) {
            packed_exact_.resize(at_.size * components_.exact_rows());
            const double* const from = components_.exact_numbers(at_.tile * components_.width());
            for (std::size_t n = 0; n < kept_.size(); ++n) copy_rows(from, kept_[n], packed_exact_.data(), n, components_.exact_rows());
            at_.exact_numbers = packed_exact_.data();
        }
        for (std::size_t i = 0; i < at_.size; i += lane_count<W>)
            lane_access<W>::store(lane_access<W>::load(at_.prior + i) + fold_.log_likelihood(exact_rows_of(i), shared), log_weights() + i);
    }

    /// Packs the components that may matter from event t to the next review, unless that is most of them.
    template <class Shared>
    void leave_out(const Sequence& sequence, const Shared& now, std::size_t t, std::size_t review, double best) {
        Shared later = now;
        for (std::size_t e = t; e < review; ++e) {
            traits::leave(fold_, later, sequence, e);
            traits::enter(fold_, later, sequence, e + 1);
        }
        if constexpr (traits::has_rounding)
            if (!(fold_.rounding(later) <= most_rounding)) return;
        const auto rival =
            static_cast<std::size_t>(std::find(relative_.begin(), relative_.end(), static_cast<Real>(best)) - relative_.begin());
        const auto shortfall = [&](const Shared& shared) {
            const rows<double> numbers{at_.exact_numbers + components_.offset(rival, components_.exact_rows())};
            return fold_.greatest_log_likelihood(shared) - fold_.log_likelihood(numbers, shared);
        };
        keep_at_least(best - (shortfall(later) - shortfall(now)) - gap_);
        const std::size_t size = (kept_.size() + pack_size - 1) / pack_size * pack_size;
        if (4 * size > 3 * at_.size) return;
        packed_.resize(size * components_.rows() + components_.slack);
        packed_prior_.assign(size, minus_infinity);
        std::size_t n = 0;
        for (const std::size_t i : kept_) {
            copy_rows(at_.numbers, i, packed_.data(), n, components_.rows());
            packed_prior_[n] = at_.prior[i];
            relative_[n++] = relative_[i];
        }
        std::fill_n(relative_.begin() + static_cast<std::ptrdiff_t>(n), size - n, -std::numeric_limits<Real>::infinity());
        at_ = {packed_.data(), nullptr, packed_prior_.data(), size, at_.tile};
        moved_ = true;
    }
    /// Lists the places whose relative log weight is at least so much.
    void keep_at_least(double least) {
        const Real* const relative = relative_.data();
        const auto bound = static_cast<Real>(least);
        kept_.resize(at_.size + 1);
        std::size_t n = 0;
        for (std::size_t i = 0; i < at_.size; i += lane_count<V>) {
            if (!lane_access<V>::any_at_least(lane_access<V>::load(relative + i), V(bound))) continue;
            for (std::size_t j = i; j < i + lane_count<V>; ++j) {
                kept_[n] = static_cast<std::uint32_t>(j);
                n += relative[j] >= bound;
            }
        }
        kept_.resize(n);
    }
    template <class T>
    static void copy_rows(const T* from, std::size_t i, T* to, std::size_t n, std::size_t count) noexcept {
        from += packed_components<Real>::offset(i, count);
        to += packed_components<Real>::offset(n, count);
        for (std::size_t r = 0; r < count; ++r) to[r * pack_size] = from[r * pack_size];
    }

    [[nodiscard]] double largest() noexcept {
        const double* const log_weight = log_weights();
        if (at_.size < lane_count<W>) return *log_weight;
        W top(minus_infinity);
        for (std::size_t i = 0; i < at_.size; i += lane_count<W>) top = lane_access<W>::larger(top, lane_access<W>::load(log_weight + i));
        return lane_maximum(top);
    }
    /// The largest log weight; where Real is float, the relative ones are made anew from it.
    double bring_back() noexcept {
        const double best = largest();
        if constexpr (!exact)
            std::transform(log_weight_.data(), log_weight_.data() + at_.size, relative_.begin(),
                           [best](double x) { return static_cast<Real>(x - best); });
        return best;
    }

    /// Predicts and observes event t with the weights exp(relative - shift + scale); the largest relative log weight after it.
    template <bool Predict, bool Keep, class Shared>
    double event(const Shared& shared, const Sequence& sequence, std::size_t t, double scale, double shift, mixture_sums& sums) {
        const auto& input = on_lanes<V>(fold_, sequence.input(t), shared);
        const auto observation = sequence.observation(t);
        V mass(Real(0)), best = broadcast<V>(minus_infinity);
        const V reference = broadcast<V>(shift);
        // Local copies, because the compiler must take a store of a register to change anything else.
        Real *const relatives = relative_.data(), *const weights = weight_.data();
        const Real* const numbers = at_.numbers;
        const std::size_t rows_packed = components_.rows(), size = at_.size;
        const auto pass = [&](V * sum, V * expected) __attribute__((always_inline)) {
            for (std::size_t i = 0; i < size; i += lane_count<V>) {
                const V relative = lane_access<V>::load(relatives + i) - reference;
                const V w = exponential_weight<V>(relative);
                mass = mass + w;
                if constexpr (Keep) lane_access<V>::store(w, weights + i);
                const rows<V> component{numbers + components_.offset(i, rows_packed)};
                fold_.predict(component, static_cast<const V*>(state_of(i)), shared, input, [&](std::size_t k, V value) {
                    expected[k] = value;
                    if constexpr (Predict) sum[k] = lane_access<V>::multiply_add(w, value, sum[k]);
                });
                const V nats = fold_.observe(component, state_of(i), shared, input, static_cast<const V*>(expected), observation);
                const V next = relative + nats;
                lane_access<V>::store(next, relatives + i);
                best = lane_access<V>::larger(best, next);
                if constexpr (!exact && !recounts) add(i, nats);
            }
            sums.add(t, scale, lane_sum(mass), [&](std::size_t k) { return Predict ? lane_sum(sum[k]) : 0.0; });
        };
        if constexpr (traits::fixed_outcomes > 0) {
            std::array<V, traits::fixed_outcomes> sum, expected;  // registers, once the fold's loops over outcomes are unrolled
            sum.fill(V(Real(0)));
            pass(sum.data(), expected.data());
        } else {
            std::fill(sum_.begin(), sum_.end(), V(Real(0)));
            pass(sum_.data(), expected_.data());
        }
        return lane_maximum(best);
    }

    const Fold& fold_;
    const packed_components<Real>& components_;
    double gap_;
    selection at_{};
    aligned_vector<double> log_weight_;
    aligned_vector<Real> relative_, weight_{};
    std::size_t states_;
    aligned_vector<V> state_, expected_, sum_;
    aligned_vector<Real> packed_;
    aligned_vector<double> packed_exact_, packed_prior_;
    std::vector<std::uint32_t> kept_;
    bool moved_ = true;  // other components are selected than when weights were last put
};

}  // namespace rationale::kernel

#endif
