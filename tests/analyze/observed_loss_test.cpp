#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "rationale/analysis/detail/observed_loss.hpp"
#include "rationale/task/balls_and_urns.hpp"
#include "rationale/task/linear_regression.hpp"

using namespace rationale;

TEST_CASE("observed loss: nats of what came, position by position, over the sequences that are kept") {
    const balls_and_urns<2> urns;
    balls_and_urns<2>::sequences drawn{filled<std::int32_t, 2>({3, 2}, 0)};
    drawn.tokens(1, 0) = 1, drawn.tokens(2, 1) = 1;
    predictions p{prediction_kind::distribution, filled<double, 3>({2, 2, 2}, 0.5), {}};  // of sequences 0 and 2
    p.values(0, 0, 0) = 0.25, p.values(0, 0, 1) = 0.75;
    auto loss = detail::mean_by_event(detail::observed_losses(urns, drawn, {0, 2}, p));
    REQUIRE(loss.size() == 2);
    CHECK(loss[0] == doctest::Approx((std::log(4) + std::log(2)) / 2));
    CHECK(loss[1] == doctest::Approx(std::log(2)));
    p.values(1, 1, 0) = 1, p.values(1, 1, 1) = 0;  // a 1 came
    loss = detail::mean_by_event(detail::observed_losses(urns, drawn, {0, 2}, p));
    CHECK(std::isfinite(loss[0]));
    CHECK(loss[1] == std::numeric_limits<double>::infinity());
}

TEST_CASE("observed loss of means: squared error") {
    const linear_regression<1> family({.dimensions = 1, .noise_variance = 0.1});
    linear_regression<1>::sequences drawn{filled<double, 3>({1, 2, 1}, 0.0), filled<double, 2>({1, 2}, 3.0)};
    const predictions p{prediction_kind::mean, filled<double, 3>({1, 2, 1}, 1.0), {}};
    const auto losses = detail::observed_losses(family, drawn, {0}, p);
    CHECK(detail::mean_by_event(losses) == std::vector<double>{4, 4});
    CHECK(detail::sum_by_sequence(losses) == std::vector<double>{8});
}
