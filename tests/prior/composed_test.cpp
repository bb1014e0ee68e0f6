#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/predictions.hpp"

using namespace rationale;
using namespace rationale_test;

namespace {
/// A user's own prior, of nothing.
struct nothing : seen_tasks<balls_and_urns<3>> {
    using seen_tasks::seen_tasks;
    [[nodiscard]] std::size_t size() const noexcept { return 0; }
};
}  // namespace

template <>
struct rationale::predictive<balls_and_urns<3>, nothing> : balls_and_urns<3> {
    predictive(const balls_and_urns<3>& family, const nothing&) : balls_and_urns<3>(family) {}
    static void pack(const nothing&, std::size_t, double*, std::size_t) {}
};

using doctest::Approx;

TEST_CASE("an isotropic Gaussian by its full covariance is ridge regression, and rotating everything changes nothing") {
    using F = linear_regression<3>;
    const F family({.noise_variance = 0.3});
    const auto q = sample_sequences(family, own_prior(family), 4, 20, 1).sequences;
    const auto ridge = predict(generalizing<F>(family), q);
    const gaussian_mixture full(std::vector<double>(3), {1, 0, 0, 0, 1, 0, 0, 0, 1});
    CHECK(largest_difference(predict(bayes<F, gaussian_mixture>(family, full), q), ridge) < 1e-11);
    // x -> A x and w ~ N(A^-T m, A^-T C A^-1) predict what x and w ~ N(m, C) do: here A is diagonal and shears.
    const gaussian_mixture sheared({0.5, 1, 0}, {2, 1, 0, 1, 1, 0, 0, 0, 0.5});
    const double a[3][3] = {{1, 0, 0}, {0.5, 2, 0}, {0, 0, -1}};  // x' = A x
    auto turned = q;
    for (std::size_t s = 0; s < 4; ++s)
        for (std::size_t t = 0; t < 20; ++t)
            for (std::size_t i = 0; i < 3; ++i) {
                turned.x(s, t, i) = 0;
                for (std::size_t j = 0; j < 3; ++j) turned.x(s, t, i) += a[i][j] * q.x(s, t, j);
            }
    // w of the turned inputs is v with w = A' v.
    const gaussian_mixture of_turned = [&] {
        const double b[3][3] = {{1, -0.25, 0}, {0, 0.5, 0}, {0, 0, -1}};  // A^-T: v = b w
        std::vector<double> mean(3), covariance(9);
        for (std::size_t i = 0; i < 3; ++i)
            for (std::size_t j = 0; j < 3; ++j) {
                mean[i] += b[i][j] * sheared[0].mean[j];
                for (std::size_t k = 0; k < 3; ++k)
                    for (std::size_t l = 0; l < 3; ++l) covariance[i * 3 + j] += b[i][k] * sheared[0].covariance[k * 3 + l] * b[j][l];
            }
        return gaussian_mixture(mean, covariance);
    }();
    CHECK(largest_difference(predict(bayes<F, gaussian_mixture>(family, sheared), q),
                             predict(bayes<F, gaussian_mixture>(family, of_turned), turned)) < 1e-10);
}

TEST_CASE("a mixture of Gaussians has the log-sum-exp of its parts' evidence, and draws from them") {
    using F = linear_regression<2>;
    const F family({.noise_variance = 0.5});
    const gaussian_mixture::component first{3, {1, 0}, {1, 0.5, 0.5, 1}}, second{1, {-1, 2}, {0.1, 0, 0, 2}};
    const gaussian_mixture both({first, second});
    const auto q = sample_sequences(family, both, 5, 8, 2).sequences;
    const auto mixed = predict(bayes<F, gaussian_mixture>(family, both), q);
    const auto a = predict(bayes<F, gaussian_mixture>(family, gaussian_mixture({first})), q);
    const auto b = predict(bayes<F, gaussian_mixture>(family, gaussian_mixture({second})), q);
    for (std::size_t s = 0; s < 5; ++s)
        for (std::size_t t = 0; t < 8; ++t) {
            const double p = 0.75 * std::exp(a.log_evidence(s, t)), r = 0.25 * std::exp(b.log_evidence(s, t));
            CHECK(mixed.log_evidence(s, t) == Approx(std::log(p + r)).epsilon(1e-10));
            CHECK(mixed.values(s, t, 0) == Approx((p * a.values(s, t, 0) + r * b.values(s, t, 0)) / (p + r)).epsilon(1e-10));
        }
    const auto drawn = sample_tasks(family, both, 40000, 3).tasks;
    double mean = 0, product = 0;
    for (std::size_t d = 0; d < 40000; ++d) mean += drawn(d, 0) / 40000, product += drawn(d, 0) * drawn(d, 1) / 40000;
    CHECK(mean == Approx(0.5).epsilon(0.05));
    CHECK(product == Approx(0.75 * 0.5 + 0.25 * -2).epsilon(0.2));
}

TEST_CASE("spike and slab equals the sum over sets of coordinates, and is exact where all or none are in") {
    using F = linear_regression<4>;
    const F family({.noise_variance = 0.2});
    const auto prior = spike_and_slab(4, 0.3, 2);
    CHECK(prior.size() == 16);
    const auto q = sample_sequences(family, prior, 4, 10, 3).sequences;
    const auto found = predict(bayes<F, gaussian_mixture>(family, prior), q);
    for (std::size_t s = 0; s < 4; ++s) {
        // The evidence of y under a set is N(y; 0, noise I + variance X_set X_set'): by elimination.
        double evidence = 0;
        for (std::size_t set = 0; set < 16; ++set) {
            double weight = 1, nats = 0;
            std::vector<double> c(100);
            for (std::size_t i = 0; i < 4; ++i) weight *= set >> i & 1 ? 0.3 : 0.7;
            for (std::size_t t = 0; t < 10; ++t)
                for (std::size_t u = 0; u < 10; ++u) {
                    c[t * 10 + u] = t == u ? 0.2 : 0;
                    for (std::size_t i = 0; i < 4; ++i)
                        if (set >> i & 1) c[t * 10 + u] += 2 * q.x(s, t, i) * q.x(s, u, i);
                }
            std::vector<double> y(10);
            for (std::size_t t = 0; t < 10; ++t) y[t] = q.y(s, t);
            for (std::size_t t = 0; t < 10; ++t) {
                nats -= 0.5 * (y[t] * y[t] / c[t * 10 + t] + std::log(2 * std::numbers::pi * c[t * 10 + t]));
                for (std::size_t u = t + 1; u < 10; ++u) {
                    const double factor = c[u * 10 + t] / c[t * 10 + t];
                    y[u] -= factor * y[t];
                    for (std::size_t v = t + 1; v < 10; ++v) c[u * 10 + v] -= factor * c[t * 10 + v];
                }
            }
            evidence += weight * std::exp(nats);
        }
        CHECK(found.log_evidence(s, 10) == Approx(std::log(evidence)).epsilon(1e-9));
    }
    CHECK(largest_difference(predict(bayes<F, gaussian_mixture>(family, spike_and_slab(4, 1, 2)), q),
                             predict(bayes<F, gaussian>(family, gaussian(std::vector<double>(4), 2)), q)) < 1e-11);
    const auto nothing = predict(bayes<F, gaussian_mixture>(family, spike_and_slab(4, 0, 2)), q);
    CHECK(std::all_of(nothing.values.begin(), nothing.values.end(), [](double v) { return v == 0; }));
    const auto sparse = sample_tasks(family, prior, 1000, 5).tasks;
    CHECK(std::count(sparse.begin(), sparse.end(), 0.0) == Approx(2800).epsilon(0.05));
    CHECK_THROWS_WITH((void)spike_and_slab(17, 0.5, 1), doctest::Contains("must be in 1..16"));
    CHECK_THROWS_WITH(gaussian_mixture({0, 0}, {1, 2, 2, 1}), doctest::Contains("positive semidefinite"));
    CHECK_THROWS_WITH(gaussian_mixture({0, 0}, {1, 2, 0, 1}), doctest::Contains("positive semidefinite"));
    CHECK_THROWS_WITH(gaussian_mixture({0, 0}, {1}), doctest::Contains("a covariance of 1 numbers, must be 4"));
}

TEST_CASE("tempered seen tasks are memorizing with exponent 1, know nothing with 0, and in between are weighed by powers") {
    const auto check = []<class F>(const F& family, std::size_t context) {
        const seen_tasks<F> seen(family, sample_tasks(family, own_prior(family), 5, 1), {1, 2, 3, 4, 5});
        const auto q = sample_sequences(family, seen, 6, context, 2).sequences;
        const auto m = predict(memorizing<F>(family, seen), q);
        using prior = tempered<seen_tasks<F>>;
        CHECK(largest_difference(predict(bayes<F, prior>(family, prior(seen, 1)), q), m) < 1e-10);
        const auto half = predict(bayes<F, prior>(family, prior(seen, 0.5)), q);
        std::vector<predictions> alone;
        for (std::size_t d = 0; d < 5; ++d) {
            std::vector<double> only(5);
            only[d] = 1;
            alone.push_back(predict(memorizing<F>(family, seen.table(), only), q));
        }
        for (std::size_t s = 0; s < 6; ++s)
            for (std::size_t t = 0; t < m.events(); ++t) {
                double mass = 0;
                std::vector<double> mean(m.outcomes());
                for (std::size_t d = 0; d < 5; ++d) {
                    const double w = seen.weights()[d] * std::exp(0.5 * alone[d].log_evidence(s, t));
                    mass += w;
                    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += w * alone[d].values(s, t, k);
                }
                for (std::size_t k = 0; k < mean.size(); ++k) REQUIRE(half.values(s, t, k) == Approx(mean[k] / mass).epsilon(1e-9));
            }
        const auto none = predict(bayes<F, prior>(family, prior(seen, 0)), q);
        CHECK(none.log_evidence(0, 1) == Approx(0.0));
        for (std::size_t s = 0; s < 6; ++s)
            for (std::size_t t = 0; t < m.events(); ++t)
                for (std::size_t k = 0; k < m.outcomes(); ++k) {
                    double mean = 0;
                    for (std::size_t d = 0; d < 5; ++d) mean += seen.weights()[d] * alone[d].values(s, t, k);
                    REQUIRE(none.values(s, t, k) == Approx(mean).epsilon(1e-9));
                }
    };
    check(balls_and_urns<3>(), 12);
    check(linear_regression<2>({.noise_variance = 0.5}), 12);
    check(markov_chain<3>(), 12);
    check(classification<2, 2>({.label_noise = 0.1}), 5);
    CHECK_THROWS_WITH(tempered(seen_tasks<balls_and_urns<2>>(balls_and_urns<2>(), {{{.5, .5}}}), -1),
                      doctest::Contains("exponent is -1, must be finite and not negative"));
}

TEST_CASE("what is remembered, with every observation counted e times, is what it is after each came e times") {
    const auto check = []<class F>(const F& family, const auto& memory) {
        const std::vector<double> weights{1, 2, 3, 4};
        const seen_tasks<F> seen(family, sample_tasks(family, own_prior(family), 4, 1), weights);
        const auto all = memory(seen);
        const auto q = sample_sequences(family, seen, 6, 30, 2).sequences;
        CHECK(largest_difference(predict(bayes(family, tempered(all, 1)), q), predict(bayes(family, all), q)) < 1e-10);
        CHECK(predict(bayes(family, tempered(all, 0)), q).log_evidence(5, 30) == Approx(0.0));
        for (std::size_t e : {2u, 3u}) {
            const auto found = predict(bayes(family, tempered(all, static_cast<double>(e))), q);
            const auto repeated = predict(bayes(family, all), each_event_times(q, 6, 30, e));
            for (std::size_t s = 0; s < 6; ++s)
                for (std::size_t t = 0; t < 30; ++t) {
                    REQUIRE(found.log_evidence(s, t) == Approx(repeated.log_evidence(s, e * t)).epsilon(1e-10));
                    for (std::size_t k = 0; k < found.outcomes(); ++k)
                        REQUIRE(found.values(s, t, k) == Approx(repeated.values(s, e * t, k)).epsilon(1e-10));
                }
        }
    };
    const auto remember = [](const auto& family, const auto& precision) {
        return [&family, precision](const auto& seen) { return remembered(family, seen, precision); };
    };
    const balls_and_urns<3> urns;
    check(urns, remember(urns, 5.));
    check(urns, remember(urns, std::vector<double>{1, 5, 20, 100}));
    const linear_regression<2> regression({.noise_variance = 0.5});
    check(regression, remember(regression, 3.));
}

TEST_CASE("a prior known by its draws approaches the closed form, and its own sequences come from fresh tasks") {
    using F = balls_and_urns<3>;
    const F family;
    const draws_of drawn(
        family,
        [](philox& rng, const F&, F::task_table& table, std::size_t d) {
            sample_dirichlet(rng, std::vector<double>(3, 1.0), row(table.tasks, d));
        },
        20000);
    const auto q = sample_sequences(family, drawn, 5, 12, 3).sequences;
    const auto g = predict(generalizing<F>(family), q),
               by_draws = predict(bayes<F, std::remove_cvref_t<decltype(drawn)>>(family, drawn), q);
    for (std::size_t i = 0; i < g.values.size(); ++i) CHECK(std::abs(g.values.data()[i] - by_draws.values.data()[i]) < 0.02);
}

TEST_CASE("noise that leaves a mixture of Gaussians no digits is refused") {
    using F = linear_regression<>;
    const auto with = [](double noise) {
        return bayes<F, gaussian_mixture>(F({.dimensions = 2, .noise_variance = noise}), spike_and_slab(2, .5, 1));
    };
    CHECK_NOTHROW((void)with(1e-9));
    CHECK_THROWS_WITH((void)with(1e-12),
                      "rationale::bayes: noise_variance of the family is 1e-12, must be at least 1e-10 of the largest variance of "
                      "gaussian_mixture, 1");
}

TEST_CASE("a prior without components is refused") {
    const balls_and_urns<3> family;
    CHECK_THROWS_WITH((bayes<balls_and_urns<3>, nothing>(family, nothing(family, {{{.2, .3, .5}}}))),
                      "rationale::bayes: the prior has 0 components, must have at least 1");
}

TEST_CASE("generator and predictor have the same weights") {
    using F = balls_and_urns<2>;
    const F family;
    F::task_table three{{{1., 0.}, {0.5, 0.5}, {0., 1.}}};
    const seen_tasks<F> seen(family, three, zipf_weights(3, 1));
    CHECK(seen.weights()[0] == Approx(6. / 11));
    CHECK(seen.weights()[2] == Approx(2. / 11));
    const auto drawn = sample_tasks(family, seen, 30000, 1).tasks;
    double sum = 0;
    for (std::size_t d = 0; d < 30000; ++d) sum += drawn(d, 0) / 30000;
    CHECK(sum == Approx(predict(memorizing<F>(family, seen), {{{0}}}).values(0, 0, 0)).epsilon(0.02));
}
