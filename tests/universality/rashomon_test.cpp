#include "rationale/universality/rashomon.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "rationale/prior/hypotheses.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "support/effort.hpp"

namespace r = rationale;

TEST_CASE("the ratio of seen tasks is a count of those near the best") {
    using urns = r::balls_and_urns<4>;
    const urns family;
    std::vector<double> weight;
    for (int d = 0; d < 50; ++d) weight.push_back(d % 7);
    const r::memorizing<urns> m(family, r::seen_tasks<urns>(family, r::sample_tasks(family, r::own_prior(family), 50, 1), weight));
    const auto data = r::sample_sequences(family, r::own_prior(family), 5, 30, 2).sequences;
    for (std::size_t s = 0; s < 5; ++s)
        for (std::size_t t : {0u, 1u, 8u, 30u})
            for (double eps : {0., .05, .5}) {
                std::vector<double> loss(50);
                double best = 1e300, mass = 0;
                for (std::size_t d = 0; d < 50; ++d) {
                    for (std::size_t i = 0; i < t; ++i)
                        loss[d] -=
                            std::log(m.prior().table().tasks(d, static_cast<std::size_t>(data.tokens(s, i)))) / static_cast<double>(t);
                    if (m.prior().weights()[d] > 0) best = std::min(best, loss[d]);
                }
                for (std::size_t d = 0; d < 50; ++d) mass += loss[d] <= best + eps + 1e-12 ? m.prior().weights()[d] : 0;
                CHECK(std::exp(rashomon_mass(m, data, s, t, eps + 1e-12).log) == doctest::Approx(mass).epsilon(1e-12));
            }
    CHECK_THROWS_WITH_AS((void)rashomon_mass(m, data, 0, 30, 30),
                         "rationale::rashomon_mass: eps times events is 900, must be at most 700 nats", std::invalid_argument);
    // Functions without noise: those that agree with the context, of all.
    const r::finite_function<3> maps({.inputs = 4});
    const r::memorizing<r::finite_function<3>> all(maps, r::hypotheses(maps, 81, [](std::size_t h, std::size_t x) {
                                                       for (; x > 0; --x) h /= 3;
                                                       return h % 3;
                                                   }));
    const r::finite_function<3>::sequences pairs{{{0, 1, 0}}, {{2, 1, 2}}};
    for (std::size_t t = 0; t < 4; ++t)
        CHECK(rashomon_mass(all, pairs, 0, t, .1).bits() == doctest::Approx(std::min<double>(2, static_cast<double>(t)) * std::log2(3)));
}

TEST_CASE("the ratio of coins is the mass about their frequencies, and sampled ones hold it") {
    const r::balls_and_urns<2> family({.concentration = {2, 1}});
    const r::generalizing<r::balls_and_urns<2>> g(family);
    const r::balls_and_urns<2>::sequences data{{{0, 0, 1, 0, 0, 1, 1, 0}}};
    CHECK(rashomon_mass(g, data, 0, 0, .1).log == 0);
    // Beta(2, 1): p^2. After 0, 0 the best is p = 1 and the loss -log p.
    CHECK(std::exp(rashomon_mass(g, data, 0, 2, .1).log) == doctest::Approx(1 - std::exp(-.2)).epsilon(1e-11));
    // After one of each of two: -log(4 p (1-p))/2 <= eps.
    const r::balls_and_urns<2>::sequences mixed{{{0, 1}}};
    const double half = .5 * std::sqrt(1 - std::exp(-2 * .1));
    CHECK(std::exp(rashomon_mass(g, mixed, 0, 2, .1).log) ==
          doctest::Approx((.5 + half) * (.5 + half) - (.5 - half) * (.5 - half)).epsilon(1e-10));

    const double exact = rashomon_mass(g, data, 0, 8, .05).log;
    const r::linear_regression<3> line({.noise_variance = .3});
    const r::generalizing<r::linear_regression<3>> ridge(line);
    const auto drawn = r::sample_sequences(line, r::own_prior(line), 1, 6, 3).sequences;
    const double ellipsoid = rashomon_mass(ridge, drawn, 0, 6, .5).log, strip = rashomon_mass(ridge, drawn, 0, 2, .5).log;
    int coins = 0, full = 0, degenerate = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const auto holds = [](const r::prior_mass& m, double value) { return m.log_lower <= value && value <= m.log_upper; };
        coins += holds(sampled_rashomon_mass(family, r::own_prior(family), data, 0, 8, .05, {.draws = 2000, .seed = seed}), exact);
        // The exact best, least squares, in place of the best draw: losses of pairs are 1/2 (y - w.x)^2/noise_variance.
        const auto count = [&](std::size_t t) {
            const r::detail::pair_moments of(line, drawn, 0, t, std::vector<double>{1, 0, 0, 0, 1, 0, 0, 0, 1});
            const auto table = r::detail::prior_draws(line, r::own_prior(line), {.draws = 1000, .seed = seed});
            std::vector<double> best(3);
            for (std::size_t i = 0; i < 3; ++i)
                for (std::size_t j = 0; j < 3 && of.value[i] > 0; ++j) best[j] += of.xy[i] / of.value[i] * of.vectors[i * 3 + j];
            const auto loss = [&](auto w) {
                double sum = 0;
                for (std::size_t i = 0; i < t; ++i) {
                    double off = drawn.y(0, i);
                    for (std::size_t j = 0; j < 3; ++j) off -= w[j] * drawn.x(0, i, j);
                    sum += off * off / (2 * .3 * static_cast<double>(t));
                }
                return sum;
            };
            const double least = loss(best);
            std::size_t hits = 0;
            for (std::size_t d = 0; d < 1000; ++d) hits += loss(r::row(table.tasks, d)) <= least + .5;
            return r::detail::sampled_mass(hits, 1000);
        };
        full += holds(count(6), ellipsoid);
        degenerate += holds(count(2), strip);
    }
    for (const int held : {coins, full, degenerate}) {
        CHECK(held >= 181);
        CHECK(held < 200);
    }
}

TEST_CASE("the ratio of one weight is that of an interval about least squares") {
    const r::linear_regression<1> line({.noise_variance = .5});
    const r::bayes<r::linear_regression<1>, r::gaussian> ridge(line, r::gaussian({.3}, 2));
    const r::linear_regression<1>::sequences data{{{{1.}, {-2.}, {.5}}}, {{.4, -1., 2.}}};
    const auto below = [](double x) { return .5 * std::erfc(-x / std::sqrt(2.)); };
    double xx = 0, xy = 0;
    CHECK(rashomon_mass(ridge, data, 0, 0, .2).log == 0);
    for (std::size_t t = 1; t <= 3; ++t) {
        const double x = data.x(0, t - 1, 0), y = data.y(0, t - 1);
        xx += x * x, xy += x * y;
        const double radius = std::sqrt(2 * .5 * static_cast<double>(t) * .2 / xx), at = xy / xx - .3;
        CHECK(std::exp(rashomon_mass(ridge, data, 0, t, .2).log) ==
              doctest::Approx(below((at + radius) / std::sqrt(2.)) - below((at - radius) / std::sqrt(2.))).epsilon(1e-11));
    }
}
