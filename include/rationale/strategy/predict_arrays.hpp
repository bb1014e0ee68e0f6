#ifndef RATIONALE_STRATEGY_PREDICT_ARRAYS_HPP
#define RATIONALE_STRATEGY_PREDICT_ARRAYS_HPP

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/arrays.hpp"
#include "rationale/strategy/strategies.hpp"
#include "rationale/strategy/strategy.hpp"
#include "rationale/task/field.hpp"

namespace rationale {

namespace detail {
/// Whether every From is a To; of integers each is looked at.
template <class To, class From>
constexpr bool is_widened =
    std::is_integral_v<To> ? std::is_integral_v<From> : std::numeric_limits<From>::digits <= std::numeric_limits<To>::digits;

/// Calls visit(field, array_view) for the fields of Owner's and the arrays in their place.
template <class Owner, class... T, class Visit>
void visit_arrays(const arrays<T...>& data, const Visit& visit) {
    constexpr std::size_t fields = std::tuple_size_v<std::remove_cvref_t<decltype(Owner::fields)>>;
    static_assert(sizeof...(T) == fields, "rationale::arrays: there must be one array for each of the family's sequences::fields");
    if constexpr (sizeof...(T) == fields) [&]<std::size_t... Index>(std::index_sequence<Index...>) {
            (visit(std::get<Index>(Owner::fields), std::get<Index>(data.views())), ...);
        }
    (std::index_sequence_for<T...>());
}
/// The type of the numbers of a field's own array.
template <class Owner, class Array>
typename Array::value_type number_of_field(const field<Owner, Array>&);

/// Throws std::invalid_argument unless the arrays are those of sequences of the family, but for numbers that are not finite.
template <class F, class... T>
[[nodiscard]] std::size_t sequence_count(const char* where, const F& family, const arrays<T...>& data) {
    const auto extent = [&](char letter) { return family.extent(letter); };
    array_checks checks(where, extent);
    visit_arrays<typename F::sequences>(data, [&]<class Field, class From>(const Field& f, const array_view<From>& a) {
        using number = decltype(number_of_field(f));
        static_assert(is_widened<number, From> || !std::is_integral_v<number>,
                      "rationale::arrays: an array of tokens, or of other integers, must hold integers");
        static_assert(is_widened<number, From> || std::is_integral_v<number>,
                      "rationale::arrays: an array of reals must hold numbers that double represents exactly, such as float and double");
        checks.check_rank(f.name, f.shape, a.dimension());
        if constexpr (is_widened<number, From>) checks.template check_array<false>(f, a);
    });
    return std::get<0>(data.views()).shape(0);
}
/// Throws std::invalid_argument for a number of sequence i that is not finite.
template <class F, class... T>
void check_rows(const char* where, const arrays<T...>& data, std::size_t i) {
    visit_arrays<typename F::sequences>(data, [&]<class From>(const auto& f, const array_view<From>& a) {
        if constexpr (std::is_floating_point_v<From>) check_row(where, f.name, std::vector<double>(a.row(i).begin(), a.row(i).end()), i);
    });
}

/// Whether a strategy can read sequences where they are, and not through copies in the family's own types.
template <class S, class... T>
inline constexpr bool reads_in_place = requires(const S& s, std::span<double> out, std::span<const T>... rows) {
    s.predict_sequence(s.family().view_of(rows...), out, out);
};

/// Copies entries `first` to `first` + count of the arrays into the family's own, which have room for more. Throws std::invalid_argument
/// for an integer that they do not represent.
template <class Owner, class... T>
void convert(const char* where, const arrays<T...>& data, std::size_t first, std::size_t count, Owner& to) {
    visit_arrays<Owner>(data, [&](const auto& f, const auto& a) {
        using number = decltype(number_of_field(f));
        const std::size_t each = a.size() / a.shape(0);
        for (std::size_t i = first * each; i < (first + count) * each; ++i) {
            const auto value = a.data()[i];
            if constexpr (std::is_integral_v<number>)
                if (!represents<number>(value))
                    throw std::invalid_argument(std::string(where) + ": " + std::string(f.name) + " holds " + std::to_string(+value) +
                                                " at flat position " + std::to_string(i) + ", must be from " +
                                                std::to_string((std::numeric_limits<number>::min)()) + " to " +
                                                std::to_string((std::numeric_limits<number>::max)()));
            (to.*f.member).data()[i - first * each] = static_cast<number>(value);
        }
    });
}
/// Calls run(first, n, view) for sequences from `first` on, view(i) being number first + i: for all at once where they can be read in
/// place, otherwise for blocks of 4 MiB, at least 16, in the family's own arrays.
template <class S, class... T, class Run>
void each_block(const char* where, const S& s, const arrays<T...>& data, std::size_t count, const Run& run) {
    const auto& family = s.family();
    if constexpr (reads_in_place<S, T...>) {
        run(std::size_t{0}, count,
            [&](std::size_t i) { return std::apply([&](const auto&... a) { return family.view_of(a.row(i)...); }, data.views()); });
    } else {
        typename family_of<S>::sequences room;
        std::size_t bytes = 1;
        visit_arrays<decltype(room)>(data, [&](const auto& f, const auto& a) {
            bytes += a.size() / (std::max)(count, std::size_t{1}) * sizeof(decltype(number_of_field(f)));
        });
        const std::size_t block = (std::min)(count, (std::max)((std::size_t{1} << 22) / bytes, std::size_t{16}));
        visit_arrays<decltype(room)>(data, [&](const auto& f, const auto& a) {
            auto& to = room.*f.member;
            typename std::remove_cvref_t<decltype(to)>::shape_type shape{block};
            for (std::size_t axis = 1; axis < shape.size(); ++axis) shape[axis] = a.shape(axis);
            to.resize(shape);
        });
        std::size_t first = 0;
        do {
            const std::size_t n = (std::min)(block, count - first);
            if (n > 0) convert(where, data, first, n, room);
            run(first, n, [&](std::size_t i) { return family.view(room, i); });
            first += n;
        } while (first < count);
    }
}
}  // namespace detail

/// `predict` of sequences in arrays of somebody else's, see arrays.hpp: the same numbers, bit for bit. Throws as it does, and where an
/// array has another number of axes.
template <strategy S, class... T>
[[nodiscard]] predictions predict(const S& s, const arrays<T...>& data, const any_executor& execute = sequential{},
                                  impossible_context policy = impossible_context::raise) {
    constexpr const char* where = "rationale::predict";
    detail::need_ieee(where);
    const std::size_t count = detail::sequence_count(where, s.family(), data);
    return detail::predict_blocks(
        s, count, [&](const auto& run) { detail::each_block(where, s, data, count, run); },
        [&](std::size_t i) { detail::check_rows<detail::family_of<S>>(where, data, i); }, execute, policy);
}

/// `log_evidence` of them.
template <strategy S, class... T>
[[nodiscard]] ndarray<double, 2> log_evidence(const S& s, const arrays<T...>& data, const any_executor& execute = sequential{}) {
    constexpr const char* where = "rationale::log_evidence";
    detail::need_ieee(where);
    const std::size_t count = detail::sequence_count(where, s.family(), data);
    return detail::log_evidence_of_blocks(
        s, count, [&](const auto& run) { detail::each_block(where, s, data, count, run); },
        [&](std::size_t i) { detail::check_rows<detail::family_of<S>>(where, data, i); }, execute);
}

/// `predict_all` of them.
template <list_of_strategies L, class... T>
[[nodiscard]] std::vector<predictions> predict_all(const L& all, const arrays<T...>& data, const any_executor& execute = sequential{},
                                                   impossible_context policy = impossible_context::raise) {
    std::vector<predictions> out;
    all.for_each([&](std::size_t, const auto& s) { out.push_back(predict(s, data, execute, policy)); });
    return out;
}

}  // namespace rationale

#endif
