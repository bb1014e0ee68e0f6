#ifndef RATIONALE_RECORDING_FAMILIES_HPP
#define RATIONALE_RECORDING_FAMILIES_HPP

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include "rationale/recording/manifest.hpp"
#include "rationale/task/balls_and_urns.hpp"
#include "rationale/task/classification.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/feature_regression.hpp"
#include "rationale/task/finite_function.hpp"
#include "rationale/task/gaussian_location.hpp"
#include "rationale/task/hidden_markov.hpp"
#include "rationale/task/linear_regression.hpp"
#include "rationale/task/markov_chain.hpp"

namespace rationale {

/// Families that recordings may name. A program that has some of its own reads theirs with `known_families::with<mine>`.
template <task_family... F>
struct families {
    static_assert(
        [] {
            constexpr std::array<std::string_view, sizeof...(F)> names{F::name...};
            for (std::size_t i = 0; i < names.size(); ++i)
                for (std::size_t j = 0; j < i; ++j)
                    if (names[i] == names[j]) return false;
            return true;
        }(),
        "rationale::families<F...>: two families have the same name");

    /// These and more.
    template <task_family... More>
    using with = families<F..., More...>;

    /// Calls visit(std::type_identity<F>()) for the family that the manifest names. Throws recording_error where it is none of them.
    template <class Visit>
    static void visit(const manifest& m, Visit&& visit) {
        std::string known;
        const auto one = [&]<class Family>(std::type_identity<Family> type) {
            known += (known.empty() ? "" : ", ") + std::string(Family::name);
            if (m.family != Family::name) return false;
            visit(type);
            return true;
        };
        if (!(one(std::type_identity<F>()) || ...))
            throw recording_error(m.file() + ": family is " + m.family + ", expected one of " + known);
    }
};

using known_families =
    families<balls_and_urns<>, linear_regression<>, classification<>, markov_chain<>, hidden_markov<>, finite_function<>, gaussian_location,
             feature_regression<fourier_basis>, feature_regression<polynomial_basis>, feature_regression<relu_basis>>;

}  // namespace rationale

#endif
