#ifndef RATIONALE_LEARNER_LAW_HPP
#define RATIONALE_LEARNER_LAW_HPP

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace rationale {

/// Where along training a learner stands: what a law may depend on.
struct training {
    double steps = 0;  ///< optimizer steps taken, N
    double tasks = 1;  ///< number of seen tasks, D
    /// Learning-rate schedule as (step, rate) knots with straight lines between them, the last rate kept; empty when unknown.
    std::span<const std::pair<double, double>> schedule{};
    /// Whatever else the recording gives about this point.
    std::span<const double> covariates{};
};

/// The scale on which a parameter is searched.
enum class search_scale { linear, logarithmic };

/// A law's parameter: its name in reports, its admissible range lower <= value < upper (a logarithmic one also excludes a lower
/// bound of zero), and the range in which a fit draws its starting values.
struct law_parameter {
    std::string_view name;
    double lower;
    double upper;
    search_scale scale;
    double start_from;
    double start_to;
};

namespace detail {
/// Stands for any real scalar of a formula; a law that needs more than arithmetic, exp, log and pow is refused in words.
struct formula_archetype {
    formula_archetype() = default;
    formula_archetype(double) {}
    friend formula_archetype operator+(formula_archetype, formula_archetype) { return {}; }
    friend formula_archetype operator-(formula_archetype, formula_archetype) { return {}; }
    friend formula_archetype operator*(formula_archetype, formula_archetype) { return {}; }
    friend formula_archetype operator/(formula_archetype, formula_archetype) { return {}; }
    friend formula_archetype operator-(formula_archetype) { return {}; }
    friend formula_archetype exp(formula_archetype) { return {}; }
    friend formula_archetype log(formula_archetype) { return {}; }
    friend formula_archetype pow(formula_archetype, formula_archetype) { return {}; }
};

template <class Law>
inline constexpr std::size_t parameter_count = std::tuple_size_v<std::remove_cvref_t<decltype(Law::parameters)>>;

template <class Law>
using formula_values = std::array<formula_archetype, parameter_count<Law>>;
}  // namespace detail

/// A law is a small value with its parameters: `parameters` declares them, `values()` returns them in that order.
template <class Law>
concept law = std::regular<Law> && requires(const Law& l) {
    { l.values() } -> std::same_as<std::array<double, detail::parameter_count<Law>>>;
    requires std::same_as<typename std::remove_cvref_t<decltype(Law::parameters)>::value_type, law_parameter>;
};

/// An evidence law says how much a strategy's loss counts after some training: log p(Q) gains -exposure(values, training) L_Q, with
/// L_Q in nats per position. `exposure` is a static template over the scalar type, so that a fit differentiates the formula itself.
template <class Law>
concept evidence_law = law<Law> && requires(const detail::formula_values<Law>& p, const training& n) {
    { Law::exposure(p, n) } -> std::convertible_to<detail::formula_archetype>;
};

/// A simplicity law says what a strategy's complexity costs: log p(Q) gains -cost(values, bits) nats, for K_Q bits.
template <class Law>
concept simplicity_law = law<Law> && requires(const detail::formula_values<Law>& p, double bits) {
    { Law::cost(p, bits) } -> std::convertible_to<detail::formula_archetype>;
};

/// Throws std::invalid_argument, naming the parameter, unless every value lies in its range.
template <law Law>
void check_parameters(const Law& l) {
    const auto values = l.values();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const law_parameter& p = Law::parameters[i];
        const bool open = p.scale == search_scale::logarithmic && p.lower == 0;
        if (!(open ? values[i] > p.lower : values[i] >= p.lower) || !(values[i] < p.upper))
            throw std::invalid_argument("rationale::law: " + std::string(p.name) + " is " + std::to_string(values[i]) + ", must be " +
                                        (open ? "above " : "at least ") + std::to_string(p.lower) +
                                        (p.upper < std::numeric_limits<double>::infinity() ? " and below " + std::to_string(p.upper) : ""));
    }
}

/// gamma N^(1-alpha): evidence accumulates as a power of the training steps (arXiv 2506.17859).
struct power_law_evidence {
    double alpha = 0;
    double gamma = 1;

    static constexpr std::array<law_parameter, 2> parameters{
        {{"alpha", 0, 1, search_scale::linear, 0, 0.95},
         {"gamma", 0, std::numeric_limits<double>::infinity(), search_scale::logarithmic, 1e-6, 1e2}}};
    [[nodiscard]] std::array<double, 2> values() const { return {alpha, gamma}; }

    template <class Real>
    [[nodiscard]] static Real exposure(const std::array<Real, 2>& p, const training& n) {
        using std::exp;
        return p[1] * exp((Real(1.0) - p[0]) * Real(std::log(n.steps)));
    }
    /// The steps at which the exposure is reached.
    [[nodiscard]] static double steps(const std::array<double, 2>& p, double exposure) { return std::pow(exposure / p[1], 1 / (1 - p[0])); }
    friend bool operator==(const power_law_evidence&, const power_law_evidence&) = default;
};

/// ln 2 K^beta: a strategy of K bits has prior probability proportional to 2^-(K^beta) (arXiv 2506.17859).
struct power_simplicity {
    double beta = 1;

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

}  // namespace rationale

#endif
