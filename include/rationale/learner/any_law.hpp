#ifndef RATIONALE_LEARNER_ANY_LAW_HPP
#define RATIONALE_LEARNER_ANY_LAW_HPP

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/learner/jet.hpp"
#include "rationale/learner/law.hpp"

namespace rationale {

/// log p(Q | N) in nats up to a constant, of n strategies, with derivatives with respect to P parameters.
struct log_posterior_derivatives {
    std::vector<double> value;     ///< n
    std::vector<double> gradient;  ///< n x P
    std::vector<double> hessian;   ///< n x P x P
};

/// A rational_law whose type is forgotten, so that a command line can choose one and many can be compared. It has the law's parameters, and
/// its formula as functions of their values. Fits and everything after them work on this. Its functions throw std::invalid_argument for
/// another number of values than parameters; they do not check accounts and training.
class any_law {
public:
    /// The law of a type, under a name.
    template <class... Parts>
    explicit any_law(std::type_identity<rational_law<Parts...>>, std::string name)
        : name_(std::move(name)), parameters_(rational_law<Parts...>::parameters), does_(&table<rational_law<Parts...>>) {
        describe<Parts...>();
    }

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// The evidence law's formula, for reports; empty where the law has no member `formula`.
    [[nodiscard]] const std::string& evidence_formula() const noexcept { return evidence_formula_; }
    /// The formulas of the simplicity law and of the further terms, as a sum.
    [[nodiscard]] const std::string& prior_formula() const noexcept { return prior_formula_; }
    [[nodiscard]] std::span<const law_parameter> parameters() const noexcept { return parameters_; }
    /// How many parameters, the first ones, belong to the evidence law.
    [[nodiscard]] std::size_t evidence_parameters() const noexcept { return evidence_parameters_; }
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
    /// log_posterior with its derivatives with respect to u: a parameter's value is u on a linear scale and exp(u) on a logarithmic one.
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

    struct functions {
        void (*log_posterior)(std::span<const double>, const account&, const training&, std::span<double>);
        void (*differentiate)(std::span<const double>, const account&, const training&, log_posterior_derivatives&);
        double (*exposure)(std::span<const double>, const training&);
        double (*steps)(std::span<const double>, double, training);
    };

    template <class Law>
    static void differentiate_as(std::span<const double> u, const account& a, const training& n, log_posterior_derivatives& out) {
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
    template <class Law>
    static constexpr functions table{
        [](std::span<const double> p, const account& a, const training& n, std::span<double> out) {
            Law::template log_posterior<double>(p, a, n, out);
        },
        &differentiate_as<Law>, [](std::span<const double> p, const training& n) { return Law::template exposure<double>(p, n); },
        [](std::span<const double> p, double wanted, training n) { return Law::steps(p, wanted, std::move(n)); }};

    template <class Evidence, class Simplicity, class... Terms>
    void describe() {
        if constexpr (requires { Evidence::formula; }) evidence_formula_ = Evidence::formula;
        if constexpr (requires { Simplicity::formula; }) prior_formula_ = Simplicity::formula;
        evidence_parameters_ = detail::parameter_count<Evidence>;
        std::size_t i = evidence_parameters_ + detail::parameter_count<Simplicity>;
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
    std::size_t evidence_parameters_ = 0;
    std::optional<std::size_t> context_parameter_;
    bool weighs_covariates_ = false;
    const functions* does_;
};

/// The law of this type, under a name for reports.
template <class Law>
[[nodiscard]] any_law law_of(std::string name = {}) {
    return any_law(std::type_identity<Law>{}, std::move(name));
}

}  // namespace rationale

#endif
