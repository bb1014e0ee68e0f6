#ifndef RATIONALE_UNIVERSALITY_TASK_DIVERGENCE_HPP
#define RATIONALE_UNIVERSALITY_TASK_DIVERGENCE_HPP

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "rationale/task/balls_and_urns.hpp"
#include "rationale/task/finite_function.hpp"
#include "rationale/task/gaussian_location.hpp"
#include "rationale/task/linear_regression.hpp"

namespace rationale {

namespace detail {
/// Throws std::invalid_argument unless there is a task i, of so many numbers.
template <class Tasks>
void check_task(const char* where, const Tasks& tasks, std::size_t i, std::size_t numbers) {
    check_index(where, "the task", i, tasks.shape(0));
    check_size(where, "a task", tasks.shape(1), numbers);
}
}  // namespace detail

/// KL(w || w_d) in nats per position from one task w of a family to each of a table's, exactly. It is made from (family, table) and called
/// with (from, i, out): out[d] is that from row i of the table `from`, which throws std::invalid_argument where there is none. Infinite
/// where w shows what w_d excludes. O(D) times a task's numbers. There is one for the families whose positions are independent given the
/// task.
template <class F>
class task_divergence;

/// Families with a `task_divergence`.
template <class F>
concept comparable_tasks = requires(const F& f, const typename F::task_table& table, std::span<double> out) {
    task_divergence<F>(f, table)(table, std::size_t{}, out);
    { task_divergence<F>(f, table).size() } -> std::convertible_to<std::size_t>;
};

/// sum_k w_k log(w_k/w_dk).
template <std::size_t K>
class task_divergence<balls_and_urns<K>> {
    using family_type = balls_and_urns<K>;

public:
    /// To the tasks of `table`. Throws std::invalid_argument where they are not of the family.
    task_divergence(const family_type& family, const typename family_type::task_table& table)
        : outcomes_(family.outcomes()), tasks_(table.tasks.shape(0)), logs_(table.tasks.size()) {
        check_fields("rationale::task_divergence", table, [&](char letter) { return family.extent(letter); });
        for (std::size_t d = 0; d < tasks_; ++d)
            for (std::size_t k = 0; k < outcomes_; ++k) logs_[k * tasks_ + d] = std::log(table.tasks(d, k));
    }

    /// D.
    [[nodiscard]] std::size_t size() const noexcept { return tasks_; }
    /// From row i of `from`.
    void operator()(const typename family_type::task_table& from, std::size_t i, std::span<double> out) const {
        detail::check_task("rationale::task_divergence", from.tasks, i, outcomes_);
        double entropy = 0;
        std::fill(out.begin(), out.end(), 0.0);
        for (std::size_t k = 0; k < outcomes_; ++k) {
            const double w = from.tasks(i, k), *const logs = logs_.data() + k * tasks_;
            if (w == 0) continue;
            entropy -= w * std::log(w);
            for (std::size_t d = 0; d < tasks_; ++d) out[d] -= w * logs[d];
        }
        for (double& nats : out) nats = (std::max)(0.0, nats - entropy);
    }

private:
    std::size_t outcomes_, tasks_;
    std::vector<double> logs_;  // (K,D)
};

/// input_variance |w - w_d|^2/(2 noise_variance), the mean over inputs.
template <std::size_t Dimensions>
class task_divergence<linear_regression<Dimensions>> {
    using family_type = linear_regression<Dimensions>;

public:
    /// To the tasks of `table`. Throws std::invalid_argument where they are not of the family.
    task_divergence(const family_type& family, typename family_type::task_table table)
        : table_(std::move(table)), scale_(0.5 * family.values().input_variance / family.noise_variance()) {
        check_fields("rationale::task_divergence", table_, [&](char letter) { return family.extent(letter); });
    }

    /// D.
    [[nodiscard]] std::size_t size() const noexcept { return table_.tasks.shape(0); }
    /// From row i of `from`.
    void operator()(const typename family_type::task_table& from, std::size_t i, std::span<double> out) const {
        detail::check_task("rationale::task_divergence", from.tasks, i, table_.tasks.shape(1));
        const auto w = row(from.tasks, i);
        for (std::size_t d = 0; d < out.size(); ++d) {
            const auto other = row(table_.tasks, d);
            double square = 0;
            for (std::size_t j = 0; j < w.size(); ++j) square += (w[j] - other[j]) * (w[j] - other[j]);
            out[d] = scale_ * square;
        }
    }

private:
    typename family_type::task_table table_;
    double scale_;
};

/// 1/2 [log(v_d/v) + v/v_d - 1 + (m - m_d)^2/v_d] of N(m, v) and N(m_d, v_d).
template <>
class task_divergence<gaussian_location> {
public:
    /// To the tasks of `table`. Throws std::invalid_argument where they are not of the family.
    task_divergence(const gaussian_location& family, gaussian_location::task_table table) : table_(std::move(table)) {
        check_fields("rationale::task_divergence", table_, [&](char letter) { return family.extent(letter); });
    }

    /// D.
    [[nodiscard]] std::size_t size() const noexcept { return table_.tasks.shape(0); }
    /// From row i of `from`.
    void operator()(const gaussian_location::task_table& from, std::size_t i, std::span<double> out) const {
        detail::check_task("rationale::task_divergence", from.tasks, i, 2);
        const double mean = from.tasks(i, 0), variance = from.tasks(i, 1);
        for (std::size_t d = 0; d < out.size(); ++d) {
            const double off = mean - table_.tasks(d, 0), of = table_.tasks(d, 1), ratio = variance / of;
            out[d] = 0.5 * ((std::max)(0.0, ratio - 1 - std::log(ratio)) + off * off / of);
        }
    }

private:
    gaussian_location::task_table table_;
};

/// The share of inputs on which both functions differ times (hit - miss) log(hit/miss), of the probabilities of what a function says and of
/// another output; infinite without noise.
template <std::size_t K>
class task_divergence<finite_function<K>> {
    using family_type = finite_function<K>;

public:
    /// To the tasks of `table`. Throws std::invalid_argument where they are not of the family.
    task_divergence(const family_type& family, typename family_type::task_table table)
        : table_(std::move(table)), of_an_input_((family.hit() - family.miss()) * std::log(family.hit() / family.miss())) {
        check_fields("rationale::task_divergence", table_, [&](char letter) { return family.extent(letter); });
    }

    /// D.
    [[nodiscard]] std::size_t size() const noexcept { return table_.tasks.shape(0); }
    /// From row i of `from`.
    void operator()(const typename family_type::task_table& from, std::size_t i, std::span<double> out) const {
        detail::check_task("rationale::task_divergence", from.tasks, i, table_.tasks.shape(1));
        const auto f = row(from.tasks, i);
        for (std::size_t d = 0; d < out.size(); ++d) {
            const auto other = row(table_.tasks, d);
            double apart = 0;
            for (std::size_t x = 0; x < f.size(); ++x) apart += f[x] != other[x];
            out[d] = apart == 0 ? 0 : apart / static_cast<double>(f.size()) * of_an_input_;
        }
    }

private:
    typename family_type::task_table table_;
    double of_an_input_;
};

/// The divergences as they are returned: from row i of `from` to every task of the table.
template <comparable_tasks F>
[[nodiscard]] std::vector<double> divergences_from(const task_divergence<F>& kl, const typename F::task_table& from, std::size_t i = 0) {
    std::vector<double> out(kl.size());
    kl(from, i, out);
    return out;
}

}  // namespace rationale

#endif
