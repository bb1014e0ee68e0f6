#ifndef RATIONALE_TASK_BALLS_AND_URNS_HPP
#define RATIONALE_TASK_BALLS_AND_URNS_HPP

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/kernel/gain_on_rival.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/field.hpp"
#include "rationale/task/token_family.hpp"

namespace rationale {

/// Balls and urns: an urn w ~ Dirichlet(concentration) over K categories, then T draws from Cat(w). Predicted is the distribution of
/// draw t from the t draws before it (arXiv 2506.17859, section 3).
template <std::size_t Categories>
class balls_and_urns : public token_family<balls_and_urns<Categories>> {
public:
    static constexpr std::string_view name = "balls_and_urns";

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

    /// Throws std::invalid_argument unless every row is a distribution (to 1e-6).
    static void check_tasks(const task_table& table) {
        token_family<balls_and_urns>::check_distributions("rationale::balls_and_urns", "tasks", table.tasks);
    }

    // The fold of a known urn: its probabilities and, exactly, their logarithms. The counts of what was drawn give its likelihood.
    struct counts {
        short_array<double, Categories> of;
    };
    static constexpr std::size_t fixed_outcomes = Categories == dynamic ? 0 : Categories;
    [[nodiscard]] std::size_t rows() const noexcept { return outcomes(); }
    [[nodiscard]] std::size_t exact_rows() const noexcept { return outcomes(); }
    [[nodiscard]] counts start() const { return {short_array<double, Categories>(outcomes())}; }
    void pack(const task_table& table, std::size_t d, double* column, std::size_t stride) const noexcept {
        const auto urn = row(table.tasks, d);
        for (std::size_t k = 0; k < outcomes(); ++k) {
            column[k * stride] = urn[k];
            column[(outcomes() + k) * stride] = urn[k] > 0 ? std::log(urn[k]) : kernel::log_of_zero;
        }
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& urn, const V*, const counts&, auto, Emit&& give) const {
        categories_.each([&](std::size_t k) { give(k, urn[k]); });
    }
    static constexpr bool factor_is_row = true;  // that of the observation
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
    template <class Rival>
    kernel::gain_on_rival greatest_gain(const Rival& rival, const counts& before, const counts& after) const {
        kernel::gain_on_rival gain(outcomes());
        for (std::size_t k = 0; k < outcomes(); ++k)
            if (after.of[k] > before.of[k]) gain.add(k, after.of[k] - before.of[k], rival[k]);
        return gain;
    }

private:
    rationale::extent<Categories> categories_;
    parameters values_;
};

}  // namespace rationale

#endif
