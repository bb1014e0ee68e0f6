#ifndef RATIONALE_LEARNER_SIMPLICITY_LAWS_HPP
#define RATIONALE_LEARNER_SIMPLICITY_LAWS_HPP

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

#include "rationale/learner/law.hpp"

namespace rationale {

/// cost = ln 2 K^beta: a strategy of K bits has prior probability proportional to 2^-(K^beta) (arXiv 2506.17859).
struct power_simplicity {
    double beta = 1;  ///< > 0

    static constexpr const char* formula = "ln 2 K^beta";
    static constexpr std::array<law_parameter, 1> parameters{
        {{"beta", 0, std::numeric_limits<double>::infinity(), search_scale::logarithmic, 0.02, 1}}};
    [[nodiscard]] std::array<double, 1> values() const { return {beta}; }

    template <class Real>
    [[nodiscard]] static Real cost(const std::array<Real, 1>& p, double bits) {
        using std::exp;
        if (bits <= 0) return Real(0.0);
        return Real(std::numbers::ln2) * exp(p[0] * Real(std::log(bits)));
    }
    friend bool operator==(const power_simplicity&, const power_simplicity&) = default;
};

/// cost = ln 2 c K: every bit costs c bits.
struct linear_simplicity {
    double c = 1;  ///< price of a bit, > 0

    static constexpr const char* formula = "ln 2 c K";
    static constexpr std::array<law_parameter, 1> parameters{
        {{"c", 0, std::numeric_limits<double>::infinity(), search_scale::logarithmic, 1e-8, 1}}};
    [[nodiscard]] std::array<double, 1> values() const { return {c}; }

    template <class Real>
    [[nodiscard]] static Real cost(const std::array<Real, 1>& p, double bits) {
        return Real(std::numbers::ln2 * bits) * p[0];
    }
    friend bool operator==(const linear_simplicity&, const linear_simplicity&) = default;
};

/// cost = ln 2 c K/D: each task's memory pays for its own bits.
struct per_task_simplicity {
    double c = 1;  ///< price of a bit, >= 0

    static constexpr const char* formula = "ln 2 c K/D";
    static constexpr std::array<law_parameter, 1> parameters{
        {{"c", 0, std::numeric_limits<double>::infinity(), search_scale::linear, 0, 2}}};
    [[nodiscard]] std::array<double, 1> values() const { return {c}; }

    template <class Real>
    [[nodiscard]] static Real cost(const std::array<Real, 1>& p, double bits, const training& n) {
        return Real(std::numbers::ln2 * bits / n.tasks) * p[0];
    }
    friend bool operator==(const per_task_simplicity&, const per_task_simplicity&) = default;
};

/// cost = ln 2 K: a strategy of K bits has prior probability proportional to 2^-K. It is the published ablation beta = 1.
struct plain_simplicity {
    static constexpr const char* formula = "ln 2 K";
    static constexpr std::array<law_parameter, 0> parameters{};
    [[nodiscard]] std::array<double, 0> values() const { return {}; }

    template <class Real>
    [[nodiscard]] static Real cost(const std::array<Real, 0>&, double bits) {
        return Real(std::numbers::ln2 * bits);
    }
    friend bool operator==(const plain_simplicity&, const plain_simplicity&) = default;
};

/// cost = 0: all strategies are as probable before evidence.
struct no_simplicity {
    static constexpr const char* formula = "0";
    static constexpr std::array<law_parameter, 0> parameters{};
    [[nodiscard]] std::array<double, 0> values() const { return {}; }

    template <class Real>
    [[nodiscard]] static Real cost(const std::array<Real, 0>&, double) {
        return Real(0.0);
    }
    friend bool operator==(const no_simplicity&, const no_simplicity&) = default;
};

}  // namespace rationale

#endif
