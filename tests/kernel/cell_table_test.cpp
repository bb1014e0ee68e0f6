// Factors that are computed once for all sequences of a chunk, and what is left out beside them, must not show in a prediction.
#include "rationale/kernel/cell_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/effort.hpp"

namespace r = rationale;
namespace k = rationale::kernel;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Predictions of remembered tasks, event by event: each one's log weight gains the log of the mean of p(token)^e.
template <class F, class Prior>
r::predictions event_by_event(const F& family, const Prior& prior, double e, const typename F::sequences& q, std::size_t order) {
    const std::size_t outcomes = family.outcomes(), count = q.tokens.shape(0), events = q.tokens.shape(1);
    const auto& a = family.values().concentration;
    std::size_t states = 1;
    for (std::size_t j = 0; j < order; ++j) states *= outcomes;
    r::predictions out{F::kind, r::filled<double, 3>({count, events, outcomes}, 0.0), r::filled<double, 2>({count, events + 1}, 0.0)};
    double a_sum = 0;
    for (double x : a) a_sum += x;
    for (std::size_t s = 0; s < count; ++s) {
        std::vector<double> log_weight(prior.size()), n(states * outcomes), total(states);
        for (std::size_t d = 0; d < prior.size(); ++d) log_weight[d] = prior.log_weight(d);
        std::size_t code = 0;
        for (std::size_t t = 0; t <= events; ++t) {
            const double top = *std::max_element(log_weight.begin(), log_weight.end());
            double mass = 0;
            for (double x : log_weight) mass += std::exp(x - top);
            out.log_evidence(s, t) = top + std::log(mass);
            if (t == events) break;
            const auto token = static_cast<std::size_t>(q.tokens(s, t));
            for (std::size_t d = 0; d < prior.size(); ++d) {
                const double kappa = prior.precision(d), weight = std::exp(log_weight[d] - top) / mass;
                const double* const w = r::row(prior.table().tasks, d).data() + code * outcomes;
                if (t < order) {
                    for (std::size_t j = 0; j < outcomes; ++j) out.values(s, t, j) += weight / static_cast<double>(outcomes);
                    log_weight[d] -= e * std::log(static_cast<double>(outcomes));
                    continue;
                }
                const double all = a_sum + kappa + e * total[code];
                for (std::size_t j = 0; j < outcomes; ++j)
                    out.values(s, t, j) += weight * (kappa == infinity ? w[j] : (a[j] + kappa * w[j] + e * n[code * outcomes + j]) / all);
                const long double here = a[token] + kappa * w[token] + e * n[code * outcomes + token];
                if (kappa == infinity) log_weight[d] += e == 0 ? 0 : e * std::log(w[token]);
                else if (e == 1) log_weight[d] += std::log(static_cast<double>(here) / all);
                else
                    log_weight[d] +=
                        static_cast<double>(std::lgamma(here + e) - std::lgamma(here) -
                                            (std::lgamma(static_cast<long double>(all) + e) - std::lgamma(static_cast<long double>(all))));
            }
            if (t >= order) n[code * outcomes + token] += 1, total[code] += 1;
            code = (code * outcomes + token) % states;
        }
    }
    return out;
}

/// Contexts from one task, from none, and from one after the other, so that a task falls far behind and comes back.
template <class F>
typename F::sequences hard_contexts(const F& family, const r::seen_tasks<F>& seen, std::size_t events) {
    auto q = r::sample_sequences(family, seen, 5, events, 3).sequences;
    const auto fresh = r::sample_sequences(family, r::own_prior(family), 1, events, 4).sequences;
    const auto other = r::sample_sequences(family, seen, 2, events, 5).sequences;
    for (std::size_t t = 0; t < events; ++t) {
        q.tokens(1, t) = fresh.tokens(0, t);
        q.tokens(2, t) = other.tokens(t < events / 2 ? 0 : 1, t);
        q.tokens(3, t) = t < 7 * events / 20 ? 0 : t < 3 * events / 4 ? 1 : 0;
    }
    return q;
}

struct difference {
    double values = 0, evidence = 0;
    difference(const r::predictions& a, const r::predictions& b) {
        for (std::size_t i = 0; i < a.values.size(); ++i) values = (std::max)(values, std::abs(a.values.data()[i] - b.values.data()[i]));
        for (std::size_t i = 0; i < a.log_evidence.size(); ++i) {
            const double x = a.log_evidence.data()[i], y = b.log_evidence.data()[i];
            evidence = (std::max)(evidence, std::abs(x - y) / (std::max)(1.0, std::abs(y)));
        }
    }
};

template <class F>
void compare(const F& family, std::size_t order, std::size_t tasks, std::size_t events) {
    auto table = r::sample_tasks(family, r::own_prior(family), tasks, 11);
    auto first = r::row(table.tasks, 0);
    first[1] += first[0] - 1e-30, first[0] = 1e-30;
    const r::seen_tasks<F> seen(family, table);
    const auto q = hard_contexts(family, seen, events);
    for (const double kappa : {2., 60., 1e5, infinity})
        for (const double e : {.4, 1., 1.6}) {
            CAPTURE(order);
            CAPTURE(kappa);
            CAPTURE(e);
            using P = r::tempered<r::remembered<r::seen_tasks<F>>>;
            const r::remembered memory(family, seen, kappa);
            const auto truth = event_by_event(family, memory, e, q, order);
            r::bayes<F, P> exact(family, P(memory, e));
            CHECK(difference(r::predict(exact, q), truth).values < 1e-10);
            CHECK(difference(r::predict(exact, q), truth).evidence < 1e-11);
            CHECK(difference(r::predict(exact, q, r::threads{3}), truth).values < 1e-10);
            CHECK(difference(r::predict(r::detail::on_lanes<k::scalar_lanes>(exact), q), truth).values < 1e-10);
            const auto evidence = r::log_evidence(exact, q);
            for (std::size_t s = 0; s < 5; ++s) CHECK(evidence(s, events) == doctest::Approx(truth.log_evidence(s, events)).epsilon(1e-11));
            exact.skip_tolerance(0);
            CHECK(difference(r::predict(exact, q), truth).values < 1e-10);
            r::bayes<F, P, float> single(family, P(memory, e));
            CHECK(difference(r::predict(single, q), truth).values < 2e-5);
            CHECK(difference(r::predict(single, q), truth).evidence < 2e-5);
            single.skip_tolerance(0);
            CHECK(difference(r::predict(single, q), truth).values < 2e-5);
        }
}
}  // namespace

TEST_CASE("rows of a table are computed once, stay where they are, and are forgotten where there is no room") {
    k::cell_table<double> table(16, 4 * 16 * sizeof(double), 3);
    REQUIRE(table.most() == 4);
    int filled = 0;
    const auto row = [&](std::uint32_t place, std::uint32_t times) {
        return table.row({place, times}, [&](double* out) { std::fill_n(out, 16, 10. * place + times), ++filled; });
    };
    const double* const first = row(1, 2);
    CHECK(row(2, 1)[15] == 21);
    CHECK(row(1, 2) == first);
    CHECK(first[0] == 12);
    CHECK(filled == 2);
    table.make_room(2);
    CHECK(row(1, 2) == first);
    CHECK(filled == 2);
    table.make_room(3);
    CHECK(row(3, 3)[7] == 33);
    CHECK(row(1, 2)[7] == 12);
    CHECK(filled == 4);
    CHECK(k::cell_table<float>(1024, 10, 8).most() == 8);
}

TEST_CASE("remembered and tempered: tabulated or not, left out or not, float or double, the prediction is the same") {
    compare(r::balls_and_urns<4>({.concentration = {.4, 1, 2, .3}}), 0, sanitized ? 40 : 600, sanitized ? 150 : 900);
    compare(r::balls_and_urns<>({.categories = 5, .concentration = {.5}}), 0, sanitized ? 20 : 200, 300);
    compare(r::markov_chain<3, 1>({.concentration = {.5}}), 1, sanitized ? 40 : 300, sanitized ? 150 : 700);
    compare(r::markov_chain<>({.categories = 2, .order = 3}), 3, 40, 200);
}

TEST_CASE("the posterior of remembered tasks is their evidence, normalised") {
    using urns = r::balls_and_urns<3>;
    const urns family;
    const r::seen_tasks<urns> seen(family, r::sample_tasks(family, r::own_prior(family), 20, 1));
    const auto q = r::sample_sequences(family, seen, 2, 30, 2).sequences;
    const r::remembered memory(family, seen, 9.);
    const auto posterior = r::bayes(family, r::tempered(memory, .7)).posterior(q, 1, 30);
    std::vector<double> evidence;
    double sum = 0;
    for (std::size_t d = 0; d < 20; ++d) {
        urns::task_table one{r::filled<double, 2>({1, 3}, 0.0)};
        for (std::size_t j = 0; j < 3; ++j) one.tasks(0, j) = seen.table().tasks(d, j);
        const r::remembered alone(family, r::seen_tasks<urns>(family, one), 9.);
        sum += evidence.emplace_back(std::exp(r::predict(r::bayes(family, r::tempered(alone, .7)), q).log_evidence(1, 30)));
    }
    for (std::size_t d = 0; d < 20; ++d) CHECK(posterior[d] == doctest::Approx(evidence[d] / sum).epsilon(1e-10));
}
