// What must hold for every strategy, whatever the numbers.
#include <doctest/doctest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "rationale/rationale.hpp"

namespace r = rationale;

namespace {

double worst(const r::predictions& a, const r::predictions& b) {
    double w = 0;
    REQUIRE(a.values.shape() == b.values.shape());
    for (std::size_t i = 0; i < a.values.size(); ++i) w = (std::max)(w, std::abs(a.values.data()[i] - b.values.data()[i]));
    for (std::size_t i = 0; i < a.log_evidence.size(); ++i)
        w = (std::max)(w,
                       std::abs(a.log_evidence.data()[i] - b.log_evidence.data()[i]) / (std::max)(1.0, std::abs(a.log_evidence.data()[i])));
    return w;
}

/// Reverses the order of the context, keeping the last position in place.
template <class Array>
Array reversed_context(const Array& a) {
    Array out = a;
    const std::size_t positions = a.shape(1), inner = a.size() / (a.shape(0) * positions);
    for (std::size_t s = 0; s < a.shape(0); ++s)
        for (std::size_t t = 0; t + 1 < positions; ++t)
            std::copy_n(a.data() + (s * positions + positions - 2 - t) * inner, inner, out.data() + (s * positions + t) * inner);
    return out;
}

template <class F>
struct world {
    F family;
    typename F::task_table tasks;
    r::memorizing<F> m;
    r::generalizing<F> g;
    typename F::sequences in, out;

    world(F f, std::size_t count, std::size_t sequences, std::size_t context)
        : family(f),
          tasks(r::sample_tasks(f, r::own_prior_t<F>(own_prior(f)), count, 7)),
          m(f, tasks),
          g(f),
          in(r::sample_sequences(f, m.prior(), sequences, context, 8).sequences),
          out(r::sample_sequences(f, own_prior(f), sequences, context, 9).sequences) {}
};

template <class F>
typename F::task_table doubled(const F& family, const typename F::task_table& tasks, std::size_t count) {
    typename F::task_table twice;
    r::allocate(twice, [&](char letter) { return letter == 'D' ? 2 * count : family.extent(letter); });
    r::for_each_field<typename F::task_table>([&](const auto& f) {
        const auto& from = tasks.*f.member;
        for (std::size_t copy = 0; copy < 2; ++copy)
            std::copy(from.begin(), from.end(), (twice.*f.member).begin() + static_cast<std::ptrdiff_t>(copy * from.size()));
    });
    return twice;
}

template <class F>
void same_for_any_split(const world<F>& w, std::size_t count) {
    for (const auto& q : {w.in, w.out}) {
        const auto p = r::predict(w.m, q);
        CHECK(worst(p, r::predict(w.m, q, r::threads{3})) == 0);                                    // threads change nothing at all
        CHECK(worst(p, r::predict(r::detail::on_lanes<r::kernel::scalar_lanes>(w.m), q)) < 1e-10);  // lanes change rounding only
        std::vector<double> split(2 * count, 1.0);
        for (std::size_t d = 0; d < count; ++d) split[d] = static_cast<double>(d % 3);  // a task's mass over its two copies
        for (std::size_t d = 0; d < count; ++d) split[count + d] = 2 - split[d];
        CHECK(worst(p, r::predict(r::memorizing<F>(w.family, doubled(w.family, w.tasks, count), split), q)) < 1e-9);
    }
}

}  // namespace

TEST_CASE_TEMPLATE("duplicated tasks, threads and lanes change nothing", F, r::balls_and_urns<>, r::linear_regression<>,
                   r::classification<>) {
    typename F::parameters p;
    if constexpr (requires { p.categories; }) p.categories = 5;
    else p.dimensions = 3;
    for (std::size_t count : {1u, 2u, 7u, 8u, 9u, 127u, 128u, 129u, 300u}) same_for_any_split(world<F>(F(p), count, 3, 6), count);
}

TEST_CASE("a dimension fixed at compile time changes nothing, small or large") {
    const auto same = [](const auto& fixed, const auto& any) {
        const world a(fixed, 30, 5, 12);
        const world b(any, 30, 5, 12);
        const auto remembered = []<class F>(const world<F>& w) {
            const r::seen_tasks<F> seen(w.family, w.tasks);
            return r::predict(r::bayes(w.family, r::remembered<r::seen_tasks<F>>(w.family, seen, 5.0)), w.in);
        };
        CHECK(worst(r::predict(a.m, a.in), r::predict(b.m, b.in)) < 1e-12);
        CHECK(worst(r::predict(a.m, a.out), r::predict(b.m, b.out)) < 1e-12);
        CHECK(worst(r::predict(a.g, a.in), r::predict(b.g, b.in)) < 1e-12);
        CHECK(worst(remembered(a), remembered(b)) < 1e-12);
    };
    same(r::balls_and_urns<3>(), r::balls_and_urns<>({.categories = 3}));
    same(r::balls_and_urns<20>(), r::balls_and_urns<>({.categories = 20}));
    same(r::linear_regression<3>({.noise_variance = .1}), r::linear_regression<>({.dimensions = 3, .noise_variance = .1}));
    same(r::linear_regression<20>({.noise_variance = .1}), r::linear_regression<>({.dimensions = 20, .noise_variance = .1}));
    same(r::classification<3, 2>(), r::classification<>({.dimensions = 3, .labels = 2}));
    same(r::classification<20, 2>(), r::classification<>({.dimensions = 20, .labels = 2}));
}

TEST_CASE("one seen task is what the memorizing strategy predicts") {
    const r::balls_and_urns<> urns({.categories = 6});
    const world<r::balls_and_urns<>> w(urns, 1, 2, 5);
    const auto p = r::predict(w.m, w.out);
    for (std::size_t t = 0; t < 5; ++t)
        for (std::size_t k = 0; k < 6; ++k) CHECK(p.values(1, t, k) == doctest::Approx(w.tasks.tasks(0, k)).epsilon(1e-14));
}

TEST_CASE("with many seen tasks memorizing approaches generalizing") {
    const r::balls_and_urns<3> urns;
    double last = 1;
    for (std::size_t count : {16u, 512u, 16384u}) {
        const world<r::balls_and_urns<3>> w(urns, count, 20, 8);
        const double gap =
            worst({w.m.family().kind, r::predict(w.m, w.out).values, {}}, {w.m.family().kind, r::predict(w.g, w.out).values, {}});
        CHECK(gap < last);
        last = gap;
    }
    CHECK(last < .05);
}

TEST_CASE("the order of an exchangeable context does not matter") {
    const world<r::balls_and_urns<>> urns(r::balls_and_urns<>({.categories = 5}), 20, 4, 12);
    r::balls_and_urns<>::sequences back{reversed_context(urns.out.tokens)};
    const world<r::linear_regression<>> reg(r::linear_regression<>({.dimensions = 4}), 20, 4, 12);
    r::linear_regression<>::sequences back_reg{reversed_context(reg.out.x), reversed_context(reg.out.y)};
    for (std::size_t s = 0; s < 4; ++s) {
        for (std::size_t k = 0; k < 5; ++k) {
            CHECK(r::predict(urns.m, urns.out).values(s, 11, k) ==
                  doctest::Approx(r::predict(urns.m, back).values(s, 11, k)).epsilon(1e-12));
            CHECK(r::predict(urns.g, urns.out).values(s, 11, k) ==
                  doctest::Approx(r::predict(urns.g, back).values(s, 11, k)).epsilon(1e-12));
        }
        CHECK(r::predict(reg.m, reg.out).values(s, 11, 0) == doctest::Approx(r::predict(reg.m, back_reg).values(s, 11, 0)).epsilon(1e-9));
        CHECK(r::predict(reg.g, reg.out).values(s, 11, 0) == doctest::Approx(r::predict(reg.g, back_reg).values(s, 11, 0)).epsilon(1e-9));
    }
}

TEST_CASE("a prediction depends on nothing at or after its event") {
    const world<r::balls_and_urns<>> w(r::balls_and_urns<>({.categories = 5}), 20, 3, 9);
    for (std::size_t t = 0; t < 9; ++t) {
        auto changed = w.out;
        changed.tokens(1, t) = (changed.tokens(1, t) + 1) % 5;
        const auto before = r::predict(w.m, w.out), after = r::predict(w.m, changed);
        for (std::size_t u = 0; u <= t; ++u) CHECK(before.values(1, u, 0) == after.values(1, u, 0));
        if (t < 8) CHECK(before.values(1, t + 1, 0) != after.values(1, t + 1, 0));
    }
    const world<r::linear_regression<>> v(r::linear_regression<>({.dimensions = 3, .noise_variance = 4}), 20, 3, 9);
    for (std::size_t t = 0; t < 8; ++t) {
        auto changed = v.out;
        changed.y(1, t) += .3;  // y_t may change only what comes after it
        for (const auto& [before, after] :
             {std::pair{r::predict(v.m, v.out), r::predict(v.m, changed)}, {r::predict(v.g, v.out), r::predict(v.g, changed)}}) {
            for (std::size_t u = 0; u <= t; ++u) CHECK(before.values(1, u, 0) == after.values(1, u, 0));
            CHECK(before.values(1, t + 1, 0) != after.values(1, t + 1, 0));
        }
    }
}

TEST_CASE("the evidence is the product of what was predicted") {
    const world<r::balls_and_urns<>> w(r::balls_and_urns<>({.categories = 5}), 20, 3, 30);
    const auto check = [&](const r::predictions& p, const r::balls_and_urns<>::sequences& q) {
        for (std::size_t s = 0; s < 3; ++s) {
            double log_p = 0;
            for (std::size_t t = 0; t < 30; ++t) {
                CHECK(p.log_evidence(s, t) == doctest::Approx(log_p).epsilon(1e-11));
                double sum = 0;
                for (std::size_t k = 0; k < 5; ++k) sum += p.values(s, t, k);
                CHECK(sum == doctest::Approx(1).epsilon(1e-13));
                log_p += std::log(p.values(s, t, static_cast<std::size_t>(q.tokens(s, t))));
            }
            CHECK(p.log_evidence(s, 30) == doctest::Approx(log_p).epsilon(1e-11));
        }
    };
    check(r::predict(w.m, w.out), w.out);
    check(r::predict(w.g, w.out), w.out);
    check(r::predict(r::constant(w.family), w.out), w.out);
}

TEST_CASE("constant uses no context") {
    const world<r::balls_and_urns<>> urns(r::balls_and_urns<>({.categories = 4, .concentration = {1, 2, 3, 4}}), 5, 2, 6);
    const auto p = r::predict(r::constant(urns.family), urns.out);
    for (std::size_t t = 0; t < 6; ++t)
        for (std::size_t k = 0; k < 4; ++k) CHECK(p.values(1, t, k) == doctest::Approx(static_cast<double>(k + 1) / 10).epsilon(1e-15));
    const world<r::linear_regression<>> reg(r::linear_regression<>({.dimensions = 2, .task_mean = {1, -2}}), 5, 2, 6);
    const auto q = r::predict(r::constant(reg.family), reg.out);
    for (std::size_t t = 0; t < 6; ++t)
        CHECK(q.values(0, t, 0) == doctest::Approx(reg.out.x(0, t, 0) - 2 * reg.out.x(0, t, 1)).epsilon(1e-14));
    const world<r::classification<>> cls(r::classification<>({.dimensions = 3, .labels = 4}), 5, 2, 6);
    CHECK(r::predict(r::constant(cls.family), cls.out).values(1, 0, 3) == .25);
}

TEST_CASE("label probabilities sum to one, with noise and without: nothing is clamped") {
    for (double noise : {0.0, 2e-5, .3}) {
        const world<r::classification<>> w(r::classification<>({.dimensions = 4, .labels = 3, .label_noise = noise}), 30, 10, 12);
        for (const auto& p : {r::predict(w.m, w.out), r::predict(w.g, w.out)})
            for (std::size_t s = 0; s < 10; ++s) {
                double sum = 0, least = 1;
                for (std::size_t l = 0; l < 3; ++l) sum += p.values(s, 0, l), least = (std::min)(least, p.values(s, 0, l));
                CHECK(sum == doctest::Approx(1).epsilon(1e-14));
                CHECK(least >= noise / 3 * (1 - 1e-12));
            }
    }
}

TEST_CASE("an exact zero means it: a context that no seen task explains is named, or masked if asked") {
    using urns = r::balls_and_urns<3>;
    const r::memorizing<urns> m(urns{}, urns::task_table{{{.5, .5, 0}, {0, .5, .5}}});
    const urns::sequences fine{{{1, 0, 0, 1}}};
    const auto p = r::predict(m, fine);
    CHECK(p.values(0, 2, 2) == 0);
    CHECK(p.values(0, 2, 0) == .5);
    const urns::sequences impossible{{{1, 1, 1, 1}, {0, 1, 2, 1}}};
    CHECK_THROWS_WITH_AS((void)r::predict(m, impossible),
                         "rationale::predict: memorizing gives probability 0 to what sequence 1 shows before event 3",
                         r::impossible_context_error);
    const auto masked = r::predict(m, impossible, r::sequential{}, r::impossible_context::mask);
    CHECK(masked.values(1, 2, 0) == .5);
    CHECK(std::isnan(masked.values(1, 3, 0)));
    CHECK(masked.log_evidence(1, 3) == -std::numeric_limits<double>::infinity());
    CHECK(masked.values(0, 3, 1) == .5);
}

TEST_CASE("empty batches, single positions, misfits") {
    using urns = r::balls_and_urns<>;
    const urns family({.categories = 3});
    const r::generalizing<urns> g(family);
    CHECK(r::predict(g, urns::sequences{r::filled<std::int32_t, 2>({0, 5}, 0)}).values.size() == 0);
    CHECK(r::predict(g, urns::sequences{r::filled<std::int32_t, 2>({2, 1}, 0)}).values(1, 0, 2) == doctest::Approx(1.0 / 3));
    CHECK_THROWS_WITH_AS((void)r::predict(g, urns::sequences{{{0, 3}}}),
                         "rationale::predict: tokens holds 3 at flat position 1, must be in 0..2", std::invalid_argument);
    CHECK_THROWS_AS(r::memorizing<urns>(family, urns::task_table{{{.5, .5}}}), std::invalid_argument);
    CHECK_THROWS_AS(r::memorizing<urns>(family, urns::task_table{{{.5, .3, .1}}}), std::invalid_argument);
    CHECK_THROWS_WITH_AS(urns({.categories = 3, .concentration = {1, 0, 1}}),
                         "rationale::balls_and_urns: concentration is 0, must be a finite number above 0", std::invalid_argument);
    CHECK_THROWS_AS(r::balls_and_urns<4>({.categories = 3}), std::invalid_argument);
    CHECK_THROWS_AS(r::linear_regression<>({.dimensions = 0}), std::invalid_argument);
}
