#ifndef RATIONALE_STRATEGY_PROGRAM_HPP
#define RATIONALE_STRATEGY_PROGRAM_HPP

#include <cstddef>

#include "rationale/fwd.hpp"

namespace rationale {

/// The length of a strategy's program in bits; 0 for a strategy nobody has measured: specialise this for it, or add the bits to its
/// complexity. The numbers are the published sizes of arXiv 2506.17859: its Python programs, compressed.
template <class Strategy>
inline constexpr double program_bits = 0;

template <std::size_t K, class Real>
inline constexpr double program_bits<memorizing<balls_and_urns<K>, Real>> = 4784;
template <std::size_t K, class Real>
inline constexpr double program_bits<bayes<balls_and_urns<K>, dirichlet, Real>> = 4328;
template <std::size_t K>
inline constexpr double program_bits<constant<balls_and_urns<K>>> = 1912;

template <std::size_t D, class Real>
inline constexpr double program_bits<memorizing<linear_regression<D>, Real>> = 7392;
template <std::size_t D, class Real>
inline constexpr double program_bits<bayes<linear_regression<D>, gaussian, Real>> = 6136;
template <std::size_t D>
inline constexpr double program_bits<constant<linear_regression<D>>> = 1712;

template <std::size_t D, std::size_t L, class Real>
inline constexpr double program_bits<memorizing<classification<D, L>, Real>> = 4704;
template <std::size_t D, std::size_t L>
inline constexpr double program_bits<copying<classification<D, L>>> = 4552;
template <std::size_t D, std::size_t L>
inline constexpr double program_bits<constant<classification<D, L>>> = 2096;

}  // namespace rationale

#endif
