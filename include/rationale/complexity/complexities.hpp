#ifndef RATIONALE_COMPLEXITY_COMPLEXITIES_HPP
#define RATIONALE_COMPLEXITY_COMPLEXITIES_HPP

#include <optional>
#include <span>
#include <vector>

#include "rationale/complexity/description_length.hpp"
#include "rationale/strategy/program.hpp"
#include "rationale/strategy/strategies.hpp"

namespace rationale {

/// What storing a strategy's numbers takes, in bits: what it says itself, by bits(), or else their description length.
template <class S, executor E = sequential>
[[nodiscard]] double bits_of_numbers(const S& s, std::span<const compressor> compressors = {}, const E& execute = {}) {
    std::optional<double> said;
    if constexpr (requires { s.bits(); }) said = s.bits();
    return said ? *said : description_length(s.numbers(), compressors, execute).bits;
}

/// Complexities in bits of a list's strategies: those of their numbers and of their programs, or, where it is not known how long one
/// program is, of the numbers alone for all of them.
template <list_of_strategies L, executor E = sequential>
[[nodiscard]] std::vector<double> complexities(const L& all, std::span<const compressor> compressors = {}, const E& execute = {}) {
    std::vector<double> numbers;
    std::vector<std::optional<double>> programs;
    all.for_each([&](std::size_t, const auto& s) {
        numbers.push_back(bits_of_numbers(s, compressors, execute));
        programs.push_back(program_length(s));
    });
    return complexities(numbers, programs);
}

}  // namespace rationale

#endif
