#include "rationale/universality/turning_points.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "support/effort.hpp"

namespace r = rationale;

TEST_CASE("turns are peaks and valleys by turns, and smaller ones than the prominence are none") {
    const std::vector<double> x{0, 1, 2, 3, 4, 5, 6, 7}, y{0, 2, 1.9, 3, 1, 1.05, .9, 4};
    const auto places = [&](double prominence) {
        std::vector<double> out;
        for (const auto& turn : r::turning_points(x, y, prominence)) out.push_back(turn.peak ? turn.at : -turn.at);
        return out;
    };
    CHECK(places(0) == std::vector{1., -2., 3., -4., 5., -6.});
    CHECK(places(.07) == std::vector{1., -2., 3., -6.});
    CHECK(places(.2) == std::vector{3., -6.});
    CHECK(places(5).empty());
    const auto falling = r::turning_points(std::vector{0., 1., 2.}, std::vector{3., 1., 2.});
    REQUIRE(falling.size() == 1);  // not at the ends
    CHECK_FALSE(falling[0].peak);
    CHECK(r::turning_points(x, x).empty());
    CHECK(r::turning_points(std::vector<double>{}, std::vector<double>{}).empty());
    CHECK_THROWS_WITH_AS((void)r::turning_points(std::vector{1., 1.}, std::vector{1., 2.}),
                         "rationale::turning_points: x[1] is 1, must be above the one before", std::invalid_argument);
    const auto top = r::highest_point(std::vector{0., 1., 3., 4.}, std::vector{-4., -1., -1., -4.});  // -(x-2)^2
    CHECK(top.at == doctest::Approx(2).epsilon(1e-14));
    CHECK(std::abs(top.height) < 1e-14);
    CHECK(r::highest_point(x, x).at == 7);
}

TEST_CASE("a gap's peak is found with an interval that holds it in 95 of 100 repetitions") {
    // ID losses fall at once, OOD losses later: the gap is 4 e^(-2 (u-2)^2), with noise of every sequence.
    std::vector<double> axis;
    for (int i = 0; i < 9; ++i) axis.push_back(.5 * i);
    const std::size_t repetitions = sanitized ? 10 : 200;
    for (const bool paired : {false, true}) {
        std::size_t peaks = 0, gaps = 0;
        for (std::size_t repetition = 0; repetition < repetitions; ++repetition) {
            auto rng = r::stream(static_cast<r::purpose>(203), paired, repetition);
            auto id = r::filled<double, 2>({9, 40}, 0.0), ood = r::filled<double, 2>({9, paired ? 40u : 60u}, 0.0);
            std::vector<double> level;
            for (std::size_t s = 0; s < 60; ++s) level.push_back(r::standard_normal(rng));
            for (std::size_t i = 0; i < 9; ++i) {
                const double u = axis[i];
                for (std::size_t s = 0; s < id.shape(1); ++s) id(i, s) = std::exp(-u) + .5 * level[s] + .3 * r::standard_normal(rng);
                for (std::size_t s = 0; s < ood.shape(1); ++s)
                    ood(i, s) = std::exp(-u) + 4 * std::exp(-2 * (u - 2) * (u - 2)) + .5 * level[s] + .3 * r::standard_normal(rng);
            }
            const auto found = r::generalization_gap(axis, id, ood, paired, {.replicates = 200});
            peaks += found.peak.within.holds(2);
            gaps += found.gap[3].within.holds(4 * std::exp(-.5));
            REQUIRE(!found.turns.empty());
            CHECK(found.turns.front().at == 2);
            CHECK(found.height.value > 3);
        }
        for (const std::size_t held : {peaks, gaps}) CHECK(static_cast<double>(held) >= .9 * static_cast<double>(repetitions));
    }
    CHECK_THROWS_WITH_AS((void)r::generalization_gap(axis, r::filled<double, 2>({9, 4}, 0.0), r::filled<double, 2>({8, 4}, 0.0)),
                         "rationale::generalization_gap: the first axis of ood has 8 numbers, must have 9", std::invalid_argument);
}

TEST_CASE("pairing takes what seeds share out of the gap") {
    auto rng = r::stream(static_cast<r::purpose>(203), 9);
    auto id = r::filled<double, 2>({3, 30}, 0.0), ood = id;
    for (std::size_t s = 0; s < 30; ++s) {
        const double level = r::standard_normal(rng);
        for (std::size_t i = 0; i < 3; ++i) id(i, s) = level, ood(i, s) = level + 1;
    }
    const std::vector<double> axis{0, 1, 2};
    CHECK(r::generalization_gap(axis, id, ood, true).gap[0].standard_error < 1e-12);
    CHECK(r::generalization_gap(axis, id, ood, false).gap[0].standard_error > .2);
}
