// Masses about weight vectors whose prior has a covariance: as many draws as they say lie there.
#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <vector>

#include "rationale/prior/gaussian.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/universality/generalization_difficulty.hpp"
#include "rationale/universality/rashomon.hpp"

TEST_CASE("masses about correlated weights, of prior, posterior and context, are shares of their draws") {
    namespace r = rationale;
    using line = r::linear_regression<>;
    const line family({.dimensions = 3,
                       .noise_variance = .8,
                       .task_variance = 2,
                       .input_variance = .7,
                       .task_mean = {1, -.5, 0},
                       .task_covariance = {2, .6, -.4, .6, 1, .3, -.4, .3, .5}});
    const auto prior = r::own_prior(family);
    const r::generalizing<line> strategy(family);
    const auto sampled = r::sample_sequences(family, prior, 4, 6, 1);
    constexpr std::size_t draws = 100000;
    const auto table = r::sample_tasks(family, prior, draws, 2);
    constexpr double eps = 1.2;
    const auto square = [&](std::size_t d, std::size_t s) {
        double sum = 0;
        for (std::size_t i = 0; i < 3; ++i) sum += std::pow(table.tasks(d, i) - sampled.truth.tasks(s, i), 2);
        return sum;
    };
    for (std::size_t s = 0; s < 4; ++s)
        for (const std::size_t t : {std::size_t{0}, std::size_t{2}, std::size_t{6}}) {
            // Draws of the prior, weighed by how well they fit the pairs, are draws of the posterior; those near the least residuals are
            // near the best.
            std::vector<double> residual(draws);
            double near = 0, mass = 0, squares = 0, best = INFINITY;
            for (std::size_t d = 0; d < draws; ++d) {
                for (std::size_t k = 0; k < t; ++k) {
                    double mean = 0;
                    for (std::size_t i = 0; i < 3; ++i) mean += table.tasks(d, i) * sampled.sequences.x(s, k, i);
                    residual[d] += std::pow(sampled.sequences.y(s, k) - mean, 2);
                }
                best = std::fmin(best, residual[d]);
            }
            for (std::size_t d = 0; d < draws; ++d) {
                const double weight = std::exp(-.5 * (residual[d] - best) / .8);
                mass += weight, squares += weight * weight;
                if (.7 * square(d, s) / (2 * .8) <= eps) near += weight;
            }
            const double share = near / mass, error = std::sqrt(squares) / mass;
            const auto exact = r::posterior_mass_within(strategy, sampled.truth, s, sampled.sequences, s, t, eps);
            CHECK(std::abs(std::exp(exact.log) - share) < 4 * error * std::sqrt(share * (1 - share)) + 1e-4);
            if (t == 0)
                CHECK(std::exp(r::mass_within(family, prior, sampled.truth, s, eps).log) ==
                      doctest::Approx(std::exp(exact.log)).epsilon(1e-12));
            if (t != 6) continue;  // with fewer pairs the draws' least residual is far from the least of all
            double within = 0;
            for (const double of_draw : residual) within += (of_draw - best) / (2 * .8 * 6) <= .5;
            CHECK(std::abs(std::exp(r::rashomon_mass(strategy, sampled.sequences, s, t, .5).log) - within / draws) < .006);
        }
}
