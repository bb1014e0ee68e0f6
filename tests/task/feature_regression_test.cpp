#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/predictions.hpp"

using namespace rationale;
using namespace rationale_test;
using doctest::Approx;

TEST_CASE("feature regression: the identity is linear regression, and every basis agrees with regression on its features") {
    const linear_regression<> linear({.dimensions = 3});
    feature_regression<identity_basis>::parameters three;
    three.dimensions = 3;
    const feature_regression<identity_basis> same(three);
    const auto table = sample_tasks(linear, own_prior(linear), 7, 1);
    const auto q = sample_sequences(linear, own_prior(linear), 20, 9, 2).sequences;
    CHECK(largest_difference(predict(generalizing<linear_regression<>>(linear), q),
                             predict(generalizing<feature_regression<identity_basis>>(same), {q.x, q.y})) < 1e-13);
    CHECK(largest_difference(predict(memorizing<linear_regression<>>(linear, table), q),
                             predict(memorizing<feature_regression<identity_basis>>(same, table), {q.x, q.y})) < 1e-13);
    const auto check = [&]<class Basis>(const feature_regression<Basis>& family, std::size_t features) {
        CHECK(family.basis().features() == features);
        const auto drawn = sample_sequences(family, own_prior(family), 5, 12, 3);
        const linear_regression<> on_features({.dimensions = features, .noise_variance = family.noise_variance()});
        linear_regression<>::sequences mapped;
        mapped.x = unwritten<double, 3>({5, 12, features});
        mapped.y = drawn.sequences.y;
        for (std::size_t s = 0; s < 5; ++s)
            for (std::size_t t = 0; t < 12; ++t) {
                const auto x = family.view(drawn.sequences, s).input(t);
                REQUIRE(x.size() == features);
                const std::size_t dimensions = drawn.sequences.x.shape(2);
                std::vector<double> out(features);
                family.basis()(row(drawn.sequences.x, s).subspan(t * dimensions, dimensions), out);
                for (std::size_t i = 0; i < features; ++i) mapped.x(s, t, i) = out[i];
            }
        CHECK(largest_difference(predict(generalizing<feature_regression<Basis>>(family), drawn.sequences),
                                 predict(generalizing<linear_regression<>>(on_features), mapped)) < 1e-12);
    };
    check(feature_regression<fourier_basis>({.degree = 3}), 7);
    check(feature_regression<polynomial_basis>({.dimensions = 2, .degree = 3}), 7);
    check(feature_regression<relu_basis>({.dimensions = 2, .degree = 5}), 5);
    std::vector<double> out(5);
    polynomial_basis{1, 4}(std::vector<double>{2}, out);
    CHECK(out == std::vector<double>{1, 2, 4, 8, 16});
    polynomial_basis{2, 2}(std::vector<double>{3, -2}, out);
    CHECK(out == std::vector<double>{1, 3, 9, -2, 4});
    fourier_basis{1, 2}(std::vector<double>{.3}, out);  // 1, cos and sin of pi x, cos and sin of 2 pi x
    for (std::size_t j = 1; j <= 2; ++j) {
        CHECK(out[2 * j - 1] == Approx(std::cos(std::acos(-1) * static_cast<double>(j) * .3)));
        CHECK(out[2 * j] == Approx(std::sin(std::acos(-1) * static_cast<double>(j) * .3)));
    }
    // Inputs and noise have the variances that are asked for, and y is w.features(x) beside the noise.
    const feature_regression<polynomial_basis> own({.noise_variance = .5, .task_variance = 3, .input_variance = 4});
    const auto drawn = sample_sequences(own, own_prior(own), 4000, 1, 6);
    double xx = 0, ww = 0, rest = 0;
    for (std::size_t s = 0; s < 4000; ++s) {
        const double x = drawn.sequences.x(s, 0, 0), *const w = &drawn.truth.tasks(s, 0);
        xx += x * x / 4000, ww += w[1] * w[1] / 4000, rest += std::pow(drawn.sequences.y(s, 0) - w[0] - w[1] * x, 2) / 4000;
    }
    CHECK(xx == Approx(4).epsilon(.1));
    CHECK(ww == Approx(3).epsilon(.1));
    CHECK(rest == Approx(.5).epsilon(.1));
    CHECK(linear_regression<>({.dimensions = 8}).noise_variance() == 8. / 256);  // the published one
    CHECK(feature_regression<fourier_basis>({.degree = 3}).noise_variance() == 7. / 256);
    CHECK_THROWS_WITH(feature_regression<relu_basis>({.dimensions = 0, .degree = 3}),
                      "rationale::feature_regression: dimensions is 0, must be at least 1");
}

TEST_CASE("a family whose basis is forgotten is the one that it was, and keeps its basis with other parameters") {
    const feature_regression<fourier_basis> family({.dimensions = 2, .degree = 3, .noise_variance = .1, .input_variance = 2});
    const feature_regression<any_basis> forgotten = family;
    CHECK(forgotten.dimensions() == 13);
    CHECK(forgotten.feature_square() == family.feature_square());
    const auto q = sample_sequences(family, own_prior(family), 5, 12, 3).sequences;
    CHECK(predict(generalizing<feature_regression<any_basis>>(forgotten), q).values ==
          predict(generalizing<feature_regression<fourier_basis>>(family), q).values);
    auto parameters = forgotten.values();
    parameters.noise_variance = .5;
    const auto noisier = forgotten.with(parameters);
    CHECK(noisier.noise_variance() == .5);
    CHECK(largest_difference(predict(generalizing<feature_regression<any_basis>>(noisier), q),
                             predict(generalizing<feature_regression<fourier_basis>>(feature_regression<fourier_basis>(parameters)), q)) <
          1e-13);
}
