#ifndef RATIONALE_LEARNER_EVIDENCE_LAWS_HPP
#define RATIONALE_LEARNER_EVIDENCE_LAWS_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>

#include "rationale/learner/law.hpp"

namespace rationale {

namespace detail {
inline constexpr double unbounded = std::numeric_limits<double>::infinity();
inline constexpr law_parameter alpha_parameter{"alpha", 0, 1, search_scale::linear, 0, 0.95};
inline constexpr law_parameter gamma_parameter{"gamma", 0, unbounded, search_scale::logarithmic, 1e-6, 1e2};

/// n^(1-alpha), and 0 for n = 0.
template <class Real>
[[nodiscard]] Real discounted(double n, const Real& alpha) {
    using std::exp;
    return n > 0 ? exp((Real(1.0) - alpha) * Real(std::log(n))) : Real(0.0);
}
}  // namespace detail

/// exposure = gamma N^(1-alpha): evidence accumulates as a power of the training steps (arXiv 2506.17859).
struct power_law_evidence {
    double alpha = 0;  ///< how fast later steps lose weight, 0 <= alpha < 1
    double gamma = 1;  ///< scale of evidence, > 0

    static constexpr const char* formula = "gamma N^(1-alpha)";
    static constexpr std::array parameters{detail::alpha_parameter, detail::gamma_parameter};
    [[nodiscard]] std::array<double, 2> values() const { return {alpha, gamma}; }

    template <class Real>
    [[nodiscard]] static Real exposure(const std::array<Real, 2>& p, const training& n) {
        return p[1] * detail::discounted(n.steps, p[0]);
    }
    /// The steps at which the exposure is reached.
    [[nodiscard]] static double steps(const std::array<double, 2>& p, double exposure) { return std::pow(exposure / p[1], 1 / (1 - p[0])); }
    friend bool operator==(const power_law_evidence&, const power_law_evidence&) = default;
};

/// exposure = gamma N: every step counts alike. It is the published ablation alpha = 0.
struct linear_evidence {
    double gamma = 1;  ///< scale of evidence, > 0

    static constexpr const char* formula = "gamma N";
    static constexpr std::array parameters{detail::gamma_parameter};
    [[nodiscard]] std::array<double, 1> values() const { return {gamma}; }

    template <class Real>
    [[nodiscard]] static Real exposure(const std::array<Real, 1>& p, const training& n) {
        return p[0] * Real(n.steps);
    }
    [[nodiscard]] static double steps(const std::array<double, 1>& p, double exposure) { return exposure / p[0]; }
    friend bool operator==(const linear_evidence&, const linear_evidence&) = default;
};

/// exposure = N^(1-alpha): the scale of evidence is fixed. It is the published ablation gamma = 1.
struct unscaled_evidence {
    double alpha = 0;  ///< how fast later steps lose weight, 0 <= alpha < 1

    static constexpr const char* formula = "N^(1-alpha)";
    static constexpr std::array parameters{detail::alpha_parameter};
    [[nodiscard]] std::array<double, 1> values() const { return {alpha}; }

    template <class Real>
    [[nodiscard]] static Real exposure(const std::array<Real, 1>& p, const training& n) {
        return detail::discounted(n.steps, p[0]);
    }
    [[nodiscard]] static double steps(const std::array<double, 1>& p, double exposure) { return std::pow(exposure, 1 / (1 - p[0])); }
    friend bool operator==(const unscaled_evidence&, const unscaled_evidence&) = default;
};

/// exposure = gamma (N/(1 + N/saturation))^(1-alpha): the power law at first. After many times `saturation` steps nothing is learnt any
/// more, and the weights level off below one.
struct saturating_evidence {
    double alpha = 0;         ///< how fast later steps lose weight, 0 <= alpha < 1
    double gamma = 1;         ///< scale of evidence, > 0
    double saturation = 1e4;  ///< steps

    static constexpr const char* formula = "gamma (N/(1 + N/saturation))^(1-alpha)";
    static constexpr std::array parameters{detail::alpha_parameter, detail::gamma_parameter,
                                           law_parameter{"saturation", 0, detail::unbounded, search_scale::logarithmic, 1e2, 1e6}};
    [[nodiscard]] std::array<double, 3> values() const { return {alpha, gamma, saturation}; }

    template <class Real>
    [[nodiscard]] static Real exposure(const std::array<Real, 3>& p, const training& n) {
        using std::exp, std::log;
        if (!(n.steps > 0)) return Real(0.0);
        return p[1] * exp((p[0] - Real(1.0)) * log(Real(1 / n.steps) + Real(1.0) / p[2]));
    }
    friend bool operator==(const saturating_evidence&, const saturating_evidence&) = default;
};

/// exposure = gamma (N/D)^(1-alpha): evidence grows with how often each task was seen, as mean_visits() has it.
struct per_task_evidence {
    double alpha = 0;  ///< how fast later steps lose weight, 0 <= alpha < 1
    double gamma = 1;  ///< scale of evidence, > 0

    static constexpr const char* formula = "gamma (N/D)^(1-alpha)";
    static constexpr std::array parameters{detail::alpha_parameter, detail::gamma_parameter};
    [[nodiscard]] std::array<double, 2> values() const { return {alpha, gamma}; }

    template <class Real>
    [[nodiscard]] static Real exposure(const std::array<Real, 2>& p, const training& n) {
        return p[1] * detail::discounted(mean_visits(n), p[0]);
    }
    friend bool operator==(const per_task_evidence&, const per_task_evidence&) = default;
};

/// Areas of a learning-rate schedule up to some step, in steps at its highest rate.
struct schedule_area {
    double forward = 0;    ///< integral of the rate
    double annealing = 0;  ///< integral of the highest rate so far minus the rate
};

/// The areas of the first n steps of a schedule of (step, rate) knots, with straight lines between them and flat ends. Without knots the
/// rate is constant. It costs O(knots).
[[nodiscard]] inline schedule_area area_of(std::span<const std::pair<double, double>> schedule, double n) {
    double peak = 0;
    for (const auto& knot : schedule) peak = (std::max)(peak, knot.second);
    if (!(peak > 0)) return {n, 0};
    schedule_area out;
    double at = 0, rate = schedule[0].second, highest = rate;
    const auto go = [&](double to, double rate_there) {
        if (to > n) rate_there = rate + (rate_there - rate) * (n - at) / (to - at), to = n;
        if (!(to > at)) return;
        out.forward += 0.5 * (rate + rate_there) * (to - at);
        // The part of the way where the rate is below the highest so far.
        const double below = rate_there > highest ? (highest - rate) / (rate_there - rate) : 1;
        out.annealing += below * (to - at) * (highest - 0.5 * (rate + (std::min)(rate_there, highest)));
        at = to, rate = rate_there, highest = (std::max)(highest, rate);
    };
    for (const auto& [step, there] : schedule) go(step, there);
    go(n, rate);
    return {out.forward / peak, out.annealing / peak};
}

/// exposure = gamma A^(1-alpha) with A = max(0, forward - share * annealing), the learning-rate schedule's areas up to N in steps at its
/// highest rate: steps at a lowered rate count less. With a constant rate A = N, and `share` is not determined.
struct scheduled_evidence {
    double alpha = 0;  ///< how fast later steps lose weight, 0 <= alpha < 1
    double gamma = 1;  ///< scale of evidence, > 0
    double share = 0;  ///< part of the annealing that does not count, 0 <= share < 1

    static constexpr const char* formula = "gamma (forward - share annealing)^(1-alpha)";
    static constexpr std::array parameters{detail::alpha_parameter, detail::gamma_parameter,
                                           law_parameter{"share", 0, 1, search_scale::linear, 0, 0.9}};
    [[nodiscard]] std::array<double, 3> values() const { return {alpha, gamma, share}; }

    template <class Real>
    [[nodiscard]] static Real exposure(const std::array<Real, 3>& p, const training& n) {
        using std::exp, std::log;
        const schedule_area area = area_of(n.schedule, n.steps);
        const Real steps = Real(area.forward) - p[2] * Real(area.annealing);
        if constexpr (requires { steps > 0.0; }) {
            if (!(steps > 0.0)) return Real(0.0);
        }
        return p[1] * exp((Real(1.0) - p[0]) * log(steps));
    }
    friend bool operator==(const scheduled_evidence&, const scheduled_evidence&) = default;
};

}  // namespace rationale

#endif
