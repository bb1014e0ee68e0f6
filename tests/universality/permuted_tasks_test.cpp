#include "rationale/universality/permuted_tasks.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>
#include <vector>

#include "rationale/prior/sample.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/strategy/constant.hpp"

namespace r = rationale;
using maps = r::finite_function<3>;

TEST_CASE("there is a task for every permutation, and each keeps apart what the base does") {
    const maps family({.inputs = 4});
    const std::vector<std::int32_t> base{0, 1, 2, 1};
    const auto all = r::label_permutations(family, base);
    REQUIRE(all.size() == 6);
    std::set<std::vector<std::int32_t>> different;
    for (std::size_t d = 0; d < 6; ++d) {
        const auto of = r::row(all.table().tasks, d);
        different.emplace(of.begin(), of.end());
        CHECK(of[1] == of[3]);
        CHECK(std::set<std::int32_t>(of.begin(), of.end()).size() == 3);
    }
    CHECK(different.size() == 6);
    CHECK_THROWS_WITH_AS((void)r::label_permutations(family, std::vector<std::int32_t>{0, 1, 3, 1}),
                         "rationale::label_permutations: a label is 3, must be below 3", std::invalid_argument);
    CHECK_THROWS_WITH_AS((void)r::label_permutations(r::finite_function<>({.inputs = 1, .outputs = 9}), std::vector<std::int32_t>{0}),
                         "rationale::label_permutations: the number of labels is 9, must be at most 8", std::invalid_argument);
}

TEST_CASE("learning finds out every permutation, recognizing the seen ones, and the constant none") {
    const maps family({.inputs = 4});
    const std::vector<std::int32_t> base{0, 1, 2, 1};
    const auto all = r::label_permutations(family, base);
    // Seen: labels as they are, and 0 and 1 in each other's place. Shown: x = 1 gives 1, then x = 0 is asked for, and x = 2.
    const r::memorizing<maps> learning(family, all), recognizing(family, maps::task_table{{{0, 1, 2, 1}, {1, 0, 2, 0}}});
    const maps::sequences seen{{{1, 0, 2}}, {{1, 0, 2}}}, fresh{{{1, 0, 2}}, {{1, 2, 0}}};
    const auto at = [](const auto& strategy, const maps::sequences& data, std::size_t t, std::size_t k) {
        return r::predict(strategy, data, r::sequential{}, r::impossible_context::mask).values(0, t, k);
    };
    CHECK(at(learning, seen, 0, 0) == doctest::Approx(1. / 3));
    CHECK(at(learning, seen, 1, 1) == 0);
    CHECK(at(learning, seen, 1, 0) == doctest::Approx(.5));
    CHECK(at(learning, fresh, 2, 0) == doctest::Approx(1));
    CHECK(at(recognizing, seen, 0, 1) == doctest::Approx(.5));
    CHECK(at(recognizing, seen, 1, 0) == doctest::Approx(1));
    CHECK(std::isnan(at(recognizing, fresh, 2, 0)));  // a permutation that was never seen
    CHECK(at(r::constant(family), seen, 2, 2) == doctest::Approx(1. / 3));
}

TEST_CASE("random projections of a linear task have Gaussian weights") {
    const r::linear_regression<3> family;
    const std::vector<double> base{1, -2, 2};
    const auto prior = r::random_projections(family, base);
    CHECK(prior.covariance().mean_variance() == doctest::Approx(3));
    CHECK(prior.mean()[1] == 0);
    // Variance and correlation of A' base, drawn.
    double square = 0, product = 0;
    auto rng = r::stream(static_cast<r::purpose>(204), 1);
    for (int draw = 0; draw < 20000; ++draw) {
        double w[3] = {};
        for (double b : base)
            for (double& v : w) v += b * r::standard_normal(rng) / std::sqrt(3.);
        square += w[0] * w[0] / 20000, product += w[0] * w[2] / 20000;
    }
    CHECK(square == doctest::Approx(prior.covariance().mean_variance()).epsilon(.05));
    CHECK(std::abs(product) < .1);
}
