#include "rationale/universality/hypothesis_mass.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <vector>

#include "rationale/prior/hypotheses.hpp"
#include "rationale/prior/sample.hpp"
#include "support/effort.hpp"

namespace r = rationale;

namespace {
using coins = r::balls_and_urns<2>;

coins::task_table coin(double p) { return {{{p, 1 - p}}}; }
}  // namespace

TEST_CASE("masses that few draws meet, tolerances that are none or infinite, tasks that are not there") {
    // P(KL(w || u) <= 1/2) = P(u_0 >= exp(-1/2)) of u_0 ~ Beta(100, 200): the incomplete beta function has log -48.8.
    const r::balls_and_urns<3> family({.concentration = {100, 100, 100}});
    const r::balls_and_urns<3>::task_table corner{{{1., 0., 0.}}};
    const r::dirichlet prior({100., 100., 100.});
    const auto found = mass_within(family, prior, corner, 0, .5);
    CHECK(found.log == doctest::Approx(-48.8).epsilon(.01));
    CHECK(found.log_lower < found.log);
    CHECK(found.log_upper > found.log);
    const double infinite = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(mass_within(family, prior, corner, 0, infinite).log == 0);
    CHECK(mass_within(coins(), r::dirichlet({1., 1.}), coin(.3), 0, infinite).log == 0);
    CHECK_THROWS_WITH((void)mass_within(family, prior, corner, 0, nan), "rationale::mass_within: eps is not a number, must be at least 0");
    CHECK_THROWS_WITH((void)mass_within(family, prior, corner, 1, .5), "rationale::mass_within: the task is 1, must be below 1");
}

TEST_CASE("divergences between tasks are the sums and integrals that they stand for") {
    const r::balls_and_urns<3> urns;
    const r::balls_and_urns<3>::task_table a{{{.2, .3, .5}, {0, .25, .75}, {1, 0, 0}}};
    const r::task_divergence<r::balls_and_urns<3>> of_urns(urns, a);
    const double infinite = std::numeric_limits<double>::infinity();
    CHECK(r::divergences_from(of_urns, a, 0) == std::vector{0., infinite, infinite});
    const auto from_second = r::divergences_from(of_urns, a, 1);
    CHECK(from_second[0] == doctest::Approx(.25 * std::log(.25 / .3) + .75 * std::log(1.5)).epsilon(1e-14));
    CHECK(from_second[1] < 1e-15);
    CHECK(r::divergences_from(of_urns, a, 2)[0] == doctest::Approx(-std::log(.2)).epsilon(1e-14));

    // log p(y | task) - log p(y | other), averaged over y, or over x and y.
    const auto grid = r::gauss_legendre(400, -14, 14);
    const auto log_density = [](double y, double m, double v) { return -.5 * ((y - m) * (y - m) / v + std::log(v)); };
    const auto kl = [&](double m, double v, double n, double u) {
        double sum = 0;
        for (std::size_t i = 0; i < grid.size(); ++i) {
            const double y = m + std::sqrt(v) * grid.value[i];
            sum += grid.width[i] * std::exp(-.5 * grid.value[i] * grid.value[i]) / std::sqrt(2 * 3.14159265358979323846) *
                   (log_density(y, m, v) - log_density(y, n, u));
        }
        return sum;
    };
    const r::gaussian_location location;
    const r::gaussian_location::task_table b{{{.5, 2}, {-1, .7}}};
    CHECK(r::divergences_from(r::task_divergence<r::gaussian_location>(location, b), b, 0)[1] ==
          doctest::Approx(kl(.5, 2, -1, .7)).epsilon(1e-11));
    const r::linear_regression<2> line({.noise_variance = .3, .input_variance = 2});
    const r::linear_regression<2>::task_table c{{{1, .5}, {.2, -.4}}};
    double over_inputs = 0;  // w.x differs by a Gaussian number of variance 2 |w - w'|^2
    for (std::size_t i = 0; i < grid.size(); ++i)
        over_inputs += grid.width[i] * std::exp(-.5 * grid.value[i] * grid.value[i]) / std::sqrt(2 * 3.14159265358979323846) *
                       kl(std::sqrt(2 * (.64 + .81)) * grid.value[i], .3, 0, .3);
    CHECK(r::divergences_from(r::task_divergence<r::linear_regression<2>>(line, c), c, 0)[1] ==
          doctest::Approx(over_inputs).epsilon(1e-11));

    const r::finite_function<3> maps({.inputs = 3, .noise = .3});
    const r::finite_function<3>::task_table f{{{0, 1, 2}, {0, 2, 2}}};
    double nats = 0;
    for (int x = 0; x < 3; ++x)
        for (int y = 0; y < 3; ++y) {
            const double p = f.tasks(0, x) == y ? .8 : .1, q = f.tasks(1, x) == y ? .8 : .1;
            nats += p * std::log(p / q) / 3;
        }
    CHECK(r::divergences_from(r::task_divergence<r::finite_function<3>>(maps, f), f, 0)[1] == doctest::Approx(nats).epsilon(1e-13));
    const r::finite_function<3> exact({.inputs = 3});
    CHECK(r::divergences_from(r::task_divergence<r::finite_function<3>>(exact, f), f, 0) == std::vector{0., infinite});
}

TEST_CASE("the mass about a coin is that of an interval") {
    const coins family;
    // Uniform prior: the interval's length. Its ends have the divergence.
    for (double p : {0., .1, .5, .93, 1.})
        for (double eps : {1e-6, .01, .3, 2.}) {
            const double from = r::detail::binary_divergence_reaches(p, eps, -1), to = r::detail::binary_divergence_reaches(p, eps, 1);
            const double low = 1 / (1 + std::exp(-from)), high = 1 / (1 + std::exp(-to));
            const auto kl = [p](double z) {
                return (p > 0 ? p * std::log(p * (1 + std::exp(-z))) : 0) + (p < 1 ? (1 - p) * std::log((1 - p) * (1 + std::exp(z))) : 0);
            };
            CHECK((low == 0) == (p == 0));
            CHECK((high == 1) == (p == 1));
            if (p > 0) CHECK(kl(from) == doctest::Approx(eps).epsilon(1e-9));
            if (p < 1) CHECK(kl(to) == doctest::Approx(eps).epsilon(1e-9));
            const auto mass = mass_within(family, r::dirichlet({1, 1}), coin(p), 0, eps);
            CHECK(std::exp(mass.log) == doctest::Approx(high - low).epsilon(1e-10));
            CHECK(mass.log_lower == mass.log_upper);
        }
    // Beta(a, b) with a polynomial distribution function: x^3 (4 - 3x) for (3, 2), and 1 - (1-x)^(1/8) for (1, 1/8).
    const double low = 1 / (1 + std::exp(-r::detail::binary_divergence_reaches(.3, .05, -1)));
    const double high = 1 / (1 + std::exp(-r::detail::binary_divergence_reaches(.3, .05, 1)));
    const auto cdf = [](double x) { return x * x * x * (4 - 3 * x); };
    CHECK(std::exp(mass_within(family, r::dirichlet({3, 2}), coin(.3), 0, .05).log) ==
          doctest::Approx(cdf(high) - cdf(low)).epsilon(1e-11));
    CHECK(std::exp(mass_within(family, r::dirichlet({1, .125}), coin(1), 0, .05).log) ==
          doctest::Approx(std::pow(-std::expm1(-.05), .125)).epsilon(1e-11));
    // No tolerance, no mass; of a small one the interval is 2 sqrt(2 eps/(p (1-p))) long in the logit.
    for (const double p : {.3, .5, .9}) {
        CHECK(mass_within(family, r::dirichlet({1, 1}), coin(p), 0, 0).log == -std::numeric_limits<double>::infinity());
        for (const double eps : {1e-15, 1e-12, 1e-9})
            CHECK(std::exp(mass_within(family, r::dirichlet({1, 1}), coin(p), 0, eps).log) ==
                  doctest::Approx(2 * std::sqrt(2 * eps * p * (1 - p))).epsilon(1e-16 / std::sqrt(eps) * 3 + eps));
    }
    // Beliefs in coins that always fall alike, by SciPy 1.10: log betainc(a, b, 1 - e^-eps).
    CHECK(mass_within(family, r::dirichlet({1e-6, 1e-6}), coin(0), 0, .01).log == doctest::Approx(-0.69315178072434).epsilon(1e-11));
    CHECK(mass_within(family, r::dirichlet({1e-8, 2e-8}), coin(0), 0, .1).log == doctest::Approx(-0.40546513062984874).epsilon(1e-11));
    CHECK(mass_within(family, r::dirichlet({2e-8, 1e-8}), coin(1), 0, .1).log == doctest::Approx(-0.40546513062984874).epsilon(1e-11));
    CHECK(mass_within(family, r::dirichlet({1e-3, .5}), coin(0), 0, .05).log == doctest::Approx(-0.0043804610782963395).epsilon(1e-10));
    // Sharp and flat beliefs: all of the mass.
    for (double a : {.02, 1., 3e4})
        for (double b : {.02, 5., 1e5}) CHECK(std::abs(r::detail::log_beta_probability(a, b, -1e300, 1e300)) < 1e-10);
}

TEST_CASE("the mass about a weight vector is that of a ball") {
    // One dimension: an interval. Two, about the mean: 1 - exp(-r^2/2 variance).
    const r::linear_regression<1> line({.noise_variance = .5, .input_variance = 2});
    const auto below = [](double x) { return .5 * std::erfc(-x / std::sqrt(2.)); };
    for (double w : {0., 1.5})
        for (double eps : {1e-4, .2, 3.}) {
            const double radius = std::sqrt(2 * .5 * eps / 2), spread = std::sqrt(.7);
            CHECK(std::exp(mass_within(line, r::gaussian({.2}, .7), {{{w}}}, 0, eps).log) ==
                  doctest::Approx(below((w + radius - .2) / spread) - below((w - radius - .2) / spread)).epsilon(1e-10));
        }
    const r::linear_regression<2> plane({.noise_variance = .1});
    CHECK(std::exp(mass_within(plane, r::gaussian({.3, -1}, .7), {{{.3, -1}}}, 0, .4).log) ==
          doctest::Approx(-std::expm1(-.08 / 1.4)).epsilon(1e-12));
}

TEST_CASE("finitely many tasks are counted, and as many of a continuous prior's as its mass says") {
    CHECK(std::exp(r::mass_within(std::vector{0., .1, .2, 9.}, std::vector{.1, .2, .3, .4}, .1).log) == doctest::Approx(.3));
    CHECK(r::mass_within(std::vector{1.}, std::vector{1.}, .5).bits() == std::numeric_limits<double>::infinity());
    CHECK(r::mass_within(std::vector{1.}, std::vector{1.}, 1).bits() == 0);

    // 200 sampled masses: the exact one lies in the interval of 95 % of them.
    const coins family;
    const r::dirichlet prior({2, .7});
    const r::linear_regression<3> line({.noise_variance = .4});
    const r::gaussian spread(std::vector<double>(3), 1.);
    const r::linear_regression<3>::task_table w{{{.5, 0, -.3}}};
    const double of_coins = mass_within(family, prior, coin(.6), 0, .02).log, of_lines = mass_within(line, spread, w, 0, .3).log;
    int coins_held = 0, lines_held = 0;
    const std::size_t draws = 1000;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const auto a = r::sampled_mass_within(family, prior, coin(.6), 0, .02, {.draws = draws, .seed = seed});
        const auto b = r::sampled_mass_within(line, spread, w, 0, .3, {.draws = draws, .seed = seed});
        coins_held += a.log_lower <= of_coins && of_coins <= a.log_upper;
        lines_held += b.log_lower <= of_lines && of_lines <= b.log_upper;
    }
    CHECK(coins_held >= 181);  // Binomial(200, .95) is below that once in 300
    CHECK(coins_held < 200);
    CHECK(lines_held >= 181);
    CHECK(lines_held < 200);
    const auto none = r::sampled_mass_within(line, spread, {{{90, 0, 0}}}, 0, .3, {.draws = 100});
    CHECK(none.log == -std::numeric_limits<double>::infinity());
    CHECK(std::exp(none.log_upper) == doctest::Approx(.037).epsilon(.01));
}

TEST_CASE("urns of more categories are sampled by importance, also where the prior itself never draws one that is near") {
    // Dirichlet(1, 1, 1): the first share is Beta(1, 2), and KL((1, 0, 0) || u) = -log u_1.
    const r::balls_and_urns<3> three;
    const r::balls_and_urns<3>::task_table corner{{{1, 0, 0}}};
    for (double eps : {1e-6, .01, 1., 50.}) {
        const auto mass = mass_within(three, r::dirichlet({1, 1, 1}), corner, 0, eps);
        const double exact = 2 * std::log(-std::expm1(-eps));
        CHECK(std::abs(mass.log - exact) < .1);
        CHECK(mass.log_upper - mass.log_lower < .2);
    }
    CHECK(mass_within(three, r::dirichlet({1, 1, 1}), corner, 0, 0).log == -std::numeric_limits<double>::infinity());
    // The interval of 95 % holds the exact mass, here of coins, whose masses are known.
    int wide = 0, narrow = 0, sharp = 0;
    const coins family;
    const std::vector<double> a{2, .7}, w{.6, .4};
    const double of_wide = mass_within(family, r::dirichlet(a), coin(.6), 0, .5).log;
    const double of_narrow = mass_within(family, r::dirichlet(a), coin(.6), 0, 1e-7).log;
    const double of_sharp = mass_within(family, r::dirichlet({60, 10}), coin(.6), 0, .05).log;  // a belief whose middle lies outside
    CHECK(of_narrow < -6);
    CHECK(of_sharp < -1);
    const auto about = [&](const std::vector<double>& prior, double eps, const r::mass_options& options) {
        return r::detail::sampled_rows_mass(prior, w, std::array{1.0}, eps, options);
    };
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const auto holds = [](const r::prior_mass& m, double log) { return m.log_lower <= log && log <= m.log_upper; };
        wide += holds(about(a, .5, {.draws = 500, .seed = seed}), of_wide);
        narrow += holds(about(a, 1e-7, {.draws = 500, .seed = seed}), of_narrow);
        sharp += holds(about({60, 10}, .05, {.draws = 500, .seed = seed}), of_sharp);
    }
    for (const int held : {wide, narrow, sharp}) {
        CHECK(held >= 181);
        CHECK(held < 200);
    }
}

TEST_CASE("bits of remembered tasks are those of naming each") {
    const coins family;
    const r::seen_tasks<coins> seen(family, {{{.5, .5}, {.9, .1}}});
    const auto prior = r::own_prior(family);
    CHECK(r::bits_within(family, prior, seen, .01).bits == doctest::Approx(mass_within(family, prior, seen.table(), 0, .01).bits() +
                                                                           mass_within(family, prior, seen.table(), 1, .01).bits()));
    // A quarter of the divergence is half the radius: a bit more for each of d coordinates.
    const r::linear_regression<3> line({.noise_variance = .1});
    const r::seen_tasks<r::linear_regression<3>> weights(line, r::sample_tasks(line, r::own_prior(line), 10, 1));
    CHECK(r::bits_within(line, r::own_prior(line), weights, 1e-6 / 4).bits - r::bits_within(line, r::own_prior(line), weights, 1e-6).bits ==
          doctest::Approx(30).epsilon(1e-4));
    const r::finite_function<2> maps({.inputs = 4, .noise = .1});
    const auto all = r::hypotheses(maps, 16, [](std::size_t h, std::size_t x) { return h >> x & 1; });
    CHECK(r::bits_within(maps, all, r::seen_tasks<r::finite_function<2>>(maps, all.table()), .01, {.draws = 20000}).bits ==
          doctest::Approx(64).epsilon(.02));
}

TEST_CASE("the mass about a chain is that of its rows, each by how often it is read") {
    // Two rows of two tokens: an integral over the first row's logit of the second row's interval.
    using chains = r::markov_chain<2, 1>;
    const chains family({.concentration = {2, .7}});
    const chains::task_table chain{{{{.8, .2}, {.5, .5}}}};
    const double often = .5 / .7, rarely = .2 / .7, eps = .03;  // stationary: .2 often = .5 rarely
    const auto binary = [](double p, double z) { return p * std::log(p) + (1 - p) * std::log(1 - p) - p * z + r::detail::softplus(z); };
    const double low = r::detail::binary_divergence_reaches(.8, eps / often, -1),
                 high = r::detail::binary_divergence_reaches(.8, eps / often, 1);
    const double of_beta = std::lgamma(2.7) - std::lgamma(2.) - std::lgamma(.7);
    double exact = 0;
    // In the sine of an angle the second interval, which shrinks as a square root does at the ends, is smooth.
    const auto angles = r::gauss_legendre(200, -std::acos(-1.) / 2, std::acos(-1.) / 2);
    for (std::size_t i = 0; i < angles.size(); ++i) {
        const double z = .5 * (low + high) + .5 * (high - low) * std::sin(angles.value[i]);
        const double left = (std::max)(0., (eps - often * binary(.8, z)) / rarely);
        const double second = std::exp(r::detail::log_beta_probability(2, .7, r::detail::binary_divergence_reaches(.5, left, -1),
                                                                       r::detail::binary_divergence_reaches(.5, left, 1)));
        exact += angles.width[i] * .5 * (high - low) * std::cos(angles.value[i]) * second *
                 std::exp(of_beta + 2 * z - 2.7 * r::detail::softplus(z));
    }
    const auto prior = r::own_prior(family);
    int held = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const auto mass = mass_within(family, prior, chain, 0, eps, {.draws = 500, .seed = seed});
        CHECK(std::abs(mass.log - std::log(exact)) < .5);
        held += mass.log_lower <= std::log(exact) && std::log(exact) <= mass.log_upper;
    }
    CHECK(held >= 181);
    CHECK(held < 200);
    // A row that is never left is the only one that is read. A chain of order 0 is an urn.
    const chains::task_table stays{{{{.3, .7}, {0, 1}}}};
    const auto one_row = mass_within(family, prior, stays, 0, .02, {.draws = 20000});
    const double of_coin = mass_within(coins(), r::dirichlet({2, .7}), coin(0), 0, .02).log;
    CHECK(one_row.log_lower < of_coin);
    CHECK(of_coin < one_row.log_upper);
    CHECK(one_row.log_upper - one_row.log_lower < .1);
    const r::markov_chain<3, 0> urn({.order = 0});
    const r::balls_and_urns<3> urns;
    const auto as_urn = mass_within(urns, r::own_prior(urns), {{{.2, .3, .5}}}, 0, .01);
    CHECK(mass_within(urn, r::own_prior(urn), {{{{.2, .3, .5}}}}, 0, .01).log == doctest::Approx(as_urn.log).epsilon(1e-12));
    // Of order 2 a row is the last two tokens, the older first: behind 0 1 a 0, behind 1 0 a 1.
    const auto shares = r::detail::shares_of_rows(std::vector{.5, .5, 1., 0., 0., 1., .5, .5}, 2);
    for (std::size_t row = 0; row < 4; ++row) CHECK(shares[row] == doctest::Approx(row == 1 || row == 2 ? .5 : 0));
}

TEST_CASE("the mass about an item is that of a ball and of its label") {
    // Items of one dimension: an interval.
    using items = r::classification<1, 4>;
    const items family({.item_variance = .5, .within_class_variance = .3});
    const items::task_table item{{{.4}}, {2}};
    const double radius = std::sqrt(2 * .3 * .5 * .1);
    const auto below = [](double x) { return .5 * std::erfc(-x / std::sqrt(2.)); };
    const auto mass = mass_within(family, r::own_prior(family), item, 0, .1);
    CHECK(std::exp(mass.log) ==
          doctest::Approx(.25 * (below((.4 + radius) / std::sqrt(.5)) - below((.4 - radius) / std::sqrt(.5)))).epsilon(1e-10));
    CHECK(mass.log_lower == mass.log);
    static_assert(r::weighed_tasks<items> && r::weighed_tasks<r::markov_chain<2, 1>>);
    static_assert(!r::weighed_tasks<r::feature_regression<r::fourier_basis>>);
}

TEST_CASE("the mass about a function is that of those which differ in few inputs") {
    const r::finite_function<3> maps({.inputs = 4, .noise = .2});
    const r::finite_function<3>::task_table f{{{0, 1, 2, 2}}};
    const auto all = r::hypotheses(maps, 81, [](std::size_t h, std::size_t x) {
        return h / std::array<std::size_t, 4>{1, 3, 9, 27}[x] % 3;
    });
    const auto kl = r::divergences_from(r::task_divergence<r::finite_function<3>>(maps, all.table()), f);
    for (double eps : {0., .1, .5, 1., 1.2, 3.})
        CHECK(mass_within(maps, r::own_prior(maps), f, 0, eps).log ==
              doctest::Approx(r::mass_within(kl, std::vector<double>(81, 1. / 81), eps).log).epsilon(1e-12));
    const r::finite_function<3> exact({.inputs = 4});
    CHECK(mass_within(exact, r::own_prior(exact), f, 0, 9).bits() == doctest::Approx(4 * std::log2(3.)).epsilon(1e-12));
}

TEST_CASE("the mass about a location is an integral over its variance") {
    using location = r::gaussian_location;
    const location::task_table task{{{.4, 1.5}}};
    const auto below = [](double x) { return .5 * std::erfc(-x / std::sqrt(2.)); };
    // A known variance: an interval of means.
    const location known({.mean = .1, .strength = .5, .noise_variance = 1.3});
    const double radius = std::sqrt(1.3 * (2 * .05 - std::log(1.3 / 1.5) - 1.5 / 1.3 + 1)), spread = std::sqrt(1.3 / .5);
    CHECK(std::exp(mass_within(known, r::own_prior(known), task, 0, .05).log) ==
          doctest::Approx(below((.3 + radius) / spread) - below((.3 - radius) / spread)).epsilon(1e-10));
    CHECK(mass_within(known, r::own_prior(known), task, 0, 1e-4).log == -std::numeric_limits<double>::infinity());
    // Otherwise the same at every variance, summed up over equal steps of it.
    const location both({.mean = .1, .strength = .5, .noise_variance = 1.3, .shape = 3});
    const auto prior = r::own_prior(both);
    for (double eps : {.001, .2}) {
        const double from = 1.5 * std::exp(r::detail::log_variance_reaches(2 * eps, -1)),
                     to = 1.5 * std::exp(r::detail::log_variance_reaches(2 * eps, 1));
        double sum = 0;
        const int steps = 1000000;
        for (int i = 0; i < steps; ++i) {
            const double v = from + (to - from) * (i + .5) / steps;
            const double half = std::sqrt(v * (std::max)(0., 2 * eps - std::log(v / 1.5) - 1.5 / v + 1));
            const double density = std::exp(3 * std::log(2 * 1.3) - std::lgamma(3.) - 4 * std::log(v) - 2 * 1.3 / v);
            sum += (to - from) / steps * density * (below((.3 + half) / std::sqrt(v / .5)) - below((.3 - half) / std::sqrt(v / .5)));
        }
        CHECK(std::exp(mass_within(both, prior, task, 0, eps).log) == doctest::Approx(sum).epsilon(1e-8));
    }
    // To all digits by SciPy 1.10: quad over the angle whose sine moves log v between the ends.
    CHECK(std::exp(mass_within(both, prior, task, 0, .001).log) == doctest::Approx(1.1352382815905148e-03).epsilon(1e-12));
    CHECK(std::exp(mass_within(both, prior, task, 0, .2).log) == doctest::Approx(1.9639501705930429e-01).epsilon(1e-12));
    // A belief about the variance that is far narrower than what the tolerance allows, likewise.
    const location::task_table other{{{.3, 1.1}}};
    for (const auto& [shape, eps, mass] :
         {std::array{200., 100., 1.}, {1e3, 30., 1.}, {1e4, 3., 0.9811700270390963}, {1e5, 1., 0.8236519827904978}}) {
        const location narrow({.mean = 0, .strength = 1, .noise_variance = 1, .shape = shape});
        CHECK(std::exp(mass_within(narrow, r::own_prior(narrow), other, 0, eps).log) == doctest::Approx(mass).epsilon(1e-10));
    }
    CHECK(mass_within(both, prior, task, 0, 0).log == -std::numeric_limits<double>::infinity());
    const double log = mass_within(both, prior, task, 0, .2).log;
    int held = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const auto sampled = r::sampled_mass_within(both, prior, task, 0, .2, {.draws = 1000, .seed = seed});
        held += sampled.log_lower <= log && log <= sampled.log_upper;
    }
    CHECK(held >= 181);
    CHECK(held < 200);
}

TEST_CASE("some of the tasks stand for all, with an error that says how far off they may be") {
    const coins family;
    const auto prior = r::own_prior(family);
    const r::seen_tasks<coins> seen(family, r::sample_tasks(family, prior, 300, 1));
    using urns = r::balls_and_urns<3>;
    const urns three;
    const r::seen_tasks<urns> sampled(three, r::sample_tasks(three, r::own_prior(three), 60, 1));
    const auto all = r::bits_within(family, prior, seen, .03);
    CHECK(all.standard_error == 0);
    const double of_three = r::bits_within(three, r::own_prior(three), sampled, .03, {.draws = 20000, .seed = 1u << 30}).bits;
    int held = 0, held_sampled = 0, held_both = 0;
    for (std::uint64_t i = 0; i < 200; ++i) {
        const auto holds = [](const r::summed_bits& b, double bits) { return std::abs(b.bits - bits) <= 1.96 * b.standard_error; };
        const std::uint64_t seed = 1000 * i;
        held += holds(r::bits_within(family, prior, seen, .03, {.seed = seed, .tasks = 60}), all.bits);
        held_sampled += holds(r::bits_within(three, r::own_prior(three), sampled, .03, {.draws = 200, .seed = seed}), of_three);
        held_both += holds(r::bits_within(three, r::own_prior(three), sampled, .03, {.draws = 200, .seed = seed, .tasks = 30}), of_three);
    }
    for (const int h : {held, held_sampled, held_both}) {
        CHECK(h >= 181);  // Binomial(200, .95) is below that once in 300
        CHECK(h < 200);
    }
}
