#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/npz.hpp"

namespace r = rationale;
using outcome = r::crossover::outcome;

TEST_CASE("the law's closed-form values") {
    const r::power_simplicity simple{.beta = .2};
    CHECK(simple.cost(simple.values(), 4416) - simple.cost(simple.values(), 35600) == doctest::Approx(-1.9239660982912603).epsilon(1e-13));
    const r::account known{{.0, .05}, {35600, 4416}};
    for (const auto& [alpha, evidence, odds] :
         {std::tuple{.6, 4.25, 2.3260339017087412}, {.777805288597849, .5487347793262997, -1.3752313189649605}}) {
        const r::power_law_evidence power{alpha, .85};
        CHECK(power.exposure(power.values(), {.steps = 1e5}) * .05 == doctest::Approx(evidence).epsilon(1e-13));
        const auto log_p = r::log_posterior(r::rational_law{power, simple}, known, {.steps = 1e5});
        CHECK(log_p[0] - log_p[1] == doctest::Approx(odds).epsilon(1e-12));
    }
}

TEST_CASE("weights agree with the published learner, whose parameters are rounded to single precision") {
    const auto npz = rationale_test::load_npz(RATIONALE_TEST_DATA "/published.npz");
    const auto& p = npz.at("learner_alpha_beta_gamma").values;
    for (std::size_t n : {2u, 3u}) {
        const auto& expected = npz.at("learner" + std::to_string(n) + "_weights").values;
        r::account known;
        for (std::size_t q = 0; q < n; ++q) {
            known.loss.push_back(npz.at("learner_loss").values[q]);
            known.complexity.push_back(npz.at("learner_complexity").values[q]);
        }
        for (std::size_t c = 0; c < 4; ++c) {
            const auto w = r::softmax(r::log_posterior(r::published_law{r::power_law_evidence{p[0], p[2]}, r::power_simplicity{p[1]}},
                                                       known, {.steps = npz.at("learner_steps").values[c]}));
            for (std::size_t q = 0; q < n; ++q) CHECK(w[q] == doctest::Approx(expected[c * n + q]).epsilon(1e-6));
        }
    }
}

TEST_CASE("the crossover in its four wordings") {
    const r::power_law_evidence evidence{.6, .9};
    const r::power_simplicity simple{.2};
    const auto of = [&](double loss_m, double loss_g, double bits_m, double bits_g) {
        return r::crossover_steps(r::rational_law{evidence, simple}, {{loss_m, loss_g}, {bits_m, bits_g}}, 0, 1);
    };
    const auto later = of(.1, .16, 40000, 4400);
    REQUIRE(later.what == outcome::at_steps);
    const r::account known{{.1, .16}, {40000, 4400}};
    const auto w = r::softmax(r::log_posterior(r::rational_law{evidence, simple}, known, {.steps = later.steps}));
    CHECK(w[0] == doctest::Approx(.5).epsilon(1e-12));
    CHECK(r::softmax(r::log_posterior(r::rational_law{evidence, simple}, known, {.steps = later.steps * 1.01}))[0] > .5);
    CHECK(of(.2, .16, 40000, 4400).what == outcome::never);  // the published code has NaN here
    CHECK(of(.2, .16, 40000, 4400).words() == "never");
    CHECK(of(.16, .16, 40000, 4400).what == outcome::never);
    CHECK(of(.1, .16, 4000, 4400).what == outcome::from_the_start);
    CHECK(of(.1, .16, 4000, 4400).words() == "from the start");
    const auto reverse = of(.2, .16, 4000, 44000);
    CHECK(reverse.what == outcome::reverse);
    CHECK(reverse.words().starts_with("reverse: leads until step "));
}

TEST_CASE("a crossover outside any training of this kind is no number of steps in words") {
    const r::crossover early{outcome::at_steps, 8.2e-26}, seen{outcome::at_steps, 1}, late{outcome::at_steps, 1e5},
        after{outcome::at_steps, 1.001e5};
    CHECK(early.words(1000) == "before the first step");
    CHECK(early.words() == "before the first step");
    CHECK(seen.words(1000) == "after 1 step");
    CHECK(late.words(1000) == "after 100000 steps");
    CHECK(after.words(1000) == "not within any training of this kind");
    CHECK(after.words() == "after 100100 steps");
    CHECK_FALSE(early.within(1000));
    CHECK(seen.within(1000));
    CHECK(late.within(1000));
    CHECK_FALSE(after.within(1000));
    CHECK_FALSE(r::crossover{outcome::never}.within(1000));
    CHECK(r::crossover{outcome::reverse, 2.1e-11}.words(1000) == "reverse: leads only before the first step");
    CHECK(r::crossover{outcome::reverse, 30}.words(1000) == "reverse: leads until step 30");
    CHECK(r::crossover{outcome::reverse, 1e9}.words(1000) == "reverse: leads throughout any training of this kind");
}

namespace {
/// A law of the user's own, without a closed form for its inverse.
struct logarithmic_evidence {
    double rate = 1;
    static constexpr std::array<r::law_parameter, 1> parameters{{{"rate", 0, 1e9, r::search_scale::logarithmic, 1e-3, 1e3}}};
    [[nodiscard]] std::array<double, 1> values() const { return {rate}; }
    template <class Real>
    static Real exposure(const std::array<Real, 1>& p, const r::training& n) {
        using std::log;
        return p[0] * Real(std::log(1 + n.steps));
    }
    friend bool operator==(const logarithmic_evidence&, const logarithmic_evidence&) = default;
};
}  // namespace

TEST_CASE("a law without a closed form crosses where its odds vanish") {
    const logarithmic_evidence evidence{3};
    const r::account known{{.1, .9}, {9000, 4400}};
    const auto c = r::crossover_steps(r::rational_law{evidence, r::power_simplicity{.3}}, known, 0, 1);
    REQUIRE(c.what == outcome::at_steps);
    const auto log_p = r::log_posterior(r::rational_law{evidence, r::power_simplicity{.3}}, known, {.steps = c.steps});
    CHECK(std::abs(log_p[0] - log_p[1]) < 1e-9);
}

TEST_CASE("a learner of three strategies") {
    using urns = r::balls_and_urns<5>;
    const urns family;
    const auto tasks = r::sample_tasks(family, r::own_prior(family), 12, 3);
    const r::strategies all(r::memorizing<urns>(family, tasks), r::generalizing<urns>(family), r::constant(family));
    const r::learner learner(all, {{.05, .12, .4}, {12000, 4416, 1990}}, r::power_law_evidence{.5, 1}, r::power_simplicity{.2});
    const auto q = r::sample_sequences(family, r::own_prior(family), 3, 6, 4).sequences;
    const r::training n{.steps = 400};
    const auto w = learner.weights(n);
    CHECK(w[0] + w[1] + w[2] == doctest::Approx(1).epsilon(1e-15));
    CHECK(std::log(w[0] / w[1]) == doctest::Approx(learner.log_posterior_odds(0, 1, n)).epsilon(1e-12));
    CHECK(learner.log_bayes_factor(0, 1, {.steps = 0}) == 0);
    CHECK(learner.log_bayes_factor(0, 1, n) == doctest::Approx(20 * (.12 - .05)));  // evidence is for the smaller loss,
    CHECK(learner.log_prior_odds(0, 1, n) ==
          doctest::Approx(-std::log(2) * (std::pow(12000, .2) - std::pow(4416, .2))));  // simplicity for fewer bits
    CHECK(learner.log_prior_odds(0, 1) == doctest::Approx(learner.log_prior_odds(0, 1, n)));
    // Without mass a strategy has no odds, whatever its loss.
    constexpr double inf = std::numeric_limits<double>::infinity();
    const r::learner without(all, {{.05, .12, inf}, {12000, 4416, 1990}, {0, 0, -inf}}, r::power_law_evidence{.5, 1},
                             r::power_simplicity{.2});
    for (const r::training& at : {r::training{}, n}) {
        CHECK(without.log_prior_odds(0, 2, at) == inf);
        CHECK(without.log_prior_odds(2, 0, at) == -inf);
        CHECK(without.log_posterior_odds(0, 2, at) == inf);
        CHECK(without.log_bayes_factor(0, 2, at) == (at.steps > 0 ? inf : 0));
        CHECK(without.log_prior_odds(0, 1, at) == doctest::Approx(learner.log_prior_odds(0, 1, n)));
    }
    CHECK(std::isnan(without.log_prior_odds(2, 2, n)));
    const auto mixed = learner.predict(q, n);
    const auto parts = r::predict_all(all, q);
    CHECK(mixed.values(2, 5, 1) ==
          doctest::Approx(w[0] * parts[0].values(2, 5, 1) + w[1] * parts[1].values(2, 5, 1) + w[2] * parts[2].values(2, 5, 1))
              .epsilon(1e-14));
    // C, then G, then M, as training goes on.
    const auto leader = [&](double steps) {
        const auto v = learner.weights({.steps = steps});
        return std::max_element(v.begin(), v.end()) - v.begin();
    };
    CHECK(leader(1) == 2);
    CHECK(leader(30) == 1);
    CHECK(leader(1e6) == 0);
}

TEST_CASE("a parameter out of range, an account that does not fit") {
    using urns = r::balls_and_urns<5>;
    const r::strategies one(r::generalizing<urns>(urns{}));
    CHECK_THROWS_WITH_AS(r::learner(one, {{.1}, {10}}, r::power_law_evidence{1, 1}, r::power_simplicity{.2}),
                         "rationale::law: alpha is 1, must be at least 0 and below 1", std::invalid_argument);
    CHECK_THROWS_AS(r::learner(one, {{.1}, {10}}, r::power_law_evidence{.1, 0}, r::power_simplicity{.2}), std::invalid_argument);
    CHECK_THROWS_WITH_AS(r::learner(one, {{.1, .2}, {10}}, r::power_law_evidence{}, r::power_simplicity{.2}),
                         "rationale::learner: loss has 2 numbers, must have 1", std::invalid_argument);
}
