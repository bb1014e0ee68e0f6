#ifndef RATIONALE_STRATEGY_TOKEN_RULES_HPP
#define RATIONALE_STRATEGY_TOKEN_RULES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/strategy/strategy.hpp"
#include "rationale/task/extent.hpp"

namespace rationale {

// Rules that predict a token from those before it, for every family of tokens. Each has a pseudo-count for every token, so that what was
// not seen yet is not impossible unless it is 0; without any count a rule predicts 1/K.

namespace detail {
/// (counts + pseudo)/(sum), or uniform where there is nothing; adds the log of what the token that came was given.
inline void predict_from_counts(std::span<const double> counts, double pseudo, std::span<double> out) {
    double sum = 0;
    for (double n : counts) sum += n + pseudo;
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = sum > 0 ? (counts[k] + pseudo) / sum : 1 / static_cast<double>(out.size());
}
}  // namespace detail

/// The induction head: it looks for the last n tokens earlier in the context and predicts what followed them, in proportion to how often it
/// did. n = 0 is the empirical unigram.
template <class F>
class induction_head {
public:
    /// Looks for the last `match` tokens; every outcome counts `pseudo_count` more. Throws std::invalid_argument for a negative one.
    induction_head(F family, std::size_t match, double pseudo_count = 0.01)
        : family_(std::move(family)), match_(match), pseudo_count_(pseudo_count) {
        if (!(pseudo_count >= 0 && std::isfinite(pseudo_count)))
            throw std::invalid_argument("rationale::induction_head: pseudo_count is " + detail::number_text(pseudo_count) +
                                        ", must be finite and not negative");
    }

    [[nodiscard]] const F& family() const noexcept { return family_; }
    [[nodiscard]] std::string_view name() const noexcept { return match_ == 0 ? "empirical unigram" : "induction head"; }
    [[nodiscard]] std::vector<double> numbers() const { return {static_cast<double>(match_), pseudo_count_}; }
    /// O(T (T n + K)) a sequence.
    template <class View>
    void predict_sequence(const View& view, std::span<double> values, std::span<double> log_evidence) const {
        const std::size_t k = family_.outcomes();
        std::vector<double> counts(k);
        log_evidence[0] = 0;
        for (std::size_t t = 0; t < view.events(); ++t) {
            std::fill(counts.begin(), counts.end(), 0.0);
            for (std::size_t i = match_; t >= match_ && i < t; ++i) {
                std::size_t same = 0;
                while (same < match_ && view.observation(i - 1 - same) == view.observation(t - 1 - same)) ++same;
                if (same == match_) counts[view.observation(i)] += 1;
            }
            const auto p = values.subspan(t * k, k);
            detail::predict_from_counts(counts, pseudo_count_, p);
            log_evidence[t + 1] = log_evidence[t] + std::log(p[view.observation(t)]);
        }
    }

private:
    F family_;
    std::size_t match_;
    double pseudo_count_;
};

/// The last token again, with probability `share`, and any token otherwise.
template <class F>
class last_token {
public:
    /// Throws std::invalid_argument for a share outside [0, 1].
    explicit last_token(F family, double share = 0.9)
        : family_(std::move(family)), share_(detail::share("rationale::last_token", "share", share)) {}

    [[nodiscard]] const F& family() const noexcept { return family_; }
    [[nodiscard]] static constexpr std::string_view name() noexcept { return "last token"; }
    [[nodiscard]] std::vector<double> numbers() const { return {share_}; }
    template <class View>
    void predict_sequence(const View& view, std::span<double> values, std::span<double> log_evidence) const {
        const std::size_t k = family_.outcomes();
        log_evidence[0] = 0;
        for (std::size_t t = 0; t < view.events(); ++t) {
            const auto p = values.subspan(t * k, k);
            std::fill(p.begin(), p.end(), (t == 0 ? 1 : 1 - share_) / static_cast<double>(k));
            if (t > 0) p[view.observation(t - 1)] += share_;
            log_evidence[t + 1] = log_evidence[t] + std::log(p[view.observation(t)]);
        }
    }

private:
    F family_;
    double share_;
};

}  // namespace rationale

#endif
