// The square of memory and trust: the surface between its nodes, its laws, and what is found of made-up cells.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "rationale/execution.hpp"
#include "rationale/explanation/square_explanation.hpp"
#include "rationale/random/samplers.hpp"
#include "rationale/random/stream.hpp"

namespace r = rationale;

TEST_CASE("places on the square's sides and their numbers are each other's inverse, ends included") {
    for (const double x : {0., 1e-6, .03, 1., 7., 1e5}) CHECK(r::detail::side_number(r::detail::side_place(x)) == doctest::Approx(x));
    CHECK(r::detail::side_place(std::numeric_limits<double>::infinity()) == 1);
    CHECK(std::isinf(r::detail::side_number(1)));
    const r::detail::square_grid grid;
    bool bayes = false;
    for (std::size_t k = 0; k < grid.size(); ++k) bayes = bayes || grid.point(k).trust == doctest::Approx(1).epsilon(1e-14);
    CHECK(bayes);
    CHECK(grid.point(0).share() == 0);
    CHECK(grid.point(grid.size() - 1).share() == 1);
}

TEST_CASE("a surface goes through its nodes, is smooth between them, and takes an infinite node for no place to be") {
    const r::detail::square_grid grid(24);
    const auto truth = [](double x, double y) { return .02 + 3 * std::pow(x - .43, 2) + 5 * std::pow(y - .31 - .2 * x, 2); };
    std::vector<double> values;
    for (const double x : grid.memory)
        for (const double y : grid.trust) values.push_back(x == 1 ? std::numeric_limits<double>::infinity() : truth(x, y));
    const r::detail::grid_surface surface(grid.memory, grid.trust, values);
    CHECK(surface(grid.memory[3], grid.trust[5]) == doctest::Approx(truth(grid.memory[3], grid.trust[5])).epsilon(1e-12));
    double worst = 0;
    r::philox rng(1, 0);
    for (int i = 0; i < 500; ++i) {
        const double x = .8 * r::uniform(rng), y = grid.trust.back() * r::uniform(rng);
        worst = (std::max)(worst, std::abs(surface(x, y) / truth(x, y) - 1));
    }
    CHECK(worst < .02);
    const auto [m, t] = r::detail::least_of(surface, grid);
    CHECK(m == doctest::Approx(.43).epsilon(.01));
    CHECK(t == doctest::Approx(.31 + .2 * .43).epsilon(.01));
    CHECK(surface(1, .4) > 1e3);
}

namespace {
/// Cells of runs with 4, 16, 64 and 256 tasks whose divergence grows with the distance from where `law` has them, by `width` of its floor.
struct made_up {
    r::observations seen;
    r::detail::observed_square square{};

    template <class Truth>
    made_up(const Truth& truth, double noise) {
        square.unit = 4;
        r::philox rng(3, 0);
        for (std::size_t run = 0; run < 4; ++run) {
            const double tasks = std::pow(4., 1 + static_cast<double>(run));
            seen.runs.push_back({.tasks = static_cast<std::size_t>(tasks)});
            for (const double steps : {30., 100., 300., 1000., 3000., 10000.}) {
                r::observed_cell cell{.run = run, .at = {.steps = steps, .tasks = tasks}};
                cell.role = steps > 3000 ? r::cell_role::held_out_steps : r::cell_role::fitted;
                cell.parts.assign(6, r::mixture_loss::none(2));
                seen.cells.push_back(cell);
                const auto [log_kappa, log_trust] = truth(cell.at);
                std::vector<std::array<double, 2>> of_parts;
                for (std::size_t k = 0; k < 6; ++k)
                    of_parts.push_back({log_kappa + noise * r::standard_normal(rng), log_trust + .3 * noise * r::standard_normal(rng)});
                parts_.push_back([of_parts, unit = square.unit](const r::detail::belief_point& p) {
                    std::vector<double> out;
                    for (const auto& [k, e] : of_parts)
                        out.push_back((.01 + std::pow(p_of(p.memory * unit) - p_of(std::exp(k)), 2) +
                                       std::pow(p_of(p.trust) - p_of(std::exp(e)), 2)) /
                                      6);
                    return out;
                });
                auto& observed = square.cells.emplace_back();
                for (std::size_t n = 0; n < square.grid.size(); ++n) observed.parts.push_back(parts_.back()(square.grid.point(n)));
            }
        }
        square.evaluate = [this](std::size_t cell, const r::detail::belief_point& p) { return parts_[cell](p); };
    }
    made_up(const made_up&) = delete;

private:
    static double p_of(double x) { return r::detail::side_place(x); }
    std::vector<std::function<std::vector<double>(const r::detail::belief_point&)>> parts_{};
};

const r::square_law& law(const std::vector<r::square_law>& all, const std::string& key) {
    for (const auto& one : all)
        if (one.key == key) return one;
    throw std::invalid_argument(key);
}
}  // namespace

TEST_CASE("every law of the square finds the parameters that cells were made with, and its losses are those evaluated there") {
    const auto laws = r::square_laws();
    const std::vector<std::pair<std::string, std::vector<double>>> truths{{"square_by_visits", {3, .6, .8}},
                                                                          {"square_by_visits_trust_by_tasks", {3, .6, .6, .1}},
                                                                          {"square_by_visits_trust_grows", {3, .6, 1.1, 200}},
                                                                          {"square_by_visits_trust_to_bayes", {3, .6, .2, 40}},
                                                                          {"square_by_steps_and_tasks", {2, .5, .8, .7}}};
    for (const auto& [key, values] : truths) {
        CAPTURE(key);
        const auto& one = law(laws, key);
        const auto u = one.search_values(values);
        CHECK(one.values(u)[0] == doctest::Approx(values[0]));
        const made_up cells([&](const r::training& at) { return one.numbers(u, at); }, 0);
        const r::detail::square_explanation found(one, cells.square, cells.seen, r::sequential{});
        for (std::size_t i = 0; i < values.size(); ++i) CHECK(found.facts().values[i] == doctest::Approx(values[i]).epsilon(.06));
        CHECK(found.facts().identifiable);
        const r::recorded_sample recorded;
        const auto losses = found.losses(found.facts().values, recorded, [](const auto&) { return true; });
        for (std::size_t i = 0; i < losses.size(); ++i) {
            double evaluated = 0;
            for (const double x : cells.square.evaluate(i, found.point_of(i))) evaluated += x;
            CHECK(losses[i] == doctest::Approx(evaluated).epsilon(1e-12));
            CHECK(losses[i] < .0102);
        }
    }
}

TEST_CASE("a law with a number that the cells do not tell says so") {
    const auto laws = r::square_laws();
    const auto& constant = law(laws, "square_by_visits");
    const std::vector<double> u = constant.search_values({3, .6, .8});
    const made_up cells([&](const r::training& at) { return constant.numbers(u, at); }, .1);
    // Trust was the same all along: N0 is anything that is small.
    CHECK_FALSE(r::detail::square_explanation(law(laws, "square_by_visits_trust_grows"), cells.square, cells.seen, r::sequential{})
                    .facts()
                    .identifiable);
    CHECK(r::detail::square_explanation(constant, cells.square, cells.seen, r::sequential{}).facts().identifiable);
}

TEST_CASE("fitted again to samples of noisy cells, a law of the square has values around the truth") {
    const auto laws = r::square_laws(false);
    CHECK(laws.size() == 3);
    const auto& one = law(laws, "square_by_visits");
    const std::vector<double> values{3, .6, .8}, u = one.search_values(values);
    const made_up cells([&](const r::training& at) { return one.numbers(u, at); }, .3);
    const r::detail::square_explanation found(one, cells.square, cells.seen, r::sequential{});
    std::array<std::vector<double>, 3> drawn;
    for (std::uint64_t b = 0; b < 40; ++b) {
        const r::recorded_sample sample({.replicates = 40, .seed = 5}, b);
        const auto of_sample = found.fit(sample, r::is_fitted);
        for (std::size_t i = 0; i < 3; ++i) drawn[i].push_back(of_sample[i]);
    }
    for (std::size_t i = 0; i < 3; ++i) {
        const auto between = r::percentile_interval(drawn[i]);
        CAPTURE(between.lower);
        CAPTURE(between.upper);
        CHECK(between.holds(values[i]));
        CHECK(between.upper - between.lower < .6 * values[i]);
    }
}
