#ifndef RATIONALE_LEARNER_CROSSOVER_HPP
#define RATIONALE_LEARNER_CROSSOVER_HPP

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "rationale/learner/any_law.hpp"
#include "rationale/number_text.hpp"

namespace rationale {

/// A number of training steps for readers: 0.5, 30, 12000, 1.2e+08.
[[nodiscard]] inline std::string step_text(double steps) {
    return steps >= 100 && steps < 1e7 ? decimals(steps, 0) : significant(steps, 2);
}

/// "1 step", "30 steps".
[[nodiscard]] inline std::string step_count(double steps) {
    const std::string text = step_text(steps);
    return text + (text == "1" ? " step" : " steps");
}

/// The largest step at which a recording's law is asked, as a multiple of the last recorded step. A crossover beyond it, or before the
/// first step, is a property of the formula and not of any training of this kind.
inline constexpr double most_extrapolation = 100;

/// When strategy A overtakes strategy B as training goes on.
struct crossover {
    /// The four cases.
    enum class outcome {
        at_steps,        ///< B is simpler and A fits better: A leads after `steps`
        never,           ///< A neither fits better nor is simpler, or evidence levels off before A leads
        from_the_start,  ///< A fits no worse and is no more complex, or B never catches up: it leads from the first step on
        reverse          ///< A is simpler and B fits better: A leads until `steps`
    };
    outcome what = outcome::never;  ///< which case it is
    /// Training steps, where the case has any; else NaN.
    double steps = std::numeric_limits<double>::quiet_NaN();

    /// Whether A overtakes B at a step that a training of this kind can have: from 1 to most_extrapolation times the last recorded one.
    [[nodiscard]] bool within(double last_step) const noexcept {
        return what == outcome::at_steps && steps >= 1 && steps <= most_extrapolation * last_step;
    }
    /// The same in words, after "A overtakes B", for a training recorded until `last_step`.
    [[nodiscard]] std::string words(double last_step = std::numeric_limits<double>::infinity()) const {
        const bool early = steps<1, late = steps> most_extrapolation * last_step;
        switch (what) {
            case outcome::at_steps:
                return early ? "before the first step" : late ? "not within any training of this kind" : "after " + step_count(steps);
            case outcome::never:
                return "never";
            case outcome::from_the_start:
                return "from the start";
            case outcome::reverse:
                return early  ? "reverse: leads only before the first step"
                       : late ? "reverse: leads throughout any training of this kind"
                              : "reverse: leads until step " + step_text(steps);
        }
        return {};
    }
};

/// N*: the steps at which strategies a and b of an account have equal posterior probability, with everything but the steps as in `n`. The
/// power law has it in closed form, [ (cost_a - cost_b) / (gamma (L_b - L_a)) ]^(1/(1-alpha)). Throws std::invalid_argument for a strategy
/// that the account does not have, and where check_account or check_training of account.hpp refuse their arguments.
[[nodiscard]] inline crossover crossover_steps(const any_law& law, std::span<const double> values, const account& c, std::size_t a,
                                               std::size_t b, training n = {}) {
    constexpr const char* where = "rationale::crossover_steps";
    detail::check_account(where, c);
    detail::check_training(where, n);
    detail::check_index(where, "a", a, c.loss.size());
    detail::check_index(where, "b", b, c.loss.size());
    if (!c.log_mass.empty()) {  // what has no mass never leads
        constexpr double none = -std::numeric_limits<double>::infinity();
        if (c.log_mass[a] == none) return {crossover::outcome::never};
        if (c.log_mass[b] == none) return {crossover::outcome::from_the_start};
    }
    const double fit = c.loss[b] - c.loss[a];
    n.steps = 0;
    const auto before = law.log_posterior(values, c, n);
    const double price = before[b] - before[a] - law.exposure(values, n) * (c.loss[a] - c.loss[b]);
    using enum crossover::outcome;
    if (fit <= 0 && price >= 0) return {never};
    if (fit >= 0 && price <= 0) return {from_the_start};
    const double steps = law.steps(values, price / fit, n);  // the exposure at which the log odds are 0
    if (steps == std::numeric_limits<double>::infinity()) return {fit > 0 ? never : from_the_start};
    return {fit > 0 ? at_steps : reverse, steps};
}

template <class... Parts>
[[nodiscard]] crossover crossover_steps(const rational_law<Parts...>& law, const account& c, std::size_t a, std::size_t b,
                                        const training& n = {}) {
    return crossover_steps(law_of<rational_law<Parts...>>(), law.values(), c, a, b, n);
}

/// A strategy, and the step from which on it has the largest posterior probability.
struct lead {
    std::size_t strategy = 0;  ///< index of the strategy
    double from_steps = 0;     ///< training steps
};

/// The strategies that lead one after the other: log posteriors are straight lines in the exposure, and these are their upper envelope. The
/// first leads from step 0; among strategies that are as simple it is the one that fits best. Throws std::invalid_argument where
/// check_account or check_training of account.hpp refuse their arguments.
[[nodiscard]] inline std::vector<lead> leads(const any_law& law, std::span<const double> values, const account& c, training n = {}) {
    detail::check_account("rationale::leads", c);
    detail::check_training("rationale::leads", n);
    n.steps = 0;
    const auto at_0 = law.log_posterior(values, c, n);
    const double exposure_0 = law.exposure(values, n);
    const auto height = [&](std::size_t q, double exposure) { return at_0[q] - (exposure - exposure_0) * c.loss[q]; };
    std::vector<lead> out{{0, 0}};
    for (std::size_t q = 1; q < at_0.size(); ++q)
        if (at_0[q] > at_0[out[0].strategy] || (at_0[q] == at_0[out[0].strategy] && c.loss[q] < c.loss[out[0].strategy]))
            out[0].strategy = q;
    for (double exposure = exposure_0;;) {
        const std::size_t now = out.back().strategy;
        std::size_t next = now;
        double at = std::numeric_limits<double>::infinity();
        for (std::size_t q = 0; q < at_0.size(); ++q) {
            if (!(c.loss[q] < c.loss[now])) continue;
            const double meets = exposure + (height(now, exposure) - height(q, exposure)) / (c.loss[now] - c.loss[q]);
            if (meets < at || (meets == at && c.loss[q] < c.loss[next])) at = meets, next = q;
        }
        if (next == now || at == std::numeric_limits<double>::infinity()) return out;
        const double steps = law.steps(values, at, n);
        if (steps == std::numeric_limits<double>::infinity()) return out;
        out.push_back({next, steps});
        exposure = at;
    }
}

}  // namespace rationale

#endif
