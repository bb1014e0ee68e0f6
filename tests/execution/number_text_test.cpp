#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>

#include "rationale/number_text.hpp"

namespace r = rationale;

TEST_CASE("numbers as text are printf's in the C locale, to the last digit") {
    std::uint64_t bits = 1;
    for (int i = 0; i < 20000; ++i) {
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        const double any = std::bit_cast<double>(bits),
                     usual = std::ldexp(static_cast<double>(bits >> 11), -53 - static_cast<int>(bits % 40));
        for (const double x : {any, usual, -usual, std::round(1e6 * usual)}) {
            if (std::isnan(x)) continue;
            for (const int digits : {2, 6, 10}) {
                char text[400];
                std::snprintf(text, sizeof text, "%.*g", digits, x);
                REQUIRE(r::significant(x, digits) == text);
                std::snprintf(text, sizeof text, "%.*f", digits, x);
                REQUIRE(r::decimals(x, digits) == text);
                REQUIRE(r::significant(r::rounded(x, digits), digits) == r::significant(x, digits));
            }
        }
    }
    CHECK(r::significant(0.25) == "0.25");
    CHECK(r::significant(-std::numeric_limits<double>::infinity()) == "-inf");
    CHECK(r::decimals(-(std::numeric_limits<double>::max)(), 2).size() == 313);
    CHECK(r::rounded(1.23456, 3) == 1.23);
    CHECK(r::significant_or("-", 1.5) == "1.5");
    CHECK(r::decimals_or("-", 1.5, 2) == "1.50");
    CHECK(r::significant_or("-", std::numeric_limits<double>::quiet_NaN()) == "-");
    CHECK(r::decimals_or("-", std::numeric_limits<double>::quiet_NaN(), 2) == "-");
}
