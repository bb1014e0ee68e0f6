#ifndef RATIONALE_LEARNER_LAW_HPP
#define RATIONALE_LEARNER_LAW_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/learner/account.hpp"
#include "rationale/number_text.hpp"

namespace rationale {

/// The scale on which a parameter is searched.
enum class search_scale { linear, logarithmic };

/// A law's parameter: its name in reports, its admissible range lower <= value < upper (a logarithmic one also excludes a lower
/// bound of zero), and the range in which a fit draws its starting values.
struct law_parameter {
    std::string_view name;  ///< its name in reports
    double lower;           ///< least admissible value
    double upper;           ///< bound above, itself excluded
    search_scale scale;     ///< the scale on which it is searched
    double start_from;      ///< least starting value
    double start_to;        ///< largest starting value
};

/// The admissible range of a parameter in the coordinate that it is searched in, its value or the logarithm of it. The upper bound, and
/// both of a logarithmic one, are approached to 1e-12, so that rounding does not pass them; what has no bound ends at 1e+-12.
[[nodiscard]] inline std::pair<double, double> search_range(const law_parameter& p) {
    const double upper = (std::min)(p.upper, 1e12);
    if (p.scale == search_scale::linear) return {(std::max)(p.lower, -1e12), upper - 1e-12 * (std::max)(1.0, std::abs(upper))};
    return {std::log((std::max)(p.lower, 1e-12)) + 1e-12, std::log(upper) - 1e-12};
}

namespace detail {
/// Stands for any real scalar of a formula; a law that needs more than arithmetic, comparisons, exp, expm1, log,
/// log1p, pow, sqrt and tanh is refused in words.
struct formula_archetype {
    formula_archetype() = default;
    formula_archetype(double) {}
    friend formula_archetype operator+(formula_archetype, formula_archetype) { return {}; }
    friend formula_archetype operator-(formula_archetype, formula_archetype) { return {}; }
    friend formula_archetype operator*(formula_archetype, formula_archetype) { return {}; }
    friend formula_archetype operator/(formula_archetype, formula_archetype) { return {}; }
    friend formula_archetype operator-(formula_archetype) { return {}; }
    formula_archetype& operator+=(formula_archetype) { return *this; }
    formula_archetype& operator-=(formula_archetype) { return *this; }
    formula_archetype& operator*=(formula_archetype) { return *this; }
    formula_archetype& operator/=(formula_archetype) { return *this; }
    friend bool operator<(formula_archetype, formula_archetype) { return false; }
    friend bool operator>(formula_archetype, formula_archetype) { return false; }
    friend formula_archetype exp(formula_archetype) { return {}; }
    friend formula_archetype expm1(formula_archetype) { return {}; }
    friend formula_archetype log(formula_archetype) { return {}; }
    friend formula_archetype log1p(formula_archetype) { return {}; }
    friend formula_archetype sqrt(formula_archetype) { return {}; }
    friend formula_archetype tanh(formula_archetype) { return {}; }
    friend formula_archetype pow(formula_archetype, formula_archetype) { return {}; }
};

template <class Law>
inline constexpr std::size_t parameter_count = std::tuple_size_v<std::remove_cvref_t<decltype(Law::parameters)>>;

template <class Law>
using formula_values = std::array<formula_archetype, parameter_count<Law>>;
}  // namespace detail

/// A small value with parameters: `parameters` declares them, `values()` returns them in that order.
template <class Law>
concept parametric = std::regular<Law> && requires(const Law& l) {
    { l.values() } -> std::same_as<std::array<double, detail::parameter_count<Law>>>;
    requires std::same_as<typename std::remove_cvref_t<decltype(Law::parameters)>::value_type, law_parameter>;
};

/// An evidence law says how much a strategy's loss counts after some training: log p(Q) gains -exposure(values, training) L_Q, with
/// L_Q in nats per position. `exposure` is a static template over the scalar type, so that a fit differentiates the formula itself.
template <class Law>
concept evidence_law = parametric<Law> && requires(const detail::formula_values<Law>& p, const training& n) {
    { Law::exposure(p, n) } -> std::convertible_to<detail::formula_archetype>;
};

/// A simplicity law says what a strategy's complexity costs: log p(Q) gains -cost(values, bits) nats, for K_Q bits, or -cost(values, bits,
/// training) where the cost depends on the number of tasks.
template <class Law>
concept simplicity_law = parametric<Law> &&(
    requires(const detail::formula_values<Law>& p, double bits) {
        { Law::cost(p, bits) } -> std::convertible_to<detail::formula_archetype>;
    } ||
    requires(const detail::formula_values<Law>& p, double bits, const training& n) {
        { Law::cost(p, bits, n) } -> std::convertible_to<detail::formula_archetype>;
    });

/// Any further term of a law: log p(Q) gains nats(values, account, q, training), where q is the strategy's place in the account.
template <class Law>
concept prior_term = parametric<Law> && requires(const detail::formula_values<Law>& p, const account& a, std::size_t q, const training& n) {
    { Law::nats(p, a, q, n) } -> std::convertible_to<detail::formula_archetype>;
};

/// Throws std::invalid_argument, naming the parameter, unless every value lies in its range.
template <parametric Law>
void check_parameters(const Law& l) {
    const auto values = l.values();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const law_parameter& p = Law::parameters[i];
        const bool open = p.scale == search_scale::logarithmic && p.lower == 0;
        if (!(open ? values[i] > p.lower : values[i] >= p.lower) || !(values[i] < p.upper))
            throw std::invalid_argument("rationale::law: " + std::string(p.name) + " is " + significant(values[i]) + ", must be " +
                                        (open ? "above " : "at least ") + significant(p.lower) +
                                        (p.upper < std::numeric_limits<double>::infinity() ? " and below " + significant(p.upper) : ""));
    }
}

/// A law of the rational learner, log p(Q | N) = -exposure(N) L_Q - cost(K_Q) + log mass_Q + terms + const, made of an evidence law, a
/// simplicity law and any further terms. Its parameters are theirs, in that order.
template <evidence_law Evidence, simplicity_law Simplicity, prior_term... Terms>
struct rational_law {
    /// Number of parameters.
    static constexpr std::size_t size =
        detail::parameter_count<Evidence> + detail::parameter_count<Simplicity> + (std::size_t{0} + ... + detail::parameter_count<Terms>);
    /// The evidence law.
    using evidence_type = Evidence;
    /// The simplicity law.
    using simplicity_type = Simplicity;

    Evidence evidence{};           ///< exposure(N)
    Simplicity simplicity{};       ///< cost(K_Q)
    std::tuple<Terms...> terms{};  ///< further terms

    static constexpr std::array<law_parameter, size> parameters = [] {
        std::array<law_parameter, size> out{};
        std::size_t i = 0;
        const auto add = [&](const auto& some) {
            for (const law_parameter& p : some) out[i++] = p;
        };
        add(Evidence::parameters), add(Simplicity::parameters), (add(Terms::parameters), ...);
        return out;
    }();

    [[nodiscard]] std::array<double, size> values() const {
        std::array<double, size> out{};
        std::size_t i = 0;
        const auto add = [&](const auto& part) {
            for (double v : part.values()) out[i++] = v;
        };
        add(evidence), add(simplicity);
        std::apply([&](const auto&... t) { (add(t), ...); }, terms);
        return out;
    }
    /// The law with these parameters. Throws std::invalid_argument unless there are as many as it has.
    [[nodiscard]] static rational_law from(std::span<const double> v) {
        if (v.size() != size)
            throw std::invalid_argument("rationale::rational_law: there are " + std::to_string(v.size()) + " values, must be " +
                                        std::to_string(size) + ", one a parameter");
        std::size_t i = 0;
        const auto next = [&]<class Part>(Part) {
            const auto p = part<Part>(v, i);
            return [&]<std::size_t... Index>(std::index_sequence<Index...>) { return Part{p[Index]...}; }
            (std::make_index_sequence<detail::parameter_count<Part>>{});
        };
        rational_law out;
        out.evidence = next(Evidence{});
        out.simplicity = next(Simplicity{});
        std::apply([&](auto&... t) { ((t = next(t)), ...); }, out.terms);
        return out;
    }

    template <class Real>
    [[nodiscard]] static Real exposure(std::span<const Real> p, const training& n) {
        std::size_t i = 0;
        return Evidence::exposure(part<Evidence>(p, i), n);
    }
    template <class Real>
    [[nodiscard]] static Real cost(std::span<const Real> p, double bits, const training& n) {
        std::size_t i = detail::parameter_count<Evidence>;
        const auto values = part<Simplicity>(p, i);
        if constexpr (requires { Simplicity::cost(values, bits, n); }) return Simplicity::cost(values, bits, n);
        else return Simplicity::cost(values, bits);
    }
    /// log p(Q | N) in nats up to a constant, for every strategy of the account, as functions of the parameters.
    template <class Real>
    static void log_posterior(std::span<const Real> p, const account& a, const training& n, std::span<Real> out) {
        const Real gain = exposure(p, n);
        for (std::size_t q = 0; q < out.size(); ++q) {
            [[maybe_unused]] std::size_t i = detail::parameter_count<Evidence> + detail::parameter_count<Simplicity>;
            if (!a.log_mass.empty() && a.log_mass[q] == -std::numeric_limits<double>::infinity()) {
                out[q] = Real(a.log_mass[q]);
                continue;
            }
            out[q] = -(gain * Real(a.loss[q])) - cost(p, a.complexity[q], n) + Real(a.log_mass.empty() ? 0.0 : a.log_mass[q]);
            ((out[q] = out[q] + Terms::nats(part<Terms>(p, i), a, q, n)), ...);
        }
    }
    /// The first steps at which an exposure is reached, with everything else as in `n`; infinite where none reach it. They are the evidence
    /// law's closed form, its member `steps`, or are found to rounding on a grid of log steps and by bisection.
    [[nodiscard]] static double steps(std::span<const double> p, double wanted, training n) {
        std::size_t first = 0;
        if constexpr (requires { Evidence::steps(part<Evidence>(p, first), wanted); }) {
            return Evidence::steps(part<Evidence>(p, first), wanted);
        } else {
            const auto reached = [&](double log_steps) {
                n.steps = std::exp(log_steps);
                return exposure(p, n) >= wanted;
            };
            double low = -700, high = 700;
            constexpr int points = 2800;
            int i = 0;
            while (i < points && !reached(low + 0.5 * i)) ++i;
            if (i == points) return std::numeric_limits<double>::infinity();
            high = low + 0.5 * i, low = high - 0.5;
            for (int halving = 0; halving < 60; ++halving) {
                const double middle = 0.5 * (low + high);
                (reached(middle) ? high : low) = middle;
            }
            return std::exp(high);
        }
    }
    friend bool operator==(const rational_law&, const rational_law&) = default;

private:
    /// The parameters of a part of the law, which begin at number i. Moves i past them.
    template <class Part, class Real>
    static auto part(std::span<const Real> p, std::size_t& i) {
        std::array<std::remove_const_t<Real>, detail::parameter_count<Part>> out{};
        for (auto& v : out) v = p[i++];
        return out;
    }
};

template <class Evidence, class Simplicity>
rational_law(Evidence, Simplicity) -> rational_law<Evidence, Simplicity>;
template <class Evidence, class Simplicity, class... Terms>
rational_law(Evidence, Simplicity, std::tuple<Terms...>) -> rational_law<Evidence, Simplicity, Terms...>;

/// log p(Q | N) = -exposure(N) L_Q - cost(K_Q) + log mass_Q + terms of every strategy, in nats up to a constant (arXiv 2506.17859). Throws
/// std::invalid_argument where check_account or check_training of account.hpp refuse their arguments.
template <class... Parts>
[[nodiscard]] std::vector<double> log_posterior(const rational_law<Parts...>& law, const account& a, const training& n) {
    detail::check_account("rationale::log_posterior", a);
    detail::check_training("rationale::log_posterior", n);
    const auto values = law.values();
    std::vector<double> log_p(a.loss.size());
    rational_law<Parts...>::template log_posterior<double>(values, a, n, log_p);
    return log_p;
}

}  // namespace rationale

#endif
