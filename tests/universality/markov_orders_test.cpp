#include "rationale/universality/markov_orders.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "rationale/strategy/loss.hpp"
#include "rationale/strategy/strategy_list.hpp"
#include "support/effort.hpp"
#include "support/predictions.hpp"

namespace r = rationale;
using hidden = r::hidden_markov<3>;

TEST_CASE("a marginal of order m counts what followed the same m tokens") {
    const hidden family({.states = 2, .concentration = .5});
    const auto data = r::sample_sequences(family, r::own_prior(family), 4, 25, 1).sequences;
    const auto all = r::markov_orders(family, 3);
    REQUIRE(all.size() == 4);
    for (std::size_t order = 0; order < 4; ++order) {
        const auto predicted = r::predict(all[order], data);
        for (std::size_t s = 0; s < 4; ++s)
            for (std::size_t t = 0; t < 25; ++t)
                for (int k = 0; k < 3; ++k) {
                    double of_k = .5, of_any = 1.5;
                    for (std::size_t i = order; i < t; ++i) {
                        bool same = true;
                        for (std::size_t j = 1; j <= order; ++j) same = same && data.tokens(s, i - j) == data.tokens(s, t - j);
                        of_any += same, of_k += same && data.tokens(s, i) == k;
                    }
                    CHECK(predicted.values(s, t, static_cast<std::size_t>(k)) ==
                          doctest::Approx(t < order ? 1. / 3 : of_k / of_any).epsilon(1e-12));
                }
    }
}

TEST_CASE("the best order grows with the context, and hidden states are worth knowing of") {
    const hidden family({.states = 2, .concentration = .3, .transition_concentration = .1});
    const r::seen_tasks<hidden> seen(family, r::sample_tasks(family, r::own_prior(family), 32, 1));
    auto all = r::markov_orders(family, 3);
    all.push_back(r::memorizing<hidden>(family, seen));
    const r::strategy_list list(all);
    const auto best = [&](std::size_t context) {
        const auto loss = r::estimate_losses(list, seen, context, {.relative_error = 0, .most_sequences = 64}).mean;
        CHECK(*std::min_element(loss.begin(), loss.end()) == loss[4]);
        return std::min_element(loss.begin(), loss.begin() + 4) - loss.begin();
    };
    CHECK(best(8) == 0);
    CHECK(best(1024) == 1);
    if (!sanitized) CHECK(best(16384) > 1);
}
