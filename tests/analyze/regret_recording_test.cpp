// Regret, the generalization gap and early warnings of a recording, on made-up losses.
#include "rationale/analysis/detail/regret_recording.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "rationale/analysis/write_analysis.hpp"
#include "rationale/analysis/write_csv.hpp"
#include "support/made_up_analysis.hpp"

namespace r = rationale;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Of each checkpoint a value for every sequence: the checkpoint's, plus the sequence's number centred.
std::vector<std::vector<double>> around(const std::vector<double>& means, std::size_t sequences, double spread = .01) {
    std::vector<std::vector<double>> out;
    for (double mean : means) {
        auto& row = out.emplace_back();
        for (std::size_t s = 0; s < sequences; ++s)
            row.push_back(mean + spread * (static_cast<double>(s) - .5 * static_cast<double>(sequences - 1)));
    }
    return out;
}

/// Cells whose relative distances are these; NaN is undefined.
std::vector<r::analyzed_cell> at_distances(const std::vector<double>& relative) {
    std::vector<r::analyzed_cell> out;
    for (double x : relative) {
        auto& c = out.emplace_back();
        c.relative.value = x;
        c.relative.is = std::isnan(x) ? r::relative_distance_result::state::infinite_divergence : decltype(c.relative.is){};
    }
    return out;
}

}  // namespace

TEST_CASE("a cell's regret is against each strategy and the best of each sequence, and its exponent that of the context") {
    // Sequence s regrets (s+1) t^(1/2) against the first strategy, which is the best one on the first three sequences, and t^(1/2)/2 less
    // than that against the second on the last one.
    const std::size_t sequences = 4, events = 9;
    auto model = r::filled<double, 2>({sequences, events}, 0.0);
    std::vector<r::ndarray<double, 2>> strategies(2, model);
    for (std::size_t s = 0; s < sequences; ++s)
        for (std::size_t t = 0; t < events; ++t) {
            const double step = std::sqrt(static_cast<double>(t + 1)) - std::sqrt(static_cast<double>(t));
            strategies[0](s, t) = 1, strategies[1](s, t) = s == 3 ? 1 - .5 * step : 2;
            model(s, t) = 1 + static_cast<double>(s + 1) * step;
        }
    const auto cell = r::detail::with_regret({.run = 2, .step = 7, .split = r::split::ood}, model, strategies);
    CHECK(cell.run == 2);
    CHECK(cell.step == 7);
    REQUIRE(cell.against.size() == 2);
    CHECK(cell.against[0].value == doctest::Approx(3 * 2.5).epsilon(1e-12));
    CHECK(cell.against[1].value == doctest::Approx((3 * (1 + 2 + 3) - 3 * 9 + 3 * 4.5) / 4).epsilon(1e-12));
    CHECK(cell.hindsight.value == doctest::Approx(3 * (1 + 2 + 3 + 4.5) / 4).epsilon(1e-12));
    CHECK(cell.hindsight.within.lower > 3);
    CHECK(cell.hindsight.within.upper < 3 * 4.5);
    CHECK(cell.trend.exponent.value == doctest::Approx(.5).epsilon(1e-10));
    CHECK(cell.trend.sublinear());

    auto linear = model;
    for (double& x : linear) x = 1.25;
    CHECK_FALSE(r::detail::with_regret({}, linear, {strategies[0]}).trend.sublinear());
    CHECK(r::detail::with_regret({}, linear, {strategies[0]}).trend.exponent.value == doctest::Approx(1).epsilon(1e-10));
}

TEST_CASE("one sequence has no interval, one event no exponent, and an infinite loss an infinite regret") {
    const auto one = r::detail::with_regret({}, {{2, 2}}, {{{1, 2}}});
    CHECK(one.hindsight.value == 1);
    CHECK(std::isnan(one.hindsight.within.lower));
    CHECK(std::isnan(one.against[0].standard_error));
    CHECK(std::isnan(r::detail::with_regret({}, {{2}, {3}}, {{{1}, {1}}}).trend.exponent.value));
    CHECK(r::detail::with_regret({}, {{2}, {infinity}}, {{{1}, {1}}}).hindsight.value == infinity);
}

TEST_CASE("a run's gap is largest at a parabola's top along the root of steps, and turns where it comes and goes by more than its error") {
    const std::vector<std::int64_t> steps{0, 100, 400, 900, 1600};
    r::per_split<r::detail::split_distances> at;
    r::regret_report none;
    at.id.excess = around({0, 0, 0, 0, 0}, 5);
    r::detail::add_gap(none, 0, steps, at);
    CHECK(none.gaps.empty());  // no OOD sequences
    CHECK(none.turns.empty());

    at.ood.excess = around({1, 4, 5, 4, 1}, 7);  // 5 - (sqrt(N) - 20)^2/100
    r::regret_report out;
    r::detail::add_gap(out, 3, steps, at);
    REQUIRE(out.gaps.size() == 5);
    CHECK(out.gaps[1].run == 3);
    CHECK(out.gaps[1].step == 100);
    CHECK(out.gaps[1].gap.value == doctest::Approx(4).epsilon(1e-12));
    CHECK(out.gaps[1].gap.within.lower < 4);
    CHECK(out.gaps[1].gap.within.upper > 4);
    REQUIRE(out.turns.size() == 1);
    CHECK(out.turns[0].peak_step == doctest::Approx(400).epsilon(1e-10));
    CHECK(out.turns[0].height.value == doctest::Approx(5).epsilon(1e-12));
    REQUIRE(out.turns[0].turns.size() == 1);
    CHECK(out.turns[0].turns[0].at == 400);
    CHECK(out.turns[0].turns[0].peak);

    at.id.excess = around({0, 0, 0, 0, 0}, 5, 10);  // sequences that differ so much that the same gap is noise
    r::regret_report noisy;
    r::detail::add_gap(noisy, 3, steps, at);
    CHECK(noisy.turns[0].turns.empty());

    at.id.excess = around({0, 0, 0, 0, 0}, 5);
    at.id.excess[1][2] = infinity;
    r::regret_report fewer;
    r::detail::add_gap(fewer, 3, steps, at);
    CHECK(fewer.gaps.size() == 4);
    CHECK(fewer.gaps[1].step == 400);
}

TEST_CASE("over numbers of tasks: runs of one number are averaged, of as many sequences as every run has, and two numbers are too few") {
    const std::vector<std::size_t> tasks{4, 4, 16, 64};
    r::detail::recorded_distances distances;
    distances.at.resize(4);
    const std::vector<double> gaps{1, 3, 5, 2};
    for (std::size_t i = 0; i < 4; ++i) {
        distances.at[i].id.excess = around({9, 1}, 4);
        distances.at[i].ood.excess = around({0, 1 + gaps[i]}, i == 2 ? 3 : 5, 0);
        if (i == 0) distances.at[i].id.excess.back().resize(3);
    }
    const auto found = r::detail::gap_of_tasks(tasks, distances);
    REQUIRE(found);
    CHECK(found->tasks == std::vector<std::size_t>{4, 16, 64});
    // The first three of four sequences in distribution are below their mean by half a step.
    CHECK(found->gap[0].value == doctest::Approx(2 + .005).epsilon(1e-12));
    CHECK(found->gap[1].value == doctest::Approx(5 + .005).epsilon(1e-12));
    CHECK(found->peak_tasks == doctest::Approx(16).epsilon(.01));
    CHECK(found->peak_within.lower <= found->peak_tasks);
    distances.at[2].ood.excess.back()[0] = infinity;
    CHECK_FALSE(r::detail::gap_of_tasks(tasks, distances));
}

TEST_CASE("a warning is of eight checkpoints or more before the model passes the middle") {
    std::vector<double> rising;
    for (int n = 0; n < 12; ++n) rising.push_back(.2 + .01 * n + .002 * n * (n % 2 == 0 ? 1 : -1));
    const auto stays = r::detail::warning_of(5, at_distances(rising));
    REQUIRE(stays);
    CHECK(stays->run == 5);
    CHECK(stays->checkpoints == 12);
    CHECK_FALSE(stays->passes);
    CHECK(stays->found.variance_trend.tau > .9);
    CHECK(stays->found.variance_by_chance == r::early_warning(rising).variance_by_chance);
    auto passing = rising;
    passing.insert(passing.end(), {.6, .2, .2});
    CHECK(r::detail::warning_of(5, at_distances(passing))->passes);
    CHECK(r::detail::warning_of(5, at_distances(passing))->checkpoints == 12);
    passing.insert(passing.begin(), std::nan(""));
    CHECK(r::detail::warning_of(5, at_distances(passing))->checkpoints == 12);
    CHECK_FALSE(r::detail::warning_of(5, at_distances({.1, .2, .1, .2, .1, .2, .1})));
    CHECK_FALSE(r::detail::warning_of(5, at_distances(std::vector<double>(20, .25))));
    CHECK_FALSE(r::detail::warning_of(5, at_distances({.7, .1, .2, .1, .2, .1, .2, .1, .2, .1})));
}

TEST_CASE("regret is announced by either signal at 5 %") {
    r::switch_warning w;
    CHECK_FALSE(w.announced());
    w.found.variance_by_chance = .05;
    CHECK(w.announced());
    w.found = {};
    w.found.autocorrelation_by_chance = .01;
    CHECK(w.announced());
}

TEST_CASE("files: the last checkpoints, gap and warning of each run; a column for each strategy, empty where there is none") {
    auto a = rationale_test::made_up_analysis(3);
    a.profile.resize(3);
    for (auto& run : a.runs) run.descriptions.resize(3), run.losses.standard_error.resize(3);
    r::recording_analysis of[]{a};
    const std::string header =
        "regret_against_memorizing,regret_against_generalizing,regret_against_unigram_retrieval,regret_lower_memorizing";
    CHECK(r::cells_csv(of).find(header) != std::string::npos);
    CHECK_FALSE(r::to_json(a).contains("regret"));
    rationale_test::add_regret(a);
    const auto out = r::to_json(a)["regret"];
    CHECK(out["unit"] == "nats a sequence");
    REQUIRE(out["runs"].size() == 2);
    const auto& run = out["runs"][1];
    CHECK(run["tasks"] == 64);
    REQUIRE(run["last"].size() == 2);
    CHECK(run["last"][1]["split"] == "ood");
    CHECK(run["last"][1]["step"] == 1000);
    CHECK(run["last"][0]["against"][2]["strategy"] == "unigram retrieval");
    CHECK(run["last"][0]["against"][0]["regret"] == a.regret.cells[8].against[0].value);
    CHECK(run["last"][0]["exponent_95"].is_null());
    CHECK(run["last"][0]["sublinear"] == false);
    CHECK(run["gap"]["turns"][0]["step"] == 100);
    CHECK(run["gap"]["checkpoints"].size() == 3);
    CHECK(run["early_warning"]["announced"] == true);
    CHECK_FALSE(out["runs"][0].contains("early_warning"));
    CHECK(out["over_tasks"]["peak_tasks"] == 16);
    of[0] = a;
    CHECK(r::cells_csv(of).find(",1.25,") != std::string::npos);
}
