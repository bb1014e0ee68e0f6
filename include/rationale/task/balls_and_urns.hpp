#ifndef RATIONALE_TASK_BALLS_AND_URNS_HPP
#define RATIONALE_TASK_BALLS_AND_URNS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/field.hpp"

namespace rationale {

/// Balls and urns: an urn w ~ Dirichlet(concentration) over K categories, then T draws from Cat(w). Predicted is the distribution of
/// draw t from the t draws before it (arXiv 2506.17859, section 3).
template <std::size_t Categories>
class balls_and_urns {
public:
    static constexpr std::string_view name = "balls_and_urns";
    static constexpr prediction_kind kind = prediction_kind::distribution;
    static constexpr std::string_view prediction_shape = "STK";

    struct parameters {
        std::size_t categories = Categories == dynamic ? 0 : Categories;  ///< K
        std::vector<double> concentration{1.0};                           ///< one number for all categories, or K of them
        static constexpr auto fields = std::make_tuple(parameter_field{"categories", &parameters::categories, true},
                                                       parameter_field{"concentration", &parameters::concentration});
    };
    /// tasks (D,K): an urn a row.
    struct task_table {
        ndarray<double, 2> tasks;
        static constexpr auto fields = std::make_tuple(field{"tasks", &task_table::tasks, "DK"});
    };
    /// tokens (S,T): the categories drawn.
    struct sequences {
        ndarray<std::int32_t, 2> tokens;
        static constexpr auto fields = std::make_tuple(field{"tokens", &sequences::tokens, "ST", 'K'});
    };

    /// Throws std::invalid_argument for no categories or a concentration that is not positive.
    explicit balls_and_urns(parameters p = {})
        : categories_("rationale::balls_and_urns", "categories", p.categories, 1), values_(std::move(p)) {
        auto& a = values_.concentration;
        if (a.size() == 1) a.resize(outcomes(), a[0]);
        if (a.size() != outcomes())
            throw std::invalid_argument("rationale::balls_and_urns: concentration has " + std::to_string(a.size()) +
                                        " numbers, must have 1 or " + std::to_string(outcomes()));
        for (double x : a) detail::positive("rationale::balls_and_urns", "concentration", x);
    }

    [[nodiscard]] const parameters& values() const noexcept { return values_; }
    [[nodiscard]] std::size_t outcomes() const noexcept { return categories_.size(); }
    [[nodiscard]] std::size_t extent(char letter) const noexcept { return letter == 'K' ? outcomes() : 0; }

    /// Throws std::invalid_argument unless every row is a distribution (to 1e-6).
    static void check(const task_table& table) {
        for (std::size_t d = 0; d < table.tasks.shape(0); ++d) {
            double sum = 0, least = 0;
            for (double p : row(table.tasks, d)) {
                sum += p;
                least = p < least || p != p ? p : least;
            }
            if (!(least >= 0) || !(std::abs(sum - 1) <= 1e-6))
                throw std::invalid_argument("rationale::balls_and_urns: tasks row " + std::to_string(d) + " sums to " +
                                            detail::number_text(sum) + ", must be probabilities that sum to 1");
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

    // The fold of a known urn: its probabilities and, exactly, their logarithms. The counts of what was drawn give its likelihood.
    struct counts {
        std::vector<double> of;
    };
    static constexpr std::size_t fixed_outcomes = Categories == dynamic ? 0 : Categories;
    [[nodiscard]] std::size_t rows() const noexcept { return outcomes(); }
    [[nodiscard]] std::size_t exact_rows() const noexcept { return outcomes(); }
    [[nodiscard]] counts start() const { return {std::vector<double>(outcomes())}; }
    void pack(const task_table& table, std::size_t d, double* column, std::size_t stride) const noexcept {
        const auto urn = row(table.tasks, d);
        for (std::size_t k = 0; k < outcomes(); ++k) {
            column[k * stride] = urn[k];
            column[(outcomes() + k) * stride] = urn[k] > 0 ? std::log(urn[k]) : kernel::log_of_zero;
        }
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& urn, const V*, const counts&, auto, Emit&& emit) const {
        categories_.each([&](std::size_t k) { emit(k, urn[k]); });
    }
    template <class Rows, class V>
    V observe(const Rows& urn, V*, const counts&, auto, const V*, std::size_t token) const {
        return kernel::logarithm(urn[token]);
    }
    template <class Rows>
    auto factor(const Rows& urn, const counts&, auto, std::size_t token) const {
        return urn[token];
    }
    void advance(counts& drawn, auto, std::size_t token) const noexcept { drawn.of[token] += 1; }
    template <class Rows>
    auto log_likelihood(const Rows& logs, const counts& drawn) const {
        using V = std::remove_cvref_t<decltype(logs[0])>;
        V nats(0.0);
        for (std::size_t k = 0; k < outcomes(); ++k) nats = kernel::lane_access<V>::multiply_add(V(drawn.of[k]), logs[k], nats);
        return nats;
    }
    /// sum_k (draws of k) max(0, log w_k - log rival_k)
    template <class Rows, class Rival>
    auto greatest_gain(const Rows& logs, const Rival& rival, const counts& before, const counts& after) const {
        using V = std::remove_cvref_t<decltype(logs[0])>;
        V nats(0.0);
        for (std::size_t k = 0; k < outcomes(); ++k) {
            if (after.of[k] == before.of[k]) continue;
            const V ahead = kernel::lane_access<V>::larger(V(0.0), logs[k] - V(rival[k]));
            nats = kernel::lane_access<V>::multiply_add(V(after.of[k] - before.of[k]), ahead, nats);
        }
        return nats;
    }

    /// Draws an urn into `truth` and the tokens of sequence s from it.
    template <class Draw>
    void sample(philox& rng, Draw&& draw, sequences& q, std::size_t s, task_table& truth) const {
        draw(truth, s);
        for (std::int32_t& token : row(q.tokens, s))
            token = static_cast<std::int32_t>(categorical(rng, row(std::as_const(truth.tasks), s)));
    }
    /// The true urn at every event.
    void target(const task_table& truth, const sequences& q, std::size_t s, std::span<double> out) const {
        const auto urn = row(truth.tasks, s);
        for (std::size_t t = 0; t < q.tokens.shape(1); ++t)
            std::copy(urn.begin(), urn.end(), out.begin() + static_cast<std::ptrdiff_t>(t * outcomes()));
    }

private:
    rationale::extent<Categories> categories_;
    parameters values_;
};

}  // namespace rationale

#endif
