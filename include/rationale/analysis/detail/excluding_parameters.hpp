#ifndef RATIONALE_ANALYSIS_DETAIL_EXCLUDING_PARAMETERS_HPP
#define RATIONALE_ANALYSIS_DETAIL_EXCLUDING_PARAMETERS_HPP

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "rationale/number_text.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/field.hpp"

namespace rationale::detail {

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

}  // namespace rationale::detail

#endif
