// Queries weighed side by side against a plain log-space sum in long double, and against one query at a time.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/effort.hpp"

namespace r = rationale;

namespace {

struct answer {
    std::vector<double> p;
    double before = 0, after = 0;  // log evidence
};

/// By the definition, one item after the other.
template <class Family>
answer expected(const Family& family, const typename Family::task_table& table, const typename Family::sequences& q, std::size_t s) {
    const std::size_t count = table.tasks.shape(0), d = family.dimensions(), labels = family.outcomes();
    const long double v = family.within_class_variance(), variance = v / (1 + v) * family.item_variance();
    std::vector<long double> log_weight(count), p(labels);
    for (std::size_t i = 0; i < count; ++i) {
        log_weight[i] =
            -std::log(static_cast<long double>(count)) - static_cast<long double>(d) / 2 * std::log(2 * std::acos(-1.0L) * variance);
        for (std::size_t j = 0; j < d; ++j) {
            const long double apart = q.query(s, j) - table.tasks(i, j) / std::sqrt(1 + v);
            log_weight[i] -= apart * apart / (2 * variance);
        }
    }
    const long double top = *std::max_element(log_weight.begin(), log_weight.end());
    const auto label_of = [&](std::size_t i, std::size_t l) {
        const double noise = family.values().label_noise;  // a label at random, the right one among them
        return (static_cast<std::size_t>(table.task_labels(i)) == l ? 1 - static_cast<long double>(noise) : 0) +
               static_cast<long double>(noise) / static_cast<long double>(labels);
    };
    long double mass = 0, best = -std::numeric_limits<long double>::infinity(), after = 0;
    const auto seen = static_cast<std::size_t>(q.query_label(s));
    for (std::size_t i = 0; i < count; ++i) {
        mass += std::exp(log_weight[i] - top);
        for (std::size_t l = 0; l < labels; ++l) p[l] += std::exp(log_weight[i] - top) * label_of(i, l);
        best = (std::max)(best, log_weight[i] + std::log(label_of(i, seen)));
    }
    for (std::size_t i = 0; i < count; ++i)
        if (label_of(i, seen) > 0) after += std::exp(log_weight[i] + std::log(label_of(i, seen)) - best);
    answer out;
    for (long double x : p) out.p.push_back(static_cast<double>(x / mass));
    out.before = static_cast<double>(top + std::log(mass));
    out.after = after > 0 ? static_cast<double>(best + std::log(after)) : r::kernel::minus_infinity;
    return out;
}

template <class Lanes, class Real, class Family>
void check(const Family& family, const typename Family::task_table& table, const typename Family::sequences& q) {
    const bool narrow = std::is_same_v<Real, float>;
    const r::bayes<Family, r::seen_tasks<Family>, Real> m(family, table);
    const auto found = r::predict(r::detail::on_lanes<Lanes>(m), q);
    const auto evidence = r::log_evidence(r::detail::on_lanes<Lanes>(m), q);
    for (std::size_t s = 0; s < q.query.shape(0); ++s) {
        const answer wanted = expected(family, table, q, s);
        const double tolerance = 1e-10 + 4 * std::numeric_limits<double>::epsilon() * std::abs(wanted.before);
        for (std::size_t l = 0; l < wanted.p.size(); ++l)
            CHECK(std::abs(found.values(s, 0, l) - wanted.p[l]) <= (narrow ? 2e-5 : tolerance));
        const auto near = [&](double a, double b) {
            return a == b || std::abs(a - b) <= (narrow ? 2e-5 : tolerance) * (std::max)(1.0, std::abs(b));
        };
        CHECK(near(found.log_evidence(s, 0), wanted.before));
        CHECK(near(found.log_evidence(s, 1), wanted.after));
        CHECK(near(evidence(s, 0), wanted.before));
        CHECK(near(evidence(s, 1), wanted.after));
    }
}

template <class Family>
void check_all(const Family& family, std::size_t items, std::size_t queries) {
    const auto table = r::sample_tasks(family, own_prior(family), items, 2);
    auto q = r::sample_sequences(family, r::seen_tasks<Family>(family, table), queries, 3, 3).sequences;
    for (std::size_t s = 0; s < queries; s += 3)
        for (double& x : r::row(q.query, s)) x *= s % 2 == 0 ? 20 : 300;                       // far out of distribution
    for (std::size_t s = 0; s < queries; s += 4) q.query_label(s) = 1 - q.query_label(s) % 2;  // not what was to be expected
    check<r::kernel::native_lanes, double>(family, table, q);
    check<r::kernel::native_lanes, float>(family, table, q);
    check<r::kernel::scalar_lanes, double>(family, table, q);
    check<r::kernel::scalar_lanes, float>(family, table, q);
}

}  // namespace

TEST_CASE("queries: any number of items and of queries, in and far out of distribution, are weighed by the definition") {
    for (std::size_t items : {1u, 2u, 15u, 17u, 400u, 5000u})
        for (std::size_t queries : {1u, 2u, 19u}) {
            check_all(r::classification<8, 2>({.label_noise = 1e-3}), items, queries);
            check_all(r::classification<3, 2>({.label_noise = 1e-40}), items, queries);
            check_all(r::classification<>({.dimensions = 5, .labels = 20, .label_noise = .1}), items, queries);
        }
}

TEST_CASE("queries: a label that only items far behind have, and one that none has") {
    const r::classification<2, 3> family;
    const r::classification<2, 3>::task_table table{{{0, 0}, {9, 0}, {0, .1}}, {0, 1, 0}};
    r::classification<2, 3>::sequences q{
        r::filled<double, 3>({3, 1, 2}, 0), r::filled<std::int32_t, 2>({3, 1}, 0), {{0, 0}, {0, .1}, {7, 0}}, {1, 0, 2}};
    check<r::kernel::native_lanes, double>(family, table, q);
    check<r::kernel::native_lanes, float>(family, table, q);
    check<r::kernel::scalar_lanes, double>(family, table, q);
}

TEST_CASE("queries: items of weight zero stay out, and none leaves nothing") {
    const r::classification<2, 2> family;
    const r::classification<2, 2>::task_table table{{{0, 0}, {1, 0}}, {0, 1}};
    const r::classification<2, 2>::sequences q{
        r::filled<double, 3>({2, 1, 2}, 0), r::filled<std::int32_t, 2>({2, 1}, 0), {{0, 0}, {1, 0}}, {0, 0}};
    const auto found = r::predict(r::memorizing<r::classification<2, 2>, float>(family, table, std::vector<double>{0, 1}), q);
    for (std::size_t s = 0; s < 2; ++s) {
        CHECK(found.values(s, 0, 0) == 0);
        CHECK(found.values(s, 0, 1) == 1);
        CHECK(found.log_evidence(s, 1) == r::kernel::minus_infinity);
    }
}

TEST_CASE("queries: an answer does not depend on those beside it, nor on threads") {
    const r::classification<8, 2> family;
    const auto table = r::sample_tasks(family, own_prior(family), 30000, 2);  // several chunks
    const r::memorizing<r::classification<8, 2>, float> m(family, table);
    const std::size_t queries = sanitized ? 30 : 300;
    const auto q = r::sample_sequences(family, m.prior(), queries, 2, 3).sequences;
    const auto all = r::predict(m, q);
    const auto spread = r::predict(m, q, r::threads{2});
    for (std::size_t s : {std::size_t{0}, std::size_t{1}, std::size_t{17}, queries - 1}) {
        r::classification<8, 2>::sequences one{r::filled<double, 3>({1, 2, 8}, 0), r::filled<std::int32_t, 2>({1, 2}, 0),
                                               r::filled<double, 2>({1, 8}, 0), r::filled<std::int32_t, 1>({1}, q.query_label(s))};
        std::copy_n(r::row(q.query, s).begin(), 8, one.query.begin());
        const auto alone = r::predict(m, one);
        for (std::size_t l = 0; l < 2; ++l) {
            CHECK(all.values(s, 0, l) == alone.values(0, 0, l));
            CHECK(all.values(s, 0, l) == spread.values(s, 0, l));
        }
        CHECK(all.log_evidence(s, 1) == alone.log_evidence(0, 1));
    }
}

TEST_CASE("queries: the error of a sum of products in float is foreseen, and is no larger") {
    using r::kernel::term_sizes;
    const auto access = [](term_sizes a, term_sizes b, term_sizes c) { return r::kernel::lane_access<term_sizes>::multiply_add(a, b, c); };
    const term_sizes sum = access(term_sizes(-2), term_sizes(3), term_sizes(-1) + term_sizes(4));
    CHECK(sum.size == 11);
    CHECK(sum.additions == 2);
    r::philox rng(3, 0);
    double squares = 0, foreseen = 0;
    for (int trial = 0; trial < 2000; ++trial) {
        double exact = 0;
        float rounded = 0;
        term_sizes sizes(0);
        for (int i = 0; i < 12; ++i) {
            const double a = r::standard_normal(rng), b = r::standard_normal(rng);
            exact += a * b;
            rounded = r::kernel::lane_access<float>::multiply_add(static_cast<float>(a), static_cast<float>(b), rounded);
            sizes = access(term_sizes(a), term_sizes(b), sizes);
        }
        squares += (exact - static_cast<double>(rounded)) * (exact - static_cast<double>(rounded));
        foreseen += sizes.error_bound(std::numeric_limits<float>::epsilon()) * sizes.error_bound(std::numeric_limits<float>::epsilon());
    }
    CHECK(squares < foreseen);
    CHECK(squares > foreseen / 100);
}
