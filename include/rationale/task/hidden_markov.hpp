#ifndef RATIONALE_TASK_HIDDEN_MARKOV_HPP
#define RATIONALE_TASK_HIDDEN_MARKOV_HPP

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/field.hpp"
#include "rationale/task/token_family.hpp"

namespace rationale {

/// Hidden Markov models with H states and K tokens: the hidden state starts uniform, shows a token by its row of the emissions, and moves
/// by its row of the transitions. Rows are Dirichlet. Predicted is the distribution of token t from the t tokens before it, by the forward
/// recursion, whose vector is normalised at every event, so that nothing underflows however long the sequence: O(H^2 + H K) an event and
/// seen model. With one hidden state it is balls and urns.
template <std::size_t Categories>
class hidden_markov : public token_family<hidden_markov<Categories>> {
public:
    static constexpr std::string_view name = "hidden_markov";

    struct parameters {
        std::size_t categories = Categories == dynamic ? 0 : Categories;  ///< K
        std::size_t states = 2;                                           ///< H
        double concentration = 1;                                         ///< of a row of emissions, for every token
        double transition_concentration = 1;                              ///< of a row of transitions, for every state
        static constexpr auto fields =
            std::make_tuple(parameter_field{"categories", &parameters::categories, true}, parameter_field{"states", &parameters::states},
                            parameter_field{"concentration", &parameters::concentration},
                            parameter_field{"transition_concentration", &parameters::transition_concentration});
    };
    /// tasks (D,H,K), the emissions, and transitions (D,H,H).
    struct task_table {
        /// (D,H,K) and (D,H,H).
        ndarray<double, 3> tasks, transitions;
        static constexpr auto fields =
            std::make_tuple(field{"tasks", &task_table::tasks, "DHK"}, field{"transitions", &task_table::transitions, "DHH"});
    };

    /// Throws std::invalid_argument for no categories or states, or a concentration that is not positive.
    explicit hidden_markov(parameters p = {}) : categories_("rationale::hidden_markov", "categories", p.categories, 1), values_(p) {
        constexpr const char* where = "rationale::hidden_markov";
        if (p.states == 0) throw std::invalid_argument(std::string(where) + ": states is 0, must be at least 1");
        detail::positive(where, "concentration", p.concentration);
        detail::positive(where, "transition_concentration", p.transition_concentration);
    }

    [[nodiscard]] const parameters& values() const noexcept { return values_; }
    [[nodiscard]] std::size_t outcomes() const noexcept { return categories_.size(); }
    /// H.
    [[nodiscard]] std::size_t states() const noexcept { return values_.states; }
    [[nodiscard]] std::size_t extent(char letter) const noexcept { return letter == 'K' ? outcomes() : letter == 'H' ? states() : 0; }

    /// Throws std::invalid_argument unless every row is a distribution (to 1e-6).
    static void check_tasks(const task_table& table) {
        token_family<hidden_markov>::check_distributions("rationale::hidden_markov", "tasks", table.tasks);
        token_family<hidden_markov>::check_distributions("rationale::hidden_markov", "transitions", table.transitions);
    }

    // The fold of a known model: emissions, then transitions; the state is the forward vector, P(hidden state | tokens before).
    struct nothing {};
    [[nodiscard]] std::size_t rows() const noexcept { return states() * (outcomes() + states()); }
    [[nodiscard]] std::size_t state_rows() const noexcept { return 2 * states(); }
    [[nodiscard]] nothing start() const noexcept { return {}; }
    void pack(const task_table& table, std::size_t d, double* column, std::size_t stride) const noexcept {
        for (const double p : row(table.tasks, d)) *column = p, column += stride;
        for (const double p : row(table.transitions, d)) *column = p, column += stride;
    }
    template <class Rows, class V>
    void begin(const Rows&, V* forward, const nothing&) const {
        for (std::size_t h = 0; h < states(); ++h) forward[h] = kernel::broadcast<V>(1 / static_cast<double>(states()));
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& model, const V* forward, const nothing&, auto, Emit&& give) const {
        categories_.each([&](std::size_t k) {
            V p(0.0);
            for (std::size_t h = 0; h < states(); ++h) p = kernel::lane_access<V>::multiply_add(forward[h], model[h * outcomes() + k], p);
            give(k, p);
        });
    }
    template <class Rows, class V>
    V observe(const Rows& model, V* forward, const nothing&, auto, const V* expected, std::size_t token) const {
        const V p = expected[token];
        // A power of two, so that the inverse of the smallest p is a number.
        const V up = kernel::broadcast<V>(std::is_same_v<typename kernel::lane_access<V>::scalar, float> ? 0x1p24 : 0x1p54);
        const V scale = kernel::select(p > V(0.0), V(1.0) / (p * up), V(0.0));  // a model that excludes the token has weight 0 from here on
        V* const before = forward + states();
        for (std::size_t h = 0; h < states(); ++h) before[h] = forward[h] * model[h * outcomes() + token] * up * scale;
        for (std::size_t to = 0; to < states(); ++to) {
            V sum(0.0);
            for (std::size_t from = 0; from < states(); ++from)
                sum = kernel::lane_access<V>::multiply_add(before[from], model[states() * outcomes() + from * states() + to], sum);
            forward[to] = sum;
        }
        return kernel::logarithm(p);
    }

private:
    rationale::extent<Categories> categories_;
    parameters values_;
};

}  // namespace rationale

#endif
