#ifndef RATIONALE_ANALYSIS_WHY_NOT_FITTED_HPP
#define RATIONALE_ANALYSIS_WHY_NOT_FITTED_HPP

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "rationale/analysis/recording_analysis.hpp"
#include "rationale/analysis/split_state.hpp"
#include "rationale/number_text.hpp"
#include "rationale/task/family.hpp"

namespace rationale::detail {

/// memorizing, generalizing and constant.
inline std::string in_words(std::span<const std::string> names) {
    std::string out;
    for (std::size_t q = 0; q < names.size(); ++q) out += (q == 0 ? "" : q + 1 < names.size() ? ", " : " and ") + names[q];
    return out;
}

/// The parameters of a family that may be why its strategies exclude outcomes: a noise of 0, and a concentration that leaves probabilities
/// which no double tells from 0.
template <class F>
std::string excluding_parameters(const F& family) {
    std::string out;
    for_each_field<typename F::parameters>([&](const auto& f) {
        const auto& value = family.values().*f.member;
        const std::string_view name = f.name;
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, double>)
            if (name.ends_with("noise") && value == 0)
                out += "; parameters." + std::string(name) + " is 0: above 0 every outcome has some probability";
        if (!name.ends_with("concentration")) return;
        const auto extreme = [](double x) { return x < 1e-100 || x > 1e100; };
        std::optional<double> found;
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, double>) {
            if (extreme(value)) found = value;
        } else if constexpr (requires { value.begin(); }) {
            for (const double x : value)
                if (extreme(x)) found = x;
        }
        if (found)
            out += "; parameters." + std::string(name) + " is " + significant(*found) +
                   ": nearer to 1 no probability is too small for a double";
    });
    return out;
}

/// Why a law cannot be fitted, behind the sentence that says it cannot: which strategies exclude what sequences show, and which parameters
/// do that; empty where nothing is left out.
template <class F>
std::string why_not_fitted(const F& family, const recording_analysis& a, std::span<const split_state> states) {
    std::string out;
    std::size_t sequences = 0;
    std::vector<std::size_t> excluding(a.strategies.size());
    for (const auto& run : a.runs) sequences += run.masked[0] + run.masked[1];
    for (const auto& state : states) {
        sequences += state.kept.size();
        for (std::size_t q = 0; q < state.excluding.size(); ++q) excluding[q] += state.excluding[q];
    }
    for (std::size_t q = 0; q < excluding.size(); ++q)
        if (excluding[q] > 0)
            out += "; " + a.strategies[q] + " gives probability 0 to what " + std::to_string(excluding[q]) + " of " +
                   std::to_string(sequences) + " sequences show, which are left out";
    return out.empty() && a.infinite_cells == 0 ? out : out + excluding_parameters(family);
}

}  // namespace rationale::detail

#endif
