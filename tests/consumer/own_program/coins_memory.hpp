// What remembering a coin with limited precision is: its Beta belief updated by kappa throws of the coin, of which kappa w are heads.
#ifndef COINS_MEMORY_HPP
#define COINS_MEMORY_HPP

#include <rationale/prior/memory.hpp>
#include <rationale/prior/remembered.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

#include "coins.hpp"

/// d log Gamma(x)/dx.
inline double digamma(double x) {
    double below = 0;
    for (; x < 10; ++x) below += 1 / x;
    const double y = 1 / (x * x);
    return std::log(x) - .5 / x - y * (1. / 12 - y * (1. / 120 - y / 252)) - below;
}

/// Beta(heads + kappa w, tails + kappa (1 - w)); s = kappa/(kappa + heads + tails).
template <>
class rationale::memory<coins> {
public:
    explicit memory(const coins& family) : prior_(own_prior(family)) {}
    double share(double kappa) const { return std::isinf(kappa) ? 1 : kappa / (kappa + prior_.sum()); }
    double precision(double s) const { return s < 1 ? prior_.sum() * s / (1 - s) : std::numeric_limits<double>::infinity(); }
    /// Mean of the belief about a coin.
    double mean(double w, double s) const { return (1 - s) * prior_.mean() + s * w; }
    double nats(const coins::task_table& table, std::size_t d, double s) const {
        if (s == 1) return std::numeric_limits<double>::infinity();
        // KL(Beta(a) || Beta(b)) = log B(b) - log B(a) + sum_k (a_k - b_k) (digamma(a_k) - digamma(a_1 + a_2))
        const auto a = parameters(mean(table.tasks(d), s), prior_.sum() + precision(s)), b = parameters(prior_.mean(), prior_.sum());
        double out = std::lgamma(a[0] + a[1]) - std::lgamma(b[0] + b[1]);
        for (std::size_t k = 0; k < 2; ++k)
            out += std::lgamma(b[k]) - std::lgamma(a[k]) + (a[k] - b[k]) * (digamma(a[k]) - digamma(a[0] + a[1]));
        return out;
    }
    void draw(philox& rng, const coins::task_table& table, std::size_t d, double s, coins::task_table& out, std::size_t to) const {
        std::array<double, 2> drawn{table.tasks(d), 0};
        if (s < 1) sample_dirichlet(rng, parameters(mean(table.tasks(d), s), prior_.sum() + precision(s)), drawn);
        out.tasks(to) = drawn[0];
    }

private:
    static std::array<double, 2> parameters(double mean, double sum) { return {mean * sum, (1 - mean) * sum}; }
    beta prior_;
};

/// The belief about each coin, whether all have one precision or each its own.
template <class Precision>
struct rationale::predictive<coins, rationale::remembered<rationale::seen_tasks<coins>, Precision>> : beta_fold {
    using prior_type = remembered<seen_tasks<coins>, Precision>;
    predictive(const coins& family, const prior_type&) : memory_(family), sum_(own_prior(family).sum()) {}
    void pack(const prior_type& prior, std::size_t d, double* column, std::size_t stride) const {
        column[0] = memory_.mean(prior.table().tasks(d), prior.share(d));
        column[stride] = (1 - prior.share(d)) / sum_;
    }

private:
    memory<coins> memory_;
    double sum_;
};

#endif
