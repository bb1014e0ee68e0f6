#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/effort.hpp"
#include "support/predictions.hpp"

namespace r = rationale;
using namespace rationale_test;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

template <class F, class Precision = double>
using remembering = r::bayes<F, r::remembered<r::seen_tasks<F>, Precision>>;
using own_precisions = std::vector<double>;

/// Log-space double arithmetic, one task after the other.
template <class F, class Predict, class LogDensity>
r::predictions by_hand(const F& family, const typename F::sequences& q, std::size_t count, std::size_t events, std::size_t tasks,
                       const Predict& predict, const LogDensity& log_weight) {
    r::predictions out{F::kind, r::filled<double, 3>({count, events, family.outcomes()}, 0.0),
                       r::filled<double, 2>({count, events + 1}, 0.0)};
    (void)q;
    for (std::size_t s = 0; s < count; ++s)
        for (std::size_t t = 0; t <= events; ++t) {
            double top = -infinity, mass = 0;
            std::vector<double> log_w(tasks);
            for (std::size_t d = 0; d < tasks; ++d) top = (std::max)(top, log_w[d] = log_weight(s, t, d));
            for (double& w : log_w) mass += w = std::exp(w - top);
            out.log_evidence(s, t) = top + std::log(mass);
            if (t == events) continue;
            for (std::size_t d = 0; d < tasks; ++d)
                for (std::size_t k = 0; k < family.outcomes(); ++k) out.values(s, t, k) += log_w[d] / mass * predict(s, t, d, k);
        }
    return out;
}

template <std::size_t K, class Precision>
void urns_against_hand(const Precision& precision, std::size_t tasks, std::size_t events, const std::vector<double>& weights) {
    using urns = r::balls_and_urns<K>;
    const urns family({.categories = 5, .concentration = {.5, 1, 2, 1, .3}});
    auto table = r::sample_tasks(family, r::own_prior(family), tasks, 4);
    table.tasks(0, 0) = 0, table.tasks(0, 1) = 1, table.tasks(0, 2) = table.tasks(0, 3) = table.tasks(0, 4) = 0;
    const r::seen_tasks<urns> seen(family, table, weights);
    const r::remembered prior(family, seen, precision);
    const auto q = r::sample_sequences(family, r::own_prior(family), 5, events, 6).sequences;
    const auto& a = family.values().concentration;
    const auto n = [&](std::size_t s, std::size_t t, std::size_t k) {
        double count = 0;
        for (std::size_t i = 0; i < t; ++i) count += static_cast<std::size_t>(q.tokens(s, i)) == k;
        return count;
    };
    const auto p = [&](std::size_t s, std::size_t t, std::size_t d, std::size_t k) {
        const double kappa = prior.precision(d);
        return (a[k] + kappa * table.tasks(d, k) + n(s, t, k)) / (4.8 + kappa + static_cast<double>(t));
    };
    const auto hand = by_hand(family, q, 5, events, tasks, p, [&](std::size_t s, std::size_t t, std::size_t d) {
        double nats = seen.log_weight(d);
        for (std::size_t i = 0; i < t; ++i) nats += std::log(p(s, i, d, static_cast<std::size_t>(q.tokens(s, i))));
        return nats;
    });
    const auto exact = r::predict(remembering<urns, Precision>(family, prior), q);
    CHECK(largest_value_difference(exact, hand) < 1e-10);
    CHECK(largest_evidence_difference(exact, hand) < 1e-11);
    const auto single = r::predict(r::bayes<urns, r::remembered<r::seen_tasks<urns>, Precision>, float>(family, prior), q);
    CHECK(largest_value_difference(single, hand) < 2e-5);
    CHECK(largest_evidence_difference(single, hand) < 2e-5);
    const auto evidence = r::log_evidence(remembering<urns, Precision>(family, prior), q);
    for (std::size_t s = 0; s < 5; ++s) CHECK(evidence(s, events) == doctest::Approx(hand.log_evidence(s, events)).epsilon(1e-12));
    const auto posterior = remembering<urns, Precision>(family, prior).posterior(q, 2, events);
    double sum = 0;
    for (double w : posterior) sum += w;
    CHECK(sum == doctest::Approx(1));
}
}  // namespace

TEST_CASE("precision 0 is the family's own predictor, infinity the memorizing one: urns") {
    using urns = r::balls_and_urns<6>;
    const urns family({.concentration = {.4, 1, 1, 2, 3, .7}});
    const r::seen_tasks<urns> seen(family, r::sample_tasks(family, r::own_prior(family), 50, 1));
    const auto q = r::sample_sequences(family, r::own_prior(family), 9, 150, 2).sequences;
    const auto none = r::predict(remembering<urns>(family, r::remembered(family, seen, 0.0)), q);
    CHECK(largest_value_difference(none, r::predict(r::generalizing<urns>(family), q)) < 1e-13);
    CHECK(largest_evidence_difference(none, r::predict(r::generalizing<urns>(family), q)) < 1e-13);
    const auto all = r::predict(remembering<urns>(family, r::remembered(family, seen, infinity)), q);
    CHECK(largest_value_difference(all, r::predict(r::memorizing<urns>(family, seen), q)) < 1e-11);
    CHECK(largest_evidence_difference(all, r::predict(r::memorizing<urns>(family, seen), q)) < 1e-12);
    const auto nearly = r::predict(remembering<urns>(family, r::remembered(family, seen, 1e9)), q);
    CHECK(largest_value_difference(nearly, all) < 1e-4);
    CHECK(remembering<urns>(family, r::remembered(family, seen, 1.)).name() == "remembering");
}

TEST_CASE("precision 0 is the family's own predictor, infinity the memorizing one: regression") {
    const auto check = [](const auto& family) {
        using line = std::remove_cvref_t<decltype(family)>;
        const r::seen_tasks<line> seen(family, r::sample_tasks(family, r::own_prior(family), 33, 1));
        const auto q = r::sample_sequences(family, r::own_prior(family), 9, 40, 2).sequences;
        const auto none = r::predict(remembering<line>(family, r::remembered(family, seen, 0.0)), q);
        CHECK(largest_value_difference(none, r::predict(r::generalizing<line>(family), q)) < 1e-11);
        CHECK(largest_evidence_difference(none, r::predict(r::generalizing<line>(family), q)) < 1e-11);
        const auto all = r::predict(remembering<line>(family, r::remembered(family, seen, infinity)), q);
        CHECK(largest_value_difference(all, r::predict(r::memorizing<line>(family, seen), q)) < 1e-10);
        CHECK(largest_evidence_difference(all, r::predict(r::memorizing<line>(family, seen), q)) < 1e-11);
    };
    check(r::linear_regression<4>({.noise_variance = .3, .task_variance = 2, .task_mean = {1, -1, 0, 2}}));
    check(r::linear_regression<>({.dimensions = 8, .noise_variance = .25}));
}

TEST_CASE("precision 0 leaves the labels' base rates, infinity is the memorizing one: classification") {
    using items = r::classification<3, 4>;
    const items family({.within_class_variance = .4, .label_noise = .1});
    const r::seen_tasks<items> seen(family, r::sample_tasks(family, r::own_prior(family), 40, 1));
    const auto q = r::sample_sequences(family, r::own_prior(family), 9, 6, 2).sequences;
    std::vector<double> rates(4);
    for (std::size_t d = 0; d < 40; ++d)
        for (std::size_t l = 0; l < 4; ++l)
            rates[l] += (static_cast<std::size_t>(seen.table().task_labels(d)) == l ? .9 + .1 / 4 : .1 / 4) / 40;
    const auto none = r::predict(remembering<items>(family, r::remembered(family, seen, 0.0)), q);
    for (std::size_t s = 0; s < 9; ++s)
        for (std::size_t l = 0; l < 4; ++l) CHECK(none.values(s, 0, l) == doctest::Approx(rates[l]).epsilon(1e-12));
    const auto all = r::predict(remembering<items>(family, r::remembered(family, seen, infinity)), q);
    const auto m = r::predict(r::memorizing<items>(family, seen), q);
    CHECK(largest_value_difference(all, m) < 1e-13);
    CHECK(largest_evidence_difference(all, m) < 1e-12);
}

TEST_CASE("remembered urns by hand: shared and own precisions, weights, long contexts, zeros") {
    constexpr std::size_t times = sanitized ? 1 : 4;  // the sums by hand grow with the context's square
    urns_against_hand<5>(3.5, 33, 70, {});
    urns_against_hand<r::dynamic>(40., 20, 50 * times, {});
    std::vector<double> own(33), weights(33);
    for (std::size_t d = 0; d < 33; ++d) own[d] = std::pow(1.7, static_cast<double>(d) - 10), weights[d] = 1. / static_cast<double>(d + 1);
    urns_against_hand<5>(own, 33, 40 * times, weights);
    urns_against_hand<r::dynamic>(own, 33, 40, weights);
    urns_against_hand<5>(1e12, 33, 75 * times, weights);
    urns_against_hand<5>(2., 1, 20, {});
}

TEST_CASE("remembered regression by hand") {
    using line = r::linear_regression<2>;
    const line family({.noise_variance = .2, .task_variance = 1.5, .input_variance = 2.5, .task_mean = {.5, -1}});
    const r::seen_tasks<line> seen(family, r::sample_tasks(family, r::own_prior(family), 7, 1), {1, 2, 3, 4, 5, 6, 7});
    const auto q = r::sample_sequences(family, seen, 4, 12, 2).sequences;
    const r::remembered prior(family, seen, 1.3);
    const double rho = 1.3 * 2.5 * 1.5 / (1.3 * 2.5 * 1.5 + .2);
    CHECK(prior.share(0) == doctest::Approx(rho));
    // A task's own posterior: a two-dimensional Gaussian, updated pair by pair.
    struct state {
        double m[2], c[2][2], nats;
    };
    const auto after = [&](std::size_t s, std::size_t t, std::size_t d) {
        const double w0 = seen.table().tasks(d, 0), w1 = seen.table().tasks(d, 1), v = (1 - rho) * 1.5;
        state at{{.5 + rho * (w0 - .5), -1 + rho * (w1 + 1)}, {{v, 0}, {0, v}}, 0};
        for (std::size_t i = 0; i < t; ++i) {
            const double x[2] = {q.x(s, i, 0), q.x(s, i, 1)};
            const double cx[2] = {at.c[0][0] * x[0] + at.c[0][1] * x[1], at.c[1][0] * x[0] + at.c[1][1] * x[1]};
            const double variance = .2 + x[0] * cx[0] + x[1] * cx[1], rest = q.y(s, i) - x[0] * at.m[0] - x[1] * at.m[1];
            at.nats -= .5 * (rest * rest / variance + std::log(2 * std::numbers::pi * variance));
            for (int a = 0; a < 2; ++a) {
                at.m[a] += cx[a] / variance * rest;
                for (int b = 0; b < 2; ++b) at.c[a][b] -= cx[a] * cx[b] / variance;
            }
        }
        return at;
    };
    const auto hand = by_hand(
        family, q, 4, 12, 7,
        [&](std::size_t s, std::size_t t, std::size_t d, std::size_t) {
            const auto at = after(s, t, d);
            return q.x(s, t, 0) * at.m[0] + q.x(s, t, 1) * at.m[1];
        },
        [&](std::size_t s, std::size_t t, std::size_t d) { return seen.log_weight(d) + after(s, t, d).nats; });
    CHECK(largest_value_difference(r::predict(remembering<line>(family, prior), q), hand) < 1e-12);
    CHECK(largest_evidence_difference(r::predict(remembering<line>(family, prior), q), hand) < 1e-12);
    CHECK(largest_value_difference(r::predict(r::bayes<line, r::remembered<r::seen_tasks<line>>, float>(family, prior), q), hand) < 1e-4);
}

TEST_CASE("remembered classification by hand, with precisions of their own") {
    using items = r::classification<2, 2>;
    const items family({.item_variance = 1.3, .within_class_variance = .7, .label_noise = .2});
    const r::seen_tasks<items> seen(family, r::sample_tasks(family, r::own_prior(family), 20, 1));
    const auto q = r::sample_sequences(family, seen, 6, 3, 2).sequences;
    std::vector<double> precisions(20);
    for (std::size_t d = 0; d < 20; ++d) precisions[d] = .2 * static_cast<double>(d);
    const r::remembered prior(family, seen, precisions);
    const auto hand = by_hand(
        family, q, 6, 1, 20,
        [&](std::size_t, std::size_t, std::size_t d, std::size_t l) {
            return static_cast<std::size_t>(seen.table().task_labels(d)) == l ? .9 : .1;
        },
        [&](std::size_t s, std::size_t t, std::size_t d) {
            const double rho = precisions[d] / (precisions[d] + .7), variance = (1 - rho + .7) / 1.7 * 1.3;
            double nats = std::log(1. / 20) - std::log(2 * std::numbers::pi * variance);
            for (std::size_t i = 0; i < 2; ++i)
                nats -= .5 / variance * std::pow(q.query(s, i) - rho * seen.table().tasks(d, i) / std::sqrt(1.7), 2);
            return t == 0 ? nats : nats + std::log(seen.table().task_labels(d) == q.query_label(s) ? .9 : .1);
        });
    CHECK(largest_value_difference(r::predict(remembering<items, own_precisions>(family, prior), q), hand) < 1e-12);
    CHECK(largest_evidence_difference(r::predict(remembering<items, own_precisions>(family, prior), q), hand) < 1e-12);
    CHECK(largest_value_difference(
              r::predict(r::bayes<items, r::remembered<r::seen_tasks<items>, own_precisions>, float>(family, prior), q), hand) < 1e-5);
}

TEST_CASE("what a memory takes in bits: nothing at precision 0, more and more with it, and the divergence of the belief it draws from") {
    const r::balls_and_urns<2> family({.concentration = {1.5, .8}});
    const r::memory<r::balls_and_urns<2>> urns(family);
    const r::balls_and_urns<2>::task_table table{{{.3, .7}}};
    double last = 0;
    CHECK(urns.nats(table, 0, 0) == 0);
    for (double kappa : {.01, .5, 3., 40., 1000.}) {
        const double s = urns.share(kappa), nats = urns.nats(table, 0, s);
        CHECK(urns.precision(s) == doctest::Approx(kappa));
        CHECK(nats > last);
        last = nats;
        // KL between two Beta densities, by quadrature in the log odds.
        const auto log_beta = [](double a, double b) { return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b); };
        const double a = 1.5 + .3 * kappa, b = .8 + .7 * kappa;
        double kl = 0;
        constexpr double step = 1e-3;
        for (double x = -60; x < 60; x += step) {
            const double log_p = -std::log1p(std::exp(-x)), log_q = -std::log1p(std::exp(x));
            const double belief = a * log_p + b * log_q - log_beta(a, b), own = 1.5 * log_p + .8 * log_q - log_beta(1.5, .8);
            kl += step * std::exp(belief) * (belief - own);
        }
        CHECK(nats == doctest::Approx(kl).epsilon(1e-7));
    }
    CHECK(urns.nats(table, 0, 1) == infinity);
    // Up to the largest precisions, (1 - s)^-1 = 2^m: mpmath, 60 digits.
    struct of_precision {
        int m;
        std::array<double, 3> nats;
    };
    const std::array<std::vector<double>, 3> concentration{{{1.5, .75}, {1, 1, .5}, {1e4, 2e4}}},
        task{{{.25, .75}, {.5, 0, .5}, {.75, .25}}};
    for (const auto& [m, nats] : {of_precision{1, {0.41115526194034724, 0.68499478806155902, 2638.9602979116942}},
                                  of_precision{10, {3.8673298777642442, 9.9869610788818283, 11483.066463156693}},
                                  of_precision{30, {10.799576160700426, 30.781376352535852, 11517.09514011489}},
                                  of_precision{44, {15.651606425358733, 45.337467144294704, 11521.947196245802}},
                                  of_precision{50, {17.731047967038613, 51.575791769334212, 11524.026637789036}},
                                  of_precision{53, {18.770768737878532, 54.694954081853966, 11525.066358559897}}})
        for (std::size_t i = 0; i < 3; ++i) {
            CAPTURE(m);
            CAPTURE(i);
            const r::balls_and_urns<> some({.categories = task[i].size(), .concentration = concentration[i]});
            r::balls_and_urns<>::task_table one{r::filled<double, 2>({1, task[i].size()}, 0.0)};
            std::copy(task[i].begin(), task[i].end(), one.tasks.begin());
            CHECK(r::memory<r::balls_and_urns<>>(some).nats(one, 0, 1 - std::ldexp(1, -m)) == doctest::Approx(nats[i]).epsilon(1e-12));
        }
    using line = r::linear_regression<3>;
    const line regression({.noise_variance = .5, .task_variance = 3, .input_variance = 2, .task_mean = {1, 0, 0}});
    const r::seen_tasks<line> seen(regression, line::task_table{{{1, 2, -1}, {0, 0, 0}}});
    const double rho = 2. * 2 * 3 / (2 * 2 * 3 + .5);  // |w - mean|^2 is 5 and 1
    CHECK(r::remembered(regression, seen, 2.).bits() ==
          doctest::Approx(.5 * (rho * rho * 6 / 3 - 2 * 3 * (rho + std::log1p(-rho))) / std::numbers::ln2));
    using items = r::classification<2, 4>;
    const items shown({.item_variance = 2, .within_class_variance = .6});
    const r::seen_tasks<items> one(shown, items::task_table{{{3, -1}}, {2}});
    const double s = 1.4 / (1.4 + .6);  // and 2 bits of the label
    CHECK(r::remembered(shown, one, 1.4).bits() ==
          doctest::Approx(2 + .5 * (s * s * 10 / 2 - 2 * (s + std::log1p(-s))) / std::numbers::ln2));
    CHECK(r::remembered(regression, seen, 0.).bits() == 0);
    CHECK(r::detail::digamma(1) == doctest::Approx(-0.57721566490153286).epsilon(1e-15));
    CHECK(r::detail::digamma(.25) == doctest::Approx(-4.2274535333762654).epsilon(1e-15));
}

namespace {
/// Mean and variance of coordinate i of tasks drawn from a memory of one task.
template <class F>
std::pair<double, double> drawn_moments(const F& family, const typename F::task_table& one, double precision, std::size_t i) {
    const auto drawn = r::sample_tasks(family, r::remembered(family, r::seen_tasks<F>(family, one), precision), 20000, 3);
    double mean = 0, square = 0;
    for (std::size_t d = 0; d < 20000; ++d) mean += drawn.tasks(d, i) / 20000, square += drawn.tasks(d, i) * drawn.tasks(d, i) / 20000;
    return {mean, square - mean * mean};
}
}  // namespace

TEST_CASE("a drawn memory has the belief's mean and variance") {
    using urns = r::balls_and_urns<2>;  // Beta(1.5 + .3 kappa, .8 + .7 kappa)
    const auto [urn, urn_variance] = drawn_moments(urns({.concentration = {1.5, .8}}), {{{.3, .7}}}, 4, 0);
    const double a = 1.5 + 1.2, b = .8 + 2.8;
    CHECK(urn == doctest::Approx(a / (a + b)).epsilon(.01));
    CHECK(urn_variance == doctest::Approx(a * b / ((a + b) * (a + b) * (a + b + 1))).epsilon(.01));
    using line = r::linear_regression<2>;
    const line family({.noise_variance = .6, .task_variance = 4, .input_variance = .5, .task_mean = {1, -2}});
    const double s = 2 * .5 * 4 / (2 * .5 * 4 + .6);
    const auto [w, w_variance] = drawn_moments(family, {{{0, 3}}}, 2, 1);
    CHECK(w == doctest::Approx(-2 + s * 5).epsilon(.01));
    CHECK(w_variance == doctest::Approx((1 - s) * 4).epsilon(.02));
    using items = r::classification<2, 2>;
    const items shown({.item_variance = 3, .within_class_variance = .5});
    const auto [z, z_variance] = drawn_moments(shown, {{{2, 1}}, {1}}, 1, 0);
    CHECK(z == doctest::Approx(2 / 1.5).epsilon(.02));
    CHECK(z_variance == doctest::Approx(3 * (1 - 1 / 1.5)).epsilon(.02));
}

TEST_CASE("tasks drawn from a memory are as likely as it says") {
    using urns = r::balls_and_urns<3>;
    const urns family;
    const r::seen_tasks<urns> seen(family, {{{.2, .3, .5}, {.8, .1, .1}}}, {1, 3});
    const r::remembered prior(family, seen, std::vector<double>{6, 20});
    const auto drawn = r::sample_tasks(family, prior, 40000, 3);
    const double s0 = 6. / 9, s1 = 20. / 23;
    for (std::size_t k = 0; k < 3; ++k) {
        double mean = 0;
        for (std::size_t i = 0; i < 40000; ++i) mean += drawn.tasks(i, k) / 40000;
        const double w0 = seen.table().tasks(0, k), w1 = seen.table().tasks(1, k);
        CHECK(mean == doctest::Approx(.25 * ((1 - s0) / 3 + s0 * w0) + .75 * ((1 - s1) / 3 + s1 * w1)).epsilon(.02));
    }
}

TEST_CASE("precisions out of range are refused") {
    using urns = r::balls_and_urns<3>;
    const urns family;
    const r::seen_tasks<urns> seen(family, {{{.2, .3, .5}, {.8, .1, .1}}});
    CHECK_THROWS_WITH_AS(r::remembered(family, seen, -1.), "rationale::remembered: a precision is -1, must be at least 0",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(r::remembered(family, seen, std::vector<double>{1, 2, 3}),
                         "rationale::remembered: there are 3 precisions, must be 2", std::invalid_argument);
}

TEST_CASE("regression remembered with a precision for each task, as a mixture of Gaussians") {
    using regression = r::linear_regression<3>;
    const regression family({.noise_variance = .3, .task_variance = 1.7, .task_mean = {.5, 0, -1}});
    const r::seen_tasks<regression> seen(family, r::sample_tasks(family, own_prior(family), 3, 4), {.2, .5, .3});
    const auto q = r::sample_sequences(family, seen, 5, 7, 2).sequences;
    using mixture = r::bayes<regression, r::gaussian_mixture>;

    const r::remembered alike(family, seen, .8);
    const auto one = r::predict(remembering<regression>(family, alike), q), same = r::predict(mixture(family, beliefs(family, alike)), q);
    CHECK(largest_value_difference(same, one) < 1e-12);
    CHECK(largest_evidence_difference(same, one) < 1e-12);

    // A task that is not remembered at all is the family's own prior, one that is remembered exactly is itself.
    const r::remembered several(family, seen, std::vector<double>{0, infinity, .8});
    const auto all = r::predict(mixture(family, beliefs(family, several)), q);
    const auto only = [&](std::size_t d) {
        r::seen_tasks<regression>::task_table table;
        r::allocate(table, [&](char letter) { return letter == 'D' ? std::size_t{1} : family.extent(letter); });
        for (std::size_t i = 0; i < 3; ++i) table.tasks(0, i) = seen.table().tasks(d, i);
        return r::seen_tasks<regression>(family, table);
    };
    const std::vector<r::predictions> parts{r::predict(r::generalizing<regression>(family), q),
                                            r::predict(r::memorizing<regression>(family, only(1)), q),
                                            r::predict(remembering<regression>(family, r::remembered(family, only(2), .8)), q)};
    for (std::size_t s = 0; s < all.sequences(); ++s)
        for (std::size_t t = 0; t < all.events(); ++t) {
            double mass = 0, mean = 0;
            for (std::size_t d = 0; d < 3; ++d) {
                const double w = std::exp(seen.log_weight(d) + parts[d].log_evidence(s, t));
                mass += w, mean += w * parts[d].values(s, t, 0);
            }
            CHECK(all.log_evidence(s, t) == doctest::Approx(std::log(mass)).epsilon(1e-11));
            CHECK(all.values(s, t, 0) == doctest::Approx(mean / mass).epsilon(1e-11));
        }
}
