#ifndef RATIONALE_TASK_FIELD_HPP
#define RATIONALE_TASK_FIELD_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "rationale/check.hpp"
#include "rationale/function_ref.hpp"

namespace rationale {

/// One array of a family, declared once: readers, writers, checks and error messages all use the declaration.
///
/// The array is an ndarray of double, std::int32_t or std::int64_t. `shape` has one letter an axis. S sequences, D tasks, N checkpoints and
/// T positions are bound by the first array that has them; every other letter is a dimension of the family, see its `extent(char)`.
/// `below`, when given, says that entries are integers in [0, extent(below)); without it any integer that the array holds is one.
template <class Owner, class Array>
struct field {
    std::string_view name;   ///< in files and messages
    Array Owner::*member;    ///< the array
    std::string_view shape;  ///< a letter each axis
    char below = 0;          ///< letter of the extent that bounds its integers, or 0
};

template <class Owner, class Array>
field(std::string_view, Array Owner::*, std::string_view) -> field<Owner, Array>;
template <class Owner, class Array>
field(std::string_view, Array Owner::*, std::string_view, char) -> field<Owner, Array>;

/// One parameter of a family: an integer, true or false, a number, an optional number (the family has a default) or a list of numbers.
template <class Owner, class Value>
struct parameter_field {
    std::string_view name;  ///< in files and messages
    Value Owner::*member;   ///< the parameter
    bool required = false;  ///< whether a manifest must have it
};

template <class Owner, class Value>
parameter_field(std::string_view, Value Owner::*) -> parameter_field<Owner, Value>;
template <class Owner, class Value>
parameter_field(std::string_view, Value Owner::*, bool) -> parameter_field<Owner, Value>;

namespace detail {
template <class Owner, class Array>
constexpr bool is_declared_well(const field<Owner, Array>& f) {
    if (f.shape.size() != std::tuple_size<typename Array::shape_type>::value) return false;
    for (char letter : f.shape)
        if (!(letter >= 'A' && letter <= 'Z') && !(letter >= 'a' && letter <= 'z')) return false;
    return true;
}
template <class Owner, class Value>
constexpr bool is_declared_well(const parameter_field<Owner, Value>&) {
    return true;
}
template <class Owner, class Array>
constexpr bool is_recordable(const field<Owner, Array>&) {
    using number = typename Array::value_type;
    return std::is_same_v<number, double> || std::is_same_v<number, std::int32_t> || std::is_same_v<number, std::int64_t>;
}
template <class Owner, class Value>
constexpr bool is_recordable(const parameter_field<Owner, Value>&) {
    return true;
}
}  // namespace detail

/// Calls visit(field) for every declared array or parameter of Owner, in order.
template <class Owner, class Visit>
constexpr void for_each_field(Visit&& visit) {
    static_assert(std::apply([](const auto&... f) { return (detail::is_declared_well(f) && ...); }, Owner::fields),
                  "rationale::field: the shape must have one letter for each axis of the array");
    static_assert(std::apply([](const auto&... f) { return (detail::is_recordable(f) && ...); }, Owner::fields),
                  "rationale::field: the array must hold double, std::int32_t or std::int64_t");
    std::apply([&](const auto&... fields) { (visit(fields), ...); }, Owner::fields);
}

/// Gives every array of `owner` the declared shape; `extent` maps a letter to a length.
template <class Owner, class Extent>
void allocate(Owner& owner, Extent&& extent) {
    for_each_field<Owner>([&](const auto& f) {
        auto& a = owner.*f.member;
        typename std::remove_cvref_t<decltype(a)>::shape_type shape{};
        for (std::size_t i = 0; i < f.shape.size(); ++i) shape[i] = extent(f.shape[i]);
        a.resize(shape);
        std::fill(a.begin(), a.end(), 0);
    });
}

namespace detail {
/// Throws std::invalid_argument unless the numbers of an array's entry `index` along the first axis are finite.
inline void check_row(std::string_view where, std::string_view name, std::span<const double> entry, std::size_t index) {
    if (const std::size_t i = first_not_finite(entry); i < entry.size())
        throw std::invalid_argument(std::string(where) + ": " + std::string(name) + " holds " + number_text(entry[i]) +
                                    " at flat position " + std::to_string(index * entry.size() + i) + ", must be finite");
}
/// That entry's numbers.
template <class Array>
[[nodiscard]] auto entry_of(const Array& a, std::size_t index) {
    const std::size_t size = a.size() / a.shape(0);
    return std::span(a.data() + index * size, size);
}
/// The same for every array of reals.
template <class Owner>
void check_rows(std::string_view where, const Owner& owner, std::size_t index) {
    for_each_field<Owner>([&](const auto& f) {
        const auto& a = owner.*f.member;
        if constexpr (std::is_floating_point_v<typename std::remove_cvref_t<decltype(a)>::value_type>)
            check_row(where, f.name, entry_of(a, index), index);
    });
}
}  // namespace detail

namespace detail {
/// How many tasks, or sequences, the owner of arrays has.
template <class Owner>
[[nodiscard]] std::size_t count_of(const Owner& owner) {
    return std::apply([&](const auto& first, const auto&...) { return (owner.*first.member).shape(0); }, Owner::fields);
}
/// Checks arrays of an owner one after the other: their lengths bind letters.
class array_checks {
public:
    /// `extent` maps a letter to its length, or to 0 where it is free, and is not kept.
    array_checks(std::string_view where, function_ref<std::size_t(char)> extent) : where_(where), extent_(extent) {}

    /// Of an array that has data(), size(), shape(axis) and value_type: its lengths, its integers, and that its other numbers are finite
    /// where they are not looked at later. Numbers are those of all entries along the first axis, or of `only` one of them.
    template <bool Finite, class Field, class Array>
    void check_array(const Field& f, const Array& a, std::optional<std::size_t> only = std::nullopt) {
        check_lengths(f.name, f.shape, [&](std::size_t axis) { return a.shape(axis); });
        using number = typename Array::value_type;
        const std::size_t first = only.value_or(0), last = only ? *only + 1 : a.shape(0);
        if constexpr (std::is_floating_point_v<number>) {
            if constexpr (Finite)
                for (std::size_t i = first; i < last; ++i) check_row(where_, f.name, entry_of(a, i), i);
        } else if (f.below != 0) {
            const std::size_t each = a.size() / (std::max)(a.shape(0), std::size_t{1});
            check_integers<number>(f.name, std::span(a.data(), a.size()).subspan(first * each, (last - first) * each), f.below,
                                   first * each);
        }
    }
    /// Of an array with a letter an axis.
    void check_rank(std::string_view name, std::string_view shape, std::size_t axes) const {
        if (axes != shape.size())
            fail(name,
                 " has " + std::to_string(axes) + " axes, must have " + std::to_string(shape.size()) + " (" + std::string(shape) + ")");
    }
    /// Of an array with a letter an axis, of length_of(axis).
    void check_lengths(std::string_view name, std::string_view shape, function_ref<std::size_t(std::size_t)> length_of) {
        for (std::size_t i = 0; i < shape.size(); ++i) {
            const std::size_t found = length_of(i);
            auto& bound = bound_[static_cast<std::size_t>(shape[i])];
            if (bound == unknown) {
                const std::size_t declared = extent_(shape[i]);
                bound = declared != 0 ? declared : found;
            }
            if (found != bound)
                fail(name, " has length " + std::to_string(found) + " on axis " + std::to_string(i) + " (" + shape[i] + "), must be " +
                               std::to_string(bound));
        }
    }
    /// Of integers from flat position `begin` on, which must be in [0, extent(below)).
    template <class Number>
    void check_integers(std::string_view name, std::span<const Number> numbers, char below, std::size_t begin) const {
        const auto limit = extent_(below);
        // Whether any is wrong, in a loop without an exit; which one, only then.
        using whole = std::conditional_t<std::is_same_v<Number, bool>, unsigned char, Number>;
        std::make_unsigned_t<whole> largest = 0;  // as an unsigned number a negative one is larger than any other
        for (const Number value : numbers) largest = (std::max)(largest, static_cast<decltype(largest)>(value));
        if (numbers.empty() || largest < limit) return;
        if (limit == 0) fail(name, std::string(" has entries below the extent of ") + below + ", which the family does not know");
        for (std::size_t i = 0; i < numbers.size(); ++i)
            if (static_cast<decltype(largest)>(numbers[i]) >= limit)
                fail(name, " holds " + std::to_string(+numbers[i]) + " at flat position " + std::to_string(begin + i) + ", must be in 0.." +
                               std::to_string(limit - 1));
    }

private:
    static constexpr std::size_t unknown = static_cast<std::size_t>(-1);

    [[noreturn]] void fail(std::string_view name, const std::string& what) const {
        throw std::invalid_argument(std::string(where_) + ": " + std::string(name) + what);
    }

    std::string_view where_;
    function_ref<std::size_t(char)> extent_;
    std::array<std::size_t, 128> bound_ = [] {
        std::array<std::size_t, 128> out{};
        out.fill(unknown);
        return out;
    }();
};

/// check_fields for arrays that `array_of(field)` finds, by array_checks::check.
template <bool Finite, class Owner, class ArrayOf>
void check_arrays(std::string_view where, const ArrayOf& array_of, function_ref<std::size_t(char)> extent,
                  std::optional<std::size_t> only = std::nullopt) {
    array_checks checks(where, extent);
    for_each_field<Owner>([&](const auto& f) { checks.check_array<Finite>(f, array_of(f), only); });
}

}  // namespace detail

/// Throws std::invalid_argument, naming the array, unless every array of `owner` has the declared shape, its integers lie in their range
/// and its other numbers, unless they are looked at later, are finite. `extent` maps a letter to its length, or to 0 where it is free: then
/// the first array that has the letter binds it.
template <bool Finite = true, class Owner>
void check_fields(std::string_view where, const Owner& owner, function_ref<std::size_t(char)> extent) {
    detail::check_arrays<Finite, Owner>(
        where, [&](const auto& f) -> const auto& { return owner.*f.member; }, extent);
}

}  // namespace rationale

#endif
