#ifndef RATIONALE_PRIOR_NGRAMS_HPP
#define RATIONALE_PRIOR_NGRAMS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/kernel/lanes.hpp"
#include "rationale/kernel/rising.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/markov_chain.hpp"

namespace rationale {

/// Chains of order Order, or the family's own where that is `dynamic`, whose rows are independent Dirichlet(concentration). Bayes with it
/// counts (Order+1)-grams: for the family's own order it is the generalizing strategy, for a lower one inference from fewer statistics.
template <std::size_t Order>
class dirichlet_rows {
public:
    static constexpr std::string_view strategy_name = Order == 0   ? "unigram inference"
                                                      : Order == 1 ? "bigram inference"
                                                                   : "n-gram inference";

    /// Throws std::invalid_argument for no or non-positive concentrations.
    explicit dirichlet_rows(std::vector<double> concentration) : concentration_(std::move(concentration)) {
        if (concentration_.empty())
            throw std::invalid_argument("rationale::dirichlet_rows: concentration has 0 numbers, must have at least 1");
        for (double a : concentration_) detail::positive("rationale::dirichlet_rows", "concentration", a);
    }
    /// With the family's concentration.
    template <std::size_t K, std::size_t M>
    explicit dirichlet_rows(const markov_chain<K, M>& family) : dirichlet_rows(family.values().concentration) {}

    /// Pseudo-counts of a row, one a category.
    [[nodiscard]] std::span<const double> concentration() const noexcept { return concentration_; }

    [[nodiscard]] static constexpr std::size_t size() noexcept { return 1; }
    [[nodiscard]] double log_weight(std::size_t) const noexcept { return 0; }
    [[nodiscard]] std::vector<double> numbers() const { return concentration_; }

    template <std::size_t K, std::size_t M>
    void draw(philox& rng, const markov_chain<K, M>& family, typename markov_chain<K, M>::task_table& table, std::size_t d) const {
        const std::size_t k = family.outcomes(), own = family.extent('R');
        std::size_t rows = own;
        if constexpr (Order != dynamic) {
            if (Order > family.order())
                throw std::invalid_argument("rationale::dirichlet_rows: order is " + std::to_string(Order) +
                                            ", must be at most that of the " + "chains that are drawn, " + std::to_string(family.order()));
            for (std::size_t j = Order; j < family.order(); ++j) rows /= k;
        }
        const auto chain = row(table.tasks, d);
        for (std::size_t r = 0; r < rows; ++r) sample_dirichlet(rng, concentration_, chain.subspan(r * k, k));
        for (std::size_t r = rows; r < own; ++r)
            std::copy_n(chain.begin() + static_cast<std::ptrdiff_t>(r % rows * k), k, chain.begin() + static_cast<std::ptrdiff_t>(r * k));
    }

private:
    std::vector<double> concentration_;
};

template <std::size_t K, std::size_t M>
[[nodiscard]] dirichlet_rows<> own_prior(const markov_chain<K, M>& family) {
    return dirichlet_rows<>(family.values().concentration);
}

/// Rows whose beliefs are Dirichlet: after n_k tokens k behind the same j tokens, each of which counts e times,
/// P(k) = (a_k + e n_k)/(sum a + e sum n); 1/K as long as there are not j of them. O(K) an event. Exact Bayes for a uniform start. With a
/// stationary one it leaves out what the first m tokens say of the chain, which has no closed form.
template <std::size_t K, std::size_t M, std::size_t Order>
struct predictive<markov_chain<K, M>, dirichlet_rows<Order>> {
    struct counts {
        std::size_t known = 0, code = 0;
        std::vector<double> of, total;
    };

    predictive(const markov_chain<K, M>& family, const dirichlet_rows<Order>& prior)
        : outcomes_(family.outcomes()), order_(Order == dynamic ? family.order() : Order) {
        if (prior.concentration().size() != outcomes_)
            throw std::invalid_argument("rationale::bayes: dirichlet_rows has " + std::to_string(prior.concentration().size()) +
                                        " numbers, must have " + std::to_string(outcomes_));
        for (std::size_t j = 0; j < order_; ++j)
            if ((states_ *= outcomes_) > (std::size_t{1} << 20))
                throw std::invalid_argument("rationale::bayes: dirichlet_rows counts " + std::to_string(order_ + 1) + "-grams of " +
                                            std::to_string(outcomes_) + " tokens, must have at most 2^20 rows");
    }

    [[nodiscard]] std::size_t outcomes() const noexcept { return outcomes_; }
    [[nodiscard]] std::size_t rows() const noexcept { return outcomes_ + 1; }
    /// Every token counts e times.
    void temper(double e) noexcept { exponent_ = e; }
    [[nodiscard]] counts start() const { return {0, 0, std::vector<double>(states_ * outcomes_), std::vector<double>(states_)}; }
    void pack(const dirichlet_rows<Order>& prior, std::size_t, double* column, std::size_t stride) const noexcept {
        double total = 0;
        for (std::size_t k = 0; k < outcomes_; ++k) total += column[k * stride] = prior.concentration()[k];
        column[outcomes_ * stride] = total;
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& a, const V*, const counts& n, auto, Emit&& give) const {
        if (n.known < order_) {
            for (std::size_t k = 0; k < outcomes_; ++k) give(k, V(1.0 / static_cast<double>(outcomes_)));
            return;
        }
        const V whole = V(1.0) / (a[outcomes_] + V(n.total[n.code]));
        for (std::size_t k = 0; k < outcomes_; ++k) give(k, (a[k] + V(n.of[n.code * outcomes_ + k])) * whole);
    }
    template <class Rows, class V>
    V observe(const Rows& a, V*, const counts& n, auto, const V* expected, std::size_t token) const {
        const V e = V(exponent_), one(1.0);
        if (exponent_ == 1 || n.known < order_) return e * kernel::logarithm(expected[token]);
        return kernel::log_rising(a[token] + V(n.of[n.code * outcomes_ + token]), one, e) -
               kernel::log_rising(a[outcomes_] + V(n.total[n.code]), one, e);
    }
    void advance(counts& n, auto, std::size_t token) const noexcept {
        if (n.known == order_) {
            n.of[n.code * outcomes_ + token] += exponent_;
            n.total[n.code] += exponent_;
        } else {
            ++n.known;
        }
        n.code = (n.code * outcomes_ + token) % states_;
    }

private:
    std::size_t outcomes_, order_, states_ = 1;
    double exponent_ = 1;
};

/// The seen chains, known by their n-gram statistics alone: weighed by their conditional distributions of order Weighed (0: token
/// frequencies, far along the chain) and predicting with those of order Said. Retrieval of a chain is a combination of the two; with the
/// chain's own order for both it is the memorizing strategy.
template <class F, std::size_t Weighed, std::size_t Said>
class seen_ngrams : public seen_tasks<F> {
public:
    static constexpr std::string_view strategy_name = Weighed == 0 && Said == 0   ? "unigram retrieval"
                                                      : Weighed == 1 && Said == 1 ? "bigram retrieval"
                                                      : Weighed == 0              ? "retrieval by unigrams"
                                                      : Said == 0                 ? "retrieval of unigrams"
                                                                                  : "n-gram retrieval";

    /// Throws std::invalid_argument where seen_tasks does, and when an order exceeds the chain's.
    seen_ngrams(const F& family, typename F::task_table table, std::vector<double> weights = {})
        : seen_ngrams(family, seen_tasks<F>(family, std::move(table), std::move(weights))) {}
    /// The n-grams of seen chains.
    seen_ngrams(const F& family, seen_tasks<F> seen) : seen_tasks<F>(std::move(seen)) {
        constexpr std::size_t most = (std::max)(Weighed, Said);
        if (most > family.order())
            throw std::invalid_argument("rationale::seen_ngrams: orders are " + std::to_string(Weighed) + " and " + std::to_string(Said) +
                                        ", must be at most " + std::to_string(family.order()) + ", the chain's");
        const ngram_fold<dynamic> fold(family.outcomes(), family.order(), false, Weighed, Said);
        for (std::size_t d = 0; d < this->size(); ++d) {
            const auto of = fold.conditionals(row(this->table().tasks, d));
            numbers_.insert(numbers_.end(), of.begin(), of.end());
        }
        if (!this->uniform()) numbers_.insert(numbers_.end(), this->weights().begin(), this->weights().end());
    }

    /// The conditional distributions, chain by chain, then the weights unless they are uniform.
    [[nodiscard]] std::vector<double> numbers() const { return numbers_; }

private:
    std::vector<double> numbers_;
};

template <std::size_t K, std::size_t M, std::size_t Weighed, std::size_t Said>
struct predictive<markov_chain<K, M>, seen_ngrams<markov_chain<K, M>, Weighed, Said>> : ngram_fold<K> {
    using prior_type = seen_ngrams<markov_chain<K, M>, Weighed, Said>;

    predictive(const markov_chain<K, M>& family, const prior_type&)
        : ngram_fold<K>(family.outcomes(), family.order(), family.values().stationary_start, Weighed, Said) {}
    void pack(const prior_type& prior, std::size_t d, double* column, std::size_t stride) const {
        ngram_fold<K>::pack(row(prior.table().tasks, d), column, stride);
    }
};

}  // namespace rationale

#endif
