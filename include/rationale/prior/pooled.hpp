#ifndef RATIONALE_PRIOR_POOLED_HPP
#define RATIONALE_PRIOR_POOLED_HPP

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/fwd.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/kernel/rising.hpp"
#include "rationale/prior/ngrams.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/prior/remembered.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/markov_chain.hpp"

namespace rationale {

/// Beliefs about chains that read the order of the context with limited precision: partial pooling of rows, as in a hierarchical Dirichlet
/// of strength h. To the belief about every row under the prior P come h pseudo-observations of a row common to all, whose mean is inferred
/// from token frequencies alone:
///
///     P(k | row) = (alpha_k + e n_k + h c_k)/(sum alpha + e t + h),   c_k = (a_k + e N_k)/(sum a + e T)
///
/// with alpha the row's Dirichlet under P, a the family's concentration, n_k of t tokens behind the row's, and N_k of all T tokens before
/// the event, the first ones of the chain included. e is 1, or the exponent of tempered<pooled<P>>. h = 0 is P, and h to infinity inference
/// from unigrams, bayes<F, dirichlet_rows<0>>. As long as not so many tokens are known as the order says, all are as likely, as in P.
///
/// An approximation of the hierarchical Dirichlet, whose posterior has no closed form: the common row is its own posterior mean, as if
/// every token came from it, and not integrated out. So the evidence of a component is defined event by event, as the product of what was
/// predicted; for e other than 1 an event counts (alpha_k + e n_k + h c_k)_(e)/(sum alpha + e t + h)_(e) with c of that event, (x)_(e) =
/// Gamma(x + e)/Gamma(x). The order of tokens matters to it where h > 0.
///
/// P is dirichlet_rows<> or remembered<seen_tasks<markov_chain<K, M>>>, with one precision or one a task. Exactly remembered rows stay as
/// they are. Tasks are drawn from P. An event takes O(K) a component, and a logarithm, or for e other than 1 some ten.
template <class P>
class pooled : public P {
public:
    static constexpr std::string_view strategy_name = "pooling";

    /// Throws std::invalid_argument for a strength that is negative or not finite.
    pooled(P prior, double strength) : P(std::move(prior)), strength_(strength) {
        if (!(strength >= 0 && std::isfinite(strength)))
            throw std::invalid_argument("rationale::pooled: strength is " + detail::number_text(strength) +
                                        ", must be finite and not negative");
    }
    /// h, in pseudo-observations of a row.
    [[nodiscard]] double strength() const noexcept { return strength_; }
    [[nodiscard]] std::vector<double> numbers() const {
        auto all = P::numbers();
        all.push_back(strength_);
        return all;
    }

private:
    double strength_;
};

namespace detail {

/// The fold of pooled<P>. Of a component's row the mean r = alpha/sum alpha is packed, and with it u = 1/sum alpha where components differ
/// in it: P(k) = (r_k + u m_k)/(1 + u sum m) with m_k = e n_k + h c_k, which all components share. u = 0 is the row itself.
template <class F, std::size_t K, class P>
class pooled_rows {
    static constexpr bool remembers = requires(const P& p) { p.share(0); };
    static constexpr bool uniform = [] {
        if constexpr (remembers) return P::uniform;
        else return true;
    }();

public:
    using prior_type = pooled<P>;

    /// What all components share: the last tokens, how often each token came behind those of each row, and how often in all.
    struct path {
        std::size_t known = 0, code = 0;    // tokens that are known, at most the order, and the number whose digits they are: a row
        std::size_t place = 0;              // the row's place among those that were met, their number where it is new
        std::vector<std::uint32_t> rows{};  // that were met, in the order in which they were met first
        std::vector<double> counts{};       // of each of these: of its K tokens and, behind them, their sum
        std::vector<double> tokens{};       // the same of the whole context
    };

    pooled_rows(const F& family, const prior_type& prior)
        : categories_("rationale::bayes", "categories", family.outcomes(), 1),
          a_(family.values().concentration),
          order_(family.order()),
          strength_(prior.strength()) {
        if constexpr (!remembers) {
            if (prior.concentration().size() != outcomes())
                throw std::invalid_argument("rationale::bayes: dirichlet_rows has " + std::to_string(prior.concentration().size()) +
                                            " numbers, must have " + std::to_string(outcomes()));
            a_.assign(prior.concentration().begin(), prior.concentration().end());
        }
        for (std::size_t j = 0; j < order_; ++j) states_ *= outcomes();
        a_sum_ = std::accumulate(a_.begin(), a_.end(), 0.0);
        step_ = (1 - share(prior, 0)) / a_sum_;
    }

    static constexpr std::size_t fixed_outcomes = K == dynamic ? 0 : K;
    static constexpr bool reads_by_event = remembers;
    [[nodiscard]] std::size_t outcomes() const noexcept { return categories_.size(); }
    [[nodiscard]] std::size_t rows() const noexcept { return own_step() + (uniform ? 0 : 1); }
    /// Every observation counts e times, for the common row too.
    void temper(double e) noexcept { exponent_ = e; }
    [[nodiscard]] path start() const {
        path out;
        out.tokens.resize(outcomes() + 1);
        return out;
    }
    void pack(const prior_type& prior, std::size_t d, double* column, std::size_t stride) const noexcept {
        if constexpr (remembers) {
            const double s = share(prior, d);
            std::size_t i = 0;
            for (const double w : row(prior.table().tasks, d)) column[i * stride] = (1 - s) * a_[i % outcomes()] / a_sum_ + s * w, ++i;
            if (!uniform) column[own_step() * stride] = (1 - s) / a_sum_;
        } else {
            for (std::size_t k = 0; k < outcomes(); ++k) column[k * stride] = a_[k] / a_sum_;
        }
    }
    /// m_k and their sum; where u is the same for all components, 1/(1 + u sum m), and what their nats have in common.
    template <class V>
    struct lane_counts {
        std::size_t row;
        bool known;
        short_array<V, K> of;
        V total, whole, log_norm;
    };
    template <class V>
    [[nodiscard]] lane_counts<V> on_lanes(auto, const path& p) const {
        const double e = exponent_, total = e * count(p, outcomes()) + strength_, all = 1 + step_ * total;
        const bool known = p.known == order_;
        double log_norm = 0;
        if (!known) log_norm = e * std::log(static_cast<double>(outcomes()));
        else if (uniform && e != 1) log_norm = kernel::log_rising(all, step_, e);
        lane_counts<V> out{remembers ? p.code * outcomes() : 0, known,
                           short_array<V, K>(outcomes()),       kernel::broadcast<V>(total),
                           kernel::broadcast<V>(1 / all),       kernel::broadcast<V>(log_norm)};
        const double each = strength_ / (a_sum_ + e * p.tokens[outcomes()]);
        for (std::size_t k = 0; k < outcomes(); ++k) out.of[k] = kernel::broadcast<V>(e * count(p, k) + each * (a_[k] + e * p.tokens[k]));
        return out;
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& r, const V*, const path&, const lane_counts<V>& n, Emit&& give) const {
        if (!n.known) {
            const V equal = kernel::broadcast<V>(1 / static_cast<double>(outcomes()));
            categories_.each([&](std::size_t k) { give(k, equal); });
            return;
        }
        const V u = step<V>(r), whole = uniform ? n.whole : V(1.0) / (V(1.0) + u * n.total);
        categories_.each([&](std::size_t k) { give(k, kernel::lane_access<V>::multiply_add(u, n.of[k], r[n.row + k]) * whole); });
    }
    template <class Rows, class V>
    V observe(const Rows& r, V*, const path&, const lane_counts<V>& n, const V* expected, std::size_t token) const {
        if (!n.known) return V(0.0) - n.log_norm;
        if (exponent_ == 1) return kernel::logarithm(expected[token]);
        const V u = step<V>(r), e = kernel::broadcast<V>(exponent_);
        const V shown = kernel::log_rising(kernel::lane_access<V>::multiply_add(u, n.of[token], r[n.row + token]), u, e);
        return shown - (uniform ? n.log_norm : kernel::log_rising(V(1.0) + u * n.total, u, e));
    }
    void advance(path& p, auto, std::size_t token) const {
        if (p.known == order_) {
            if (p.place == p.rows.size()) {
                p.rows.push_back(static_cast<std::uint32_t>(p.code));
                p.counts.resize(p.counts.size() + outcomes() + 1);
            }
            double* const of = p.counts.data() + p.place * (outcomes() + 1);
            of[token] += 1, of[outcomes()] += 1;
        } else {
            ++p.known;
        }
        p.tokens[token] += 1, p.tokens[outcomes()] += 1;
        p.code = (p.code * outcomes() + token) % states_;
        p.place = static_cast<std::size_t>(std::find(p.rows.begin(), p.rows.end(), p.code) - p.rows.begin());
    }

private:
    /// Of the row behind the last tokens: how often token k came, and for k = K how many tokens.
    [[nodiscard]] double count(const path& p, std::size_t k) const noexcept {
        return p.place < p.rows.size() ? p.counts[p.place * (outcomes() + 1) + k] : 0;
    }
    /// s of component d (prior/memory.hpp): 0 for the family's own prior.
    [[nodiscard]] static double share(const prior_type& prior, std::size_t d) noexcept {
        if constexpr (remembers) return prior.share(d);
        else return 0;
    }
    /// u of a component.
    template <class V, class Rows>
    [[nodiscard]] V step(const Rows& r) const noexcept {
        if constexpr (uniform) return kernel::broadcast<V>(step_);
        else return r[own_step()];
    }
    /// Where a component's own u is packed.
    [[nodiscard]] std::size_t own_step() const noexcept { return (remembers ? states_ : 1) * outcomes(); }

    rationale::extent<K> categories_;
    std::vector<double> a_;
    std::size_t order_, states_ = 1;
    double strength_, a_sum_ = 0, step_ = 0, exponent_ = 1;
};

}  // namespace detail

template <std::size_t K, std::size_t M>
struct predictive<markov_chain<K, M>, pooled<dirichlet_rows<>>> : detail::pooled_rows<markov_chain<K, M>, K, dirichlet_rows<>> {
    using detail::pooled_rows<markov_chain<K, M>, K, dirichlet_rows<>>::pooled_rows;
};

template <std::size_t K, std::size_t M, class Precision>
struct predictive<markov_chain<K, M>, pooled<remembered<seen_tasks<markov_chain<K, M>>, Precision>>>
    : detail::pooled_rows<markov_chain<K, M>, K, remembered<seen_tasks<markov_chain<K, M>>, Precision>> {
    using detail::pooled_rows<markov_chain<K, M>, K, remembered<seen_tasks<markov_chain<K, M>>, Precision>>::pooled_rows;
};

}  // namespace rationale

#endif
