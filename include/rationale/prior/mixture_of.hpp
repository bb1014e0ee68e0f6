#ifndef RATIONALE_PRIOR_MIXTURE_OF_HPP
#define RATIONALE_PRIOR_MIXTURE_OF_HPP

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "rationale/prior/prior.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/task/extent.hpp"
#include "rationale/task/field.hpp"

namespace rationale {

/// A task comes from one of several priors, each with a mass: seen tasks with mass p and the family's own prior with mass 1-p, say. Bayes
/// with it (strategy/bayes_mixture.hpp) weighs the parts by mass times evidence. In classification each item comes from a part of its own.
template <class... P>
class mixture_of {
    static_assert(sizeof...(P) > 0, "rationale::mixture_of<P...>: there must be at least one prior");

public:
    static constexpr std::string_view strategy_name = "mixture";
    /// How many priors are mixed.
    static constexpr std::size_t parts = sizeof...(P);

    /// `masses` are relative. Throws std::invalid_argument when one is negative or not finite, or all are zero.
    mixture_of(std::array<double, sizeof...(P)> masses, P... priors) : masses_(masses), priors_(std::move(priors)...) {
        detail::normalise("rationale::mixture_of", "a mass", masses_);
    }

    /// Normalised.
    [[nodiscard]] std::span<const double> masses() const noexcept { return masses_; }
    /// Prior number Index.
    template <std::size_t Index>
    [[nodiscard]] const auto& part() const noexcept {
        return std::get<Index>(priors_);
    }

    [[nodiscard]] std::size_t size() const noexcept {
        return std::apply([](const auto&... p) { return (std::size_t{0} + ... + p.size()); }, priors_);
    }
    [[nodiscard]] double log_weight(std::size_t d) const noexcept {
        double out = 0;
        each([&](std::size_t i, const auto& p) {
            if (d < p.size()) return out = std::log(masses_[i]) + p.log_weight(d), true;
            d -= p.size();
            return false;
        });
        return out;
    }
    /// Those of the parts, then the masses.
    [[nodiscard]] std::vector<double> numbers() const {
        std::vector<double> all;
        each([&](std::size_t, const auto& p) {
            const auto of = p.numbers();
            all.insert(all.end(), of.begin(), of.end());
            return false;
        });
        all.insert(all.end(), masses_.begin(), masses_.end());
        return all;
    }
    template <class F, class Table>
    void draw(philox& rng, const F& family, Table& table, std::size_t to) const {
        const std::size_t chosen = categorical(rng, masses_);
        each([&](std::size_t i, const auto& p) {
            if (i == chosen) p.draw(rng, family, table, to);
            return i == chosen;
        });
    }

private:
    /// Until one returns true.
    template <class Visit>
    void each(Visit&& visit) const {
        std::apply(
            [&](const auto&... p) {
                std::size_t i = 0;
                (void)(visit(i++, p) || ...);
            },
            priors_);
    }

    std::array<double, sizeof...(P)> masses_;
    std::tuple<P...> priors_;
};

template <class... P>
mixture_of(std::array<double, sizeof...(P)>, P...) -> mixture_of<P...>;

}  // namespace rationale

#endif
