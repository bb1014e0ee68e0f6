#ifndef RATIONALE_TASK_MARKOV_CHAIN_HPP
#define RATIONALE_TASK_MARKOV_CHAIN_HPP

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/field.hpp"
#include "rationale/task/ngram_fold.hpp"
#include "rationale/task/token_family.hpp"

namespace rationale {

/// Markov chains of order m over K tokens: a matrix of K^m rows, each from Dirichlet(concentration), then T tokens, each drawn from the row
/// of the m tokens before it. Predicted is the distribution of token t from the t tokens before it. The first m tokens are uniform or, with
/// a stationary start, distributed as they are far along the chain. A row's place is the number whose digits in base K are its m tokens,
/// the oldest first. Order 0 is balls and urns. (Order 1: arXiv 2412.01003.)
///
/// A chain predicts from one row at an event, O(K). Packing it takes O(K^m K), and O(K^3m) where its stationary distribution is needed.
template <std::size_t Categories, std::size_t Order>
class markov_chain : public token_family<markov_chain<Categories, Order>>, public ngram_fold<Categories> {
    using fold = ngram_fold<Categories>;

public:
    static constexpr std::string_view name = "markov_chain";

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
        ndarray<double, 3> tasks;  ///< (D,R,K)
        static constexpr auto fields = std::make_tuple(field{"tasks", &task_table::tasks, "DRK"});
    };
    /// Throws std::invalid_argument for no categories, another order than the type's, more than 2^20 rows, or a concentration that is not
    /// positive.
    explicit markov_chain(parameters p = {}) : markov_chain(checked(std::move(p)), 0) {}

    [[nodiscard]] const parameters& values() const noexcept { return values_; }
    using fold::outcomes;
    /// m: tokens that the next one depends on.
    [[nodiscard]] std::size_t order() const noexcept { return values_.order; }
    [[nodiscard]] std::size_t extent(char letter) const noexcept { return letter == 'K' ? outcomes() : letter == 'R' ? chain_rows_ : 0; }

    /// Throws std::invalid_argument unless every row is a distribution (to 1e-6).
    static void check_tasks(const task_table& table) {
        token_family<markov_chain>::check_distributions("rationale::markov_chain", "tasks", table.tasks);
    }

    // The fold of a known chain is that of its n-grams of its own order.
    using fold::observe;
    void pack(const task_table& table, std::size_t d, double* column, std::size_t stride) const {
        fold::pack(row(table.tasks, d), column, stride);
    }

private:
    markov_chain(parameters p, int) : fold(p.categories, p.order, p.stationary_start, p.order, p.order), values_(std::move(p)) {
        for (std::size_t j = 0; j < order(); ++j) chain_rows_ *= outcomes();
    }
    [[nodiscard]] static parameters checked(parameters p) {
        p.categories = rationale::extent<Categories>("rationale::markov_chain", "categories", p.categories, 1).size();
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
    parameters values_;
    std::size_t chain_rows_ = 1;
};

}  // namespace rationale

#endif
