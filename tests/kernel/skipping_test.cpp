// What is left out, what is carried and how it is spread over threads must not show in a prediction.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/effort.hpp"

namespace r = rationale;

namespace {

/// Largest difference of predictions, and of log evidence relative to the larger of 1 and itself.
struct difference {
    double values = 0, evidence = 0;
    difference(const r::predictions& a, const r::predictions& b) {
        for (std::size_t i = 0; i < a.values.size(); ++i) values = (std::max)(values, std::abs(a.values.data()[i] - b.values.data()[i]));
        for (std::size_t i = 0; i < a.log_evidence.size(); ++i) {
            const double e = b.log_evidence.data()[i];
            if (a.log_evidence.data()[i] != e)
                evidence = (std::max)(evidence, std::abs(a.log_evidence.data()[i] - e) / (std::max)(1.0, std::abs(e)));
        }
    }
};

template <class F>
typename F::sequences sequences(const F& family, const typename F::task_table& tasks, std::size_t count, std::size_t context) {
    return r::sample_sequences(family, r::seen_tasks<F>(family, tasks), count, context, 3).sequences;
}

constexpr std::size_t events = sanitized ? 500 : 2000;

/// Contexts of so many events from one of the tasks, from none, and from one after the other, so that a task falls far behind and comes
/// back.
template <std::size_t K>
typename r::balls_and_urns<K>::sequences hard_contexts(const r::balls_and_urns<K>& family,
                                                       const typename r::balls_and_urns<K>::task_table& tasks) {
    auto q = sequences(family, tasks, 4, events);
    r::philox rng(9, 0);
    const std::size_t k = family.outcomes();
    for (std::size_t t = 0; t < events; ++t) {
        q.tokens(1, t) = static_cast<std::int32_t>(r::index(rng, k));
        q.tokens(2, t) = static_cast<std::int32_t>(r::categorical(rng, r::row(tasks.tasks, (5 * t / events) % tasks.tasks.shape(0))));
        q.tokens(3, t) = static_cast<std::int32_t>(t < 7 * events / 20 ? 0 : t < 3 * events / 4 ? 1 : 0);
    }
    return q;
}

template <class Family>
void compare_urns(const Family& family, std::size_t count, double concentration) {
    const Family peaked({.categories = family.outcomes(), .concentration = {concentration}});
    auto tasks = r::sample_tasks(peaked, own_prior(peaked), count, 11);
    if (count > 2) {  // probabilities of 1e-30 and, where another task allows the outcome, of 0
        tasks.tasks(0, 1) += tasks.tasks(0, 0) - 1e-30, tasks.tasks(0, 0) = 1e-30;
        tasks.tasks(1, 0) += tasks.tasks(1, 1), tasks.tasks(1, 1) = 0;
    }
    const auto q = hard_contexts(family, tasks);
    r::memorizing<Family> exact(family, tasks), skipping(family, tasks);
    exact.skip_tolerance(0);
    r::memorizing<Family, float> narrow(family, tasks), narrow_dense(family, tasks);
    narrow_dense.skip_tolerance(0);
    const auto policy = r::impossible_context::mask;
    const auto truth = r::predict(r::detail::on_lanes<r::kernel::scalar_lanes>(exact), q, r::sequential{}, policy);
    for (const auto& found : {r::predict(exact, q, r::sequential{}, policy), r::predict(skipping, q, r::sequential{}, policy),
                              r::predict(r::detail::on_lanes<r::kernel::scalar_lanes>(skipping), q, r::sequential{}, policy)}) {
        CHECK(difference(found, truth).values < 1e-10);
        CHECK(difference(found, truth).evidence < 1e-12);
    }
    for (const auto& found : {r::predict(narrow, q, r::sequential{}, policy), r::predict(narrow_dense, q, r::sequential{}, policy)}) {
        CHECK(difference(found, truth).values < 2e-5);
        CHECK(difference(found, truth).evidence < 2e-5);
    }
    const auto evidence = r::log_evidence(skipping, q);
    for (std::size_t i = 0; i < evidence.size(); ++i)
        CHECK(evidence.data()[i] == doctest::Approx(truth.log_evidence.data()[i]).epsilon(1e-12));
}

/// Chains whose likelihoods are counted from the first event on, every time.
struct counted_anew : r::markov_chain<4, 1> {
    using markov_chain::markov_chain;
    static constexpr std::nullptr_t restart = nullptr;
};

}  // namespace

TEST_CASE("urns: left out or not, float or double, one lane or many, the prediction is the same") {
    for (std::size_t count : {1u, 2u, 17u, sanitized ? 100u : 700u})
        for (double concentration : {.1, 1.0, 20.0}) {
            compare_urns(r::balls_and_urns<4>(), count, concentration);
            compare_urns(r::balls_and_urns<11>(), count, concentration);
            compare_urns(r::balls_and_urns<>({.categories = 5}), count, concentration);
        }
}

TEST_CASE("what can be gained on a rival is what each outcome gains, and has no bound where the rival rules one out") {
    const double log_of_zero = r::kernel::log_of_zero, logs[] = {-1, -5, log_of_zero}, ahead[] = {-3, -2, -1},
                 behind[] = {-1, log_of_zero, -4};
    r::kernel::gain_on_rival gain(3), unbounded(3);
    for (std::size_t k = 0; k < 3; ++k) gain.add(k, static_cast<double>(k + 1), ahead[k]), unbounded.add(k, 1, behind[k]);
    CHECK(gain(logs) == doctest::Approx(2));
    CHECK(gain(ahead) == 0);
    CHECK(gain(behind) == doctest::Approx(2));
    CHECK(unbounded(logs) == std::numeric_limits<double>::infinity());
}

TEST_CASE("chains: likelihoods counted on from where they were are those counted from the first event") {
    const r::markov_chain<4, 1> family;
    static_assert(r::kernel::fold_traits<r::markov_chain<4, 1>, r::detail::view_of<r::markov_chain<4, 1>>, double>::has_restart);
    static_assert(!r::kernel::fold_traits<counted_anew, r::detail::view_of<counted_anew>, double>::has_restart);
    for (const std::size_t count : {1u, 3u, 200u}) {
        auto tasks = r::sample_tasks(family, own_prior(family), count, 11);
        if (count > 2) tasks.tasks(0, 1, 1) += tasks.tasks(0, 1, 0) - 1e-30, tasks.tasks(0, 1, 0) = 1e-30;
        auto q = sequences(family, tasks, 4, 2000);
        r::philox rng(9, 0);
        for (std::size_t t = 0; t < 2000; ++t) {
            q.tokens(1, t) = static_cast<std::int32_t>(r::index(rng, 4));
            const std::size_t last = t == 0 ? 0 : static_cast<std::size_t>(q.tokens(2, t - 1)), d = (t / 400) % count;
            q.tokens(2, t) = static_cast<std::int32_t>(r::categorical(rng, std::span(&tasks.tasks(d, last, 0), 4)));
            q.tokens(3, t) = t < 700 ? 0 : t < 1500 ? 1 : 0;
        }
        const counted_anew anew;
        r::memorizing<counted_anew> exact(anew, tasks);
        exact.skip_tolerance(0);
        const auto truth = r::predict(r::detail::on_lanes<r::kernel::scalar_lanes>(exact), q);
        for (const double tolerance : {0.0, 1e-12}) {
            r::memorizing<r::markov_chain<4, 1>> wide(family, tasks);
            r::memorizing<r::markov_chain<4, 1>, float> narrow(family, tasks);
            wide.skip_tolerance(tolerance), narrow.skip_tolerance(tolerance > 0 ? 4e-6 : 0.0);
            CHECK(difference(r::predict(wide, q), truth).values < 1e-10);
            CHECK(difference(r::predict(wide, q), truth).evidence < 1e-12);
            CHECK(difference(r::predict(narrow, q), truth).values < 2e-5);
            CHECK(difference(r::predict(narrow, q), truth).evidence < 2e-5);
            const auto evidence = r::log_evidence(wide, q);
            for (std::size_t i = 0; i < evidence.size(); ++i)
                CHECK(evidence.data()[i] == doctest::Approx(truth.log_evidence.data()[i]).epsilon(1e-12));
        }
        // Posteriors are counted at one event alone.
        r::memorizing<r::markov_chain<4, 1>> m(family, tasks);
        const auto weight = m.posterior(q, 2, 500), same = exact.posterior(q, 2, 500);
        for (std::size_t d = 0; d < count; ++d) CHECK(weight[d] == doctest::Approx(same[d]).epsilon(1e-9));
    }
}

TEST_CASE("regression: left out or not, in distribution and far out of it, over 2000 events") {
    for (const double noise_variance : {8.0 / 256, 20.0}) {
        const r::linear_regression<8> family({.noise_variance = noise_variance});
        const auto tasks = r::sample_tasks(family, own_prior(family), 200, 2);
        auto q = sequences(family, tasks, 4, 2000);
        for (std::size_t t = 0; t < 2000; ++t) {
            q.y(1, t) *= 5;                            // no task explains it well
            if (t < 1000) q.y(2, t) = 10 - q.y(2, t);  // all fall behind by some 1e6 nats; then the right one comes back
            if (t < 700) {                             // first the one, then the other
                const auto x = r::row(q.x, 3).subspan(8 * t, 8);
                q.y(3, t) = std::inner_product(x.begin(), x.end(), &tasks.tasks(7, 0), 0.0);
            }
        }
        const double deviation = std::sqrt(noise_variance);
        r::memorizing<r::linear_regression<8>> dense(family, tasks), rough(family, tasks);
        dense.skip_tolerance(0), rough.skip_tolerance(1e-3);
        const auto exact = r::predict(r::detail::on_lanes<r::kernel::scalar_lanes>(dense), q);
        for (const auto& found :
             {r::predict(r::memorizing<r::linear_regression<8>>(family, tasks), q),
              r::predict(r::detail::on_lanes<r::kernel::scalar_lanes>(r::memorizing<r::linear_regression<8>>(family, tasks)), q)}) {
            CHECK(difference(found, exact).values < 1e-9);
            CHECK(difference(found, exact).evidence < 1e-11);
        }
        // What is left out is at most 1e-3 of the rest: predictions of some 10 sizes move by no more than twice that.
        CHECK(difference(r::predict(rough, q), exact).values < 2e-2);
        CHECK(difference(r::predict(rough, q), exact).evidence < 1e-3);
        const r::memorizing<r::linear_regression<8>, float> in_float(family, tasks);
        for (const auto& narrow : {r::predict(in_float, q), r::predict(r::detail::on_lanes<r::kernel::scalar_lanes>(in_float), q)}) {
            CHECK(difference(narrow, exact).values < 2e-4 * deviation);
            CHECK(difference(narrow, exact).evidence < 1e-5);
        }
        const auto evidence = r::log_evidence(r::memorizing<r::linear_regression<8>>(family, tasks), q);
        for (std::size_t i = 0; i < evidence.size(); ++i)
            CHECK(evidence.data()[i] == doctest::Approx(exact.log_evidence.data()[i]).epsilon(1e-11));
    }
}

TEST_CASE("regression: weights a hundred million noises from the origin lose no context, and are weighed by their residuals") {
    // y^2/noise variance is 1e16: a sum of residuals from second moments has no digit that is right.
    using line = r::linear_regression<1>;
    const line family({.noise_variance = 1});
    const std::size_t tasks = 40, context = 100;
    line::task_table table{r::filled<double, 2>({tasks, 1}, 0.0)};
    for (std::size_t d = 0; d < tasks; ++d) table.tasks(d, 0) = 1e8 + .25 * static_cast<double>(d);
    auto q = sequences(family, table, 5, context);
    const r::seen_tasks<line> seen(family, table);
    const auto check = [&](const auto& strategy, double exponent) {
        const auto out = r::predict(strategy, q);
        double off = 0;
        for (std::size_t s = 0; s < 5; ++s) {
            std::vector<double> nats(tasks);
            for (std::size_t t = 0; t < context; ++t) {
                const double top = *std::max_element(nats.begin(), nats.end());
                double mass = 0, mean = 0;
                for (std::size_t d = 0; d < tasks; ++d) {
                    const double w = std::exp(exponent * (nats[d] - top)), residual = q.y(s, t) - table.tasks(d, 0) * q.x(s, t, 0);
                    mass += w, mean += w * (table.tasks(d, 0) - 1e8);
                    nats[d] -= .5 * residual * residual;
                }
                off = (std::max)(off, std::abs(out.values(s, t, 0) - 1e8 * q.x(s, t, 0) - mean / mass * q.x(s, t, 0)));
            }
        }
        CHECK(off < 1e-5);  // the rounding of the residuals, 1e-8 each
    };
    check(r::memorizing<line>(family, seen), 1);
    check(r::bayes<line, r::tempered<r::seen_tasks<line>>>(family, r::tempered(seen, .3)), .3);
    const r::bayes<line, r::remembered<r::seen_tasks<line>>> remembering(family, r::remembered(family, seen, 1e12));
    const auto out = r::predict(remembering, q);
    for (double v : out.values) CHECK(std::isfinite(v));
}

TEST_CASE("regression, tempered or remembered: left out or not, the prediction is the same") {
    const r::linear_regression<8> family;
    const auto tasks = r::sample_tasks(family, own_prior(family), 500, 2);
    const r::seen_tasks<r::linear_regression<8>> seen(family, tasks);
    const auto q = sequences(family, tasks, 3, 300);
    const auto compare = [&](auto dense, auto default_tolerance) {
        dense.skip_tolerance(0);
        const auto exact = r::predict(r::detail::on_lanes<r::kernel::scalar_lanes>(dense), q), found = r::predict(default_tolerance, q);
        CHECK(difference(found, exact).values < 1e-10);
        CHECK(difference(found, exact).evidence < 1e-11);
    };
    for (const double exponent : {0.0, 0.02, 1.0, 3.0}) {
        const r::bayes b(family, r::tempered(seen, exponent));
        compare(b, b);
    }
    for (const double precision : {0.0, 1.0, 300.0}) {
        const r::bayes b(family, r::remembered<r::seen_tasks<r::linear_regression<8>>>(family, seen, precision));
        compare(b, b);
    }
}

TEST_CASE("classification in float, with queries out of distribution") {
    const r::classification<8, 3> family({.label_noise = 2e-5});
    const auto tasks = r::sample_tasks(family, own_prior(family), 1000, 2);
    auto q = sequences(family, tasks, 64, 5);
    for (std::size_t s = 32; s < 64; ++s)
        for (double& x : r::row(q.query, s)) x *= 20;
    const auto exact = r::predict(r::detail::on_lanes<r::kernel::scalar_lanes>(r::memorizing<r::classification<8, 3>>(family, tasks)), q);
    CHECK(difference(r::predict(r::memorizing<r::classification<8, 3>>(family, tasks), q), exact).values < 1e-10);
    CHECK(difference(r::predict(r::memorizing<r::classification<8, 3>, float>(family, tasks), q), exact).values < 2e-5);
}

TEST_CASE("a million tasks, one sequence: chunks on any number of threads give the same") {
    const r::balls_and_urns<3> family;
    const auto tasks = r::sample_tasks(family, own_prior(family), std::size_t{1} << (sanitized ? 16 : 20), 4);
    const r::memorizing<r::balls_and_urns<3>, float> m(family, tasks);
    const auto q = sequences(family, tasks, 1, 60);
    const auto one = r::predict(m, q);
    CHECK(difference(r::predict(m, q, r::threads{3}), one).values == 0);
    // The own prior's prediction, of which a million draws are a fine sample.
    const auto own = r::predict(r::generalizing<r::balls_and_urns<3>>(family), q);
    CHECK(difference(one, own).values < .02);
    r::memorizing<r::balls_and_urns<3>> exact(family, tasks);
    exact.skip_tolerance(0);
    CHECK(difference(one, r::predict(exact, q)).values < 2e-5);
}

TEST_CASE("a prediction does not depend on the sequences beside it, nor on threads") {
    const r::balls_and_urns<6> family;
    const auto tasks = r::sample_tasks(family, own_prior(family), 3000, 4);
    const r::memorizing<r::balls_and_urns<6>> m(family, tasks);
    const std::size_t count = sanitized ? 40 : 150;
    const auto q = sequences(family, tasks, count, 40);
    const auto all = r::predict(m, q, r::threads{2});
    CHECK(difference(all, r::predict(m, q)).values == 0);
    r::balls_and_urns<6>::sequences last{r::filled<std::int32_t, 2>({1, 40}, 0)};
    std::copy_n(r::row(q.tokens, count - 1).begin(), 40, last.tokens.begin());
    const auto alone = r::predict(m, last);
    for (std::size_t i = 0; i < 40 * 6; ++i) CHECK(alone.values.data()[i] == all.values.data()[(count - 1) * 40 * 6 + i]);
}
