#ifndef RATIONALE_PRIOR_REMEMBERED_ROWS_HPP
#define RATIONALE_PRIOR_REMEMBERED_ROWS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/fwd.hpp"
#include "rationale/kernel/cell_table.hpp"
#include "rationale/kernel/gain_on_rival.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/kernel/rising.hpp"
#include "rationale/kernel/short_vector.hpp"
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
        /// The count at `place`, a row's number times K + 1 and a token, K for all of them, went from one number to another.
        struct growth {
            std::uint32_t place, from, to;
        };
        std::size_t known = 0, code = 0;  // tokens that are known, at most the order, and the number whose digits they are: a row
        std::size_t at = 0;               // the row's place among those that were met, their number where it is new
        double events = 0;                // so far
        kernel::short_vector<std::uint32_t, 4> rows{};     // that were met, in the order in which they were met first
        kernel::short_vector<std::uint32_t, 16> counts{};  // of each of these: of its K tokens and, behind them, their sum
        kernel::short_vector<growth, 16> grown{};          // what came since the path began or began again
        double whole = 1;                                  // 1/(1 + u e t) where u is the same for all
        double log_next = 0, log_norm = 0;                 // log of what divides all tasks' factors next, and the sum of those in `grown`

        void meet(const growth& met) {
            std::size_t i = grown.size();
            for (std::size_t j = 0; j < grown.size(); ++j) i = grown[j].place == met.place ? j : i;  // without an exit: on lanes
            if (i == grown.size()) grown.push_back(met);
            grown[i].to = met.to;
        }
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
        temper(1);
    }

    static constexpr std::size_t fixed_outcomes = K == dynamic ? 0 : K;
    static constexpr bool reads_by_event = chained;
    [[nodiscard]] std::size_t outcomes() const noexcept { return categories_.size(); }
    [[nodiscard]] std::size_t rows() const noexcept { return own_step() + (uniform ? 0 : 1); }
    /// Means and their logarithms; a task's own u leaves these of no use.
    [[nodiscard]] std::size_t exact_rows() const noexcept { return uniform ? 2 * size() : 0; }
    /// Every observation counts e times.
    void temper(double e) {
        exponent_ = e, factor_ = kernel::rising_step(e);
        log_norms_.clear();
        for (std::uint32_t n = 0; uniform && n < 257; ++n) log_norms_.push_back(log_norm(n));
    }
    [[nodiscard]] path start() const {
        path out;
        look_ahead(out);
        return out;
    }
    void pack(const Prior& prior, std::size_t d, double* column, std::size_t stride) const noexcept {
        for_each_mean(prior, d, [&](std::size_t i, double r) {
            column[i * stride] = r;
            if (!uniform) return;
            column[(rows() + i) * stride] = r;
            column[(rows() + size() + i) * stride] = r > 0 ? std::log(r) : kernel::log_of_zero;
        });
        for (std::size_t i = size(); i < own_step(); ++i) column[i * stride] = 1 / static_cast<double>(outcomes());
        if (!uniform) column[own_step() * stride] = (1 - prior.share(d)) / a_sum_;
    }
    /// Where the row begins, whether enough tokens are known, and, with a u of each task's own, e n_k; e t, 1/(1 + u e t), and log of what
    /// divides all tasks' factors.
    template <class V>
    struct lane_counts {
        std::size_t row;
        bool known;
        V total, whole, log_next;
        short_array<V, uniform ? 1 : K> of;
    };
    template <class V>
    [[nodiscard]] lane_counts<V> on_lanes(auto, const path& p) const {
        const bool known = p.known == order_;
        lane_counts<V> out{(known ? p.code : states_) * outcomes(),
                           known,
                           kernel::broadcast<V>(exponent_ * count(p, outcomes())),
                           kernel::broadcast<V>(p.whole),
                           kernel::broadcast<V>(p.log_next),
                           short_array < V,
                           uniform ? 1 : K > (outcomes())};
        if constexpr (!uniform)
            for (std::size_t k = 0; k < outcomes(); ++k) out.of[k] = kernel::broadcast<V>(exponent_ * count(p, k));
        return out;
    }
    /// Where u is the same for all tasks, what is the task's own; `complete` adds the rest to the weighted sum.
    template <class Rows, class V, class Emit>
    void predict(const Rows& r, const V*, const path&, const lane_counts<V>& n, Emit&& give) const {
        if constexpr (uniform) {
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
    V factor(const Rows& r, const path& p, const lane_counts<V>& n, std::size_t token) const {
        if (chained && !n.known) return kernel::exponential(-n.log_next);
        const V mean = r[first(n) + token];
        if constexpr (uniform) {
            const V seen = mean + kernel::broadcast<V>(step_ * exponent_ * count(p, token));
            if (exponent_ == 1) return seen * n.whole;
            return factor_.on(kernel::broadcast<V>(step_), least(token, count(p, token)), n.log_next)(seen);
        } else {
            const V u = r[own_step()], zero(0.0), one(1.0), seen = kernel::lane_access<V>::multiply_add(u, n.of[token], mean);
            if (exponent_ == 1) return seen / (one + u * n.total);
            return factor_.on(u, least(token, count(p, token)), zero)(seen) /
                   factor_.on(u, a_sum_ + exponent_ * count(p, outcomes()), zero)(one + u * n.total);
        }
    }
    template <class Rows, class V>
    V observe(const Rows& r, V*, const path& shared, const lane_counts<V>& n, const V*, std::size_t token) const {
        return kernel::logarithm(factor(r, shared, n, token));
    }
    void advance(path& p, auto, std::size_t token) const {
        p.log_norm += p.log_next;
        p.events += 1;
        if (p.known == order_) {
            if (p.at == p.rows.size()) {
                p.rows.push_back(static_cast<std::uint32_t>(p.code));
                p.counts.resize(p.counts.size() + outcomes() + 1);
            }
            for (const std::size_t k : {token, outcomes()}) {
                const std::uint32_t now = ++p.counts[p.at * (outcomes() + 1) + k];
                if (k == token || !uniform) p.meet({static_cast<std::uint32_t>(p.code * (outcomes() + 1) + k), now - 1, now});
            }
        } else {
            ++p.known;
        }
        p.code = (p.code * outcomes() + token) % states_;
        look_ahead(p);
    }
    /// Where it is, with nothing grown.
    [[nodiscard]] path restart(const path& p) const {
        path out = p;
        out.grown.clear();
        out.log_norm = 0;
        return out;
    }
    void append(path& p, const path& later) const {
        auto grown = std::move(p.grown);
        const double log_norm = p.log_norm + later.log_norm;
        p = later;
        std::swap(p.grown, grown);
        for (const auto& met : later.grown) p.meet(met);
        p.log_norm = log_norm;
    }
    /// For e = 1 the sum over rows of sum_k sum_{from <= j < to} log(r_k + u j) - sum_t log(1 + u t).
    template <class Rows>
    auto log_likelihood(const Rows& r, const path& p) const {
        using V = std::remove_cvref_t<decltype(r[0])>;
        const V u = uniform ? V(step_) : r[own_step()];
        const auto for_each_count = [&](const auto& visit) {  // visit(mean, from, to, whether of all tokens)
            for (const auto& [place, from, to] : p.grown) {
                const std::size_t row = place / (outcomes() + 1), k = place % (outcomes() + 1);
                if (k == outcomes()) visit(V(1.0), from, to, true);
                else visit(r[row * outcomes() + k], from, to, false);
            }
        };
        V nats(-p.log_norm);
        if (p.grown.empty()) return nats;
        // So many factors, each at most 1 + u t, neither overflow nor underflow.
        const std::size_t together = p.events < 1000 * a_sum_ ? together_ : (std::min)(together_, std::size_t{8});
        product_of<V> shown{together}, norm{together};
        for_each_count([&](V mean, double from, double to, bool all) {
            if (exponent_ == 1 && to - from < 16) {
                product_of<V>& product = all ? norm : shown;
                for (double j = from; j < to; ++j) product.multiply(kernel::lane_access<V>::multiply_add(V(j), u, mean));
            } else {
                const V start = kernel::lane_access<V>::multiply_add(u, V(exponent_ * from), mean);
                const V more = kernel::log_rising(start, u, V(exponent_ * (to - from)));
                nats = all ? nats - more : nats + more;
            }
        });
        if constexpr (!uniform) nats = nats - norm.log();
        return nats + shown.log();
    }
    /// What factors and log likelihoods take of a task beside what is shared are numbers of a token and of how often it came; they are 1
    /// and nothing before enough tokens are known.
    [[nodiscard]] kernel::cell factor_cell(const path& p, std::size_t token) const noexcept requires uniform {
        if (p.known < order_) return {nothing, 0};
        return {static_cast<std::uint32_t>(p.code * outcomes() + token), static_cast<std::uint32_t>(count(p, token))};
    }
    /// body(f) with f(r) the factor where no other token came behind the row's: at most 1.
    template <class V, class Body>
    void cell_factor(const kernel::cell& c, const Body& body) const {
        if (c.place == nothing) return body([](const auto&) { return V(1.0); });
        const V seen = kernel::broadcast<V>(step_ * exponent_ * c.times);
        if (exponent_ == 1) {
            const V whole = kernel::broadcast<V>(std::exp(-log_norm(c.times)));
            return body([&](const auto& r) { return (r[c.place] + seen) * whole; });
        }
        factor_.on(kernel::broadcast<V>(step_), least(c.place % outcomes(), c.times), kernel::broadcast<V>(log_norm(c.times)))
            .prepared([&](const auto& factor) { body([&](const auto& r) { return factor(r[c.place] + seen); }); });
    }
    [[nodiscard]] double log_factor_rest(const path& p, const kernel::cell& c) const {
        return (c.place == nothing ? 0 : log_norm(c.times)) - p.log_next;
    }
    /// That of the frequencies with which tokens came behind each row: e sum_k n_k log(n_k/t), of what grew. What came before enough tokens
    /// were known is left out.
    [[nodiscard]] double greatest_log_likelihood(const path& p) const {
        const auto row = [&](const typename path::growth& g) { return g.place / (outcomes() + 1); };
        double nats = 0;
        for (const auto& g : p.grown) {
            if (g.place % (outcomes() + 1) == outcomes()) continue;
            double all = 0;
            for (const auto& other : p.grown)
                all += row(other) == row(g) && other.place % (outcomes() + 1) != outcomes() ? other.to - other.from : 0;
            nats += (g.to - g.from) * std::log((g.to - g.from) / all);
        }
        return exponent_ * nats;
    }
    /// With the same u, each time that token k comes the log ratio of u^e Gamma(y + e)/Gamma(y) at y = r_k/u + e n of both, whose slope in
    /// log y is y (digamma(y + e) - digamma(y)): at most the next integer from e, and at most e (1 + 1/y), with y no less than the rival's.
    template <class Rival>
    auto greatest_gain(const Rival& rival, const path& before, const path& after) const {
        if constexpr (uniform) {
            kernel::gain_on_rival gain(after.grown.size());
            for (std::size_t i = 0; i < after.grown.size(); ++i) {
                const auto [place, from, to] = after.grown[i];
                const std::uint32_t since = i < before.grown.size() ? before.grown[i].to : from;
                if (since == to) continue;
                const std::size_t row = place / (outcomes() + 1), k = place % (outcomes() + 1), log_mean = size() + row * outcomes() + k;
                const double y = rival[row * outcomes() + k] / step_ + exponent_ * since;
                const double slope = (std::min)((std::max)(std::ceil(exponent_), 1.0), exponent_ * (step_ > 0 ? 1 + 1 / y : 1));
                gain.add(log_mean, slope * (to - since), rival[log_mean]);
            }
            return gain;
        } else {
            return all_alike{log_likelihood(rival, before) - log_likelihood(rival, after)};
        }
    }

private:
    static constexpr std::uint32_t nothing = static_cast<std::uint32_t>(-1);

    /// What nobody gains more of: a component's own factors are at most 1.
    struct all_alike {
        double nats;
        template <class Rows>
        [[nodiscard]] auto operator()(const Rows& r) const {
            return std::remove_cvref_t<decltype(r[0])>(nats);
        }
    };

    /// Of the row behind the last tokens: how often token k came, and for k = K how many tokens.
    [[nodiscard]] double count(const path& p, std::size_t k) const noexcept {
        return p.at < p.rows.size() ? p.counts[p.at * (outcomes() + 1) + k] : 0;
    }
    /// r_k/u + e n is at least this, whatever the task.
    [[nodiscard]] double least(std::size_t k, double n) const noexcept {
        return uniform && step_ == 0 ? std::numeric_limits<double>::infinity() : a_[k] + exponent_ * n;
    }
    /// Where u is the same for all: log of what divides the factors behind n tokens.
    [[nodiscard]] double log_norm(double n) const {
        if (n < static_cast<double>(log_norms_.size())) return log_norms_[static_cast<std::size_t>(n)];
        const double all = 1 + step_ * exponent_ * n;
        return exponent_ == 1 ? std::log(all) : kernel::log_rising(all, step_, exponent_);
    }
    void look_ahead(path& p) const {
        if (p.known < order_) {
            p.log_next = exponent_ * std::log(static_cast<double>(outcomes()));
            return;
        }
        p.at = 0;
        while (p.at < p.rows.size() && p.rows[p.at] != p.code) ++p.at;
        const double n = count(p, outcomes());
        p.whole = uniform ? 1 / (1 + step_ * exponent_ * n) : 1;
        p.log_next = uniform ? log_norm(n) : 0;
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
    /// Numbers of a task. Behind them are packed, for a chain, those of a row before enough tokens are known, and then a task's own u.
    [[nodiscard]] std::size_t size() const noexcept { return states_ * outcomes(); }
    [[nodiscard]] std::size_t own_step() const noexcept { return size() + (chained ? outcomes() : 0); }
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
    kernel::rising_step factor_{1};
    std::vector<double> log_norms_{};  // of few tokens
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
