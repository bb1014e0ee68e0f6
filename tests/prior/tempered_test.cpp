// Powers of the likelihood of weight vectors, over contexts so long that most components are left out of a prediction.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "rationale/prior/gaussian.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/prior/tempered.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/strategy/strategy.hpp"
#include "rationale/task/balls_and_urns.hpp"

namespace r = rationale;
using line = r::linear_regression<2>;

TEST_CASE("tempered seen weight vectors are weighed by powers of their likelihood, whatever the noise and the exponent") {
    constexpr std::size_t tasks = 200, events = 80, sequences = 3;
    for (double noise : {.02, .4, 1., 6.})
        for (double exponent : {0., .03, .3, 1., 2.5}) {
            CAPTURE(noise);
            CAPTURE(exponent);
            const line family({.noise_variance = noise, .task_variance = 2, .input_variance = .7, .task_mean = {1, -1}});
            const r::seen_tasks<line> seen(family, r::sample_tasks(family, r::own_prior(family), tasks, 1));
            const auto q = r::sample_sequences(family, seen, sequences, events, 2).sequences;
            const r::tempered prior(seen, exponent);
            const auto found = r::predict(r::bayes(family, prior), q);
            double worst = 0, worst_evidence = 0;
            for (std::size_t s = 0; s < sequences; ++s) {
                std::vector<double> log_weight(tasks, -std::log(static_cast<double>(tasks)));
                for (std::size_t t = 0; t <= events; ++t) {
                    double top = log_weight[0], mass = 0, mean = 0;
                    for (double w : log_weight) top = (std::max)(top, w);
                    for (std::size_t d = 0; d < tasks; ++d) {
                        const double w = std::exp(log_weight[d] - top);
                        mass += w;
                        if (t == events) continue;
                        const double own = seen.table().tasks(d, 0) * q.x(s, t, 0) + seen.table().tasks(d, 1) * q.x(s, t, 1);
                        mean += w * own;
                        log_weight[d] -=
                            exponent * .5 * ((q.y(s, t) - own) * (q.y(s, t) - own) / noise + std::log(2 * std::numbers::pi * noise));
                    }
                    const double evidence = top + std::log(mass);
                    worst_evidence = (std::max)(worst_evidence, std::abs(found.log_evidence(s, t) - evidence) / (1 + std::abs(evidence)));
                    if (t < events) worst = (std::max)(worst, std::abs(found.values(s, t, 0) - mean / mass));
                }
            }
            CHECK(worst < 1e-10);
            CHECK(worst_evidence < 1e-10);
        }
}

TEST_CASE("what no seen task explains stays impossible however little an observation counts") {
    using urns = r::balls_and_urns<>;
    const urns family({.categories = 3});
    const r::seen_tasks<urns> seen(family, urns::task_table{{{.5, .5, 0}, {.2, .8, 0}}});
    const urns::sequences shows_it{{{0, 2, 1}}};
    for (const double e : {.01, .3, .5, 1., 2.}) {
        CAPTURE(e);
        const auto tempered = r::bayes(family, r::tempered(seen, e));
        CHECK_THROWS_AS((void)r::predict(tempered, shows_it), r::impossible_context_error);
        const auto masked = r::predict(tempered, shows_it, r::sequential{}, r::impossible_context::mask);
        CHECK(masked.log_evidence(0, 2) == -std::numeric_limits<double>::infinity());
        CHECK(std::isnan(masked.values(0, 2, 0)));
        CHECK(std::isnan(tempered.posterior(shows_it, 0, 3)[0]));
    }
    CHECK(r::predict(r::bayes(family, r::tempered(seen, 0.)), shows_it).values(0, 2, 0) == doctest::Approx(.35));  // reads nothing
}
