#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/predictions.hpp"

using namespace rationale;
using namespace rationale_test;
using doctest::Approx;

TEST_CASE("finite functions: every function, permutations, any callable, against enumeration") {
    using F = finite_function<2>;
    for (double noise : {0.0, 0.2}) {
        const F family({.inputs = 3, .noise = noise});
        // All 8 Boolean functions of 3 inputs one by one are what the closed form sums up.
        const auto all = hypotheses(family, 8, [](std::size_t h, std::size_t x) { return h >> x & 1; });
        const auto q = sample_sequences(family, own_prior(family), 20, 12, 3).sequences;
        CHECK(largest_difference(predict(memorizing<F>(family, all), q), predict(generalizing<F>(family), q)) < 1e-12);
    }
    // An output at random may be the right one, too.
    const finite_function<> noisy({.inputs = 2, .outputs = 3, .noise = 0.3});
    const finite_function<>::sequences three{{{0, 0, 1}}, {{2, 1, 0}}};
    const auto one = predict(memorizing<finite_function<>>(noisy, finite_function<>::task_table{{{2, 0}}}), three);
    CHECK(one.values(0, 0, 2) == Approx(0.8));
    CHECK(one.values(0, 0, 1) == Approx(0.1));
    CHECK(one.values(0, 2, 0) == Approx(0.8));
    CHECK(one.log_evidence(0, 3) == Approx(std::log(0.8 * 0.1 * 0.8)));
    const auto every = predict(generalizing<finite_function<>>(noisy), three);
    CHECK(every.values(0, 1, 2) == Approx((0.8 * 0.8 + 2 * 0.1 * 0.1) / (0.8 + 2 * 0.1)));
    CHECK(every.values(0, 2, 1) == Approx(1. / 3));
    const auto shown = sample_sequences(noisy, seen_tasks<finite_function<>>(noisy, {{{2, 0}}}), 2000, 5, 8).sequences;
    double right = 0;
    for (std::size_t s = 0; s < 2000; ++s)
        for (std::size_t t = 0; t < 5; ++t) right += shown.y(s, t) == (shown.x(s, t) == 0 ? 2 : 0);
    CHECK(right / 10000 == Approx(0.8).epsilon(.03));
    const finite_function<> family({.inputs = 4, .outputs = 4});
    const auto permutations = hypotheses(family, 24, [](std::size_t h, std::size_t x) { return permutation(4, h, x); });
    std::set<std::vector<std::int32_t>> different;
    for (std::size_t h = 0; h < 24; ++h) {
        const auto f = row(permutations.table().tasks, h);
        different.insert({f.begin(), f.end()});
        CHECK(std::set<std::int32_t>(f.begin(), f.end()).size() == 4);
    }
    CHECK(different.size() == 24);
    // Three outputs known, the fourth follows.
    const finite_function<>::sequences q{{{0, 1, 2, 3}}, {{2, 0, 3, 1}}};
    const auto p = predict(memorizing<finite_function<>>(family, permutations), q);
    CHECK(p.values(0, 0, 2) == Approx(0.25));
    CHECK(p.values(0, 1, 2) == 0);
    CHECK(p.values(0, 1, 0) == Approx(1. / 3));
    CHECK(p.values(0, 3, 1) == Approx(1));
    CHECK(predict(generalizing<finite_function<>>(family), q).values(0, 3, 1) == Approx(0.25));
}
