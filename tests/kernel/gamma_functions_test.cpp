#include <doctest/doctest.h>
#include <math.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "rationale/kernel/gamma_functions.hpp"

namespace r = rationale;

TEST_CASE("log Gamma is the C library's in extended precision, and leaves its global sign alone") {
    const auto close = [](double x, long double expected) {
        INFO(x);
        const double exact = static_cast<double>(expected);
        CHECK(std::abs(r::detail::log_gamma(x) - exact) <= (std::max)(1e-14, 1e-15 * std::abs(exact)));
    };
    for (double x = 1e-300; x < 1e300; x *= 1.37) close(x, std::lgamma(static_cast<long double>(x)));
    for (double x = 0.01; x < 20; x += 0.01) close(x, std::lgamma(static_cast<long double>(x)));
    double factorial = 0;
    for (int n = 1; n < 100; ++n) close(n, factorial), factorial += std::log(n);
    close(0.5, 0.5L * std::log(std::numbers::pi_v<long double>));
    signgam = 7;
    CHECK(r::detail::log_gamma(3) == doctest::Approx(std::log(2)));
    CHECK(signgam == 7);
}

TEST_CASE("x digamma(x) - log Gamma(x) - x keeps its digits where its terms cancel") {
    for (const auto& [x, exact] : {std::pair{.001, -7.908754457315664},
                                   {.5, -2.0541199559354118},
                                   {9.75, -.29738697336614644},
                                   {10., -.28430158941425853},
                                   {12.5, -.1694018710000451},
                                   {1000., 2.0347724396308402},
                                   {1e15, 15.85044966425067}})  // mpmath
        CHECK(std::abs(r::detail::digamma_remainder(x) - exact) < 1e-14 * (std::max)(1.0, std::abs(exact)));
}

TEST_CASE("digamma is the slope of log Gamma") {
    for (double x = 0.01; x < 1e4; x *= 1.1) {
        const double h = 1e-4 * x;
        CHECK(r::detail::digamma(x) ==
              doctest::Approx((r::detail::log_gamma(x + h) - r::detail::log_gamma(x - h)) / (2 * h)).epsilon(1e-6));
    }
    CHECK(r::detail::digamma(1) == doctest::Approx(-0.57721566490153286).epsilon(1e-14));
}
