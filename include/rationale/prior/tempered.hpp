#ifndef RATIONALE_PRIOR_TEMPERED_HPP
#define RATIONALE_PRIOR_TEMPERED_HPP

#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/kernel/fold_traits.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/task/extent.hpp"

namespace rationale {

/// A learner that trusts the context less, or more, than it should: with seen tasks as prior, weights are prior x likelihood^exponent.
/// exponent = 1 is memorizing, 0 never learns which task it is in. Its evidence is the log of the sum of these weights: for other exponents
/// than 1 no probability of the sequence.
template <class P>
class tempered;

/// Seen tasks with tempered evidence.
template <class F>
class tempered<seen_tasks<F>> : public seen_tasks<F> {
public:
    static constexpr std::string_view strategy_name = "tempered";

    /// Throws std::invalid_argument for an exponent that is negative or not finite.
    tempered(seen_tasks<F> seen, double exponent) : seen_tasks<F>(std::move(seen)), exponent_(exponent) {
        if (!(exponent >= 0 && std::isfinite(exponent)))
            throw std::invalid_argument("rationale::tempered: exponent is " + detail::number_text(exponent) +
                                        ", must be finite and not negative");
    }
    /// Of the likelihood.
    [[nodiscard]] double exponent() const noexcept { return exponent_; }
    [[nodiscard]] std::vector<double> numbers() const {
        auto all = seen_tasks<F>::numbers();
        all.push_back(exponent_);
        return all;
    }

private:
    double exponent_;
};

template <class F>
tempered(seen_tasks<F>, double) -> tempered<seen_tasks<F>>;

/// The family's own fold with its nats multiplied. Where a factor is a row of the component, the rows' powers are packed beside them, so
/// that an event needs no exp and no log.
template <class F>
struct predictive<F, tempered<seen_tasks<F>>> : F {
    using prior_type = tempered<seen_tasks<F>>;

    predictive(const F& family, const prior_type& prior) : F(family), exponent_(prior.exponent()) {}
    [[nodiscard]] std::size_t rows() const noexcept { return has_powers ? 2 * F::rows() : F::rows(); }
    void pack(const prior_type& prior, std::size_t d, double* column, std::size_t stride) const {
        F::pack(prior.table(), d, column, stride);
        if constexpr (has_powers) {
            const std::size_t n = F::rows();
            for (std::size_t r = kernel::exact_rows(static_cast<const F&>(*this)); r-- > 0;)
                column[(2 * n + r) * stride] = column[(n + r) * stride];
            for (std::size_t r = 0; r < n; ++r) column[(n + r) * stride] = std::pow(column[r * stride], exponent_);
        }
    }
    template <class Rows, class V, class Shared, class Input, class Observation>
    V observe(const Rows& rows, V* state, const Shared& shared, const Input& input, const V* expected,
              const Observation& observation) const {
        return scaled(F::observe(rows, state, shared, input, expected, observation));
    }
    template <class Rows, class Shared, class Input, class Observation>
        requires requires(const F& f, const Rows& rows, const Shared& shared, const Input& input, const Observation& observation) {
            f.factor(rows, shared, input, observation);
        }
    auto factor(const Rows& rows, const Shared& shared, const Input& input, const Observation& observation) const {
        if constexpr (has_powers) return rows[F::rows() + observation];
        else return kernel::exponential(scaled(kernel::logarithm(F::factor(rows, shared, input, observation))));
    }
    template <class Rows, class Shared>
        requires requires(const F& f, const Rows& rows, const Shared& shared) { f.log_likelihood(rows, shared); }
    auto log_likelihood(const Rows& rows, const Shared& shared) const { return scaled(F::log_likelihood(rows, shared)); }
    template <class Rows, class Rival, class Shared>
        requires requires(const F& f, const Rows& rows, const Rival& rival, const Shared& shared) {
            f.greatest_gain(rows, rival, shared, shared);
        }
    auto greatest_gain(const Rows& rows, const Rival& rival, const Shared& before, const Shared& after) const {
        return scaled(F::greatest_gain(rows, rival, before, after));
    }
    template <class Shared>
        requires requires(const F& f, const Shared& shared) { f.greatest_log_likelihood(shared); }
    double greatest_log_likelihood(const Shared& shared) const { return scaled(F::greatest_log_likelihood(shared)); }

private:
    static constexpr bool has_powers = requires { requires F::factor_is_row; };

    template <class V>
    [[nodiscard]] V scaled(V nats) const {
        return exponent_ == 0 ? V(0.0) : kernel::broadcast<V>(exponent_) * nats;  // also of -inf
    }

    double exponent_;
};

}  // namespace rationale

#endif
