// The driver's carried weights against a plain log-space sum in long double, on contexts chosen against them.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "rationale/rationale.hpp"

namespace r = rationale;
using urns = r::balls_and_urns<4>;

namespace {

/// Prediction and log evidence at every event by the definition, one component after the other.
void check(const urns::task_table& table, const std::vector<std::int32_t>& tokens, const std::vector<double>& weights = {}) {
    const urns family;
    const r::memorizing<urns> m(family, table, weights);
    urns::sequences q{r::filled<std::int32_t, 2>({1, tokens.size()}, 0)};
    std::copy(tokens.begin(), tokens.end(), q.tokens.begin());
    const auto found = r::predict(m, q, r::sequential{}, r::impossible_context::mask);
    const auto scalar = r::predict(r::detail::on_lanes<r::kernel::scalar_lanes>(m), q, r::sequential{}, r::impossible_context::mask);
    const std::size_t count = table.tasks.shape(0);
    std::vector<long double> log_weight(count);
    for (std::size_t d = 0; d < count; ++d) log_weight[d] = std::log(static_cast<long double>(m.prior().weights()[d]));
    double worst = 0, worst_evidence = 0;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        long double top = -std::numeric_limits<long double>::infinity(), mass = 0, next[4] = {0, 0, 0, 0};
        for (long double l : log_weight) top = (std::max)(top, l);
        if (std::isinf(top)) {
            CHECK(std::isnan(found.values(0, t, 0)));
            continue;
        }
        for (std::size_t d = 0; d < count; ++d) {
            const long double w = std::exp(log_weight[d] - top);
            mass += w;
            for (std::size_t k = 0; k < 4; ++k) next[k] += w * static_cast<long double>(table.tasks(d, k));
        }
        const double tolerance = 1e-10 + 4 * std::numeric_limits<double>::epsilon() * std::abs(static_cast<double>(top));
        for (std::size_t k = 0; k < 4; ++k) {
            worst = (std::max)(worst, std::abs(found.values(0, t, k) - static_cast<double>(next[k] / mass)) / tolerance);
            worst = (std::max)(worst, std::abs(scalar.values(0, t, k) - static_cast<double>(next[k] / mass)) / tolerance);
        }
        const auto evidence = static_cast<double>(top + std::log(mass));
        worst_evidence =
            (std::max)(worst_evidence, std::abs(found.log_evidence(0, t) - evidence) / (tolerance * (std::max)(1.0, std::abs(evidence))));
        for (std::size_t d = 0; d < count; ++d)
            log_weight[d] += std::log(static_cast<long double>(table.tasks(d, static_cast<std::size_t>(tokens[t]))));
    }
    CHECK(worst < 1);
    CHECK(worst_evidence < 1);
}

urns::task_table random_tasks(std::size_t count, double concentration) {
    const urns family({.concentration = {concentration}});
    return r::sample_tasks(family, own_prior(family), count, 11);
}

std::vector<std::int32_t> tokens(std::size_t count, std::vector<double> urn) {
    r::philox rng(5, count);
    std::vector<std::int32_t> out(count);
    for (auto& t : out) t = static_cast<std::int32_t>(r::categorical(rng, urn));
    return out;
}

}  // namespace

TEST_CASE("long contexts, in and out of distribution") {
    for (std::size_t count : {1u, 3u, 130u, 1000u})
        for (double concentration : {.05, 1.0, 30.0}) {
            check(random_tasks(count, concentration), tokens(2000, {.25, .25, .25, .25}));
            check(random_tasks(count, concentration), tokens(2000, {.97, .01, .01, .01}));
        }
}

TEST_CASE("categories of probability 1e-30 and 1e-300, again and again") {
    urns::task_table table{{{1e-30, .5, .3, .2 - 1e-30}, {1e-300, .2, .5, .3}, {1e-29, 1e-30, 1e-300, 1}, {.25, .25, .25, .25}}};
    check(table, tokens(300, {.7, .1, .1, .1}));
    table.tasks(3, 0) = 1e-300, table.tasks(3, 1) = .5;
    check(table, tokens(300, {.7, .1, .1, .1}));
    check(table, std::vector<std::int32_t>(200, 0));
    check(table, tokens(300, {.7, .1, .1, .1}), {1e-300, 1, 1e-200, 1e-100});
}

TEST_CASE("exact zeros drop components one by one, and at last all") {
    const urns::task_table table{{{0, .5, .5, 0}, {.5, 0, .25, .25}, {.1, .2, .3, .4}, {.5, .5, 0, 0}}};
    check(table, {1, 2, 1, 0, 2, 3, 1, 0, 0, 3, 3, 2, 1});
    check({{{0, .5, .5, 0}, {.5, 0, .25, .25}}}, {1, 2, 1, 0, 2, 3, 1, 0, 0, 3, 3, 2, 1});
}

TEST_CASE("a component that falls far behind comes back") {
    const urns::task_table table{{{.999998, 1e-6, .5e-6, .5e-6}, {1e-6, .999998, .5e-6, .5e-6}, {.4, .4, .1, .1}}};
    std::vector<std::int32_t> t(1000, 0);
    t.insert(t.end(), 2200, 1);
    t.insert(t.end(), 3000, 0);
    check(table, t);
}

TEST_CASE("sums over parts merge by log-sum-exp, in any order") {
    const auto make = [](double scale, double mass) {
        r::kernel::mixture_sums s(2, 3);
        for (std::size_t t = 0; t < 3; ++t)
            s.add(t, scale + static_cast<double>(t), mass, [&](std::size_t k) { return mass * static_cast<double>(k + 1) / 6; });
        return s;
    };
    auto a = make(-1000, 2), b = make(700, 3), empty = r::kernel::mixture_sums(2, 3), both = a;
    both.merge(b);
    b.merge(a);
    b.merge(empty);
    empty.merge(b);
    for (const auto& s : {both, b, empty}) {
        CHECK(s.log_mass(1) == doctest::Approx(701 + std::log(3.0)).epsilon(1e-15));
        std::vector<double> p(6), e(3);
        s.finish(p, e);
        CHECK(p[2] == doctest::Approx(.5).epsilon(1e-15));
    }
}
