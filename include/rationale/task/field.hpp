#ifndef RATIONALE_TASK_FIELD_HPP
#define RATIONALE_TASK_FIELD_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace rationale {

/// One array of a family, declared once: readers, writers, checks and error messages all use the declaration.
///
/// `shape` has one letter an axis. S sequences, D tasks, N checkpoints and T positions are bound by the first array that has
/// them; every other letter is a dimension of the family, see its `extent(char)`. `below`, when given, says that entries are
/// integers in [0, extent(below)).
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

/// Calls visit(field) for every declared array or parameter of Owner, in order.
template <class Owner, class Visit>
constexpr void for_each_field(Visit&& visit) {
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

/// Throws std::invalid_argument, naming the array, unless every array of `owner` has the declared shape and its integers lie in their
/// range. `extent` maps a letter to its length, or to 0 where it is free: then the first array that has the letter binds it.
template <class Owner, class Extent>
void check_fields(std::string_view where, const Owner& owner, Extent&& extent) {
    std::array<std::size_t, 128> bound{};
    std::array<bool, 128> known{};
    for_each_field<Owner>([&](const auto& f) {
        const auto& a = owner.*f.member;
        const auto fail = [&](const std::string& what) {
            throw std::invalid_argument(std::string(where) + ": " + std::string(f.name) + what);
        };
        for (std::size_t i = 0; i < f.shape.size(); ++i) {
            const auto letter = static_cast<std::size_t>(f.shape[i]);
            if (!known[letter]) {
                const std::size_t declared = extent(f.shape[i]);
                bound[letter] = declared != 0 ? declared : a.shape(i);
                known[letter] = true;
            }
            if (a.shape(i) != bound[letter])
                fail(" has length " + std::to_string(a.shape(i)) + " on axis " + std::to_string(i) + " (" + f.shape[i] + "), must be " +
                     std::to_string(bound[letter]));
        }
        if (f.below == 0) return;
        const auto limit = extent(f.below);
        // Whether any is wrong, in a loop without an exit; which one, only then.
        using number = typename std::remove_cvref_t<decltype(a)>::value_type;
        if constexpr (std::is_integral_v<number>) {
            std::make_unsigned_t<number> largest = 0;  // as an unsigned number a negative one is larger than any other
            for (const number value : std::span(a.data(), a.size())) largest = (std::max)(largest, static_cast<decltype(largest)>(value));
            if (a.size() == 0 || largest < limit) return;
        }
        for (std::size_t i = 0; i < a.size(); ++i) {
            const auto value = static_cast<std::int64_t>(a.data()[i]);
            if (value < 0 || static_cast<std::size_t>(value) >= limit)
                fail(" holds " + std::to_string(value) + " at flat position " + std::to_string(i) + ", must be in 0.." +
                     std::to_string(limit - 1));
        }
    });
}

}  // namespace rationale

#endif
