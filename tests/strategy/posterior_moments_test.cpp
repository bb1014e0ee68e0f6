// Mean and covariance of posteriors over tasks.
#include "rationale/strategy/posterior_moments.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>

#include "rationale/prior/sample.hpp"
#include "rationale/strategy/generalizing.hpp"

namespace r = rationale;

TEST_CASE("moments of a posterior: what it predicts is its mean, and many tasks have their prior's") {
    using urns = r::balls_and_urns<>;
    const urns family({.categories = 3, .concentration = {1, 2, .5}});
    const auto own = r::own_prior(family);
    const r::generalizing<urns> generalizing(family);
    const r::memorizing<urns> many(family, r::sample_tasks(family, own, 200000, 1));
    const auto data = r::sample_sequences(family, own, 2, 6, 2).sequences;
    const auto exact = r::posterior_moments(generalizing, data, 1), counted = r::posterior_moments(many, data, 1);
    const auto predicted = r::predict(generalizing, data), of_many = r::predict(many, data);
    REQUIRE(exact.mean.shape(0) == 7);
    for (std::size_t t = 0; t <= 6; ++t)
        for (std::size_t i = 0; i < 3; ++i) {
            if (t < 6) CHECK(exact.mean(t, i) == doctest::Approx(predicted.values(1, t, i)).epsilon(1e-13));
            if (t < 6) CHECK(counted.mean(t, i) == doctest::Approx(of_many.values(1, t, i)).epsilon(1e-10));
            for (std::size_t j = 0; j < 3; ++j) CHECK(std::abs(exact.covariance(t, i, j) - counted.covariance(t, i, j)) < .002);
        }
}

TEST_CASE("moments of a posterior over weights: x.mean is what is predicted, and seen weights scatter as it says") {
    using line = r::linear_regression<>;
    const line family({.dimensions = 2, .noise_variance = .5, .task_mean = {1, 0}, .task_covariance = {1, .4, .4, .6}});
    const auto own = r::own_prior(family);
    const r::generalizing<line> ridge(family);
    const auto data = r::sample_sequences(family, own, 3, 8, 3).sequences;
    const auto exact = r::posterior_moments(ridge, data, 2);
    const auto predicted = r::predict(ridge, data);
    for (std::size_t t = 0; t < 8; ++t)
        CHECK(exact.mean(t, 0) * data.x(2, t, 0) + exact.mean(t, 1) * data.x(2, t, 1) ==
              doctest::Approx(predicted.values(2, t, 0)).epsilon(1e-12));
    const r::memorizing<line> many(family, r::sample_tasks(family, own, 100000, 4));
    const auto counted = r::posterior_moments(many, data, 2);
    for (std::size_t t = 0; t <= 8; ++t)
        for (std::size_t i = 0; i < 2; ++i) {
            CHECK(std::abs(exact.mean(t, i) - counted.mean(t, i)) < .02);
            for (std::size_t j = 0; j < 2; ++j) CHECK(std::abs(exact.covariance(t, i, j) - counted.covariance(t, i, j)) < .02);
        }
    CHECK_THROWS_WITH((void)r::posterior_moments(ridge, data, 3), "rationale::posterior_moments: sequence is 3, must be below 3");
    auto shorter = data;
    shorter.y = r::filled<double, 2>({2, 8}, 0.0);
    CHECK_THROWS_AS((void)r::posterior_moments(ridge, shorter, 2), std::invalid_argument);
    auto none = data;
    none.y(1, 2) = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS((void)r::posterior_moments(ridge, none, 1), std::invalid_argument);
    CHECK(std::isfinite(r::posterior_moments(ridge, none, 0).mean(8, 0)));
    using urns = r::balls_and_urns<>;
    const r::generalizing<urns> two(urns({.categories = 2}));
    CHECK_THROWS_AS((void)r::posterior_moments(two, urns::sequences{{{0, 9, 1}}}, 0), std::invalid_argument);
}
