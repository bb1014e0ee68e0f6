// Memory of limited precision as an account of a recording: what was put in is found.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "rationale/prior/mixture_of.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/bayes_mixture.hpp"
#include "support/analysis.hpp"
#include "support/effort.hpp"
#include "support/folder.hpp"
#include "support/made_up_recording.hpp"

namespace r = rationale;

namespace {
using urns = r::balls_and_urns<>;

/// Writes a recording whose model is `model(seen, generalizing, sequences, D, N)`.
template <class Model>
r::manifest write(const std::filesystem::path& folder, const std::vector<std::size_t>& tasks, const std::vector<std::int64_t>& steps,
                  const Model& model, const std::function<double(std::size_t)>& weight = {}) {
    return rationale_test::write_made_up(folder, urns({.categories = 5}),
                                         {.tasks = tasks, .steps = steps, .sequences = 24, .context = 20, .weight = weight}, model);
}

using remembering = r::bayes<urns, r::remembered<r::seen_tasks<urns>>>;

const r::explanation_row& row(const r::memory_report& m, const std::string& key) {
    const auto* const found = m.explanations.find(key);
    if (found == nullptr) throw std::invalid_argument(key);
    return *found;
}
const r::role_means& mean(const r::memory_report& m, const std::string& key) { return row(m, key).mean; }
constexpr std::size_t replicates = sanitized ? 4 : 100, sequences = sanitized ? 256 : 2048;
}  // namespace

TEST_CASE("the loss of precisions by a skeleton is the full sum's, of humps over the nodes and mixed with generalizing and constant") {
    const urns family({.categories = 6});
    const r::seen_tasks<urns> seen(family, r::sample_tasks(family, own_prior(family), 24, 1));
    const auto contexts = r::sample_sequences(family, seen, 20, 24, 2).sequences;
    const r::precision_grid grid(16);
    const r::memory<urns> memory(family);
    std::vector<r::predictions> parts;
    for (double s : grid.share)
        parts.push_back(r::predict(remembering(family, r::remembered(family, seen, memory.precision(s))), contexts));
    parts.push_back(r::predict(r::generalizing<urns>(family), contexts));
    parts.push_back(r::predict(r::constant(family), contexts));
    const auto model =
        r::predict(remembering(family, r::remembered(family, seen, 20.)), r::sample_sequences(family, seen, 20, 24, 3).sequences);
    const auto few = r::mixture_compressor(parts, r::detail::precision_probes(grid))(model), full = r::mixture_compressor(parts)(model);
    CHECK(few.size() < full.size() / 8);
    double worst = 0;
    r::philox rng(5, 0);
    for (int i = 0; i < 200; ++i) {
        std::vector<double> w(grid.size() + 2);
        double sum = 0;
        const double center = r::uniform(rng), width = .05 + r::uniform(rng);
        for (std::size_t q = 0; q < grid.size(); ++q)
            sum += w[q] = grid.width[q] * std::exp(-.5 * std::pow((grid.share[q] - center) / width, 2));
        const double g = i % 2 == 0 ? 0 : r::uniform(rng), c = i % 3 == 0 ? .2 * (1 - g) * r::uniform(rng) : 0;
        for (double& x : w) x *= (1 - g - c) / sum;
        w[grid.size()] = g, w[grid.size() + 1] = c;
        worst = (std::max)(worst, std::abs(few(w) - full(w)));
    }
    CHECK(worst < 1e-4);
    for (std::size_t q = 0; q < grid.size(); ++q) {
        std::vector<double> w(grid.size() + 2);
        w[q] = 1;
        CHECK(std::abs(few(w) - full(w)) < 1e-5);
    }
}

TEST_CASE("a known schedule of precisions comes back, and explains what no weight of M and G does") {
    const rationale_test::temporary_folder folder;
    const auto m = write(
        folder.path() / "r", {4, 8, 16, 32, 64}, {20, 60, 200, 600, 2000, 6000},
        [](const auto& family, const auto& seen, const auto& q, double d, double n) {
            // What is seen of a model is not exact: log kappa has noise of .2 from checkpoint to checkpoint.
            r::philox rng(static_cast<std::uint64_t>(d), static_cast<std::uint64_t>(n));
            return r::predict(
                remembering(family, r::remembered(family, seen, 2.5 * std::pow(n / d, .6) * std::exp(.2 * r::standard_normal(rng)))), q);
        });
    r::analysis_options options;
    options.losses.most_sequences = sequences;
    options.threshold_share = 1;  // every checkpoint counts
    options.bootstrap.replicates = replicates;
    const auto a = rationale_test::analyzed<urns>(m, options, r::threads{2});
    REQUIRE(a.memory);
    const auto& memory = *a.memory;
    const auto& visits = row(memory, "precision_by_visits");
    CHECK(visits.facts.values[0] == doctest::Approx(2.5).epsilon(.25));
    CHECK(visits.facts.values[1] == doctest::Approx(.6).epsilon(.1));
    CHECK(visits.facts.spread == doctest::Approx(.2).epsilon(.5));
#ifndef __SANITIZE_ADDRESS__
    for (std::size_t i = 0; i < 2; ++i) {
        CAPTURE(visits.value_intervals[i].lower);
        CAPTURE(visits.value_intervals[i].upper);
        CHECK(visits.value_intervals[i].holds(i == 0 ? 2.5 : .6));
    }
#endif
    for (const auto& c : memory.cells) {
        r::philox rng(a.runs[c.run].tasks, static_cast<std::uint64_t>(c.step));
        const double truth = 2.5 * std::pow(static_cast<double>(c.step) / static_cast<double>(a.runs[c.run].tasks), .6) *
                             std::exp(.2 * r::standard_normal(rng));
        CHECK(c.precision == doctest::Approx(truth).epsilon(.02));
        CHECK(c.divergence < 1e-5);
        CHECK(c.bits_per_task > 0);
    }
    CHECK(mean(memory, "best_precision").fitted < 1e-2 * mean(memory, "free_weights").fitted);
    CHECK(mean(memory, "best_precision").held_out_ood < 1e-2 * mean(memory, "free_weights").held_out_ood);
    CHECK(mean(memory, "per_task").fitted < mean(memory, "published").fitted);
    bool said = false;
    for (const auto& note : a.notes)
        said |= note.find("a precision explains the model better than the best weight of M and G in every cell") != std::string::npos;
    CHECK(said);
}

TEST_CASE("finer grids of precisions say the same") {
    const rationale_test::temporary_folder folder;
    const auto m = write(folder.path() / "r", {4, 16, 64}, {20, 60, 200, 600, 2000, 6000},
                         [](const auto& family, const auto& seen, const auto& q, double d, double n) {
                             return r::predict(remembering(family, r::remembered(family, seen, 2.5 * std::pow(n / d, .6))), q);
                         });
    r::analysis_options options;
    options.losses.most_sequences = 256;
    options.threshold_share = 1;
    const auto report = [&](std::size_t nodes) {
        options.precision_nodes = nodes;
        return *rationale_test::analyzed<urns>(m, options, r::threads{2}).memory;
    };
    const auto coarse = report(10), middle = report(16), fine = report(24);
    const auto law = [](const r::memory_report& x) { return mean(x, "per_task"); };
    CHECK(law(middle).fitted == doctest::Approx(law(fine).fitted).epsilon(.02));
    CHECK(std::abs(law(middle).fitted - law(fine).fitted) <= std::abs(law(coarse).fitted - law(fine).fitted) + 1e-6);
    for (std::size_t i = 0; i < fine.fit.values.size(); ++i)
        CHECK(middle.fit.values[i] == doctest::Approx(fine.fit.values[i]).epsilon(.05));
    for (std::size_t i = 0; i < fine.cells.size(); ++i)
        CHECK(middle.cells[i].precision == doctest::Approx(fine.cells[i].precision).epsilon(.02));
}

TEST_CASE("a mixture of M and G is called that") {
    const rationale_test::temporary_folder folder;
    const auto m = write(folder.path() / "r", {4, 8, 16, 32}, {20, 60, 200, 600, 2000},
                         [](const auto& family, const auto& seen, const auto& q, double d, double n) {
                             auto mixed = r::predict(r::memorizing<urns>(family, seen), q);
                             const auto g = r::predict(r::generalizing<urns>(family), q);
                             const double w = n / (n + 15 * d);
                             for (std::size_t i = 0; i < mixed.values.size(); ++i)
                                 mixed.values.data()[i] = w * mixed.values.data()[i] + (1 - w) * g.values.data()[i];
                             return mixed;
                         });
    r::analysis_options options;
    options.losses.most_sequences = sequences;
    options.threshold_share = 1;  // every checkpoint counts
    const auto a = rationale_test::analyzed<urns>(m, options, r::threads{2});
    CHECK(mean(*a.memory, "free_weights").fitted < 1e-6);
    CHECK(mean(*a.memory, "best_precision").fitted > 1e-4);
    CHECK(mean(*a.memory, "best_precision_mixed").fitted < mean(*a.memory, "best_precision").fitted);
    bool said = false;
    for (const auto& note : a.notes)
        said |= note.find("a precision explains the model worse than the best weight of M and G in every cell") != std::string::npos;
    CHECK(said);
}

TEST_CASE("tasks seen with unequal weights, each remembered by its own visits") {
    const rationale_test::temporary_folder folder;
    const auto weight = [](std::size_t i) { return 1 / static_cast<double>(i + 1); };
    const auto m = write(
        folder.path() / "r", {20}, {20, 60, 200, 600, 2000, 6000},
        [](const auto& family, const auto& seen, const auto& q, double, double n) {
            std::vector<double> precision;
            for (double w : seen.weights()) precision.push_back(4 * std::pow(n * w, .5));
            return r::predict(r::bayes(family, r::remembered(family, seen, precision)), q);
        },
        weight);
    r::analysis_options options;
    options.losses.most_sequences = sequences;
    options.threshold_share = 1;  // every checkpoint counts
    options.bootstrap.replicates = 40;
    const auto a = rationale_test::analyzed<urns>(m, options, r::threads{2});
    REQUIRE(a.square);
    const auto* const found = a.square->after_threshold.find("square_by_own_visits");
    REQUIRE(found != nullptr);
    const auto& visits = *found;
    CHECK(visits.facts.values[0] == doctest::Approx(4).epsilon(.02));
    CHECK(visits.facts.values[1] == doctest::Approx(.5).epsilon(.02));
    for (double end : {visits.value_intervals[0].lower, visits.value_intervals[0].upper}) CHECK(end == doctest::Approx(4).epsilon(.05));
    for (double end : {visits.value_intervals[1].lower, visits.value_intervals[1].upper}) CHECK(end == doctest::Approx(.5).epsilon(.05));
    CHECK(visits.facts.values[2] == doctest::Approx(1).epsilon(.02));
    for (double end : {visits.value_intervals[2].lower, visits.value_intervals[2].upper}) CHECK(end == doctest::Approx(1).epsilon(.05));
    CHECK(visits.difference.upper < 0);
    CHECK(visits.mean.held_out < .1 * mean(*a.memory, "best_precision").held_out);
}

TEST_CASE("some tasks remembered and others not, and a likelihood that is not trusted, are found where a model does that") {
    const rationale_test::temporary_folder folder;
    const std::vector<std::size_t> tasks{8, 24};
    const std::vector<std::int64_t> steps{20, 200, 2000};
    const auto analyze = [&](const char* name, const auto& model) {
        r::analysis_options options;
        options.losses.most_sequences = 256;
        options.threshold_share = 1;  // every checkpoint counts
        options.compare = true;
        return *rationale_test::analyzed<urns>(write(folder.path() / name, tasks, steps, model), options, r::threads{2}).memory;
    };
    // A share n/(n + 20 D) of the tasks is remembered at a precision of the grid.
    const r::precision_grid grid(r::analysis_options{}.precision_nodes);
    const auto some = analyze("some", [&](const auto& family, const auto& seen, const auto& q, double d, double n) {
        const double precision = r::memory<urns>(family).precision(grid.share[11]), share = n / (n + 20 * d);
        using both = r::mixture_of<r::remembered<r::seen_tasks<urns>>, r::own_prior_t<urns>>;
        const both prior({share, 1 - share}, r::remembered(family, seen, precision), own_prior(family));
        return r::predict(r::bayes<urns, both>(family, prior), q);
    });
    CHECK(mean(some, "some_tasks").fitted < 1e-7);
    CHECK(mean(some, "some_tasks").fitted_ood < 1e-7);
    CHECK(mean(some, "best_precision").fitted > 1e-4);
    CHECK(mean(some, "best_exponent").fitted > 1e-4);
    const auto weaker = analyze("weaker", [&](const auto& family, const auto& seen, const auto& q, double d, double n) {
        return r::predict(r::bayes<urns, r::tempered<r::seen_tasks<urns>>>(family, r::tempered(seen, n / (n + 20 * d))), q);
    });
    CHECK(mean(weaker, "best_exponent").fitted < 1e-5);
    CHECK(mean(weaker, "best_exponent").fitted_ood < 1e-5);
    CHECK(mean(weaker, "some_tasks").fitted > 1e-4);
    // n/(n + 20 D) is .29, .56, .81 and .93 in the cells after the threshold.
    CHECK(weaker.best_exponents.lower == doctest::Approx(.42).epsilon(.3));
    CHECK(weaker.best_exponents.upper == doctest::Approx(.87).epsilon(.1));
}

TEST_CASE("a memory that errs twice and is mixed with copying is found, and neither of the two alone explains it") {
    using items = r::classification<2, 2>;
    const items family({.label_noise = 1e-3});
    const r::seen_tasks<items> seen(family, r::sample_tasks(family, own_prior(family), 16, 1));
    const auto q = r::sample_sequences(family, seen, 60, 8, 2).sequences;
    const r::precision_grid grid(r::analysis_options{}.precision_nodes);
    const r::detail::precision_axis<items> axis(family);
    const auto copies = r::predict(r::copying<items>(family), q);
    auto model = r::predict(r::bayes(family, r::tempered(axis.at(family, seen, grid.share[12]), std::exp2(-1 / 3.))), q);
    for (std::size_t i = 0; i < model.values.size(); ++i)
        model.values.data()[i] = .7 * model.values.data()[i] + .3 * copies.values.data()[i];
    const auto tempered_twice = [&](double share, double exponent) {
        return r::predict(r::bayes(family, r::tempered(axis.at(family, seen, share), exponent)), q);
    };
    const auto copying = [&](double power) { return r::predict(r::copying<items>(family, power), q); };
    CHECK(r::detail::paired_memories(tempered_twice, copying, grid).least(model)[0] < 1e-6);
    // The same with what is copied more faintly.
    const auto faint = copying(.5),
               memory = r::predict(r::bayes(family, r::tempered(axis.at(family, seen, grid.share[12]), std::exp2(-1 / 3.))), q);
    auto fainter = model;
    for (std::size_t i = 0; i < model.values.size(); ++i)
        fainter.values.data()[i] = .7 * memory.values.data()[i] + .3 * faint.values.data()[i];
    const auto [power_one, any_power] = r::detail::paired_memories(tempered_twice, copying, grid).least(fainter);
    CHECK(any_power < 1e-6);
    CHECK(power_one > 10 * any_power);
    const auto least_along = [&](const auto& one) {
        std::vector<r::predictions> range;
        for (double s : grid.share) range.push_back(r::predict(r::bayes(family, one.at(family, seen, s)), q));
        std::vector<const r::predictions*> at;
        for (const auto& p : range) at.push_back(&p);
        double least = 1;
        for (const auto& n : r::detail::paired_with(at, copies).nearest(model)) least = (std::min)(least, n.loss);
        return least;
    };
    CHECK(least_along(axis) > 1e-5);
    CHECK(least_along(r::detail::exponent_axis<items>(family)) > 1e-5);
}

TEST_CASE("a known schedule of exponents comes back, and so does one exponent with generalizing" * takes_long) {
    const rationale_test::temporary_folder folder;
    const std::vector<std::int64_t> steps{20, 60, 200, 600, 2000};
    const std::vector<std::size_t> tasks{4, 8, 16, 32, 64};
    const auto analyze = [&](const char* name, const auto& model) {
        r::analysis_options options;
        options.losses.most_sequences = 256;
        options.threshold_share = 1;  // every checkpoint counts
        options.compare = true;
        options.bootstrap.replicates = replicates / 4;
        return rationale_test::analyzed<urns>(write(folder.path() / name, tasks, steps, model), options, r::threads{2});
    };
    using weaker = r::bayes<urns, r::tempered<r::seen_tasks<urns>>>;
    const auto exponent_at = [](double d, double n) { return .02 * std::pow(n, .4) * std::pow(d, .1); };
    const auto scheduled = *analyze("scheduled", [&](const auto& family, const auto& seen, const auto& q, double d, double n) {
                                return r::predict(weaker(family, r::tempered(seen, exponent_at(d, n))), q);
                            }).memory;
    const auto& power = row(scheduled, "exponent_by_steps_and_tasks").facts;
    CHECK(power.values[0] == doctest::Approx(.02).epsilon(.02));
    CHECK(power.values[1] == doctest::Approx(.4).epsilon(.01));
    CHECK(power.values[2] == doctest::Approx(.1).epsilon(.03));
    CHECK(power.spread < .01);
    CHECK(mean(scheduled, "exponent_by_steps_and_tasks").fitted < 1e-5);
    CHECK(mean(scheduled, "exponent_by_steps_and_tasks").held_out_ood < 1e-5);
    CHECK(row(scheduled, "exponent_by_steps_and_tasks").difference.upper < 0);
    CHECK(mean(scheduled, "exponent_by_visits").fitted > 1e-4);
    for (const auto& c : scheduled.cells) {
        const double truth = exponent_at(static_cast<double>(tasks[c.run]), static_cast<double>(c.step));
        CHECK(c.exponent.value == doctest::Approx(truth).epsilon(.01));
        CHECK(c.exponent.divergence < 2e-5);
    }

    // One exponent, a node of the grid, and generalizing in equal parts: what a law says that counts neither evidence nor bits.
    const r::precision_grid grid(r::analysis_options{}.precision_nodes);
    const double exponent = std::pow(1. / 1024, 1 - grid.share[9]);
    const auto a = analyze("one", [&](const auto& family, const auto& seen, const auto& q, double, double) {
        auto mixed = r::predict(weaker(family, r::tempered(seen, exponent)), q);
        const auto g = r::predict(r::generalizing<urns>(family), q);
        for (std::size_t i = 0; i < mixed.values.size(); ++i) mixed.values.data()[i] = .5 * (mixed.values.data()[i] + g.values.data()[i]);
        return mixed;
    });
    REQUIRE(a.memory->tempered);
    CHECK(a.memory->tempered->exponent == doctest::Approx(exponent));
    CHECK(row(*a.memory, "per_task_one_exponent").facts.parameters == 4);
    CHECK(mean(*a.memory, "per_task_one_exponent").fitted < .1 * mean(*a.memory, "published").fitted);
    CHECK(mean(*a.memory, "best_exponent_mixed").fitted < 1e-5);
    bool said = false;
    for (const auto& note : a.notes) said |= note.find("one exponent and G is ahead of the published over M and G") != std::string::npos;
    CHECK(said);
}
