#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "rationale/rationale.hpp"

using namespace rationale;

namespace {

using doctest::Approx;

/// All sequences of `length` tokens out of k.
template <class F>
typename F::sequences every_sequence(std::size_t k, std::size_t length) {
    std::size_t count = 1;
    for (std::size_t t = 0; t < length; ++t) count *= k;
    typename F::sequences q;
    q.tokens = unwritten<std::int32_t, 2>({count, length});
    for (std::size_t s = 0; s < count; ++s)
        for (std::size_t t = 0, rest = s; t < length; ++t, rest /= k) q.tokens(s, t) = static_cast<std::int32_t>(rest % k);
    return q;
}

/// The number whose digits are the last j tokens before t.
template <class Tokens>
std::size_t code(const Tokens& tokens, std::size_t s, std::size_t t, std::size_t j, std::size_t k) {
    std::size_t out = 0;
    for (std::size_t i = t - j; i < t; ++i) out = out * k + static_cast<std::size_t>(tokens(s, i));
    return out;
}

/// A chain's distribution of all (j+1)-grams far along it, by walking a uniform start for a long time; then conditional on the first j.
std::vector<double> conditional_by_walking(std::span<const double> chain, std::size_t k, std::size_t order, std::size_t j) {
    std::size_t states = 1;
    for (std::size_t i = 0; i < order; ++i) states *= k;
    std::vector<double> at(states, 1.0 / static_cast<double>(states)), grams;
    for (int step = 0; step < 4000; ++step) {
        std::vector<double> next(states);
        for (std::size_t s = 0; s < states; ++s)
            for (std::size_t x = 0; x < k; ++x) next[(s * k + x) % states] += at[s] * chain[s * k + x];
        for (std::size_t s = 0; s < states; ++s) at[s] = 0.5 * (at[s] + next[s]);
    }
    std::size_t rows = 1;
    for (std::size_t i = 0; i < j; ++i) rows *= k;
    grams.assign(rows * k, 0.0);
    for (std::size_t s = 0; s < states; ++s)
        for (std::size_t x = 0; x < k; ++x) grams[(s * k + x) % grams.size()] += at[s] * chain[s * k + x];
    for (std::size_t r = 0; r < rows; ++r) {
        double sum = 0;
        for (std::size_t x = 0; x < k; ++x) sum += grams[r * k + x];
        for (std::size_t x = 0; x < k; ++x) grams[r * k + x] /= sum;
    }
    return grams;
}

/// Bayes written out: chains weighed by conditionals of order `weighed`, predicting with those of order `said`, one sequence at a time.
template <class F>
void check_retrieval(const F& family, const seen_tasks<F>& seen, const typename F::sequences& q, std::size_t weighed, std::size_t said,
                     const predictions& found, double tolerance) {
    const std::size_t k = family.outcomes(), events = q.tokens.shape(1);
    // Of each chain the conditionals of every order up to its own.
    std::vector<std::vector<std::vector<double>>> tables(seen.size());
    for (std::size_t d = 0; d < seen.size(); ++d) {
        const auto chain = row(seen.table().tasks, d);
        for (std::size_t j = 0; j < family.order(); ++j) tables[d].push_back(conditional_by_walking(chain, k, family.order(), j));
        tables[d].emplace_back(chain.begin(), chain.end());
    }
    const auto conditional = [&](std::size_t d, std::size_t order, std::size_t s, std::size_t t, std::size_t x) {
        if (t < order && !family.values().stationary_start) return 1 / static_cast<double>(k);
        const std::size_t j = std::min(t, order);
        return tables[d][j][code(q.tokens, s, t, j, k) * k + x];
    };
    for (std::size_t s = 0; s < q.tokens.shape(0); ++s) {
        std::vector<double> likelihood(seen.weights().begin(), seen.weights().end());
        for (std::size_t t = 0; t <= events; ++t) {
            double evidence = 0;
            for (double w : likelihood) evidence += w;
            REQUIRE(found.log_evidence(s, t) == Approx(std::log(evidence)).epsilon(tolerance));
            if (t == events) break;
            for (std::size_t x = 0; x < k; ++x) {
                double p = 0;
                for (std::size_t d = 0; d < seen.size(); ++d) p += likelihood[d] / evidence * conditional(d, said, s, t, x);
                REQUIRE(found.values(s, t, x) == Approx(p).epsilon(tolerance));
            }
            for (std::size_t d = 0; d < seen.size(); ++d)
                likelihood[d] *= conditional(d, weighed, s, t, static_cast<std::size_t>(q.tokens(s, t)));
        }
    }
}

template <class F>
double total_probability(const predictions& p) {
    double sum = 0;
    for (std::size_t s = 0; s < p.sequences(); ++s) sum += std::exp(p.log_evidence(s, p.events()));
    return sum;
}

}  // namespace

TEST_CASE("Markov retrieval equals Bayes written out over every sequence, for every pair of statistics and both starts") {
    for (const bool stationary : {false, true})
        for (const std::size_t order : {1u, 2u}) {
            using F = markov_chain<>;
            const F family({.categories = 2, .order = order, .concentration = {0.7, 1.3}, .stationary_start = stationary});
            const seen_tasks<F> seen(family, sample_tasks(family, own_prior(family), 3, 5), {1, 2, 4});
            const auto q = every_sequence<F>(2, 5);
            CAPTURE(stationary);
            CAPTURE(order);
            const auto m = predict(memorizing<F>(family, seen), q);
            CHECK(total_probability<F>(m) == Approx(1));
            check_retrieval(family, seen, q, order, order, m, 1e-10);
            check_retrieval(family, seen, q, order, order, predict(bayes<F, seen_tasks<F>, float>(family, seen), q), 3e-5);
            check_retrieval(family, seen, q, 0, 0, predict(retrieval<F, 0>(family, seen_ngrams<F, 0, 0>(family, seen)), q), 1e-9);
            check_retrieval(family, seen, q, 1, 0, predict(retrieval<F, 1, 0>(family, seen_ngrams<F, 1, 0>(family, seen)), q), 1e-9);
            check_retrieval(family, seen, q, 0, 1, predict(retrieval<F, 0, 1>(family, seen_ngrams<F, 0, 1>(family, seen)), q), 1e-9);
            if (order == 1) {
                const auto same = predict(retrieval<F, 1>(family, seen_ngrams<F, 1, 1>(family, seen)), q);
                CHECK(std::equal(same.values.begin(), same.values.end(), m.values.begin(),
                                 [](double a, double b) { return std::abs(a - b) < 1e-14; }));
            }
        }
}

TEST_CASE("Markov retrieval of many chains over long contexts, in float and double, fixed and dynamic, agrees with one chain at a time") {
    const markov_chain<10, 1> fixed;
    const markov_chain<> free({.categories = 10});
    const auto table = sample_tasks(fixed, own_prior(fixed), 300, 3);
    const auto q = sample_sequences(fixed, dirichlet_rows<>(fixed), 3, 150, 4).sequences;  // out of distribution: weights move late
    const auto m = predict(memorizing<markov_chain<10, 1>>(fixed, table), q);
    const auto same =
        predict(memorizing<markov_chain<>>(free, markov_chain<>::task_table{table.tasks}), markov_chain<>::sequences{q.tokens});
    const auto in_float = predict(memorizing<markov_chain<10, 1>, float>(fixed, table), q);
    for (std::size_t s = 0; s < 3; ++s) {
        std::vector<double> log_weight(300);
        for (std::size_t t = 0; t < 150; ++t) {
            const double top = *std::max_element(log_weight.begin(), log_weight.end());
            std::vector<double> p(10);
            double mass = 0;
            const auto at = [&](std::size_t d, std::size_t x) {
                return t == 0 ? 0.1 : table.tasks(d, static_cast<std::size_t>(q.tokens(s, t - 1)), x);
            };
            for (std::size_t d = 0; d < 300; ++d) {
                const double w = std::exp(log_weight[d] - top);
                mass += w;
                for (std::size_t x = 0; x < 10; ++x) p[x] += w * at(d, x);
                log_weight[d] += std::log(at(d, static_cast<std::size_t>(q.tokens(s, t))));
            }
            for (std::size_t x = 0; x < 10; ++x) {
                REQUIRE(std::abs(m.values(s, t, x) - p[x] / mass) < 1e-11);
                REQUIRE(std::abs(same.values(s, t, x) - p[x] / mass) < 1e-11);
                REQUIRE(std::abs(in_float.values(s, t, x) - p[x] / mass) < 2e-5);
            }
        }
    }
}

TEST_CASE("Markov inference has the evidence of independent Dirichlet rows, and probabilities of all sequences sum to one") {
    using F = markov_chain<3>;
    const F family({.concentration = {0.5, 1, 2}});
    const auto q = every_sequence<F>(3, 6);
    const auto check = [&](const auto& strategy, std::size_t order) {
        const auto p = predict(strategy, q);
        CHECK(total_probability<F>(p) == Approx(1));
        for (std::size_t s = 0; s < q.tokens.shape(0); ++s) {
            std::vector<double> n(order == 0 ? 3 : 9);
            for (std::size_t t = order; t < 6; ++t) n[code(q.tokens, s, t, order, 3) * 3 + static_cast<std::size_t>(q.tokens(s, t))] += 1;
            double nats = -std::log(3.0) * static_cast<double>(order);
            for (std::size_t r = 0; r < n.size() / 3; ++r) {
                nats += std::lgamma(3.5) - std::lgamma(3.5 + n[r * 3] + n[r * 3 + 1] + n[r * 3 + 2]);
                for (std::size_t x = 0; x < 3; ++x)
                    nats += std::lgamma(family.values().concentration[x] + n[r * 3 + x]) - std::lgamma(family.values().concentration[x]);
            }
            REQUIRE(p.log_evidence(s, 6) == Approx(nats).epsilon(1e-12));
        }
    };
    check(generalizing<F>(family), 1);
    check(inference<F, 1>(family, dirichlet_rows<1>(family)), 1);
    check(inference<F, 0>(family, dirichlet_rows<0>(family)), 0);
    const auto stationary = predict(stationary_inference(family), q);
    CHECK(total_probability<F>(stationary) == Approx(1));
    // After 0 1 2 0 1 (little is known of the last token's row) it says what a walk on the inferred matrix would come to.
    for (std::size_t s = 0; s < q.tokens.shape(0); ++s) {
        if (q.tokens(s, 0) != 0 || q.tokens(s, 1) != 1 || q.tokens(s, 2) != 2) continue;
        std::vector<double> matrix{0.5, 2, 2, 0.5, 1, 3, 0.5, 1, 2};
        for (std::size_t i = 0; i < 9; ++i) matrix[i] /= i < 6 ? 4.5 : 3.5;
        const auto walked = conditional_by_walking(matrix, 3, 1, 0);
        for (std::size_t x = 0; x < 3; ++x) REQUIRE(stationary.values(s, 3, x) == Approx(walked[x]).epsilon(1e-12));
    }
}

TEST_CASE("a Markov chain of order 0 is balls and urns") {
    const balls_and_urns<4> urns({.concentration = {0.5, 1, 2, 4}});
    const markov_chain<4, 0> chains({.concentration = {0.5, 1, 2, 4}});
    const auto table = sample_tasks(urns, own_prior(urns), 9, 2);
    markov_chain<4, 0>::task_table same;
    allocate(same, [](char letter) { return letter == 'D' ? 9u : letter == 'R' ? 1u : 4u; });
    std::copy(table.tasks.begin(), table.tasks.end(), same.tasks.begin());
    const auto q = sample_sequences(urns, own_prior(urns), 20, 40, 7).sequences;
    const auto agree = [&](const predictions& a, const predictions& b) {
        CHECK(std::equal(a.values.begin(), a.values.end(), b.values.begin(), [](double x, double y) { return std::abs(x - y) < 1e-13; }));
        CHECK(std::equal(a.log_evidence.begin(), a.log_evidence.end(), b.log_evidence.begin(),
                         [](double x, double y) { return std::abs(x - y) < 1e-11; }));
    };
    agree(predict(memorizing<balls_and_urns<4>>(urns, table), q), predict(memorizing<markov_chain<4, 0>>(chains, same), {q.tokens}));
    agree(predict(generalizing<balls_and_urns<4>>(urns), q), predict(generalizing<markov_chain<4, 0>>(chains), {q.tokens}));
    // The same stream gives the same draws.
    CHECK(sample_sequences(chains, own_prior(chains), 20, 40, 7).sequences.tokens == q.tokens);
}

TEST_CASE("stationary distributions: fixed points, also of chains that fall apart or go round") {
    CHECK(stationary_distribution({1}, 1) == std::vector<double>{1});
    const auto around = stationary_distribution({0, 1, 1, 0}, 2);
    CHECK(around[0] == Approx(0.5));
    const auto absorbing = stationary_distribution({0.5, 0.5, 0, 1}, 2);  // state 1 is never left
    CHECK(absorbing[0] == Approx(0));
    CHECK(absorbing[1] == Approx(1));
    const auto apart = stationary_distribution({1, 0, 0, 0, 0.25, 0.75, 0, 0.5, 0.5}, 3);  // from a uniform start
    CHECK(apart[0] == Approx(1. / 3));
    CHECK(apart[1] == Approx(2. / 3 * 0.4));
    philox rng(1, 0);
    for (int i = 0; i < 20; ++i) {
        std::vector<double> p(49);
        for (std::size_t r = 0; r < 7; ++r) sample_dirichlet(rng, std::vector<double>(7, 0.1), std::span(p).subspan(r * 7, 7));
        const auto at = stationary_distribution(p, 7);
        for (std::size_t j = 0; j < 7; ++j) {
            double next = 0;
            for (std::size_t k = 0; k < 7; ++k) next += at[k] * p[k * 7 + j];
            CHECK(next == Approx(at[j]).epsilon(1e-12));
        }
    }
}

TEST_CASE("sampled Markov chains have the rows and the start that they say") {
    for (const bool stationary : {false, true}) {
        using F = markov_chain<2>;
        const F family({.order = 2, .stationary_start = stationary});
        F::task_table one;
        one.tasks = unwritten<double, 3>({1, 4, 2});
        const double ones[4] = {0.1, 0.6, 0.3, 0.9};
        for (std::size_t r = 0; r < 4; ++r) one.tasks(0, r, 0) = 1 - ones[r], one.tasks(0, r, 1) = ones[r];
        const seen_tasks<F> seen(family, one);
        const auto drawn = sample_sequences(family, seen, 40000, 4, 11);
        std::vector<double> count(16);
        for (std::size_t s = 0; s < 40000; ++s) count[code(drawn.sequences.tokens, s, 4, 4, 2)] += 1. / 40000;
        const auto all = every_sequence<F>(2, 4);
        const auto evidence = log_evidence(memorizing<F>(family, seen), all);
        for (std::size_t s = 0; s < 16; ++s) {
            const double p = std::exp(evidence(s, 4));
            CHECK(std::abs(count[code(all.tokens, s, 4, 4, 2)] - p) < 5 * std::sqrt(p / 40000) + 1e-9);
        }
        std::vector<double> target(8);
        family.target(drawn.truth, drawn.sequences, 0, target);
        const std::size_t last = code(drawn.sequences.tokens, 0, 3, 2, 2);
        CHECK(target[7] == ones[last]);
    }
}

TEST_CASE("faulty Markov chains are refused by name") {
    CHECK_THROWS_WITH(markov_chain<>(), doctest::Contains("categories"));
    CHECK_THROWS_WITH((markov_chain<2, 1>({.order = 2})), doctest::Contains("order is 2, must be 1"));
    CHECK_THROWS_WITH(markov_chain<>({.categories = 10, .order = 9}), doctest::Contains("at most 2^20 rows"));
    CHECK_THROWS_WITH(markov_chain<3>({.concentration = {1, 2}}), doctest::Contains("has 2 numbers, must have 1 or 3"));
    using F = markov_chain<2>;
    const F family;
    F::task_table bad;
    bad.tasks = filled<double, 3>({1, 2, 2}, 0.6);
    CHECK_THROWS_WITH(seen_tasks<F>(family, bad), doctest::Contains("tasks row 0, 0 sums to 1.2"));
    const seen_tasks<F> seen(family, sample_tasks(family, own_prior(family), 2, 1));
    CHECK_THROWS_WITH((seen_ngrams<F, 2, 0>(family, seen)), doctest::Contains("must be at most 1"));
    CHECK_THROWS_WITH(sample_tasks(family, dirichlet_rows<2>(family), 2, 1), doctest::Contains("order is 2, must be at most that"));
    CHECK(markov_chain<3, 1>({.categories = 0}).values().categories == 3);  // 0 is what the type says
}
