#ifndef RATIONALE_PRIOR_HYPOTHESES_HPP
#define RATIONALE_PRIOR_HYPOTHESES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/kernel/lanes.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/task/finite_function.hpp"

namespace rationale {

/// A finite set of hypotheses, each as probable as any other: `count` of them, of which hypothesis h maps input x to of(h, x). They are the
/// tasks that there can be, seen in training or not. Throws std::invalid_argument for no hypothesis and for an output that is none.
template <std::size_t K, class Of>
[[nodiscard]] seen_tasks<finite_function<K>> hypotheses(const finite_function<K>& family, std::size_t count, const Of& of) {
    typename finite_function<K>::task_table table;
    allocate(table, [&](char letter) { return letter == 'D' ? count : family.extent(letter); });
    for (std::size_t h = 0; h < count; ++h)
        for (std::size_t x = 0; x < family.inputs(); ++x) {
            const auto y = of(h, x);
            if (!std::in_range<std::int32_t>(y))
                detail::refuse("rationale::hypotheses", "an output", std::to_string(y), "below " + std::to_string(family.outcomes()));
            table.tasks(h, x) = static_cast<std::int32_t>(y);
        }
    return {family, std::move(table)};
}

/// All permutations of n inputs, in the order of their Lehmer codes; there are n! of them. Throws std::invalid_argument unless x < n.
[[nodiscard]] inline std::size_t permutation(std::size_t n, std::size_t h, std::size_t x) {
    detail::check_index("rationale::permutation", "x", x, n);
    std::vector<std::size_t> left(n);
    std::iota(left.begin(), left.end(), std::size_t{0});
    for (std::size_t i = 0;; ++i, --n) {
        const auto at = left.begin() + static_cast<std::ptrdiff_t>(h % n);
        if (i == x) return *at;
        left.erase(at);
        h /= n;
    }
}

/// Every function from the inputs to the outputs, each as probable as any other: outputs of different inputs are independent.
class every_function {
public:
    [[nodiscard]] static constexpr std::size_t size() noexcept { return 1; }
    [[nodiscard]] double log_weight(std::size_t) const noexcept { return 0; }
    [[nodiscard]] std::vector<double> numbers() const { return {}; }
    template <std::size_t K>
    void draw(philox& rng, const finite_function<K>& family, typename finite_function<K>::task_table& table, std::size_t d) const {
        for (std::int32_t& y : row(table.tasks, d)) y = static_cast<std::int32_t>(index(rng, family.outcomes()));
    }
};

template <std::size_t K>
[[nodiscard]] every_function own_prior(const finite_function<K>&) {
    return {};
}

/// P(f(x) = k | pairs) is proportional to (P(k | k)/P(another | k))^(e n_k), n_k the times that k came with x, for pairs that count e times
/// each. O(K) an event.
template <std::size_t K>
struct predictive<finite_function<K>, every_function> {
    struct belief {
        std::vector<double> times;  ///< n_k, input by input
        std::vector<double> of;     ///< P(f(x) = k) of the x in view
    };

    predictive(const finite_function<K>& family, const every_function&) : family_(family) { temper(1); }

    /// Every pair counts e times.
    void temper(double e) noexcept {
        log_hit_ = e * std::log(family_.hit());
        log_miss_ = e == 0 ? 0 : e * std::log(family_.miss());
    }
    [[nodiscard]] std::size_t outcomes() const noexcept { return family_.outcomes(); }
    [[nodiscard]] std::size_t rows() const noexcept { return 1; }
    [[nodiscard]] belief start() const { return {std::vector<double>(family_.inputs() * outcomes()), std::vector<double>(outcomes())}; }
    void pack(const every_function&, std::size_t, double* column, std::size_t) const noexcept { *column = 0; }
    void arrive(belief& b, std::size_t x) const noexcept {
        const auto times = std::span(b.times).subspan(x * outcomes(), outcomes());
        const double most = *std::max_element(times.begin(), times.end());
        double sum = 0;
        for (std::size_t k = 0; k < outcomes(); ++k)
            sum += b.of[k] = times[k] == most ? 1 : std::exp((log_hit_ - log_miss_) * (times[k] - most));  // -inf x 0 is 0
        for (double& p : b.of) p /= sum;
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows&, const V*, const belief& b, std::size_t, Emit&& give) const {
        for (std::size_t y = 0; y < outcomes(); ++y) give(y, V(b.of[y] * (family_.hit() - family_.miss()) + family_.miss()));
    }
    template <class Rows, class V>
    V observe(const Rows&, V*, const belief& b, std::size_t, const V*, std::size_t y) const {
        return V(log_hit_ + std::log(b.of[y] + (1 - b.of[y]) * std::exp(log_miss_ - log_hit_)));
    }
    void advance(belief& b, std::size_t x, std::size_t y) const noexcept { b.times[x * outcomes() + y] += 1; }

private:
    finite_function<K> family_;
    double log_hit_ = 0, log_miss_ = 0;  // of P(y | f(x))^e
};

}  // namespace rationale

#endif
