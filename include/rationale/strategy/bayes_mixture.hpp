#ifndef RATIONALE_STRATEGY_BAYES_MIXTURE_HPP
#define RATIONALE_STRATEGY_BAYES_MIXTURE_HPP

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/kernel/lanes.hpp"
#include "rationale/prior/mixture_of.hpp"
#include "rationale/prior/tempered.hpp"
#include "rationale/softmax.hpp"
#include "rationale/strategy/bayes.hpp"

namespace rationale {

/// Bayes with a mixture of priors: each part predicts by itself, and its weight at an event is its mass times the evidence that it has for
/// what came before, normalised over the parts. Cost and memory: those of the parts.
template <class F, class... P, class Real>
class bayes<F, mixture_of<P...>, Real> {
    using prior_type = mixture_of<P...>;
    static constexpr std::size_t parts = sizeof...(P);

public:
    /// Throws std::invalid_argument when a prior does not fit the family.
    bayes(F family, prior_type prior)
        : family_(std::move(family)), prior_(std::move(prior)), bayes_([&]<std::size_t... Index>(std::index_sequence<Index...>) {
              return std::tuple<bayes<F, P, Real>...>(bayes<F, P, Real>(family_, prior_.template part<Index>())...);
          }(std::index_sequence_for<P...>())) {}

    [[nodiscard]] const F& family() const noexcept { return family_; }
    /// The belief before any context.
    [[nodiscard]] const prior_type& prior() const noexcept { return prior_; }
    [[nodiscard]] static constexpr std::string_view name() noexcept { return prior_type::strategy_name; }
    [[nodiscard]] std::vector<double> numbers() const { return prior_.numbers(); }

    template <class Lanes = kernel::native_lanes, class View = detail::view_of<F>>
    void predict_sequence(const View& view, std::span<double> values, std::span<double> log_evidence) const {
        predict_sequences<Lanes>(
            1, [&](std::size_t) -> const View& { return view; }, [&](std::size_t) { return values; },
            [&](std::size_t) { return log_evidence; });
    }

    template <class Lanes, bool Predict = true, class View, class Values, class Evidence, class E = sequential>
    void predict_sequences(std::size_t count, const View& view, const Values& values, const Evidence& log_evidence,
                           const E& execute = {}) const {
        if (count == 0) return;
        const std::size_t events = view(0).events(), outcomes = Predict ? family_.outcomes() : 0;
        std::array<ndarray<double, 2>, parts> of_part, evidence;
        std::size_t i = 0;
        const auto one = [&](const auto& b) {
            of_part[i] = unwritten<double, 2>({count, events * outcomes});
            evidence[i] = unwritten<double, 2>({count, events + 1});
            b.template predict_sequences<Lanes, Predict>(
                count, view, [&](std::size_t s) { return row(of_part[i], s); }, [&](std::size_t s) { return row(evidence[i], s); },
                execute);
            ++i;
        };
        std::apply([&](const auto&... b) { (one(b), ...); }, bayes_);
        execute(count, [&](std::size_t s) {
            const std::span<double> out = values(s), nats = log_evidence(s);
            for (std::size_t t = 0; t <= events; ++t) {
                std::array<double, parts> weight;
                for (std::size_t p = 0; p < parts; ++p) weight[p] = std::log(prior_.masses()[p]) + evidence[p](s, t);
                nats[t] = detail::softmax_in_place(weight);
                if (t == events || !Predict) continue;
                for (std::size_t k = 0; k < outcomes; ++k) {
                    double value = nats[t] > kernel::minus_infinity ? 0 : std::numeric_limits<double>::quiet_NaN();
                    for (std::size_t p = 0; p < parts; ++p)
                        if (weight[p] > 0) value += weight[p] * of_part[p](s, t * outcomes + k);  // a part that excludes is NaN
                    out[t * outcomes + k] = value;
                }
            }
        });
    }

    template <class Lanes, class View, class Evidence, class E = sequential>
    void log_evidences(std::size_t count, const View& view, const Evidence& log_evidence, const E& execute = {}) const {
        predict_sequences<Lanes, false>(
            count, view, [](std::size_t) { return std::span<double>(); }, log_evidence, execute);
    }

private:
    F family_;
    prior_type prior_;
    std::tuple<bayes<F, P, Real>...> bayes_;
};

/// The power posterior of a mixture: that of each part, with the masses as they are.
template <class F, class... P, class Real>
class bayes<F, tempered<mixture_of<P...>>, Real> : public bayes<F, mixture_of<tempered<P>...>, Real> {
    using of_parts = bayes<F, mixture_of<tempered<P>...>, Real>;

public:
    /// Throws std::invalid_argument when a prior does not fit the family.
    bayes(F family, const tempered<mixture_of<P...>>& prior)
        : of_parts(
              std::move(family), [&]<std::size_t... Index>(std::index_sequence<Index...>) {
                  std::array<double, sizeof...(P)> masses{};
                  std::copy(prior.masses().begin(), prior.masses().end(), masses.begin());
                  return mixture_of<tempered<P>...>(masses, tempered<P>(prior.template part<Index>(), prior.exponent())...);
              }(std::index_sequence_for<P...>())) {}

    [[nodiscard]] static constexpr std::string_view name() noexcept { return tempered<mixture_of<P...>>::strategy_name; }
};

template <class F, class... P>
bayes(F, tempered<mixture_of<P...>>) -> bayes<F, tempered<mixture_of<P...>>>;

}  // namespace rationale

#endif
