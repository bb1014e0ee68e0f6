#include "rationale/learner/jet.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstddef>

namespace r = rationale;

namespace {
/// The derivatives of f at (x, y) are those of its central differences.
template <class F>
void check(const F& f, double x, double y) {
    using jet = r::jet<2>;
    CAPTURE(x);
    CAPTURE(y);
    const jet found = f(jet::variable(x, 0), jet::variable(y, 1));
    const double h = 1e-4;
    const auto at = [&](double i, double j) { return f(x + i * h, y + j * h); };
    CHECK(found.value == doctest::Approx(at(0, 0)).epsilon(1e-14));
    CHECK(found.gradient[0] == doctest::Approx((at(1, 0) - at(-1, 0)) / (2 * h)).epsilon(1e-6));
    CHECK(found.gradient[1] == doctest::Approx((at(0, 1) - at(0, -1)) / (2 * h)).epsilon(1e-6));
    CHECK(found.hessian[0] == doctest::Approx((at(1, 0) - 2 * at(0, 0) + at(-1, 0)) / (h * h)).epsilon(1e-5));
    CHECK(found.hessian[3] == doctest::Approx((at(0, 1) - 2 * at(0, 0) + at(0, -1)) / (h * h)).epsilon(1e-5));
    const double mixed = (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / (4 * h * h);
    CHECK(found.hessian[1] == doctest::Approx(mixed).epsilon(1e-5));
    CHECK(found.hessian[2] == doctest::Approx(mixed).epsilon(1e-5));
}
}  // namespace

TEST_CASE("a formula of every operation has the derivatives of its differences") {
    for (const double x : {.3, 1.2, 2.5})
        for (const double y : {.4, .9, 1.7}) {
            check([](auto a, auto b) { return a * b + a / b - (-a - b); }, x, y);
            check([](auto a, auto b) { return exp(a * b) + log(a + b) + pow(a, b); }, x, y);
            check([](auto a, auto b) { return sqrt(a * b + 1.) * tanh(a - 2. * b); }, x, y);
            check([](auto a, auto b) { return log1p(a * b) - expm1(b - a); }, x, y);
            check(
                [](auto a, auto b) {
                    auto sum = a;
                    sum *= b, sum += a, sum -= b * b, sum /= a + b;
                    return a > b ? sum : sum * 2.;
                },
                x, y);
        }
}
