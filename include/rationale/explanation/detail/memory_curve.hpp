#ifndef RATIONALE_EXPLANATION_DETAIL_MEMORY_CURVE_HPP
#define RATIONALE_EXPLANATION_DETAIL_MEMORY_CURVE_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <deque>
#include <functional>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "rationale/compare/divergence.hpp"
#include "rationale/compare/mixing_weights.hpp"
#include "rationale/compare/mixture.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/compare/subset.hpp"
#include "rationale/explanation/detail/curve.hpp"
#include "rationale/learner/precision_grid.hpp"

namespace rationale::detail {

/// Places along an axis of memories are added to a curve while a lesser divergence is promised by this share of it, and no more of them.
inline constexpr double worth_a_place = 1e-3;
inline constexpr std::size_t most_places = 4;

/// A mean divergence, where a place is compared with others: what is undefined is no account of the model.
[[nodiscard]] inline double mean_or_infinite(const ndarray<double, 1>& of_sequences) {
    const double mean = over_sequences(of_sequences);
    return std::isnan(mean) ? std::numeric_limits<double>::infinity() : mean;
}

/// The divergence of a model from the mixture of two predictions with the weights that were found to be best, evaluated, and not above that
/// from either.
[[nodiscard]] inline double from_mixture(const predictions& model, const predictions& a, const predictions& b,
                                         const mixing_weights_result& best) {
    double least = (std::min)(mean_or_infinite(divergences_from(model, a)), mean_or_infinite(divergences_from(model, b)));
    if (best.excluded == 0) least = (std::min)(least, mean_or_infinite(divergences_from(model, mixture(std::array{a, b}, best.weights))));
    return least;
}
[[nodiscard]] inline double from_nearest_mixture(const predictions& model, const predictions& a, const predictions& b) {
    const std::array pair{a, b};
    const mixture_compressor compress{std::span<const predictions>(pair)};
    return from_mixture(model, a, b, mixing_weights(compress(model)));
}

/// What each of so many parts of the sequences, or of as many as there are sequences, has of their mean divergence.
[[nodiscard]] inline std::vector<double> divergence_parts(const ndarray<double, 1>& of_sequences, std::size_t most = sequence_parts) {
    const std::size_t sequences = of_sequences.size(), parts = (std::min)(most, sequences);
    std::vector<double> out(parts);
    for (std::size_t k = 0; k < parts; ++k)
        for (std::size_t s = k * sequences / parts; s < (k + 1) * sequences / parts; ++s)
            out[k] +=
                (std::isnan(of_sequences(s)) ? std::numeric_limits<double>::infinity() : of_sequences(s)) / static_cast<double>(sequences);
    return out;
}

/// The mean divergence with such weights of the parts. What was not drawn counts for nothing, also where it is infinite.
[[nodiscard]] inline double drawn_divergence(std::span<const double> parts, std::span<const double> times) noexcept {
    double sum = 0;
    for (std::size_t k = 0; k < times.size(); ++k)
        if (times[k] != 0) sum += times[k] * parts[k];
    return sum;
}

/// Compressors of each of several predictions with one other.
class paired_with {
public:
    paired_with(const paired_with&) = delete;
    paired_with(std::span<const predictions* const> several, const predictions& other) {
        pairs_.reserve(several.size());
        for (const auto* p : several) compress_.emplace_back(std::span<const predictions>(pairs_.emplace_back(std::array{*p, other})));
    }
    /// A model's nearest mixture of each, the loss to some 1e-10.
    [[nodiscard]] std::vector<mixing_weights_result> nearest(const predictions& model) const {
        std::vector<mixing_weights_result> out;
        for (const auto& pair : compress_) out.push_back(mixing_weights(pair(model)));
        return out;
    }

private:
    std::vector<std::array<predictions, 2>> pairs_;  // to which the compressors refer
    std::vector<mixture_compressor> compress_;
};

/// Calls add(x, place) for places x that a function, known at `at`, is promised to be less at, until none is worth it; `add` inserts x into
/// `at` and the function there into `value`, both at that place. Places in `offered` that promise nearly as much are taken first. Between
/// the least and an infinity above it, as exact memory has where a seen task excludes what the model gives, nothing is promised: half way
/// is looked at.
template <class Offered, class Add>
void follow_promises(const std::vector<double>& at, const std::vector<double>& value, const Offered& offered, const Add& add) {
    for (std::size_t n = 0; n < most_places; ++n) {
        auto [x, promised] = promised_least(at, value);
        const auto best = static_cast<std::size_t>(std::min_element(value.begin(), value.end()) - value.begin());
        const std::size_t above_best = best + 1;
        if (above_best < at.size() && std::isfinite(value[best]) && !std::isfinite(value[above_best])) {
            add(0.5 * (at[best] + at[above_best]), static_cast<std::ptrdiff_t>(above_best));
            continue;
        }
        if (!(promised < (1 - worth_a_place) * value[best])) return;
        const local_polynomial around(at, value, best);
        double nearly = promised + 0.5 * worth_a_place * value[best];
        for (const auto& [other, prediction] : offered)
            if (other > at[best == 0 ? 0 : best - 1] && other < at[(std::min)(best + 1, at.size() - 1)] && around(other) < nearly &&
                !std::binary_search(at.begin(), at.end(), other))
                x = other, nearly = around(other);
        const auto above = std::lower_bound(at.begin(), at.end(), x);
        if (*above == x) return;
        add(x, above - at.begin());
    }
}

/// The nodes of a grid and the ends of its range.
[[nodiscard]] inline std::vector<double> with_ends(const precision_grid& grid) {
    std::vector<double> out{0};
    out.insert(out.end(), grid.share.begin(), grid.share.end());
    out.push_back(1);
    return out;
}

/// What memories along an axis predict of the same sequences: at some shares, both ends among them, and at any other when it is asked for.
/// The latest that were asked for are kept, since checkpoints that follow one another ask for much the same.
struct memories_along {
    std::vector<double> share{};                         ///< increasing, from 0 to 1
    std::vector<const predictions*> at{};                ///< of each
    std::function<predictions(double)> predict{};        ///< at a share
    std::deque<std::pair<double, predictions>> asked{};  ///< shares and what was predicted there

    /// Predictions at a share, which stay until `forget`.
    [[nodiscard]] const predictions& ask(double s) {
        const auto known = std::find_if(asked.begin(), asked.end(), [s](const auto& a) { return a.first == s; });
        return known != asked.end() ? known->second : asked.emplace_back(s, predict(s)).second;
    }
    /// All but the latest.
    void forget() {
        while (asked.size() > 32) asked.pop_front();
    }
};

/// Divergences of a model, over the same sequences, from the memories along an axis. Every one was evaluated.
struct memory_curve {
    std::vector<double> share{};               ///< where, increasing, from 0 to 1
    std::vector<double> whole{};               ///< the divergence at each
    std::vector<std::vector<double>> parts{};  ///< of each: what every part of the sequences has of it
    double with_other = 0;                     ///< from the nearest mixture of one of the memories with the other strategy
    double pair = 0;                           ///< from the nearest mixture of memorizing with the other strategy

    /// Index of the least.
    [[nodiscard]] std::size_t best() const {
        return static_cast<std::size_t>(std::min_element(whole.begin(), whole.end()) - whole.begin());
    }
    /// The divergences with so many of each part of the sequences.
    [[nodiscard]] std::vector<double> drawn(std::span<const double> times) const {
        std::vector<double> out(share.size());
        for (std::size_t q = 0; q < out.size(); ++q) out[q] = drawn_divergence(parts[q], times);
        return out;
    }
};

/// A model's curve: at the shares that the memories are known at, and at others where the places around promise less, alone or mixed with
/// another strategy. `paired` are the known ones with that strategy.
[[nodiscard]] inline memory_curve curve_of(const predictions& model, memories_along& memories, const predictions& other,
                                           const paired_with& paired) {
    memories.forget();
    memory_curve out{.share = memories.share};
    auto at = memories.at;
    const auto look = [&](const predictions& memory, std::ptrdiff_t place) {
        const auto of_sequences = divergences_from(model, memory);
        out.whole.insert(out.whole.begin() + place, mean_or_infinite(of_sequences));
        out.parts.insert(out.parts.begin() + place, divergence_parts(of_sequences));
    };
    for (std::size_t q = 0; q < at.size(); ++q) look(*at[q], static_cast<std::ptrdiff_t>(q));
    const auto nearest = paired.nearest(model);
    std::vector<double> mixed;
    for (const auto& n : nearest) mixed.push_back(n.loss);
    const auto add = [&](double s, std::ptrdiff_t place) {
        const auto& memory = memories.ask(s);
        at.insert(at.begin() + place, &memory);
        out.share.insert(out.share.begin() + place, s);
        look(memory, place);
        mixed.insert(mixed.begin() + place, from_nearest_mixture(model, memory, other));
    };
    follow_promises(out.share, out.whole, memories.asked, add);
    follow_promises(out.share, mixed, memories.asked, add);
    const auto least = std::min_element(mixed.begin(), mixed.end()) - mixed.begin();
    const auto evaluated = [&](std::size_t known) { return from_mixture(model, *memories.at[known], other, nearest[known]); };
    const auto known = std::find(memories.at.begin(), memories.at.end(), at[static_cast<std::size_t>(least)]);
    out.pair = evaluated(memories.at.size() - 1);
    out.with_other = (std::min)({out.pair, out.whole[out.best()],
                                 known == memories.at.end() ? mixed[static_cast<std::size_t>(least)]
                                                            : evaluated(static_cast<std::size_t>(known - memories.at.begin()))});
    return out;
}

}  // namespace rationale::detail

#endif
