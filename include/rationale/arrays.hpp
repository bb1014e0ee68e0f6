#ifndef RATIONALE_ARRAYS_HPP
#define RATIONALE_ARRAYS_HPP

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/array.hpp"

namespace rationale {

namespace detail {
/// An xtensor, an xarray, an adaptor, or a view of one with the same steps everywhere along an axis.
template <class A>
inline constexpr bool is_in_memory = requires(const A& a) {
    { a.data() } -> std::convertible_to<const typename A::value_type*>;
    a.strides();
    a.shape();
    a.dimension();
};
/// Where it begins.
template <class A>
    requires is_in_memory<A>
[[nodiscard]] const typename A::value_type* first_of(const A& a) {
    if constexpr (requires { a.data_offset(); }) return a.data() + static_cast<std::ptrdiff_t>(a.data_offset());
    else return a.data();
}
/// Whether its entries follow one another, those along the last axis first.
template <class A>
    requires is_in_memory<A>
[[nodiscard]] bool is_row_major(const A& a) {
    std::size_t step = 1;
    for (std::size_t axis = a.dimension(); axis-- > 0;) {
        const auto length = static_cast<std::size_t>(a.shape()[axis]);
        if (length != 1 && static_cast<std::size_t>(a.strides()[axis]) != step) return a.size() == 0;
        step *= length;
    }
    return true;
}
}  // namespace detail

/// Numbers in memory with a shape, row-major and without gaps. It refers to them, so they must outlive it and its copies.
template <class T>
class array_view {
    static_assert(std::is_arithmetic_v<T>, "rationale::array_view<T>: T must be a number");

public:
    /// The type of a number.
    using value_type = T;
    /// As many as the product of `shape`; `owner`, if there is one, is kept as long as any copy.
    array_view(const T* data, std::vector<std::size_t> shape, std::shared_ptr<const void> owner = {})
        : data_(data),
          shape_(std::move(shape)),
          size_(std::accumulate(shape_.begin(), shape_.end(), std::size_t{1}, std::multiplies<>())),
          each_(shape_.empty() || size_ == 0 ? 0 : size_ / shape_[0]),
          owner_(std::move(owner)) {}

    /// The first.
    [[nodiscard]] const T* data() const noexcept { return data_; }
    /// How many numbers.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// How many axes.
    [[nodiscard]] std::size_t dimension() const noexcept { return shape_.size(); }
    /// The length of an axis.
    [[nodiscard]] std::size_t shape(std::size_t axis) const noexcept { return shape_[axis]; }
    /// Entry `index` along the first axis.
    [[nodiscard]] std::span<const T> row(std::size_t index) const noexcept { return {data_ + index * each_, each_}; }

private:
    const T* data_;
    std::vector<std::size_t> shape_;
    std::size_t size_, each_;
    std::shared_ptr<const void> owner_;
};

namespace detail {
template <class A>
[[nodiscard]] std::vector<std::size_t> shape_of(const A& a) {
    std::vector<std::size_t> out;
    for (std::size_t axis = 0; axis < a.dimension(); ++axis) out.push_back(static_cast<std::size_t>(a.shape()[axis]));
    return out;
}
/// An array where it is, kept when it is a temporary one; of any other expression its numbers.
template <class A>
[[nodiscard]] auto view_of_array(A&& a) {
    using array = std::remove_cvref_t<A>;
    using number = std::remove_cv_t<typename array::value_type>;
    if constexpr (std::same_as<array, array_view<number>>) return a;
    else {
        static_assert(xt::is_xexpression<array>::value,
                      "rationale::arrays: each must be an xtensor, an xarray, an adaptor, an expression of these, or an array_view");
        if constexpr (is_in_memory<array>)
            if (is_row_major(a)) {
                if constexpr (std::is_lvalue_reference_v<A>) return array_view<number>(first_of(a), shape_of(a));
                else {
                    const auto kept = std::make_shared<const array>(std::forward<A>(a));
                    return array_view<number>(first_of(*kept), shape_of(*kept), kept);
                }
            }
        const auto own = std::make_shared<ndarray<number, 1>>(unwritten<number, 1>({a.size()}));
        const array& expression = a;
        std::copy_n(expression.template begin<xt::layout_type::row_major>(), own->size(), own->data());
        return array_view<number>(own->data(), shape_of(a), own);
    }
}
template <class A>
using number_of = std::remove_cv_t<typename std::remove_cvref_t<A>::value_type>;
}  // namespace detail

/// Arrays of sequences as somebody holds them, those of a family's `sequences::fields` in their order: predict(ridge, arrays(x, y)).
/// Row-major ones without gaps are read where they are and must outlive it: xt::xtensor, xt::xarray, xt::adapt, blocks of rows of one, and
/// array_view of a pointer and a shape. A temporary is kept. A strided view, a column-major array and an expression are evaluated, once.
///
/// Tokens may be integers of any type, and real numbers of any that double represents exactly. Where the family's own type is another,
/// sequences are converted, some at a time; what would lose a number is refused.
template <class... T>
class arrays {
public:
    /// In the order of the family's fields.
    template <class... A>
        requires(sizeof...(A) == sizeof...(T) && (std::same_as<detail::number_of<A>, T> && ...))
    explicit arrays(A&&... a) : views_(detail::view_of_array(std::forward<A>(a))...) {}

    /// One an array.
    [[nodiscard]] const std::tuple<array_view<T>...>& views() const noexcept { return views_; }

private:
    std::tuple<array_view<T>...> views_;
};

template <class... A>
arrays(A&&...) -> arrays<detail::number_of<A>...>;

}  // namespace rationale

#endif
