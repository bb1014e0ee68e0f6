#ifndef RATIONALE_FIT_LAW_OBJECTIVE_HPP
#define RATIONALE_FIT_LAW_OBJECTIVE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/compare/context_loss.hpp"
#include "rationale/compare/mixture_loss.hpp"
#include "rationale/compare/through_softmax.hpp"
#include "rationale/fit/projected_newton.hpp"
#include "rationale/kept.hpp"
#include "rationale/learner/any_law.hpp"

namespace rationale {

/// One checkpoint of one run, as a fit sees it.
struct fit_cell {
    std::size_t account = 0;             ///< index of its run's account
    training at{};                       ///< steps, tasks and schedule
    kept_value<mixture_loss> loss{};     ///< for weights that are the same at every position: a pointer to it, or the loss itself
    double weight = 1;                   ///< multiplicity in the mean
    kept_value<context_loss> context{};  ///< in place of `loss`, for a law that weighs a sequence's own start
};

/// Weighted mean over cells of the divergence between the model and the law's mixture, with exact derivatives, as a function of the law's
/// parameters in search coordinates: the logarithm of those that are searched on a logarithmic scale. Several threads may evaluate it.
class law_objective {
    /// Buffers of one cell's evaluation.
    struct workspace {
        log_posterior_derivatives eta;
        mixture_loss::derivatives by_eta;
        std::vector<double> weights, through;
    };

public:
    /// Parameters in search coordinates.
    using point = std::vector<double>;

    /// Of the cells of runs that have these accounts, which must outlive it unless they are temporary vectors. Throws
    /// std::invalid_argument for losses, complexities or training that are none, a cell without a loss or of an account that there is not,
    /// one with a context's loss of a law without context_evidence, and a weight that is negative or not finite.
    law_objective(const any_law& law, kept_list<account> accounts, kept_list<fit_cell> cells)
        : law_(law), accounts_(std::move(accounts)), cells_(std::move(cells)) {
        constexpr const char* where = "rationale::law_objective";
        for (const auto& a : accounts_) detail::check_account(where, a);
        for (const auto& c : cells_) {
            detail::check_index(where, "the account of a cell", c.account, accounts_.size());
            detail::check_training(where, c.at);
            if (!c.loss && !c.context) detail::refuse(where, "the loss of a cell", "none", "given");
            if (c.context && !law_.context_parameter())
                detail::refuse(where, "the loss of a cell", "a context's",
                               "that of weights: the law " + law_.name() + " has no context_evidence");
            total_ += detail::not_negative(where, "the weight of a cell", c.weight);
            if (c.weight > 0) unit_ += c.weight * (c.context ? c.context->unit() : c.loss->unit());
        }
        unit_ /= total_;
    }

    /// The scale of convergence tests: 1 nat, or the strategies' mean squared error.
    [[nodiscard]] double unit() const noexcept { return unit_; }
    /// The runs' accounts.
    [[nodiscard]] std::span<const account> accounts() const noexcept { return accounts_; }
    /// The cells of which it is the mean.
    [[nodiscard]] std::span<const fit_cell> cells() const noexcept { return cells_; }
    /// The law whose parameters are varied.
    [[nodiscard]] const any_law& law() const noexcept { return law_; }
    [[nodiscard]] std::size_t parameters() const noexcept { return law_.parameters().size(); }
    /// A parameter's search coordinate.
    [[nodiscard]] static double to_search(const law_parameter& p, double value) {
        return p.scale == search_scale::linear ? value : std::log(value);
    }
    /// A parameter from its search coordinate.
    [[nodiscard]] static double from_search(const law_parameter& p, double u) { return p.scale == search_scale::linear ? u : std::exp(u); }
    /// All parameters' search coordinates.
    [[nodiscard]] point to_search(std::span<const double> values) const {
        point u(values.begin(), values.end());
        for (std::size_t i = 0; i < u.size(); ++i) u[i] = to_search(law_.parameters()[i], u[i]);
        return u;
    }
    /// All parameters from their search coordinates.
    [[nodiscard]] std::vector<double> from_search(std::span<const double> u) const {
        std::vector<double> values(u.begin(), u.end());
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = from_search(law_.parameters()[i], values[i]);
        return values;
    }
    /// The admissible box in search coordinates.
    [[nodiscard]] box bounds() const {
        box out;
        for (const law_parameter& p : law_.parameters()) {
            const auto [lower, upper] = search_range(p);
            out.lower.push_back(lower), out.upper.push_back(upper);
        }
        return out;
    }

    /// The objective alone.
    [[nodiscard]] double value(std::span<const double> u) const {
        const auto values = from_search(u);
        double sum = 0;
        for (const auto& c : cells_)
            if (c.weight > 0) sum += c.weight * cell_value(values, c);
        return sum / total_;
    }
    /// One cell's divergence, at the law's parameters themselves.
    [[nodiscard]] double cell_value(std::span<const double> values, const fit_cell& c) const {
        const auto log_p = law_.log_posterior(values, accounts_[c.account], c.at);
        if (c.context) return c.context->value(log_p, values[*law_.context_parameter()]);
        return c.loss->at_log_weights(log_softmax(log_p));
    }

    /// Value, gradient and Hessian.
    [[nodiscard]] second_order operator()(std::span<const double> u) const {
        const std::size_t P = parameters();
        second_order out{0, std::vector<double>(P), std::vector<double>(P * P)}, one;
        workspace room;
        for (const auto& c : cells_) {
            if (!(c.weight > 0)) continue;
            cell(u, c, c.loss, one, room);
            const double share = c.weight / total_;
            out.value += share * one.value;
            for (std::size_t i = 0; i < P; ++i) out.gradient[i] += share * one.gradient[i];
            for (std::size_t i = 0; i < P * P; ++i) out.hessian[i] += share * one.hessian[i];
        }
        return out;
    }

    /// One cell's divergence with its derivatives, for the given loss: the cell's own, or that of some of its sequences.
    void cell(std::span<const double> u, const fit_cell& c, const mixture_loss* loss, second_order& out) const {
        workspace room;
        cell(u, c, loss, out, room);
    }

private:
    void cell(std::span<const double> u, const fit_cell& c, const mixture_loss* loss, second_order& out, workspace& room) const {
        auto& [eta, by_eta, weights, through] = room;
        const std::size_t P = parameters();
        const account& known = accounts_[c.account];
        const std::size_t n = known.loss.size();
        law_.differentiate(u, known, c.at, eta);
        out.gradient.assign(P, 0.0);
        out.hessian.assign(P * P, 0.0);
        if (c.context) {
            const std::size_t place = *law_.context_parameter();
            c.context->evaluate(eta.value, from_search(law_.parameters()[place], u[place]), by_eta);
            // lambda enters the context's loss itself: one more input, whose own derivative is 1.
            chain(n, P, room, n + 1, place, out);
            return;
        }
        if (law_.gives_weights()) {
            loss->evaluate(eta.value, by_eta);
            chain(n, P, room, n, 0, out);
            return;
        }
        weights = log_softmax(eta.value);
        loss->evaluate_log_weights(weights, by_eta);
        for (double& w : weights) w = std::exp(w);
        through.resize(n);
        detail::through_softmax(weights, by_eta.gradient, by_eta.hessian, through);
        chain(n, P, room, n, 0, out);
    }

    /// Chain rule from `inputs`, the n log posteriors or weights and perhaps parameter number `direct`, to the parameters.
    static void chain(std::size_t n, std::size_t P, workspace& room, std::size_t inputs, std::size_t direct, second_order& out) {
        const auto& eta = room.eta;
        const auto& by = room.by_eta;
        auto& through = room.through;
        out.value = by.value;
        const auto slope = [&](std::size_t q, std::size_t i) { return q < n ? eta.gradient[q * P + i] : (i == direct ? 1.0 : 0.0); };
        for (std::size_t q = 0; q < inputs; ++q) {
            for (std::size_t i = 0; i < P; ++i) out.gradient[i] += by.gradient[q] * slope(q, i);
            if (q < n)
                for (std::size_t i = 0; i < P * P; ++i) out.hessian[i] += by.gradient[q] * eta.hessian[q * P * P + i];
            through.assign(P, 0.0);
            for (std::size_t r = 0; r < inputs; ++r)
                if (const double h = by.hessian[q * inputs + r]; h != 0)
                    for (std::size_t j = 0; j < P; ++j) through[j] += h * slope(r, j);
            for (std::size_t i = 0; i < P; ++i)
                if (const double s = slope(q, i); s != 0)
                    for (std::size_t j = 0; j < P; ++j) out.hessian[i * P + j] += s * through[j];
        }
    }

    any_law law_;
    kept_list<account> accounts_;
    kept_list<fit_cell> cells_;
    double total_ = 0, unit_ = 0;
};

}  // namespace rationale

#endif
