#ifndef RATIONALE_STRATEGY_NGRAMS_HPP
#define RATIONALE_STRATEGY_NGRAMS_HPP

#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/prior/ngrams.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/strategy/usual_strategies.hpp"
#include "rationale/task/markov_chain.hpp"

namespace rationale {

// Strategies for Markov chains (arXiv 2412.01003): retrieval of seen chains, or inference from the context, each from token frequencies
// (unigrams) or from transitions (bigrams). For chains of order 1, memorizing is bigram retrieval and generalizing bigram inference.

/// Seen chains weighed by their statistics of order Weighed, predicting with those of order Said. O(T D K) a sequence.
template <class F, std::size_t Weighed, std::size_t Said = Weighed>
using retrieval = bayes<F, seen_ngrams<F, Weighed, Said>>;

/// Bayes under the belief that tokens depend on the Order tokens before: inference from (Order+1)-grams. O(T K) a sequence.
template <class F, std::size_t Order>
using inference = bayes<F, dirichlet_rows<Order>>;

/// The stationary distribution of the matrix inferred from the bigrams so far (its posterior mean), at every position: what unigrams would
/// be far along such a chain. Its evidence is the sum of the logarithms of what it gave to the tokens that came. O(T K^3) a sequence.
template <class F>
class stationary_inference {
public:
    explicit stationary_inference(F family) : family_(std::move(family)) {}

    [[nodiscard]] const F& family() const noexcept { return family_; }
    [[nodiscard]] static constexpr std::string_view name() noexcept { return "stationary inference"; }
    [[nodiscard]] std::vector<double> numbers() const { return family_.values().concentration; }

    void predict_sequence(const detail::view_of<F>& view, std::span<double> values, std::span<double> log_evidence) const {
        const std::size_t k = family_.outcomes();
        const auto& a = family_.values().concentration;
        std::vector<double> counts;
        for (std::size_t i = 0; i < k; ++i) counts.insert(counts.end(), a.begin(), a.end());
        log_evidence[0] = 0;
        for (std::size_t t = 0; t < view.events(); ++t) {
            auto matrix = counts;
            for (std::size_t i = 0; i < k; ++i) {
                double sum = 0;
                for (std::size_t j = 0; j < k; ++j) sum += matrix[i * k + j];
                for (std::size_t j = 0; j < k; ++j) matrix[i * k + j] /= sum;
            }
            const auto at_last = stationary_distribution(std::move(matrix), k);
            std::copy(at_last.begin(), at_last.end(), values.begin() + static_cast<std::ptrdiff_t>(t * k));
            log_evidence[t + 1] = log_evidence[t] + std::log(at_last[view.observation(t)]);
            if (t > 0) counts[view.observation(t - 1) * k + view.observation(t)] += 1;
        }
    }

private:
    F family_;
};

template <class F>
stationary_inference(F) -> stationary_inference<F>;

/// Memorizing and generalizing, then retrieval and inference from unigrams, and the constant.
template <std::size_t K, std::size_t M>
[[nodiscard]] auto usual_strategies(const markov_chain<K, M>& family, const seen_tasks<markov_chain<K, M>>& seen) {
    using F = markov_chain<K, M>;
    return strategies(memorizing<F>(family, seen), generalizing<F>(family), retrieval<F, 0>(family, seen_ngrams<F, 0, 0>(family, seen)),
                      inference<F, 0>(family, dirichlet_rows<0>(family)), constant<F>(family));
}

}  // namespace rationale

#endif
