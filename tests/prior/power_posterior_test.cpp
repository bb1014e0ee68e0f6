// Bayes with every observation counted e times: prior x likelihood^e, against sums over a fine grid of tasks.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/densities.hpp"
#include "support/predictions.hpp"

using namespace rationale;
using namespace rationale_test;

namespace {
/// Exponent 1 is P itself, 0 reads nothing, and e = 2, 3 are P after each event came e times. For families whose events can be repeated.
template <class F, class P>
void is_a_power_posterior(const F& family, const P& prior, const typename F::sequences& q, double tolerance = 1e-10) {
    CAPTURE(F::name);
    const auto plain = predict(bayes(family, prior), q);
    const std::size_t sequences = plain.sequences(), events = plain.events();
    CHECK(largest_difference(predict(bayes(family, tempered(prior, 1)), q), plain) < 1e-12);

    const auto unread = predict(bayes(family, tempered(prior, 0)), q);
    const auto alone = with_events(q, sequences * events, 1, [&](std::size_t s, std::size_t) { return std::pair(s / events, s % events); });
    const auto first = predict(bayes(family, prior), alone);
    for (std::size_t s = 0; s < sequences; ++s)
        for (std::size_t t = 0; t < events; ++t) {
            REQUIRE(std::abs(unread.log_evidence(s, t + 1)) < 1e-12);
            for (std::size_t k = 0; k < unread.outcomes(); ++k)
                REQUIRE(std::abs(unread.values(s, t, k) - first.values(s * events + t, 0, k)) < 1e-12);
        }

    for (std::size_t e : {2u, 3u}) {
        const auto found = predict(bayes(family, tempered(prior, static_cast<double>(e))), q);
        const auto repeated = predict(bayes(family, prior), each_event_times(q, sequences, events, e));
        for (std::size_t s = 0; s < sequences; ++s)
            for (std::size_t t = 0; t < events; ++t) {
                const double evidence = repeated.log_evidence(s, e * t);
                REQUIRE(std::abs(found.log_evidence(s, t) - evidence) < tolerance * (1 + std::abs(evidence)));
                for (std::size_t k = 0; k < found.outcomes(); ++k)
                    REQUIRE(std::abs(found.values(s, t, k) - repeated.values(s, e * t, k)) < tolerance);
            }
    }
}

/// Tasks with their weights in a belief, which need not sum to 1: the density there times the size of a cell.
struct weighed_task {
    std::vector<double> task;
    double log_weight;
};
using tasks_of_grid = std::vector<weighed_task>;

/// The prediction of every task, weighed by weight x likelihood^e.
template <class F>
predictions by_grid(const F& family, const tasks_of_grid& grid, double exponent, std::size_t sequences, std::size_t events,
                    const std::function<double(const std::vector<double>&, std::size_t, std::size_t)>& log_density,
                    const std::function<double(const std::vector<double>&, std::size_t, std::size_t, std::size_t)>& predicted) {
    predictions out{F::kind, filled<double, 3>({sequences, events, family.outcomes()}, 0.0),
                    filled<double, 2>({sequences, events + 1}, 0.0)};
    for (std::size_t s = 0; s < sequences; ++s) {
        std::vector<double> log_weight;
        for (const auto& g : grid) log_weight.push_back(g.log_weight);
        for (std::size_t t = 0; t <= events; ++t) {
            const double top = *std::max_element(log_weight.begin(), log_weight.end());
            double mass = 0;
            std::vector<double> sum(family.outcomes());
            for (std::size_t i = 0; i < grid.size(); ++i) {
                const double w = std::exp(log_weight[i] - top);
                mass += w;
                if (t == events || w == 0) continue;
                for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += w * predicted(grid[i].task, s, t, k);
                log_weight[i] += exponent == 0 ? 0 : exponent * log_density(grid[i].task, s, t);
            }
            out.log_evidence(s, t) = top + std::log(mass);
            for (std::size_t k = 0; t < events && k < sum.size(); ++k) out.values(s, t, k) = sum[k] / mass;
        }
    }
    return out;
}

/// Weight vectors of two coordinates from N(mean, variance I), by the trapezoidal rule, which for a Gaussian is as good as exact.
void add_plane(tasks_of_grid& grid, double log_mass, double mean0, double mean1, double variance) {
    const int steps = 220;
    const double step = 8 * std::sqrt(variance) / steps;
    for (int i = -steps; i <= steps; ++i)
        for (int j = -steps; j <= steps; ++j) {
            const double a = mean0 + i * step, b = mean1 + j * step;
            grid.push_back(
                {{a, b},
                 log_mass + gaussian_log_density(a, mean0, variance) + gaussian_log_density(b, mean1, variance) + 2 * std::log(step)});
        }
}
/// Regression, with features of x that are `x(s, t, 0)` and `x(s, t, 1)`.
template <class F, class X>
predictions regression_by_grid(const F& family, const tasks_of_grid& grid, double exponent, const ndarray<double, 2>& y, const X& x) {
    const auto mean = [&](const std::vector<double>& w, std::size_t s, std::size_t t) { return w[0] * x(s, t, 0) + w[1] * x(s, t, 1); };
    return by_grid(
        family, grid, exponent, y.shape(0), y.shape(1),
        [&](const auto& w, std::size_t s, std::size_t t) { return gaussian_log_density(y(s, t), mean(w, s, t), family.noise_variance()); },
        [&](const auto& w, std::size_t s, std::size_t t, std::size_t) { return mean(w, s, t); });
}
/// Means from N(mean, variance/strength), and variances where there is a shape: by the trapezoidal rule in the mean over its deviation and
/// in the variance's logarithm.
void add_locations(tasks_of_grid& grid, double log_mass, double mean, double strength, double shape, double rate) {
    const bool known = shape == 0;
    const int steps = 200, of_variance = known ? 0 : 400;
    const double step = 8. / steps, of_log = 24. / std::max(of_variance, 1);
    for (int j = -of_variance; j <= of_variance; ++j) {
        const double v = known ? rate : rate / shape * std::exp(j * of_log / 2);
        const double log_v = known ? 0 : shape * std::log(rate / v) - std::lgamma(shape) - rate / v + std::log(of_log / 2);
        for (int i = -steps; i <= steps; ++i) {
            const double z = i * step;
            grid.push_back({{mean + z * std::sqrt(v / strength), v}, log_mass + log_v + gaussian_log_density(z, 0, 1) + std::log(step)});
        }
    }
}
predictions location_by_grid(const gaussian_location& family, const tasks_of_grid& grid, double exponent, const ndarray<double, 2>& y) {
    return by_grid(
        family, grid, exponent, y.shape(0), y.shape(1),
        [&](const auto& task, std::size_t s, std::size_t t) { return gaussian_log_density(y(s, t), task[0], task[1]); },
        [](const auto& task, std::size_t, std::size_t, std::size_t) { return task[0]; });
}
}  // namespace

TEST_CASE("regression: every pair counts e times under a Gaussian, and under a mixture of them") {
    using F = linear_regression<2>;
    const F family({.noise_variance = .4, .task_variance = 2, .input_variance = .7, .task_mean = {1, -1}});
    const gaussian own = own_prior(family);
    const gaussian_mixture several({{3, {1, 0}, {1, 0.5, 0.5, 1}}, {1, {-1, 2}, {0, 0, 0, 2}}});
    const auto q = sample_sequences(family, own, 3, 6, 2).sequences;
    is_a_power_posterior(family, own, q);
    is_a_power_posterior(family, several, q);
    is_a_power_posterior(linear_regression<>({.dimensions = 5}), gaussian(std::vector<double>(5), 1),
                         sample_sequences(linear_regression<>({.dimensions = 5}), gaussian(std::vector<double>(5), 1), 9, 40, 2).sequences);
    tasks_of_grid plane;
    add_plane(plane, 0, 1, -1, 2);
    // A Gaussian alone, and with seen tasks: each part is tempered, their masses are not.
    const seen_tasks<F> seen(family, {{{1, 0}, {0.3, -2}}}, {1, 3});
    const mixture_of both({2, 1}, seen, own);
    tasks_of_grid mixed{{{1, 0}, std::log(2. / 3 * 1 / 4)}, {{0.3, -2}, std::log(2. / 3 * 3 / 4)}};
    add_plane(mixed, std::log(1. / 3), 1, -1, 2);
    CHECK(bayes(family, tempered(both, 1.5)).numbers() == tempered(both, 1.5).numbers());  // the exponent is one number
    const mixture_of nested(std::array{.5, .5}, both, own);
    CHECK(bayes(family, tempered(nested, 1.5)).numbers() == tempered(nested, 1.5).numbers());
    // Remembered, with kappa such that a share of .4 is the task's own.
    const double kappa = .4 / .6 * .4 / (.7 * 2);
    const remembered memory(family, seen, kappa);
    is_a_power_posterior(family, seen, q);
    is_a_power_posterior(family, memory, q);
    tasks_of_grid recalled;
    for (std::size_t d = 0; d < 2; ++d)
        add_plane(recalled, seen.log_weight(d), 1 + .4 * (seen.table().tasks(d, 0) - 1), -1 + .4 * (seen.table().tasks(d, 1) + 1), .6 * 2);
    // One component with a full covariance, turned to where it is isotropic: x'w = (L'x)'z for w = L z.
    const gaussian_mixture full(std::vector<double>{.5, 0}, {1, .5, .5, 1});
    tasks_of_grid turned;
    add_plane(turned, 0, .5, -.5 * .5 / std::sqrt(.75), 1);
    for (double e : {.3, 1., 1.7}) {
        CAPTURE(e);
        const auto x = [&](std::size_t s, std::size_t t, std::size_t i) { return q.x(s, t, i); };
        CHECK(largest_difference(predict(bayes(family, tempered(own, e)), q), regression_by_grid(family, plane, e, q.y, x)) < 1e-10);
        CHECK(largest_difference(predict(bayes(family, tempered(both, e)), q), regression_by_grid(family, mixed, e, q.y, x)) < 1e-10);
        CHECK(largest_difference(predict(bayes(family, tempered(memory, e)), q), regression_by_grid(family, recalled, e, q.y, x)) < 1e-10);
        CHECK(largest_difference(predict(bayes(family, tempered(full, e)), q),
                                 regression_by_grid(family, turned, e, q.y, [&](std::size_t s, std::size_t t, std::size_t i) {
                                     return i == 0 ? q.x(s, t, 0) + .5 * q.x(s, t, 1) : std::sqrt(.75) * q.x(s, t, 1);
                                 })) < 1e-10);
        const auto single = predict(bayes<F, tempered<gaussian>, float>(family, tempered(own, e)), q);
        CHECK(largest_difference(single, predict(bayes(family, tempered(own, e)), q)) < 2e-5);
    }
}

TEST_CASE("regression on features: every pair counts e times") {
    using F = feature_regression<polynomial_basis>;
    const F family({.noise_variance = .5, .task_variance = 1.5, .input_variance = .6});
    const auto q = sample_sequences(family, own_prior(family), 3, 6, 2).sequences;
    is_a_power_posterior(family, own_prior(family), q);
    is_a_power_posterior(family, gaussian_mixture(std::vector<double>{1, 0}, {1, .5, .5, 1}), q);
    tasks_of_grid plane;
    add_plane(plane, 0, 0, 0, 1.5);
    for (double e : {.3, 1.7})
        CHECK(largest_difference(predict(bayes(family, tempered(own_prior(family), e)), q),
                                 regression_by_grid(family, plane, e, q.y, [&](std::size_t s, std::size_t t, std::size_t i) {
                                     return i == 0 ? 1 : q.x(s, t, 0);
                                 })) < 1e-10);
    // Remembered, with pairs whose features are (1, x): of size (1 + .6)/2 on average.
    const seen_tasks<F> seen(family, {{{1, 0}, {.5, -2}}}, {1, 3});
    const remembered memory(family, seen, 1.2);
    is_a_power_posterior(family, memory, q);
    const double share = 1.2 * .8 * 1.5 / (1.2 * .8 * 1.5 + .5);
    tasks_of_grid recalled;
    for (std::size_t d = 0; d < 2; ++d)
        add_plane(recalled, seen.log_weight(d), share * seen.table().tasks(d, 0), share * seen.table().tasks(d, 1), (1 - share) * 1.5);
    for (double e : {.3, 1.7})
        CHECK(largest_difference(predict(bayes(family, tempered(memory, e)), q),
                                 regression_by_grid(family, recalled, e, q.y, [&](std::size_t s, std::size_t t, std::size_t i) {
                                     return i == 0 ? 1 : q.x(s, t, 0);
                                 })) < 1e-10);
}

TEST_CASE("Gaussian location: every number counts e times, with a known variance and an unknown one") {
    for (const auto& family : {gaussian_location({.mean = 1, .strength = .5, .noise_variance = 2}),
                               gaussian_location({.mean = 1, .strength = 2, .noise_variance = .7, .shape = 2.5})}) {
        const auto q = sample_sequences(family, own_prior(family), 3, 8, 2).sequences;
        const auto& p = family.values();
        const seen_tasks<gaussian_location> seen(family, {{{0, 1}, {2, .3}}}, {1, 3});
        is_a_power_posterior(family, own_prior(family), q);
        is_a_power_posterior(family, seen, q);
        tasks_of_grid own, mixed{{{0, 1}, std::log(.8 / 4)}, {{2, .3}, std::log(.8 * 3 / 4)}};
        const double shape = p.shape.value_or(0), rate = p.shape ? (shape - 1) * p.noise_variance : p.noise_variance;
        add_locations(own, 0, 1, p.strength, shape, rate);
        add_locations(mixed, std::log(.2), 1, p.strength, shape, rate);
        for (double e : {.3, 1.7}) {
            CAPTURE(e);
            CAPTURE(shape);
            CHECK(largest_difference(predict(bayes(family, tempered(own_prior(family), e)), q), location_by_grid(family, own, e, q.y)) <
                  1e-10);
            const mixture_of both({4, 1}, seen, own_prior(family));
            CHECK(largest_difference(predict(bayes(family, tempered(both, e)), q), location_by_grid(family, mixed, e, q.y)) < 1e-10);
        }
        // The same seen tasks remembered: normal-inverse-gammas again.
        const remembered memory(family, seen, 1.5);
        is_a_power_posterior(family, memory, q);
        tasks_of_grid recalled;
        for (std::size_t d = 0; d < 2; ++d) {
            const double w = seen.table().tasks(d, 0), v = seen.table().tasks(d, 1), k = p.strength;
            const double grown = p.shape ? rate + .75 * v + k * 1.5 / (2 * (k + 1.5)) * (w - 1) * (w - 1) : rate;
            add_locations(recalled, seen.log_weight(d), 1 + 1.5 / (1.5 + k) * (w - 1), k + 1.5, p.shape ? shape + .75 : 0, grown);
        }
        for (double e : {.3, 1.7})
            CHECK(largest_difference(predict(bayes(family, tempered(memory, e)), q), location_by_grid(family, recalled, e, q.y)) < 1e-10);
    }
}

TEST_CASE("finite functions: every pair counts e times, over all functions that there are") {
    using F = finite_function<3>;
    const F family({.inputs = 2, .noise = .3});
    const auto q = sample_sequences(family, own_prior(family), 4, 12, 2).sequences;
    is_a_power_posterior(family, own_prior(family), q);
    const auto all = hypotheses(family, 9, [](std::size_t h, std::size_t x) { return x == 0 ? h / 3 : h % 3; });
    tasks_of_grid grid;
    for (std::size_t h = 0; h < 9; ++h) grid.push_back({{static_cast<double>(h / 3), static_cast<double>(h % 3)}, -std::log(9.)});
    const auto probability = [&](const std::vector<double>& f, std::size_t s, std::size_t t, std::size_t k) {
        return f[static_cast<std::size_t>(q.x(s, t))] == static_cast<double>(k) ? .8 : .1;
    };
    for (double e : {.3, 1.7}) {
        const auto found = by_grid(
            family, grid, e, 4, 12,
            [&](const auto& f, std::size_t s, std::size_t t) {
                return std::log(probability(f, s, t, static_cast<std::size_t>(q.y(s, t))));
            },
            probability);
        CHECK(largest_difference(predict(bayes(family, tempered(every_function(), e)), q), found) < 1e-12);
        CHECK(largest_difference(predict(bayes(family, tempered(all, e)), q), found) < 1e-12);
    }
    const seen_tasks<F> seen(family, {{{0, 1}, {2, 1}}}, {1, 3});
    is_a_power_posterior(family, seen, q);
    const mixture_of both({1, 4}, seen, every_function());
    const auto mixed = predict(bayes(family, tempered(both, .6)), q);
    for (auto& g : grid) g.log_weight += std::log(.8);
    grid.push_back({{0, 1}, std::log(.2 / 4)}), grid.push_back({{2, 1}, std::log(.2 * 3 / 4)});
    CHECK(largest_difference(mixed, by_grid(
                                        family, grid, .6, 4, 12,
                                        [&](const auto& f, std::size_t s, std::size_t t) {
                                            return std::log(probability(f, s, t, static_cast<std::size_t>(q.y(s, t))));
                                        },
                                        probability)) < 1e-12);
    // Without noise one pair tells, however little it counts; e = 0 reads it nevertheless not.
    const F certain({.inputs = 1});
    const F::sequences twice{{{0, 0}}, {{2, 2}}};
    const auto faint = predict(bayes(certain, tempered(every_function(), .1)), twice);
    CHECK(faint.values(0, 1, 2) == 1);
    CHECK(faint.log_evidence(0, 2) == doctest::Approx(-std::log(3.)));
    CHECK(predict(bayes(certain, tempered(every_function(), 0)), twice).values(0, 1, 2) == doctest::Approx(1. / 3));
    // So many pairs of one kind that the other's probability is no number any more, and then as many of the other.
    const F shown({.inputs = 1, .noise = .003});
    F::sequences turned{{}, {}};
    turned.x.resize({1, 401}), turned.y.resize({1, 401});
    for (std::size_t t = 0; t < 401; ++t) turned.x(0, t) = 0, turned.y(0, t) = t < 200 ? 0 : 1;
    const auto back = predict(bayes(shown, tempered(every_function(), 4)), turned);
    CHECK(back.values(0, 399, 0) > .99);
    CHECK(back.values(0, 400, 0) == doctest::Approx((1 - .003 + .001 + .001) / 2));
}

TEST_CASE("urns: every draw counts e times, for seen urns and remembered ones") {
    using F = balls_and_urns<2>;
    const F family({.concentration = {.8, 1.5}});
    const seen_tasks<F> seen(family, {{{.3, .7}, {.9, .1}}}, {1, 3});
    const remembered memory(family, seen, 4.);
    const remembered own(family, seen, std::vector<double>{2, 30});
    const auto q = sample_sequences(family, seen, 3, 8, 2).sequences;
    is_a_power_posterior(family, seen, q);
    is_a_power_posterior(family, memory, q);
    is_a_power_posterior(family, own, q);
    // Beta(a, b) in the log odds, by the trapezoidal rule.
    const auto add_beta = [](tasks_of_grid& grid, double log_mass, double a, double b) {
        const double log_beta = std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
        for (int i = -6000; i <= 6000; ++i) {
            const double x = .01 * i, log_p = -std::log1p(std::exp(-x)), log_q = -std::log1p(std::exp(x));
            grid.push_back({{std::exp(log_p), std::exp(log_q)}, log_mass + a * log_p + b * log_q - log_beta + std::log(.01)});
        }
    };
    tasks_of_grid points, alike, mixed;
    for (std::size_t d = 0; d < 2; ++d) {
        const double w0 = seen.table().tasks(d, 0), w1 = seen.table().tasks(d, 1), mass = seen.log_weight(d);
        points.push_back({{w0, w1}, mass});
        mixed.push_back({{w0, w1}, mass + std::log(.2)});
        add_beta(alike, mass, .8 + 4 * w0, 1.5 + 4 * w1);
        add_beta(mixed, mass + std::log(.8), .8 + own.precision(d) * w0, 1.5 + own.precision(d) * w1);
    }
    const mixture_of both({1, 4}, seen, own);
    for (double e : {0., .3, 1., 1.7}) {
        CAPTURE(e);
        const auto against = [&](const tasks_of_grid& grid) {
            return by_grid(
                family, grid, e, 3, 8,
                [&](const auto& w, std::size_t s, std::size_t t) { return std::log(w[static_cast<std::size_t>(q.tokens(s, t))]); },
                [](const auto& w, std::size_t, std::size_t, std::size_t k) { return w[k]; });
        };
        CHECK(largest_difference(predict(bayes(family, tempered(seen, e)), q), against(points)) < 1e-12);
        CHECK(largest_difference(predict(bayes(family, tempered(memory, e)), q), against(alike)) < 1e-10);
        CHECK(largest_difference(predict(bayes(family, tempered(both, e)), q), against(mixed)) < 1e-10);
    }
}

TEST_CASE("classification: query and label count e times, for seen items and remembered ones") {
    using F = classification<1, 2>;
    const F family({.item_variance = 1.3, .within_class_variance = .7, .label_noise = .2});
    const seen_tasks<F> seen(family, {{{.4}, {-1.5}, {2}}, {0, 1, 1}}, {1, 3, 2});
    const std::vector<double> precisions{0, .6, 5};
    const remembered memory(family, seen, 1.1);
    const remembered own(family, seen, precisions);
    const auto q = sample_sequences(family, seen, 5, 3, 2).sequences;
    CHECK(largest_difference(predict(bayes(family, tempered(memory, 1)), q), predict(bayes(family, memory), q)) < 1e-12);
    // Items from N(s z, (1-s) 1.3), each with its label; what is shown of one is N(z/sqrt(1.7), .7/1.7 1.3).
    const auto against = [&](double e, const std::function<double(std::size_t)>& kappa) {
        predictions out{F::kind, filled<double, 3>({5, 1, 2}, 0.0), filled<double, 2>({5, 2}, 0.0)};
        for (std::size_t s = 0; s < 5; ++s) {
            tasks_of_grid grid;
            const auto add = [&](double z, double label, double log_weight) {
                const double nats = gaussian_log_density(q.query(s, 0), z / std::sqrt(1.7), .7 / 1.7 * 1.3);
                grid.push_back({{z, label}, log_weight + (e == 0 ? 0 : e * nats)});
            };
            for (std::size_t d = 0; d < 3; ++d) {
                const double z = seen.table().tasks(d, 0), share = kappa(d) / (kappa(d) + .7), label = seen.table().task_labels(d);
                if (std::isnan(share)) {
                    add(z, label, seen.log_weight(d));
                    continue;
                }
                const double deviation = std::sqrt((1 - share) * 1.3);
                for (int i = -400; i <= 400; ++i)
                    add(share * z + .02 * i * deviation, label, seen.log_weight(d) + gaussian_log_density(.02 * i, 0, 1) + std::log(.02));
            }
            const auto probability = [](const std::vector<double>& item, std::size_t k) {
                return item[1] == static_cast<double>(k) ? .9 : .1;
            };
            const auto one = by_grid(
                family, grid, e, 1, 1,
                [&](const auto& item, std::size_t, std::size_t) {
                    return std::log(probability(item, static_cast<std::size_t>(q.query_label(s))));
                },
                [&](const auto& item, std::size_t, std::size_t, std::size_t k) { return probability(item, k); });
            for (std::size_t k = 0; k < 2; ++k) out.values(s, 0, k) = one.values(0, 0, k), out.log_evidence(s, k) = one.log_evidence(0, k);
        }
        return out;
    };
    const double infinity = std::numeric_limits<double>::infinity();
    for (double e : {0., .3, 1., 1.7, 2.}) {
        CAPTURE(e);
        CHECK(largest_difference(predict(bayes(family, tempered(seen, e)), q), against(e, [&](std::size_t) { return infinity; })) < 1e-12);
        CHECK(largest_difference(predict(bayes(family, tempered(memory, e)), q), against(e, [](std::size_t) { return 1.1; })) < 1e-10);
        CHECK(largest_difference(predict(bayes(family, tempered(own, e)), q), against(e, [&](std::size_t d) { return precisions[d]; })) <
              1e-10);
    }
    const auto unread = predict(bayes(family, tempered(memory, 0)), q);
    for (std::size_t s = 0; s < 5; ++s) {
        CHECK(std::abs(unread.log_evidence(s, 1)) < 1e-12);
        CHECK(unread.values(s, 0, 0) == doctest::Approx((.9 + .1 * 5) / 6));
    }
}

TEST_CASE("Markov chains: every token counts e times, for seen chains") {
    using F = markov_chain<2>;
    const F family;
    const seen_tasks<F> seen(family, sample_tasks(family, own_prior(family), 4, 1), {1, 2, 3, 4});
    const auto q = sample_sequences(family, seen, 3, 10, 2).sequences;
    tasks_of_grid chains;
    for (std::size_t d = 0; d < 4; ++d) chains.push_back({{static_cast<double>(d)}, seen.log_weight(d)});
    const auto probability = [&](const std::vector<double>& task, std::size_t s, std::size_t t, std::size_t k) {
        if (t == 0) return .5;
        return seen.table().tasks(static_cast<std::size_t>(task[0]), static_cast<std::size_t>(q.tokens(s, t - 1)), k);
    };
    for (double e : {0., .3, 1., 1.7})
        CHECK(largest_difference(predict(bayes(family, tempered(seen, e)), q),
                                 by_grid(
                                     family, chains, e, 3, 10,
                                     [&](const auto& task, std::size_t s, std::size_t t) {
                                         return std::log(probability(task, s, t, static_cast<std::size_t>(q.tokens(s, t))));
                                     },
                                     probability)) < 1e-12);
}

TEST_CASE("hidden Markov models: every token counts e times, for seen models and models that stand for a prior") {
    using F = hidden_markov<2>;
    const F family({.states = 2});
    const seen_tasks<F> seen(family, sample_tasks(family, own_prior(family), 4, 1), {1, 2, 3, 4});
    const draws_of drawn(family, random_hidden_markov(), 20);
    const auto q = sample_sequences(family, seen, 3, 6, 2).sequences;
    const auto check = [&](const auto& prior, const F::task_table& table) {
        tasks_of_grid models;
        for (std::size_t d = 0; d < prior.size(); ++d) models.push_back({{static_cast<double>(d)}, prior.log_weight(d)});
        // Probability of tokens, the sum over all paths of hidden states.
        const std::function<double(std::size_t, const std::vector<std::size_t>&, std::size_t, std::size_t)> after =
            [&](std::size_t d, const std::vector<std::size_t>& tokens, std::size_t t, std::size_t state) {
                if (t == tokens.size()) return 1.;
                double sum = 0;
                for (std::size_t to = 0; to < 2; ++to)
                    sum += (t == 0 ? .5 : table.transitions(d, state, to)) * table.tasks(d, to, tokens[t]) * after(d, tokens, t + 1, to);
                return sum;
            };
        const auto probability = [&](const std::vector<double>& task, std::size_t s, std::size_t t, std::size_t k) {
            std::vector<std::size_t> tokens;
            for (std::size_t i = 0; i < t; ++i) tokens.push_back(static_cast<std::size_t>(q.tokens(s, i)));
            const auto d = static_cast<std::size_t>(task[0]);
            const double before = after(d, tokens, 0, 0);
            tokens.push_back(k);
            return after(d, tokens, 0, 0) / before;
        };
        for (double e : {0., .3, 1., 1.7})
            CHECK(largest_difference(predict(bayes(family, tempered(prior, e)), q),
                                     by_grid(
                                         family, models, e, 3, 6,
                                         [&](const auto& task, std::size_t s, std::size_t t) {
                                             return std::log(probability(task, s, t, static_cast<std::size_t>(q.tokens(s, t))));
                                         },
                                         probability)) < 1e-12);
    };
    check(seen, seen.table());
    check(drawn, drawn.points().table());
}
