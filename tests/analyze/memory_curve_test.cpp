// A model's divergences along an axis of memories: the least was evaluated, and the ends are memorizing and generalizing themselves.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "rationale/analysis/detail/memory_axis.hpp"
#include "rationale/analysis/detail/memory_ceilings.hpp"
#include "rationale/analysis/detail/remember.hpp"
#include "rationale/explanation/detail/memory_curve.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/constant.hpp"

namespace r = rationale;
using namespace rationale::detail;
using regression = r::linear_regression<>;
using urns = r::balls_and_urns<>;

namespace {

/// Sequences of seen and fresh tasks of a family, and what memories of an axis predict of them.
template <class F, template <class> class Axis = precision_axis>
struct example {
    explicit example(F f, std::size_t tasks = 7, std::size_t fresh = 0)
        : family(std::move(f)),
          seen(family, r::sample_tasks(family, own_prior(family), tasks, 1)),
          data(fresh > 0 ? r::sample_sequences(family, own_prior(family), fresh, 20, 3).sequences
                         : r::sample_sequences(family, seen, 16, 20, 2).sequences) {
        memories.share = with_ends(grid);
        memories.predict = [this](double s) { return r::predict(r::bayes(family, axis.at(family, seen, s)), data); };
        for (double s : grid.share) at.push_back(memories.predict(s));
        if (!Axis<F>::starts_at_generalizing) start = memories.predict(0);
        memories.at.push_back(Axis<F>::starts_at_generalizing ? &generalizing : &start);
        for (const auto& p : at) memories.at.push_back(&p);
        memories.at.push_back(&memorizing);
    }
    example(const example&) = delete;

    F family;
    r::seen_tasks<F> seen;
    typename F::sequences data;
    Axis<F> axis{family};
    r::precision_grid grid{16};
    r::predictions memorizing = r::predict(r::memorizing<F>(family, seen), data),
                   generalizing = r::predict(r::generalizing<F>(family), data), constant = r::predict(r::constant<F>(family), data), start;
    std::vector<r::predictions> at;
    mutable memories_along memories;

    [[nodiscard]] memory_curve of(const r::predictions& model) const {
        return curve_of(model, memories, generalizing, paired_with(memories.at, generalizing));
    }
    [[nodiscard]] r::predictions mixed(double w) const { return r::mixture(std::array{memorizing, generalizing}, std::array{w, 1 - w}); }
    /// Remembers what no node does, and the constant is mixed in.
    [[nodiscard]] r::predictions trained(double share, double of_constant) const {
        return r::mixture(std::array{memories.predict(share), constant}, std::array{1 - of_constant, of_constant});
    }
    [[nodiscard]] double from(const r::predictions& model, const r::predictions& of) const {
        return over_sequences(r::divergences_from(model, of));
    }
};

/// What holds of every model.
template <class Example>
memory_curve checked(const Example& e, const r::predictions& model) {
    const auto c = e.of(model);
    const double least = c.whole[c.best()];
    CHECK(least >= 0);
    CHECK(c.with_other >= 0);
    CHECK(c.share.front() == 0);
    CHECK(c.share.back() == 1);
    CHECK(c.whole.back() == e.from(model, e.memorizing));
    CHECK(least <= c.whole.back());
    CHECK(c.whole.front() == doctest::Approx(e.from(model, e.memories.predict(0))).epsilon(1e-9));
    CHECK(least <= c.whole.front());
    CHECK(c.with_other <= least);
    CHECK(c.with_other <= c.pair);
    CHECK(c.pair <= (std::min)(e.from(model, e.memorizing), e.from(model, e.generalizing)));
    for (const auto& parts : c.parts) CHECK(parts.size() == 16);
    for (std::size_t q = 0; q < c.share.size(); ++q) {
        CHECK(c.whole[q] == doctest::Approx(e.from(model, e.memories.predict(c.share[q]))).epsilon(1e-9));
        double sum = 0;
        for (double x : c.parts[q]) sum += x;
        CHECK(sum == doctest::Approx(c.whole[q]).epsilon(1e-12));
    }
    return c;
}

template <class Example>
void exact_models_are_found(const Example& e) {
    const auto of_m = checked(e, e.memorizing), of_g = checked(e, e.generalizing);
    CHECK(of_m.share[of_m.best()] == 1);
    CHECK(of_m.whole.back() < 1e-24);
    CHECK(of_m.with_other < 1e-24);
    CHECK(of_g.share[of_g.best()] == 0);
    CHECK(of_g.whole.front() < 1e-24);
    CHECK(std::isinf(e.axis.value(1)));
    CHECK(e.axis.value(0) == 0);
    for (double w : {.3, .7}) {
        const auto c = checked(e, e.mixed(w));
        CHECK(c.with_other < 1e-16);
        CHECK(c.pair < 1e-16);
    }
    checked(e, e.constant);
}

const regression three_numbers({.dimensions = 3, .noise_variance = .01, .task_variance = 2.5, .input_variance = .5});

}  // namespace

TEST_CASE("the memory that is nearest to M is M, to G none, and mixtures of the two are found, of means and of distributions") {
    exact_models_are_found(example<regression>(three_numbers));
    exact_models_are_found(example<regression>(three_numbers, 7, 16));
    exact_models_are_found(example<urns>(urns({.categories = 4, .concentration = {.5, 1, 2, 1}})));
    exact_models_are_found(example<urns>(urns({.categories = 4, .concentration = {.5, 1, 2, 1}}), 5, 16));
}

TEST_CASE("the least divergence along an axis is that of a dense scan of predictions, also beyond the last node") {
    const auto scanned = [](const auto& e, double share, double of_constant) {
        const auto model = e.trained(share, of_constant);
        const auto c = checked(e, model);
        double truth = (std::min)(c.whole.front(), c.whole.back()), mixed = c.pair;
        for (int i = 1; i < 300; ++i) {
            const double x = i / 300., s = x * x * (3 - 2 * x);  // closer together at the ends
            const auto p = e.memories.predict(s);
            truth = (std::min)(truth, e.from(model, p));
            if (i % 10 == 0) mixed = (std::min)(mixed, from_nearest_mixture(model, p, e.generalizing));
        }
        CAPTURE(share);
        CHECK(c.whole[c.best()] < 1.003 * truth + 1e-9);
        CHECK(c.with_other < 1.003 * mixed + 1e-9);
        // A curve through the places, not above the greatest nor below the least of those beside, is what is between them.
        const monotone_curve curve(c.share, c.whole);
        double worst = 0, sum = 0;
        for (int i = 0; i <= 200; ++i) {
            const double s = i / 200.;
            const auto above = std::upper_bound(c.share.begin(), c.share.end() - 1, s) - c.share.begin();
            const double left = c.whole[static_cast<std::size_t>(above - 1)], right = c.whole[static_cast<std::size_t>(above)];
            CHECK(curve(s) <= (std::max)(left, right) * (1 + 1e-12));
            CHECK(curve(s) >= (std::min)(left, right) * (1 - 1e-12));
            const double d = e.from(model, e.memories.predict(s));
            const double error = std::abs(curve(s) - d) / (d + .01 * *std::max_element(c.whole.begin(), c.whole.end()));
            worst = (std::max)(worst, error), sum += error;
        }
        CHECK(worst < .1);
        CHECK(sum / 201 < .01);
    };
    const example<urns> id(urns({.categories = 5})), ood(urns({.categories = 5}), 7, 16);
    const example<regression> means(three_numbers), fresh(three_numbers, 7, 16);
    for (double share : {.3, .62, .9985})
        for (double of_constant : {0., .2}) scanned(id, share, of_constant), scanned(ood, share, of_constant);
    for (double share : {.05, .62}) scanned(means, share, .2), scanned(fresh, share, .2);
    const example<urns, exponent_axis> weaker(urns({.categories = 5}));
    scanned(weaker, .55, .1);
}

TEST_CASE("a memory that the model's rounded predictions come from has no negative divergence") {
    const example<urns> e(urns({.categories = 5}));
    auto model = e.memories.predict(.7);
    for (double& x : model.values) x = static_cast<double>(static_cast<float>(x));
    const auto c = checked(e, model);
    CHECK(c.share[c.best()] == doctest::Approx(.7).epsilon(1e-3));
    CHECK(c.whole[c.best()] < 1e-6);
}

TEST_CASE("exact Bayes mixtures have memorizing and generalizing alone among them") {
    const example<urns> e(urns({.categories = 5}), 7, 16);
    for (const auto* model : {&e.memorizing, &e.generalizing}) CHECK(least_of_bayes_mixtures(*model, e.memorizing, e.generalizing) < 1e-24);
    const auto model = e.trained(.6, .2);
    const double pair = least_of_bayes_mixtures(model, e.memorizing, e.generalizing),
                 all = least_of_bayes_mixtures(model, e.memories, e.generalizing);
    CHECK(pair <= (std::min)(e.from(model, e.memorizing), e.from(model, e.generalizing)));
    CHECK(all < 1.003 * e.of(model).whole[e.of(model).best()]);
}

TEST_CASE("a curve keeps to its values where they jump, and knows what is infinite") {
    const std::vector<double> at{0, .1, .3, .6, 1};
    const monotone_curve jump(at, {0, 0, 1, 1, 1});
    for (int i = 0; i <= 100; ++i) {
        CHECK(jump(i / 100.) >= 0);
        CHECK(jump(i / 100.) <= 1);
    }
    CHECK(jump(.05) == 0);
    CHECK(jump(.8) == 1);
    std::vector<double> quadratic;
    for (double x : at) quadratic.push_back((x + 1) * (x + 1));
    const monotone_curve smooth(at, quadratic);
    for (double x : {0., .02, .25, .3, .9, 1.}) CHECK(smooth(x) == doctest::Approx((x + 1) * (x + 1)).epsilon(1e-12));
    CHECK(promised_least(at, std::vector{.0625, .0225, .0025, .1225, .5625}).first == doctest::Approx(.25).epsilon(1e-4));
    const double infinity = std::numeric_limits<double>::infinity();
    const monotone_curve ends(at, {3, 2, 1, 2, infinity});
    CHECK(std::isinf(ends(.7)));
    CHECK(ends(.3) == 1);
    CHECK(promised_least(at, std::vector{3., 2., 1.5, 1., infinity}).first == .6);
}

TEST_CASE("a density's greatest place is between the nodes, or the end that it grows towards") {
    const r::precision_grid grid(16);
    const auto most = [&](const auto& log_density) {
        std::vector<double> minus;
        for (double s : grid.share) minus.push_back(-log_density(s));
        return most_probable_share(grid, minus);
    };
    CHECK(most([](double s) { return -s; }) == 0);
    CHECK(most([](double s) { return 40 * s; }) == 1);
    CHECK(most([](double s) { return 3 * std::log(s) + 5 * std::log(1 - s); }) == doctest::Approx(3. / 8).epsilon(1e-3));
    CHECK(most([](double s) { return 90 * std::log(s) + 10 * std::log(1 - s); }) == doctest::Approx(.9).epsilon(2e-3));
}

TEST_CASE("between the least known place and an infinity beside it the curve is followed") {
    const auto f = [](double x) { return (x - .97) * (x - .97) - 1e-3 * std::log1p(-x); };
    std::vector<double> at{0, .3, .6, .9, 1}, value;
    for (const double x : at) value.push_back(x < 1 ? f(x) : std::numeric_limits<double>::infinity());
    std::size_t asked = 0;
    follow_promises(at, value, std::vector<std::pair<double, r::predictions>>{}, [&](double x, std::ptrdiff_t place) {
        ++asked;
        at.insert(at.begin() + place, x), value.insert(value.begin() + place, f(x));
    });
    double least = f(0);
    for (int i = 0; i < 1000; ++i) least = (std::min)(least, f(i / 1000.));
    CHECK(*std::min_element(value.begin(), value.end()) < least * 1.01);
    CHECK(asked <= most_places);
}
