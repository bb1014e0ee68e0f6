#ifndef RATIONALE_KERNEL_PRODUCT_WALK_HPP
#define RATIONALE_KERNEL_PRODUCT_WALK_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "rationale/kernel/aligned.hpp"
#include "rationale/kernel/carried.hpp"
#include "rationale/kernel/cell_table.hpp"
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
        : rows_of_each(components.rows()),
          exact_rows_of_each(components.exact_rows()),
          log_weight(components.width() * components.chunk_tiles()),
          carried(log_weight.size()),
          shared(longest + 1, fold.start()),
          ahead(fold.start()),
          total(fold.start()),
          latest(fold.start()),
          block((fold.outcomes() + 1) * longest, V(Real(0))),
          factors(longest),
          log_rest(longest + 1),
          relative(longest),
          offset(longest + 1) {}
    // Moved where walks need more room: it refers to its own arrays.
    product_walk(product_walk&&) noexcept = default;
    product_walk& operator=(product_walk&&) noexcept = default;

    /// The best of those that were counted; the first of them where `best` is not a number.
    void find_rival() noexcept {
        rival = 0;
        while (rival < set.size && !lane_access<W>::any_at_least(lane_access<W>::load(log_weight.data() + rival), W(best)))
            rival += lane_count<W>;
        if (rival >= set.size) rival = 0;
        else
            while (log_weight[rival] < best) ++rival;
    }

    /// The exact numbers of those from place i on.
    [[nodiscard]] rows<W> exact_of(std::size_t i) const noexcept {
        return {set.exact + packed_components<Real>::offset(i, exact_rows_of_each)};
    }

    /// Packs what was chosen until the next review, unless it is more than the `share`-th part of the chunk, to look at nothing else.
    void look_at_candidates(std::size_t share) {
        const std::size_t n = chosen.size(), size_of_set = (n + lane_count<W> - 1) / lane_count<W> * lane_count<W>;
        if (share * n <= set.size) {
            pack_chosen(exact_rows_of_each, set.exact, candidates_exact);
            pack_chosen(rows_of_each, set.numbers, candidates_numbers);
            candidates_log_weights.assign(size_of_set, minus_infinity);
            for (std::size_t i = 0; i < n; ++i) {
                candidates_log_weights[i] = set.log_weights[chosen[i]];
                log_weight[i] = log_weight[chosen[i]];
            }
            std::fill_n(log_weight.begin() + static_cast<std::ptrdiff_t>(n), size_of_set - n, minus_infinity);
            set = {candidates_log_weights.data(), candidates_exact.data(), candidates_numbers.data(), size_of_set};
            all = false;
            own.emplace(size_of_set, 0, factors.size());
            find_rival();
        }
        chosen.clear();
    }

    // Where cells are tabulated:

    /// Log weights of some, from what the last block's weights are where it ended; where these have underflowed, or the block was cut
    /// short, from the log weights at its begin.
    void recall(std::size_t from, std::size_t to) {
        using range = kernel::carried<Real>;
        for (std::size_t i = from; i < to; i += lane_count<W>) {
            W log(scale);
            if (carries && range::template are_normal<V, W>(carried.data() + i))
                log = log + logarithm(range::template as_double<W>(carried.data() + i));
            else {
                log = lane_access<W>::load(log_weight.data() + i) + W(log_rest[passed]);
                for (std::size_t e = 0; e < passed;) {
                    W product(1.0);  // eight of the smallest floats are no less than the smallest double
                    for (const std::size_t until = (std::min)(passed, e + 8); e < until; ++e)
                        product = product * range::template as_double<W>(factors[e] + i);
                    log = log + logarithm(product);
                }
            }
            lane_access<W>::store(log, log_weight.data() + i);
            top = lane_access<W>::larger(top, log);
        }
    }
    /// Finds the factors of the block's events. Weights are multiplied by what is missing in them, once for as many events as pass
    /// together, so that at the block's end none has grown and that of a component which explains the block well has not fallen far.
    void tabulate(const Fold& fold, cell_table<Real>& table, std::size_t together) {
        const double step = events == 0 ? 0 : fold.greatest_log_likelihood(shared[events]) / static_cast<double>(events);
        double missing = 0;
        for (std::size_t e = 0; e < events; ++e) {
            const cell c = fold.factor_cell(shared[e], sequence->observation(t + e));
            factors[e] = table.row(c, [&](Real* out) {
                fold.template cell_factor<V>(c, [&](const auto& factor) {
                    for (std::size_t i = 0; i < set.size; i += lane_count<V>)
                        lane_access<V>::store(factor(rows<V>{set.numbers + packed_components<Real>::offset(i, rows_of_each)}), out + i);
                });
            });
            const double rest = fold.log_factor_rest(shared[e], c);
            offset[e + 1] = offset[e] + rest, log_rest[e + 1] = log_rest[e] + rest, missing += rest - step;
            if (e < events / together * together && (e + 1) % together != 0) continue;
            relative[e] = static_cast<Real>(std::exp(missing));
            offset[e + 1] = static_cast<double>(e + 1) * step;
            missing = 0;
        }
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

    std::size_t rows_of_each, exact_rows_of_each;  // numbers of a component
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
    // Where cells are tabulated (kernel/cell_table.hpp), of all that the walk looks at:
    std::optional<cell_table<Real>> own{};  // that of candidates; all walks through a whole chunk share one
    std::vector<const Real*> factors;       // of each event, without what is the same for all components
    std::vector<double> log_rest;           // log of the latter, summed up until each event and after the last
    std::vector<Real> relative;             // what weights are multiplied by with it, at the last of the events that pass together
    std::vector<double> offset;             // log of what the weights lack at each event and after the last
    std::size_t passed = 0;                 // events of the last block
    bool recalls = false;                   // log weights follow from those at its begin,
    bool carries = false;                   // and from the weights at its end
    std::size_t counted_at = 0;             // event at which all were counted last
};

}  // namespace rationale::kernel

#endif
