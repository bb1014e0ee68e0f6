// Vectors of which the first entries are not on the heap.
#include "rationale/kernel/short_vector.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <vector>

using ints = rationale::kernel::short_vector<int, 3>;

namespace {
std::vector<int> entries(const ints& of) { return {of.begin(), of.end()}; }
}  // namespace

TEST_CASE("a short vector has what a vector has, in its own room and beyond it") {
    std::vector<int> expected;
    ints of;
    CHECK(of.empty());
    for (int i = 0; i < 20; ++i) {
        of.push_back(i);
        expected.push_back(i);
        CHECK(entries(of) == expected);
        of[of.size() / 2] = expected[expected.size() / 2] = -i;
    }
    of.resize(5), expected.resize(5);
    of.resize(9, 7), expected.resize(9, 7);
    CHECK(entries(of) == expected);
    of.push_back(of[0]);  // an entry of its own
    CHECK(of[9] == expected[0]);
    of.clear();
    CHECK(of.empty());
    CHECK(entries(ints(2)) == std::vector<int>{0, 0});
    CHECK(entries(ints(5, 4)) == std::vector<int>(5, 4));
}

TEST_CASE("copies of a short vector are apart from it") {
    for (const std::size_t size : {std::size_t{0}, std::size_t{2}, std::size_t{3}, std::size_t{4}, std::size_t{50}})
        for (const std::size_t before : {std::size_t{0}, std::size_t{3}, std::size_t{10}}) {
            ints of(size, 1);
            ints copy = of, assigned(before, 2);
            assigned = of;
            of.resize(size + 1, 5);
            for (int& x : of) x = 9;
            CHECK(entries(copy) == std::vector<int>(size, 1));
            CHECK(entries(assigned) == std::vector<int>(size, 1));
            const ints& itself = assigned;
            assigned = itself;
            CHECK(entries(assigned) == std::vector<int>(size, 1));
        }
}
