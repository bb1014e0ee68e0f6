#ifndef RATIONALE_ANALYSIS_DETAIL_FAMILY_NUMBERS_HPP
#define RATIONALE_ANALYSIS_DETAIL_FAMILY_NUMBERS_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/task/family.hpp"
#include "rationale/task/field.hpp"

namespace rationale::detail {

/// visit(name, number) for each parameter that is one real number and has a value.
template <class Parameters, class Visit>
void for_each_number(Parameters& p, const Visit& visit) {
    for_each_field<std::remove_const_t<Parameters>>([&](const auto& f) {
        auto& value = p.*f.member;
        using T = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<T, double>) visit(f.name, value);
        else if constexpr (std::is_same_v<T, std::optional<double>>) {
            if (value) visit(f.name, *value);
        }
    });
}

/// Those of a family: names and values.
template <task_family F>
[[nodiscard]] std::vector<std::pair<std::string, double>> family_numbers(const F& family) {
    std::vector<std::pair<std::string, double>> out;
    for_each_number(family.values(), [&](auto name, double value) { out.emplace_back(name, value); });
    return out;
}

/// A family with another value of the number of that index. Throws what the family's constructor does.
template <task_family F>
[[nodiscard]] F with_number(const F& family, std::size_t number, double value) {
    auto p = family.values();
    std::size_t i = 0;
    for_each_number(p, [&](auto, double& x) {
        if (i++ == number) x = value;
    });
    if constexpr (requires { family.with(p); }) return family.with(p);
    else return F(p);
}

}  // namespace rationale::detail

#endif
