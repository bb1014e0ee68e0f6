// Every public function that takes arrays, priors, weights, steps or losses refuses what it cannot use, in a sentence.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "rationale/fit/law_objective.hpp"
#include "rationale/rationale.hpp"

namespace r = rationale;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

template <class Call>
std::string refusal(const Call& call) {
    try {
        call();
    } catch (const std::exception& e) {
        return e.what();
    }
    return "accepted";
}

using urns = r::balls_and_urns<>;
using line = r::linear_regression<>;

const urns four({.categories = 4}), three({.categories = 3});
const line plane({.dimensions = 2, .noise_variance = .1}), space({.dimensions = 3, .noise_variance = .1});

r::seen_tasks<urns> three_tasks() { return {three, urns::task_table{{{.2, .3, .5}, {.6, .3, .1}}}}; }
r::seen_tasks<line> space_tasks() { return {space, line::task_table{{{1, 2, 3}, {3, 2, 1}}}}; }

r::predictions made(double first = .25) {
    r::predictions p{r::prediction_kind::distribution, r::filled<double, 3>({2, 3, 2}, .5), {}};
    p.values(0, 1, 0) = first, p.values(0, 1, 1) = 1 - first;
    return p;
}

}  // namespace

TEST_CASE("a prior of another size than the family's is refused where Bayes is made with it") {
    const std::string tasks = "tasks has length 3 on axis 1 (K), must be 4";
    CHECK(refusal([] { r::memorizing<urns>(four, three_tasks()); }) == "rationale::bayes: " + tasks);
    const auto tempered = [] { r::bayes<urns, r::tempered<r::seen_tasks<urns>>>(four, r::tempered(three_tasks(), .5)); };
    CHECK(refusal(tempered) == "rationale::bayes: " + tasks);
    using remembered = r::remembered<r::seen_tasks<urns>>;
    CHECK(refusal([] { remembered(four, three_tasks(), 2.); }) == "rationale::remembered: " + tasks);
    CHECK(refusal([] { r::bayes<urns, remembered>(four, remembered(three, three_tasks(), 2.)); }) == "rationale::bayes: " + tasks);
    const auto either = [] {
        r::mixture_of both({.5, .5}, three_tasks(), r::own_prior(four));
        r::bayes<urns, decltype(both)>(four, both);
    };
    CHECK(refusal(either) == "rationale::bayes: " + tasks);
    CHECK(refusal([] { r::generalizing<urns>(four, r::own_prior(three)); }) == "rationale::bayes: dirichlet has 3 numbers, must have 4");
    CHECK(refusal([] { r::memorizing<line>(plane, space_tasks()); }) == "rationale::bayes: tasks has length 3 on axis 1 (d), must be 2");
    CHECK(refusal([] { (void)r::beliefs(plane, r::remembered(space, space_tasks(), 1.)); }) ==
          "rationale::beliefs: tasks has length 3 on axis 1 (d), must be 2");
    using items = r::classification<>;
    const auto recognize = [] {
        const items small({.dimensions = 2}), large({.dimensions = 3});
        r::recognizing(small, r::seen_tasks<items>(large, r::sample_tasks(large, r::own_prior(large), 2, 1)));
    };
    CHECK(refusal(recognize) == "rationale::recognizing: tasks has length 3 on axis 1 (d), must be 2");
}

TEST_CASE("tasks and sequences are not drawn from a prior of another size than the family's") {
    CHECK(refusal([] { (void)r::sample_tasks(three, three_tasks(), 2, 1); }) == "accepted");
    CHECK(refusal([] { (void)r::sample_tasks(four, three_tasks(), 2, 1); }) ==
          "rationale::seen_tasks: a task of the prior has 3 numbers, must have 4");
    CHECK(refusal([] { (void)r::sample_sequences(three, r::own_prior(four), 2, 5, 1); }) ==
          "rationale::sample_dirichlet: concentration has 4 numbers, must have 3");
    CHECK(refusal([] { (void)r::sample_tasks(four, r::remembered(three, three_tasks(), 2.), 2, 1); }) ==
          "rationale::remembered: a task of the prior has 3 numbers, must have 4");
    CHECK(refusal([] { (void)r::sample_tasks(space, r::own_prior(plane), 2, 1); }) ==
          "rationale::gaussian: mean has 2 numbers, must have 3");
    CHECK(refusal([] {
              (void)r::sample_tasks(plane, r::gaussian_mixture({0, 0, 0}, std::vector<double>(9)), 2, 1);
          }) == "rationale::gaussian_mixture: a mean has 3 numbers, must have 2");
    CHECK(refusal([] { (void)r::generalizing<urns>(four).expected_loss(three_tasks(), 5); }) ==
          "rationale::expected_loss: tasks has length 3 on axis 1 (K), must be 4");
    CHECK(refusal([] { (void)r::generalizing<urns>(three).expected_loss(three_tasks(), 0); }) ==
          "rationale::expected_loss: context is 0, must be at least 1");
}

TEST_CASE("numbers that are none are refused in sequences, tasks and priors") {
    for (const double bad : {none, infinity}) {
        line::sequences q{r::filled<double, 3>({2, 3, 2}, 1.), r::filled<double, 2>({2, 3}, 1.)};
        const std::string value = bad > 0 ? "inf" : "not a number";
        q.x(1, 2, 0) = bad;
        const r::memorizing<line> m(plane, line::task_table{{{1, 2}, {2, 1}}});
        const r::generalizing<line> g(plane);
        const std::string sentence = ": x holds " + value + " at flat position 10, must be finite";
        CHECK(refusal([&] { (void)r::predict(m, q); }) == "rationale::predict" + sentence);
        CHECK(refusal([&] { (void)r::predict(g, q); }) == "rationale::predict" + sentence);
        CHECK(refusal([&] { (void)r::log_evidence(g, q); }) == "rationale::log_evidence" + sentence);
        CHECK(refusal([&] { (void)m.posterior(q, 1, 1); }) == "rationale::bayes::posterior" + sentence);
        q.x(1, 2, 0) = 0, q.y(0, 1) = bad;
        CHECK(refusal([&] { (void)r::predict(m, q); }) == "rationale::predict: y holds " + value + " at flat position 1, must be finite");
        CHECK(refusal([&] {
                  r::memorizing<line>(plane, line::task_table{{{1, bad}}});
              }) == "rationale::seen_tasks: tasks holds " + value + " at flat position 1, must be finite");
        CHECK(refusal([&] {
                  line({.dimensions = 2, .task_mean = {0, bad}});
              }) == "rationale::linear_regression: task_mean[1] is " + value + ", must be finite");
        CHECK(refusal([&] { r::gaussian({bad}, 1); }) == "rationale::gaussian: mean[0] is " + value + ", must be finite");
        CHECK(refusal([&] { r::gaussian_mixture({bad}, {1}); }) ==
              "rationale::gaussian_mixture: the mean of component 0[0] is " + value + ", must be finite");
    }
}

TEST_CASE("a posterior is asked for of a sequence and an event that there are") {
    const r::memorizing<urns> m(three, three_tasks());
    const urns::sequences q{{{0, 1}, {2, 2}}};
    CHECK(m.posterior(q, 1, 2).size() == 2);
    CHECK(refusal([&] { (void)m.posterior(q, 2, 0); }) == "rationale::bayes::posterior: sequence is 2, must be below 2");
    CHECK(refusal([&] { (void)m.posterior(q, 0, 3); }) == "rationale::bayes::posterior: event is 3, must be below 3");
    CHECK(refusal([&] {
              (void)m.posterior(urns::sequences{{{0, 3}}}, 0, 0);
          }) == "rationale::bayes::posterior: tokens holds 3 at flat position 1, must be in 0..2");
}

TEST_CASE("weights whose sum is above the largest number keep their proportions; those that make no sense are refused") {
    const double huge = std::numeric_limits<double>::max();
    const urns::task_table two{{{.2, .3, .5}, {.6, .3, .1}}};
    const r::seen_tasks<urns> seen(three, two, {huge, huge / 3});
    CHECK(seen.weights()[0] == doctest::Approx(.75).epsilon(1e-14));
    CHECK(seen.weights()[1] == doctest::Approx(.25).epsilon(1e-14));
    const r::mixture_of both({huge, huge}, three_tasks(), r::own_prior(three));
    CHECK(both.masses()[0] == .5);
    const r::gaussian_mixture mixed({{.weight = huge, .mean = {0}, .covariance = {1}}, {.weight = huge, .mean = {1}, .covariance = {1}}});
    CHECK(std::exp(mixed.log_weight(1)) == doctest::Approx(.5).epsilon(1e-14));
    const r::discrete choose(std::vector{huge, 0., huge});
    r::philox rng(1, 1);
    std::vector<int> drawn(3);
    for (int i = 0; i < 200; ++i) ++drawn[choose(rng)];
    CHECK((drawn[0] > 60 && drawn[1] == 0 && drawn[2] > 60));
    for (const double bad : {none, infinity, -1.}) {
        const std::string text = std::isnan(bad) ? "not a number" : bad > 0 ? "inf" : "-1";
        const std::string wanted = " is " + text + ", must be finite and not negative";
        CHECK(refusal([&] { r::seen_tasks<urns>(three, two, {1, bad}); }) == "rationale::seen_tasks: a weight" + wanted);
        CHECK(refusal([&] { r::mixture_of({1, bad}, three_tasks(), three_tasks()); }) == "rationale::mixture_of: a mass" + wanted);
        CHECK(refusal([&] { r::discrete(std::vector{1., bad}); }) == "rationale::discrete: a weight" + wanted);
    }
    CHECK(refusal([&] { r::discrete(std::vector<double>{}); }) == "rationale::discrete: the sum over every weight is 0, must be above 0");
}

TEST_CASE("losses are estimated for a context, from two sequences or more, in batches that have one") {
    const r::seen_tasks<urns> seen = three_tasks();
    const r::strategies both(r::memorizing<urns>(three, seen), r::generalizing<urns>(three));
    const auto with = [&](std::size_t context, const r::loss_options& options) {
        return refusal([&] { (void)r::estimate_losses(both, seen, context, options); });
    };
    const std::string where = "rationale::estimate_losses: ";
    CHECK(with(0, {}) == "rationale::expected_loss: context is 0, must be at least 1");
    CHECK(with(4, {.batch = 0}) == where + "batch is 0, must be at least 1");
    CHECK(with(4, {.most_sequences = 1}) == where + "most_sequences is 1, must be at least 2");
    CHECK(with(4, {.most_sequences = 0}) == where + "most_sequences is 0, must be at least 2");
    CHECK(with(4, {.relative_error = none}) == where + "relative_error is not a number, must be finite and not negative");
    // Of one sequence at a time: the first says nothing of how far off it is, and the second nothing beside G, whose loss is known exactly.
    const auto one_by_one = r::estimate_losses(both, seen, 4, {.relative_error = 1e9, .batch = 1, .most_sequences = 50});
    CHECK(one_by_one.sequences == 3);
    CHECK(one_by_one.standard_error[0] > 0);
    CHECK(one_by_one.standard_error[1] == 0);
    const auto two = r::estimate_losses(both, seen, 4, {.most_sequences = 2});
    CHECK_FALSE(two.reached);
    CHECK(std::isnan(two.standard_error[0]));
    const r::strategies sure(r::last_token(three, 1.), r::generalizing<urns>(three));
    CHECK(refusal([&] { (void)r::estimate_losses(sure, seen, 4); }) ==
          where +
              "the loss of strategy 0 on sequence 0 is not a number, must be finite: it gives probability 0 to what the sequence shows");
    const std::vector<double> six(6, .5), four_numbers(4, .5);
    CHECK(refusal([&] { (void)r::sequence_loss(three, six, four_numbers); }) ==
          "rationale::sequence_loss: prediction has 4 numbers, must have 6");
    CHECK(refusal([&] { (void)r::sequence_loss(three, four_numbers, four_numbers); }) ==
          "rationale::sequence_loss: the size of target is 4, must be a multiple of the 3 outcomes");
}

TEST_CASE("mixtures are of weights that sum to one, and their losses of as many weights as strategies") {
    const std::vector<r::predictions> two{made(.2), made(.4)};
    const auto with = [&](std::vector<double> w) { return refusal([&] { (void)r::mixture(two, w); }); };
    CHECK(with({.25, .75}) == "accepted");
    CHECK(with({1, 1}) == "rationale::mixture: the sum of weights is 2, must be 1");
    CHECK(with({1.5, -.5}) == "rationale::mixture: a weight is -0.5, must be finite and not negative");
    CHECK(with({none, 1}) == "rationale::mixture: a weight is not a number, must be finite and not negative");
    const r::mixture_compressor compress(two);
    const auto loss = compress(made(.3));
    const std::vector<double> three_weights(3, 1. / 3), half(2, .5);
    CHECK(refusal([&] { (void)loss(three_weights); }) == "rationale::mixture_loss: w has 3 numbers, must have 2");
    CHECK(refusal([&] { (void)compress(made(none)); }) ==
          "rationale::mixture_compressor: a prediction of the model is nan, must be a number");
    CHECK(refusal([&] {
              r::mixture_compressor c(std::vector{made(.2), made(none)});
          }) == "rationale::mixture_compressor: a strategy's predictions[2] is not a number, must be finite");
    CHECK(refusal([&] { (void)compress.parts(made(.3), 0); }) == "rationale::mixture_compressor: n is 0, must be at least 1");
    CHECK(refusal([&] { r::mixture_compressor c(two, std::vector<std::vector<double>>{}); }) ==
          "rationale::mixture_compressor: the number of probes is 0, must be at least 1");
    CHECK(refusal([&] { (void)r::mixture_loss::weighted_sum({}, {}); }) ==
          "rationale::mixture_loss::weighted_sum: the number of losses is 0, must be at least 1");
    CHECK(refusal([&] { (void)r::mixture_loss::weighted_sum(std::vector{loss}, half); }) ==
          "rationale::mixture_loss::weighted_sum: weights has 2 numbers, must have 1");
    CHECK(refusal([&] {
              (void)r::relative_distance(std::vector{1., none}, half, half);
          }) == "rationale::relative_distance: a divergence is nan, must be a number, so leave masked sequences out");
    CHECK(refusal([&] { (void)r::interpolation_threshold(half, none); }) ==
          "rationale::interpolation_threshold: q is not a number, must be in [0, 1]");
    const std::vector<r::ndarray<double, 2>> nats(2, r::filled<double, 2>({2, 3}, 1.));
    const auto model = made(.3);
    const r::context_loss context(two, nats, model);
    CHECK(refusal([&] { (void)context.value(half, -1); }) == "rationale::context_loss: lambda is -1, must be at least 0");
    CHECK(refusal([&] { (void)context.value(three_weights, 0); }) == "rationale::context_loss: eta has 3 numbers, must have 2");
    CHECK(refusal([&] { r::context_loss(two, std::vector<r::ndarray<double, 2>>{}, model); }) ==
          "rationale::context_loss: nats_before has 0 numbers, must have 2");
    CHECK(refusal([&] { r::precision_grid(0); }) == "rationale::precision_grid: n is 0, must be at least 1");
}

TEST_CASE("a learner weighs strategies that there are, by losses, complexities and steps that are numbers") {
    const r::strategies both(r::memorizing<urns>(three, three_tasks()), r::generalizing<urns>(three));
    const auto made_of = [&](r::account known) {
        return refusal([&] { r::learner(both, known, r::power_law_evidence{}, r::power_simplicity{}); });
    };
    CHECK(made_of({{.1, none}, {10, 20}}) == "rationale::learner: loss[1] is not a number, must be finite");
    CHECK(made_of({{.1, .2}, {10, -1}}) == "rationale::learner: a complexity is -1, must be finite and not negative");
    CHECK(made_of({{.1, .2}, {10, none}}) == "rationale::learner: a complexity is not a number, must be finite and not negative");
    CHECK(made_of({{.1, .2}, {10, 20}, {none, 0}}) == "rationale::learner: a log mass is not a number, must be finite or -inf");
    CHECK(made_of({{.1, .2}, {10, infinity}, {0, -infinity}}) == "accepted");  // without mass it does not matter
    CHECK(made_of({{.1, .2}, {10, 20}, {}, {0, infinity}}) == "rationale::learner: covariate[1] is inf, must be finite");

    const r::learner learner(both, {{.1, .2}, {10, 20}}, r::power_law_evidence{}, r::power_simplicity{});
    for (const auto& [steps, text] : {std::pair{none, "not a number"}, {-1., "-1"}, {infinity, "inf"}}) {
        const std::string wanted = std::string(": steps is ") + text + ", must be finite and not negative";
        const double n = steps;
        CHECK(refusal([&] { (void)learner.weights({.steps = n}); }) == "rationale::log_posterior" + wanted);
        CHECK(refusal([&] { (void)learner.log_bayes_factor(0, 1, {.steps = n}); }) == "rationale::learner" + wanted);
        CHECK(refusal([&] { (void)learner.log_prior_odds(0, 1, {.steps = n}); }) == "rationale::log_posterior" + wanted);
        CHECK(refusal([&] { (void)learner.predict(urns::sequences{{{0}}}, {.steps = n}); }) == "rationale::log_posterior" + wanted);
    }
    CHECK(refusal([&] { (void)learner.weights({.steps = 1, .tasks = 0}); }) ==
          "rationale::log_posterior: tasks is 0, must be a finite number above 0");
    const std::vector<std::pair<double, double>> back{{10, 1}, {5, 1}};
    CHECK(refusal([&] { (void)learner.weights({.steps = 1, .schedule = back}); }) ==
          "rationale::log_posterior: a step of the schedule is 5, must be above the one before, 10");
    const r::learner by_visits(both, {{.1, .2}, {20, 10}}, r::per_task_evidence{.alpha = .4, .gamma = .9}, r::power_simplicity{.beta = .3});
    const r::training many{.tasks = 1000};
    const auto when = by_visits.overtakes(0, 1, many);
    CHECK(by_visits.weights({.steps = when.steps, .tasks = 1000})[0] == doctest::Approx(.5));
    CHECK(when.steps == doctest::Approx(1000 * by_visits.overtakes(0, 1).steps));
    CHECK(refusal([&] { (void)learner.overtakes(0, 7); }) == "rationale::crossover_steps: b is 7, must be below 2");
    CHECK(refusal([&] { (void)learner.log_posterior_odds(2, 0, {}); }) == "rationale::learner: a is 2, must be below 2");
    const auto law = r::law_of<r::published_law>("published");
    const std::vector<double> two(2, .5), values{.5, 1, .3};
    CHECK(refusal([&] { (void)law.weights(two, {{.1, .2}, {10, 20}}, {}); }) == "rationale::any_law: values has 2 numbers, must have 3");
    CHECK(refusal([&] { (void)r::leads(law, values, {}); }) == "rationale::leads: the number of losses is 0, must be at least 1");
    CHECK(refusal([&] { (void)r::softmax({}); }) == "rationale::softmax: the number of values is 0, must be at least 1");
    const std::vector<r::account> accounts{{{.1, .2}, {10, 20}}};
    const auto objective = [&](const r::fit_cell& cell) { return refusal([&] { r::law_objective(law, accounts, std::vector{cell}); }); };
    const auto loss = r::mixture_loss::none(2);
    CHECK(objective({.account = 1, .loss = &loss}) == "rationale::law_objective: the account of a cell is 1, must be below 1");
    CHECK(objective({.at = {.steps = -1}, .loss = &loss}) == "rationale::law_objective: steps is -1, must be finite and not negative");
    CHECK(objective({}) == "rationale::law_objective: the loss of a cell is none, must be given");
    CHECK(objective({.loss = &loss, .weight = none}) ==
          "rationale::law_objective: the weight of a cell is not a number, must be finite and not negative");
}

TEST_CASE("arrays are made from arrays of as many axes, and tokens from whole numbers that they can hold") {
    xt::xtensor<std::int64_t, 2> wide{{0, 1}, {2, 1}};
    CHECK(urns::sequences{wide}.tokens(1, 0) == 2);
    wide(1, 0) = (std::int64_t{1} << 32) + 1;
    CHECK(refusal([&] { urns::sequences q{wide}; }) ==
          "rationale::ndarray: entry 2 of the array is 4294967297, must be a whole number from -2147483648 to 2147483647");
    const xt::xtensor<double, 2> real{{0, 0.7}};
    urns::sequences q;
    CHECK(refusal([&] { q.tokens = real; }) ==
          "rationale::ndarray: entry 1 of the array is 0.7, must be a whole number from -2147483648 to 2147483647");
    const xt::xtensor<double, 2> missing{{none, 0}};
    CHECK(refusal([&] { q.tokens = missing; }) ==
          "rationale::ndarray: entry 0 of the array is not a number, must be a whole number from -2147483648 to 2147483647");
    const xt::xtensor<float, 2> fine{{0, 2}};
    q.tokens = fine;
    CHECK(q.tokens(0, 1) == 2);
    using functions = r::finite_function<>;
    const functions f({.inputs = 2, .outputs = 2});
    CHECK(refusal([&] { (void)r::hypotheses(f, 1, [](std::size_t, std::size_t) { return (std::size_t{1} << 32) + 1; }); }) ==
          "rationale::hypotheses: an output is 4294967297, must be below 2");
    CHECK(refusal([&] { (void)r::permutation(3, 0, 3); }) == "rationale::permutation: x is 3, must be below 3");
}

TEST_CASE("what reads a list later keeps a temporary one, and its copies share it") {
    auto parts = std::vector{made(.2), made(.4)};
    const r::mixture_compressor refers(parts), keeps(std::vector{made(.2), made(.4)});
    const auto copy = std::make_unique<r::mixture_compressor>(keeps);
    const std::vector<double> w{.3, .7};
    const double expected = refers(made(.3))(w);
    CHECK(keeps(made(.3))(w) == expected);
    CHECK((*copy)(made(.3))(w) == expected);
    const std::vector<r::ndarray<double, 2>> nats(2, r::filled<double, 2>({2, 3}, 1.));
    const r::context_loss context(std::vector{made(.2), made(.4)}, std::vector(nats), made(.3));
    CHECK(context.value(std::vector{std::log(.3), std::log(.7)}, 0) == doctest::Approx(expected).epsilon(1e-9));
    const r::training at{.steps = 20, .schedule = std::vector<std::pair<double, double>>{{0, 0}, {10, 1}}};
    CHECK(r::area_of(at.schedule, 20).forward == doctest::Approx(15));
    const auto law = r::law_of<r::published_law>("published");
    const r::law_objective objective(law, std::vector<r::account>{{{.1, .2}, {10, 20}}},
                                     std::vector<r::fit_cell>{{.at = at, .loss = keeps(made(.3))}});
    const std::vector<double> u{.5, 0, -1};
    CHECK(objective.value(u) > 0);
    CHECK(objective(u).value == doctest::Approx(objective.value(u)).epsilon(1e-12));
}

TEST_CASE("threads evaluate one objective at the same time") {
    const auto parts = std::vector{made(.2), made(.4)};
    const r::mixture_compressor compress(parts);
    std::vector<r::account> accounts{{{.1, .2}, {10, 20}}};
    std::vector<r::fit_cell> cells;
    for (int i = 1; i <= 20; ++i) cells.push_back({.at = {.steps = 10. * i}, .loss = compress(made(.2 + .01 * i))});
    const auto law = r::law_of<r::published_law>("published");
    const r::law_objective objective(law, accounts, cells);
    std::vector<r::second_order> found(64), expected(64);
    const auto at = [](std::size_t i) { return std::vector<double>{.01 * static_cast<double>(i), .1, -1}; };
    for (std::size_t i = 0; i < 64; ++i) expected[i] = objective(at(i));
    r::threads{4}(64, [&](std::size_t i) { found[i] = objective(at(i)); });
    for (std::size_t i = 0; i < 64; ++i) {
        CHECK(found[i].value == expected[i].value);
        CHECK(found[i].gradient == expected[i].gradient);
        CHECK(found[i].hessian == expected[i].hessian);
    }
}
