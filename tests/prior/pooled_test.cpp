#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/effort.hpp"
#include "support/predictions.hpp"

namespace r = rationale;
using namespace rationale_test;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

/// A component of a prior: the rows it remembers, with what precision, and its log weight.
struct component {
    const double* rows;
    double precision, log_weight;
};

/// log of x (x + 1) ... (x + e - 1), which is Gamma(x + e)/Gamma(x) for any e.
long double log_rising(long double x, double e) { return std::lgamma(x + e) - std::lgamma(x); }

/// Predictions and evidence of pooled rows by their definition, one component, event and token after the other.
template <class F>
r::predictions by_definition(const F& family, const std::vector<component>& prior, double h, double e, const typename F::sequences& q,
                             std::size_t order) {
    const std::size_t k = family.outcomes(), sequences = q.tokens.shape(0), events = q.tokens.shape(1);
    const auto& a = family.values().concentration;
    r::predictions out{F::kind, r::filled<double, 3>({sequences, events, k}, 0.0), r::filled<double, 2>({sequences, events + 1}, 0.0)};
    for (std::size_t s = 0; s < sequences; ++s) {
        std::vector<long double> nats;
        for (const auto& c : prior) nats.push_back(c.log_weight);
        for (std::size_t t = 0; t <= events; ++t) {
            const long double top = *std::max_element(nats.begin(), nats.end());
            long double mass = 0;
            for (const long double x : nats) mass += std::exp(x - top);
            out.log_evidence(s, t) = static_cast<double>(top + std::log(mass));
            if (t == events) break;
            // Counts from the context itself, anew at each event.
            std::vector<double> all(k), behind(k);
            std::size_t row = 0;
            const auto token = [&](std::size_t i) { return static_cast<std::size_t>(q.tokens(s, i)); };
            for (std::size_t j = t - (std::min)(order, t); j < t; ++j) row = row * k + token(j);
            for (std::size_t i = 0; i < t; ++i) {
                all[token(i)] += 1;
                bool same = i >= order;
                for (std::size_t j = 1; same && j <= order; ++j) same = token(i - j) == token(t - j);
                if (same) behind[token(i)] += 1;
            }
            double a_sum = 0, told = 0;
            for (std::size_t j = 0; j < k; ++j) a_sum += a[j], told += behind[j];
            const std::vector<long double> before = nats;
            for (std::size_t d = 0; d < prior.size(); ++d) {
                const double kappa = prior[d].precision;
                std::vector<long double> alpha(k);
                for (std::size_t j = 0; j < k; ++j) {
                    alpha[j] = a[j] + e * behind[j] + h * (a[j] + e * all[j]) / (a_sum + e * static_cast<double>(t));
                    if (kappa > 0 && kappa < infinity) alpha[j] += static_cast<long double>(kappa) * prior[d].rows[row * k + j];
                }
                const long double sum = a_sum + (kappa < infinity ? kappa : 0) + e * told + h;
                const auto probability = [&](std::size_t j) {
                    return t < order ? 1 / static_cast<long double>(k) : kappa == infinity ? prior[d].rows[row * k + j] : alpha[j] / sum;
                };
                for (std::size_t j = 0; j < k; ++j)
                    out.values(s, t, j) += static_cast<double>(std::exp(before[d] - top) / mass * probability(j));
                if (e == 0) continue;
                if (t < order || kappa == infinity) nats[d] += e * std::log(probability(token(t)));
                else nats[d] += log_rising(alpha[token(t)], e) - log_rising(sum, e);
            }
        }
    }
    return out;
}

template <class F, class P>
void check(const F& family, const P& prior, const std::vector<component>& components, std::size_t order) {
    auto q = r::sample_sequences(family, r::own_prior(family), 3, sanitized ? 20 : 60, 6).sequences;
    std::fill_n(q.tokens.data(), q.tokens.shape(1), 0);  // one that goes on and on
    for (const double h : {0., .3, 4., 1e6})
        for (const double e : {0., .5, 1., 2.}) {
            CAPTURE(h);
            CAPTURE(e);
            const auto exact = by_definition(family, components, h, e, q, order);
            const r::tempered belief(r::pooled(prior, h), e);
            using Q = std::remove_cvref_t<decltype(belief)>;
            const r::bayes<F, Q> found(family, belief);
            // The oracle's own log-gamma of 1e6 is good to 1e-9 alone.
            const double tolerance = h < 1e6 || e == 1 || e == 0 ? 1e-10 : 1e-8;
            CHECK(largest_value_difference(r::predict(found, q), exact) < tolerance);
            CHECK(largest_evidence_difference(r::predict(found, q), exact) < tolerance);
            CHECK(largest_value_difference(r::predict(r::detail::on_lanes<r::kernel::scalar_lanes>(found), q), exact) < tolerance);
            const r::bayes<F, Q, float> single(family, belief);
            CHECK(largest_value_difference(r::predict(single, q), exact) < 2e-5);
            if (e == 1) {
                const auto plain = r::predict(r::bayes(family, r::pooled(prior, h)), q);
                CHECK(largest_value_difference(plain, exact) < 1e-10);
                CHECK(largest_evidence_difference(plain, exact) < 1e-11);
            }
            if (h == 0) {
                const auto apart = r::predict(r::bayes(family, r::tempered(prior, e)), q);
                CHECK(largest_value_difference(r::predict(found, q), apart) < 1e-12);
                CHECK(largest_evidence_difference(r::predict(found, q), apart) < 1e-12);
            }
        }
}

template <class F>
void check_all(const F& family, std::size_t order) {
    CAPTURE(order);
    constexpr std::size_t tasks = 11;
    auto table = r::sample_tasks(family, r::own_prior(family), tasks, 4);
    const std::size_t k = family.outcomes();
    const auto first = r::row(table.tasks, 0);
    for (std::size_t i = 0; i < first.size(); ++i) first[i] = i % k == i / k % k ? 1 : 0;  // tokens that never come
    std::vector<double> weights(tasks), own(tasks);
    for (std::size_t d = 0; d < tasks; ++d) weights[d] = 1 / static_cast<double>(d + 1), own[d] = std::pow(3., static_cast<double>(d) - 4);
    own[0] = own[5] = infinity, own[1] = own[3] = 0;
    const r::seen_tasks<F> seen(family, table, weights);
    const auto components = [&](const auto& prior) {
        std::vector<component> out;
        for (std::size_t d = 0; d < tasks; ++d) out.push_back({r::row(table.tasks, d).data(), prior.precision(d), prior.log_weight(d)});
        return out;
    };
    for (const double kappa : {0., .4, 250., infinity}) {
        CAPTURE(kappa);
        const r::remembered memory(family, seen, kappa);
        check(family, memory, components(memory), order);
    }
    const r::remembered each(family, seen, own);
    check(family, each, components(each), order);
    check(family, r::own_prior(family), {{nullptr, 0, 0}}, order);
}
}  // namespace

TEST_CASE("pooled rows are as defined, whatever the strength, the precision, the exponent and the zeros") {
    check_all(r::markov_chain<3, 1>({.concentration = {.5, 1, .2}}), 1);
    check_all(r::markov_chain<>({.categories = 4, .order = 1}), 1);
    check_all(r::markov_chain<>({.categories = 2, .order = 2, .concentration = {.7, 1.5}}), 2);
    check_all(r::markov_chain<3, 0>({.concentration = {.5, 1, 2}}), 0);
}

TEST_CASE("rows pooled without limit are inferred from unigrams") {
    using chain = r::markov_chain<4, 1>;
    const chain family({.concentration = {.5, 1, 2, 1}});
    const auto q = r::sample_sequences(family, r::own_prior(family), 7, 80, 2).sequences;
    const r::seen_tasks<chain> seen(family, r::sample_tasks(family, r::own_prior(family), 40, 1));
    const auto differ = [&](const auto& prior, double e) {
        const auto found = r::predict(r::bayes(family, r::tempered(prior, e)), q);
        const auto unigrams = r::predict(r::bayes(family, r::tempered(r::dirichlet_rows<0>(family), e)), q);
        double most = 0, evidence = 0;
        for (std::size_t s = 0; s < 7; ++s)
            for (std::size_t t = 1; t < 80; ++t) {  // the chain's first token is uniform
                for (std::size_t k = 0; k < 4; ++k) most = (std::max)(most, std::abs(found.values(s, t, k) - unigrams.values(s, t, k)));
                evidence = (std::max)(evidence, std::abs(found.log_evidence(s, t + 1) - found.log_evidence(s, 1) -
                                                         (unigrams.log_evidence(s, t + 1) - unigrams.log_evidence(s, 1))));
            }
        return std::pair(most, evidence);
    };
    for (const double e : {0., .5, 1., 2.}) {
        CAPTURE(e);
        CHECK(differ(r::pooled(r::own_prior(family), 1e9), e).first < 1e-6);
        CHECK(differ(r::pooled(r::remembered(family, seen, 30.), 1e9), e).first < 1e-6);
    }
    CHECK(differ(r::pooled(r::own_prior(family), 1e9), 1).second < 1e-5);
    // A row that is known exactly is not pooled, and evidence raised to a power is that of events one by one.
    CHECK(differ(r::pooled(r::remembered(family, seen, infinity), 1e9), 1).first > 1e-2);
    CHECK(differ(r::pooled(r::own_prior(family), 1e9), .5).second > 1e-2);
    CHECK(differ(r::pooled(r::own_prior(family), 1.), 1).first > 1e-2);
}

TEST_CASE("a strength is a finite number that is not negative, stored with the prior's numbers") {
    const r::markov_chain<3, 1> family;
    const auto rows = r::own_prior(family);
    for (const double h : {-1., infinity, std::numeric_limits<double>::quiet_NaN()})
        CHECK_THROWS_AS(r::pooled(rows, h), std::invalid_argument);
    CHECK_THROWS_WITH(r::pooled(rows, -1.), "rationale::pooled: strength is -1, must be finite and not negative");
    CHECK(r::pooled(rows, 2.5).strength() == 2.5);
    CHECK(r::pooled(rows, 2.5).numbers() == std::vector<double>{1, 1, 1, 2.5});
    CHECK_THROWS_AS(r::bayes(family, r::pooled(r::dirichlet_rows<>({1, 1}), 1.)), std::invalid_argument);
}
