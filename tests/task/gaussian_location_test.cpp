#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <numbers>

#include "rationale/rationale.hpp"
#include "support/densities.hpp"

using namespace rationale;
using namespace rationale_test;
using doctest::Approx;

namespace {

/// Means and log evidence of an estimate by many weighted tasks: integration by points.
template <class F>
void check_by_draws(const F& family, std::size_t context, std::size_t points, double tolerance) {
    const auto own = own_prior(family);
    const auto q = sample_sequences(family, own, 3, context, 5).sequences;
    const auto exact = predict(generalizing<F>(family), q);
    const auto drawn = predict(memorizing<F>(family, sample_tasks(family, own, points, 9)), q);
    for (std::size_t i = 0; i < exact.values.size(); ++i) CHECK(std::abs(exact.values.data()[i] - drawn.values.data()[i]) < tolerance);
    for (std::size_t s = 0; s < 3; ++s)
        CHECK(std::abs(exact.log_evidence(s, exact.events()) - drawn.log_evidence(s, exact.events())) < 4 * tolerance);
}

}  // namespace

TEST_CASE("Gaussian location: known and unknown variance agree with integration over draws, and with their closed forms") {
    check_by_draws(gaussian_location({.mean = 1, .strength = 0.5, .noise_variance = 2}), 6, 200000, 0.03);
    check_by_draws(gaussian_location({.mean = -1, .strength = 2, .noise_variance = 1, .shape = 3.0}), 6, 200000, 0.03);
    const gaussian_location family({.mean = 1, .strength = 2, .noise_variance = 3});
    const gaussian_location::sequences q{{{0.5, 2, -1}}};
    const auto p = predict(generalizing<gaussian_location>(family), q);
    CHECK(p.values(0, 0, 0) == 1);
    CHECK(p.values(0, 2, 0) == Approx((2 * 1 + 0.5 + 2) / 4));
    CHECK(p.log_evidence(0, 1) == Approx(gaussian_log_density(0.5, 1, 3 * 1.5)));
    // Of an unknown variance the numbers have a multivariate t distribution: scale matrix I + 11'/strength times rate/shape.
    const double shape = 2.5, strength = 2, rate = (shape - 1) * 3, n = 3;
    double sum = 0, squares = 0;
    for (double y : {0.5, 2., -1.}) sum += y - 1, squares += (y - 1) * (y - 1);
    const double quadratic = squares - sum * sum / (strength + n);
    const gaussian_location unknown({.mean = 1, .strength = strength, .noise_variance = 3, .shape = shape});
    CHECK(predict(generalizing<gaussian_location>(unknown), q).log_evidence(0, 3) ==
          Approx(std::lgamma(shape + n / 2) - std::lgamma(shape) - n / 2 * std::log(2 * std::numbers::pi * rate) -
                 0.5 * std::log(1 + n / strength) - (shape + n / 2) * std::log(1 + quadratic / (2 * rate)))
              .epsilon(1e-12));
    // With a very large shape the variance is known.
    const gaussian_location nearly({.mean = 1, .strength = 2, .noise_variance = 3, .shape = 1e7});
    CHECK(predict(generalizing<gaussian_location>(nearly), q).log_evidence(0, 3) == Approx(p.log_evidence(0, 3)).epsilon(1e-5));
    const gaussian_location::task_table two{{{0., 1.}, {2., 4.}}};
    const auto m = predict(memorizing<gaussian_location>(family, two), q);
    const double a = gaussian_log_density(0.5, 0, 1), b = gaussian_log_density(0.5, 2, 4);
    CHECK(m.values(0, 1, 0) == Approx(2 * std::exp(b) / (std::exp(a) + std::exp(b))));
    const auto drawn = sample_sequences(family, own_prior(family), 20000, 2, 4);
    double around = 0, of_means = 0, together = 0;
    for (std::size_t s = 0; s < 20000; ++s) {
        around += std::pow(drawn.sequences.y(s, 0) - drawn.truth.tasks(s, 0), 2) / 20000;
        of_means += std::pow(drawn.truth.tasks(s, 0) - 1, 2) / 20000;
        together += (drawn.sequences.y(s, 0) - 1) * (drawn.sequences.y(s, 1) - 1) / 20000;
    }
    CHECK(around == Approx(3).epsilon(.03));
    CHECK(of_means == Approx(1.5).epsilon(.03));
    CHECK(together == Approx(1.5).epsilon(.06));
    CHECK_THROWS_WITH(gaussian_location({.shape = 1.0}), doctest::Contains("shape is 1, must be above 1"));
}
