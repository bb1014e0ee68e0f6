#ifndef RATIONALE_LEARNER_ANY_LAW_HPP
#define RATIONALE_LEARNER_ANY_LAW_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/learner/differences.hpp"
#include "rationale/learner/jet.hpp"
#include "rationale/learner/law.hpp"

namespace rationale {

/// log p(Q | N) in nats up to a constant, of n strategies, or their weights, with derivatives with respect to P parameters.
using log_posterior_derivatives = values_and_derivatives;

/// Weights of the strategies of an account at the parameters' values: numbers that are not negative and not all 0. Their sum does not
/// matter.
using weights_formula = std::function<void(std::span<const double> values, const account& a, const training& n, std::span<double> weights)>;

/// A law whose type is forgotten, so that a command line can choose one and many can be compared: a rational_law, or one that gives weights
/// and is known at run time alone. It has the law's parameters, and its formula as functions of their values. Fits and everything after
/// them work on this. Its functions throw std::invalid_argument for another number of values than parameters; they do not check accounts
/// and training.
class any_law {
public:
    /// The law of a type, under a name.
    template <class... Parts>
    explicit any_law(std::type_identity<rational_law<Parts...>>, std::string name)
        : name_(std::move(name)), parameters_(rational_law<Parts...>::parameters), does_(typed<rational_law<Parts...>>::one()) {
        describe<Parts...>();
    }
    /// A law that is given by its weights, at all values in the parameters' ranges. Its derivatives are differences (differences.hpp), so
    /// that an evaluation with derivatives takes 1 + 2P + 2P² calls or a few more. Names are copied. It throws std::invalid_argument where
    /// weights are none, and has no exposure.
    any_law(std::string name, std::vector<law_parameter> parameters, weights_formula weights) : name_(std::move(name)) {
        auto given = std::make_shared<by_weights>(name_, std::move(parameters), std::move(weights));
        parameters_ = given->parameters, gives_weights_ = true;
        does_ = std::move(given);
    }

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// The evidence law's formula, for reports; empty where the law has no member `formula`.
    [[nodiscard]] const std::string& evidence_formula() const noexcept { return evidence_formula_; }
    /// The formulas of the simplicity law and of the further terms, as a sum.
    [[nodiscard]] const std::string& prior_formula() const noexcept { return prior_formula_; }
    [[nodiscard]] std::span<const law_parameter> parameters() const noexcept { return parameters_; }
    /// How many parameters, the first ones, belong to the evidence law.
    [[nodiscard]] std::size_t evidence_parameters() const noexcept { return evidence_parameters_; }
    /// How many, the ones after them, say how the log odds depend on complexity: none of a law given by its weights.
    [[nodiscard]] std::size_t prior_parameters() const noexcept { return prior_parameters_; }
    /// Place among the parameters of context_evidence's lambda, if the law has that term.
    [[nodiscard]] std::optional<std::size_t> context_parameter() const noexcept { return context_parameter_; }

    /// Whether a term multiplies the account's covariates.
    [[nodiscard]] bool weighs_covariates() const noexcept { return weighs_covariates_; }

    /// Log weight of each strategy in nats, up to a constant.
    [[nodiscard]] std::vector<double> log_posterior(std::span<const double> values, const account& a, const training& n) const {
        expect(values);
        std::vector<double> out(a.loss.size());
        does_->log_posterior(values, a, n, out);
        return out;
    }
    /// Posterior probability of each strategy.
    [[nodiscard]] std::vector<double> weights(std::span<const double> values, const account& a, const training& n) const {
        return softmax(log_posterior(values, a, n));
    }
    /// Whether it is given by its weights.
    [[nodiscard]] bool gives_weights() const noexcept { return gives_weights_; }
    /// log_posterior with its derivatives with respect to u: a parameter's value is u on a linear scale and exp(u) on a logarithmic one. Of
    /// a law that gives weights, these and their derivatives, which are finite where a weight is 0.
    void differentiate(std::span<const double> u, const account& a, const training& n, log_posterior_derivatives& out) const {
        expect(u);
        does_->differentiate(u, a, n, out);
    }
    /// exposure(N) of the evidence law: the log odds of strategies a and b gain exposure (L_b - L_a).
    [[nodiscard]] double exposure(std::span<const double> values, const training& n) const {
        expect(values);
        return does_->exposure(values, n);
    }
    /// The steps at which an exposure is reached; infinite where none reach it.
    [[nodiscard]] double steps(std::span<const double> values, double exposure, const training& n) const {
        expect(values);
        return does_->steps(values, exposure, n);
    }

private:
    void expect(std::span<const double> values) const {
        detail::check_size("rationale::any_law", "values", values.size(), parameters_.size());
    }

    struct formula {
        formula() = default;
        formula(const formula&) = delete;
        formula& operator=(const formula&) = delete;
        virtual ~formula() = default;
        virtual void log_posterior(std::span<const double>, const account&, const training&, std::span<double>) const = 0;
        virtual void differentiate(std::span<const double>, const account&, const training&, log_posterior_derivatives&) const = 0;
        [[nodiscard]] virtual double exposure(std::span<const double>, const training&) const = 0;
        [[nodiscard]] virtual double steps(std::span<const double>, double, training) const = 0;
    };

    template <class Law>
    struct typed final : formula {
        static std::shared_ptr<const formula> one() {
            static const auto only = std::make_shared<const typed>();
            return only;
        }
        void log_posterior(std::span<const double> p, const account& a, const training& n, std::span<double> out) const override {
            Law::template log_posterior<double>(p, a, n, out);
        }
        void differentiate(std::span<const double> u, const account& a, const training& n, log_posterior_derivatives& out) const override {
            constexpr std::size_t P = Law::size;
            using real = jet<P>;
            std::array<real, P> p;
            for (std::size_t i = 0; i < P; ++i) {
                const real variable = real::variable(u[i], i);
                p[i] = Law::parameters[i].scale == search_scale::linear ? variable : exp(variable);
            }
            const std::size_t count = a.loss.size();
            std::vector<real> eta(count);
            Law::template log_posterior<real>(std::span<const real>(p), a, n, eta);
            out.value.resize(count), out.gradient.resize(count * P), out.hessian.resize(count * P * P);
            for (std::size_t q = 0; q < count; ++q) {
                out.value[q] = eta[q].value;
                std::copy(eta[q].gradient.begin(), eta[q].gradient.end(), out.gradient.begin() + static_cast<std::ptrdiff_t>(q * P));
                std::copy(eta[q].hessian.begin(), eta[q].hessian.end(), out.hessian.begin() + static_cast<std::ptrdiff_t>(q * P * P));
            }
        }
        [[nodiscard]] double exposure(std::span<const double> p, const training& n) const override {
            return Law::template exposure<double>(p, n);
        }
        [[nodiscard]] double steps(std::span<const double> p, double wanted, training n) const override {
            return Law::steps(p, wanted, std::move(n));
        }
    };

    struct by_weights final : formula {
        by_weights(std::string of, std::vector<law_parameter> declared, weights_formula given)
            : name(std::move(of)), parameters(std::move(declared)), weights(std::move(given)) {
            names.reserve(parameters.size());  // their characters stay where they are
            for (auto& p : parameters) p.name = names.emplace_back(p.name);
            for (const auto& p : parameters) {
                const auto [low, high] = search_range(p);
                lower.push_back(low), upper.push_back(high);
            }
        }
        /// The weights, with a sum of 1.
        void normalized(std::span<const double> p, const account& a, const training& n, std::span<double> out) const {
            weights(p, a, n, out);
            detail::normalise("rationale::any_law", "a weight of the law " + name, out);
        }
        void log_posterior(std::span<const double> p, const account& a, const training& n, std::span<double> out) const override {
            normalized(p, a, n, out);
            for (double& w : out) w = std::log(w);
        }
        void differentiate(std::span<const double> u, const account& a, const training& n, log_posterior_derivatives& out) const override {
            std::vector<double> values(u.size());
            const auto at = [&](std::span<const double> point, std::span<double> w) {
                for (std::size_t i = 0; i < point.size(); ++i)
                    values[i] = parameters[i].scale == search_scale::linear ? point[i] : std::exp(point[i]);
                normalized(values, a, n, w);
            };
            differentiate_by_values(at, u, lower, upper, a.loss.size(), out);
        }
        [[nodiscard]] double exposure(std::span<const double>, const training&) const override { return without_exposure(); }
        [[nodiscard]] double steps(std::span<const double>, double, training) const override { return without_exposure(); }
        [[nodiscard]] double without_exposure() const {
            throw std::invalid_argument("rationale::any_law: the law " + name + " is given by its weights, which have no exposure");
        }

        std::string name;
        std::vector<law_parameter> parameters;
        std::vector<std::string> names;
        std::vector<double> lower, upper;  // of search coordinates
        weights_formula weights;
    };

    template <class Evidence, class Simplicity, class... Terms>
    void describe() {
        if constexpr (requires { Evidence::formula; }) evidence_formula_ = Evidence::formula;
        if constexpr (requires { Simplicity::formula; }) prior_formula_ = Simplicity::formula;
        evidence_parameters_ = detail::parameter_count<Evidence>, prior_parameters_ = detail::parameter_count<Simplicity>;
        std::size_t i = evidence_parameters_ + prior_parameters_;
        [[maybe_unused]] const auto add = [&]<class Term>(std::type_identity<Term>) {
            if constexpr (requires { Term::formula; }) prior_formula_ += std::string(" + ") + Term::formula;
            if constexpr (requires { Term::weighs_context; }) context_parameter_ = i;
            if constexpr (requires { Term::weighs_covariates; }) weighs_covariates_ = true;
            i += detail::parameter_count<Term>;
        };
        (add(std::type_identity<Terms>{}), ...);
    }

    std::string name_, evidence_formula_, prior_formula_;
    std::span<const law_parameter> parameters_;
    std::size_t evidence_parameters_ = 0, prior_parameters_ = 0;
    std::optional<std::size_t> context_parameter_;
    bool weighs_covariates_ = false, gives_weights_ = false;
    std::shared_ptr<const formula> does_;
};

/// The law of this type, under a name for reports.
template <class Law>
[[nodiscard]] any_law law_of(std::string name = {}) {
    return any_law(std::type_identity<Law>{}, std::move(name));
}

}  // namespace rationale

#endif
