#ifndef RATIONALE_STRATEGY_BAYES_HPP
#define RATIONALE_STRATEGY_BAYES_HPP

#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/kernel/fold.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/strategy/program.hpp"
#include "rationale/strategy/strategy.hpp"

namespace rationale {

namespace detail {
template <class F, class P>
struct fold_for {
    using type = predictive<F, P>;
    static type make(const F& family, const P& prior) { return type(family, prior); }
};
template <class F>
struct fold_for<F, seen_tasks<F>> {
    using type = F;
    static type make(const F& family, const seen_tasks<F>&) { return family; }
};
template <class P>
const P& packed_from(const P& prior) {
    return prior;
}
template <class F>
const auto& packed_from(const seen_tasks<F>& prior) {
    return prior.table();
}
}  // namespace detail

/// Bayesian prediction in family F under prior P: the posterior-weighted prediction of P's components, in log space. Memory: the
/// packed components, plus events x outcomes for each sequence under way. Real, double unless said otherwise, is the type of the work at
/// an event; log weights are in double all the same. float is twice as fast, and right to 2e-5 on probabilities.
template <class F, class P, class Real>
class bayes {
    static_assert(std::same_as<Real, double> || std::same_as<Real, float>, "rationale::bayes<F, P, Real>: Real must be float or double");
    static_assert(task_family<F>, "rationale::bayes<F, P>: F must be a task family, see rationale/task/family.hpp");
    static_assert(prior_for<P, F>, "rationale::bayes<F, P>: P must be a prior for F, see rationale/prior/prior.hpp");
    using fold_type = typename detail::fold_for<F, P>::type;
    static_assert(fold_of<fold_type, F>, "rationale::bayes<F, P>: the fold of F over P lacks a member, see rationale/task/family.hpp");

public:
    /// Throws std::invalid_argument when the prior does not fit the family.
    bayes(F family, P prior)
        : family_(std::move(family)),
          prior_(std::move(prior)),
          fold_(detail::fold_for<F, P>::make(family_, prior_)),
          components_(
              prior_.size(), fold_.rows(),
              [&](std::size_t d, double* column, std::size_t stride) { fold_.pack(detail::packed_from(prior_), d, column, stride); },
              [&](std::size_t d) { return prior_.log_weight(d); }) {
        (void)&detail::compile_fold<F, fold_type>;
    }

    /// With the family's own prior, or a prior made from the family and `args`: seen tasks from a task table, for instance.
    explicit bayes(const F& family) requires std::same_as<P, own_prior_t<F>> : bayes(family, own_prior(family)) {}
    template <class... Args>
        requires(std::constructible_from<P, const F&, Args...> && sizeof...(Args) > 0)
    explicit bayes(const F& family, Args&&... args) : bayes(family, P(family, std::forward<Args>(args)...)) {}

    [[nodiscard]] const F& family() const noexcept { return family_; }
    [[nodiscard]] const P& prior() const noexcept { return prior_; }
    [[nodiscard]] static constexpr std::string_view name() noexcept {
        if constexpr (std::same_as<P, seen_tasks<F>>) return "memorizing";
        else if constexpr (requires { requires std::same_as<P, own_prior_t<F>>; }) return "generalizing";
        else return "bayes";
    }
    [[nodiscard]] std::vector<double> numbers() const { return prior_.numbers(); }

    template <class Lanes = kernel::native_lanes, class View = detail::view_of<F>>
    void predict_sequence(const View& view, std::span<double> values, std::span<double> log_evidence) const {
        kernel::mixture_sums sums(view.events(), fold_.outcomes());
        run<Lanes>(view, view.events(), sums, [](std::size_t, const auto&) {});
        sums.finish(values, log_evidence);
    }

    /// Some folds of a single component take several sequences at once: as many as there are lanes.
    template <class Lanes>
    static constexpr std::size_t sequences_together = [] {
        using V = typename Lanes::template of<Real>;
        using out = std::span<double> (*)(std::size_t);
        using views = detail::view_of<F> (*)(std::size_t);
        if constexpr (requires(const fold_type& fold, const P& prior, views view, out o) {
                          fold.template predict_together<V>(prior, std::size_t{}, view, o, o);
                      })
            return kernel::lane_count<V>;
        else return std::size_t{1};
    }();
    template <class Lanes, class View, class Values, class Evidence>
    void predict_together(std::size_t count, const View& view, const Values& values, const Evidence& log_evidence) const {
        fold_.template predict_together<typename Lanes::template of<Real>>(prior_, count, view, values, log_evidence);
    }

    /// Posterior probability of each component given what is known when `event` of a sequence is predicted; after its last event when
    /// `event` is their number. All NaN when no component explains it.
    template <class Lanes = kernel::native_lanes>
    [[nodiscard]] std::vector<double> posterior(const typename F::sequences& data, std::size_t sequence, std::size_t event) const {
        const auto view = family_.view(data, sequence);
        kernel::mixture_sums sums(view.events(), fold_.outcomes());
        std::vector<double> weight(components_.size(), kernel::minus_infinity);
        run<Lanes>(view, event, sums, [&](std::size_t tile, const auto& state) {
            const std::size_t from = tile * components_.width();
            state.log_weights(std::span(weight).subspan(from, (std::min)(components_.width(), weight.size() - from)));
        });
        for (double& w : weight) w = std::exp(w - sums.log_mass(event));
        return weight;
    }

private:
    template <class Lanes, class View, class Done>
    void run(const View& view, std::size_t until, kernel::mixture_sums& sums, Done&& done) const {
        // A prior of a single component fills no register.
        if (components_.width() == 1) kernel::fold_sequence<kernel::scalar_lanes>(fold_, components_, view, until, sums, done);
        else kernel::fold_sequence<Lanes>(fold_, components_, view, until, sums, done);
    }

    F family_;
    P prior_;
    fold_type fold_;
    kernel::packed_components<Real> components_;
};

}  // namespace rationale

#endif
