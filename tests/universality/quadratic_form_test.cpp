#include "rationale/universality/detail/quadratic_form.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "rationale/random/samplers.hpp"
#include "rationale/strategy/parameter_grid.hpp"
#include "rationale/symmetric.hpp"

namespace r = rationale;
namespace d = rationale::detail;

TEST_CASE("incomplete gamma probabilities are those of exponential, Erlang and squared normal variables") {
    for (double x : {1e-8, .1, .9, 1.0, 2.5, 7., 30.}) {
        CHECK(d::log_gamma_probability(1, x) == doctest::Approx(std::log(-std::expm1(-x))).epsilon(1e-13));
        CHECK(d::log_gamma_probability(.5, x) == doctest::Approx(std::log(std::erf(std::sqrt(x)))).epsilon(1e-13));
        if (x < .1) continue;                   // the sums below are no doubles
        double above = 0, term = std::exp(-x);  // Erlang of 40
        for (int k = 0; k < 40; ++k) above += term, term *= x / (k + 1);
        double below = term;
        for (int k = 41; k < 400; ++k) term *= x / k, below += term;
        CHECK(d::log_gamma_probability(40, x) == doctest::Approx(x < 30 ? std::log(below) : std::log1p(-above)).epsilon(1e-12));
    }
    CHECK(d::log_gamma_probability(2, 0) == d::no_mass);
    CHECK(d::log_gamma_probability(1e4, 1e4) == doctest::Approx(std::log(.5013298)).epsilon(1e-6));
}

TEST_CASE("one squared Gaussian is an interval's probability, two an integral over the first") {
    const auto below = [](double x) { return .5 * std::erfc(-x / std::numbers::sqrt2); };
    const auto interval = [&](double scale, double offset, double x) {
        const double half = std::sqrt(x / scale);
        return below(half - offset) - below(-half - offset);
    };
    const auto grid = r::gauss_legendre(200, -.5 * std::numbers::pi, .5 * std::numbers::pi);
    for (double x : {.01, .7, 4., 60.})
        for (double offset : {0., .3, 2.}) {
            const std::vector<double> one{1.7}, at{offset};
            CHECK(std::exp(d::quadratic_form_probability(one, at, x).lower) == doctest::Approx(interval(1.7, offset, x)).epsilon(1e-11));
            for (double other : {1.8, 5., 40.}) {
                // z_2 = sqrt(x/other) sin(angle) - .4
                double sum = 0;
                for (std::size_t i = 0; i < grid.size(); ++i) {
                    const double root = std::sqrt(x / other), z = root * std::sin(grid.value[i]) - .4;
                    sum += grid.width[i] * root * std::cos(grid.value[i]) * std::exp(-.5 * z * z) / std::sqrt(2 * std::numbers::pi) *
                           interval(1.7, offset, x - other * (z + .4) * (z + .4));
                }
                const auto found = d::quadratic_form_probability(std::vector{1.7, 0., other}, std::vector{offset, 9., .4}, x);
                CHECK(std::exp(found.lower) == doctest::Approx(sum).epsilon(1e-10));
                CHECK(found.upper == found.lower);
            }
        }
}

TEST_CASE("an unlikely form keeps the digits of its logarithm, and a form that takes too many terms says between what it lies") {
    // 64 equal scales: (x/2)^32/32! and no more, for small x.
    const std::vector<double> ones(64, 1.0), zeros(64);
    const double x = 1e-12;
    CHECK(d::quadratic_form_probability(ones, zeros, x).lower == doctest::Approx(32 * std::log(x / 2) - std::lgamma(33.)).epsilon(1e-12));
    // Far off: noncentrality 3000, so that no coefficient is a double by itself.
    std::vector<double> far(64);
    far[0] = std::sqrt(3000.);
    const double at_mean = std::exp(d::quadratic_form_probability(ones, far, 3064).lower);
    CHECK(at_mean > .49);
    CHECK(at_mean < .52);
    const auto open = d::quadratic_form_probability(std::vector{1e-9, 1.}, std::vector{0., 0.}, 1.);
    const double exact = std::erf(1 / std::numbers::sqrt2);
    CHECK(std::exp(open.lower) <= exact);
    CHECK(std::exp(open.upper) >= exact * (1 - 1e-9));
}

TEST_CASE("rotations that diagonalise a matrix give its eigenvectors") {
    const std::size_t n = 5;
    std::vector<double> a(n * n), turned(n * n);
    auto rng = r::stream(static_cast<r::purpose>(200), 1);
    for (std::size_t i = 0; i < n; ++i) {
        turned[i * n + i] = 1;
        for (std::size_t j = 0; j <= i; ++j) a[i * n + j] = a[j * n + i] = r::standard_normal(rng);
    }
    auto diagonal = a;
    d::diagonalise(diagonal, n, &turned);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = 0; k < n; ++k) {
            double image = 0;
            for (std::size_t j = 0; j < n; ++j) image += a[k * n + j] * turned[i * n + j];
            CHECK(image == doctest::Approx(diagonal[i * n + i] * turned[i * n + k]).epsilon(1e-12));
        }
}
