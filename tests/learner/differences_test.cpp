// Derivatives by differences against those of formulas, inside a box and at its bounds.
#include "rationale/learner/differences.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace r = rationale;

TEST_CASE("derivatives by differences agree with those of formulas, inside a box and at its bounds, and stay in it") {
    const std::vector<double> lower{0, -3}, upper{1, 40};
    // e^(3x) sin y and x^4 y^2
    int calls = 0;
    const auto f = [&](std::span<const double> u, std::span<double> out) {
        ++calls;
        for (std::size_t i = 0; i < 2; ++i) CHECK((lower[i] <= u[i] && u[i] <= upper[i]));
        out[0] = std::exp(3 * u[0]) * std::sin(u[1]), out[1] = (u[0] * u[0]) * (u[0] * u[0]) * u[1] * u[1];
    };
    for (double x : {0.4, 0., 1.})
        for (double y : {0.7, -3., 40.}) {
            const bool inside = x == 0.4 && y == 0.7;
            r::values_and_derivatives d;
            calls = 0;
            r::differentiate_by_values(f, std::vector{x, y}, lower, upper, 2, d);
            CHECK(calls <= (inside ? 1 + 2 * 2 + 2 * 4 : 1 + 2 * 2 + 2 * 4 + 7));
            const double e = std::exp(3 * x), x2 = x * x;
            const std::vector<double> value{e * std::sin(y), x2 * x2 * y * y},
                gradient{3 * e * std::sin(y), e * std::cos(y), 4 * x2 * x * y * y, 2 * x2 * x2 * y},
                hessian{9 * e * std::sin(y), 3 * e * std::cos(y), 3 * e * std::cos(y), -e * std::sin(y),
                        12 * x2 * y * y,     8 * x2 * x * y,      8 * x2 * x * y,      2 * x2 * x2};
            CHECK(d.value == value);
            for (std::size_t i = 0; i < 4; ++i) CHECK(std::abs(d.gradient[i] - gradient[i]) < 1e-9 * (1 + y * y));
            for (std::size_t i = 0; i < 8; ++i) CHECK(std::abs(d.hessian[i] - hessian[i]) < (inside ? 1e-6 : 1e-5 * (1 + y * y)));
        }
}

TEST_CASE("functions that change within a step have the derivatives of their own scale") {
    for (double steepness : {10., 1e3, 1e5}) {
        const auto logistic = [=](std::span<const double> u, std::span<double> out) { out[0] = 1 / (1 + std::exp(-steepness * u[0])); };
        for (double x : {0., 1., -2.5}) {  // in units of the transition's width
            r::values_and_derivatives d;
            r::differentiate_by_values(logistic, std::vector{x / steepness}, std::vector{-1.}, std::vector{1.}, 1, d);
            const double p = 1 / (1 + std::exp(-x)), slope = p * (1 - p);
            CHECK(d.gradient[0] == doctest::Approx(steepness * slope).epsilon(1e-7));
            CHECK(d.hessian[0] / (steepness * steepness) == doctest::Approx(slope * (1 - 2 * p)).epsilon(1e-5));
        }
    }
}

TEST_CASE("a variable whose bounds are equal has derivatives of 0, and steps fit between close bounds") {
    const auto f = [](std::span<const double> u, std::span<double> out) { out[0] = u[0] * u[0] * u[1]; };
    const std::vector<double> lower{2, 1}, upper{2, 1 + 1e-6};
    r::values_and_derivatives d;
    r::differentiate_by_values(f, std::vector{2., 1.}, lower, upper, 1, d);
    CHECK(d.gradient[0] == 0);
    CHECK(d.gradient[1] == doctest::Approx(4).epsilon(1e-6));
    CHECK(d.hessian[0] == 0);
    CHECK(d.hessian[1] == 0);
}
