#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/densities.hpp"

using namespace rationale;
using namespace rationale_test;
using doctest::Approx;

TEST_CASE("rules for tokens: induction heads, the last token, frequencies") {
    using F = balls_and_urns<3>;
    const F family;
    const F::sequences q{{{0, 1, 2, 0, 1, 0, 1}}};
    const auto head = predict(induction_head<F>(family, 2, 0.), q, sequential{}, impossible_context::mask);
    for (std::size_t k = 0; k < 3; ++k) CHECK(head.values(0, 2, k) == Approx(1. / 3));  // 0 1 came for the first time
    CHECK(head.values(0, 5, 2) == 1);                                                   // after 0 1 came 2,
    CHECK(head.log_evidence(0, 6) == kernel::minus_infinity);                           // but then came 0
    for (std::size_t k = 0; k < 3; ++k) CHECK(std::isnan(head.values(0, 6, k)));        // and all is impossible from there on
    CHECK(head.values(0, 5, 0) == 0);
    CHECK_THROWS_WITH((void)predict(induction_head<F>(family, 2, 0.), q), doctest::Contains("before event 6"));
    const auto sure = predict(last_token<F>(family, 1), q, sequential{}, impossible_context::mask);
    CHECK(sure.values(0, 1, 0) == 1);
    for (std::size_t t = 2; t < 7; ++t) CHECK(std::isnan(sure.values(0, t, 0)));
    const auto one = predict(induction_head<F>(family, 1, 1.), q);
    CHECK(one.values(0, 6, 1) == Approx(3. / 5));  // 0 was followed by 1 twice
    const auto frequency = predict(induction_head<F>(family, 0, 0.5), q);
    CHECK(induction_head<F>(family, 0).name() == "empirical unigram");
    CHECK(frequency.values(0, 3, 0) == Approx(1.5 / 4.5));
    const auto again = predict(last_token<F>(family, 0.7), q);
    CHECK(again.values(0, 1, 0) == Approx(0.8));
    CHECK(again.values(0, 0, 0) == Approx(1. / 3));
    CHECK(again.log_evidence(0, 2) == Approx(std::log(1. / 3) + std::log(0.1)));
    CHECK_THROWS_WITH(last_token<F>(family, 2), doctest::Contains("share is 2, must be in [0, 1]"));
}

TEST_CASE("rules for regression: least squares is ridge without noise, one step of descent, neighbours") {
    using F = linear_regression<3>;
    const F family({.noise_variance = 0.1});
    const auto q = sample_sequences(family, own_prior(family), 5, 12, 4).sequences;
    const auto ols = predict(ordinary_least_squares<F>(family), q);
    // A prior that is 1e10 times wider than the noise leaves what the pairs do not say at its mean, 0: the solution of least norm.
    const auto ridge =
        predict(bayes<F, gaussian>(F({.noise_variance = 1e-6, .task_variance = 1e4}), gaussian(std::vector<double>(3), 1e4)), q);
    for (std::size_t i = 0; i < ols.values.size(); ++i) CHECK(ols.values.data()[i] == Approx(ridge.values.data()[i]).epsilon(1e-4));
    const auto descent = predict(gradient_descent<F>(family, 1, 0.5), q);
    double expected = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        double product = 0;
        for (std::size_t j = 0; j < 3; ++j) product += q.x(2, i, j) * q.x(2, 4, j);
        expected += 0.5 / 4 * q.y(2, i) * product;
    }
    CHECK(descent.values(2, 4, 0) == Approx(expected));
    CHECK(descent.values(2, 0, 0) == 0);
    const auto many = predict(gradient_descent<F>(family, 20000, 0.1), q);
    CHECK(many.values(1, 11, 0) == Approx(ols.values(1, 11, 0)).epsilon(1e-6));
    const auto nearest = predict(nearest_neighbors<F>(family, 1), q);
    std::size_t best = 0;
    double least = 1e300;
    for (std::size_t i = 0; i < 7; ++i) {
        double square = 0;
        for (std::size_t j = 0; j < 3; ++j) square += std::pow(q.x(3, i, j) - q.x(3, 7, j), 2);
        if (square < least) least = square, best = i;
    }
    CHECK(nearest.values(3, 7, 0) == q.y(3, best));
    CHECK(predict(nearest_neighbors<F>(family, 100), q).values(3, 2, 0) == Approx((q.y(3, 0) + q.y(3, 1)) / 2));
    auto tied = q;
    for (std::size_t i = 0; i < 5; ++i)
        for (std::size_t j = 0; j < 3; ++j) tied.x(0, i, j) = 0;
    CHECK(predict(nearest_neighbors<F>(family, 1), tied).values(0, 4, 0) == q.y(0, 0));  // the first, whatever their y
    CHECK(predict(nearest_neighbors<F>(family, 2), tied).values(0, 4, 0) == Approx((q.y(0, 0) + q.y(0, 1)) / 2));
    tied.x(1, 6, 2) = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_AS((void)predict(nearest_neighbors<F>(family, 1), tied), std::invalid_argument);
    CHECK(ols.log_evidence(0, 1) == Approx(gaussian_log_density(q.y(0, 0), 0, 0.1)));
}

TEST_CASE("recognizing equals enumeration over which item every context pair and the query shows, with label noise and three labels") {
    using F = classification<2, 3>;
    const F family({.label_noise = 0.1});
    const seen_tasks<F> seen(family, sample_tasks(family, own_prior(family), 4, 1), {1, 2, 3, 4});
    const auto q = sample_sequences(family, seen, 6, 3, 2).sequences;
    const auto found = predict(recognizing(family, seen), q);
    const double v = family.within_class_variance(), variance = v / (1 + v) * family.item_variance();
    const auto density = [&](std::span<const double> shown, std::size_t d) {
        double nats = 0;
        for (std::size_t j = 0; j < 2; ++j) nats += gaussian_log_density(shown[j], seen.table().tasks(d, j) / std::sqrt(1 + v), variance);
        return std::exp(nats);
    };
    const auto label = [&](std::size_t d, std::size_t l) {
        return static_cast<std::size_t>(seen.table().task_labels(d)) == l ? .9 + .1 / 3 : .1 / 3;
    };
    for (std::size_t s = 0; s < 6; ++s) {
        std::vector<double> joint(3);  // with the label
        double evidence = 0;
        for (std::size_t path = 0; path < 64; ++path) {
            std::size_t item[3] = {path % 4, path / 4 % 4, path / 16};
            double p = 1;
            for (std::size_t i = 0; i < 3; ++i)
                p *= seen.weights()[item[i]] * density(row(q.items, s).subspan(i * 2, 2), item[i]) *
                     label(item[i], static_cast<std::size_t>(q.item_labels(s, i)));
            evidence += p;
            for (std::size_t i = 0; i < 3; ++i)
                for (std::size_t l = 0; l < 3; ++l) joint[l] += p / 3 * density(row(q.query, s), item[i]) * label(item[i], l);
        }
        const double sum = joint[0] + joint[1] + joint[2];
        for (std::size_t l = 0; l < 3; ++l) CHECK(found.values(s, 0, l) == Approx(joint[l] / sum).epsilon(1e-10));
        CHECK(found.log_evidence(s, 0) == Approx(std::log(sum / evidence)).epsilon(1e-10));
    }
}

TEST_CASE("at large D memorizing alone is worse than copying, and recognizing explains it") {
    using F = classification<4, 2>;
    const F family;
    const seen_tasks<F> seen(family, sample_tasks(family, own_prior(family), 1024, 1));
    const strategies all(memorizing<F>(family, seen), generalizing<F>(family), recognizing(family, seen));
    const auto loss = estimate_losses(all, seen, 16, {.most_sequences = 512}).mean;
    CHECK(loss[1] < loss[0]);
    CHECK(loss[2] < loss[1]);
}

TEST_CASE("recognizing: products too small for a number, and labels that no seen item has") {
    using F = classification<>;
    constexpr std::size_t dimensions = 1000;
    const F family({.dimensions = dimensions, .labels = 2, .within_class_variance = .5, .label_noise = 0});
    F::task_table table{filled<double, 2>({2, dimensions}, 2.0), {0, 1}};
    F::sequences q{
        filled<double, 3>({1, 1, dimensions}, 2 / std::sqrt(1.5)), {{0}}, filled<double, 2>({1, dimensions}, -2 / std::sqrt(1.5)), {1}};
    for (std::size_t j = 0; j < dimensions; ++j) table.tasks(1, j) = -2;
    const auto p = predict(recognizing(family, seen_tasks<F>(family, table)), q);
    CHECK(std::isfinite(p.log_evidence(0, 0)));
    CHECK(p.values(0, 0, 0) + p.values(0, 0, 1) == Approx(1));
    table.task_labels(1) = 0, q.item_labels(0, 0) = 1;
    const auto none = predict(recognizing(family, seen_tasks<F>(family, table)), q, sequential{}, impossible_context::mask);
    CHECK(none.log_evidence(0, 0) == -std::numeric_limits<double>::infinity());
    CHECK(none.log_evidence(0, 1) == -std::numeric_limits<double>::infinity());
}
