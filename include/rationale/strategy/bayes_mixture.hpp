#ifndef RATIONALE_STRATEGY_BAYES_MIXTURE_HPP
#define RATIONALE_STRATEGY_BAYES_MIXTURE_HPP

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/prior/mixture_of.hpp"
#include "rationale/prior/tempered.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/strategy/merge.hpp"

namespace rationale {

/// Bayes with a mixture of priors: each part predicts by itself, and its weight at an event is its mass times the evidence that it has for
/// what came before, normalised over the parts. Cost: that of the parts. Memory: one
/// part's, and two predictions.
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

    template <class View>
    void predict_sequence(const View& view, std::span<double> values, std::span<double> log_evidence) const {
        predict_sequences(
            1, [&](std::size_t) -> const View& { return view; }, [&](std::size_t) { return values; },
            [&](std::size_t) { return log_evidence; });
    }

    template <class View, class Values, class Evidence>
    void predict_sequences(std::size_t count, const View& view, const Values& values, const Evidence& log_evidence,
                           const any_executor& execute = sequential{}) const {
        run<true>(count, view, values, log_evidence, execute);
    }

    template <class View, class Evidence>
    void log_evidences(std::size_t count, const View& view, const Evidence& log_evidence,
                       const any_executor& execute = sequential{}) const {
        run<false>(
            count, view, [](std::size_t) { return std::span<double>(); }, log_evidence, execute);
    }

private:
    template <bool Predict, class View, class Values, class Evidence>
    void run(std::size_t count, const View& view, const Values& values, const Evidence& log_evidence, const any_executor& execute) const {
        if (count == 0) return;
        const std::size_t events = view(0).events(), outcomes = Predict ? family_.outcomes() : 0;
        bool first = true;
        const auto add = [&](const auto& part, double mass) {
            if (mass == 0) return;
            const double log_mass = std::log(mass);
            const auto predicted = [&](const auto& to, const auto& nats) {
                if constexpr (Predict) part.predict_sequences(count, view, to, nats, execute);
                else part.log_evidences(count, view, nats, execute);
            };
            if (std::exchange(first, false)) {
                predicted(values, log_evidence);
                for (std::size_t s = 0; s < count; ++s)
                    for (double& nats : log_evidence(s)) nats += log_mass;
                return;
            }
            auto more = unwritten<double, 2>({count, events * outcomes});
            auto evidence = unwritten<double, 2>({count, events + 1});
            predicted([&](std::size_t s) { return row(more, s); }, [&](std::size_t s) { return row(evidence, s); });
            execute(count, [&](std::size_t s) {
                detail::merge_sequence(values(s), log_evidence(s), row(std::as_const(more), s), row(std::as_const(evidence), s), log_mass);
            });
        };
        [&]<std::size_t... Index>(std::index_sequence<Index...>) { (add(std::get<Index>(bayes_), prior_.masses()[Index]), ...); }
        (std::index_sequence_for<P...>());
    }

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
    /// Those of the mixture, then the exponent, which the parts share.
    [[nodiscard]] std::vector<double> numbers() const {
        const auto& prior = this->prior();
        std::vector<double> all;
        const auto add = [&](const auto& numbers) { all.insert(all.end(), numbers.begin(), numbers.end()); };
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            (add(static_cast<const P&>(prior.template part<Index>()).numbers()), ...);
        }
        (std::index_sequence_for<P...>());
        add(prior.masses());
        all.push_back(prior.template part<0>().exponent());
        return all;
    }
};

template <class F, class... P>
bayes(F, tempered<mixture_of<P...>>) -> bayes<F, tempered<mixture_of<P...>>>;

}  // namespace rationale

#endif
