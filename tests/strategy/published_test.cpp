// The strategies against what the published implementation returns on the same inputs, and against closed forms.
#include <doctest/doctest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "rationale/rationale.hpp"
#include "support/npz.hpp"

namespace r = rationale;

namespace {

using rationale_test::load_npz;

template <class T, std::size_t N>
r::ndarray<T, N> as(const auto& entry) {
    r::ndarray<T, N> a;
    typename r::ndarray<T, N>::shape_type shape{};
    REQUIRE(entry.shape.size() == N);
    std::copy(entry.shape.begin(), entry.shape.end(), shape.begin());
    a.resize(shape);
    for (std::size_t i = 0; i < a.size(); ++i) a.data()[i] = static_cast<T>(entry.values[i]);
    return a;
}

/// Largest deviation in units of 1e-10 max(1, |value|).
double worst(const r::ndarray<double, 3>& found, const std::vector<double>& expected) {
    double w = 0;
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        w = (std::max)(w, std::abs(found.data()[i] - expected[i]) / (1e-10 * (std::max)(1.0, std::abs(expected[i]))));
    return w;
}

const auto& oracle() {
    static const auto npz = load_npz(RATIONALE_TEST_DATA "/published.npz");
    return npz;
}

/// The published arrays predict after 0..T tokens: a token appended, which nothing may look at, gives the last event.
template <std::size_t K>
typename r::balls_and_urns<K>::sequences with_one_more(const r::ndarray<std::int32_t, 2>& tokens) {
    typename r::balls_and_urns<K>::sequences q;
    q.tokens = r::filled<std::int32_t, 2>({tokens.shape(0), tokens.shape(1) + 1}, 0);
    for (std::size_t s = 0; s < tokens.shape(0); ++s)
        for (std::size_t t = 0; t < tokens.shape(1); ++t) q.tokens(s, t) = tokens(s, t);
    return q;
}

template <std::size_t K>
void check_urns() {
    const r::balls_and_urns<K> urns({.categories = 8});
    const auto q = with_one_more<K>(as<std::int32_t, 2>(oracle().at("urns_tokens")));
    const r::memorizing<r::balls_and_urns<K>> m(urns, typename r::balls_and_urns<K>::task_table{as<double, 2>(oracle().at("urns_tasks"))});
    const r::generalizing<r::balls_and_urns<K>> g(urns);
    CHECK(worst(r::predict(m, q).values, oracle().at("urns_memorizing").values) < 1);
    CHECK(worst(r::predict(r::detail::on_lanes<r::kernel::scalar_lanes>(m), q).values, oracle().at("urns_memorizing").values) < 1);
    CHECK(worst(r::predict(g, q, r::threads{2}).values, oracle().at("urns_generalizing").values) < 1);
}

}  // namespace

TEST_CASE("urns agree with the published predictors") {
    check_urns<r::dynamic>();
    check_urns<8>();
}

TEST_CASE("regression agrees with the published predictors") {
    const r::linear_regression<> family({.dimensions = 8, .noise_variance = oracle().at("reg_noise_variance").values[0]});
    const r::linear_regression<>::sequences q{as<double, 3>(oracle().at("reg_x")), as<double, 2>(oracle().at("reg_y"))};
    const r::memorizing<r::linear_regression<>> m(family, r::linear_regression<>::task_table{as<double, 2>(oracle().at("reg_tasks"))});
    const r::generalizing<r::linear_regression<>> g(family);
    CHECK(worst(r::predict(m, q).values, oracle().at("reg_memorizing").values) < 1);
    CHECK(worst(r::predict(g, q).values, oracle().at("reg_generalizing").values) < 1);
}

TEST_CASE("classification agrees with the published predictors") {
    using family_type = r::classification<8, 2>;
    const family_type family({.within_class_variance = oracle().at("cls_within_class_variance").values[0]});
    const family_type::sequences q{as<double, 3>(oracle().at("cls_context")), as<std::int32_t, 2>(oracle().at("cls_context_labels")),
                                   as<double, 2>(oracle().at("cls_query")), as<std::int32_t, 1>(oracle().at("cls_query_label"))};
    const r::memorizing<family_type> m(
        family, family_type::task_table{as<double, 2>(oracle().at("cls_items")), as<std::int32_t, 1>(oracle().at("cls_labels"))});
    const r::generalizing<family_type> g(family);
    CHECK(worst(r::predict(m, q).values, oracle().at("cls_memorizing").values) < 1);
    CHECK(worst(r::predict(g, q).values, oracle().at("cls_generalizing").values) < 1);
}

TEST_CASE("urns, closed forms") {
    using urns = r::balls_and_urns<4>;
    const urns::sequences q{{{0, 0, 1, 2, 3}}};
    const r::generalizing<urns> g(urns{});
    const auto p = r::predict(g, q);
    for (std::size_t k = 0; k < 4; ++k) CHECK(p.values(0, 4, k) == doctest::Approx(std::vector{3, 2, 2, 1}[k] / 8.0).epsilon(1e-15));
    CHECK(p.log_evidence(0, 4) == doctest::Approx(-std::log(420.0)).epsilon(1e-14));
    const r::generalizing<urns> half(urns({.concentration = {0.5}}));
    CHECK(r::predict(half, q).log_evidence(0, 4) == doctest::Approx(-6.461468176353719).epsilon(1e-14));

    const r::memorizing<urns> m(urns{}, urns::task_table{{{.8, .1, .05, .05}, {.1, .8, .05, .05}, {.05, .05, .8, .1}}});
    const urns::sequences zeros{{{0, 0, 0, 0}}};
    const auto next = r::predict(m, zeros);
    const std::vector first{.95 / 3, .95 / 3, .9 / 3, .2 / 3}, last{.798453105968331, .101352009744214, .050182704019488, .050012180267966};
    for (std::size_t k = 0; k < 4; ++k) {
        CHECK(next.values(0, 0, k) == doctest::Approx(first[k]).epsilon(1e-14));
        CHECK(next.values(0, 3, k) == doctest::Approx(last[k]).epsilon(1e-12));
    }
    const auto posterior = m.posterior(zeros, 0, 3);
    const std::vector expected{.9978075517661389, .00194884287454324, .0002436053593179};
    for (std::size_t d = 0; d < 3; ++d) CHECK(posterior[d] == doctest::Approx(expected[d]).epsilon(1e-12));
}

TEST_CASE("regression, closed forms") {
    using plane = r::linear_regression<2>;
    using line = r::linear_regression<1>;
    for (const auto& [variance, weight] : {std::pair{1.0, .6224593312018546}, {.25, .8807970779778823}}) {
        const r::memorizing<line> m(line({.noise_variance = variance}), line::task_table{{{0.0}, {1.0}}});
        const line::sequences q{{{{1.0}, {1.0}}}, {{1.0, 0.0}}};
        CHECK(r::predict(m, q).values(0, 1, 0) == doctest::Approx(weight).epsilon(1e-14));
    }
    const plane::sequences q{{{{1.0, 2.0}, {.5, -1.0}, {2.0, 0.0}}}, {{.5, -.25, 1.5}}};
    const r::memorizing<plane> m(plane({.noise_variance = .125}), plane::task_table{{{1.0, 0.0}, {0.0, 1.0}, {-1.0, .5}}});
    const auto p = r::predict(m, q);
    CHECK(p.values(0, 0, 0) == doctest::Approx(1).epsilon(1e-14));
    CHECK(p.values(0, 1, 0) == doctest::Approx(-.25012577738865677).epsilon(1e-13));
    CHECK(std::abs(p.values(0, 2, 0)) < 1e-10);
    const auto posterior = m.posterior(q, 0, 3);
    CHECK(posterior[0] == doctest::Approx(.99999988746483792).epsilon(1e-14));
    CHECK(posterior[1] == doctest::Approx(1.1253616205509499e-07).epsilon(1e-12));
    CHECK(posterior[2] == doctest::Approx(1.4251639223598640e-21).epsilon(1e-12));

    // The weight vector behind a ridge prediction, read off with unit inputs that change nothing before them.
    const auto weights_after = [&](std::size_t pairs, const plane& family) {
        std::vector<double> w;
        for (std::size_t i = 0; i < 2; ++i) {
            plane::sequences probe = q;
            if (pairs == 3) {
                probe.x = r::filled<double, 3>({1, 4, 2}, 0.0);
                probe.y = r::filled<double, 2>({1, 4}, 0.0);
                std::copy(q.x.begin(), q.x.end(), probe.x.begin());
                std::copy(q.y.begin(), q.y.end(), probe.y.begin());
            }
            probe.x(0, pairs, 0) = i == 0;
            probe.x(0, pairs, 1) = i == 1;
            w.push_back(r::predict(r::generalizing<plane>(family), probe).values(0, pairs, 0));
        }
        return w;
    };
    const std::vector<std::vector<double>> expected{
        {.09756097560975609, .1951219512195122}, {.00977198697068396, .241042345276873}, {.6096355775169858, .06547251389746757}};
    for (std::size_t t = 1; t <= 3; ++t)
        for (std::size_t i = 0; i < 2; ++i)
            CHECK(weights_after(t, plane({.noise_variance = .125}))[i] == doctest::Approx(expected[t - 1][i]).epsilon(1e-12));
    // The published ridge ignores a prior mean that is not zero; this one is shrunk to it.
    const auto shifted = weights_after(1, plane({.noise_variance = .125, .task_mean = {.5, -.5}}));
    CHECK(shifted[0] == doctest::Approx(.6951219512195121).epsilon(1e-13));
    CHECK(shifted[1] == doctest::Approx(-.10975609756097561).epsilon(1e-13));
    const auto ridge = r::predict(r::generalizing<plane>(plane({.noise_variance = .125})), q);
    for (std::size_t t = 1; t <= 3; ++t)
        CHECK(ridge.log_evidence(0, t) ==
              doctest::Approx(std::vector{-1.7603940396193476, -2.6519896916827173, -5.024992397966436}[t - 1]).epsilon(1e-13));

    const line far({.noise_variance = .01});
    const r::memorizing<line> hopeless(far, line::task_table{{{100.0}, {101.0}}});
    const line::sequences zeros{r::filled<double, 3>({1, 50, 1}, 1.0), r::filled<double, 2>({1, 50}, 0.0)};
    const auto weight = hopeless.posterior(zeros, 0, 50);
    CHECK(weight[0] == 1);
    CHECK(weight[1] == 0);
    const double constants = 25 * std::log(2 * 3.141592653589793 * .01);
    CHECK(r::predict(hopeless, zeros).log_evidence(0, 50) == doctest::Approx(-2.5e7 - std::log(2.0) - constants).epsilon(1e-14));
}

TEST_CASE("classification, closed forms") {
    using family_type = r::classification<2, 2>;
    const family_type family({.within_class_variance = .5});
    const family_type::sequences q{{{{1.0, 0.0}, {0.0, 1.0}}}, {{0, 1}}, {{1.0, 0.0}}, {0}};
    CHECK(r::predict(r::generalizing<family_type>(family), q).values(0, 0, 0) == doctest::Approx(.9168273035060777).epsilon(1e-14));
    const r::memorizing<family_type> m(family, family_type::task_table{{{1.0, 0.0}, {0.0, 1.0}}, {0, 1}});
    CHECK(r::predict(m, q).values(0, 0, 0) == doctest::Approx(.9926009674715031).epsilon(1e-14));
}
