#ifndef RATIONALE_TASK_NGRAM_FOLD_HPP
#define RATIONALE_TASK_NGRAM_FOLD_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "rationale/kernel/gain_on_rival.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/task/extent.hpp"

namespace rationale {

/// Where the chain with the n x n transition matrix p (row by row) is, on average over time, after a uniform start: its stationary
/// distribution where it has only one. By elimination without subtraction (Grassmann, Taksar and Heyman), so to rounding whatever the
/// matrix; O(n^3).
[[nodiscard]] inline std::vector<double> stationary_distribution(std::vector<double> p, std::size_t n) {
    auto reduced = p;
    bool one_class = true;
    for (std::size_t k = n; k-- > 1 && one_class;) {
        double leave = 0;
        for (std::size_t j = 0; j < k; ++j) leave += reduced[k * n + j];
        one_class = leave > 0;
        for (std::size_t i = 0; i < k && one_class; ++i) {
            const double through = reduced[i * n + k] /= leave;
            if (through > 0)
                for (std::size_t j = 0; j < k; ++j) reduced[i * n + j] += through * reduced[k * n + j];
        }
    }
    std::vector<double> out(n, 1.0);
    double sum = 1;
    if (one_class) {
        for (std::size_t k = 1; k < n; ++k) {
            out[k] = 0;
            for (std::size_t i = 0; i < k; ++i) out[k] += out[i] * reduced[i * n + k];
            sum += out[k];
        }
    } else {
        // Several classes that are never left: the lazy chain's steps are squared until nothing moves.
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) p[i * n + j] = 0.5 * (p[i * n + j] + (i == j));
        for (int doublings = 0; doublings < 64; ++doublings) {
            std::fill(reduced.begin(), reduced.end(), 0.0);
            for (std::size_t i = 0; i < n; ++i) {
                double total = 0;
                for (std::size_t k = 0; k < n; ++k)
                    for (std::size_t j = 0; j < n; ++j) reduced[i * n + j] += p[i * n + k] * p[k * n + j];
                for (std::size_t j = 0; j < n; ++j) total += reduced[i * n + j];
                for (std::size_t j = 0; j < n; ++j) reduced[i * n + j] /= total;
            }
            if (reduced == p) break;
            std::swap(reduced, p);
        }
        sum = static_cast<double>(n);
        for (std::size_t j = 0; j < n; ++j) {
            out[j] = 0;
            for (std::size_t i = 0; i < n; ++i) out[j] += p[i * n + j];
        }
    }
    for (double& x : out) x /= sum;
    return out;
}

/// The fold of a Markov chain that is weighed by its conditional distributions of one order and predicts with those of another: given the
/// last j tokens, those of the chain far along, and for j its own order its rows. An order-j distribution is preceded by j tokens; before,
/// they are those of the chain's start: uniform, or stationary. Orders may be 0, the token frequencies, up to the chain's.
template <std::size_t Categories>
class ngram_fold {
public:
    /// What all chains share: the last tokens, and how often each conditional probability was met.
    struct path {
        struct cell {
            std::uint32_t place, times;
        };
        std::size_t known = 0, code = 0;  // the last tokens, at most the order, and the number whose digits they are
        std::vector<cell> cells{};        // in the order in which they were met first

        path() = default;
        path(const path&) = default;
        /// Keeps room: paths are copied from event to event while they grow.
        path& operator=(const path& other) {
            if (cells.capacity() < other.cells.size()) cells.reserve(2 * other.cells.size());
            cells.assign(other.cells.begin(), other.cells.end());
            known = other.known, code = other.code;
            return *this;
        }
        ~path() = default;

        void meet(const cell& met) {
            std::size_t at = cells.size();
            for (std::size_t i = 0; i < cells.size(); ++i) at = cells[i].place == met.place ? i : at;  // without an exit: on lanes
            if (at == cells.size()) cells.push_back({met.place, 0});
            cells[at].times += met.times;
        }
    };

    ngram_fold(std::size_t categories, std::size_t order, bool stationary_start, std::size_t weighed, std::size_t said)
        : categories_("rationale::ngram_fold", "categories", categories, 1), weighed_(weighed), said_(said), powers_{1} {
        for (std::size_t j = 0; j < order; ++j) powers_.push_back(powers_.back() * categories);
        tables_.assign(order + 1, none);
        const std::size_t most = (std::max)(weighed, said);
        if (!stationary_start && most > 0) start_ = std::exchange(rows_, categories);
        for (std::size_t j = 0; j <= order; ++j)
            if (j == weighed || j == said || (stationary_start && j < most))
                tables_[j] = std::exchange(rows_, rows_ + powers_[j] * categories);
    }

    static constexpr std::size_t fixed_outcomes = Categories == dynamic ? 0 : Categories;
    static constexpr bool reads_by_event = true;
    [[nodiscard]] std::size_t outcomes() const noexcept { return categories_.size(); }
    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::size_t exact_rows() const noexcept { return rows_; }
    [[nodiscard]] path start() const { return {}; }

    /// Of the chain with K^m rows of K probabilities: column[0], column[stride], ... get the conditional distributions, then their
    /// logarithms.
    void pack(std::span<const double> chain, double* column, std::size_t stride) const {
        const auto put = [&](std::size_t at, double p) {
            column[at * stride] = p;
            column[(rows_ + at) * stride] = p > 0 ? std::log(p) : kernel::log_of_zero;
        };
        if (start_ != none)
            for (std::size_t k = 0; k < outcomes(); ++k) put(start_ + k, 1 / static_cast<double>(outcomes()));
        for_each_conditional(chain, [&](std::size_t order, std::size_t i, double p) { put(tables_[order] + i, p); });
    }
    /// The conditional distributions alone, the lowest order first.
    [[nodiscard]] std::vector<double> conditionals(std::span<const double> chain) const {
        std::vector<double> out;
        for_each_conditional(chain, [&](std::size_t, std::size_t, double p) { out.push_back(p); });
        return out;
    }

    /// What an event reads of a chain: where the two distributions begin.
    struct places {
        std::size_t weighed, said;
    };
    template <class V>
    [[nodiscard]] places on_lanes(auto, const path& p) const noexcept {
        return {row_of(p, weighed_), row_of(p, said_)};
    }
    template <class Rows, class V, class Emit>
    void predict(const Rows& chain, const V*, const path&, places at, Emit&& give) const {
        categories_.each([&](std::size_t k) { give(k, chain[at.said + k]); });
    }
    template <class Rows, class V>
    V observe(const Rows& chain, V*, const path&, places at, const V*, std::size_t token) const {
        return kernel::logarithm(chain[at.weighed + token]);
    }
    template <class Rows>
    auto factor(const Rows& chain, const path&, places at, std::size_t token) const {
        return chain[at.weighed + token];
    }
    void advance(path& p, auto, std::size_t token) const {
        p.meet({static_cast<std::uint32_t>(row_of(p, weighed_) + token), 1});
        p.code = (p.code * outcomes() + token) % powers_.back();
        p.known = (std::min)(p.known + 1, powers_.size() - 1);
    }
    /// As if the last tokens were known and nothing had been met.
    [[nodiscard]] path restart(const path& p) const {
        path out;
        out.known = p.known, out.code = p.code;
        return out;
    }
    void append(path& p, const path& later) const {
        for (const auto& met : later.cells) p.meet(met);
        p.known = later.known, p.code = later.code;
    }
    template <class Rows>
    auto log_likelihood(const Rows& logs, const path& p) const {
        using V = std::remove_cvref_t<decltype(logs[0])>;
        V nats(0.0), others(0.0);  // two sums, as an addition must wait for the one before it
        const auto add = [&](V& sum, const typename path::cell& c) {
            sum = kernel::lane_access<V>::multiply_add(V(static_cast<double>(c.times)), logs[c.place], sum);
        };
        std::size_t i = 0;
        for (; i + 2 <= p.cells.size(); i += 2) add(nats, p.cells[i]), add(others, p.cells[i + 1]);
        if (i < p.cells.size()) add(nats, p.cells[i]);
        return nats + others;
    }
    template <class Rival>
    kernel::gain_on_rival greatest_gain(const Rival& rival, const path& before, const path& after) const {
        kernel::gain_on_rival gain(after.cells.size());
        for (std::size_t i = 0; i < after.cells.size(); ++i) {
            const auto [place, times] = after.cells[i];
            const std::uint32_t more = times - (i < before.cells.size() ? before.cells[i].times : 0);
            if (more > 0) gain.add(place, static_cast<double>(more), rival[place]);
        }
        return gain;
    }

    /// Where the distribution of the next token begins in the packed numbers.
    [[nodiscard]] std::size_t row_of(const path& p, std::size_t order) const noexcept {
        if (p.known < order && start_ != none) return start_;
        const std::size_t j = (std::min)(p.known, order);
        return tables_[j] + p.code % powers_[j] * outcomes();
    }

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    /// visit(order, place, probability) for the orders that are packed.
    template <class Visit>
    void for_each_conditional(std::span<const double> chain, const Visit& visit) const {
        const std::size_t k = outcomes(), order = powers_.size() - 1, states = powers_.back();
        std::vector<double> joint;  // of the last tokens, far along the chain
        for (std::size_t j = 0; j <= order; ++j) {
            if (tables_[j] == none) continue;
            if (j == order) {
                for (std::size_t i = 0; i < states * k; ++i) visit(j, i, chain[i]);
                continue;
            }
            if (joint.empty()) {
                std::vector<double> steps(states * states);
                for (std::size_t s = 0; s < states; ++s)
                    for (std::size_t next = 0; next < k; ++next) steps[s * states + (s * k + next) % states] += chain[s * k + next];
                joint = stationary_distribution(std::move(steps), states);
            }
            std::vector<double> grams(powers_[j] * k);
            for (std::size_t s = 0; s < states; ++s) grams[s % grams.size()] += joint[s];
            for (std::size_t r = 0; r < powers_[j]; ++r) {
                double sum = 0;
                for (std::size_t i = r * k; i < (r + 1) * k; ++i) sum += grams[i];
                for (std::size_t i = r * k; i < (r + 1) * k; ++i)
                    visit(j, i, sum > 0 ? grams[i] / sum : 1 / static_cast<double>(k));  // what never comes predicts nothing
            }
        }
    }

    extent<Categories> categories_;
    std::size_t weighed_, said_, rows_ = 0, start_ = none;
    std::vector<std::size_t> powers_, tables_;  // of K; where the distributions of each order begin
};

}  // namespace rationale

#endif
