#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/predictions.hpp"

using namespace rationale;
using namespace rationale_test;
using doctest::Approx;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
using F = gaussian_location;
using remembering = bayes<F, remembered<seen_tasks<F>>>;

const F known({.mean = 1, .strength = .5, .noise_variance = 2});
const F unknown({.mean = 1, .strength = .5, .noise_variance = 2, .shape = 2.5});

/// A belief by its moments: m | v ~ N(mean, v/strength), v ~ inverse Gamma(shape, rate), or rate itself where shape is 0.
struct belief {
    double mean, strength, shape, rate;
};
belief remembered_by_hand(const F& family, double mean, double variance, double kappa) {
    const auto& p = family.values();
    const double s = kappa / (kappa + p.strength), apart = mean - p.mean;
    belief out{p.mean + s * apart, p.strength + kappa, 0, p.noise_variance};
    if (!p.shape) return out;
    out.shape = *p.shape + kappa / 2;
    out.rate = (*p.shape - 1) * p.noise_variance + kappa * variance / 2 + p.strength * kappa / (2 * (p.strength + kappa)) * apart * apart;
    return out;
}

/// Number by number, each counted e times.
predictions by_hand(const F& family, const seen_tasks<F>& seen, double kappa, double e, const ndarray<double, 2>& y) {
    predictions out{F::kind, filled<double, 3>({y.shape(0), y.shape(1), 1}, 0.0), filled<double, 2>({y.shape(0), y.shape(1) + 1}, 0.0)};
    for (std::size_t s = 0; s < y.shape(0); ++s) {
        std::vector<belief> all;
        std::vector<double> log_weight;
        for (std::size_t d = 0; d < seen.size(); ++d) {
            all.push_back(remembered_by_hand(family, seen.table().tasks(d, 0), seen.table().tasks(d, 1), kappa));
            log_weight.push_back(seen.log_weight(d));
        }
        for (std::size_t t = 0; t <= y.shape(1); ++t) {
            const double top = *std::max_element(log_weight.begin(), log_weight.end());
            double mass = 0, mean = 0;
            for (std::size_t d = 0; d < seen.size(); ++d) {
                auto& b = all[d];
                const double w = std::exp(log_weight[d] - top);
                mass += w, mean += w * b.mean;
                if (t == y.shape(1)) continue;
                const double r = y(s, t) - b.mean, more = e / 2 * r * r * b.strength / (b.strength + e);
                log_weight[d] += .5 * std::log(b.strength / (b.strength + e)) - e / 2 * std::log(2 * std::numbers::pi);
                log_weight[d] += b.shape == 0 ? -e / 2 * std::log(b.rate) - more / b.rate
                                              : std::lgamma(b.shape + e / 2) - std::lgamma(b.shape) + b.shape * std::log(b.rate) -
                                                    (b.shape + e / 2) * std::log(b.rate + more);
                if (b.shape > 0) b.shape += e / 2, b.rate += more;
                b.mean = (b.strength * b.mean + e * y(s, t)) / (b.strength + e);
                b.strength += e;
            }
            out.log_evidence(s, t) = top + std::log(mass);
            if (t < y.shape(1)) out.values(s, t, 0) = mean / mass;
        }
    }
    return out;
}
}  // namespace

TEST_CASE("precision 0 is the family's own predictor, infinity the memorizing one: location") {
    for (const auto& family : {known, unknown}) {
        const seen_tasks<F> seen(family, sample_tasks(family, own_prior(family), 40, 1));
        const auto q = sample_sequences(family, own_prior(family), 9, 50, 2).sequences;
        CHECK(largest_difference(predict(remembering(family, remembered(family, seen, 0.)), q), predict(generalizing<F>(family), q)) <
              1e-12);
        const auto all = predict(remembering(family, remembered(family, seen, infinity)), q);
        CHECK(largest_difference(all, predict(memorizing<F>(family, seen), q)) < 1e-10);
        CHECK(largest_difference(all, predict(remembering(family, remembered(family, seen, 1e13)), q)) < 1e-9);
        for (double e : {.3, 2.})
            CHECK(largest_difference(predict(bayes(family, tempered(remembered(family, seen, infinity), e)), q),
                                     predict(bayes(family, tempered(seen, e)), q)) < 1e-10);
    }
}

TEST_CASE("remembered locations by hand, with weights and contexts so long that most tasks are left out") {
    for (const auto& family : {known, unknown}) {
        const seen_tasks<F> few(family, sample_tasks(family, own_prior(family), 7, 1), {1, 2, 3, 4, 5, 6, 7});
        const seen_tasks<F> many(family, sample_tasks(family, own_prior(family), 300, 1));
        for (const auto* seen : {&few, &many}) {
            const auto q = sample_sequences(family, *seen, 3, seen == &few ? 12 : 90, 2).sequences;
            for (double kappa : {.7, 25., 4000.})
                for (double e : {.3, 1., 2.2}) {
                    const auto found = predict(bayes(family, tempered(remembered(family, *seen, kappa), e)), q);
                    const auto hand = by_hand(family, *seen, kappa, e, q.y);
                    CHECK(largest_difference(found, hand) < 1e-10);
                    using single = bayes<F, tempered<remembered<seen_tasks<F>>>, float>;
                    CHECK(largest_difference(predict(single(family, tempered(remembered(family, *seen, kappa), e)), q), hand) < 1e-4);
                    const auto evidence = log_evidence(bayes(family, tempered(remembered(family, *seen, kappa), e)), q);
                    CHECK(evidence(2, q.y.shape(1)) == Approx(hand.log_evidence(2, q.y.shape(1))).epsilon(1e-10));
                }
        }
    }
}

TEST_CASE("what a remembered location takes in bits is the divergence of its belief from the family's own prior") {
    CHECK(remembered(known, seen_tasks<F>(known, {{{3, 2}}}), 0.).bits() == 0);
    CHECK(remembered(unknown, seen_tasks<F>(unknown, {{{3, 2}}}), 0.).bits() == 0);
    CHECK(remembered(unknown, seen_tasks<F>(unknown, {{{3, 2}}}), infinity).bits() == infinity);
    for (const auto& family : {known, unknown}) {
        const memory<F> of(family);
        const F::task_table table{{{3, .6}}};
        double last = 0;
        for (double kappa : {.01, .5, 3., 40.}) {
            const double nats = of.nats(table, 0, of.share(kappa));
            CHECK(of.precision(of.share(kappa)) == Approx(kappa));
            CHECK(nats > last);
            last = nats;
            // Over the mean in its deviations and over the variance's logarithm.
            const belief b = remembered_by_hand(family, 3, .6, kappa), own = remembered_by_hand(family, 3, .6, 0);
            const auto log_density = [](const belief& of_task, double m, double v) {
                const double z = (m - of_task.mean) * (m - of_task.mean) * of_task.strength / v;
                const double of_mean = -.5 * (z + std::log(2 * std::numbers::pi * v / of_task.strength));
                if (of_task.shape == 0) return of_mean;
                return of_mean + of_task.shape * std::log(of_task.rate / v) - std::lgamma(of_task.shape) - of_task.rate / v;
            };
            double kl = 0;
            const int of_variance = b.shape == 0 ? 0 : 800;
            for (int j = -of_variance; j <= of_variance; ++j)
                for (int i = -160; i <= 160; ++i) {
                    const double v = b.shape == 0 ? b.rate : b.rate / b.shape * std::exp(.02 * j);
                    const double deviation = std::sqrt(v / b.strength), m = b.mean + .05 * i * deviation;
                    const double log_p = log_density(b, m, v);
                    kl += .05 * deviation * (b.shape == 0 ? 1 : .02) * std::exp(log_p) * (log_p - log_density(own, m, v));
                }
            CHECK(nats == Approx(kl).epsilon(1e-7));
        }
        CHECK(of.nats(table, 0, 1) == infinity);
    }
}

TEST_CASE("what a remembered location takes keeps its digits up to the largest precisions") {
    const memory<F> of(unknown);
    for (const auto& [m, nats] : std::vector<std::pair<int, double>>{{1, 0.29968438438384031},
                                                                     {10, 7.1871856442549619},
                                                                     {30, 21.110084400000835},
                                                                     {44, 30.814144986923704},
                                                                     {50, 34.973028070286926}})  // mpmath, 60 digits
        CHECK(of.nats(F::task_table{{{3, .6}}}, 0, 1 - std::ldexp(1, -m)) == Approx(nats).epsilon(1e-13));
}

TEST_CASE("a drawn memory of a location has the belief's mean and variance") {
    for (const auto& family : {known, unknown}) {
        const auto drawn = sample_tasks(family, remembered(family, seen_tasks<F>(family, {{{3, .6}}}), 4.), 40000, 3).tasks;
        const belief b = remembered_by_hand(family, 3, .6, 4);
        double mean = 0, square = 0, variance = 0;
        for (std::size_t d = 0; d < 40000; ++d)
            mean += drawn(d, 0) / 40000, square += drawn(d, 0) * drawn(d, 0) / 40000, variance += drawn(d, 1) / 40000;
        const double expected = b.shape == 0 ? b.rate : b.rate / (b.shape - 1);
        CHECK(mean == Approx(b.mean).epsilon(.01));
        CHECK(variance == Approx(expected).epsilon(.02));
        CHECK(square - mean * mean == Approx(expected / b.strength).epsilon(.04));
        const auto exact = sample_tasks(family, remembered(family, seen_tasks<F>(family, {{{3, 2}}}), infinity), 1, 3).tasks;
        CHECK(exact(0, 0) == 3);
        CHECK(exact(0, 1) == 2);
    }
}
