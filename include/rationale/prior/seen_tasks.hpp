#ifndef RATIONALE_PRIOR_SEEN_TASKS_HPP
#define RATIONALE_PRIOR_SEEN_TASKS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/prior/prior.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/field.hpp"

namespace rationale {

namespace detail {
/// Throws std::invalid_argument unless a row of one task table has as many numbers as one of the other.
template <class Table>
void check_same_rows(const char* where, const Table& from, const Table& to) {
    for_each_field<Table>([&](const auto& f) {
        const auto size = [&](const Table& t) { return (t.*f.member).size() / (std::max)((t.*f.member).shape(0), std::size_t{1}); };
        check_size(where, "a task of the prior", size(from), size(to));
    });
}
}  // namespace detail

/// rank^-exponent for ranks 1, 2, ...: relative weights of seen tasks.
[[nodiscard]] inline std::vector<double> zipf_weights(std::size_t count, double exponent) {
    std::vector<double> out;
    for (std::size_t rank = 1; rank <= count; ++rank) out.push_back(std::pow(static_cast<double>(rank), -exponent));
    return out;
}

/// The tasks seen in training as a prior: a point mass on each, uniform or with the weights with which they were drawn.
template <class F>
class seen_tasks {
    static_assert(point_family<F>, "rationale::seen_tasks<F>: F must be a family with the fold of a point, see rationale/task/family.hpp");

public:
    using task_table = typename F::task_table;

    /// `weights` are relative and empty for uniform ones. Throws std::invalid_argument for no tasks, tasks that the family refuses, a
    /// wrong number of weights, or weights that are negative, not finite or all zero.
    seen_tasks(const F& family, task_table table, std::vector<double> weights = {}) : table_(std::move(table)) {
        check_fields("rationale::seen_tasks", table_, [&](char letter) { return family.extent(letter); });
        size_ = detail::count_of(table_);
        if (size_ == 0) throw std::invalid_argument("rationale::seen_tasks: there are 0 tasks, must be at least 1");
        if constexpr (requires { F::check_tasks(table_); }) F::check_tasks(table_);
        if (weights.empty()) weights.assign(size_, 1.0);
        if (weights.size() != size_)
            throw std::invalid_argument("rationale::seen_tasks: there are " + std::to_string(weights.size()) + " weights, must be 0 or " +
                                        std::to_string(size_));
        uniform_ = std::all_of(weights.begin(), weights.end(), [&](double w) { return w == weights[0]; });
        detail::normalise("rationale::seen_tasks", "a weight", weights);
        if (uniform_) weights.assign(size_, 1.0 / static_cast<double>(size_));
        weights_ = std::move(weights);
        if (!uniform_) choose_ = discrete(weights_);
    }

    /// The tasks.
    [[nodiscard]] const task_table& table() const noexcept { return table_; }
    /// Normalised, one a task.
    [[nodiscard]] std::span<const double> weights() const noexcept { return weights_; }
    /// Whether all have the same weight.
    [[nodiscard]] bool uniform() const noexcept { return uniform_; }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] double log_weight(std::size_t d) const noexcept { return std::log(weights_[d]); }

    /// The tasks row by row, a label as the last number of its row, then the weights unless they are uniform.
    [[nodiscard]] std::vector<double> numbers() const {
        std::vector<double> all;
        for (std::size_t d = 0; d < size_; ++d)
            for_each_field<task_table>([&](const auto& f) {
                for (const auto value : row(table_.*f.member, d)) all.push_back(static_cast<double>(value));
            });
        if (!uniform_) all.insert(all.end(), weights_.begin(), weights_.end());
        return all;
    }

    /// A seen task's place, drawn by weight.
    [[nodiscard]] std::size_t draw_index(philox& rng) const { return uniform_ ? index(rng, size_) : choose_(rng); }
    /// Copies a seen task, drawn by weight, into row `to` of `out`.
    void draw(philox& rng, const F&, task_table& out, std::size_t to) const {
        const std::size_t d = draw_index(rng);
        detail::check_same_rows("rationale::seen_tasks", table_, out);
        for_each_field<task_table>([&](const auto& f) {
            const auto from = row(table_.*f.member, d);
            std::copy(from.begin(), from.end(), row(out.*f.member, to).begin());
        });
    }

private:
    task_table table_;
    std::size_t size_ = 0;
    bool uniform_ = true;
    std::vector<double> weights_;
    discrete choose_;
};

/// Some of many seen tasks, and their part in all of them, relative: how many they are, or what their weights sum to.
template <class F>
struct task_tile {
    seen_tasks<F> tasks;  ///< those of the tile
    double mass = 0;      ///< their part, relative
};

namespace detail {
/// The fold over a prior's components, and what it packs them from.
template <class F, class P>
struct fold_for {
    using type = predictive<F, P>;
    static type make(const F& family, const P& prior) { return type(family, prior); }
};
template <class F>
struct fold_for<F, seen_tasks<F>> {
    using type = F;
    static type make(const F& family, const seen_tasks<F>&) { return family; }
};
template <class P>
const P& packed_from(const P& prior) {
    return prior;
}
template <class F>
const auto& packed_from(const seen_tasks<F>& prior) {
    return prior.table();
}
/// Whether a prior has one component always.
template <class P>
constexpr bool is_single = [] {
    if constexpr (requires { typename std::integral_constant<std::size_t, P::size()>; }) return P::size() == 1;
    else return false;
}();
}  // namespace detail

}  // namespace rationale

#endif
