#ifndef RATIONALE_PRIOR_REMEMBERED_ROWS_HPP
#define RATIONALE_PRIOR_REMEMBERED_ROWS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <type_traits>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/fwd.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/kernel/rising.hpp"
#include "rationale/prior/prior.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/task/balls_and_urns.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/markov_chain.hpp"

namespace rationale {

namespace detail {

/// Seen chains of any order over K tokens, an urn being one of order 0, each of whose rows is remembered as Dirichlet(a + kappa w_row).
/// After n_k tokens k behind the tokens of a row, t in all, P(k) = (r_k + u e n_k)/(1 + u e t), with r the mean of the row's belief,
/// u = 1/(sum a + kappa) and e the observations that each counts for: kappa = infinity is the row itself. Where all tasks are remembered
/// alike only r is the task's own.
///
/// Until as many tokens are known as the order says, all tokens are as likely. For a uniform start that is exact. For a stationary one it
/// leaves out what the first tokens say of the chain, as dirichlet_rows does: it has no closed form but for kappa = infinity.
template <class F, std::size_t K, class Prior>
class remembered_rows {
    static constexpr bool uniform = Prior::uniform, chained = requires(const F&f) { f.order(); };

public:
    using prior_type = Prior;

    /// What all tasks share: the last tokens, and how often each token came behind those of each row.
    struct path {
        std::size_t known = 0, code = 0;    // tokens that are known, at most the order, and the number whose digits they are: a row
        std::size_t place = 0;              // the row's place among those that were met, their number where it is new
        double events = 0;                  // so far
        std::vector<std::uint32_t> rows{};  // that were met, in the order in which they were met first
        std::vector<double> counts{};       // of each of these: of its K tokens and, behind them, their sum
        double whole = 1;                   // 1/(1 + u e t) where u is the same for all
        double log_next = 0, log_norm = 0;  // log of what divides all tasks' factors next, and the sum of those before

        path() = default;
        path(const path&) = default;
        /// Keeps room: paths are copied from event to event while they grow.
        path& operator=(const path& other) {
            if (rows.capacity() < other.rows.size()) rows.reserve(2 * other.rows.size()), counts.reserve(2 * other.counts.size());
            rows.assign(other.rows.begin(), other.rows.end()), counts.assign(other.counts.begin(), other.counts.end());
            known = other.known, code = other.code, place = other.place;
            events = other.events, whole = other.whole, log_next = other.log_next, log_norm = other.log_norm;
            return *this;
        }
        ~path() = default;
    };

    remembered_rows(const F& family, const Prior& prior)
        : categories_("rationale::bayes", "categories", family.outcomes(), 1), a_(family.values().concentration) {
        if constexpr (chained) order_ = family.order();
        for (std::size_t j = 0; j < order_; ++j) states_ *= outcomes();
        a_sum_ = std::accumulate(a_.begin(), a_.end(), 0.0);
        step_ = (1 - prior.share(0)) / a_sum_;
        double least = 1e-3;  // of the factors that are not zero
        for (std::size_t d = 0; d < prior.size(); ++d)
            for_each_mean(prior, d, [&](std::size_t, double r) { least = r > 0 && r < least ? r : least; });
        together_ = static_cast<std::size_t>(std::clamp(-250 / std::log10(least), 1.0, 64.0));
    }

    static constexpr std::size_t fixed_outcomes = K == dynamic ? 0 : K;
    static constexpr bool reads_by_event = chained;
    [[nodiscard]] std::size_t outcomes() const noexcept { return categories_.size(); }
    [[nodiscard]] std::size_t rows() const noexcept { return own_step() + (uniform ? 0 : 1); }
    /// Every observation counts e times.
    void temper(double e) noexcept { exponent_ = e; }
    [[nodiscard]] path start() const {
        path out;
        look_ahead(out);
        return out;
    }
    void pack(const Prior& prior, std::size_t d, double* column, std::size_t stride) const noexcept {
        for_each_mean(prior, d, [&](std::size_t i, double r) { column[i * stride] = r; });
        if (!uniform) column[own_step() * stride] = (1 - prior.share(d)) / a_sum_;
    }
    /// Where the row begins, if it is known, u e n_k and 1/(1 + u e t), these divided for e = 1; or e n_k and e t where every task has its
    /// own u.
    template <class V>
    struct lane_counts {
        std::size_t row;
        bool known;
        short_array<V, K> of;
        V total, whole, log_next;
    };
    template <class V>
    [[nodiscard]] lane_counts<V> on_lanes(auto, const path& p) const {
        const bool known = p.known == order_;
        lane_counts<V> out{p.code * outcomes(),
                           known,
                           short_array<V, K>(outcomes()),
                           kernel::broadcast<V>(exponent_ * count(p, outcomes())),
                           kernel::broadcast<V>(known ? p.whole : std::exp(-p.log_next)),
                           kernel::broadcast<V>(p.log_next)};
        const double unit = exponent_ * (!uniform ? 1 : exponent_ == 1 ? step_ * p.whole : step_);
        for (std::size_t k = 0; k < outcomes(); ++k) out.of[k] = kernel::broadcast<V>(unit * count(p, k));
        return out;
    }
    /// Where u is the same for all tasks, what is the task's own; `complete` adds the rest to the weighted sum.
    template <class Rows, class V, class Emit>
    void predict(const Rows& r, const V*, const path&, const lane_counts<V>& n, Emit&& give) const {
        if (chained && !n.known) {
            const V equal = kernel::broadcast<V>(1 / static_cast<double>(outcomes()));
            categories_.each([&](std::size_t k) { give(k, equal); });
        } else if constexpr (uniform) {
            categories_.each([&](std::size_t k) { give(k, r[first(n) + k]); });
        } else {
            const V u = r[own_step()], whole = V(1.0) / (V(1.0) + u * n.total);
            categories_.each([&](std::size_t k) { give(k, kernel::lane_access<V>::multiply_add(u, n.of[k], r[first(n) + k]) * whole); });
        }
    }
    [[nodiscard]] double complete(const path& p, std::size_t k, double weighted, double mass) const noexcept {
        return uniform && p.known == order_ ? (weighted + step_ * exponent_ * count(p, k) * mass) * p.whole : weighted;
    }
    template <class Rows, class V>
    V factor(const Rows& r, const path&, const lane_counts<V>& n, std::size_t token) const {
        if (chained && !n.known) return n.whole;
        if (exponent_ != 1) return kernel::exponential(log_factor(r, n, token));
        if constexpr (uniform) return kernel::lane_access<V>::multiply_add(r[first(n) + token], n.whole, n.of[token]);
        const V u = r[own_step()];
        return kernel::lane_access<V>::multiply_add(u, n.of[token], r[first(n) + token]) / (V(1.0) + u * n.total);
    }
    template <class Rows, class V>
    V observe(const Rows& r, V*, const path& shared, const lane_counts<V>& n, const V*, std::size_t token) const {
        return kernel::logarithm(factor(r, shared, n, token));
    }
    void advance(path& p, auto, std::size_t token) const {
        p.log_norm += p.log_next;
        p.events += 1;
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
        p.code = (p.code * outcomes() + token) % states_;
        look_ahead(p);
    }
    /// For e = 1 the sum over rows of sum_k sum_{before <= j < after} log(r_k + u j) - sum_t log(1 + u t).
    template <class Rows>
    auto log_likelihood(const Rows& r, const path& before, const path& after) const {
        using V = std::remove_cvref_t<decltype(r[0])>;
        const V u = uniform ? V(step_) : r[own_step()], e(exponent_);
        const auto for_each_count = [&](const auto& visit) {  // visit(mean, before, after, whether of all tokens) for those that grew
            const std::size_t each = outcomes() + 1;
            for (std::size_t i = 0; i < after.counts.size(); ++i)
                if (const double from = i < before.counts.size() ? before.counts[i] : 0; after.counts[i] > from) {
                    const bool all = i % each == outcomes();
                    if (!all || !uniform) visit(all ? V(1.0) : r[after.rows[i / each] * outcomes() + i % each], from, after.counts[i], all);
                }
        };
        V nats(before.log_norm - after.log_norm);
        if (exponent_ != 1) {
            for_each_count([&](V mean, double from, double to, bool all) {
                const V more = kernel::log_rising(kernel::lane_access<V>::multiply_add(u, V(from) * e, mean), u, V(to - from) * e);
                nats = all ? nats - more : nats + more;
            });
            return nats;
        }
        // So many factors, each at most 1 + u t, neither overflow nor underflow.
        const std::size_t together = after.events < 1000 * a_sum_ ? together_ : (std::min)(together_, std::size_t{8});
        product_of<V> shown{together}, norm{together};
        for_each_count([&](V mean, double from, double to, bool all) {
            product_of<V>& product = all ? norm : shown;
            for (double j = from; j < to; ++j) product.multiply(kernel::lane_access<V>::multiply_add(V(j), u, mean));
        });
        if constexpr (!uniform) nats = nats - norm.log();
        return nats + shown.log();
    }

private:
    /// Of the row behind the last tokens: how often token k came, and for k = K how many tokens.
    [[nodiscard]] double count(const path& p, std::size_t k) const noexcept {
        return p.place < p.rows.size() ? p.counts[p.place * (outcomes() + 1) + k] : 0;
    }
    void look_ahead(path& p) const {
        if (p.known < order_) {
            p.log_next = exponent_ * std::log(static_cast<double>(outcomes()));
            return;
        }
        p.place = 0;
        while (p.place < p.rows.size() && p.rows[p.place] != p.code) ++p.place;
        if (!uniform) {
            p.log_next = 0;
            return;
        }
        const double all = 1 + step_ * exponent_ * count(p, outcomes());
        p.whole = 1 / all;
        p.log_next = exponent_ == 1 ? std::log(all) : kernel::log_rising(all, step_, exponent_);
    }
    template <class Rows, class V>
    [[nodiscard]] V log_factor(const Rows& r, const lane_counts<V>& n, std::size_t token) const {
        const V e = kernel::broadcast<V>(exponent_), mean = r[first(n) + token];
        if constexpr (uniform) return kernel::log_rising(mean + n.of[token], kernel::broadcast<V>(step_), e) - n.log_next;
        const V u = r[own_step()];
        return kernel::log_rising(kernel::lane_access<V>::multiply_add(u, n.of[token], mean), u, e) -
               kernel::log_rising(V(1.0) + u * n.total, u, e);
    }

    /// The log of a product, with one logarithm for some factors.
    template <class V>
    struct product_of {
        std::size_t together, left = together;
        V product{1.0}, nats{0.0};

        void multiply(V factor) {
            product = product * factor;
            if (--left > 0) return;
            nats = log();
            product = V(1.0);
            left = together;
        }
        [[nodiscard]] V log() const { return nats + kernel::logarithm(product); }
    };

    /// Where the numbers of the row that an event reads begin: for an urn a constant.
    template <class V>
    [[nodiscard]] static std::size_t first(const lane_counts<V>& n) noexcept {
        return chained ? n.row : 0;
    }
    /// Where a task's own u is packed.
    [[nodiscard]] std::size_t own_step() const noexcept { return states_ * outcomes(); }
    /// visit(i, r_i) for all rows' tokens of task d.
    template <class Visit>
    void for_each_mean(const Prior& prior, std::size_t d, const Visit& visit) const {
        const double s = prior.share(d);
        std::size_t i = 0;
        for (const double w : row(prior.table().tasks, d)) visit(i, (1 - s) * a_[i % outcomes()] / a_sum_ + s * w), ++i;
    }

    rationale::extent<K> categories_;
    std::vector<double> a_;
    std::size_t order_ = 0, states_ = 1;
    double a_sum_ = 0, step_ = 0, exponent_ = 1;
    std::size_t together_ = 1;  // factors that do not underflow
};

}  // namespace detail

template <std::size_t K, class Precision>
struct predictive<balls_and_urns<K>, remembered<seen_tasks<balls_and_urns<K>>, Precision>>
    : detail::remembered_rows<balls_and_urns<K>, K, remembered<seen_tasks<balls_and_urns<K>>, Precision>> {
    using detail::remembered_rows<balls_and_urns<K>, K, remembered<seen_tasks<balls_and_urns<K>>, Precision>>::remembered_rows;
};

template <std::size_t K, std::size_t M, class Precision>
struct predictive<markov_chain<K, M>, remembered<seen_tasks<markov_chain<K, M>>, Precision>>
    : detail::remembered_rows<markov_chain<K, M>, K, remembered<seen_tasks<markov_chain<K, M>>, Precision>> {
    using detail::remembered_rows<markov_chain<K, M>, K, remembered<seen_tasks<markov_chain<K, M>>, Precision>>::remembered_rows;
};

}  // namespace rationale

#endif
