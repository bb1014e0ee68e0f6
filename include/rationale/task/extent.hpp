#ifndef RATIONALE_TASK_EXTENT_HPP
#define RATIONALE_TASK_EXTENT_HPP

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/check.hpp"
#include "rationale/fwd.hpp"

namespace rationale {

/// A dimension of a family: a constant when Fixed is one, so that kernels unroll over it, and a stored number when it is `dynamic`.
template <std::size_t Fixed>
class extent {
public:
    /// `value` 0 stands for the fixed dimension. Throws std::invalid_argument when it is below `least` or contradicts the fixed one.
    extent(const char* where, const char* name, std::size_t value, std::size_t least) {
        if (value != 0 && value != Fixed)
            throw std::invalid_argument(std::string(where) + ": " + name + " is " + std::to_string(value) + ", must be " +
                                        std::to_string(Fixed) + " as the type says");
        static_assert(Fixed > 0);
        if (Fixed < least)
            throw std::invalid_argument(std::string(where) + ": " + name + " is " + std::to_string(Fixed) + ", must be at least " +
                                        std::to_string(least));
    }
    [[nodiscard]] static constexpr std::size_t size() noexcept { return Fixed; }
    /// Calls visit(0), visit(1), ...: written out for a small extent, so that what is indexed by them can stay in registers.
    template <class Visit>
    static constexpr void each(const Visit& visit) {
        if constexpr (Fixed <= 16) [&]<std::size_t... Index>(std::index_sequence<Index...>) {
                (visit(Index), ...);
            }
        (std::make_index_sequence<Fixed>{});
        else for (std::size_t i = 0; i < Fixed; ++i) visit(i); }
};

/// A dimension that is known at run time only.
template <>
class extent<dynamic> {
public:
    extent(const char* where, const char* name, std::size_t value, std::size_t least) : value_(value) {
        if (value < least)
            throw std::invalid_argument(std::string(where) + ": " + name + " is " + std::to_string(value) + ", must be at least " +
                                        std::to_string(least));
    }
    [[nodiscard]] std::size_t size() const noexcept { return value_; }
    /// Calls visit(i) for each i in it.
    template <class Visit>
    constexpr void each(const Visit& visit) const {
        for (std::size_t i = 0; i < value_; ++i) visit(i);
    }

private:
    std::size_t value_;
};

/// As many entries as an extent has, first T(): where it is dynamic a few of them need no memory from the heap.
template <class T, std::size_t Fixed>
class short_array : public std::array<T, Fixed> {
public:
    /// Of the fixed size.
    explicit short_array(std::size_t) : std::array<T, Fixed>{} {}
};

/// The same where the size is known at run time alone.
template <class T>
class short_array<T, dynamic> {
public:
    /// Of that size.
    explicit short_array(std::size_t size) : more_(size > few_.size() ? size : 0) {}
    /// Entry i.
    [[nodiscard]] T& operator[](std::size_t i) noexcept { return more_.empty() ? few_[i] : more_[i]; }
    /// Entry i.
    [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return more_.empty() ? few_[i] : more_[i]; }

private:
    std::array<T, 16> few_{};
    std::vector<T> more_;
};

}  // namespace rationale

#endif
