#include "rationale/strategy/merge.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "rationale/prior/sample.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/strategy.hpp"
#include "rationale/task/balls_and_urns.hpp"
#include "support/predictions.hpp"

using namespace rationale;
using urns = balls_and_urns<>;

namespace {

constexpr std::size_t tasks = 60, outcomes = 4;
const urns family({.categories = outcomes});
const auto table = sample_tasks(family, own_prior(family), tasks, 1).tasks;
const auto shown = sample_sequences(family, own_prior(family), 5, 20, 2).sequences;

/// Tasks first..last-1.
seen_tasks<urns> some(std::size_t first, std::size_t last) {
    auto part = filled<double, 2>({last - first, outcomes}, 0.0);
    for (std::size_t d = first; d < last; ++d)
        for (std::size_t k = 0; k < outcomes; ++k) part(d - first, k) = table(d, k);
    return {family, {part}};
}
predictions predicted(const seen_tasks<urns>& seen) { return predict(memorizing<urns>(family, seen), shown, {}, impossible_context::mask); }

}  // namespace

TEST_CASE("merged parts of the seen tasks predict as all of them, in any order, and masses are relative") {
    const auto all = predicted(some(0, tasks));
    for (const std::vector<std::size_t>& cuts : {std::vector<std::size_t>{0, 20, 60}, {0, 1, 2, 59, 60}, {0, 60}}) {
        predictions sum, backwards;
        for (std::size_t i = 1; i < cuts.size(); ++i)
            merge(sum, predicted(some(cuts[i - 1], cuts[i])), static_cast<double>(cuts[i] - cuts[i - 1]) / tasks);
        for (std::size_t i = cuts.size(); --i > 0;)
            merge(backwards, predicted(some(cuts[i - 1], cuts[i])), static_cast<double>(cuts[i] - cuts[i - 1]) / tasks);
        CHECK(rationale_test::largest_absolute_difference(sum, all) < 1e-12);
        CHECK(rationale_test::largest_absolute_difference(backwards, all) < 1e-12);
    }
    predictions twice;
    merge(twice, all, 2);
    for (double& nats : twice.log_evidence) nats -= std::log(2);
    CHECK(rationale_test::largest_absolute_difference(twice, all) < 1e-12);
}

TEST_CASE("a part that excludes what came counts for nothing, and one alone that explains it for all") {
    const auto never = [](double p) { return seen_tasks<urns>(family, {ndarray<double, 2>{{p, 1 - p, 0, 0}}}); };
    urns::sequences seen{ndarray<std::int32_t, 2>{{2, 0, 1}}};
    const auto of = [&](const seen_tasks<urns>& prior) {
        return predict(memorizing<urns>(family, prior), seen, {}, impossible_context::mask);
    };
    const auto own = predict(bayes(family, own_prior(family)), seen);
    predictions sum, other;
    merge(sum, of(never(.5)), .5), merge(sum, own, .5);
    merge(other, own, .5), merge(other, of(never(.5)), .5);
    CHECK(sum.values(0, 0, 2) == doctest::Approx(.125));
    for (std::size_t t = 1; t < 3; ++t)
        for (std::size_t k = 0; k < outcomes; ++k) {
            CHECK(sum.values(0, t, k) == doctest::Approx(own.values(0, t, k)));
            CHECK(other.values(0, t, k) == doctest::Approx(own.values(0, t, k)));
        }
    predictions none;
    merge(none, of(never(.5)), .5), merge(none, of(never(.1)), .5);
    CHECK(std::isnan(none.values(0, 1, 0)));
    CHECK(none.log_evidence(0, 1) == -std::numeric_limits<double>::infinity());
}

TEST_CASE("parts that do not belong together are refused") {
    predictions sum;
    merge(sum, predicted(some(0, 10)), 1);
    auto wrong = predicted(some(10, 20));
    CHECK_THROWS_WITH_AS(merge(sum, wrong, 0), "rationale::merge: the mass is 0, must be a finite number above 0", std::invalid_argument);
    wrong.log_evidence = {};
    CHECK_THROWS_AS(merge(sum, wrong, 1), std::invalid_argument);
    urns::sequences fewer{ndarray<std::int32_t, 2>{{2, 0, 1}}};
    CHECK_THROWS_AS(merge(sum, predict(bayes(family, own_prior(family)), fewer), 1), std::invalid_argument);
}

TEST_CASE("merge: a sum without evidence is refused, and of no events evidence alone is added") {
    predictions sum{prediction_kind::distribution, filled<double, 3>({1, 2, 2}, .5), {}};
    const predictions part{prediction_kind::distribution, filled<double, 3>({1, 2, 2}, .5), filled<double, 2>({1, 3}, 0.0)};
    CHECK_THROWS_WITH_AS(merge(sum, part, 1), "rationale::merge: the sum's log evidence has 0 numbers, must have 3", std::invalid_argument);
    predictions none;
    const predictions empty{prediction_kind::distribution, filled<double, 3>({1, 0, 2}, 0.0), filled<double, 2>({1, 1}, 0.0)};
    merge(none, empty, .25), merge(none, empty, .75);
    CHECK(none.log_evidence(0, 0) == doctest::Approx(0));
}
