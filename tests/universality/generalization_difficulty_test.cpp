#include "rationale/universality/generalization_difficulty.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "rationale/prior/hypotheses.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "support/effort.hpp"

namespace r = rationale;

TEST_CASE("bits of functions are those of what the context leaves open") {
    // All 27 functions from 3 inputs to 3 outputs, with noise: Bayes by hand.
    const r::finite_function<3> maps({.inputs = 3, .noise = .3});
    const auto of = [](std::size_t h, std::size_t x) {
        for (; x > 0; --x) h /= 3;
        return h % 3;
    };
    const r::memorizing<r::finite_function<3>> all(maps, r::hypotheses(maps, 27, of));
    const auto drawn = r::sample_sequences(maps, all.prior(), 4, 5, 1);
    const double one_apart = (.8 - .1) * std::log(8.) / 3;  // nats per position of functions that differ at one input
    for (std::size_t s = 0; s < 4; ++s)
        for (std::size_t t = 0; t <= 5; ++t)
            for (std::size_t apart = 0; apart < 4; ++apart) {
                double whole = 0, near = 0;
                for (std::size_t h = 0; h < 27; ++h) {
                    double likelihood = 1;
                    std::size_t differ = 0;
                    for (std::size_t i = 0; i < t; ++i)
                        likelihood *=
                            of(h, static_cast<std::size_t>(drawn.sequences.x(s, i))) == static_cast<std::size_t>(drawn.sequences.y(s, i))
                                ? .8
                                : .1;
                    for (std::size_t x = 0; x < 3; ++x) differ += of(h, x) != static_cast<std::size_t>(drawn.truth.tasks(s, x));
                    whole += likelihood;
                    near += differ <= apart ? likelihood : 0;
                }
                const double eps = one_apart * (static_cast<double>(apart) + .01);
                CHECK(posterior_mass_within(all, drawn.truth, s, drawn.sequences, s, t, eps).bits() ==
                      doctest::Approx(-std::log2(near / whole)).epsilon(1e-10));
            }
}

TEST_CASE("bits of coins and of weights are those of their posteriors") {
    // Beta(1, 1) after three heads: p^4.
    const r::balls_and_urns<2> family;
    const r::generalizing<r::balls_and_urns<2>> g(family);
    const double low = 1 / (1 + std::exp(-r::detail::binary_divergence_reaches(.7, .1, -1)));
    const double high = 1 / (1 + std::exp(-r::detail::binary_divergence_reaches(.7, .1, 1)));
    CHECK(posterior_mass_within(g, {{{.7, .3}}}, 0, {{{0, 0, 0}}}, 0, 3, .1).bits() ==
          doctest::Approx(-std::log2(std::pow(high, 4) - std::pow(low, 4))).epsilon(1e-10));

    // One weight: the posterior is N(m, v) with 1/v = sum x^2/noise + 1/variance.
    const r::linear_regression<1> line({.noise_variance = .5, .input_variance = 2});
    const r::bayes<r::linear_regression<1>, r::gaussian> ridge(line, r::gaussian({.3}, 2));
    const r::linear_regression<1>::sequences data{{{{1.}, {-2.}}}, {{.4, -1.}}};
    const double v = 1 / (5 / .5 + .5), m = v * (2.4 / .5 + .3 / 2), radius = std::sqrt(2 * .5 * .2 / 2);
    const auto below = [&](double w) { return .5 * std::erfc((m - w) / std::sqrt(2 * v)); };
    CHECK(std::exp(posterior_mass_within(ridge, {{{.6}}}, 0, data, 0, 2, .2).log) ==
          doctest::Approx(below(.6 + radius) - below(.6 - radius)).epsilon(1e-11));

    // Three weights: draws of the own prior weighed by their likelihood, 200 times over, are the posterior within their error.
    const r::linear_regression<3> space({.noise_variance = 1});
    const r::generalizing<r::linear_regression<3>> of_space(space);
    const auto drawn = r::sample_sequences(space, r::own_prior(space), 1, 4, 5);
    const double exact = std::exp(posterior_mass_within(of_space, drawn.truth, 0, drawn.sequences, 0, 4, .4).log);
    double sum = 0, squares = 0;
    const int repetitions = sanitized ? 10 : 100;
    for (int i = 0; i < repetitions; ++i) {
        const r::memorizing<r::linear_regression<3>> draws(
            space, r::sample_tasks(space, r::own_prior(space), 4000, 100 + static_cast<std::uint64_t>(i)));
        const double mass = std::exp(posterior_mass_within(draws, drawn.truth, 0, drawn.sequences, 0, 4, .4).log);
        sum += mass, squares += mass * mass;
    }
    const double mean = sum / repetitions;
    CHECK(std::abs(mean - exact) < 4 * std::sqrt((squares / repetitions - mean * mean) / repetitions) + 1e-3);
    CHECK(exact > .2);
    CHECK(exact < .99);
}

TEST_CASE("difficulty falls with the context and grows with the dimension") {
    const auto curve = [](auto family, std::size_t t) {
        using F = decltype(family);
        const r::generalizing<F> g(family);
        return r::generalization_difficulty(g, r::sample_sequences(family, r::own_prior(family), 50, 16, 2), t, .05);
    };
    double last = 0;
    for (std::size_t d : {2u, 4u, 8u}) {
        const r::linear_regression<> line({.dimensions = d, .noise_variance = .25});
        const auto first = curve(line, 0), later = curve(line, 16);
        CHECK(first.bits > last + 1);
        CHECK(later.bits < first.bits - 4 * std::hypot(first.standard_error, later.standard_error));
        last = first.bits;
    }
    const r::balls_and_urns<2> coins;
    const auto one = r::sample_sequences(coins, r::own_prior(coins), 1, 3, 2);
    const auto alone = r::generalization_difficulty(r::generalizing<r::balls_and_urns<2>>(coins), one, 3, .05);
    CHECK(std::isnan(alone.standard_error));
    CHECK(alone.bits > 0);
}
