#ifndef RATIONALE_PRIOR_TEMPERED_HPP
#define RATIONALE_PRIOR_TEMPERED_HPP

#include <cmath>
#include <concepts>
#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/kernel/fold_traits.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/kernel/wide.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/task/extent.hpp"

namespace rationale {

/// The power posterior of any prior P: prior x likelihood^e, e = `exponent`. Every observation counts e times, in the weights of P's
/// components and in each component's own belief: Dirichlet(a + e n), a Gaussian filtered with noise variance/e. e = 1 is Bayes with P,
/// 0 reads nothing, above 1 the context is trusted too much. What is predicted is the next outcome itself, untempered.
///
/// Its evidence is log of the integral of prior(w) likelihood(context | w)^e over w: for e other than 1 no probability of the context.
///
/// Components that are points (seen tasks, hypotheses, draws) weigh prior x likelihood^e whatever the family. The fold of any other P says
/// what e observations are by a member temper(e) (rationale/task/family.hpp). A mixture of priors is tempered part by part.
template <class P>
class tempered : public P {
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

namespace detail {
/// Whether a fold can make every observation count e times by itself.
template <class Fold>
concept tempers_itself = requires(Fold& fold, double exponent) {
    fold.temper(exponent);
};

/// Whether the components of P are tasks known exactly: seen tasks, or what a fold says of itself (`points`).
template <class F, class P>
constexpr bool has_points = std::derived_from<P, seen_tasks<F>> || requires {
    requires fold_for<F, P>::type::points;
};

/// Whether tempered<P> has a fold: P's says what e observations are, or its components are points.
template <class F, class P>
constexpr bool can_be_tempered = tempers_itself<typename fold_for<F, P>::type> || has_points<F, P>;

/// The fold over points with its nats multiplied. Where a factor is a row of the component, the rows' powers are packed beside them, so
/// that an event needs no exp and no log.
template <class F, class P>
struct tempered_points : fold_for<F, P>::type {
    using fold = typename fold_for<F, P>::type;
    using prior_type = tempered<P>;

    tempered_points(const F& family, const prior_type& prior) : fold(fold_for<F, P>::make(family, prior)), exponent_(prior.exponent()) {}
    [[nodiscard]] std::size_t rows() const noexcept { return has_powers ? 2 * fold::rows() : fold::rows(); }
    void pack(const prior_type& prior, std::size_t d, double* column, std::size_t stride) const {
        fold::pack(packed_from(static_cast<const P&>(prior)), d, column, stride);
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
    auto log_likelihood(const Rows& rows, const Shared&... shared) const {
        const auto nats = fold::log_likelihood(rows, shared...);
        return still_impossible(nats, scaled(nats));
    }
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

    /// e times nats, but that what is impossible stays so for any e above 0.
    template <class V>
    [[nodiscard]] V still_impossible(V nats, V scaled) const {
        if constexpr (requires { nats > nats; })
            return exponent_ == 0 ? scaled : kernel::select(nats > kernel::broadcast<V>(kernel::log_of_zero), scaled, nats);
        else return scaled;  // sizes of terms (kernel/term_sizes.hpp)
    }
    template <class V, std::size_t N>
    [[nodiscard]] kernel::wide<V, N> still_impossible(const kernel::wide<V, N>& nats, const kernel::wide<V, N>& scaled) const {
        return kernel::wide<V, N>::each([this](V x, V y) { return still_impossible(x, y); }, nats, scaled);
    }
    template <class V>
    [[nodiscard]] V scaled(V nats) const {
        return exponent_ == 0 ? V(0.0) : kernel::broadcast<V>(exponent_) * nats;  // also of -inf
    }

    double exponent_;
};

/// The fold over beliefs, told that every observation counts e times.
template <class F, class P>
struct tempered_beliefs : fold_for<F, P>::type {
    using fold = typename fold_for<F, P>::type;
    using prior_type = tempered<P>;

    tempered_beliefs(const F& family, const prior_type& prior) : fold(fold_for<F, P>::make(family, prior)) {
        fold::temper(prior.exponent());
    }
};
}  // namespace detail

template <class F, class P>
struct predictive<F, tempered<P>> : std::conditional_t<detail::tempers_itself<typename detail::fold_for<F, P>::type>,
                                                       detail::tempered_beliefs<F, P>, detail::tempered_points<F, P>> {
    static constexpr bool tempers_itself = detail::tempers_itself<typename detail::fold_for<F, P>::type>;
    static_assert(detail::can_be_tempered<F, P>,
                  "rationale::tempered<P>: predictive<F, P> must have temper(exponent), or points = true where P's components are tasks "
                  "known exactly");
    using base = std::conditional_t<tempers_itself, detail::tempered_beliefs<F, P>, detail::tempered_points<F, P>>;
    using base::base;
};

}  // namespace rationale

#endif
