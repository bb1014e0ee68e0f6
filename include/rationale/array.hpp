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

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "rationale/check.hpp"
#include "rationale/huge_pages.hpp"

namespace rationale {

namespace detail {
/// Axes of an xtensor expression as its type says them; N itself where they are known at run time only.
template <class E, std::size_t N>
constexpr std::size_t axes_of = [] {
    if constexpr (requires { std::tuple_size<typename E::shape_type>::value; }) return std::tuple_size<typename E::shape_type>::value;
    else return N;
}();

/// Whether T represents a number exactly, for T an integer.
template <class T, class From>
[[nodiscard]] bool represents(From value) noexcept {
    using limits = std::numeric_limits<T>;
    if constexpr (std::is_floating_point_v<From>)
        return value == std::trunc(value) && value >= static_cast<From>((limits::min)()) && value < std::ldexp(From(1), limits::digits);
    else if constexpr (std::is_same_v<From, bool>) return true;
    else return std::in_range<T>(+value);
}

/// The expression itself, once an array of N axes of T can hold it.
template <class T, std::size_t N, class E>
[[nodiscard]] const E& holdable(const E& e) {
    if (e.dimension() != N)
        throw std::invalid_argument("rationale::ndarray: the array has " + std::to_string(e.dimension()) + " axes, must have " +
                                    std::to_string(N));
    using from = std::remove_cvref_t<typename E::value_type>;
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, from>) {
        std::size_t i = 0;
        for (auto at = e.template begin<xt::layout_type::row_major>(); i < e.size(); ++at, ++i)
            if (const from value = *at; !represents<T>(value))
                throw std::invalid_argument(
                    "rationale::ndarray: entry " + std::to_string(i) + " of the array is " +
                    (std::is_floating_point_v<from> ? number_text(static_cast<double>(value)) : std::to_string(value)) +
                    ", must be a whole number from " + std::to_string((std::numeric_limits<T>::min)()) + " to " +
                    std::to_string((std::numeric_limits<T>::max)()));
    }
    return e;
}
}  // namespace detail

/// An xtensor that is made from xtensor expressions of as many axes as it has; one of integers only from numbers that they represent.
template <class Tensor>
class strict_tensor : public Tensor {
    using number = typename Tensor::value_type;
    static constexpr std::size_t axes = std::tuple_size<typename Tensor::shape_type>::value;

public:
    using Tensor::Tensor;
    /// Without entries.
    strict_tensor() = default;
    /// Takes over an xtensor's own entries, without a copy.
    template <std::same_as<Tensor> T>  // no braced list is one
    strict_tensor(T&& t) noexcept : Tensor(std::forward<T>(t)) {}
    /// Throws std::invalid_argument for another number of axes, where the type leaves it open, and a number that it cannot represent.
    template <class E>
    strict_tensor(const xt::xexpression<E>& e) : Tensor(detail::holdable<number, axes>(e.derived_cast())) {
        static_assert(detail::axes_of<E, axes> == axes, "rationale::ndarray<T, N>: what it is made from must have N axes");
    }
    /// Takes over an xtensor's own entries.
    template <std::same_as<Tensor> T>
    strict_tensor& operator=(T&& t) noexcept {
        Tensor::operator=(std::forward<T>(t));
        return *this;
    }
    /// Throws std::invalid_argument where the constructor does.
    template <class E>
    strict_tensor& operator=(const xt::xexpression<E>& e) {
        return *this = strict_tensor(e);
    }
};

/// Every array of the library: xtensor's own, dense, owning, row-major, of N axes. One that is moved in is taken over.
template <class T, std::size_t N>
using ndarray = strict_tensor<xt::xtensor<T, N, xt::layout_type::row_major>>;

/// An array of the given shape whose entries are still to be written.
template <class T, std::size_t N>
[[nodiscard]] ndarray<T, N> unwritten(const std::array<std::size_t, N>& shape) {
    ndarray<T, N> out(shape);
    detail::advise_huge_pages(out.data(), out.size() * sizeof(T));
    return out;
}

/// An array of the given shape whose entries are all `value`.
template <class T, std::size_t N>
[[nodiscard]] ndarray<T, N> filled(const std::array<std::size_t, N>& shape, const T& value) {
    auto out = unwritten<T, N>(shape);
    std::fill_n(out.data(), out.size(), value);
    return out;
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
/// Not of a temporary array: it would refer to what is gone.
template <class T, std::size_t N>
std::span<const T> row(const ndarray<T, N>&& temporary, std::size_t index) = delete;

}  // namespace rationale

#endif
