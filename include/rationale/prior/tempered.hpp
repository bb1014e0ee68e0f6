#ifndef RATIONALE_PRIOR_TEMPERED_HPP
#define RATIONALE_PRIOR_TEMPERED_HPP

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/kernel/fold_traits.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/task/extent.hpp"

namespace rationale {

/// A learner that trusts the context less, or more, than it should: components of the prior P, seen tasks for instance, weigh
/// prior x likelihood^exponent. exponent = 1 is Bayes with P, 0 never learns which component it is in. Its evidence is the log of the sum
/// of these weights: for other exponents than 1 no probability of the sequence.
template <class P>
class tempered : public P {
    static_assert(!detail::is_single<P>,
                  "rationale::tempered<P>: P must be a prior of several components, to one alone it changes nothing");

public:
    static constexpr std::string_view strategy_name = "tempered";

    /// Throws std::invalid_argument for an exponent that is negative or not finite.
    tempered(P prior, double exponent) : P(std::move(prior)), exponent_(exponent) {
        if (!(exponent >= 0 && std::isfinite(exponent)))
            throw std::invalid_argument("rationale::tempered: exponent is " + detail::number_text(exponent) +
                                        ", must be finite and not negative");
    }
    /// Of the likelihood.
    [[nodiscard]] double exponent() const noexcept { return exponent_; }
    [[nodiscard]] std::vector<double> numbers() const {
        auto all = P::numbers();
        all.push_back(exponent_);
        return all;
    }

private:
    double exponent_;
};

/// The fold over P's components with its nats multiplied. Where a factor is a row of the component, the rows' powers are packed beside
/// them, so that an event needs no exp and no log.
template <class F, class P>
struct predictive<F, tempered<P>> : detail::fold_for<F, P>::type {
    using fold = typename detail::fold_for<F, P>::type;
    using prior_type = tempered<P>;

    predictive(const F& family, const prior_type& prior) : fold(detail::fold_for<F, P>::make(family, prior)), exponent_(prior.exponent()) {}
    [[nodiscard]] std::size_t rows() const noexcept { return has_powers ? 2 * fold::rows() : fold::rows(); }
    void pack(const prior_type& prior, std::size_t d, double* column, std::size_t stride) const {
        fold::pack(detail::packed_from(static_cast<const P&>(prior)), d, column, stride);
        if constexpr (has_powers) {
            const std::size_t n = fold::rows();
            for (std::size_t r = kernel::exact_rows(static_cast<const fold&>(*this)); r-- > 0;)
                column[(2 * n + r) * stride] = column[(n + r) * stride];
            for (std::size_t r = 0; r < n; ++r) column[(n + r) * stride] = std::pow(column[r * stride], exponent_);
        }
    }
    template <class Rows, class V, class Shared, class Input>
        requires requires(const fold& f, const Rows& rows, V* state, const Shared& shared, const Input& input) {
            f.consider(rows, state, shared, input);
        }
    V consider(const Rows& rows, V* state, const Shared& shared, const Input& input) const {
        return scaled(fold::consider(rows, state, shared, input));
    }
    template <class Rows, class V, class Shared, class Input, class Observation>
    V observe(const Rows& rows, V* state, const Shared& shared, const Input& input, const V* expected,
              const Observation& observation) const {
        return scaled(fold::observe(rows, state, shared, input, expected, observation));
    }
    template <class Rows, class Shared, class Input, class Observation>
        requires requires(const fold& f, const Rows& rows, const Shared& shared, const Input& input, const Observation& observation) {
            f.factor(rows, shared, input, observation);
        }
    auto factor(const Rows& rows, const Shared& shared, const Input& input, const Observation& observation) const {
        if constexpr (has_powers) return rows[fold::rows() + observation];
        else return kernel::exponential(scaled(kernel::logarithm(fold::factor(rows, shared, input, observation))));
    }
    template <class Rows, class... Shared>
        requires requires(const fold& f, const Rows& rows, const Shared&... shared) { f.log_likelihood(rows, shared...); }
    auto log_likelihood(const Rows& rows, const Shared&... shared) const { return scaled(fold::log_likelihood(rows, shared...)); }
    template <class Rival, class Shared>
        requires requires(const fold& f, const Rival& rival, const Shared& shared) { f.greatest_gain(rival, shared, shared); }
    auto greatest_gain(const Rival& rival, const Shared& before, const Shared& after) const {
        return [this, gain = fold::greatest_gain(rival, before, after)](const auto& exact) { return this->scaled(gain(exact)); };
    }
    template <class Shared>
        requires requires(const fold& f, const Shared& shared) { f.greatest_log_likelihood(shared); }
    double greatest_log_likelihood(const Shared& shared) const { return scaled(fold::greatest_log_likelihood(shared)); }
    template <class Shared>
        requires requires(const fold& f, const Shared& shared) { f.rounding(shared); }
    double rounding(const Shared& shared) const { return scaled(fold::rounding(shared)); }

private:
    static constexpr bool has_powers = requires { requires fold::factor_is_row; };

    template <class V>
    [[nodiscard]] V scaled(V nats) const {
        return exponent_ == 0 ? V(0.0) : kernel::broadcast<V>(exponent_) * nats;  // also of -inf
    }

    double exponent_;
};

}  // namespace rationale

#endif
