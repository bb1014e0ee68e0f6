#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "rationale/rationale.hpp"
#include "support/effort.hpp"
#include "support/predictions.hpp"

using namespace rationale;
using namespace rationale_test;
using doctest::Approx;

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

TEST_CASE("an emission so small that its inverse is no number leaves the other models' predictions as they are") {
    using model = hidden_markov<2>;
    const model family;
    const auto table = [](double tiny) {  // the first model hardly ever shows token 0
        model::task_table out{filled<double, 3>({2, 2, 2}, .5), filled<double, 3>({2, 2, 2}, .5)};
        for (std::size_t h = 0; h < 2; ++h) out.tasks(0, h, 0) = tiny, out.tasks(0, h, 1) = 1 - tiny;
        return out;
    };
    const model::sequences data{{{0, 1, 0, 1}}};
    const auto close = [&](const auto& strategy) {
        const auto p = predict(strategy, data);
        for (std::size_t t = 1; t < 4; ++t) CHECK(p.values(0, t, 0) == doctest::Approx(.5).epsilon(1e-6));
        CHECK(std::isfinite(p.log_evidence(0, 4)));
    };
    close(memorizing<model>(family, table(1e-310)));
    close(memorizing<model, float>(family, table(1e-40)));
}
