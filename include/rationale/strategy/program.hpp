#ifndef RATIONALE_STRATEGY_PROGRAM_HPP
#define RATIONALE_STRATEGY_PROGRAM_HPP

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/fwd.hpp"

namespace rationale {

/// The length of a strategy's program in bits; none for a strategy nobody has measured, which is not a length of 0. A strategy of your own
/// says it by a member, `static constexpr double program_bits = 4400;`, or by a specialisation of this. The numbers below are the published
/// sizes of arXiv 2506.17859: its Python programs, compressed.
template <class Strategy>
inline constexpr std::optional<double> program_bits = []() -> std::optional<double> {
    if constexpr (requires { Strategy::program_bits; }) return Strategy::program_bits;
    else return std::nullopt;
}();

template <std::size_t K, class Real>
inline constexpr std::optional<double> program_bits<memorizing<balls_and_urns<K>, Real>> = 4784;
template <std::size_t K, class Real>
inline constexpr std::optional<double> program_bits<bayes<balls_and_urns<K>, dirichlet, Real>> = 4328;
template <std::size_t K>
inline constexpr std::optional<double> program_bits<constant<balls_and_urns<K>>> = 1912;

template <std::size_t D, class Real>
inline constexpr std::optional<double> program_bits<memorizing<linear_regression<D>, Real>> = 7392;
template <std::size_t D, class Real>
inline constexpr std::optional<double> program_bits<bayes<linear_regression<D>, gaussian, Real>> = 6136;
template <std::size_t D>
inline constexpr std::optional<double> program_bits<constant<linear_regression<D>>> = 1712;

template <std::size_t D, std::size_t L, class Real>
inline constexpr std::optional<double> program_bits<memorizing<classification<D, L>, Real>> = 4704;
template <std::size_t D, std::size_t L>
inline constexpr std::optional<double> program_bits<copying<classification<D, L>>> = 4552;
template <std::size_t D, std::size_t L>
inline constexpr std::optional<double> program_bits<constant<classification<D, L>>> = 2096;

/// Remembering with limited precision is memorizing's program with one number more, and so is tempering of what is tempered.
template <class F, class Precision, class Real>
inline constexpr std::optional<double> program_bits<bayes<F, remembered<seen_tasks<F>, Precision>, Real>> =
    program_bits<memorizing<F, Real>>;
template <class F, class P, class Real>
inline constexpr std::optional<double> program_bits<bayes<F, tempered<P>, Real>> = program_bits<bayes<F, P, Real>>;

/// The same of a strategy at hand: an `any_strategy` knows it only then.
template <class S>
[[nodiscard]] std::optional<double> program_length(const S& s) {
    if constexpr (requires { s.program_length(); }) return s.program_length();
    else return program_bits<S>;
}

/// Complexities in bits of the strategies that one law weighs: those of their numbers and of their programs, or, where it is not known how
/// long one program is, of the numbers alone for all of them. Throws std::invalid_argument unless there are as many of either.
[[nodiscard]] inline std::vector<double> complexities(std::span<const double> numbers, std::span<const std::optional<double>> programs) {
    detail::check_size("rationale::complexities", "programs", programs.size(), numbers.size());
    std::vector<double> out(numbers.begin(), numbers.end());
    if (std::all_of(programs.begin(), programs.end(), [](const auto& bits) { return bits.has_value(); }))
        for (std::size_t q = 0; q < out.size(); ++q) out[q] += *programs[q];
    return out;
}

}  // namespace rationale

#endif
