// The parts of a fit: derivatives, the minimizer, the split, and what is said of data that determine too little.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rationale/compare/mixing_weights.hpp"
#include "rationale/compare/mixture.hpp"
#include "rationale/compare/mixture_compressor.hpp"
#include "rationale/fit/cell_roles.hpp"
#include "rationale/fit/fit_law.hpp"
#include "rationale/learner/known_laws.hpp"
#include "rationale/random/samplers.hpp"

namespace r = rationale;
using published = r::published_law;

namespace {

/// A recording made from a known law: strategies that predict at random, and a model that is exactly their mixture.
struct world {
    std::vector<r::account> accounts;
    std::vector<std::unique_ptr<std::vector<r::predictions>>> parts;
    std::vector<std::unique_ptr<r::mixture_loss>> losses;
    std::vector<r::fit_cell> cells;

    world(std::size_t strategies, const std::vector<double>& tasks, const std::vector<double>& steps, const r::power_law_evidence& evidence,
          const r::power_simplicity& simplicity, bool means = false) {
        for (std::size_t d = 0; d < tasks.size(); ++d) {
            // The published losses of urns, roughly: memorizing gets worse with D; a constant is simple and bad.
            r::account known{{.16 - .12 / static_cast<double>(1 + d), .162}, {6800 * std::pow(2.0, static_cast<double>(d)), 4416}};
            if (strategies == 3) known.loss.push_back(.5), known.complexity.push_back(1990);
            accounts.push_back(known);
            auto all = std::make_unique<std::vector<r::predictions>>();
            for (std::size_t q = 0; q < strategies; ++q) {
                r::predictions p{means ? r::prediction_kind::mean : r::prediction_kind::distribution,
                                 r::filled<double, 3>({10, 6, means ? 1u : 5u}, 0.0),
                                 {}};
                r::philox rng(d, q);
                const std::vector<double> a(5, .7);
                if (means)
                    for (double& v : p.values) v = r::standard_normal(rng);
                else
                    for (std::size_t i = 0; i < p.values.size(); i += 5) r::sample_dirichlet(rng, a, {p.values.data() + i, 5});
                all->push_back(std::move(p));
            }
            const r::mixture_compressor compress(*all);
            for (double n : steps) {
                const r::training at{.steps = n, .tasks = tasks[d]};
                losses.push_back(std::make_unique<r::mixture_loss>(
                    compress(r::mixture(*all, r::softmax(r::log_posterior(r::published_law{evidence, simplicity}, known, at))))));
                cells.push_back({d, at, losses.back().get()});
            }
            parts.push_back(std::move(all));
        }
    }
};

const std::vector<double> some_tasks{4, 8, 16, 32, 64, 128}, some_steps{20, 100, 500, 2000, 6000, 15000, 30000};

}  // namespace

TEST_CASE("a jet carries the exact first and second derivatives") {
    using jet = r::jet<2>;
    const auto f = [](const auto& x, const auto& y) {
        using std::exp, std::log, std::pow;
        return exp(x * y) / (y + 2.0) - log(x) * pow(y, x) + -x;
    };
    const double x = 1.3, y = .7, e = 1e-4;
    const jet j = f(jet::variable(x, 0), jet::variable(y, 1));
    CHECK(j.value == doctest::Approx(f(x, y)).epsilon(1e-15));
    CHECK(j.gradient[0] == doctest::Approx((f(x + e, y) - f(x - e, y)) / (2 * e)).epsilon(1e-7));
    CHECK(j.gradient[1] == doctest::Approx((f(x, y + e) - f(x, y - e)) / (2 * e)).epsilon(1e-7));
    CHECK(j.hessian[0] == doctest::Approx((f(x + e, y) - 2 * f(x, y) + f(x - e, y)) / (e * e)).epsilon(1e-5));
    CHECK(j.hessian[3] == doctest::Approx((f(x, y + e) - 2 * f(x, y) + f(x, y - e)) / (e * e)).epsilon(1e-5));
    CHECK(j.hessian[1] ==
          doctest::Approx((f(x + e, y + e) - f(x + e, y - e) - f(x - e, y + e) + f(x - e, y - e)) / (4 * e * e)).epsilon(1e-5));
    CHECK(j.hessian[1] == doctest::Approx(j.hessian[2]).epsilon(1e-14));
}

TEST_CASE("the objective's gradient and Hessian are its own, for two and three strategies, distributions and means") {
    for (std::size_t n : {2u, 3u})
        for (bool means : {false, true}) {
            const world w(n, {4, 8}, {100, 3000}, {.5, 1}, {.2}, means);
            const r::law_objective f(r::law_of<published>(), w.accounts, w.cells);
            const std::vector<double> at{.4, std::log(1.4), std::log(.17)};
            const auto d = f(at);
            CHECK(d.value == doctest::Approx(f.value(at)).epsilon(1e-12));
            for (std::size_t i = 0; i < 3; ++i) {
                auto up = at, down = at;
                up[i] += 1e-5, down[i] -= 1e-5;
                CHECK(d.gradient[i] == doctest::Approx((f.value(up) - f.value(down)) / 2e-5).epsilon(1e-5));
                for (std::size_t j = 0; j < 3; ++j)
                    CHECK(d.hessian[i * 3 + j] == doctest::Approx((f(up).gradient[j] - f(down).gradient[j]) / 2e-5).epsilon(1e-5));
            }
        }
}

TEST_CASE("projected Newton: bounds are reached exactly, a curved valley is followed") {
    struct rosenbrock {
        double value(std::span<const double> x) const { return 100 * std::pow(x[1] - x[0] * x[0], 2) + std::pow(1 - x[0], 2); }
        r::second_order operator()(std::span<const double> x) const {
            return {value(x),
                    {-400 * x[0] * (x[1] - x[0] * x[0]) - 2 * (1 - x[0]), 200 * (x[1] - x[0] * x[0])},
                    {1200 * x[0] * x[0] - 400 * x[1] + 2, -400 * x[0], -400 * x[0], 200}};
        }
    };
    const auto free = r::projected_newton(rosenbrock{}, {-1.2, 1}, {{-5, -5}, {5, 5}});
    CHECK(free.point[0] == doctest::Approx(1).epsilon(1e-10));
    CHECK_FALSE(free.at_bound[0]);
    const auto held = r::projected_newton(rosenbrock{}, {-1.2, 1}, {{-5, -5}, {.5, 5}});
    CHECK(held.point[0] == .5);
    CHECK(held.at_bound[0]);
    CHECK(held.point[1] == doctest::Approx(.25).epsilon(1e-10));
}

TEST_CASE("a law comes back from the recording that it made") {
    for (std::size_t n : {2u, 3u})
        for (bool means : {false, true}) {
            const world w(n, some_tasks, some_steps, {.62, .9}, {.21}, means);
            const auto f = r::fit_law(r::law_of<published>(), w.accounts, w.cells);
            CHECK(std::abs(f.objective) < 1e-9);
            CHECK(f.identifiable());
            CHECK(f.as<published>().evidence.alpha == doctest::Approx(.62).epsilon(1e-4));
            CHECK(f.as<published>().evidence.gamma == doctest::Approx(.9).epsilon(1e-3));
            CHECK(f.as<published>().simplicity.beta == doctest::Approx(.21).epsilon(1e-4));
            CHECK(f.reached > 1);
        }
}

TEST_CASE("a law that is given by its weights is fitted as its formula is, within bounds and at them") {
    const auto published_weights = [](std::span<const double> p, const r::account& a, const r::training& n, std::span<double> out) {
        const auto w = r::softmax(r::log_posterior(published{{p[0], p[1]}, {p[2]}}, a, n));
        std::copy(w.begin(), w.end(), out.begin());
    };
    for (double alpha : {.62, 0.})
        for (std::size_t n : {2u, 3u}) {
            const world w(n, some_tasks, some_steps, {alpha, alpha > 0 ? .9 : .02}, {.21}, n == 3);
            const auto typed = r::law_of<published>();
            const r::any_law written("written", {typed.parameters().begin(), typed.parameters().end()}, published_weights);
            const std::vector<double> u{alpha, std::log(.8), std::log(.2)};
            const r::law_objective f(typed, w.accounts, w.cells), g(written, w.accounts, w.cells);
            const auto exact = f(u), differences = g(u);
            CHECK(differences.value == doctest::Approx(exact.value).epsilon(1e-13));
            for (std::size_t i = 0; i < 3; ++i)
                CHECK(std::abs(differences.gradient[i] - exact.gradient[i]) < 1e-9 * std::abs(exact.gradient[i]) + 1e-12);
            for (std::size_t i = 0; i < 9; ++i)
                CHECK(std::abs(differences.hessian[i] - exact.hessian[i]) < 1e-3 * std::abs(exact.hessian[i]));
            // A model that no law explains.
            auto cells = w.cells;
            for (std::size_t i = 0; i < cells.size(); i += 3) cells[i].at.steps *= 2;
            const auto by_type = r::fit_law(typed, w.accounts, cells), by_weights = r::fit_law(written, w.accounts, cells, {64, 6});
            CHECK(by_weights.objective == doctest::Approx(by_type.objective).epsilon(1e-9));
            for (std::size_t i = 0; i < 3; ++i) CHECK(by_weights.values[i] == doctest::Approx(by_type.values[i]).epsilon(1e-5));
            CHECK(by_weights.determined == by_type.determined);
            CHECK(by_weights.at_bound == by_type.at_bound);
        }
}

TEST_CASE("a law that is given by its weights: a search leaves and finds weights of 0") {
    const world w(3, some_tasks, some_steps, {.5, 1}, {.2});
    const auto shares = [](std::span<const double> p, const r::account&, const r::training&, std::span<double> out) {
        out[0] = p[0], out[1] = p[1] * (1 - p[0]), out[2] = (1 - p[1]) * (1 - p[0]);
    };
    const r::any_law law("shares", {{"first", 0, 1, r::search_scale::linear, 0, .9}, {"second", 0, 1, r::search_scale::linear, 0, .9}},
                         shares);
    const auto f = r::fit_law(law, w.accounts, w.cells, {64, 6});
    double best = std::numeric_limits<double>::infinity();
    for (double a = 0; a <= 1; a += .01)
        for (double b = 0; b <= 1; b += .01) best = std::min(best, r::law_objective(law, w.accounts, w.cells).value(std::vector{a, b}));
    CHECK(f.objective <= best);
    CHECK(f.objective > best - 1e-3);
    CHECK(f.optima.size() == 1);  // it is convex in the weights
    CHECK(f.converged == f.starts);
    for (double from : {0., 1 - 1e-12}) {
        const auto again = r::fit_law(law, w.accounts, w.cells, {.initial = std::vector{from, from}});
        CHECK(again.objective == doctest::Approx(f.objective).epsilon(1e-9));
    }
}

TEST_CASE("a law that is given by its weights: weights that are none are refused, and numbers of tasks and steps say nothing") {
    const double infinity = std::numeric_limits<double>::infinity();
    const auto law = [&](const r::weights_formula& weights) {
        std::string name = "share";  // copied
        return r::any_law("constant", {{name, -infinity, infinity, r::search_scale::linear, -1, 1}}, weights);
    };
    double furthest = 0;
    const auto logistic = law([&](std::span<const double> p, const r::account&, const r::training&, std::span<double> w) {
        furthest = std::max(furthest, std::abs(p[0]));
        w[0] = 3 / (1 + std::exp(-p[0])), w[1] = 3 - w[0];  // their sum does not matter
    });
    const world w(2, {8}, {100}, {.5, 1}, {.2});
    const auto f = r::fit_law(logistic, w.accounts, w.cells);
    CHECK(furthest < 100);  // without bounds no search starts at them
    CHECK(f.objective < 1e-11);
    CHECK(f.identifiable());
    CHECK(f.declared()[0].name == "share");
    CHECK(f.converged == f.starts);
    const auto refused = [&](double first, double second) {
        try {
            (void)law([=](auto, const auto&, const auto&, std::span<double> out) {
                out[0] = first, out[1] = second;
            }).weights(std::vector{.5}, w.accounts[0], {});
        } catch (const std::invalid_argument& e) {
            return std::string(e.what());
        }
        return std::string();
    };
    CHECK(refused(1, -.1) == "rationale::any_law: a weight of the law constant is -0.1, must be finite and not negative");
    CHECK(refused(0, 0) == "rationale::any_law: the sum over every weight of the law constant is 0, must be above 0");
    CHECK(refused(3, 1).empty());
    CHECK(logistic.prior_parameters() + logistic.evidence_parameters() == 0);
    CHECK_THROWS_WITH((void)logistic.exposure(std::vector{.5}, {}),
                      "rationale::any_law: the law constant is given by its weights, which have no exposure");
}

TEST_CASE("alpha = 0 is attained when the law has it") {
    const world w(2, some_tasks, some_steps, {0, .02}, {.21});
    const auto f = r::fit_law(r::law_of<published>(), w.accounts, w.cells);
    CHECK(f.as<published>().evidence.alpha < 1e-5);
    CHECK(f.as<published>().evidence.gamma == doctest::Approx(.02).epsilon(1e-3));
}

TEST_CASE("what the data leave open is said, not fitted") {
    const auto says = [](const r::law_fit& f, const char* what) {
        for (const auto& s : f.not_identifiable)
            if (s.find(what) != std::string::npos) return true;
        return false;
    };
    const world single(2, {4}, some_steps, {.62, .9}, {.21});
    const auto one_d = r::fit_law(r::law_of<published>(), single.accounts, single.cells);
    CHECK_FALSE(one_d.identifiable());
    CHECK(says(one_d, "single number of tasks"));
    const world frozen(2, some_tasks, {1000}, {.62, .9}, {.21});
    CHECK(says(r::fit_law(r::law_of<published>(), frozen.accounts, frozen.cells), "single number of steps"));
    // Strategies that predict the same leave everything open.
    world same(2, some_tasks, some_steps, {.62, .9}, {.21});
    for (auto& c : same.cells) {
        auto twins = *same.parts[c.account];
        twins[1] = twins[0];
        same.losses.push_back(std::make_unique<r::mixture_loss>(r::mixture_compressor(twins)(same.parts[c.account]->at(1))));
        c.loss = same.losses.back().get();
    }
    CHECK(says(r::fit_law(r::law_of<published>(), same.accounts, same.cells), "flat profile"));
}

TEST_CASE("fewer cells than parameters, and a cell that nothing explains, are refused") {
    const world w(2, {4}, {10, 100}, {.62, .9}, {.21});
    CHECK_THROWS_WITH_AS((void)(r::fit_law(r::law_of<published>(), w.accounts, w.cells)),
                         "rationale::fit_law: there are 2 cells to fit, must be at least 3, the number of parameters",
                         std::invalid_argument);
    const world one(2, {4}, {10}, {.62, .9}, {.21});
    CHECK_THROWS_WITH_AS((void)(r::fit_law(r::law_of<published>(), one.accounts, one.cells)),
                         "rationale::fit_law: there is 1 cell to fit, must be at least 3, the number of parameters", std::invalid_argument);
    world infinite(2, {4}, {10, 100, 1000}, {.62, .9}, {.21});
    auto parts = *infinite.parts[0];
    parts[0].values(0, 0, 0) = parts[1].values(0, 0, 0) = 0;
    const auto loss = r::mixture_compressor(parts)(infinite.parts[0]->at(0));
    infinite.cells[0].loss = &loss;
    CHECK_THROWS_AS((void)(r::fit_law(r::law_of<published>(), infinite.accounts, infinite.cells)), std::invalid_argument);
    auto elsewhere = w.cells;
    elsewhere.resize(5, elsewhere[0]);
    elsewhere[1].account = 7;
    CHECK_THROWS_WITH((void)r::fit_law(r::law_of<published>(), w.accounts, elsewhere),
                      doctest::Contains("rationale::fit_law: the account of a cell is 7, must be below"));
    CHECK_THROWS_WITH((void)r::fit_law(r::law_of<published>(), w.accounts, std::vector<r::fit_cell>(5)), doctest::Contains("has no loss"));
    CHECK_THROWS_WITH(
        (void)r::fit_law(r::law_of<r::rational_law<r::linear_evidence, r::no_simplicity>>(), w.accounts, w.cells, {.candidates = 0}),
        "rationale::fit_law: candidates is 0, must be at least 1");
}

namespace {
/// A law of the user's own, in ten lines: evidence saturates.
struct saturating_evidence {
    double most = 1, halfway = 100;
    static constexpr double infinity = std::numeric_limits<double>::infinity();
    static constexpr std::array<r::law_parameter, 2> parameters{
        {{"most", 0, infinity, r::search_scale::logarithmic, 1, 1e3}, {"halfway", 0, infinity, r::search_scale::logarithmic, 10, 1e4}}};
    [[nodiscard]] std::array<double, 2> values() const { return {most, halfway}; }
    template <class Real>
    static Real exposure(const std::array<Real, 2>& p, const r::training& n) {
        return p[0] * Real(n.steps) / (p[1] + Real(n.steps));
    }
    friend bool operator==(const saturating_evidence&, const saturating_evidence&) = default;
};
}  // namespace

TEST_CASE("a user's own law is fitted as the published one is") {
    world w(2, some_tasks, some_steps, {.62, .9}, {.21});
    for (auto& c : w.cells) {
        const auto weights = r::softmax(
            r::log_posterior(r::rational_law{saturating_evidence{60, 700}, r::power_simplicity{.2}}, w.accounts[c.account], c.at));
        w.losses.push_back(
            std::make_unique<r::mixture_loss>(r::mixture_compressor(*w.parts[c.account])(r::mixture(*w.parts[c.account], weights))));
        c.loss = w.losses.back().get();
    }
    const auto f = r::fit_law(r::law_of<r::rational_law<saturating_evidence, r::power_simplicity>>("own"), w.accounts, w.cells);
    CHECK(f.values[0] == doctest::Approx(60).epsilon(1e-3));
    CHECK(f.values[1] == doctest::Approx(700).epsilon(1e-3));
}

TEST_CASE("the objective agrees with the published learner's, which rounds its parameters") {
    // (in learner tests: weights; here: mean KL(model || mixture))
    const world w(2, {4, 8}, {100, 3000}, {.5, 1}, {.2});
    const r::law_objective f(r::law_of<published>(), w.accounts, w.cells);
    double sum = 0;
    for (const auto& c : w.cells) {
        const auto weights =
            r::softmax(r::log_posterior(published{r::power_law_evidence{.3, 2}, r::power_simplicity{.25}}, w.accounts[c.account], c.at));
        const auto model = r::mixture(
            *w.parts[c.account],
            r::softmax(r::log_posterior(published{r::power_law_evidence{.5, 1}, r::power_simplicity{.2}}, w.accounts[c.account], c.at)));
        const auto d = r::divergences(r::kl{}, model, r::mixture(*w.parts[c.account], weights));
        sum += r::summarize({d.data(), d.size()}).mean;
    }
    CHECK(f.value(std::vector{.3, std::log(2.0), std::log(.25)}) == doctest::Approx(sum / 4).epsilon(1e-8));
}

TEST_CASE("the split: thresholds, and what is held out how") {
    using enum r::cell_role;
    const std::vector<std::size_t> tasks{4, 8, 16, 32, 64};
    const std::vector<std::int64_t> steps{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    const r::cell_roles s(tasks, steps, 2);
    CHECK(s.last_fitted_tasks() == 32);
    CHECK(s.last_fitted_step() == 9);  // of the ten that remain, eight
    CHECK(s.role(4, 1) == before_threshold);
    CHECK(s.role(64, 1) == before_threshold);
    CHECK(s.role(32, 9) == fitted);
    CHECK(s.role(32, 10) == held_out_steps);
    CHECK(s.role(64, 9) == held_out_tasks);
    CHECK(s.role(64, 11) == held_out_both);
    std::vector<std::string_view> all;
    for (const r::cell_role role : r::all_roles) all.push_back(r::words(role));
    CHECK(all == std::vector<std::string_view>{"fitted", "held out in N", "held out in D", "held out in N and D", "before threshold"});
    const r::cell_roles none({4}, {5, 6, 7}, std::nullopt);
    CHECK(none.role(4, 5) == fitted);
    CHECK(none.last_fitted_step() == 7);
}

TEST_CASE("a Hessian that is not finite ends the search where it is, in words") {
    constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(r::detail::definite_solve({inf}, {1}, {false}).empty());
    CHECK(r::detail::definite_solve({1, 0, 0, nan}, {1, 1}, {false, false}).empty());
    CHECK(r::detail::definite_solve({1, 0, 0, nan}, {1, 1}, {false, true}) == std::vector<double>{1, 0});
    CHECK(r::detail::definite_solve({0, 1e300, 1e300, 0}, {1, 1}, {false, false}).size() == 2);  // diagonal far below the rest
    CHECK(r::detail::definite_solve({-1e-300}, {1}, {false}).size() == 1);
    struct broken {
        double value(std::span<const double> x) const { return x[0] * x[0]; }
        r::second_order operator()(std::span<const double> x) const { return {value(x), {2 * x[0]}, {x[0] < 1 ? inf : 2}}; }
    };
    const auto found = r::projected_newton(broken{}, {.5}, {{-9}, {9}});
    CHECK(found.end == r::search_end::not_finite);
    CHECK(found.point[0] == .5);
    struct falls {  // for ever
        double value(std::span<const double> x) const { return -x[0]; }
        r::second_order operator()(std::span<const double> x) const { return {value(x), {-1}, {0}}; }
    };
    CHECK(r::projected_newton(falls{}, {0}, {{-inf}, {inf}}).end == r::search_end::iterations);
    CHECK(r::projected_newton(falls{}, {0}, {{0}, {7}}).converged());
    struct levels_off {  // exp(-x) falls for ever, and soon by nothing
        double value(std::span<const double> x) const { return 1 + std::exp(-x[0]); }
        r::second_order operator()(std::span<const double> x) const { return {value(x), {-std::exp(-x[0])}, {std::exp(-x[0])}}; }
    };
    CHECK(r::projected_newton(levels_off{}, {0}, {{-inf}, {inf}}, 1, 25, 0).converged());
    CHECK(r::projected_newton(levels_off{}, {0}, {{-inf}, {inf}}, 1, 10, 0).end == r::search_end::iterations);
}

TEST_CASE("tasks with zeros and a model that leaves a little there: derivatives stay finite down to any weight") {
    // Two strategies, each alone in giving one outcome; the model gives 1e-4 to the second's.
    std::vector<r::predictions> parts(2, {r::prediction_kind::distribution, r::filled<double, 3>({1, 1, 3}, 0.0), {}});
    parts[0].values(0, 0, 0) = .9, parts[0].values(0, 0, 2) = .1;
    parts[1].values(0, 0, 1) = .5, parts[1].values(0, 0, 2) = .5;
    auto model = parts[0];
    model.values(0, 0, 0) = .8, model.values(0, 0, 1) = .1, model.values(0, 0, 2) = .1;
    const auto loss = r::mixture_compressor(parts)(model);
    const std::vector<r::account> accounts{{{1, 0}, {0, 0}}};
    for (double odds : {10.0, 350.0, 700.0, 2000.0, 1e6}) {  // of the second strategy, in nats
        CAPTURE(odds);
        const std::vector<r::fit_cell> cells{{0, {.steps = 1, .tasks = 4}, &loss}};
        const r::law_objective f(r::law_of<r::rational_law<r::linear_evidence, r::no_simplicity>>(), accounts, cells);
        const double u = std::log(odds);
        // With w the first's weight, 1/(1 + exp(odds)) as its loss is 1 and the second's 0:
        // KL = .8 log(.8/(.9 w)) + .1 log(.1/(.5 (1-w))) + .1 log(.1/(.1 w + .5 (1-w))).
        const double log_second = -std::log1p(std::exp(-odds)), log_first = log_second - odds;
        const double value = .8 * (std::log(.8 / .9) - log_first) + .1 * (std::log(.1 / .5) - log_second) +
                             .1 * (std::log(.1) - std::log(.1 * std::exp(log_first) + .5 * std::exp(log_second)));
        const auto d = f(std::vector{u});
        CHECK(f.value(std::vector{u}) == doctest::Approx(value).epsilon(1e-12));
        CHECK(d.value == doctest::Approx(value).epsilon(1e-12));
        // Far out the loss is .8 odds + const, and odds = exp(u).
        if (odds > 100) {
            CHECK(d.gradient[0] == doctest::Approx(.8 * odds).epsilon(1e-9));
            CHECK(d.hessian[0] == doctest::Approx(.8 * odds).epsilon(1e-9));
        }
    }
}

TEST_CASE("an account that is not finite is refused by name") {
    world w(2, some_tasks, some_steps, {.62, .9}, {.21});
    w.accounts[2].loss[0] = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH_AS((void)(r::fit_law(r::law_of<published>(), w.accounts, w.cells)),
                         "rationale::fit_law: the loss of strategy 0 for 16 tasks is inf, must be finite", std::invalid_argument);
}

TEST_CASE("predictions times 2^k have the same parameters to the last bit, as squared errors times 4^k have the same optimum") {
    std::vector<std::vector<double>> found;
    for (int k : {0, -40, 13}) {
        world w(2, some_tasks, some_steps, {.62, .9}, {.21}, true);
        r::philox rng(3, 0);
        std::vector<std::unique_ptr<r::mixture_loss>> losses;
        for (auto& c : w.cells) {
            auto parts = *w.parts[c.account];
            const auto weights = r::softmax(r::log_posterior(r::published_law{{.62, .9}, {.21}}, w.accounts[c.account], c.at));
            auto model = r::mixture(parts, weights);
            for (double& v : model.values) v = std::ldexp(v + .2 * r::standard_normal(rng), k);
            for (auto& p : parts)
                for (double& v : p.values) v = std::ldexp(v, k);
            losses.push_back(std::make_unique<r::mixture_loss>(r::mixture_compressor(parts)(model)));
            c.loss = losses.back().get();
        }
        const auto f = r::fit_law(r::law_of<published>(), w.accounts, w.cells);
        CHECK(f.identifiable());
        CHECK(std::ldexp(f.objective, -2 * k) == doctest::Approx(.04).epsilon(.2));
        found.push_back(f.values);
        found.push_back(r::refit(f, w.accounts, w.cells));
    }
    for (std::size_t i = 2; i < found.size(); ++i) CHECK(found[i] == found[i - 2]);
}

TEST_CASE("divergences of exact mixtures are not below 0, in the fit and in the best weights") {
    for (bool means : {false, true}) {
        const world w(2, some_tasks, some_steps, {.62, .9}, {.21}, means);
        for (const auto& c : w.cells) CHECK(r::mixing_weights(*c.loss).loss >= 0);
        const auto f = r::fit_law(r::law_of<published>(), w.accounts, w.cells);
        CHECK(f.objective >= 0);
        if (means)
            for (const auto& c : w.cells) CHECK((*c.loss)(f.weights(w.accounts[c.account], c.at)) >= 0);
    }
}

TEST_CASE("what is not determined is said of each parameter, and of all where no search converged") {
    const world one_d(2, {8}, some_steps, {.62, .9}, {.21});
    CHECK(r::fit_law(r::law_of<published>(), one_d.accounts, one_d.cells).determined == std::vector<bool>{true, true, false});
    // Three strategies differ in complexity by two numbers, so that one number of tasks tells beta; a mass of 0 for one leaves one.
    world three(3, {8}, some_steps, {.62, .9}, {.21});
    const auto of_three = r::fit_law(r::law_of<published>(), three.accounts, three.cells);
    CHECK(of_three.determined == std::vector<bool>{true, true, true});
    CHECK(of_three.values[2] == doctest::Approx(.21).epsilon(1e-3));
    three.accounts[0].log_mass = {0, 0, -std::numeric_limits<double>::infinity()};
    CHECK_FALSE(r::fit_law(r::law_of<published>(), three.accounts, three.cells).determined[2]);
    const world frozen(2, some_tasks, {1000}, {.62, .9}, {.21});
    CHECK(r::fit_law(r::law_of<published>(), frozen.accounts, frozen.cells).determined == std::vector<bool>{false, false, true});
    // x + y is determined, and z.
    const world w(2, some_tasks, some_steps, {.62, .9}, {.21});
    r::minimum at{{0, 0, 0}, {1, {0, 0, 0}, {1, 1, 0, 1, 1, 0, 0, 0, 1}}, {false, false, false}};
    at.end = r::search_end::converged;
    const auto sum = r::identify(r::law_of<published>(), w.accounts, w.cells, at, 1);
    CHECK(sum.determined == std::vector<bool>{false, false, true});
    CHECK(sum.fixed == std::vector<bool>{false, true, false});
    CHECK(sum.sentences ==
          std::vector<std::string>{"alpha and gamma compensate for one another: only a combination of them is determined"});
    at.end = r::search_end::iterations;
    const auto lost = r::identify(r::law_of<published>(), w.accounts, w.cells, at, 1);
    CHECK(lost.determined == std::vector<bool>{false, false, false});
    CHECK(lost.sentences ==
          std::vector<std::string>{"no search for the optimum converged, so that the values are where the best of them ended"});
}
