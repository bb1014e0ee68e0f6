// The loss of a mixture, its compression, and the best mixture.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "rationale/compare/mixing_weights.hpp"
#include "rationale/compare/mixture.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/random/samplers.hpp"

namespace r = rationale;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

r::predictions random_predictions(std::uint64_t seed, double concentration, std::size_t sequences = 20, std::size_t events = 8,
                                  std::size_t outcomes = 6) {
    r::predictions p{r::prediction_kind::distribution, r::filled<double, 3>({sequences, events, outcomes}, 0.0), {}};
    r::philox rng(seed, 0);
    const std::vector<double> a(outcomes, concentration);
    for (std::size_t i = 0; i < p.values.size(); i += outcomes) r::sample_dirichlet(rng, a, {p.values.data() + i, outcomes});
    return p;
}

r::predictions random_means(std::uint64_t seed) {
    r::predictions p{r::prediction_kind::mean, r::filled<double, 3>({30, 8, 1}, 0.0), {}};
    r::philox rng(seed, 0);
    for (double& v : p.values) v = r::standard_normal(rng);
    return p;
}

double mean_of(const r::ndarray<double, 1>& x) { return r::summarize({x.data(), x.size()}).mean; }

/// By definition, of strategies that need not sum to one either.
double exact(const r::predictions& model, const std::vector<r::predictions>& parts, const std::vector<double>& w) {
    const auto mixed = r::mixture(parts, w);
    if (model.kind == r::prediction_kind::mean) return mean_of(r::divergences(r::squared_error{}, model, mixed));
    double sum = 0;
    for (std::size_t i = 0; i < model.values.size(); ++i)
        if (const double h = model.values.data()[i]; h > 0) sum += h * std::log(h / mixed.values.data()[i]);
    return sum / static_cast<double>(model.sequences() * model.events());
}

}  // namespace

TEST_CASE("the compressed loss is the full sum to 1e-10, for every weight") {
    for (std::size_t n : {1u, 2u, 3u, 4u})
        for (double concentration : {.05, .3, 1.0, 20.0})
            for (std::size_t sequences : {1u, 20u, 300u}) {
                std::vector<r::predictions> parts;
                for (std::size_t q = 0; q < n; ++q) parts.push_back(random_predictions(1 + q, concentration, sequences));
                if (n == 3 && concentration == 1) std::fill(parts[2].values.begin(), parts[2].values.end(), 1.0 / 6);
                const auto model = random_predictions(9, 1, sequences);
                const auto loss = r::mixture_compressor(parts)(model);
                if (sequences == 300 && concentration == 20 && (n == 2 || n == 3))
                    CHECK(loss.size() < model.values.size() / (n == 2 ? 50 : 5));
                for (double w : {1e-12, 1e-6, .001, .1, .3, .5, .7, .97, .9999, 1 - 1e-9})
                    for (std::size_t first = 0; first < n; ++first) {
                        std::vector<double> weights(n, n == 1 ? 1 : (1 - w) / static_cast<double>(n - 1));
                        if (n > 1) weights[first] = w;
                        const double expected = exact(model, parts, weights);
                        CHECK(std::abs(loss(weights) - expected) < 1e-10 * (std::max)(1.0, expected));
                    }
            }
}

TEST_CASE("the compressed loss holds out to the edges of its cells and beyond them, for ratios from 1e-25 to 1e25") {
    r::philox rng(17, 0);
    for (std::size_t n : {2u, 3u}) {
        std::vector<r::predictions> parts(n, {r::prediction_kind::distribution, r::filled<double, 3>({40, 100, 4}, 0.0), {}});
        for (std::size_t q = 0; q < n; ++q)
            for (std::size_t i = 0; i < parts[q].values.size(); ++i) {
                const double spread = i % 50 == 0 ? 50 : 2.5;
                parts[q].values.data()[i] =
                    std::exp(i % 3 == 0 && q + 1 < n ? std::floor(4 * r::uniform(rng)) - 2 + (i % 2 == 0 ? 1e-9 : -1e-9)
                             : q + 1 < n             ? spread * (2 * r::uniform(rng) - 1)
                                                     : 0.0);
            }
        const auto model = random_predictions(5, 1, 40, 100, 4);
        const auto loss = r::mixture_compressor(parts)(model);
        for (double w : {1e-9, .01, .25, .5, .9}) {
            std::vector<double> weights{w, 1 - w};
            if (n == 3) weights = {w, (1 - w) / 3, 2 * (1 - w) / 3};
            const double expected = exact(model, parts, weights);
            CHECK(std::abs(loss(weights) - expected) < 1e-11 * (std::max)(1.0, std::abs(expected)));
        }
    }
}

TEST_CASE("the compressed loss of a model whose probabilities were rounded to float is that of its distribution") {
    const std::vector<r::predictions> parts{random_predictions(1, 1, 20), random_predictions(2, 1, 20)};
    auto rounded = r::mixture(parts, std::array{.3, .7});
    for (double& x : rounded.values) x = static_cast<double>(static_cast<float>(x));
    const auto loss = r::mixture_compressor(parts)(rounded);
    CHECK(std::abs(loss(std::array{.3, .7})) < 1e-11);
    CHECK(std::abs(loss(std::array{.4, .6}) - mean_of(r::divergences(r::kl{}, rounded, r::mixture(parts, std::array{.4, .6})))) < 1e-11);
}

TEST_CASE("the best weights of three strategies are those of the full sum, many outcomes or few") {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        std::vector<r::predictions> three, four;
        for (std::uint64_t q = 0; q < 3; ++q) three.push_back(random_predictions(10 * seed + q, 2, 300));
        const auto model = random_predictions(10 * seed + 7, 1, 300);
        const auto compressed = r::mixture_compressor(three)(model);
        four = three, four.push_back(three[0]);  // not compressed
        const auto best = r::mixing_weights(compressed), full = r::mixing_weights(r::mixture_compressor(four)(model));
        CHECK(best.converged);
        CHECK(best.unique);
        CHECK(std::abs(best.loss - full.loss) < 1e-10);
        CHECK(std::abs(best.weights[1] - full.weights[1]) < 1e-7);
        CHECK(std::abs(best.weights[2] - full.weights[2]) < 1e-7);
        CHECK(exact(model, three, best.weights) == doctest::Approx(best.loss).epsilon(1e-9));
    }
}

TEST_CASE("no strategy gains by more weight than the best weights give it, in plain sums") {
    for (std::size_t n : {2u, 3u, 5u}) {
        std::vector<r::predictions> parts;
        for (std::size_t q = 0; q < n; ++q) parts.push_back(random_predictions(30 + q, 1, 100));
        const auto model = random_predictions(50, 1, 100);
        const auto best = r::mixing_weights(r::mixture_compressor(parts)(model));
        CHECK(std::abs(best.loss - exact(model, parts, best.weights)) < 1e-10);
        const auto mixed = r::mixture(parts, best.weights);
        for (std::size_t q = 0; q < n; ++q) {
            double gain = 0;  // d loss / d weight of q, by which it is above that of the mixture itself
            for (std::size_t i = 0; i < model.values.size(); ++i)
                gain += model.values.data()[i] * (1 - parts[q].values.data()[i] / mixed.values.data()[i]);
            CHECK((best.weights[q] > 0 ? std::abs(gain) : -gain) / static_cast<double>(100 * 8) < 1e-7);
        }
    }
}

TEST_CASE("exact zeros: an outcome that one strategy excludes is kept, one that both exclude is infinite for every weight") {
    auto m = random_predictions(1, 1), g = random_predictions(2, 1), h = random_predictions(3, 1);
    m.values(0, 0, 0) = 0;
    g.values(3, 2, 1) = 0;
    const std::vector<r::predictions> parts{m, g};
    auto loss = r::mixture_compressor(parts)(h);
    for (double w : {1e-9, .2, .9}) CHECK(loss(std::vector{w, 1 - w}) == doctest::Approx(exact(h, parts, {w, 1 - w})).epsilon(1e-10));
    CHECK(loss(std::vector{1.0, 0.0}) == infinity);
    CHECK(loss(std::vector{0.0, 1.0}) == infinity);
    const auto best = r::mixing_weights(loss);
    CHECK(best.converged);
    CHECK(best.weights[0] > 0);
    CHECK(best.weights[1] > 0);
    auto both = parts;
    both[1].values(0, 0, 0) = 0;
    CHECK_FALSE(r::mixture_compressor(both)(h).finite());
    CHECK(r::mixing_weights(r::mixture_compressor(both)(h)).loss == infinity);
    h.values(0, 0, 0) = 0;  // unless the model excludes it as well
    CHECK(r::mixture_compressor(both)(h).finite());
}

TEST_CASE("three strategies: outcomes that one or two exclude are kept, weights on the boundary stay exact") {
    std::vector<r::predictions> parts{random_predictions(1, 2, 100), random_predictions(2, 2, 100), random_predictions(3, 2, 100)};
    const auto h = random_predictions(4, 1, 100);
    parts[0].values(0, 0, 0) = parts[1].values(0, 0, 0) = 0;
    parts[2].values(5, 1, 3) = 0;
    const auto loss = r::mixture_compressor(parts)(h);
    for (double w : {1e-9, .2, .9}) {
        const std::vector<double> weights{w / 2, w / 2, 1 - w};
        CHECK(loss(weights) == doctest::Approx(exact(h, parts, weights)).epsilon(1e-10));
    }
    CHECK(loss(std::vector{.5, .5, 0.0}) == infinity);
    CHECK(loss(std::vector{0.0, 0.0, 1.0}) == infinity);
    const std::vector<double> edge{0, .5, .5};
    CHECK(loss(edge) == doctest::Approx(exact(h, parts, edge)).epsilon(1e-10));
    auto silent = h;
    silent.values(0, 0, 0) = silent.values(5, 1, 3) = 0;
    const auto without = r::mixture_compressor(parts)(silent);
    CHECK(std::isfinite(without(std::vector{.5, .5, 0.0})));
    r::mixture_loss::derivatives d;
    without.evaluate(std::vector{0.0, 0.0, 1.0}, d);
    for (double g : d.gradient) CHECK(std::isfinite(g));
}

TEST_CASE("gradient and Hessian are those of the loss") {
    for (std::size_t n : {2u, 3u, 4u}) {
        std::vector<r::predictions> parts, means;
        for (std::size_t q = 0; q < n; ++q) parts.push_back(random_predictions(10 + q, 1)), means.push_back(random_means(10 + q));
        for (const auto& loss : {r::mixture_compressor(parts)(random_predictions(9, 1)), r::mixture_compressor(means)(random_means(9))}) {
            std::vector<double> w(n, .8 / static_cast<double>(n));
            w[0] += .2;
            r::mixture_loss::derivatives d, up, down;
            loss.evaluate(w, d);
            CHECK(d.value == doctest::Approx(loss(w)).epsilon(1e-14));
            for (std::size_t q = 0; q < n; ++q) {
                auto a = w, b = w;
                a[q] += 1e-5, b[q] -= 1e-5;
                loss.evaluate(a, up);
                loss.evaluate(b, down);
                CHECK(d.gradient[q] == doctest::Approx((up.value - down.value) / 2e-5).epsilon(1e-7));
                for (std::size_t p = 0; p < n; ++p)
                    CHECK(d.hessian[q * n + p] == doctest::Approx((up.gradient[p] - down.gradient[p]) / 2e-5).epsilon(1e-6));
            }
        }
    }
}

TEST_CASE("a known mixture comes back, with an exact zero for a strategy that has no part in it") {
    for (std::size_t n : {2u, 3u, 5u, 20u}) {
        std::vector<r::predictions> parts, means;
        std::vector<double> truth(n);
        double sum = 0;
        for (std::size_t q = 0; q < n; ++q) {
            parts.push_back(random_predictions(20 + q, 1)), means.push_back(random_means(20 + q));
            truth[q] = n == 2 ? static_cast<double>(q) : q % 3 == 1 ? 0 : static_cast<double>(1 + q);
            sum += truth[q];
        }
        for (double& w : truth) w /= sum;
        for (const auto* all : {&parts, &means}) {
            const auto best = r::mixing_weights(r::mixture_compressor(*all)(r::mixture(*all, truth)));
            CHECK(best.converged);
            CHECK(best.unique);
            for (std::size_t q = 0; q < n; ++q) CHECK(std::abs(best.weights[q] - truth[q]) < 1e-7);
        }
    }
}

TEST_CASE("the best mixture is best: no weights on a fine grid do better, and the multipliers say so") {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const std::vector<r::predictions> two{random_predictions(100 + seed, .5), random_predictions(200 + seed, 2)};
        const auto loss = r::mixture_compressor(two)(random_predictions(300 + seed, 1));
        const auto best = r::mixing_weights(loss);
        for (int i = 0; i <= 1000; ++i) CHECK(loss(std::vector{i / 1000.0, 1 - i / 1000.0}) >= best.loss - 1e-12);
        std::vector<r::predictions> many;
        for (std::uint64_t q = 0; q < 8; ++q) many.push_back(random_predictions(1000 * seed + q, 1));
        const auto eight = r::mixture_compressor(many)(random_predictions(400 + seed, 1));
        const auto w = r::mixing_weights(eight);
        r::mixture_loss::derivatives d;
        eight.evaluate(w.weights, d);
        for (std::size_t q = 0; q < 8; ++q) {  // gradient equal where the weight is positive, no smaller where it is 0
            CHECK(d.gradient[q] >= -1 - 1e-9);
            if (w.weights[q] > 0) CHECK(d.gradient[q] == doctest::Approx(-1).epsilon(1e-9));
        }
    }
}

TEST_CASE("two strategies that predict the same: any weight will do, and it is said") {
    const auto same = random_predictions(1, 1);
    const std::vector<r::predictions> twins{same, same};
    CHECK_FALSE(r::mixing_weights(r::mixture_compressor(twins)(random_predictions(2, 1))).unique);
}

namespace {
// How far above the least possible loss these weights may be: 0 exactly where the multipliers are right.
double gap(const r::mixture_loss& loss, const std::vector<double>& w) {
    r::mixture_loss::derivatives d;
    loss.evaluate(w, d);
    double mean = 0, worst = 0;
    for (std::size_t q = 0; q < w.size(); ++q) mean += w[q] * d.gradient[q];
    for (double g : d.gradient) worst = (std::max)(worst, mean - g);
    return worst;
}

r::predictions between(const r::predictions& a, const r::predictions& b, double share) {
    return r::mixture(std::vector{a, b}, std::vector{1 - share, share});
}

// A point between a and b on the geometric path, as the members of a family with one parameter are.
r::predictions geometric(const r::predictions& a, const r::predictions& b, double share) {
    auto out = a;
    for (std::size_t i = 0; i < out.values.size(); i += out.outcomes()) {
        double sum = 0;
        for (std::size_t k = i; k < i + out.outcomes(); ++k)
            sum += out.values.data()[k] = std::pow(a.values.data()[k], 1 - share) * std::pow(b.values.data()[k], share);
        for (std::size_t k = i; k < i + out.outcomes(); ++k) out.values.data()[k] /= sum;
    }
    return out;
}
}  // namespace

TEST_CASE("the best mixture of strategies that resemble each other is best: a weight that reached 0 comes back when it should") {
    for (std::size_t n : {3u, 5u})
        for (std::uint64_t seed = 0; seed < 300; ++seed) {
            const auto common = random_predictions(9000 + seed, 1, 6);
            std::vector<r::predictions> parts;
            for (std::size_t q = 0; q < n; ++q)
                parts.push_back(between(common, random_predictions(16 * seed + q, 1, 6), .3 + .1 * static_cast<double>(q)));
            const auto loss = r::mixture_compressor(parts)(between(common, random_predictions(77777 + seed, 1, 6), .25));
            const auto best = r::mixing_weights(loss);
            CHECK(best.converged);
            CHECK(gap(loss, best.weights) < 1e-10);
        }
}

TEST_CASE("a grid over one strategy's parameter: a Hessian singular to rounding, up to 100 strategies") {
    const auto a = random_predictions(1, 1), b = random_predictions(2, 1);
    for (std::size_t n : {5u, 20u, 100u}) {
        std::vector<r::predictions> grid;
        for (std::size_t q = 0; q < n; ++q) grid.push_back(geometric(a, b, static_cast<double>(q) / static_cast<double>(n - 1)));
        for (const auto& model :
             {random_predictions(3, 1), geometric(a, random_predictions(7, 1), .3), between(grid[n / 3], grid[n - 2], .6)}) {
            const auto loss = r::mixture_compressor(grid)(model);
            const auto best = r::mixing_weights(loss);
            CHECK(best.converged);
            CHECK(best.gap < 1e-10);
            CHECK(gap(loss, best.weights) < 1e-10);
        }
    }
}

TEST_CASE("a strategy that is a mixture of two others leaves the weights open, and it is said") {
    const auto a = random_predictions(1, 1), b = random_predictions(2, 1);
    const std::vector<r::predictions> parts{a, b, between(a, b, .5)};
    const auto best = r::mixing_weights(r::mixture_compressor(parts)(between(a, b, .7)));
    CHECK_FALSE(best.unique);
    CHECK(std::abs(best.loss) < 1e-12);
}

TEST_CASE("outcomes that every strategy excludes are counted, and the weights are those of the rest") {
    auto a = random_predictions(1, 1), b = random_predictions(2, 1);
    const auto h = between(a, b, .3);
    a.values(0, 0, 0) = b.values(0, 0, 0) = a.values(5, 1, 2) = b.values(5, 1, 2) = 0;
    for (const auto& parts : {std::vector{a, b}, std::vector{a, b, random_predictions(9, 1)}}) {
        auto all = parts;
        for (auto& q : all) q.values(0, 0, 0) = q.values(5, 1, 2) = 0;
        const auto best = r::mixing_weights(r::mixture_compressor(all)(h));
        CHECK(best.excluded == 2);
        CHECK(best.loss == infinity);
        CHECK(best.weights[1] == doctest::Approx(.3).epsilon(.05));
        CHECK(best.converged);
        // They have no share in the derivatives either: w.g is minus the mass that is left.
        r::mixture_loss::derivatives d;
        const auto rest = r::mixture_compressor(all)(h).without_excluded();
        rest.evaluate(best.weights, d);
        double product = 0;
        for (std::size_t q = 0; q < all.size(); ++q) product += best.weights[q] * d.gradient[q];
        const auto events = static_cast<double>(h.sequences() * h.events());
        CHECK(product == doctest::Approx((h.values(0, 0, 0) + h.values(5, 1, 2)) / events - 1).epsilon(1e-12));
    }
}

TEST_CASE("means far from 0 lose no digits: a mixture's loss is never below 0") {
    auto a = random_means(1), b = random_means(2);
    for (auto* p : {&a, &b})
        for (double& v : p->values) v += 1e6;
    const std::vector<r::predictions> parts{a, b};
    auto h = between(a, b, .7);
    const auto exactly = r::mixing_weights(r::mixture_compressor(parts)(h));
    CHECK(exactly.weights[1] == doctest::Approx(.7).epsilon(1e-9));
    CHECK(std::abs(exactly.loss) < 1e-15);
    for (double& v : h.values) v += 1e-3;
    CHECK(r::mixing_weights(r::mixture_compressor(parts)(h)).loss == doctest::Approx(1e-6).epsilon(.01));
}

TEST_CASE("a model that is neither strategy is not called a mixture of the two: a third one takes the weight") {
    const auto m = random_predictions(1, 1), g = random_predictions(2, 1), c = random_predictions(3, 1);
    const auto two = r::mixing_weights(r::mixture_compressor(std::vector{m, g})(c));
    CHECK(two.weights[0] > .1);
    CHECK(two.weights[1] > .1);
    const std::vector<r::predictions> three{m, g, c};
    const auto best = r::mixing_weights(r::mixture_compressor(three)(c));
    CHECK(best.weights == std::vector{0.0, 0.0, 1.0});
    CHECK(two.loss > .1);
    CHECK(std::abs(best.loss) < 1e-12);
}

TEST_CASE("permuting sequences changes no weight") {
    std::vector<r::predictions> parts{random_predictions(1, 1), random_predictions(2, 1), random_predictions(3, 1)};
    auto h = random_predictions(4, 1);
    const auto before = r::mixing_weights(r::mixture_compressor(parts)(h));
    const auto reverse = [](r::predictions p) {
        const std::size_t n = p.sequences();
        for (std::size_t s = 0; s < n / 2; ++s) {
            const auto x = r::row(p.values, s), y = r::row(p.values, n - 1 - s);
            std::swap_ranges(x.begin(), x.end(), y.begin());
        }
        return p;
    };
    for (auto& p : parts) p = reverse(p);
    const auto after = r::mixing_weights(r::mixture_compressor(parts)(reverse(h)));
    for (std::size_t q = 0; q < 3; ++q) CHECK(std::abs(before.weights[q] - after.weights[q]) < 1e-10);
}

TEST_CASE("the parts of a loss add up to it, and a weighted sum is the loss of resampled sequences") {
    for (std::size_t n : {2u, 3u, 4u}) {
        std::vector<r::predictions> parts;
        for (std::size_t q = 0; q < n; ++q) parts.push_back(random_predictions(60 + q, 1, 37));
        const auto model = random_predictions(70, 1, 37);
        const r::mixture_compressor compress(parts);
        const auto some = compress.parts(model, 8);
        CHECK(some.size() == 8);
        CHECK(compress.parts(model, 100).size() == 37);
        std::vector<double> weights(n, 1.0 / static_cast<double>(n));
        CHECK(r::mixture_loss::weighted_sum(some, std::vector<double>(8, 1))(weights) ==
              doctest::Approx(compress(model)(weights)).epsilon(1e-12));
        // Sequence 5 three times in place of 5, 6 and 7.
        auto copied = model;
        auto copied_parts = parts;
        for (std::size_t s : {6u, 7u}) {
            std::ranges::copy(r::row(std::as_const(model.values), 5), r::row(copied.values, s).begin());
            for (std::size_t q = 0; q < n; ++q)
                std::ranges::copy(r::row(std::as_const(parts[q].values), 5), r::row(copied_parts[q].values, s).begin());
        }
        std::vector<double> counts(37, 1);
        counts[5] = 3, counts[6] = counts[7] = 0;
        CHECK(r::mixture_loss::weighted_sum(compress.parts(model, 37), counts)(weights) ==
              doctest::Approx(exact(copied, copied_parts, weights)).epsilon(1e-10));
    }
}

TEST_CASE("runs of masses that are 0 count for nothing, wherever they are, alone and in weighted sums") {
    constexpr std::size_t row = 40 * r::kernel::pack_size;
    auto ratios = std::make_shared<r::mixture_loss::terms>(2 * row);
    r::philox rng(80, 0);
    for (double& x : *ratios) x = r::uniform(rng);
    const std::vector<double> w{.3, .7}, log_w{std::log(.3), -800};
    double sum = 0;
    std::vector<r::mixture_loss> losses;
    // Masses in some packs of a row, one of them alone, two together, at either end and none at all.
    for (const std::vector<std::size_t>& packs :
         std::vector<std::vector<std::size_t>>{{0}, {39}, {0, 39}, {5, 6, 30}, {3, 5, 12, 39}, {}}) {
        r::mixture_loss::terms masses(row);
        double expected = 1, far = 1;
        for (const std::size_t p : packs)
            for (std::size_t i = p * r::kernel::pack_size; i < (p + 1) * r::kernel::pack_size; i += 3) {
                masses[i] = r::uniform(rng);
                const double a = (*ratios)[i], b = (*ratios)[row + i];
                expected -= masses[i] * std::log(.3 * a + .7 * b);
                far -= masses[i] * std::log(.3 * a);
            }
        const auto& loss = losses.emplace_back(2, 1.0, masses, ratios);
        CHECK(loss.size() <= 8 * r::kernel::pack_size);
        CHECK(loss(w) == doctest::Approx(expected).epsilon(1e-13));
        CHECK(loss.at_log_weights(log_w) == doctest::Approx(far).epsilon(1e-13));
        CHECK(loss.at_log_weights(std::vector<double>{-800, -801}) ==
              doctest::Approx(r::mixture_loss::weighted_sum(std::array{loss}, std::array{1.0}).at_log_weights(std::array{-800., -801.})));
        sum += static_cast<double>(losses.size()) * expected;
    }
    const std::vector<double> times{1, 2, 3, 4, 5, 6};
    CHECK(r::mixture_loss::weighted_sum(losses, times)(w) == doctest::Approx(sum).epsilon(1e-13));
}

TEST_CASE("a best weight below the least normal number ends the search, and the loss is finite") {
    for (double rare : {1e-8, 1e-100, 1e-200, 1e-300}) {
        CAPTURE(rare);
        std::vector<r::predictions> parts(2, {r::prediction_kind::distribution, r::filled<double, 3>({1, 1, 3}, 0.0), {}});
        parts[0].values(0, 0, 0) = .9, parts[0].values(0, 0, 2) = .1;
        parts[1].values(0, 0, 1) = .5, parts[1].values(0, 0, 2) = .5;
        auto model = parts[0];
        model.values(0, 0, 1) = rare;
        const auto best = r::mixing_weights(r::mixture_compressor(parts)(model));
        CHECK(std::isfinite(best.loss));
        CHECK(best.loss < 1e-6);
        CHECK(best.weights[0] == doctest::Approx(1).epsilon(1e-6));
    }
}

TEST_CASE("a mixture of no events has none") {
    const rationale::predictions none{rationale::prediction_kind::distribution, rationale::filled<double, 3>({2, 0, 3}, 0.0), {}};
    const std::vector<rationale::predictions> parts{none, none};
    CHECK(rationale::mixture(parts, rationale::filled<double, 3>({2, 0, 2}, 0.5)).events() == 0);
}
