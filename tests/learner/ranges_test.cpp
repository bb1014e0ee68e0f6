// Strategies whose types are forgotten, lists of a run-time length, and ranges of one strategy over its parameter.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "rationale/rationale.hpp"

namespace r = rationale;

namespace {
using urns = r::balls_and_urns<4>;
using memory_of_urns = r::remembered<r::seen_tasks<urns>>;
constexpr double infinity = std::numeric_limits<double>::infinity(), none = std::numeric_limits<double>::quiet_NaN();

const urns family{};
const r::seen_tasks<urns>& seen() {
    static const r::seen_tasks<urns> tasks(family, r::sample_tasks(family, r::own_prior(family), 24, 3));
    return tasks;
}
const urns::sequences& some_sequences() {
    static const auto drawn = r::sample_sequences(family, seen(), 40, 12, 4).sequences;
    return drawn;
}
r::bayes<urns, memory_of_urns> remembering(double share) {
    return {family, memory_of_urns(family, seen(), r::memory<urns>(family).precision(share))};
}
r::strategy_range<urns> shares(std::size_t nodes) { return {"share", r::gauss_legendre(nodes), remembering}; }

/// Says 1/4 of everything, one sequence at a time.
struct even {
    urns family_;
    [[nodiscard]] const urns& family() const { return family_; }
    static constexpr std::string_view name() { return "even"; }
    [[nodiscard]] std::vector<double> numbers() const { return {}; }
    static constexpr double program_bits = 7;
    void predict_sequence(const auto& sequence, std::span<double> values, std::span<double> log_evidence) const {
        std::fill(values.begin(), values.end(), 1. / 4);
        for (std::size_t t = 0; t <= sequence.events(); ++t) log_evidence[t] = -static_cast<double>(t) * std::log(4.);
    }
};

bool same(const r::predictions& a, const r::predictions& b) {
    return a.values == b.values && a.log_evidence == b.log_evidence && a.kind == b.kind;
}

template <class S, class F = r::detail::family_of<S>>
void check_forgotten(const S& typed, const typename F::sequences& data) {
    const r::any_strategy<F> forgotten = typed;
    static_assert(r::strategy<r::any_strategy<F>>);
    CHECK(forgotten.name() == typed.name());
    CHECK(forgotten.numbers() == typed.numbers());
    CHECK(forgotten.program_length() == r::program_bits<S>);
    const auto expected = r::predict(typed, data);
    CHECK(same(r::predict(forgotten, data), expected));
    CHECK(same(r::predict(forgotten, data, r::threads{2}), expected));
    CHECK(r::log_evidence(forgotten, data) == r::log_evidence(typed, data));
    const auto copy = forgotten;  // of a copy as of itself, one sequence at a time
    std::vector<double> values(expected.events() * expected.outcomes()), evidence(expected.events() + 1);
    copy.predict_sequence(copy.family().view(data, 1), values, evidence);
    const auto row = r::row(expected.values, 1);
    CHECK(std::equal(values.begin(), values.end(), row.begin(), row.end()));
}

std::string refusal(const auto& what) {
    try {
        what();
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
    return "accepted";
}
}  // namespace

TEST_CASE("a strategy whose type is forgotten predicts the same to the last bit") {
    check_forgotten(r::memorizing<urns>(family, seen()), some_sequences());
    check_forgotten(r::generalizing<urns>(family), some_sequences());
    check_forgotten(r::constant<urns>(family), some_sequences());
    check_forgotten(remembering(.7), some_sequences());
    check_forgotten(even{family}, some_sequences());
    using line = r::linear_regression<3>;
    const line regression;
    const r::seen_tasks<line> lines(regression, r::sample_tasks(regression, r::own_prior(regression), 300, 1));  // several chunks
    check_forgotten(r::memorizing<line>(regression, lines), r::sample_sequences(regression, lines, 3, 20, 2).sequences);
}

TEST_CASE("a strategy whose type is forgotten keeps its bits, its closed form and what it refuses") {
    const r::any_strategy<urns> m = r::memorizing<urns>(family, seen()), g = r::generalizing<urns>(family), k = remembering(.5);
    CHECK(g.expected_loss(seen(), 12) == std::optional(r::generalizing<urns>(family).expected_loss(seen(), 12)));
    CHECK_FALSE(m.expected_loss(seen(), 12));
    CHECK_FALSE(m.bits());
    CHECK(k.bits() == std::optional(remembering(.5).prior().bits()));
    CHECK(k.program_length() == m.program_length());  // memorizing's, with one number more
    const r::any_strategy<urns> sure = r::memorizing<urns>(family, urns::task_table{{{1, 0, 0, 0}}});
    CHECK_THROWS_WITH_AS((void)r::predict(sure, urns::sequences{{{0, 1, 0}}}),
                         "rationale::predict: memorizing gives probability 0 to what sequence 0 shows before event 2",
                         r::impossible_context_error);
}

TEST_CASE("a list of a run-time length is weighed and estimated as the same strategies with their types") {
    const r::strategies typed(r::memorizing<urns>(family, seen()), r::generalizing<urns>(family), even{family});
    const r::strategy_list same_again(typed);
    std::vector<r::any_strategy<urns>> chosen;
    for (const char wanted : {'M', 'G', 'e'}) {
        if (wanted == 'M') chosen.push_back(typed.get<0>());
        else if (wanted == 'G') chosen.push_back(typed.get<1>());
        else chosen.push_back(typed.get<2>());
    }
    const r::strategy_list list(chosen);
    CHECK(list.size() == 3);
    CHECK(list.names() == std::vector<std::string_view>{"memorizing", "generalizing", "even"});
    CHECK(list.ranges().empty());
    const r::loss_options few{.seed = 2, .relative_error = 0, .most_sequences = 512};
    const auto losses = r::estimate_losses(typed, seen(), 12, few);
    CHECK(r::estimate_losses(list, seen(), 12, few).mean == losses.mean);
    CHECK(losses.standard_error[1] == 0);  // G's closed form is used by either
    CHECK(r::estimate_losses(list, seen(), 12, few).standard_error == losses.standard_error);
    const auto bits = r::complexities(typed);
    CHECK(bits == std::vector<double>{24. * 4 * 64 + 4784, 4 * 64 + 4328, 7});
    CHECK(r::complexities(list) == bits);
    const r::power_law_evidence evidence{.alpha = .6, .gamma = 3};
    const r::power_simplicity simple{.beta = .2};
    const r::account known{losses.mean, bits};
    const r::learner by_type(typed, known, evidence, simple);
    const r::learner by_list(list, known, evidence, simple), again(same_again, known, evidence, simple);
    for (double steps : {0., 10., 1e4}) {
        CHECK(by_list.weights({.steps = steps}) == by_type.weights({.steps = steps}));
        CHECK(again.weights({.steps = steps}) == by_type.weights({.steps = steps}));
        CHECK(same(by_list.predict(some_sequences(), {.steps = steps}), by_type.predict(some_sequences(), {.steps = steps})));
    }
    CHECK(by_list.overtakes(0, 1).steps == by_type.overtakes(0, 1).steps);
}

TEST_CASE("Gauss and Legendre's grid integrates polynomials between any two ends") {
    for (std::size_t n : {1u, 2u, 5u, 16u}) {
        const auto grid = r::gauss_legendre(n, -1, 3);
        for (std::size_t power = 0; power < 2 * n; ++power) {
            double sum = 0;
            for (std::size_t i = 0; i < n; ++i) sum += grid.width[i] * std::pow(grid.value[i], static_cast<double>(power));
            const double k = static_cast<double>(power) + 1, exact = (std::pow(3, k) - std::pow(-1, k)) / k;
            CHECK(sum == doctest::Approx(exact).epsilon(1e-12));
        }
        CHECK(std::is_sorted(grid.value.begin(), grid.value.end()));
        const r::precision_grid precisions(n);
        CHECK(precisions.share == r::gauss_legendre(n).value);
        CHECK(precisions.width == r::gauss_legendre(n).width);
    }
}

TEST_CASE("the posterior over a range is the law over its nodes, written out by hand") {
    const r::precision_grid grid(16);
    const r::strategy_list all(shares(16), r::constant<urns>(family));
    REQUIRE(all.size() == 17);
    REQUIRE(all.ranges().size() == 1);
    const auto bits = r::complexities(all);
    std::vector<double> loss;
    for (double s : grid.share) loss.push_back(.3 - .2 * s * s);
    loss.push_back(.45);
    const r::per_task_evidence evidence{.alpha = .3, .gamma = 40};
    const r::per_task_simplicity simple{.c = .2};
    const r::learner learner(all, {loss, bits}, evidence, simple);
    const r::training n{.steps = 3000, .tasks = 24};
    std::vector<double> p;
    double total = 0, of_range = 0, mean = 0;
    for (std::size_t q = 0; q < 17; ++q) {
        const double mass = q < 16 ? grid.width[q] : 1;
        if (q < 16)
            CHECK(bits[q] == doctest::Approx(4784 + memory_of_urns(family, seen(), 4 * grid.share[q] / (1 - grid.share[q])).bits()));
        p.push_back(mass * std::exp(-40 * std::pow(3000. / 24, .7) * loss[q] - std::log(2) * .2 * bits[q] / 24));
        total += p[q];
        if (q < 16) of_range += p[q], mean += p[q] * grid.share[q];
    }
    const auto w = learner.weights(n);
    for (std::size_t q = 0; q < 17; ++q) CHECK(w[q] == doctest::Approx(p[q] / total).epsilon(1e-11));
    const auto posterior = learner.parameter(0, n);
    CHECK(posterior.mass == doctest::Approx(of_range / total).epsilon(1e-11));
    CHECK(posterior.mean == doctest::Approx(mean / of_range).epsilon(1e-11));
    // The same by a law whose type is forgotten, with the masses of the list: what a fit works on.
    const r::account known{loss, bits, {all.log_mass().begin(), all.log_mass().end()}};
    const auto law = r::law_of<r::per_task_law>();
    const std::vector<double> values{.3, 40, .2};
    CHECK(r::posterior_of(all.ranges()[0], law.log_posterior(values, known, n)).mean == doctest::Approx(posterior.mean).epsilon(1e-13));
    // And the prediction is the mixture.
    const auto mixed = learner.predict(some_sequences(), n);
    const auto parts = r::predict_all(all, some_sequences());
    for (std::size_t k = 0; k < 4; ++k) {
        double by_hand = 0;
        for (std::size_t q = 0; q < 17; ++q) by_hand += w[q] * parts[q].values(5, 11, k);
        CHECK(mixed.values(5, 11, k) == doctest::Approx(by_hand).epsilon(1e-13));
    }
}

TEST_CASE("mass, mean and mode of a range are those of its density, and a finer grid changes them by no more than its quadrature errs") {
    const auto log_density = [&](double s, double steps, double bits) {
        return -10 * std::pow(steps / 24, .7) * (.3 - .2 * s * s) - std::log(2) * bits / 24;
    };
    const r::memory<urns> memory(family);
    const auto bits_at = [&](double s) {
        double nats = 0;
        for (std::size_t d = 0; d < 24; ++d) nats += memory.nats(seen().table(), d, s);
        return 4784 + nats / std::log(2);
    };
    for (double steps : {30., 300., 3000.}) {
        // By the midpoint rule.
        const std::size_t points = 20000;
        double best = -infinity, at = 0, total = 0, mean = 0;
        std::vector<double> height(points);
        for (std::size_t i = 0; i < points; ++i) {
            const double s = (static_cast<double>(i) + .5) / points;
            height[i] = log_density(s, steps, bits_at(s));
            if (height[i] > best) best = height[i], at = s;
        }
        for (std::size_t i = 0; i < points; ++i) {
            const double weight = std::exp(height[i] - best) / points;
            total += weight, mean += weight * (static_cast<double>(i) + .5) / points;
        }
        const double constant = log_density(0, steps, 4790) - 10 * std::pow(steps / 24, .7) * .01;
        for (std::size_t nodes : {16u, 32u, 64u}) {
            CAPTURE(steps);
            CAPTURE(nodes);
            const r::strategy_list all(r::constant<urns>(family), shares(nodes));
            auto bits = r::complexities(all);
            std::vector<double> loss{.31};
            for (double s : all.ranges()[0].grid.value) loss.push_back(.3 - .2 * s * s);
            bits[0] = 4790;
            const r::learner learner(all, {loss, bits}, r::per_task_evidence{.alpha = .3, .gamma = 10}, r::per_task_simplicity{.c = 1});
            const auto posterior = learner.parameter(0, {.steps = steps, .tasks = 24});
            // Near s = 1 the density falls as (1 - s)^1.5, which a polynomial follows to the fifth power of the nodes' distance.
            const double error = 4e3 * std::pow(static_cast<double>(nodes), -5);
            CHECK(std::abs(posterior.mean - mean / total) < error);
            CHECK(std::abs(posterior.mass - 1 / (1 + std::exp(constant - best - std::log(total)))) < error);
            CHECK(std::abs(posterior.mode - at) < (at < 1e-3 || at > .999 ? 1e-3 : .3 / static_cast<double>(nodes)));
        }
    }
}

TEST_CASE("the most probable parameter is an end where the density is greatest there, else a place between nodes") {
    const auto grid = r::gauss_legendre(12, -3, 5);
    const r::parameter_range range{"x", grid, 1};
    const auto mode = [&](const auto& log_density) {
        std::vector<double> log_p{17};  // of a strategy before the range
        for (std::size_t i = 0; i < grid.size(); ++i) log_p.push_back(std::log(grid.width[i]) + log_density(grid.value[i]));
        return r::posterior_of(range, log_p).mode;
    };
    CHECK(mode([](double x) { return -x; }) == -3);
    CHECK(mode([](double x) { return x; }) == 5);
    CHECK(mode([](double x) { return -2 * (x - 1.2) * (x - 1.2); }) == doctest::Approx(1.2).epsilon(.02));
    // A parabola in log((x + 3)/(5 - x)) is found exactly.
    const auto log_odds = [](double x) { return std::log((x + 3) / (5 - x)); };
    CHECK(log_odds(mode([&](double x) { return -std::pow(log_odds(x) - .4, 2); })) == doctest::Approx(.4).epsilon(1e-12));
    CHECK(mode([&](double x) { return x == grid.value[4] ? 0 : -infinity; }) == grid.value[4]);
}

TEST_CASE("a range of one node is that strategy") {
    const r::strategy_list one(shares(1));
    const r::learner learner(one, {{.1}, {10}}, r::power_law_evidence{}, r::power_simplicity{});
    CHECK(learner.weights({.steps = 50}) == std::vector<double>{1});
    CHECK(same(learner.predict(some_sequences(), {.steps = 50}), [] {
        auto p = r::predict(remembering(.5), some_sequences());
        p.log_evidence = {};
        return p;
    }()));
    const auto posterior = learner.parameter(0, {.steps = 50});
    CHECK(posterior.mass == 1);
    CHECK(posterior.mean == .5);
    CHECK(posterior.mode == .5);
}

TEST_CASE("a range has mass one whatever its density, and so have two ranges each, wherever they stand") {
    const auto toward_none = [](double s) { return std::log(2 * (1 - s)); };
    const r::strategy_range little("share", r::gauss_legendre(16), remembering, toward_none);
    const r::strategy_range exponents("log exponent", r::gauss_legendre(8, -7, 0),
                                      [](double x) { return r::bayes(family, r::tempered(seen(), std::exp(x))); });
    const r::strategy_list inner(r::constant<urns>(family), exponents), all(even{family}, little, inner);
    REQUIRE(all.size() == 1 + 16 + 1 + 8);
    REQUIRE(all.ranges().size() == 2);
    CHECK(all.ranges()[0].first == 1);
    CHECK(all.ranges()[1].first == 18);
    CHECK(all.ranges()[1].parameter == "log exponent");
    CHECK(all[18].name() == "tempered");
    const auto grid = r::gauss_legendre(16);
    for (std::size_t i = 0; i < 16; ++i)
        CHECK(all.log_mass()[1 + i] == doctest::Approx(std::log(grid.width[i] * 2 * (1 - grid.value[i]))).epsilon(1e-12));
    // Without evidence or price, each of the four has as much.
    const r::account known{std::vector<double>(26, .2), std::vector<double>(26, 100)};
    const r::learner learner(all, known, r::power_law_evidence{}, r::no_simplicity{});
    const r::training start{.steps = 0};
    CHECK(learner.weights(start)[0] == doctest::Approx(.25));
    CHECK(learner.weights(start)[17] == doctest::Approx(.25));
    CHECK(learner.parameter(0, start).mass == doctest::Approx(.25));
    CHECK(learner.parameter(1, start).mass == doctest::Approx(.25));
    CHECK(learner.parameter(0, start).mean == doctest::Approx(1. / 3));  // of the density 2 (1-s)
    CHECK(learner.parameter(0, start).mode == 0);
    CHECK(learner.parameter(1, start).mean == doctest::Approx(-3.5));
    // An account's own masses are beside those.
    auto twice = known;
    twice.log_mass.assign(26, 0.), twice.log_mass[0] = std::log(2.);
    CHECK(r::learner(all, twice, r::power_law_evidence{}, r::no_simplicity{}).weights(start)[0] == doctest::Approx(.4));
}

TEST_CASE("lists of nothing, ranges of nothing and measures that are none are refused in a sentence") {
    CHECK(refusal([] { r::strategy_list<urns>(std::vector<r::any_strategy<urns>>{}); }) ==
          "rationale::strategy_list: the number of strategies is 0, must be at least 1");
    const auto range = [](r::parameter_grid grid, double density = 0) {
        return refusal([&] { r::strategy_range("share", std::move(grid), remembering, [&](double) { return density; }); });
    };
    CHECK(range({}) == "rationale::strategy_range: the number of nodes is 0, must be at least 1");
    CHECK(range({{.1, .2}, {1}}) == "rationale::strategy_range: width has 1 numbers, must have 2");
    CHECK(range({{.1, .2}, {1, none}}) == "rationale::strategy_range: a width is not a number, must be a finite number above 0");
    CHECK(range({{.2, .2}, {1, 1}}) == "rationale::strategy_range: a node is 0.2, must be above 0.2 and at most 1, both finite");
    CHECK(range({{.2, none}, {1, 1}}) == "rationale::strategy_range: a node is not a number, must be above 0.2 and at most 1, both finite");
    CHECK(range({{-.2}, {1}}) == "rationale::strategy_range: a node is -0.2, must be at least 0 and at most 1, both finite");
    CHECK(range({{.2}, {1}}, none) == "rationale::strategy_range: the log density at 0.2 is not a number, must be finite or -inf");
    CHECK(range({{.2}, {1}}, -infinity) == "rationale::strategy_range: the prior mass of the range is 0, must be above 0");
    CHECK(refusal([] { (void)r::gauss_legendre(0); }) == "rationale::gauss_legendre: the number of nodes is 0, must be at least 1");
    CHECK(refusal([] { (void)r::gauss_legendre(3, 1, 1); }) == "rationale::gauss_legendre: upper is 1, must be finite and above lower, 1");
    CHECK(refusal([] { (void)r::gauss_legendre(3, -infinity); }) == "rationale::gauss_legendre: lower is -inf, must be finite");

    const r::strategy_list all(shares(2), r::constant<urns>(family));
    const auto made_of = [&](const r::account& known) {
        return refusal([&] { r::learner(all, known, r::power_law_evidence{}, r::power_simplicity{}); });
    };
    CHECK(made_of({{.1, .2}, {1, 2}}) == "rationale::learner: loss has 2 numbers, must have 3");
    CHECK(made_of({{.1, .2, .3}, {1, 2, 3}, {0, none, 0}}) == "rationale::learner: a log mass is not a number, must be finite or -inf");
    const r::learner learner(all, {{.1, .2, .3}, {1, 2, 3}}, r::power_law_evidence{}, r::power_simplicity{});
    CHECK(refusal([&] { (void)learner.parameter(1, {}); }) == "rationale::learner: range is 1, must be below 1");
    CHECK(refusal([&] { (void)r::posterior_of(all.ranges()[0], std::vector{.1}); }) ==
          "rationale::posterior_of: the number of strategies is 1, must be at least 2");
}
