#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <numbers>
#include <type_traits>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/effort.hpp"
#include "support/predictions.hpp"

namespace r = rationale;
using namespace rationale_test;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

/// log of the integral of prod_k p_k^(e n_k) over Dirichlet(a + kappa w).
long double log_integral(const std::vector<double>& a, const double* w, double kappa, double e, const std::vector<double>& n) {
    long double nats = 0, before = 0, after = 0;
    for (std::size_t k = 0; k < a.size(); ++k) {
        const long double m = static_cast<long double>(e) * n[k];
        if (m == 0) continue;
        if (kappa == infinity) nats += m * std::log(static_cast<long double>(w[k]));
        else
            nats +=
                std::lgamma(a[k] + static_cast<long double>(kappa) * w[k] + m) - std::lgamma(a[k] + static_cast<long double>(kappa) * w[k]);
    }
    if (kappa == infinity) return nats;
    for (std::size_t k = 0; k < a.size(); ++k) {
        before += a[k] + static_cast<long double>(kappa) * w[k];
        after += a[k] + static_cast<long double>(kappa) * w[k] + static_cast<long double>(e) * n[k];
    }
    return nats + std::lgamma(before) - std::lgamma(after);
}

/// Predictions and evidence of remembered chains whose observations count e times, one task after the other by closed forms.
template <class F, class Prior>
r::predictions by_closed_form(const F& family, const Prior& prior, double e, const typename F::sequences& q, std::size_t order) {
    const std::size_t k = family.outcomes(), sequences = q.tokens.shape(0), events = q.tokens.shape(1);
    const auto& a = family.values().concentration;
    r::predictions out{F::kind, r::filled<double, 3>({sequences, events, k}, 0.0), r::filled<double, 2>({sequences, events + 1}, 0.0)};
    for (std::size_t s = 0; s < sequences; ++s) {
        std::map<std::size_t, std::vector<double>> counts;  // by row
        std::size_t code = 0, states = 1;
        for (std::size_t j = 0; j < order; ++j) states *= k;
        for (std::size_t t = 0; t <= events; ++t) {
            std::vector<long double> nats(prior.size());
            long double top = -infinity, mass = 0;
            for (std::size_t d = 0; d < prior.size(); ++d) {
                const double* const task = r::row(prior.table().tasks, d).data();
                nats[d] = prior.log_weight(d) - e * static_cast<double>((std::min)(t, order)) * std::log(static_cast<double>(k));
                for (const auto& [row, n] : counts) nats[d] += log_integral(a, task + row * k, prior.precision(d), e, n);
                top = (std::max)(top, nats[d]);
            }
            for (long double& x : nats) mass += x = std::exp(x - top);
            out.log_evidence(s, t) = static_cast<double>(top + std::log(mass));
            if (t == events) break;
            auto n = std::vector<double>(k);
            if (counts.count(code) > 0) n = counts[code];
            for (std::size_t d = 0; d < prior.size(); ++d)
                for (std::size_t token = 0; token < k; ++token) {
                    const double* const w = r::row(prior.table().tasks, d).data() + code * k;
                    const double kappa = prior.precision(d);
                    double above = a[token] + kappa * w[token] + e * n[token], below = 0;
                    for (std::size_t j = 0; j < k; ++j) below += a[j] + kappa * w[j] + e * n[j];
                    double p = kappa == infinity ? w[token] : above / below;
                    if (t < order) p = 1 / static_cast<double>(k);
                    out.values(s, t, token) += static_cast<double>(nats[d] / mass) * p;
                }
            const auto token = static_cast<std::size_t>(q.tokens(s, t));
            if (t >= order) {
                counts.try_emplace(code, std::vector<double>(k));
                counts[code][token] += 1;
            }
            code = (code * k + token) % states;
        }
    }
    return out;
}

/// A task's tokens that never come.
template <class F>
void forbid(const F& family, typename F::task_table& table, std::size_t d) {
    const auto task = r::row(table.tasks, d);
    const std::size_t k = family.outcomes();
    for (std::size_t i = 0; i < task.size(); ++i) task[i] = i % k == (i / k + d) % k ? 1 : 0;
}

/// Lanes: also with one lane and in single precision, which are kernels of their own.
template <bool Lanes, class F, class Precision>
void check(const F& family, std::size_t order, const Precision& precision, double e, std::size_t events) {
    CAPTURE(order);
    CAPTURE(e);
    constexpr std::size_t tasks = 21;
    auto table = r::sample_tasks(family, r::own_prior(family), tasks, 4);
    forbid(family, table, 0), forbid(family, table, 1);
    std::vector<double> weights(tasks);
    for (std::size_t d = 0; d < tasks; ++d) weights[d] = 1 / static_cast<double>(d + 1);
    const r::remembered memory(family, r::seen_tasks<F>(family, table, weights), precision);
    CAPTURE(memory.precision(0));
    const r::tempered prior(memory, e);
    auto q = r::sample_sequences(family, r::own_prior(family), 4, events, 6).sequences;
    std::fill_n(q.tokens.data(), events, 0);  // one that goes on and on
    const auto exact = by_closed_form(family, memory, e, q, order);
    using P = std::remove_cvref_t<decltype(prior)>;
    const r::bayes<F, P> found(family, prior);
    CHECK(largest_value_difference(r::predict(found, q), exact) < 1e-10);
    CHECK(largest_evidence_difference(r::predict(found, q), exact) < 1e-11);
    if constexpr (Lanes) {
        CHECK(largest_value_difference(r::predict(r::detail::on_lanes<r::kernel::scalar_lanes>(found), q), exact) < 1e-10);
        const r::bayes<F, P, float> single(family, prior);
        CHECK(largest_value_difference(r::predict(single, q), exact) < 2e-5);
        CHECK(largest_evidence_difference(r::predict(single, q), exact) < 2e-5);
    }
    const auto evidence = r::log_evidence(found, q);
    for (std::size_t s = 0; s < 4; ++s) CHECK(evidence(s, events) == doctest::Approx(exact.log_evidence(s, events)).epsilon(1e-11));
    if (e == 1) {
        const auto plain = r::predict(r::bayes(family, memory), q);
        CHECK(largest_value_difference(plain, exact) < 1e-10);
        CHECK(largest_evidence_difference(plain, exact) < 1e-11);
    }
}

template <bool Lanes = false, class F>
void check_all(const F& family, std::size_t order) {
    for (const double kappa : {0., .4, 250., infinity})
        for (const double e : {0., .3, 1., 2.5}) check<Lanes>(family, order, kappa, e, sanitized ? 20 : 90);
    std::vector<double> own(21);
    for (std::size_t d = 0; d < 21; ++d) own[d] = std::pow(2.5, static_cast<double>(d) - 6);
    own[0] = own[7] = infinity, own[1] = own[3] = 0;
    for (const double e : {0., .3, 1., 2.5}) check<Lanes>(family, order, own, e, sanitized ? 20 : 90);
}
}  // namespace

TEST_CASE("what is remembered of urns and chains is the closed form, whatever the precision, the exponent and the zeros") {
    check_all<true>(r::balls_and_urns<4>({.concentration = {.5, 1, 2, .3}}), 0);
    check_all(r::balls_and_urns<>({.categories = 3}), 0);
    check_all(r::markov_chain<>({.categories = 3, .order = 0, .concentration = {.5, 1, 2}}), 0);
    check_all<true>(r::markov_chain<3, 1>({.concentration = {.5, 1, .2}}), 1);
    check_all(r::markov_chain<>({.categories = 4, .order = 1}), 1);
    check_all(r::markov_chain<>({.categories = 2, .order = 2, .concentration = {.7, 1.5}}), 2);
    check_all(r::markov_chain<>({.categories = 2, .order = 2, .stationary_start = true}), 2);
}

TEST_CASE("contexts of thousands of tokens are remembered as short ones are") {
    if (sanitized) return;
    const r::markov_chain<3, 1> family({.concentration = {.5, 1, .2}});
    check<false>(family, 1, 30., 1, 1500);
    check<false>(family, 1, 30., .8, 1500);
    check<false>(r::balls_and_urns<>({.categories = 2}), 0, infinity, 1.2, 1500);
}

TEST_CASE("chains remembered with precision 0 are inferred from their n-grams, with infinite precision memorized") {
    const auto differ = []<class F>(const F& family) {
        const r::seen_tasks<F> seen(family, r::sample_tasks(family, r::own_prior(family), 40, 1));
        const auto q = r::sample_sequences(family, r::own_prior(family), 9, 150, 2).sequences;
        const auto none = r::predict(r::bayes(family, r::remembered(family, seen, 0.)), q), g = r::predict(r::generalizing<F>(family), q);
        CHECK(largest_value_difference(none, g) < 1e-12);
        CHECK(largest_evidence_difference(none, g) < 1e-12);
        const auto all = r::predict(r::bayes(family, r::remembered(family, seen, infinity)), q),
                   m = r::predict(r::memorizing<F>(family, seen), q);
        return (std::max)(largest_value_difference(all, m), largest_evidence_difference(all, m));
    };
    CHECK(differ(r::markov_chain<3, 1>({.concentration = {.4, 1, 2}})) < 1e-10);
    CHECK(differ(r::markov_chain<>({.categories = 2, .order = 3})) < 1e-10);
    // What a stationary start says is left out.
    CHECK(differ(r::markov_chain<3, 1>({.concentration = {.4, 1, 2}, .stationary_start = true})) > 1e-3);
}

TEST_CASE("what a remembered chain takes in bits is the sum over its rows, and it is drawn row by row from the belief") {
    using chain = r::markov_chain<2, 1>;
    const chain family({.concentration = {1.5, .8}});
    const r::balls_and_urns<2> urn({.concentration = {1.5, .8}});
    const chain::task_table table{{{{.3, .7}, {.9, .1}}}};
    const r::memory<chain> memory(family);
    const r::memory<r::balls_and_urns<2>> of_urns(urn);
    for (const double kappa : {0., .5, 40.}) {
        const double s = memory.share(kappa);
        CHECK(memory.precision(s) == doctest::Approx(kappa));
        CHECK(s == doctest::Approx(kappa / (kappa + 2.3)));
        CHECK(memory.nats(table, 0, s) ==
              doctest::Approx(of_urns.nats({{{.3, .7}}}, 0, s) + of_urns.nats({{{.9, .1}}}, 0, s)).epsilon(1e-12));
    }
    CHECK(memory.nats(table, 0, 1) == infinity);
    const r::seen_tasks<chain> seen(family, table);
    CHECK(r::remembered(family, seen, 3.).bits() == doctest::Approx(memory.nats(table, 0, 3 / 5.3) / std::numbers::ln2));
    const auto drawn = r::sample_tasks(family, r::remembered(family, seen, 4.), 20000, 3);
    for (std::size_t i = 0; i < 2; ++i) {
        double mean = 0, square = 0;
        for (std::size_t d = 0; d < 20000; ++d) mean += drawn.tasks(d, i, 0) / 20000, square += std::pow(drawn.tasks(d, i, 0), 2) / 20000;
        const double a = 1.5 + 4 * table.tasks(0, i, 0), sum = 2.3 + 4;
        CHECK(mean == doctest::Approx(a / sum).epsilon(.01));
        CHECK(square - mean * mean == doctest::Approx(a * (sum - a) / (sum * sum * (sum + 1))).epsilon(.03));
    }
    const auto exact = r::sample_tasks(family, r::remembered(family, seen, infinity), 3, 3);
    for (std::size_t i = 0; i < 2; ++i) CHECK(exact.tasks(2, i, 0) == table.tasks(0, i, 0));
}

TEST_CASE("what a remembered chain can gain on another one is bounded, whatever the precision and the exponent") {
    using chain = r::markov_chain<3, 1>;
    using prior_type = r::tempered<r::remembered<r::seen_tasks<chain>>>;
    const chain family({.concentration = {.3, 1, 2}});
    auto table = r::sample_tasks(family, r::own_prior(family), 12, 7);
    forbid(family, table, 0);
    const r::seen_tasks<chain> seen(family, table);
    const auto q = r::sample_sequences(family, seen, 6, 80, 8).sequences;
    for (const double kappa : {0., 3., 200., 1e7, infinity})
        for (const double e : {.2, 1., 1.3, 3.4}) {
            const prior_type prior(r::remembered(family, seen, kappa), e);
            const r::predictive<chain, prior_type> fold(family, prior);
            std::vector<std::vector<double>> exact(12);
            for (std::size_t d = 0; d < 12; ++d) {
                exact[d].resize(fold.rows() + fold.exact_rows());
                fold.pack(prior, d, exact[d].data(), 1);
                exact[d].erase(exact[d].begin(), exact[d].begin() + static_cast<std::ptrdiff_t>(fold.rows()));
            }
            double largest_excess = -infinity;
            for (std::size_t s = 0; s < 6; ++s) {
                auto before = fold.start();
                for (std::size_t t = 0; t < 20; ++t) fold.advance(before, 0, static_cast<std::size_t>(q.tokens(s, t)));
                before = fold.restart(before);
                auto after = before;
                std::vector<std::vector<double>> nats(12);
                for (std::size_t t = 20; t < 80; ++t) {
                    fold.advance(after, 0, static_cast<std::size_t>(q.tokens(s, t)));
                    for (std::size_t d = 0; d < 12; ++d) nats[d].push_back(fold.log_likelihood(exact[d], after));
                }
                for (std::size_t rival = 1; rival < 12; ++rival) {
                    const auto gain = fold.greatest_gain(exact[rival], before, after);
                    for (std::size_t d = 0; d < 12; ++d)
                        for (std::size_t t = 0; t < nats[d].size(); ++t)
                            largest_excess = (std::max)(largest_excess, nats[d][t] - nats[rival][t] - gain(exact[d]));
                }
            }
            CAPTURE(kappa);
            CAPTURE(e);
            CHECK(largest_excess <= 1e-9);
            if (kappa > 0) CHECK(largest_excess > -1);  // and the bound is not far off for neighbours
        }
}
