#ifndef RATIONALE_FIT_CELL_ROLES_HPP
#define RATIONALE_FIT_CELL_ROLES_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace rationale {

/// What a cell is used for. Scores of different roles are never averaged with one another.
enum class cell_role { before_threshold, fitted, held_out_steps, held_out_tasks, held_out_both };

inline constexpr std::array all_roles{cell_role::fitted, cell_role::held_out_steps, cell_role::held_out_tasks, cell_role::held_out_both,
                                      cell_role::before_threshold};

[[nodiscard]] constexpr std::string_view words(cell_role role) noexcept {
    switch (role) {
        case cell_role::before_threshold:
            return "before threshold";
        case cell_role::fitted:
            return "fitted";
        case cell_role::held_out_steps:
            return "held out in N";
        case cell_role::held_out_tasks:
            return "held out in D";
        case cell_role::held_out_both:
            return "held out in N and D";
    }
    return {};
}

/// Which checkpoints of which task counts are fitted: of those at or after the threshold, the first ceil(0.8 n) of the n distinct steps, of
/// the first ceil(0.8 n) of the n distinct task counts.
class cell_roles {
public:
    /// Without a threshold every checkpoint remains.
    cell_roles(const std::vector<std::size_t>& tasks, const std::vector<std::int64_t>& steps, std::optional<std::int64_t> threshold,
               double share = 0.8)
        : threshold_(threshold) {
        const std::set<std::size_t> distinct_tasks(tasks.begin(), tasks.end());
        std::set<std::int64_t> distinct_steps;
        for (auto n : steps)
            if (!threshold || n >= *threshold) distinct_steps.insert(n);
        last_tasks_ = last(distinct_tasks, share);
        last_step_ = last(distinct_steps, share);
    }

    /// The role of a checkpoint.
    [[nodiscard]] cell_role role(std::size_t tasks, std::int64_t step) const noexcept {
        if (threshold_ && step < *threshold_) return cell_role::before_threshold;
        const bool later = step > last_step_, more = tasks > last_tasks_;
        return later ? (more ? cell_role::held_out_both : cell_role::held_out_steps)
                     : (more ? cell_role::held_out_tasks : cell_role::fitted);
    }
    /// The largest number of tasks that is fitted to.
    [[nodiscard]] std::size_t last_fitted_tasks() const noexcept { return last_tasks_; }
    /// The last step that is fitted to.
    [[nodiscard]] std::int64_t last_fitted_step() const noexcept { return last_step_; }

private:
    template <class T>
    static T last(const std::set<T>& distinct, double share) {
        if (distinct.empty()) return T{};
        // 0.8 n is exact for no n but multiples of 5, where it may round up past the integer.
        const auto n = static_cast<std::ptrdiff_t>(std::ceil(share * static_cast<double>(distinct.size()) - 1e-9));
        return *std::next(distinct.begin(), (std::max)(n, std::ptrdiff_t{1}) - 1);
    }

    std::optional<std::int64_t> threshold_;
    std::size_t last_tasks_ = 0;
    std::int64_t last_step_ = 0;
};

}  // namespace rationale

#endif
