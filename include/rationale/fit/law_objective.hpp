#ifndef RATIONALE_FIT_LAW_OBJECTIVE_HPP
#define RATIONALE_FIT_LAW_OBJECTIVE_HPP

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <tuple>
#include <vector>

#include "rationale/compare/mixture_loss.hpp"
#include "rationale/fit/jet.hpp"
#include "rationale/fit/projected_newton.hpp"
#include "rationale/learner/account.hpp"

namespace rationale {

/// One checkpoint of one run, as a fit sees it.
struct fit_cell {
    std::size_t account = 0;  ///< which of the accounts: a run's
    training at;
    const mixture_loss* loss = nullptr;
};

/// Mean over cells of the divergence between the model and the law's mixture, with exact derivatives, as a function of the law's parameters
/// in search coordinates: the logarithm of those that are searched on a logarithmic scale.
template <evidence_law Evidence, simplicity_law Simplicity>
class law_objective {
    static constexpr std::size_t E = detail::parameter_count<Evidence>, S = detail::parameter_count<Simplicity>;

public:
    static constexpr std::size_t parameters = E + S;
    using point = std::array<double, parameters>;

    law_objective(std::span<const account> accounts, std::span<const fit_cell> cells) : accounts_(accounts), cells_(cells) {}

    [[nodiscard]] static constexpr std::array<law_parameter, parameters> declared() {
        std::array<law_parameter, parameters> out{};
        std::copy(Evidence::parameters.begin(), Evidence::parameters.end(), out.begin());
        std::copy(Simplicity::parameters.begin(), Simplicity::parameters.end(), out.begin() + E);
        return out;
    }
    [[nodiscard]] static double to_search(const law_parameter& p, double value) {
        return p.scale == search_scale::linear ? value : std::log(value);
    }
    [[nodiscard]] static double from_search(const law_parameter& p, double u) { return p.scale == search_scale::linear ? u : std::exp(u); }
    /// The admissible box in search coordinates. An excluded bound is approached to 1e-12; a logarithmic one without a bound ends at
    /// 1e+-12.
    [[nodiscard]] static box<parameters> bounds() {
        box<parameters> out;
        const auto all = declared();
        for (std::size_t i = 0; i < parameters; ++i) {
            const bool linear = all[i].scale == search_scale::linear;
            out.lower[i] = linear ? all[i].lower : std::log((std::max)(all[i].lower, 1e-12));
            out.upper[i] =
                linear ? all[i].upper - 1e-12 * (std::max)(1.0, std::abs(all[i].upper)) : std::log((std::min)(all[i].upper, 1e12));
        }
        return out;
    }
    [[nodiscard]] static std::tuple<Evidence, Simplicity> laws(const point& u) {
        std::array<double, parameters> v{};
        const auto all = declared();
        for (std::size_t i = 0; i < parameters; ++i) v[i] = from_search(all[i], u[i]);
        return [&]<std::size_t... I, std::size_t... J>(std::index_sequence<I...>, std::index_sequence<J...>) {
            return std::tuple(Evidence{v[I]...}, Simplicity{v[E + J]...});
        }
        (std::make_index_sequence<E>{}, std::make_index_sequence<S>{});
    }

    /// The objective alone.
    [[nodiscard]] double value(const point& u) const {
        const auto [evidence, simplicity] = laws(u);
        double sum = 0;
        for (const auto& c : cells_) sum += (*c.loss)(softmax(log_posterior(evidence, simplicity, accounts_[c.account], c.at)));
        return sum / static_cast<double>(cells_.size());
    }

    /// Value, gradient and Hessian.
    [[nodiscard]] second_order<parameters> operator()(const point& u) const {
        using real = jet<parameters>;
        std::array<real, E> e;
        std::array<real, S> s;
        const auto all = declared();
        for (std::size_t i = 0; i < parameters; ++i) {
            const real variable = real::variable(u[i], i);
            (i < E ? e[i < E ? i : 0] : s[i < E ? 0 : i - E]) = all[i].scale == search_scale::linear ? variable : exp(variable);
        }
        second_order<parameters> out;
        mixture_loss::derivatives loss;
        std::vector<real> eta;
        std::vector<double> w, g, hw;
        for (const auto& c : cells_) {
            const account& known = accounts_[c.account];
            const std::size_t n = known.loss.size();
            const real exposure = Evidence::exposure(e, c.at);
            eta.assign(n, real{});
            w.resize(n);
            for (std::size_t q = 0; q < n; ++q) {
                eta[q] = -(exposure * real(known.loss[q])) - Simplicity::cost(s, known.complexity[q]) +
                         real(known.log_mass.empty() ? 0.0 : known.log_mass[q]);
                w[q] = eta[q].value;
            }
            w = softmax(std::move(w));
            c.loss->evaluate(w, loss);
            out.value += loss.value;
            // Through the softmax: derivatives with respect to eta.
            double mean_g = 0, whw = 0;
            hw.assign(n, 0.0);
            for (std::size_t q = 0; q < n; ++q) {
                mean_g += w[q] * loss.gradient[q];
                for (std::size_t r = 0; r < n; ++r) hw[q] += loss.hessian[q * n + r] * w[r];
                whw += w[q] * hw[q];
            }
            for (std::size_t q = 0; q < n; ++q) {
                const double first = w[q] * (loss.gradient[q] - mean_g);
                for (std::size_t i = 0; i < parameters; ++i) out.gradient[i] += first * eta[q].gradient[i];
                for (std::size_t i = 0; i < parameters * parameters; ++i) out.hessian[i] += first * eta[q].hessian[i];
                for (std::size_t r = 0; r < n; ++r) {
                    double second =
                        w[q] * w[r] *
                        (loss.hessian[q * n + r] - hw[q] - hw[r] + whw - (loss.gradient[q] - mean_g) - (loss.gradient[r] - mean_g));
                    if (q == r) second += first;
                    for (std::size_t i = 0; i < parameters; ++i)
                        for (std::size_t j = 0; j < parameters; ++j)
                            out.hessian[i * parameters + j] += second * eta[q].gradient[i] * eta[r].gradient[j];
                }
            }
        }
        const auto count = static_cast<double>(cells_.size());
        out.value /= count;
        for (double& x : out.gradient) x /= count;
        for (double& x : out.hessian) x /= count;
        return out;
    }

private:
    std::span<const account> accounts_;
    std::span<const fit_cell> cells_;
};

}  // namespace rationale

#endif
