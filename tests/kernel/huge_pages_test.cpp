// Arrays of any size, those that hold whole huge pages and those that do not, and arrays that are moved in.
#include <doctest/doctest.h>

#include <cstddef>
#include <utility>

#include "rationale/array.hpp"

namespace r = rationale;

TEST_CASE("arrays of any size keep their entries, whatever pages they lie in") {
    constexpr std::size_t page = (std::size_t{1} << 21) / sizeof(double);
    for (std::size_t n : {std::size_t{0}, std::size_t{1}, page - 1, page, 2 * page + 1, 5 * page}) {
        auto a = r::unwritten<double, 2>({1, n});
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
        const auto all = r::filled<float, 1>({n}, 3);
        std::size_t three = 0;
        for (const float x : all) three += x == 3;
        CHECK(three == n);
    }
}

TEST_CASE("an xtensor that is moved in is taken over, and one of the library's is an xtensor") {
    xt::xtensor<double, 2> mine({300, 200}, 2.5);
    const double* const entries = mine.data();
    r::ndarray<double, 2> taken(std::move(mine));
    CHECK(taken.data() == entries);
    xt::xtensor<double, 2> other({300, 200}, 1.5);
    const double* const others = other.data();
    taken = std::move(other);
    CHECK(taken.data() == others);
    xt::xtensor<double, 2> back(std::move(static_cast<xt::xtensor<double, 2>&>(taken)));
    CHECK(back.data() == others);
    xt::xtensor<double, 2> third({4, 5}, 1);
    taken = {{1, 2}, {3, 4}};  // and a list is one
    CHECK(taken(1, 0) == 3);
    taken = third;  // a copy, of what stays
    CHECK(taken.data() != third.data());
    CHECK(taken == third);
}
