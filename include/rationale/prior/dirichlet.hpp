#ifndef RATIONALE_PRIOR_DIRICHLET_HPP
#define RATIONALE_PRIOR_DIRICHLET_HPP

#include <cstddef>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/kernel/lanes.hpp"
#include "rationale/kernel/rising.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/balls_and_urns.hpp"

namespace rationale {

/// Dirichlet(a_1..a_K) over the probabilities of K categories.
class dirichlet {
public:
    /// Throws std::invalid_argument for no numbers or one that is not positive.
    explicit dirichlet(std::vector<double> concentration) : concentration_(std::move(concentration)) {
        if (concentration_.empty()) throw std::invalid_argument("rationale::dirichlet: concentration has 0 numbers, must have at least 1");
        for (double a : concentration_) detail::positive("rationale::dirichlet", "concentration", a);
    }

    /// Pseudo-counts a_k, one a category.
    [[nodiscard]] std::span<const double> concentration() const noexcept { return concentration_; }

    [[nodiscard]] static constexpr std::size_t size() noexcept { return 1; }
    [[nodiscard]] double log_weight(std::size_t) const noexcept { return 0; }
    [[nodiscard]] std::vector<double> numbers() const { return concentration_; }

    template <std::size_t K>
    void draw(philox& rng, const balls_and_urns<K>&, typename balls_and_urns<K>::task_table& table, std::size_t d) const {
        sample_dirichlet(rng, concentration_, row(table.tasks, d));
    }

private:
    std::vector<double> concentration_;
};

template <std::size_t K>
[[nodiscard]] dirichlet own_prior(const balls_and_urns<K>& family) {
    return dirichlet(family.values().concentration);
}

/// Urns whose belief is a Dirichlet: after n_k draws of category k that count e times each, P(k) = (a_k + e n_k)/(e t + sum a).
template <std::size_t K>
struct predictive<balls_and_urns<K>, dirichlet> {
    struct counts {
        short_array<double, K> of;
        double total = 0;
    };

    predictive(const balls_and_urns<K>& family, const dirichlet& prior) : family_(family) {
        if (prior.concentration().size() != family.outcomes())
            throw std::invalid_argument("rationale::bayes: dirichlet has " + std::to_string(prior.concentration().size()) +
                                        " numbers, must have " + std::to_string(family.outcomes()));
    }

    [[nodiscard]] std::size_t outcomes() const noexcept { return family_.outcomes(); }
    [[nodiscard]] std::size_t rows() const noexcept { return outcomes() + 1; }
    /// Every draw counts e times.
    void temper(double e) noexcept { exponent_ = e; }
    [[nodiscard]] counts start() const { return {short_array<double, K>(outcomes())}; }
    void pack(const dirichlet& prior, std::size_t, double* column, std::size_t stride) const noexcept {
        double total = 0;
        for (std::size_t k = 0; k < outcomes(); ++k) total += column[k * stride] = prior.concentration()[k];
        column[outcomes() * stride] = total;
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& a, const V*, const counts& n, auto, Emit&& give) const {
        const V whole = V(1.0) / (a[outcomes()] + V(n.total));
        for (std::size_t k = 0; k < outcomes(); ++k) give(k, (a[k] + V(n.of[k])) * whole);
    }
    template <class Rows, class V>
    V observe(const Rows& a, V*, const counts& n, auto, const V* expected, std::size_t token) const {
        if (exponent_ == 1) return kernel::logarithm(expected[token]);
        const V e = V(exponent_), one(1.0);
        return kernel::log_rising(a[token] + V(n.of[token]), one, e) - kernel::log_rising(a[outcomes()] + V(n.total), one, e);
    }
    void advance(counts& n, auto, std::size_t token) const noexcept {
        n.of[token] += exponent_;
        n.total += exponent_;
    }
    /// Mean over t < context, in nats, of sum_d p_d sum_k w_dk [log w_dk - sum_j Binomial(j; t, w_dk) log((e j + a_k)/(e t + sum a))]: what
    /// KL(urn || prediction) is on average over the draws before. O(tasks K context^2). Throws std::invalid_argument for a context of 0 and
    /// tasks of another size.
    [[nodiscard]] double expected_loss(const dirichlet& prior, const seen_tasks<balls_and_urns<K>>& tasks, std::size_t context) const {
        detail::check_at_least("rationale::expected_loss", "context", context, 1);
        check_fields("rationale::expected_loss", tasks.table(), [&](char letter) { return family_.extent(letter); });
        const auto a = prior.concentration();
        const double a_sum = std::accumulate(a.begin(), a.end(), 0.0);
        double log_totals = 0, nats = 0;
        for (std::size_t t = 0; t < context; ++t) log_totals += std::log(exponent_ * static_cast<double>(t) + a_sum);
        std::vector<double> logs(context), chance(context), next(context);
        for (std::size_t k = 0; k < outcomes(); ++k) {
            for (std::size_t j = 0; j < context; ++j) logs[j] = std::log(exponent_ * static_cast<double>(j) + a[k]);
            for (std::size_t d = 0; d < tasks.size(); ++d) {
                const double w = tasks.table().tasks(d, k);
                if (w == 0) continue;
                double expected = 0;  // of log(j + a_k), summed over t; chance[j] is Binomial(j; t, w)
                chance.assign(context, 0.0), next.assign(context, 0.0), chance[0] = 1;
                for (std::size_t t = 0; t < context; ++t) {
                    for (std::size_t j = 0; j <= t; ++j) expected += chance[j] * logs[j];
                    if (t + 1 == context) break;
                    next[0] = chance[0] * (1 - w);
                    for (std::size_t j = 1; j <= t + 1; ++j) next[j] = chance[j] * (1 - w) + chance[j - 1] * w;
                    std::swap(chance, next);
                }
                nats += tasks.weights()[d] * w * (static_cast<double>(context) * std::log(w) - expected + log_totals);
            }
        }
        return nats / static_cast<double>(context);
    }

private:
    balls_and_urns<K> family_;
    double exponent_ = 1;
};

}  // namespace rationale

#endif
