#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <set>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/effort.hpp"

using namespace rationale;

namespace {

using doctest::Approx;

double largest_difference(const predictions& a, const predictions& b) {
    double most = 0;
    for (std::size_t i = 0; i < a.values.size(); ++i) most = std::max(most, std::abs(a.values.data()[i] - b.values.data()[i]));
    for (std::size_t i = 0; i < a.log_evidence.size(); ++i)
        most = std::max(most, std::abs(a.log_evidence.data()[i] - b.log_evidence.data()[i]));
    return most;
}

double gaussian_log_density(double y, double mean, double variance) {
    return -0.5 * ((y - mean) * (y - mean) / variance + std::log(2 * std::numbers::pi * variance));
}

/// Means and log evidence of an estimate by many weighted tasks: integration by points.
template <class F>
void check_by_draws(const F& family, std::size_t context, std::size_t points, double tolerance) {
    const auto own = own_prior(family);
    const auto q = sample_sequences(family, own, 3, context, 5).sequences;
    const auto exact = predict(generalizing<F>(family), q);
    const auto drawn = predict(memorizing<F>(family, sample_tasks(family, own, points, 9)), q);
    for (std::size_t i = 0; i < exact.values.size(); ++i) CHECK(std::abs(exact.values.data()[i] - drawn.values.data()[i]) < tolerance);
    for (std::size_t s = 0; s < 3; ++s)
        CHECK(std::abs(exact.log_evidence(s, exact.events()) - drawn.log_evidence(s, exact.events())) < 4 * tolerance);
}

}  // namespace

TEST_CASE("a hidden Markov model equals the sum over all hidden paths") {
    using F = hidden_markov<3>;
    const F family({.states = 2, .concentration = 0.5});
    const seen_tasks<F> seen(family, sample_tasks(family, own_prior(family), 3, 4), {1, 2, 3});
    F::sequences q;
    q.tokens = unwritten<std::int32_t, 2>({243, 5});
    for (std::size_t s = 0; s < 243; ++s)
        for (std::size_t t = 0, rest = s; t < 5; ++t, rest /= 3) q.tokens(s, t) = static_cast<std::int32_t>(rest % 3);
    const auto found = predict(memorizing<F>(family, seen), q);
    const auto in_float = predict(bayes<F, seen_tasks<F>, float>(family, seen), q);
    double total = 0;
    for (std::size_t s = 0; s < 243; ++s) {
        double evidence = 0;
        for (std::size_t d = 0; d < 3; ++d)
            for (std::size_t path = 0; path < 32; ++path) {
                double p = seen.weights()[d] * 0.5;
                for (std::size_t t = 0; t < 5; ++t) {
                    const std::size_t h = path >> t & 1;
                    p *= seen.table().tasks(d, h, static_cast<std::size_t>(q.tokens(s, t)));
                    if (t < 4) p *= seen.table().transitions(d, h, path >> (t + 1) & 1);
                }
                evidence += p;
            }
        total += evidence;
        REQUIRE(found.log_evidence(s, 5) == Approx(std::log(evidence)).epsilon(1e-12));
        REQUIRE(in_float.log_evidence(s, 5) == Approx(std::log(evidence)).epsilon(1e-5));
        double sum = 0;
        for (std::size_t k = 0; k < 3; ++k) sum += found.values(s, 4, k);
        REQUIRE(sum == Approx(1));
        REQUIRE(found.log_evidence(s, 5) - found.log_evidence(s, 4) ==
                Approx(std::log(found.values(s, 4, static_cast<std::size_t>(q.tokens(s, 4))))).epsilon(1e-12));
    }
    CHECK(total == Approx(1));
}

TEST_CASE("a hidden Markov model of one state is balls and urns, and of states that show themselves a Markov chain") {
    const balls_and_urns<4> urns;
    const hidden_markov<4> one({.states = 1});
    const auto table = sample_tasks(urns, own_prior(urns), 5, 2);
    const auto q = sample_sequences(urns, own_prior(urns), 4, 30, 7).sequences;
    hidden_markov<4>::task_table same;
    allocate(same, [](char letter) { return letter == 'D' ? 5u : letter == 'H' ? 1u : 4u; });
    std::copy(table.tasks.begin(), table.tasks.end(), same.tasks.begin());
    std::fill(same.transitions.begin(), same.transitions.end(), 1.0);
    CHECK(largest_difference(predict(memorizing<balls_and_urns<4>>(urns, table), q),
                             predict(memorizing<hidden_markov<4>>(one, same), {q.tokens})) < 1e-11);

    const markov_chain<3> chains;
    const hidden_markov<3> shown({.states = 3});
    const auto rows = sample_tasks(chains, own_prior(chains), 6, 3);
    hidden_markov<3>::task_table hidden;
    allocate(hidden, [](char letter) { return letter == 'D' ? 6u : 3u; });
    hidden.transitions = rows.tasks;
    for (std::size_t d = 0; d < 6; ++d)
        for (std::size_t h = 0; h < 3; ++h) hidden.tasks(d, h, h) = 1;
    const auto tokens = sample_sequences(chains, own_prior(chains), 4, 40, 8).sequences;
    CHECK(largest_difference(predict(memorizing<markov_chain<3>>(chains, rows), tokens),
                             predict(memorizing<hidden_markov<3>>(shown, hidden), {tokens.tokens})) < 1e-10);
}

TEST_CASE(
    "hidden Markov models: models that exclude a token keep weight zero over long sequences, draws follow the target, rivals predict") {
    using F = hidden_markov<2>;
    const F family;
    F::task_table table;
    allocate(table, [](char) { return 2u; });
    table.tasks(0, 0, 0) = table.tasks(0, 1, 0) = 1;  // never shows token 1
    table.tasks(1, 0, 0) = table.tasks(1, 0, 1) = table.tasks(1, 1, 0) = table.tasks(1, 1, 1) = 0.5;
    std::fill(table.transitions.begin(), table.transitions.end(), 0.5);
    F::sequences q{filled<std::int32_t, 2>({1, 3000}, 0)};
    q.tokens(0, 5) = 1;
    const auto p = predict(memorizing<F>(family, table), q);
    CHECK(p.values(0, 5, 0) == Approx(1 / (1 + std::pow(2, -6))).epsilon(0.02));
    CHECK(p.values(0, 6, 0) == 0.5);
    CHECK(p.log_evidence(0, 3000) == Approx(std::log(0.5) - 3000 * std::log(2)).epsilon(1e-12));

    const seen_tasks<F> seen(family, sample_tasks(family, own_prior(family), 8, 1));
    const auto all = usual_strategies(family, seen);
    const auto loss = estimate_losses(all, seen, 24, {.most_sequences = sanitized ? 64 : 512}).mean;
    CHECK(loss[0] < loss[1]);
    CHECK(loss[1] < loss[4]);
    for (std::size_t rival : {2u, 3u}) CHECK(loss[0] < loss[rival]);
    CHECK(all.names()[2] == "bigram inference");
}

TEST_CASE("Gaussian location: known and unknown variance agree with integration over draws, and with their closed forms") {
    check_by_draws(gaussian_location({.mean = 1, .strength = 0.5, .noise_variance = 2}), 6, 200000, 0.03);
    check_by_draws(gaussian_location({.mean = -1, .strength = 2, .noise_variance = 1, .shape = 3.0}), 6, 200000, 0.03);
    const gaussian_location family({.mean = 1, .strength = 2, .noise_variance = 3});
    const gaussian_location::sequences q{{{0.5, 2, -1}}};
    const auto p = predict(generalizing<gaussian_location>(family), q);
    CHECK(p.values(0, 0, 0) == 1);
    CHECK(p.values(0, 2, 0) == Approx((2 * 1 + 0.5 + 2) / 4));
    CHECK(p.log_evidence(0, 1) == Approx(gaussian_log_density(0.5, 1, 3 * 1.5)));
    // Of an unknown variance the numbers have a multivariate t distribution: scale matrix I + 11'/strength times rate/shape.
    const double shape = 2.5, strength = 2, rate = (shape - 1) * 3, n = 3;
    double sum = 0, squares = 0;
    for (double y : {0.5, 2., -1.}) sum += y - 1, squares += (y - 1) * (y - 1);
    const double quadratic = squares - sum * sum / (strength + n);
    const gaussian_location unknown({.mean = 1, .strength = strength, .noise_variance = 3, .shape = shape});
    CHECK(predict(generalizing<gaussian_location>(unknown), q).log_evidence(0, 3) ==
          Approx(std::lgamma(shape + n / 2) - std::lgamma(shape) - n / 2 * std::log(2 * std::numbers::pi * rate) -
                 0.5 * std::log(1 + n / strength) - (shape + n / 2) * std::log(1 + quadratic / (2 * rate)))
              .epsilon(1e-12));
    // With a very large shape the variance is known.
    const gaussian_location nearly({.mean = 1, .strength = 2, .noise_variance = 3, .shape = 1e7});
    CHECK(predict(generalizing<gaussian_location>(nearly), q).log_evidence(0, 3) == Approx(p.log_evidence(0, 3)).epsilon(1e-5));
    const gaussian_location::task_table two{{{0., 1.}, {2., 4.}}};
    const auto m = predict(memorizing<gaussian_location>(family, two), q);
    const double a = gaussian_log_density(0.5, 0, 1), b = gaussian_log_density(0.5, 2, 4);
    CHECK(m.values(0, 1, 0) == Approx(2 * std::exp(b) / (std::exp(a) + std::exp(b))));
    const auto drawn = sample_sequences(family, own_prior(family), 20000, 2, 4);
    double around = 0, of_means = 0, together = 0;
    for (std::size_t s = 0; s < 20000; ++s) {
        around += std::pow(drawn.sequences.y(s, 0) - drawn.truth.tasks(s, 0), 2) / 20000;
        of_means += std::pow(drawn.truth.tasks(s, 0) - 1, 2) / 20000;
        together += (drawn.sequences.y(s, 0) - 1) * (drawn.sequences.y(s, 1) - 1) / 20000;
    }
    CHECK(around == Approx(3).epsilon(.03));
    CHECK(of_means == Approx(1.5).epsilon(.03));
    CHECK(together == Approx(1.5).epsilon(.06));
    CHECK_THROWS_WITH(gaussian_location({.shape = 1.0}), doctest::Contains("shape is 1, must be above 1"));
}

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

TEST_CASE("feature regression: the identity is linear regression, and every basis agrees with regression on its features") {
    const linear_regression<> linear({.dimensions = 3});
    feature_regression<identity_basis>::parameters three;
    three.dimensions = 3;
    const feature_regression<identity_basis> same(three);
    const auto table = sample_tasks(linear, own_prior(linear), 7, 1);
    const auto q = sample_sequences(linear, own_prior(linear), 20, 9, 2).sequences;
    CHECK(largest_difference(predict(generalizing<linear_regression<>>(linear), q),
                             predict(generalizing<feature_regression<identity_basis>>(same), {q.x, q.y})) < 1e-13);
    CHECK(largest_difference(predict(memorizing<linear_regression<>>(linear, table), q),
                             predict(memorizing<feature_regression<identity_basis>>(same, table), {q.x, q.y})) < 1e-13);
    const auto check = [&]<class Basis>(const feature_regression<Basis>& family, std::size_t features) {
        CHECK(family.basis().features() == features);
        const auto drawn = sample_sequences(family, own_prior(family), 5, 12, 3);
        const linear_regression<> on_features({.dimensions = features, .noise_variance = family.noise_variance()});
        linear_regression<>::sequences mapped;
        mapped.x = unwritten<double, 3>({5, 12, features});
        mapped.y = drawn.sequences.y;
        for (std::size_t s = 0; s < 5; ++s)
            for (std::size_t t = 0; t < 12; ++t) {
                const auto x = family.view(drawn.sequences, s).input(t);
                REQUIRE(x.size() == features);
                const std::size_t dimensions = drawn.sequences.x.shape(2);
                std::vector<double> out(features);
                family.basis()(row(drawn.sequences.x, s).subspan(t * dimensions, dimensions), out);
                for (std::size_t i = 0; i < features; ++i) mapped.x(s, t, i) = out[i];
            }
        CHECK(largest_difference(predict(generalizing<feature_regression<Basis>>(family), drawn.sequences),
                                 predict(generalizing<linear_regression<>>(on_features), mapped)) < 1e-12);
    };
    check(feature_regression<fourier_basis>({.degree = 3}), 7);
    check(feature_regression<polynomial_basis>({.dimensions = 2, .degree = 3}), 7);
    check(feature_regression<relu_basis>({.dimensions = 2, .degree = 5}), 5);
    std::vector<double> out(5);
    polynomial_basis{1, 4}(std::vector<double>{2}, out);
    CHECK(out == std::vector<double>{1, 2, 4, 8, 16});
    polynomial_basis{2, 2}(std::vector<double>{3, -2}, out);
    CHECK(out == std::vector<double>{1, 3, 9, -2, 4});
    fourier_basis{1, 2}(std::vector<double>{.3}, out);  // 1, cos and sin of pi x, cos and sin of 2 pi x
    for (std::size_t j = 1; j <= 2; ++j) {
        CHECK(out[2 * j - 1] == Approx(std::cos(std::acos(-1) * static_cast<double>(j) * .3)));
        CHECK(out[2 * j] == Approx(std::sin(std::acos(-1) * static_cast<double>(j) * .3)));
    }
    // Inputs and noise have the variances that are asked for, and y is w.features(x) beside the noise.
    const feature_regression<polynomial_basis> own({.noise_variance = .5, .task_variance = 3, .input_variance = 4});
    const auto drawn = sample_sequences(own, own_prior(own), 4000, 1, 6);
    double xx = 0, ww = 0, rest = 0;
    for (std::size_t s = 0; s < 4000; ++s) {
        const double x = drawn.sequences.x(s, 0, 0), *const w = &drawn.truth.tasks(s, 0);
        xx += x * x / 4000, ww += w[1] * w[1] / 4000, rest += std::pow(drawn.sequences.y(s, 0) - w[0] - w[1] * x, 2) / 4000;
    }
    CHECK(xx == Approx(4).epsilon(.1));
    CHECK(ww == Approx(3).epsilon(.1));
    CHECK(rest == Approx(.5).epsilon(.1));
    CHECK(linear_regression<>({.dimensions = 8}).noise_variance() == 8. / 256);  // the published one
    CHECK(feature_regression<fourier_basis>({.degree = 3}).noise_variance() == 7. / 256);
}

TEST_CASE("rules for tokens: induction heads, the last token, frequencies") {
    using F = balls_and_urns<3>;
    const F family;
    const F::sequences q{{{0, 1, 2, 0, 1, 0, 1}}};
    const auto head = predict(induction_head<F>(family, 2, 0.), q, sequential{}, impossible_context::mask);
    for (std::size_t k = 0; k < 3; ++k) CHECK(head.values(0, 2, k) == Approx(1. / 3));  // 0 1 came for the first time
    CHECK(head.values(0, 5, 2) == 1);                                                   // after 0 1 came 2,
    CHECK(head.log_evidence(0, 6) == kernel::minus_infinity);                           // but then came 0
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
