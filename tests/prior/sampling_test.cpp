// What the generators draw, against the moments that their definitions have.
#include <doctest/doctest.h>

#include <cmath>
#include <optional>
#include <set>
#include <vector>

#include "rationale/rationale.hpp"

namespace r = rationale;

namespace {
struct moments {
    double n = 0, sum = 0, squares = 0;
    void add(double x) { ++n, sum += x, squares += x * x; }
    [[nodiscard]] double mean() const { return sum / n; }
    [[nodiscard]] double variance() const { return squares / n - mean() * mean(); }
};
}  // namespace

TEST_CASE("urns: Dirichlet tasks, tokens from them") {
    const r::balls_and_urns<3> family({.concentration = {.5, 1, 2.5}});
    const auto data = r::sample_sequences(family, r::own_prior(family), 20000, 4, 1);
    moments first, second_given;
    double hits = 0;
    for (std::size_t s = 0; s < 20000; ++s) {
        first.add(data.truth.tasks(s, 2));
        hits += data.sequences.tokens(s, 3) == 2;
        second_given.add((data.sequences.tokens(s, 0) == 2) * (data.sequences.tokens(s, 1) == 2));
    }
    CHECK(std::abs(first.mean() - .625) < .01);
    CHECK(std::abs(first.variance() - .625 * .375 / 5) < .002);
    CHECK(std::abs(hits / 20000 - .625) < .02);
    CHECK(std::abs(second_given.mean() - .625 * 3.5 / 5) < .02);  // exchangeable, not independent
}

TEST_CASE("regression: task mean and variance, input variance, noise") {
    const r::linear_regression<2> family({.noise_variance = .25, .task_variance = 4, .input_variance = 9, .task_mean = {1, -3}});
    const auto data = r::sample_sequences(family, r::own_prior(family), 20000, 2, 2);
    moments w, x, noise;
    for (std::size_t s = 0; s < 20000; ++s) {
        w.add(data.truth.tasks(s, 1));
        x.add(data.sequences.x(s, 1, 0));
        noise.add(data.sequences.y(s, 1) - data.truth.tasks(s, 0) * data.sequences.x(s, 1, 0) -
                  data.truth.tasks(s, 1) * data.sequences.x(s, 1, 1));
    }
    CHECK(std::abs(w.mean() + 3) < .06);
    CHECK(std::abs(w.variance() - 4) < .2);
    CHECK(std::abs(x.variance() - 9) < .4);
    CHECK(std::abs(noise.variance() - .25) < .01);
}

TEST_CASE("classification: shown items keep the item variance, the query is one of the context's items") {
    const r::classification<4, 3> family({.within_class_variance = .5});
    const auto data = r::sample_sequences(family, r::own_prior(family), 5000, 6, 3);
    moments shown, distance;
    std::vector<double> labels(3);
    for (std::size_t s = 0; s < 5000; ++s) {
        shown.add(data.sequences.query(s, 1));
        ++labels[static_cast<std::size_t>(data.sequences.query_label(s))];
        bool found = false;
        for (std::size_t t = 0; t < 6; ++t) found = found || data.sequences.item_labels(s, t) == data.sequences.query_label(s);
        CHECK(found);
        distance.add(data.sequences.query(s, 0) * std::sqrt(1.5) - data.truth.tasks(s, 0));
    }
    CHECK(std::abs(shown.variance() - .25) < .02);
    CHECK(std::abs(distance.variance() - .125) < .01);
    for (double l : labels) CHECK(std::abs(l / 5000 - 1.0 / 3) < .03);
}

TEST_CASE("seen tasks are drawn by weight: with weights 1/rank the first task comes most often, and a task of weight zero never") {
    const r::balls_and_urns<2> family;
    const r::seen_tasks<r::balls_and_urns<2>> seen(family, {{{.9, .1}, {.6, .4}, {.3, .7}, {.2, .8}}}, {1, 1.0 / 2, 0, 1.0 / 4});
    std::vector<double> count(4);
    const auto data = r::sample_sequences(family, seen, 10000, 1, 4);
    for (std::size_t s = 0; s < 10000; ++s)
        for (std::size_t d = 0; d < 4; ++d) count[d] += data.truth.tasks(s, 0) == seen.table().tasks(d, 0);
    CHECK(std::abs(count[0] / 10000 - 1 / 1.75) < .02);
    CHECK(std::abs(count[1] / 10000 - .5 / 1.75) < .02);
    CHECK(count[2] == 0);
    CHECK(seen.numbers().size() == 4 * 2 + 4);
}

TEST_CASE("tasks, fresh sequences and the sequences of loss estimates are drawn apart, though their seed is one") {
    const r::linear_regression<2> family;
    const auto own = r::own_prior(family);
    const auto tasks = r::sample_tasks(family, own, 40, 7);
    const auto fresh = r::sample_sequences(family, own, 40, 3, 7);
    std::vector<double> numbers(tasks.tasks.begin(), tasks.tasks.end());
    numbers.insert(numbers.end(), fresh.truth.tasks.begin(), fresh.truth.tasks.end());
    numbers.insert(numbers.end(), fresh.sequences.x.begin(), fresh.sequences.x.end());
    const std::vector<std::optional<double>> exact(1);
    (void)r::estimate_losses(family,
                             [&](const r::linear_regression<2>::sequences& q) {
                                 numbers.insert(numbers.end(), q.x.begin(), q.x.end());
                                 return std::vector{r::predict(r::constant(family), q)};
                             },
                             exact, own, 3, {.seed = 7, .batch = 40, .most_sequences = 40});
    CHECK(numbers.size() == 80 + 80 + 240 + 240);
    CHECK(std::set<double>(numbers.begin(), numbers.end()).size() == numbers.size());
}

TEST_CASE("samples do not depend on threads or on how a batch is split") {
    const r::classification<> family({.dimensions = 3});
    const auto prior = r::own_prior(family);
    const auto whole = r::sample_sequences(family, prior, 10, 5, 9),
               parallel = r::sample_sequences(family, prior, 10, 5, 9, 0, r::threads{3});
    const auto tail = r::sample_sequences(family, prior, 4, 5, 9, 6);
    CHECK(whole.sequences.items == parallel.sequences.items);
    for (std::size_t i = 0; i < 3; ++i) CHECK(tail.sequences.query(1, i) == whole.sequences.query(7, i));
}

TEST_CASE("weights that make no sense are refused") {
    using urns = r::balls_and_urns<2>;
    const urns::task_table two{{{.9, .1}, {.6, .4}}};
    CHECK_THROWS_WITH_AS(r::seen_tasks<urns>(urns{}, two, {1}), "rationale::seen_tasks: there are 1 weights, must be 0 or 2",
                         std::invalid_argument);
    CHECK_THROWS_AS(r::seen_tasks<urns>(urns{}, two, {1, -1}), std::invalid_argument);
    CHECK_THROWS_AS(r::seen_tasks<urns>(urns{}, two, {0, 0}), std::invalid_argument);
    CHECK_THROWS_AS(r::gaussian({0.0}, 0), std::invalid_argument);
    CHECK_THROWS_AS(r::dirichlet({1, -1}), std::invalid_argument);
}
