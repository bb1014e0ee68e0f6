#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "rationale/softmax.hpp"

namespace r = rationale;

namespace {
constexpr double none = -std::numeric_limits<double>::infinity();
}

TEST_CASE("log-sum-exp and softmax, by hand and where exp alone overflows or vanishes") {
    const std::vector<double> logs{std::log(.2), std::log(.5), std::log(.3)};
    CHECK(r::log_sum_exp(logs) == doctest::Approx(0).epsilon(1e-15));
    for (double shift : {-1e4, 0., 1e4}) {
        std::vector<double> x = logs;
        for (double& v : x) v += shift;
        CHECK(r::log_sum_exp(x) == doctest::Approx(shift).epsilon(1e-15));
        const auto w = r::softmax(x), log_w = r::log_softmax(x);
        auto in_place = x;
        CHECK(r::detail::softmax_in_place(in_place) == r::log_sum_exp(x));
        CHECK(in_place == w);
        for (std::size_t i = 0; i < 3; ++i) {
            CHECK(w[i] == doctest::Approx(std::exp(logs[i])).epsilon(1e-11));  // the shift itself is rounded
            CHECK(log_w[i] == doctest::Approx(logs[i]).epsilon(1e-11));
        }
    }
    CHECK(r::log_softmax({0, -2000})[1] == -2000);  // whose weight is 0
    CHECK(r::softmax({0, -2000})[1] == 0);
}

TEST_CASE("what has no mass gets none, and nothing but that has no distribution") {
    CHECK(r::softmax({1, none, 1}) == std::vector<double>{.5, 0, .5});
    CHECK(r::log_softmax({1, none})[1] == none);
    CHECK(r::log_sum_exp(std::vector{none, none}) == none);
    CHECK(r::log_sum_exp({}) == none);
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(std::isnan(r::log_sum_exp(std::vector{nan, none})));
    CHECK(std::isnan(r::log_sum_exp(std::vector{nan, 1.0})));
    std::vector<double> x{none, none};
    CHECK(r::detail::softmax_in_place(x) == none);
    CHECK(std::isnan(x[0]));
    CHECK_THROWS_WITH_AS((void)r::softmax({}), "rationale::softmax: the number of values is 0, must be at least 1", std::invalid_argument);
    CHECK_THROWS_WITH_AS((void)r::log_softmax({}), "rationale::log_softmax: the number of values is 0, must be at least 1",
                         std::invalid_argument);
}
