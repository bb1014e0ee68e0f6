// Dirichlet beliefs, of urns and of the rows of chains, whose observations count e times.
#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <map>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/predictions.hpp"

namespace r = rationale;
using namespace rationale_test;
using doctest::Approx;

namespace {
/// Holds predictions and evidence against closed forms: rows of the last `order` tokens, whose beliefs are Dirichlet(a + e n).
template <class F, class Prior>
void is_closed_form(const F& family, const Prior& own, double e, std::size_t order) {
    CAPTURE(order);
    CAPTURE(e);
    constexpr std::size_t sequences = 3, events = 40;
    const auto q = r::sample_sequences(family, r::own_prior(family), sequences, events, 2).sequences;
    const r::tempered prior(own, e);
    const auto found = r::predict(r::bayes(family, prior), q);
    const auto a = own.concentration();
    const std::size_t k = family.outcomes();
    double a_sum = 0;
    for (double x : a) a_sum += x;
    for (std::size_t s = 0; s < sequences; ++s) {
        std::map<std::vector<std::int32_t>, std::vector<double>> counts;
        for (std::size_t t = 0; t <= events; ++t) {
            double nats = -e * static_cast<double>(std::min(t, order)) * std::log(static_cast<double>(k));
            for (const auto& [row, n] : counts) {
                double total = 0;
                for (std::size_t j = 0; j < k; ++j) nats += std::lgamma(a[j] + e * n[j]) - std::lgamma(a[j]), total += n[j];
                nats += std::lgamma(a_sum) - std::lgamma(a_sum + e * total);
            }
            REQUIRE(found.log_evidence(s, t) == Approx(nats).epsilon(1e-12));
            if (t == events) break;
            std::vector<std::int32_t> last;
            for (std::size_t j = t < order ? t : t - order; j < t; ++j) last.push_back(q.tokens(s, j));
            std::vector<double> n(k);
            if (counts.count(last) > 0) n = counts[last];
            double total = 0;
            for (double x : n) total += x;
            for (std::size_t j = 0; j < k; ++j) {
                const double p = t < order ? 1 / static_cast<double>(k) : (a[j] + e * n[j]) / (a_sum + e * total);
                REQUIRE(found.values(s, t, j) == Approx(p).epsilon(1e-13));
            }
            if (t < order) continue;
            counts.try_emplace(last, std::vector<double>(k));
            counts[last][static_cast<std::size_t>(q.tokens(s, t))] += 1;
        }
    }
    if (e != 1) return;
    const auto plain = r::predict(r::bayes(family, own), q);
    for (std::size_t i = 0; i < plain.values.size(); ++i) REQUIRE(plain.values.data()[i] == found.values.data()[i]);
}
}  // namespace

TEST_CASE("Dirichlet beliefs whose observations count e times are closed forms; e = 0 reads nothing") {
    for (const double e : {0., .3, 1., 2.5}) {
        const r::balls_and_urns<3> urns({.concentration = {.5, 1, 2}});
        is_closed_form(urns, r::own_prior(urns), e, 0);
        const r::markov_chain<3, 1> chain({.concentration = {.5, 1, 2}});
        is_closed_form(chain, r::own_prior(chain), e, 1);
        is_closed_form(chain, r::dirichlet_rows<0>(chain), e, 0);
        is_closed_form(chain, r::dirichlet_rows<2>(chain), e, 2);
        is_closed_form(r::markov_chain<>({.categories = 2, .order = 3, .stationary_start = true}), r::dirichlet_rows<>({.7, .2}), e, 3);
    }
}

TEST_CASE("a Dirichlet's draws that count e times are as good as each drawn e times") {
    const r::balls_and_urns<3> urns({.concentration = {.5, 1, 2}});
    const auto q = r::sample_sequences(urns, r::own_prior(urns), 4, 20, 5).sequences;
    for (const std::size_t e : {2u, 3u}) {
        const auto one = r::predict(r::bayes(urns, r::tempered(r::own_prior(urns), static_cast<double>(e))), q);
        const auto all = r::predict(r::generalizing<r::balls_and_urns<3>>(urns), each_event_times(q, 4, 20, e));
        for (std::size_t s = 0; s < 4; ++s)
            for (std::size_t t = 0; t < 20; ++t) {
                REQUIRE(one.log_evidence(s, t) == Approx(all.log_evidence(s, e * t)).epsilon(1e-12));
                for (std::size_t k = 0; k < 3; ++k) REQUIRE(one.values(s, t, k) == Approx(all.values(s, e * t, k)).epsilon(1e-12));
            }
    }
}

TEST_CASE("the expected loss in closed form is that of draws that count e times") {
    const r::balls_and_urns<2> urns({.concentration = {.5, 1.5}});
    const r::seen_tasks<r::balls_and_urns<2>> seen(urns, {{{.3, .7}, {1, 0}}}, {1, 3});
    constexpr double e = .4;
    constexpr std::size_t context = 5;
    double nats = 0;
    for (std::size_t d = 0; d < 2; ++d)
        for (unsigned drawn = 0; drawn < 1u << (context - 1); ++drawn)  // all contexts, bit by bit
            for (std::size_t t = 0; t < context; ++t) {
                if (drawn >> t != 0) continue;
                const double w[2] = {seen.table().tasks(d, 0), seen.table().tasks(d, 1)};
                double chance = seen.weights()[d], n[2] = {0, 0};
                for (std::size_t i = 0; i < t; ++i) chance *= w[drawn >> i & 1], n[drawn >> i & 1] += 1;
                for (std::size_t k = 0; k < 2; ++k) {
                    const double p = ((k == 0 ? .5 : 1.5) + e * n[k]) / (2 + e * static_cast<double>(t));
                    if (w[k] > 0) nats += chance * w[k] * std::log(w[k] / p) / context;
                }
            }
    const r::bayes tempered(urns, r::tempered(r::own_prior(urns), e));
    CHECK(tempered.expected_loss(seen, context) == Approx(nats).epsilon(1e-12));
}
