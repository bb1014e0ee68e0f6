#include "rationale/universality/prediction_regret.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "rationale/prior/sample.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/strategies.hpp"
#include "support/effort.hpp"

namespace r = rationale;

TEST_CASE("losses on what came, and regret against the best strategy of each sequence so far") {
    const r::balls_and_urns<2> family;
    const r::balls_and_urns<2>::sequences data{{{0, 1}, {1, 1}}};
    const r::predictions p{r::prediction_kind::distribution, {{{.25, .75}, {.5, .5}}, {{1, 0}, {.1, .9}}}, {}};
    const auto nats = r::observed_nats(family, data, p);
    CHECK(nats(0, 0) == doctest::Approx(std::log(4.)).epsilon(1e-15));
    CHECK(nats(0, 1) == doctest::Approx(std::log(2.)).epsilon(1e-15));
    CHECK(nats(1, 0) == std::numeric_limits<double>::infinity());
    const r::linear_regression<1> line({.noise_variance = .5});
    CHECK(r::observed_nats(line, {{{{3.}}}, {{2.}}}, {r::prediction_kind::mean, {{{.5}}}, {}})(0, 0) ==
          doctest::Approx(2.25).epsilon(1e-15));

    const std::vector<r::ndarray<double, 2>> strategies{{{1, 1, 9}}, {{3, 0, 0}}};
    const r::ndarray<double, 2> model{{2, 2, 2}};
    const auto regret = r::prediction_regret(model, strategies);
    CHECK(regret(0, 0) == 1);  // 2 - 1
    CHECK(regret(0, 1) == 2);  // 4 - 2
    CHECK(regret(0, 2) == 3);  // 6 - 3
    CHECK(r::prediction_regret(model, std::span(strategies).first(1))(0, 2) == -5);
    CHECK(r::prediction_regret({{.3, .2, .1}}, std::vector<r::ndarray<double, 2>>{{{.1, .2, .3}}})(0, 2) == 0);  // but for rounding
    CHECK(r::prediction_regret({{std::numeric_limits<double>::infinity()}}, std::vector<r::ndarray<double, 2>>{{{1}}})(0, 0) ==
          std::numeric_limits<double>::infinity());
    CHECK_THROWS_WITH_AS((void)r::prediction_regret(model, {}),
                         "rationale::prediction_regret: the number of strategies is 0, must be at least 1", std::invalid_argument);
}

TEST_CASE("Bayes over strategies never regrets more than the logarithm of their number, and one of them does by turns") {
    using urns = r::balls_and_urns<4>;
    const urns family;
    const r::seen_tasks<urns> seen(family, r::sample_tasks(family, r::own_prior(family), 16, 1));
    const r::strategies all(r::memorizing<urns>(family, seen), r::generalizing<urns>(family), r::constant<urns>(family));
    const auto data = r::sample_sequences(family, r::own_prior(family), 50, 40, 2).sequences;
    const auto predicted = r::predict_all(all, data);
    std::vector<r::ndarray<double, 2>> losses;
    for (const auto& q : predicted) losses.push_back(r::observed_nats(family, data, q));
    auto mixture = predicted[0];  // weights 1/3 and what each has made of the tokens before
    for (std::size_t s = 0; s < 50; ++s)
        for (std::size_t t = 0; t < 40; ++t) {
            std::vector<double> weight;
            for (const auto& q : predicted) weight.push_back(q.log_evidence(s, t));
            weight = r::softmax(weight);
            for (std::size_t k = 0; k < 4; ++k) {
                mixture.values(s, t, k) = 0;
                for (std::size_t q = 0; q < 3; ++q) mixture.values(s, t, k) += weight[q] * predicted[q].values(s, t, k);
            }
        }
    const auto regret = r::prediction_regret(r::observed_nats(family, data, mixture), losses);
    double most = 0;
    for (double nats : regret) most = std::max(most, nats);
    CHECK(most <= std::log(3.) + 1e-9);
    CHECK(most > .8 * std::log(3.));
    CHECK(r::regret_trend(regret).sublinear());
    // Memorizing on fresh urns against generalizing: linear in the end.
    const auto of_memory = r::prediction_regret(losses[0], std::span(losses).subspan(1, 1));
    CHECK(r::mean_regret(of_memory).back().within.lower > 0);
    CHECK_FALSE(r::regret_trend(of_memory).sublinear());
}

TEST_CASE("the exponent of regret that is a power is that power") {
    for (double power : {0., .5, 1., 1.5}) {
        r::ndarray<double, 2> regret = r::filled<double, 2>({3, 20}, 0.0);
        for (std::size_t s = 0; s < 3; ++s)
            for (std::size_t t = 0; t < 20; ++t) regret(s, t) = static_cast<double>(s + 1) * std::pow(static_cast<double>(t + 1), power);
        const auto trend = r::regret_trend(regret);
        CHECK(trend.exponent.value == doctest::Approx(power).epsilon(1e-12));
        CHECK(trend.exponent.standard_error < 1e-12);
        CHECK(trend.events == 20);
        CHECK(trend.sublinear() == (power < 1));
        if (power < 1) CHECK(trend.falls_by_chance == doctest::Approx(std::pow(.5, 19)).epsilon(1e-12));
        if (power > 1) CHECK(trend.falls_by_chance == doctest::Approx(1).epsilon(1e-12));
    }
    CHECK(r::detail::fair_coin_tail(3, 2) == doctest::Approx(.5).epsilon(1e-13));
    CHECK(std::isnan(r::regret_trend({{-1., -2., -3.}}).exponent.value));  // no regret
    CHECK_FALSE(r::regret_trend({{-1., -2., -3.}}).sublinear());
}

TEST_CASE("intervals over sequences hold the expected regret and its exponent in 95 of 100 repetitions") {
    const std::size_t repetitions = sanitized ? 20 : 200;
    std::size_t ends = 0, exponents = 0;
    for (std::size_t repetition = 0; repetition < repetitions; ++repetition) {
        auto rng = r::stream(static_cast<r::purpose>(201), 7, repetition);
        auto regret = r::filled<double, 2>({60, 12}, 0.0);
        for (std::size_t s = 0; s < 60; ++s) {
            const double level = 2 + r::standard_normal(rng);
            for (std::size_t t = 0; t < 12; ++t)
                regret(s, t) = level * std::sqrt(static_cast<double>(t + 1)) + .1 * r::standard_normal(rng);
        }
        ends += r::mean_regret(regret, {.replicates = 300}).back().within.holds(2 * std::sqrt(12.));
        exponents += r::regret_trend(regret, {.replicates = 300}).exponent.within.holds(.5);
    }
    for (const std::size_t held : {ends, exponents}) {
        CHECK(static_cast<double>(held) >= .9 * static_cast<double>(repetitions));
        CHECK((held < repetitions || sanitized));
    }
}
