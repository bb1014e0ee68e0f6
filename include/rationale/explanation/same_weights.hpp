#ifndef RATIONALE_EXPLANATION_SAME_WEIGHTS_HPP
#define RATIONALE_EXPLANATION_SAME_WEIGHTS_HPP

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/compare/mixing_weights.hpp"
#include "rationale/explanation/cell_explanation.hpp"
#include "rationale/explanation/explanation.hpp"

namespace rationale {

/// Weights of the strategies that are the same in every cell: chosen by `choose(losses)` for the losses of the cells it is fitted to, which
/// are functions of the weights, with how often each of them was drawn.
class same_weights : public explanation_of_cells {
public:
    /// A cell's loss, and how often it was drawn.
    using drawn_loss = std::pair<const mixture_loss*, double>;
    /// Makes weights from those.
    using chooser = std::function<std::vector<double>(const std::vector<drawn_loss>&)>;

    /// The observations must outlive it.
    same_weights(explanation_facts facts, const observations& seen, chooser choose)
        : explanation_of_cells(std::move(facts), seen), choose_(std::move(choose)) {
        facts_.kind = explanation_kind::baseline;
        facts_.values = fit(recorded_sample{}, is_fitted);
    }

    /// The weights.
    [[nodiscard]] std::vector<double> fit(const recorded_sample& sample, const cell_choice& use) const {
        const auto& s = sample.of(*seen_);
        std::vector<drawn_loss> of;
        for (std::size_t i = 0; i < s.losses.size(); ++i)
            if (s.weights[i] > 0 && use(seen_->cells[i])) of.emplace_back(&s.losses[i], s.weights[i]);
        return choose_(of);
    }
    /// Divergences of the mixture with these weights.
    [[nodiscard]] std::vector<double> losses(const std::vector<double>& values, const recorded_sample& sample,
                                             const cell_choice& use) const {
        const auto& s = sample.of(*seen_);
        return losses_of_drawn(s.weights, use, [&](std::size_t i) { return s.losses[i](values); });
    }

private:
    chooser choose_;
};

namespace detail {

/// The mean of losses as a function of the weights: its minimizer over the simplex is the best weights that are the same everywhere.
struct mean_loss {
    using derivatives = mixture_loss::derivatives;
    const std::vector<same_weights::drawn_loss>& losses;

    void evaluate(const std::vector<double>& w, derivatives& out) const {
        out.value = 0;
        out.gradient.assign(w.size(), 0.0);
        out.hessian.assign(w.size() * w.size(), 0.0);
        derivatives one;
        double total = 0;
        for (const auto& [loss, times] : losses) total += times;
        for (const auto& [loss, times] : losses) {
            loss->evaluate(w, one);
            const double share = times / total;
            out.value += share * one.value;
            for (std::size_t i = 0; i < one.gradient.size(); ++i) out.gradient[i] += share * one.gradient[i];
            for (std::size_t i = 0; i < one.hessian.size(); ++i) out.hessian[i] += share * one.hessian[i];
        }
    }
};

/// The single strategy that is best in the mean.
inline std::vector<double> best_single(const std::vector<same_weights::drawn_loss>& losses, std::size_t n) {
    std::vector<double> best(n);
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t q = 0; q < n; ++q) {
        std::vector<double> single(n);
        single[q] = 1;
        double sum = 0;
        for (const auto& [loss, times] : losses) sum += times * (*loss)(single);
        if (q == 0 || sum < least) least = sum, best = std::move(single);
    }
    return best;
}

}  // namespace detail

/// What laws of the named strategies are measured against: the best single strategy, equal weights, and the best weights that are the same
/// everywhere, all found on the fitted cells; and the best weights of every cell, which no law of these strategies can pass.
[[nodiscard]] inline std::vector<any_explanation> baselines(const observations& seen, std::span<const std::string> strategies,
                                                            const std::string& of) {
    const std::size_t n = strategies.size();
    using losses = const std::vector<same_weights::drawn_loss>&;
    const auto facts = [&](std::string key, const std::string& words, std::size_t parameters) {
        return explanation_facts{.key = std::move(key), .words = words + of, .parameters = parameters};
    };
    const same_weights::chooser single = [n](losses l) { return detail::best_single(l, n); };
    const auto best = same_weights({}, seen, single).facts().values;
    const auto place = static_cast<std::size_t>(std::max_element(best.begin(), best.end()) - best.begin());
    return {same_weights(facts("best_single", "always " + strategies[place], 0), seen, single),
            same_weights(facts("equal_weights", "equal weights", 0), seen,
                         [n](losses) { return std::vector<double>(n, 1 / static_cast<double>(n)); }),
            same_weights(facts("same_weights", "same weights everywhere", n - 1), seen,
                         [n](losses l) { return simplex_newton(detail::mean_loss{l}, n).point; }),
            free_weights(facts("free_weights", "free weights in every cell", n - 1), seen)};
}

}  // namespace rationale

#endif
