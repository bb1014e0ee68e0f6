#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "rationale/compare/agreement.hpp"
#include "rationale/compare/divergence.hpp"
#include "rationale/compare/interpolation_distance.hpp"
#include "rationale/compare/mixture.hpp"
#include "rationale/compare/relative_distance.hpp"
#include "rationale/random/samplers.hpp"
#include "support/npz.hpp"

namespace r = rationale;
static_assert(r::divergence_measure<r::kl> && r::divergence_measure<r::symmetric_kl> && r::divergence_measure<r::squared_error>);
static_assert(r::divergence_measure<r::total_variation> && r::divergence_measure<r::squared_hellinger>);
static_assert(r::divergence_measure<r::jensen_shannon>);
using state = r::relative_distance_result::state;

namespace {
r::predictions one(std::vector<double> p) {
    r::predictions out{r::prediction_kind::distribution, r::filled<double, 3>({1, 1, p.size()}, 0.0), {}};
    std::copy(p.begin(), p.end(), out.values.begin());
    return out;
}
double mean_of(const r::ndarray<double, 1>& x) { return r::summarize({x.data(), x.size()}).mean; }
std::span<const double> entries(const r::ndarray<double, 1>& x) { return {x.data(), x.size()}; }
r::relative_distance_result relative(const r::predictions& h, const r::predictions& m, const r::predictions& g) {
    return r::relative_distance(entries(r::default_divergences(h, m)), entries(r::default_divergences(h, g)),
                                entries(r::default_divergences(m, g)));
}
const double infinity = std::numeric_limits<double>::infinity();
}  // namespace

TEST_CASE("distances, closed forms") {
    const auto h = one({.5, .3, .2}), g = one({.6, .2, .2}), m = one({.3, .5, .2});
    CHECK(mean_of(r::divergences(r::symmetric_kl{}, h, g)) == doctest::Approx(.029389333245105932).epsilon(1e-13));
    CHECK(mean_of(r::divergences(r::symmetric_kl{}, h, m)) == doctest::Approx(.10216512475319814).epsilon(1e-13));
    CHECK(mean_of(r::divergences(r::symmetric_kl{}, g, m)) == doctest::Approx(.24141568686511505).epsilon(1e-13));
    CHECK(relative(h, m, g).value == doctest::Approx(.3492728611526519).epsilon(1e-13));
    CHECK(relative(m, m, g).value == 1);
    CHECK(relative(g, m, g).value == 0);
}

TEST_CASE("divergences agree with the published ones") {
    const auto npz = rationale_test::load_npz(RATIONALE_TEST_DATA "/published.npz");
    const auto shaped = [&](const char* name, std::size_t strategies, std::size_t q) {
        r::predictions p{r::prediction_kind::distribution, r::filled<double, 3>({4, 12, 6}, 0.0), {}};
        for (std::size_t i = 0; i < p.values.size(); ++i) p.values.data()[i] = npz.at(name).values[i * strategies + q];
        return p;
    };
    const auto h = shaped("learner_model", 1, 0), a = shaped("learner_predictions", 3, 0), b = shaped("learner_predictions", 3, 1);
    const auto value = [&](const char* name, std::size_t i = 0) { return npz.at(name).values[i]; };
    CHECK(mean_of(r::divergences(r::symmetric_kl{}, h, a)) == doctest::Approx(value("metric_symmetric_kl", 0)).epsilon(1e-12));
    CHECK(mean_of(r::divergences(r::symmetric_kl{}, h, b)) == doctest::Approx(value("metric_symmetric_kl", 1)).epsilon(1e-12));
    CHECK(mean_of(r::divergences(r::symmetric_kl{}, a, b)) == doctest::Approx(value("metric_symmetric_kl", 2)).epsilon(1e-12));
    CHECK(relative(h, a, b).value == doctest::Approx(value("metric_relative_distance")).epsilon(1e-12));
    CHECK(mean_of(r::divergences(r::total_variation{}, h, a)) == doctest::Approx(value("metric_total_variation")).epsilon(1e-12));
    CHECK(r::hellinger(h, a) == doctest::Approx(value("metric_hellinger")).epsilon(1e-12));
    CHECK(r::mean_spearman(h, a) == doctest::Approx(value("metric_spearman")).epsilon(1e-12));
    CHECK(r::r_squared(npz.at("reg_memorizing").values, npz.at("reg_y").values) == doctest::Approx(value("metric_r2")).epsilon(1e-12));
}

TEST_CASE_TEMPLATE("a divergence is zero for equals, positive otherwise", M, r::kl, r::symmetric_kl, r::total_variation,
                   r::squared_hellinger, r::jensen_shannon, r::squared_error) {
    r::philox rng(1, 0);
    std::vector<double> p(5), q(5);
    const std::vector<double> a(5, .7);
    for (int i = 0; i < 200; ++i) {
        r::sample_dirichlet(rng, a, p);
        r::sample_dirichlet(rng, a, q);
        CHECK(r::divergence(M{}, p, p) == 0);
        CHECK(r::divergence(M{}, p, q) > 0);
        if constexpr (!std::is_same_v<M, r::kl>)
            CHECK(r::divergence(M{}, p, q) == doctest::Approx(r::divergence(M{}, q, p)).epsilon(1e-12));
    }
}

namespace {
/// The definitions in long double, an outcome after the other.
long double by_definition(r::kl, long double p, long double q) { return p > 0 ? p * std::log(p / q) - p + q : q; }
long double by_definition(r::symmetric_kl, long double p, long double q) { return p == q ? 0 : (p - q) * std::log(p / q) / 2; }
long double by_definition(r::squared_error, long double p, long double q) { return (p - q) * (p - q); }
long double by_definition(r::total_variation, long double p, long double q) { return std::abs(p - q) / 2; }
long double by_definition(r::squared_hellinger, long double p, long double q) {
    return (std::sqrt(p) - std::sqrt(q)) * (std::sqrt(p) - std::sqrt(q)) / 2;
}
long double by_definition(r::jensen_shannon, long double p, long double q) {
    return (by_definition(r::kl{}, p, (p + q) / 2) + by_definition(r::kl{}, q, (p + q) / 2)) / 2;
}
}  // namespace

TEST_CASE_TEMPLATE("lanes sum what the definition says: any length, any place in memory, zeros and tiny numbers", M, r::kl, r::symmetric_kl,
                   r::total_variation, r::squared_hellinger, r::jensen_shannon, r::squared_error) {
    r::philox rng(3, 0);
    const std::size_t n = r::kernel::lane_count<r::kernel::native_lanes::of<double>>;
    for (std::size_t length : {std::size_t{0}, std::size_t{1}, n - 1, n, n + 1, 2 * n, 8 * n + 2, std::size_t{1000}})
        for (std::size_t offset : {0u, 1u}) {
            std::vector<double> p(length + offset), q(length + offset);
            long double expected = 0, size = 0;
            for (std::size_t i = 0; i < p.size(); ++i) {
                q[i] = r::uniform(rng), p[i] = i % 3 == 0   ? q[i]
                                               : i % 3 == 1 ? 0
                                                            : r::uniform(rng) * std::pow(10, -static_cast<double>(i % 320));
                if (p[i] == 0 && i % 2 == 0) q[i] = 0;
                if (std::is_same_v<M, r::kl> && i % 7 == 1) p[i] = 1e-310;
                if (i < offset) continue;
                const auto term = by_definition(M{}, static_cast<long double>(p[i]), static_cast<long double>(q[i]));
                if (std::isfinite(term)) expected += term, size += std::abs(term);
                else p[i] = q[i];
            }
            const std::span a(p), b(q);
            const double found = r::divergence(M{}, a.subspan(offset), b.subspan(offset));
            CHECK(std::abs(found - static_cast<double>(expected)) <= 1e-14 * static_cast<double>(size));
        }
}

TEST_CASE("the symmetric divergence is the same to the last bit whichever side comes first, and NaN is not lost") {
    r::philox rng(8, 0);
    for (int i = 0; i < 1000; ++i) {
        std::vector<double> p(19), q(19);
        for (double& v : p) v = r::uniform(rng);
        for (std::size_t k = 0; k < q.size(); ++k) q[k] = k % 3 == 0 ? p[k] * 1.5 : r::uniform(rng);
        CHECK(r::divergence(r::symmetric_kl{}, p, q) == r::divergence(r::symmetric_kl{}, q, p));
        const auto place = static_cast<std::size_t>(i) % p.size();
        (i % 2 == 0 ? p : q)[place] = std::numeric_limits<double>::quiet_NaN();
        CHECK(std::isnan(r::divergence(r::symmetric_kl{}, p, q)));
        CHECK(std::isnan(r::divergence(r::kl{}, p, q)));
        CHECK(std::isnan(r::divergence(r::total_variation{}, p, q)));
        CHECK(std::isnan(r::divergence(r::jensen_shannon{}, p, q)));
    }
    CHECK_THROWS_WITH_AS((void)r::divergence(r::kl{}, std::vector<double>(2), std::vector<double>(3)),
                         "rationale::divergence: the second list has the length 3, must be 2 as the first", std::invalid_argument);
}

TEST_CASE("zeros are exact and nothing is clamped") {
    const std::vector<double> p{0, .5, .5}, q{.5, .5, 0}, u{.25, .5, .25};
    CHECK(r::divergence(r::kl{}, p, u) == doctest::Approx(.5 * std::log(2.0)));
    CHECK(r::divergence(r::kl{}, u, p) == infinity);
    CHECK(r::divergence(r::symmetric_kl{}, p, u) == infinity);
    CHECK(r::divergence(r::symmetric_kl{}, p, p) == 0);
    CHECK(r::divergence(r::jensen_shannon{}, p, q) == doctest::Approx(.5 * std::log(2.0)));
    CHECK(r::divergence(r::total_variation{}, p, q) == .5);
    CHECK(r::divergence(r::squared_hellinger{}, p, q) == doctest::Approx(.5).epsilon(1e-15));
}

TEST_CASE("the standard error of a mean is the standard deviation over the root of the number") {
    const auto of = [](const std::vector<double>& x) { return r::summarize(x); };
    CHECK(of({1, 3}).mean == 2);
    CHECK(of({1, 3}).standard_error == doctest::Approx(1));
    CHECK(of({2, 4, 4, 4, 5, 5, 7, 9}).standard_error == doctest::Approx(std::sqrt(32. / 7 / 8)));
    CHECK(std::isnan(of({1}).standard_error));
}

TEST_CASE("a relative distance that is undefined says why") {
    const auto h = one({.5, .5}), sharp = one({1, 0}), flat = one({.5, .5});
    CHECK(relative(h, sharp, flat).is == state::infinite_divergence);
    CHECK(relative(h, flat, flat).is == state::identical_strategies);
    CHECK(std::isnan(relative(h, flat, flat).value));
    const std::vector<double> m{.1, .9, .1, .9}, g{.9, .1, .9, .2}, apart{.3, .2, .3, .2};
    const auto noisy = r::relative_distance(m, g, apart);
    CHECK(noisy.is == state::too_uncertain);
    CHECK(noisy.words() == "undefined: its standard error exceeds 0.25");
    // The delta method against the spread over resampled batches of sequences.
    r::philox rng(4, 0);
    const auto draw = [&](std::size_t n) {
        std::vector<double> dm(n), dg(n), mg(n);
        for (std::size_t s = 0; s < n; ++s) {
            const double e = r::standard_normal(rng);
            dm[s] = 1 + .1 * e, dg[s] = 1.2 + .2 * r::standard_normal(rng) + .1 * e, mg[s] = 2 + .3 * r::standard_normal(rng);
        }
        return r::relative_distance(dm, dg, mg);
    };
    double sum = 0, squares = 0, predicted = 0;
    for (int i = 0; i < 2000; ++i) {
        const auto d = draw(50);
        sum += d.value, squares += d.value * d.value, predicted += d.standard_error / 2000;
    }
    CHECK(std::sqrt(squares / 2000 - sum * sum / 4e6) == doctest::Approx(predicted).epsilon(.06));
    // Far from the middle nearly all of it may come from d(M, G), or be taken away by it.
    for (double coupled : {0., 1.}) {
        sum = squares = predicted = 0;
        for (int i = 0; i < 2000; ++i) {
            std::vector<double> dm(50), dg(50), mg(50);
            for (std::size_t s = 0; s < 50; ++s) {
                const double e = r::standard_normal(rng);
                mg[s] = 2 + .8 * e, dm[s] = .2 + .02 * r::standard_normal(rng);
                dg[s] = dm[s] + .8 * (2 + .8 * coupled * e) + .05 * r::standard_normal(rng);
            }
            const auto d = r::relative_distance(dm, dg, mg);
            sum += d.value, squares += d.value * d.value, predicted += d.standard_error / 2000;
        }
        CHECK(sum / 2000 == doctest::Approx(.9).epsilon(.01));
        CHECK(std::sqrt(squares / 2000 - sum * sum / 4e6) / predicted == doctest::Approx(1).epsilon(.03));
        CHECK(predicted < (coupled == 1 ? .003 : .03));
    }
}

TEST_CASE("the interpolation distance is that from the mixture at the relative distance, and 0 for an exact mixture") {
    const std::vector<r::predictions> pair{one({.7, .2, .1}), one({.2, .3, .5})};
    const double apart = mean_of(r::default_divergences(pair[0], pair[1]));
    const auto model = one({.3, .6, .1});
    const auto where = relative(model, pair[0], pair[1]);
    const auto mixed = r::mixture(pair, std::vector{where.value, 1 - where.value});
    CHECK(r::interpolation_distance(model, pair, where, apart) == mean_of(r::default_divergences(model, mixed)));
    CHECK(r::interpolation_distance(mixed, pair, where, apart) == 0);
    CHECK(std::isnan(r::interpolation_distance(one({1, 0, 0}), pair, relative(one({1, 0, 0}), pair[0], pair[1]), apart)));
}

TEST_CASE("the threshold is strict, and a flat run sets none") {
    CHECK(r::interpolation_threshold(std::vector{1.0, .5, .25, .1, 0.0}, .2) == 3u);
    CHECK(r::interpolation_threshold(std::vector{1.0, .2, .1, 0.0}, .2) == 2u);  // .2 is not below .2
    CHECK_FALSE(r::interpolation_threshold(std::vector{.3, .3, .3}, .2).has_value());
    CHECK_FALSE(r::interpolation_threshold(std::vector<double>{}, .2).has_value());
    CHECK(r::interpolation_threshold(std::vector{infinity, 1.0, 0.0}, .2) == 2u);
}

TEST_CASE("correlations: model against data, ties averaged, constants have none") {
    const std::vector<double> x{1, 2, 3, 4}, y{2, 4, 6, 9}, tied{1, 1, 2, 3}, flat{5, 5, 5, 5};
    CHECK(r::pearson(x, y) == doctest::Approx(11.5 / std::sqrt(5 * 26.75)).epsilon(1e-14));
    CHECK(r::spearman(x, y) == doctest::Approx(1));
    CHECK(r::ranks(tied) == std::vector{1.5, 1.5, 3.0, 4.0});
    CHECK(r::spearman(x, tied) == doctest::Approx(.9486832981).epsilon(1e-9));
    CHECK(std::isnan(r::pearson(x, flat)));
    CHECK(r::r_squared(x, x) == 1);
    CHECK(r::argmax_agreement(one({.4, .4, .2}), one({.5, .1, .4})) == 1);
    CHECK(r::argmax_agreement(one({.4, .4, .2}), one({.1, .5, .4})) == 0);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(std::isnan(r::argmax_agreement(one({.4, .4, .2}), one({nan, nan, nan}))));  // nothing is predicted there
}

TEST_CASE("ranks and places on lanes are those of one event after the other: ties, constants, NaN, any number of events and outcomes") {
    r::philox rng(21, 0);
    for (std::size_t outcomes : {1u, 2u, 3u, 4u, 5u, 8u, 17u, 300u})
        for (std::size_t events : {1u, 7u, 8u, 9u, 35u})
            for (double levels : {2.0, 5.0, 1e9}) {
                r::predictions a{r::prediction_kind::distribution, r::filled<double, 3>({1, events, outcomes}, 0.0), {}}, b = a;
                for (auto* p : {&a, &b})
                    for (double& v : p->values) v = std::floor(levels * r::uniform(rng)) / levels;
                if (events > 8) a.values(0, 8, outcomes / 2) = std::numeric_limits<double>::quiet_NaN();
                if (events > 1) b.values(0, 1, 0) = std::numeric_limits<double>::quiet_NaN();
                double sum = 0, defined = 0, same = 0, predicted = 0;
                for (std::size_t e = 0; e < events; ++e) {
                    const std::span x(&a.values(0, e, 0), outcomes), y(&b.values(0, e, 0), outcomes);
                    const double rho = r::spearman(x, y);
                    if (!std::isnan(rho)) sum += rho, ++defined;
                    const auto masked = [](double v) { return std::isnan(v); };
                    if (std::any_of(x.begin(), x.end(), masked) || std::any_of(y.begin(), y.end(), masked)) continue;
                    same += std::max_element(x.begin(), x.end()) - x.begin() == std::max_element(y.begin(), y.end()) - y.begin(),
                        ++predicted;
                }
                CHECK(r::argmax_agreement(a, b) == doctest::Approx(same / predicted).epsilon(1e-15));
                if (defined == 0) CHECK(std::isnan(r::mean_spearman(a, b)));
                else CHECK(std::abs(r::mean_spearman(a, b) - sum / defined) < 1e-14);
                if (defined == static_cast<double>(events) && outcomes < 300) CHECK(r::mean_spearman(a, a) == 1);
            }
}

TEST_CASE("mixtures on lanes are weighted sums, for any shape of the weights; a weight of 0 keeps NaN out") {
    r::philox rng(5, 0);
    for (std::size_t outcomes : {1u, 3u, 8u, 19u}) {
        std::vector<r::predictions> parts(3, {r::prediction_kind::distribution, r::filled<double, 3>({4, 5, outcomes}, 0.0), {}});
        for (auto& p : parts)
            for (double& v : p.values) v = r::uniform(rng);
        for (std::size_t sequences : {1u, 4u})
            for (std::size_t events : {1u, 5u}) {
                auto w = r::filled<double, 3>({sequences, events, 3}, 0.0);
                for (std::size_t i = 0; i < w.size(); i += 3) {
                    double* const one = w.data() + i;
                    for (double* v = one; v < one + 3; ++v) *v = r::uniform(rng);
                    const double total = one[0] + one[1] + one[2];
                    for (double* v = one; v < one + 3; ++v) *v /= total;
                }
                const auto mixed = r::mixture(parts, w);
                for (std::size_t s = 0; s < 4; ++s)
                    for (std::size_t t = 0; t < 5; ++t)
                        for (std::size_t k = 0; k < outcomes; ++k) {
                            double expected = 0;
                            for (std::size_t q = 0; q < 3; ++q)
                                expected += w(sequences == 1 ? 0 : s, events == 1 ? 0 : t, q) * parts[q].values(s, t, k);
                            CHECK(std::abs(mixed.values(s, t, k) - expected) < 1e-15);
                        }
            }
        parts[1].values(2, 3, 0) = std::numeric_limits<double>::quiet_NaN();
        CHECK_FALSE(std::isnan(r::mixture(parts, std::vector{.5, 0.0, .5}).values(2, 3, 0)));
    }
}

TEST_CASE("mixtures: weights of each sequence and event, and misfits") {
    r::predictions a{r::prediction_kind::mean, r::filled<double, 3>({2, 3, 1}, 1.0), {}},
        b{r::prediction_kind::mean, r::filled<double, 3>({2, 3, 1}, 5.0), {}};
    const std::vector<r::predictions> parts{a, b};
    auto w = r::filled<double, 3>({2, 3, 2}, .5);
    w(1, 2, 0) = 1, w(1, 2, 1) = 0;
    const auto mixed = r::mixture(parts, w);
    CHECK(mixed.values(1, 2, 0) == 1);
    CHECK(mixed.values(0, 2, 0) == 3);
    CHECK(r::mixture(parts, std::vector{.25, .75}).values(1, 1, 0) == 4);
    CHECK_THROWS_AS((void)r::mixture(parts, std::vector{1.0}), std::invalid_argument);
    r::predictions c{r::prediction_kind::mean, r::filled<double, 3>({2, 4, 1}, 5.0), {}};
    CHECK_THROWS_WITH_AS((void)r::divergences(r::squared_error{}, a, c),
                         "rationale::divergences: predictions have the shape (2, 4, 1), must be (2, 3, 1) as the others",
                         std::invalid_argument);
}

TEST_CASE("M's own predictions are at 1 and G's at 0, to the last bit") {
    r::philox rng(11, 0);
    const std::vector<double> a(6, .7);
    for (int i = 0; i < 300; ++i) {
        r::predictions m{r::prediction_kind::distribution, r::filled<double, 3>({3, 4, 6}, 0.0), {}}, g = m;
        for (auto* p : {&m, &g})
            for (std::size_t k = 0; k < p->values.size(); k += 6) r::sample_dirichlet(rng, a, {p->values.data() + k, 6});
        CHECK(relative(m, m, g).value == 1);
        CHECK(relative(g, m, g).value == 0);
    }
}

TEST_CASE("the divergence of probabilities that were rounded to float is positive and of the rounding's square") {
    r::philox rng(4, 0);
    const std::vector<double> a(5, .7);
    std::vector<double> p(5), rounded(5);
    for (int i = 0; i < 1000; ++i) {
        r::sample_dirichlet(rng, a, p);
        double squares = 0;
        for (std::size_t k = 0; k < p.size(); ++k) {
            rounded[k] = static_cast<double>(static_cast<float>(p[k]));
            squares += (rounded[k] - p[k]) * (rounded[k] - p[k]) / (rounded[k] + p[k]);
        }
        CHECK(r::divergence(r::kl{}, rounded, p) == doctest::Approx(squares).epsilon(1e-5));
        CHECK(r::divergence(r::kl{}, rounded, p) > 0);
    }
}

TEST_CASE("a finite divergence stays finite where the quotient of probabilities overflows") {
    const std::vector<double> p{1}, q{1e-310};
    CHECK(r::divergence(r::kl{}, p, q) == doctest::Approx(310 * std::log(10.0) - 1).epsilon(1e-10));
    CHECK(r::divergence(r::symmetric_kl{}, q, p) == doctest::Approx(155 * std::log(10.0)).epsilon(1e-10));
}

TEST_CASE("constants have no correlation even where their mean is rounded, NaN gives NaN, lengths must agree") {
    const std::vector<double> flat{.1, .1, .1}, x{1, 2, 4}, holes{1, std::numeric_limits<double>::quiet_NaN(), 2}, two{1, 2};
    CHECK(std::isnan(r::pearson(flat, x)));
    CHECK(std::isnan(r::pearson(x, flat)));
    CHECK(std::isnan(r::r_squared(x, flat)));
    CHECK(std::isnan(r::spearman(x, holes)));
    CHECK_THROWS_WITH_AS((void)r::pearson(x, two), "rationale::pearson: the second list has the length 2, must be 3 as the first",
                         std::invalid_argument);
    CHECK_THROWS_AS((void)r::r_squared(x, two), std::invalid_argument);
    CHECK_THROWS_WITH_AS(
        (void)r::relative_distance(x, x, two),
        "rationale::relative_distance: there are divergences of 3, 3 and 2 sequences, must be of the same ones, at least 1",
        std::invalid_argument);
}
