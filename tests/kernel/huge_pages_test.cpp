// Arrays on both sides of the size from which memory is asked for in huge pages.
#include <doctest/doctest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "rationale/array.hpp"

namespace r = rationale;

TEST_CASE("arrays of any size keep their entries, and large ones start at a boundary of 2 MB") {
    constexpr std::size_t least = r::huge_page_allocator<double>::least / sizeof(double);
    for (std::size_t n : {std::size_t{0}, std::size_t{1}, least - 1, least, least + 1, 3 * least}) {
        auto a = r::unwritten<double, 2>({1, n});
        if (n >= least) CHECK(reinterpret_cast<std::uintptr_t>(a.data()) % (std::uintptr_t{1} << 21) == 0);
        for (std::size_t i = 0; i < n; ++i) a(0, i) = static_cast<double>(i);
        auto copy = a;
        const auto moved = std::move(copy);
        std::size_t same = 0;
        for (std::size_t i = 0; i < n; ++i) same += moved(0, i) == static_cast<double>(i);
        CHECK(same == n);
        a.resize({2, 5});
        a.fill(1);
        CHECK(a(1, 4) == 1);
        a = moved;
        CHECK(a == moved);
    }
}
