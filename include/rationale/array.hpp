// rationale: the one header that includes xtensor.
#ifndef RATIONALE_ARRAY_HPP
#define RATIONALE_ARRAY_HPP

#include "rationale/ieee.hpp"

// xtensor 0.26 moved its headers into folders; the path is chosen here and nowhere else.
#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xtensor.hpp>
#endif
#if XTENSOR_VERSION_MAJOR == 0 && XTENSOR_VERSION_MINOR < 24
#error "rationale needs xtensor 0.24 or newer"
#endif

#include <array>
#include <cstddef>
#include <span>

#include "rationale/huge_pages.hpp"

namespace rationale {

/// Every array of the library: dense, owning, row-major, of N axes.
template <class T, std::size_t N>
using ndarray = xt::xtensor<T, N, xt::layout_type::row_major, huge_page_allocator<T>>;

/// An array of the given shape whose entries are all `value`.
template <class T, std::size_t N>
[[nodiscard]] ndarray<T, N> filled(const std::array<std::size_t, N>& shape, const T& value) {
    return ndarray<T, N>(shape, value);
}

/// An array of the given shape whose entries are still to be written.
template <class T, std::size_t N>
[[nodiscard]] ndarray<T, N> unwritten(const std::array<std::size_t, N>& shape) {
    return ndarray<T, N>(shape);
}

/// Entry `index` along the first axis, as the contiguous run of memory that it is.
template <class T, std::size_t N>
[[nodiscard]] std::span<T> row(ndarray<T, N>& a, std::size_t index) {
    const std::size_t n = a.shape(0) == 0 ? 0 : a.size() / a.shape(0);
    return {a.data() + index * n, n};
}

template <class T, std::size_t N>
[[nodiscard]] std::span<const T> row(const ndarray<T, N>& a, std::size_t index) {
    const std::size_t n = a.shape(0) == 0 ? 0 : a.size() / a.shape(0);
    return {a.data() + index * n, n};
}

}  // namespace rationale

#endif
