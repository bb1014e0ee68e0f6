// Posterior weights of components at every event.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "rationale/prior/gaussian_mixture.hpp"
#include "rationale/prior/ngrams.hpp"
#include "rationale/prior/random_hidden_markov.hpp"
#include "rationale/prior/remembered_location.hpp"
#include "rationale/prior/remembered_regression.hpp"
#include "rationale/prior/remembered_rows.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/prior/tempered.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/posteriors.hpp"
#include "rationale/task/hidden_markov.hpp"
#include "rationale/task/markov_chain.hpp"

namespace {

namespace r = rationale;
using urns = r::balls_and_urns<>;

/// Log likelihoods of what came by the evidence of each component alone: another way through the library.
template <class F>
std::vector<double> by_hand(const F& family, const r::seen_tasks<F>& seen, const typename F::sequences& data, std::size_t s,
                            std::size_t t) {
    std::vector<double> log_weight;
    for (std::size_t d = 0; d < seen.size(); ++d) {
        typename F::task_table one;
        r::allocate(one, [&](char letter) { return letter == 'D' ? 1 : family.extent(letter); });
        r::for_each_field<typename F::task_table>([&](const auto& f) {
            const auto from = r::row(seen.table().*f.member, d);
            std::copy(from.begin(), from.end(), r::row(one.*f.member, 0).begin());
        });
        log_weight.push_back(std::log(seen.weights()[d]) + r::predict(r::memorizing<F>(family, one), data).log_evidence(s, t));
    }
    r::detail::softmax_in_place(log_weight);
    return log_weight;
}

/// How far apart two numbers are; one of them alone being no number is as far as can be.
double apart(double a, double b) {
    if (std::isnan(a) != std::isnan(b)) return std::numeric_limits<double>::infinity();
    return std::isnan(a) ? 0 : std::abs(a - b);
}

/// posteriors(), heaviest() and posterior() agree, and are what `expected(s, t)` says where it says it.
template <class S, class Data, class Expected>
void agree(const S& strategy, const Data& data, std::size_t s, std::size_t events, const Expected& expected, double tolerance) {
    const auto all = r::posteriors(strategy, data, s);
    const std::size_t components = strategy.prior().size(), k = (std::min)(components, std::size_t{5});
    REQUIRE(all.shape(0) == events + 1);
    const auto some = r::heaviest(strategy, data, s, k);
    double off = 0, of_single = 0, of_heaviest = 0;
    for (std::size_t t = 0; t <= events; ++t) {
        const auto weights = r::row(all, t);
        const auto single = strategy.posterior(data, s, t);
        const std::vector<double> by = expected(s, t);
        std::vector<double> sorted(weights.begin(), weights.end());
        std::sort(sorted.rbegin(), sorted.rend());
        for (std::size_t d = 0; d < components; ++d) {
            of_single = (std::max)(of_single, apart(weights[d], single[d]));
            if (!by.empty()) off = (std::max)(off, apart(weights[d], by[d]));
        }
        for (std::size_t i = 0; i < k; ++i) {
            of_heaviest = (std::max)(of_heaviest, apart(some.weight(t, i), sorted[i]));
            if (some.component(t, i) >= 0)
                of_heaviest = (std::max)(of_heaviest, apart(some.weight(t, i), weights[static_cast<std::size_t>(some.component(t, i))]));
            else CHECK(sorted[i] <= strategy.skip_tolerance());
        }
    }
    CHECK(off < tolerance);
    CHECK(of_single < tolerance);
    CHECK(of_heaviest < tolerance);
}
template <class F>
void memorizing_agrees(const F& family, std::size_t tasks, std::size_t events) {
    std::vector<double> weights;
    for (std::size_t d = 0; d < tasks; ++d) weights.push_back(1 + static_cast<double>(d % 3));
    const r::seen_tasks<F> seen(family, r::sample_tasks(family, rationale::own_prior(family), tasks, 1), weights);
    const auto data = r::sample_sequences(family, seen, 3, events, 2).sequences;
    const auto expected = [&](std::size_t s, std::size_t t) {
        return t % 7 == 0 || t == events ? by_hand(family, seen, data, s, t) : std::vector<double>{};
    };
    agree(r::memorizing<F>(family, seen), data, 1, events, expected, 1e-11);
    agree(r::bayes<F, r::seen_tasks<F>, float>(family, seen), data, 1, events, expected, 1e-4);
}
const auto nothing = [](std::size_t, std::size_t) { return std::vector<double>{}; };

}  // namespace

TEST_CASE("posteriors of seen tasks at every event are those of each task's own evidence") {
    memorizing_agrees(urns({.categories = 5}), 70, 40);
    memorizing_agrees(urns({.categories = 2}), 1, 6);
    memorizing_agrees(r::linear_regression<>({.dimensions = 3}), 37, 20);
    memorizing_agrees(r::markov_chain<>({.categories = 3}), 20, 30);
    memorizing_agrees(r::hidden_markov<>({.categories = 3, .states = 2}), 9, 15);
}

TEST_CASE("posteriors of beliefs: remembered, tempered, Gaussian components") {
    const urns family({.categories = 4});
    const r::seen_tasks<urns> seen(family, r::sample_tasks(family, r::own_prior(family), 33, 3));
    const auto data = r::sample_sequences(family, seen, 2, 25, 4).sequences;
    agree(r::bayes(family, r::remembered(family, seen, 3.)), data, 0, 25, nothing, 1e-11);
    agree(r::bayes(family, r::tempered(r::remembered(family, seen, 3.), .4)), data, 1, 25, nothing, 1e-11);
    const r::linear_regression<> line({.dimensions = 2});
    const auto pairs = r::sample_sequences(line, r::own_prior(line), 1, 12, 5).sequences;
    agree(r::bayes(line, r::spike_and_slab(2, .5, 1)), pairs, 0, 12, nothing, 1e-11);
    agree(r::generalizing<r::linear_regression<>>(line), pairs, 0, 12, nothing, 1e-15);
}

TEST_CASE("of components that weigh the same, the heaviest are the first ones, however they are packed") {
    const urns family({.categories = 3});
    const auto drawn = r::sample_tasks(family, r::own_prior(family), 300, 3);
    auto tasks = drawn;  // each ten times: d, d + 30, d + 60, ...
    for (std::size_t d = 0; d < 300; ++d)
        for (std::size_t k = 0; k < 3; ++k) tasks.tasks(d, k) = drawn.tasks(d % 30, k);
    const r::memorizing<urns> strategy(family, tasks);
    const auto data = r::sample_sequences(family, strategy.prior(), 1, 8, 4).sequences;
    const auto found = r::heaviest(strategy, data, 0, 7);
    for (std::size_t j = 0; j < 7; ++j) {
        CHECK(found.component(0, j) == static_cast<int>(j));  // before any token all weigh the same
        for (std::size_t t = 1; t <= 8; ++t) CHECK(found.component(t, j) == found.component(t, 0) + 30 * static_cast<int>(j));
    }
    for (std::size_t t = 1; t <= 8; ++t) CHECK(found.component(t, 0) < 30);
}

TEST_CASE("posteriors: chosen events, what no task explains, and what is refused") {
    const urns family({.categories = 2});
    const r::memorizing<urns> zeros(family, urns::task_table{{{1, 0}, {1, 0}, {.5, .5}}});
    const urns::sequences data{{{0, 0, 1, 1}, {1, 0, 0, 0}}};
    const std::array<std::size_t, 2> chosen{1, 3};
    const auto some = r::posteriors(zeros, data, 0, chosen);
    REQUIRE(some.shape(0) == 2);
    CHECK(some(0, 0) == doctest::Approx(.4));
    CHECK(some(0, 2) == doctest::Approx(.2));
    CHECK(some(1, 0) == 0);
    CHECK(some(1, 2) == 1);
    const auto best = r::heaviest(zeros, data, 0, 2, chosen);
    CHECK(best.component(0, 0) == 0);
    CHECK(best.component(0, 1) == 1);
    CHECK(best.component(1, 0) == 2);
    CHECK(best.component(1, 1) == -1);
    CHECK(best.weight(1, 1) == 0);
    const r::memorizing<urns> hopeless(family, urns::task_table{{{1, 0}}});
    const auto none = r::posteriors(hopeless, data, 1);
    CHECK(none(0, 0) == 1);
    CHECK(std::isnan(none(1, 0)));
    CHECK(r::heaviest(hopeless, data, 1, 1).component(4, 0) == -1);
    CHECK(r::posteriors(zeros, data, 0, std::span<const std::size_t>{}).shape(0) == 0);
    const std::array<std::size_t, 2> falling{3, 1}, beyond{0, 5};
    CHECK_THROWS_WITH((void)r::posteriors(zeros, data, 0, falling), "rationale::posteriors: events must increase");
    const std::vector<std::size_t> twice{1, 1};
    CHECK_THROWS_WITH((void)r::posteriors(zeros, data, 0, twice), "rationale::posteriors: events must increase");
    CHECK_THROWS_WITH((void)r::heaviest(zeros, data, 0, 2, twice), "rationale::heaviest: events must increase");
    CHECK_THROWS_WITH((void)r::posteriors(zeros, data, 0, beyond), "rationale::posteriors: event is 5, must be below 5");
    CHECK_THROWS_WITH((void)r::posteriors(zeros, data, 2), "rationale::posteriors: sequence is 2, must be below 2");
    CHECK_THROWS_WITH((void)r::heaviest(zeros, data, 0, 4), "rationale::heaviest: k is 4, must be from 1 to the number of components, 3");
    CHECK_THROWS_WITH((void)r::heaviest(zeros, data, 0, 0), "rationale::heaviest: k is 0, must be from 1 to the number of components, 3");
    // Of the other sequences the shapes alone are looked at: a loop over all of them looks at each number once.
    const urns::sequences second_is_wrong{{{0, 0, 1, 1}, {1, 2, 0, 0}}};
    CHECK(r::posteriors(zeros, second_is_wrong, 0, chosen) == some);
    CHECK(zeros.posterior(second_is_wrong, 0, 1) == zeros.posterior(data, 0, 1));
    CHECK_THROWS_WITH((void)zeros.posterior(second_is_wrong, 1, 1),
                      "rationale::bayes::posterior: tokens holds 2 at flat position 5, must be in 0..1");
}

TEST_CASE("heaviest: of equal ones the first, over parts of the components, and none that prediction leaves out") {
    const urns family({.categories = 2});
    urns::task_table table{r::filled<double, 2>({20000, 2}, .5)};
    for (std::size_t d = 100; d < 20000; ++d) table.tasks(d, 1) = 1 - (table.tasks(d, 0) = .3 + 1e-5 * static_cast<double>(d % 1000));
    for (const std::size_t d : {7000, 300, 19000}) table.tasks(d, 0) = .9, table.tasks(d, 1) = .1;
    const urns::sequences data{r::filled<std::int32_t, 2>({1, 20}, 0)};
    const auto coins = r::heaviest(r::memorizing<urns>(family, table), data, 0, 5);
    const std::array<std::int64_t, 5> at_first{0, 1, 2, 3, 4}, later{300, 7000, 19000, 0, 1};
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(coins.component(0, i) == at_first[i]);
        CHECK(coins.component(20, i) == later[i]);
    }
    const auto on_heads = r::heaviest(r::memorizing<urns>(family, urns::task_table{{{.5, .5}, {.5, .5}}}), data, 0, 2);
    CHECK(on_heads.component(20, 0) == 0);
    // After 32 pairs few of 3000 lines matter; without a tolerance more are there.
    const r::linear_regression<> line({.dimensions = 2, .noise_variance = .1});
    const r::seen_tasks<r::linear_regression<>> seen(line, r::sample_tasks(line, r::own_prior(line), 3000, 1));
    const auto pairs = r::sample_sequences(line, seen, 1, 32, 2).sequences;
    r::memorizing<r::linear_regression<>> m(line, seen);
    const auto matter = r::heaviest(m, pairs, 0, 3000);
    const auto all_weights = r::posteriors(m, pairs, 0);
    CHECK(matter.component(32, 1000) == -1);
    CHECK(matter.weight(32, 0) == doctest::Approx(all_weights(32, static_cast<std::size_t>(matter.component(32, 0)))));
    m.skip_tolerance(0);
    const auto all = r::heaviest(m, pairs, 0, 3000);
    CHECK(all.component(32, 1000) >= 0);
    CHECK(all.component(32, 0) == matter.component(32, 0));
    for (std::size_t i = 0; i < 3000; ++i) CHECK(all.component(1, i) == matter.component(1, i));
}

TEST_CASE("posteriors in float of a memory that the context belies for so long that its weights leave the range of float") {
    const r::balls_and_urns<16> family;
    auto table = r::sample_tasks(family, r::own_prior(family), 64, 1);
    for (std::size_t k = 0; k < 16; ++k) table.tasks(0, k) = k == 0 ? .999 : .001 / 15;
    for (const std::size_t first : {24, 28, 32, 36, 40}) {
        r::balls_and_urns<16>::sequences data{r::filled<std::int32_t, 2>({1, first + 30}, 0)};
        for (std::size_t t = first; t < first + 30; ++t) data.tokens(0, t) = static_cast<std::int32_t>((t - first) % 16);
        const r::seen_tasks<r::balls_and_urns<16>> seen(family, table);
        const auto memory = r::remembered(family, seen, 1e4);
        agree(r::bayes<r::balls_and_urns<16>, std::remove_const_t<decltype(memory)>, float>(family, memory), data, 0, first + 30, nothing,
              1e-3);
    }
}

TEST_CASE("posteriors of so many tasks that they come in parts, of which the last ones explain the context far better") {
    const urns family({.categories = 2});
    constexpr std::size_t tasks = 40000, events = 250;
    urns::task_table table{r::filled<double, 2>({tasks, 2}, 0.0)};
    for (std::size_t d = 0; d < tasks; ++d) {
        table.tasks(d, 0) = (static_cast<double>(d) + .5) / tasks;
        table.tasks(d, 1) = 1 - table.tasks(d, 0);
    }
    for (const std::int32_t token : {0, 1}) {
        const urns::sequences data{r::filled<std::int32_t, 2>({1, events}, token)};
        const auto all = r::posteriors(r::memorizing<urns>(family, table), data, 0);
        const auto last = r::row(all, events);
        double sum = 0, mean = 0;
        for (std::size_t d = 0; d < tasks; ++d) sum += last[d], mean += last[d] * table.tasks(d, static_cast<std::size_t>(token));
        CHECK(sum == doctest::Approx(1));
        CHECK(mean == doctest::Approx(251. / 252).epsilon(1e-6));  // Laplace's rule
    }
}
