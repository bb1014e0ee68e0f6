#ifndef RATIONALE_TASK_MARKOV_CHAIN_HPP
#define RATIONALE_TASK_MARKOV_CHAIN_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/field.hpp"
#include "rationale/task/ngram_fold.hpp"

namespace rationale {

/// Markov chains of order m over K tokens: a matrix of K^m rows, each from Dirichlet(concentration), then T tokens, each drawn from the row
/// of the m tokens before it. Predicted is the distribution of token t from the t tokens before it. The first m tokens are uniform or, with
/// a stationary start, distributed as they are far along the chain. A row's place is the number whose digits in base K are its m tokens,
/// the oldest first. Order 0 is balls and urns. (Order 1: arXiv 2412.01003.)
///
/// A chain predicts from one row at an event, O(K). Packing it takes O(K^m K), and O(K^3m) where its stationary distribution is needed.
template <std::size_t Categories, std::size_t Order>
class markov_chain : public ngram_fold<Categories> {
    using fold = ngram_fold<Categories>;

public:
    static constexpr std::string_view name = "markov_chain";
    static constexpr prediction_kind kind = prediction_kind::distribution;
    static constexpr std::string_view prediction_shape = "STK";

    struct parameters {
        std::size_t categories = Categories == dynamic ? 0 : Categories;  ///< K
        std::size_t order = Order == dynamic ? 1 : Order;                 ///< m
        std::vector<double> concentration{1.0};                           ///< of every row: one number for all tokens, or K of them
        bool stationary_start = false;  ///< the first m tokens are as they are far along the chain, in place of uniform
        static constexpr auto fields =
            std::make_tuple(parameter_field{"categories", &parameters::categories, true}, parameter_field{"order", &parameters::order},
                            parameter_field{"concentration", &parameters::concentration},
                            parameter_field{"stationary_start", &parameters::stationary_start});
    };
    /// tasks (D,R,K), R = K^m: a chain's rows.
    struct task_table {
        ndarray<double, 3> tasks;
        static constexpr auto fields = std::make_tuple(field{"tasks", &task_table::tasks, "DRK"});
    };
    /// tokens (S,T).
    struct sequences {
        ndarray<std::int32_t, 2> tokens;
        static constexpr auto fields = std::make_tuple(field{"tokens", &sequences::tokens, "ST", 'K'});
    };

    /// Throws std::invalid_argument for no categories, another order than the type's, more than 2^20 rows, or a concentration that is not
    /// positive.
    explicit markov_chain(parameters p = {}) : markov_chain(checked(std::move(p)), 0) {}

    [[nodiscard]] const parameters& values() const noexcept { return values_; }
    using fold::outcomes;
    [[nodiscard]] std::size_t order() const noexcept { return values_.order; }
    [[nodiscard]] std::size_t extent(char letter) const noexcept { return letter == 'K' ? outcomes() : letter == 'R' ? chain_rows_ : 0; }

    /// Throws std::invalid_argument unless every row is a distribution (to 1e-6).
    static void check(const task_table& table) {
        const std::size_t k = table.tasks.shape(2);
        for (std::size_t d = 0; d < table.tasks.shape(0); ++d)
            for (std::size_t r = 0; r < table.tasks.shape(1); ++r) {
                double sum = 0, least = 0;
                for (double p : row(table.tasks, d).subspan(r * k, k)) {
                    sum += p;
                    least = p < least || p != p ? p : least;
                }
                if (!(least >= 0) || !(std::abs(sum - 1) <= 1e-6))
                    throw std::invalid_argument("rationale::markov_chain: tasks [" + std::to_string(d) + ", " + std::to_string(r) +
                                                "] sums to " + detail::number_text(sum) + ", must be probabilities that sum to 1");
            }
    }

    class sequence_view {
    public:
        explicit sequence_view(std::span<const std::int32_t> tokens) : tokens_(tokens) {}
        struct no_input {};
        [[nodiscard]] std::size_t events() const noexcept { return tokens_.size(); }
        [[nodiscard]] no_input input(std::size_t) const noexcept { return {}; }
        [[nodiscard]] std::size_t observation(std::size_t t) const noexcept { return static_cast<std::size_t>(tokens_[t]); }

    private:
        std::span<const std::int32_t> tokens_;
    };
    [[nodiscard]] sequence_view view(const sequences& q, std::size_t s) const { return sequence_view(row(q.tokens, s)); }

    // The fold of a known chain is that of its n-grams of its own order.
    void pack(const task_table& table, std::size_t d, double* column, std::size_t stride) const {
        fold::pack(row(table.tasks, d), column, stride);
    }

    /// Draws a chain into `truth` and the tokens of sequence s from it.
    template <class Draw>
    void sample(philox& rng, Draw&& draw, sequences& q, std::size_t s, task_table& truth) const {
        draw(truth, s);
        const auto packed = packed_truth(truth, s);
        auto so_far = fold::start();
        for (std::int32_t& token : row(q.tokens, s)) {
            const std::size_t k = categorical(rng, std::span(packed).subspan(fold::row_of(so_far, order()), outcomes()));
            token = static_cast<std::int32_t>(k);
            fold::advance(so_far, 0, k);
        }
    }
    /// The true row at every event.
    void target(const task_table& truth, const sequences& q, std::size_t s, std::span<double> out) const {
        const auto packed = packed_truth(truth, s);
        auto so_far = fold::start();
        auto to = out.begin();
        for (const std::int32_t token : row(q.tokens, s)) {
            to = std::copy_n(packed.begin() + static_cast<std::ptrdiff_t>(fold::row_of(so_far, order())), outcomes(), to);
            fold::advance(so_far, 0, static_cast<std::size_t>(token));
        }
    }

private:
    markov_chain(parameters p, int) : fold(p.categories, p.order, p.stationary_start, p.order, p.order), values_(std::move(p)) {
        for (std::size_t j = 0; j < order(); ++j) chain_rows_ *= outcomes();
    }
    [[nodiscard]] static parameters checked(parameters p) {
        (void)rationale::extent<Categories>("rationale::markov_chain", "categories", p.categories, 1);
        if (Order != dynamic && p.order != Order)
            throw std::invalid_argument("rationale::markov_chain: order is " + std::to_string(p.order) + ", must be " +
                                        std::to_string(Order) + " as the type says");
        std::size_t rows = 1;
        for (std::size_t j = 0; j < p.order; ++j)
            if (j == 20 || (rows *= p.categories) > (std::size_t{1} << 20))
                throw std::invalid_argument("rationale::markov_chain: order is " + std::to_string(p.order) + " for " +
                                            std::to_string(p.categories) + " categories, must leave at most 2^20 rows");
        auto& a = p.concentration;
        if (a.size() == 1) a.resize(p.categories, a[0]);
        if (a.size() != p.categories)
            throw std::invalid_argument("rationale::markov_chain: concentration has " + std::to_string(a.size()) +
                                        " numbers, must have 1 or " + std::to_string(p.categories));
        for (double x : a) detail::positive("rationale::markov_chain", "concentration", x);
        return p;
    }
    [[nodiscard]] std::vector<double> packed_truth(const task_table& truth, std::size_t s) const {
        std::vector<double> packed(fold::rows() + fold::exact_rows());
        fold::pack(row(truth.tasks, s), packed.data(), 1);
        return packed;
    }

    parameters values_;
    std::size_t chain_rows_ = 1;
};

}  // namespace rationale

#endif
