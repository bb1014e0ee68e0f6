// Prior masses of a range of memories.
#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <limits>

#include "rationale/analysis/detail/remember.hpp"

namespace r = rationale;

TEST_CASE(
    "a range of precisions has mass one, shared by width or preferring to remember little; what stands beside it has mass one or none") {
    const r::precision_grid grid(16);
    const auto even = r::detail::log_masses(grid, true, false), little = r::detail::log_masses(grid, false, true, true);
    REQUIRE(even.size() == grid.size() + 2);
    double sum = 0, sum_little = 0, mean = 0, mean_little = 0, low = 0, high = 0;
    for (std::size_t i = 0; i < grid.size(); ++i) {
        const double p = std::exp(even[i]), q = std::exp(little[i]);
        sum += p, mean += p * grid.share[i];
        sum_little += q, mean_little += q * grid.share[i];
        (grid.share[i] < .5 ? low : high) += q;
        CHECK(q / p == doctest::Approx(2 * (1 - grid.share[i])));
    }
    CHECK(sum == doctest::Approx(1));
    CHECK(mean == doctest::Approx(.5));
    CHECK(sum_little == doctest::Approx(1));
    CHECK(mean_little == doctest::Approx(1. / 3));  // of the density 2 (1-s)
    CHECK(low > high);
    constexpr double none = -std::numeric_limits<double>::infinity();
    CHECK(even[grid.size()] == 0);
    CHECK(even[grid.size() + 1] == none);
    CHECK(little[grid.size()] == none);
    CHECK(little[grid.size() + 1] == 0);
    const auto one = r::detail::log_masses_of_one(grid, 5);
    for (std::size_t i = 0; i < one.size(); ++i) CHECK(one[i] == (i == 5 || i == grid.size() ? 0 : none));
}
