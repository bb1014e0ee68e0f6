#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "rationale/rationale.hpp"

namespace r = rationale;

namespace {
template <class F>
void between_m_and_g(const F& family, double tolerance) {
    const r::seen_tasks<F> seen(family, r::sample_tasks(family, r::own_prior(family), 20, 1));
    const auto own = r::own_prior(family);
    const auto q = r::sample_sequences(family, own, 7, 15, 2).sequences;
    const auto m = r::predict(r::memorizing<F>(family, seen), q), g = r::predict(r::generalizing<F>(family), q);
    using mixed = r::mixture_of<r::seen_tasks<F>, std::remove_cvref_t<decltype(own)>>;
    for (double p : {0., .3, 1.}) {
        const r::bayes<F, mixed> strategy(family, mixed({p, 1 - p}, seen, own));
        const auto b = r::predict(strategy, q);
        for (std::size_t s = 0; s < 7; ++s)
            for (std::size_t t = 0; t <= 15; ++t) {
                const double a = p * std::exp(m.log_evidence(s, t)), c = (1 - p) * std::exp(g.log_evidence(s, t));
                CHECK(b.log_evidence(s, t) == doctest::Approx(std::log(a + c)).epsilon(tolerance));
                for (std::size_t k = 0; t < 15 && k < family.outcomes(); ++k)
                    CHECK(b.values(s, t, k) ==
                          doctest::Approx((a * m.values(s, t, k) + c * g.values(s, t, k)) / (a + c)).epsilon(tolerance));
            }
        const auto evidence = r::log_evidence(strategy, q);
        CHECK(evidence(3, 15) == doctest::Approx(b.log_evidence(3, 15)).epsilon(1e-12));
    }
}
}  // namespace

TEST_CASE("a mixture of seen tasks and own prior is exact Bayes, and M and G at its ends") {
    between_m_and_g(r::balls_and_urns<4>(), 1e-11);
    between_m_and_g(r::linear_regression<2>({.noise_variance = .5}), 1e-10);
}

TEST_CASE("where one part excludes the context the other predicts, and where both do nobody") {
    using urns = r::balls_and_urns<3>;
    const urns family;
    const r::seen_tasks<urns> seen(family, {{{.5, .5, 0}}});
    const urns::sequences q{{{0, 2, 2, 1}}};
    using mixed = r::mixture_of<r::seen_tasks<urns>, r::dirichlet>;
    const auto b = r::predict(r::bayes<urns, mixed>(family, mixed({.9, .1}, seen, r::own_prior(family))), q);
    const auto g = r::predict(r::generalizing<urns>(family), q);
    for (std::size_t k = 0; k < 3; ++k) CHECK(b.values(0, 3, k) == doctest::Approx(g.values(0, 3, k)).epsilon(1e-13));
    using twice = r::mixture_of<r::seen_tasks<urns>, r::seen_tasks<urns>>;
    const r::bayes<urns, twice> none(family, twice({1, 1}, seen, seen));
    CHECK_THROWS_AS((void)r::predict(none, q), r::impossible_context_error);
    const auto masked = r::predict(none, q, r::sequential{}, r::impossible_context::mask);
    CHECK(std::isnan(masked.values(0, 2, 0)));
    CHECK(masked.log_evidence(0, 2) == r::kernel::minus_infinity);
}

TEST_CASE("mixtures mix whatever is a prior, mixtures too, and draw from it") {
    using urns = r::balls_and_urns<3>;
    const urns family;
    const r::seen_tasks<urns> seen(family, {{{.2, .3, .5}, {.8, .1, .1}}});
    const r::remembered faint(family, seen, 4.);
    const r::mixture_of inner({1, 2}, seen, faint);
    const r::mixture_of outer(std::array<double, 2>{3., 1.}, inner, r::own_prior(family));
    CHECK(outer.size() == 5);
    double sum = 0;
    for (std::size_t d = 0; d < outer.size(); ++d) sum += std::exp(outer.log_weight(d));
    CHECK(sum == doctest::Approx(1));
    CHECK(outer.log_weight(4) == doctest::Approx(std::log(.25)));
    using prior = std::remove_cvref_t<decltype(outer)>;
    const auto q = r::sample_sequences(family, outer, 5, 10, 2).sequences;
    const r::bayes<urns, prior> strategy(family, outer);
    CHECK(strategy.name() == "mixture");
    const auto b = r::predict(strategy, q);
    for (std::size_t t = 0; t < 10; ++t)
        CHECK(b.values(2, t, 0) + b.values(2, t, 1) + b.values(2, t, 2) == doctest::Approx(1).epsilon(1e-13));
    const auto drawn = r::sample_tasks(family, outer, 20000, 3);
    double first = 0;
    for (std::size_t i = 0; i < 20000; ++i) first += (drawn.tasks(i, 0) == .2) / 20000.;
    CHECK(first == doctest::Approx(.75 / 3 / 2).epsilon(.05));
    CHECK_THROWS_WITH_AS(r::mixture_of(std::array<double, 2>{-1, 1}, seen, seen),
                         "rationale::mixture_of: a mass is -1, must be finite and not negative", std::invalid_argument);
    CHECK_THROWS_AS(r::mixture_of(std::array<double, 2>{0, 0}, seen, seen), std::invalid_argument);
}
