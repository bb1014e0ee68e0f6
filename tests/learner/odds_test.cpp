// What a law says of the odds of strategies, from the formulas: evidence, simplicity, base measures, and when one overtakes another.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/learner/crossover.hpp"
#include "rationale/learner/evidence_laws.hpp"
#include "rationale/learner/known_laws.hpp"
#include "rationale/learner/simplicity_laws.hpp"

namespace r = rationale;
using outcome = r::crossover::outcome;

TEST_CASE("what a nat per position counts after N steps on D tasks, law by law") {
    const r::training n{.steps = 700, .tasks = 16};
    const auto exposure = [&](const auto& law) { return law.exposure(law.values(), n); };
    CHECK(exposure(r::power_law_evidence{.3, 2}) == doctest::Approx(2 * std::pow(700, .7)));
    CHECK(exposure(r::linear_evidence{.02}) == doctest::Approx(.02 * 700));
    CHECK(exposure(r::unscaled_evidence{.3}) == doctest::Approx(std::pow(700, .7)));
    CHECK(exposure(r::saturating_evidence{.3, 2, 500}) == doctest::Approx(2 * std::pow(700 / (1 + 700. / 500), .7)));
    CHECK(exposure(r::per_task_evidence{.3, 2}) == doctest::Approx(2 * std::pow(700. / 16, .7)));
    CHECK(exposure(r::scheduled_evidence{.3, 2, .5}) == doctest::Approx(2 * std::pow(700, .7)));  // no schedule: a constant rate
}

TEST_CASE("what K bits cost in nats, law by law") {
    const r::training n{.steps = 700, .tasks = 16};
    const double ln2 = std::numbers::ln2;
    CHECK(r::power_simplicity::cost(r::power_simplicity{.3}.values(), 5000) == doctest::Approx(ln2 * std::pow(5000, .3)));
    CHECK(r::linear_simplicity::cost(r::linear_simplicity{.3}.values(), 5000) == doctest::Approx(ln2 * .3 * 5000));
    CHECK(r::plain_simplicity::cost(r::plain_simplicity{}.values(), 5000) == doctest::Approx(ln2 * 5000));
    CHECK(r::per_task_simplicity::cost(r::per_task_simplicity{.3}.values(), 5000, n) == doctest::Approx(ln2 * .3 * 5000 / 16));
    CHECK(r::no_simplicity::cost(r::no_simplicity{}.values(), 5000) == 0);
    CHECK(r::power_simplicity::cost(r::power_simplicity{.3}.values(), 0) == 0);
}

TEST_CASE("log odds gain exposure times what the other loses more, lose what more bits cost, and gain the base measure") {
    const r::account known{{.3, .42}, {35600, 4416}, {std::log(.2), std::log(.7)}};
    const r::rational_law law{r::per_task_evidence{.4, 1.5}, r::per_task_simplicity{.6}};
    const auto log_p = r::log_posterior(law, known, {.steps = 900, .tasks = 30});
    const double evidence = 1.5 * std::pow(30, .6) * .12, simplicity = -std::numbers::ln2 * .6 * (35600 - 4416) / 30;
    CHECK(log_p[0] - log_p[1] == doctest::Approx(evidence + simplicity + std::log(.2 / .7)).epsilon(1e-12));
    const auto any = r::law_of<r::per_task_law>();
    CHECK(any.log_posterior(law.values(), known, {.steps = 900, .tasks = 30}) == log_p);
    const auto w = any.weights(law.values(), {{.3, .3}, {100, 100}, known.log_mass}, {.steps = 900, .tasks = 30});
    CHECK(w[0] / w[1] == doctest::Approx(2. / 7));  // alike but for how much each stands for
}

TEST_CASE("where evidence levels off, a strategy that fits better may never lead, and one that is simpler may lead for ever") {
    // The exposure grows as 2 sqrt(N/(1 + N/1e4)) to 200: a difference of .1 nats is worth 20 at most.
    const r::rational_law law{r::saturating_evidence{.5, 2, 1e4}, r::linear_simplicity{1 / std::numbers::ln2}};  // a bit costs a nat
    const auto of = [&](double loss_a, double loss_b, double bits_a, double bits_b) {
        return r::crossover_steps(law, {{loss_a, loss_b}, {bits_a, bits_b}}, 0, 1);
    };
    const auto steps = [](double exposure) { return 1 / (4 / (exposure * exposure) - 1e-4); };
    CHECK(of(.1, .2, 119, 100).what == outcome::at_steps);
    CHECK(of(.1, .2, 119, 100).steps == doctest::Approx(steps(190)).epsilon(1e-9));
    CHECK(of(.1, .2, 121, 100).what == outcome::never);  // 21 nats are never made good
    CHECK(std::isnan(of(.1, .2, 121, 100).steps));
    CHECK(of(.2, .1, 100, 119).what == outcome::reverse);
    CHECK(of(.2, .1, 100, 119).steps == doctest::Approx(steps(190)).epsilon(1e-9));
    CHECK(of(.2, .1, 100, 121).what == outcome::from_the_start);
    CHECK(of(.2, .1, 100, 121).words() == "from the start");
    // And at the edges of the plane, whatever the law.
    CHECK(of(.2, .1, 120, 100).what == outcome::never);
    CHECK(of(.1, .1, 120, 100).what == outcome::never);
    CHECK(of(.2, .1, 100, 100).what == outcome::never);
    CHECK(of(.1, .1, 100, 120).what == outcome::from_the_start);
    CHECK(of(.1, .2, 100, 100).what == outcome::from_the_start);
    CHECK(of(.1, .2, 100, 120).what == outcome::from_the_start);
    // The weights agree: before, at and after.
    const r::account known{{.1, .2}, {119, 100}};
    const auto odds = [&](double at) {
        const auto log_p = r::log_posterior(law, known, {.steps = at});
        return log_p[0] - log_p[1];
    };
    CHECK(odds(.99 * steps(190)) < 0);
    CHECK(odds(1.01 * steps(190)) > 0);
    CHECK(std::abs(odds(steps(190))) < 1e-9);
}

TEST_CASE("a crossover that is said to come after some steps comes there, with every known law and a schedule") {
    const std::vector<std::pair<double, double>> schedule{{0, 0}, {100, 1e-3}, {500, 1e-3}, {1e6, 5e-4}};
    const r::account known{{.3, .42}, {35600, 4416}, {.1, .3}, {.5, -1}};
    for (const auto& law : r::known_laws()) {
        CAPTURE(law.name());
        const r::training n{.tasks = 64, .schedule = schedule};
        std::vector<double> values;
        for (const auto& p : law.parameters()) {
            const std::string name(p.name);
            values.push_back(name == "alpha"         ? .4
                             : name == "gamma"       ? .7
                             : name == "beta"        ? .25
                             : name == "c"           ? 1e-4
                             : name == "saturation"  ? 5e4
                             : name == "coefficient" ? -1
                                                     : .3);
        }
        const auto crossing = r::crossover_steps(law, values, known, 0, 1, n);
        if (law.name() == "beta=1") continue;  // tens of thousands of nats: after more steps than there are
        REQUIRE(crossing.what == outcome::at_steps);
        const auto odds = [&](double at) {
            auto there = n;
            there.steps = at;
            const auto log_p = law.log_posterior(values, known, there);
            return log_p[0] - log_p[1];
        };
        CHECK(std::abs(odds(crossing.steps)) < 1e-8);
        CHECK(odds(.9 * crossing.steps) < 0);
        CHECK(odds(1.1 * crossing.steps) > 0);
    }
}

TEST_CASE("which strategies lead one after the other is what the weights say, those that never lead and ties among them") {
    const r::rational_law law{r::power_law_evidence{.5, 1}, r::linear_simplicity{1e-3}};
    // From the simplest on, each fits better; the fourth never leads, the last is as simple as the first and fits worse.
    const r::account known{{.5, .2, .05, .3, .6}, {1000, 6000, 30000, 29000, 1000}};
    const auto order = r::leads(r::law_of<std::remove_const_t<decltype(law)>>(), law.values(), known);
    REQUIRE(order.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) CHECK(order[i].strategy == i);
    CHECK(order[0].from_steps == 0);
    CHECK(order[1].from_steps == doctest::Approx(std::pow(std::numbers::ln2 * 5 / .3, 2)));
    CHECK(order[2].from_steps == doctest::Approx(std::pow(std::numbers::ln2 * 24 / .15, 2)));
    for (double steps : {1., 100., 140., 5000., 1e4, 1.3e4, 1e6}) {
        const auto log_p = r::log_posterior(law, known, {.steps = steps});
        const auto first = static_cast<std::size_t>(std::max_element(log_p.begin(), log_p.end()) - log_p.begin());
        CHECK(first == (steps < order[1].from_steps ? 0 : steps < order[2].from_steps ? 1 : 2));
    }
}
