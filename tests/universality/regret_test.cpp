#include "rationale/universality/regret.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "rationale/prior/sample.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "support/effort.hpp"

namespace r = rationale;

namespace {
using urns = r::balls_and_urns<r::dynamic>;
constexpr double infinite = std::numeric_limits<double>::infinity();

/// Every sequence of n tokens of K, and its probability under an urn.
urns::sequences every_sequence(std::size_t k, std::size_t n) {
    std::size_t count = 1;
    for (std::size_t t = 0; t < n; ++t) count *= k;
    urns::sequences out;
    out.tokens.resize({count, n});
    for (std::size_t s = 0; s < count; ++s)
        for (std::size_t t = 0, rest = s; t < n; ++t, rest /= k) out.tokens(s, t) = static_cast<std::int32_t>(rest % k);
    return out;
}

/// sum over all sequences of p(x | urn) [log p(x | urn) - log p(x)].
template <class S>
double expected_regret(const urns& family, const urns::task_table& urn, const S& strategy, const urns::sequences& all) {
    const auto evidence = r::log_evidence(strategy, all);
    const auto of_urn = r::log_evidence(r::memorizing<urns>(family, urn), all);
    double sum = 0;
    const std::size_t last = evidence.shape(1) - 1;
    for (std::size_t s = 0; s < evidence.shape(0); ++s)
        if (const double log_p = of_urn(s, last); log_p > -infinite) sum += std::exp(log_p) * (log_p - evidence(s, last));
    return sum;
}

/// The least over eps, of every eps that there is.
double every_eps(std::vector<double> kl, const std::vector<double>& weight, double n) {
    double best = infinite;
    for (double eps : kl) {
        double mass = 0;
        for (std::size_t d = 0; d < kl.size(); ++d) mass += kl[d] <= eps ? weight[d] : 0;
        best = std::min(best, n * eps - std::log(mass));
    }
    return best;
}
}  // namespace

TEST_CASE("regret is the difference of log likelihood and log evidence at every position") {
    const urns family({.categories = 3});
    const r::seen_tasks<urns> seen(family, r::sample_tasks(family, r::own_prior(family), 5, 1));
    const r::memorizing<urns> m(family, seen);
    const auto drawn = r::sample_sequences(family, seen, 6, 7, 2);
    const auto of = r::regret(r::log_likelihoods(family, drawn.truth, drawn.sequences), r::log_evidence(m, drawn.sequences));
    for (std::size_t s = 0; s < 6; ++s) {
        double likelihood = 0;
        std::vector<double> of_task(5);
        CHECK(of(s, 0) == 0);
        for (std::size_t t = 0; t < 7; ++t) {
            const auto token = static_cast<std::size_t>(drawn.sequences.tokens(s, t));
            likelihood += std::log(drawn.truth.tasks(s, token));
            double evidence = 0;
            for (std::size_t d = 0; d < 5; ++d) evidence += std::exp(of_task[d] += std::log(seen.table().tasks(d, token))) / 5;
            CHECK(of(s, t + 1) == doctest::Approx(likelihood - std::log(evidence)).epsilon(1e-11));
        }
    }
    // An urn without token 2: the strategy that knows it alone excludes it, and so does the hypothesis.
    const urns::task_table two{{{.5, .5, 0}}}, any{{{.2, .2, .6}}};
    const urns::sequences one{{{0, 2}}};
    const auto of_two = r::log_likelihoods(family, two, one), of_any = r::log_likelihoods(family, any, one);
    CHECK(r::regret(of_any, of_two)(0, 2) == infinite);
    CHECK(r::regret(of_two, of_any)(0, 2) == -infinite);
    CHECK_THROWS_WITH_AS((void)r::log_likelihoods(family, seen.table(), one),
                         "rationale::log_likelihoods: tasks has 5 numbers, must have 1", std::invalid_argument);
}

TEST_CASE("the bound over finitely many tasks is that of the best eps") {
    auto rng = r::stream(static_cast<r::purpose>(200), 3);
    for (int repetition = 0; repetition < 200; ++repetition) {
        const std::size_t d = 1 + r::index(rng, 60);
        std::vector<double> kl(d), weight(d);
        for (std::size_t i = 0; i < d; ++i) {
            kl[i] = r::uniform(rng) < .1   ? infinite
                    : r::uniform(rng) < .3 ? std::round(4 * r::uniform(rng)) / 4
                                           : -std::log(r::uniform(rng));
            weight[i] = r::uniform(rng) < .2 ? 0 : r::uniform(rng);
        }
        weight[0] = 1;
        r::detail::normalise("test", "a weight", weight);
        for (double n : {.01, .5, 1., 7., 100., 1e6}) {
            const auto found = r::regret_bound(kl, weight, n);
            const double best = every_eps(kl, weight, n);
            if (best == infinite) CHECK(found.nats == infinite);
            else {
                CHECK(found.nats == doctest::Approx(best).epsilon(1e-10));
                CHECK(found.nats == doctest::Approx(n * found.eps - found.log_mass).epsilon(1e-12));
                CHECK(std::exp(found.log_mass) == doctest::Approx(std::exp(r::mass_within(kl, weight, found.eps).log)).epsilon(1e-11));
                CHECK(r::soft_regret_bound(kl, weight, n) <= found.nats * (1 + 1e-14) + 1e-12);
            }
        }
    }
}

TEST_CASE("expected regret never exceeds the bounds: ten thousand random urns, priors and lengths") {
    auto rng = r::stream(static_cast<r::purpose>(200), 4);
    std::vector<urns::sequences> all[4];
    for (std::size_t k = 2; k < 4; ++k)
        for (std::size_t n = 0; n < 6; ++n) all[k].push_back(every_sequence(k, n));
    const std::size_t repetitions = sanitized ? 300 : 10000;
    double least = infinite, least_soft = infinite, most_of = 0;
    for (std::size_t repetition = 0; repetition < repetitions; ++repetition) {
        const std::size_t k = 2 + r::index(rng, 2), n = 1 + r::index(rng, 5), tasks = 1 + r::index(rng, 12);
        const urns family({.categories = k, .concentration = {std::exp(2 * r::standard_normal(rng))}});
        const auto own = r::own_prior(family);
        urns::task_table table, urn;
        table.tasks.resize({tasks, k}), urn.tasks.resize({std::size_t{1}, k});
        std::vector<double> weight(tasks);
        for (std::size_t d = 0; d < tasks; ++d) own.draw(rng, family, table, d), weight[d] = r::uniform(rng);
        own.draw(rng, family, urn, 0);
        if (r::uniform(rng) < .3) std::copy_n(&table.tasks(0, 0), k, &urn.tasks(0, 0));  // a seen one
        const r::memorizing<urns> bayes(family, r::seen_tasks<urns>(family, table, weight));
        const auto kl = r::divergences_from(r::task_divergence<urns>(family, table), urn);
        const double measured = expected_regret(family, urn, bayes, all[k][n]), length = static_cast<double>(n);
        const double bound = r::regret_bound(kl, bayes.prior().weights(), length).nats;
        const double soft = r::soft_regret_bound(kl, bayes.prior().weights(), length);
        if (bound == infinite) continue;  // a seen task of finite divergence there need not be
        least = std::min(least, (bound - measured) / (1 + measured)), least_soft = std::min(least_soft, (soft - measured) / (1 + measured));
        most_of = std::max(most_of, measured / bound);
    }
    CHECK(least > -1e-12);
    CHECK(least_soft > -1e-12);
    CHECK(most_of > .9);  // and they are no loose ones: some are nearly attained
}

TEST_CASE("expected regret of Dirichlet and Gaussian priors does not exceed their bounds") {
    auto rng = r::stream(static_cast<r::purpose>(200), 5);
    for (int repetition = 0; repetition < 40; ++repetition) {
        const double a = std::exp(r::standard_normal(rng)), b = std::exp(r::standard_normal(rng)), p = r::uniform(rng);
        const std::size_t n = 1 + r::index(rng, 6);
        const r::balls_and_urns<2> coins({.concentration = {a, b}});
        const auto bound = r::regret_bound(
            [&](double eps) {
                return mass_within(coins, r::own_prior(coins), {{{p, 1 - p}}}, 0, eps);
            },
            static_cast<double>(n));
        const urns family({.categories = 2, .concentration = {a, b}});
        const double measured = expected_regret(family, {{{p, 1 - p}}}, r::generalizing<urns>(family), every_sequence(2, n));
        CHECK(measured <= bound.nats);
        // No eps on a finer grid is better.
        for (double nats = .01; nats < 20; nats *= 1.02)
            CHECK(nats - mass_within(coins, r::own_prior(coins), {{{p, 1 - p}}}, 0, nats / static_cast<double>(n)).log > bound.nats - 1e-6);
    }
    // Gaussian: the expected regret given the inputs is KL(N(Xw, v I) || N(X mean, v I + variance X X')), here of one dimension, averaged.
    const r::linear_regression<1> line({.noise_variance = .2});
    for (double w : {0., 1., 3.})
        for (double n : {1., 4., 30.}) {
            const auto bound = r::regret_bound([&](double eps) { return mass_within(line, r::own_prior(line), {{{w}}}, 0, eps); }, n);
            double measured = 0;
            for (int draw = 0; draw < 2000; ++draw) {
                double square = 0;
                for (int t = 0; t < static_cast<int>(n); ++t) square += std::pow(r::standard_normal(rng), 2);
                const double gain = square / .2;  // the other variance is .2 (1 + gain) along X
                measured += .5 * (std::log1p(gain) + (1 + gain * w * w) / (1 + gain) - 1) / 2000;
            }
            CHECK(measured <= bound.nats);
            CHECK(measured > .1 * bound.nats);
        }
}

TEST_CASE("bounds of a thousand hypotheses against 65536 tasks take less than two seconds") {
    using eight = r::balls_and_urns<8>;
    const eight family;
    const auto tasks = r::sample_tasks(family, r::own_prior(family), 65536, 1);
    const std::size_t hypotheses = sanitized ? 10 : 1000;
    const auto hypothesis = r::sample_tasks(family, r::own_prior(family), hypotheses, 2);
    const std::vector<double> weight(65536, 1. / 65536);
    const auto start = std::chrono::steady_clock::now();
    const r::task_divergence<eight> kl(family, tasks);
    std::vector<double> divergence(65536);
    double sum = 0;
    for (std::size_t i = 0; i < hypotheses; ++i) {
        kl(hypothesis, i, divergence);
        sum += r::regret_bound(divergence, weight, 64).nats;
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    MESSAGE(seconds, " s");
    CHECK(sum / static_cast<double>(hypotheses) > 1);
    CHECK(sum / static_cast<double>(hypotheses) < 12);
    if (!sanitized) CHECK(seconds < 20);  // of an unoptimised build on a busy machine
}
