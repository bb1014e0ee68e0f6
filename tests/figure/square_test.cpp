// Figures and words of one belief with two precisions.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "rationale/analysis/report_words.hpp"
#include "rationale/figure/report_tables.hpp"
#include "rationale/figure/square.hpp"
#include "support/made_up_analysis.hpp"

using namespace rationale;
using rationale_test::add_square;
using rationale_test::made_up_analysis;
using json = nlohmann::ordered_json;

namespace {

recording_analysis with_square(const std::vector<rationale_test::made_up_run>& runs = {{4, 0}, {64, 0}}) {
    auto a = made_up_analysis(4, runs);
    add_square(a);
    return a;
}

/// Calls see(object) for every object in a specification.
void for_each_object(const json& part, const auto& see) {
    if (part.is_object()) see(part);
    if (part.is_structured())
        for (const auto& inner : part) for_each_object(inner, see);
}

/// The text that a specification calculates a field by.
std::string calculated(const figure& f, const std::string& field) {
    std::string out;
    for_each_object(f.spec, [&](const json& part) {
        if (part.contains("calculate") && part["as"] == field) out = part["calculate"].get<std::string>();
    });
    return out;
}

/// The axis's scale and ticks of the first channel that shows a field.
json channel_of(const figure& f, const std::string& field) {
    json out;
    for_each_object(f.spec, [&](const json& part) {
        if (out.is_null() && part.contains("field") && part["field"] == field && part.contains("axis")) out = part;
    });
    return out;
}

}  // namespace

TEST_CASE("a checkpoint's place on the sides of the square: sqrt(x)/(1 + sqrt(x)) of kappa in units and of e, infinity at 1") {
    const auto a = with_square();
    for (const figure& f : {belief_map(a), belief_maps(a)}) {
        CAPTURE(f.name);
        REQUIRE(f.data.size() == a.square->places.size());
        for (std::size_t i = 0; i < f.data.size(); ++i) {
            const auto& row = f.data[i];
            const auto& p = a.square->places[i];
            CHECK(row["tasks"] == a.runs[p.run].tasks);
            CHECK(row["step"] == p.step);
            CHECK(row["split"] == words(p.split));
            CHECK(row["divergence"] == 0.25);
            CHECK(row["best_weight"] == 0.5);
            CHECK(row["best_weights_with_constant"].is_null());
            CHECK(row["told"] == (p.step > 10));
            CHECK(row["path"] == (p.step > 10 ? json(words(p.split)) : json(nullptr)));  // the line through what is told
            const double law = std::sqrt(p.law_precision / 8);
            CHECK(row["law_memory"].get<double>() == doctest::Approx(law / (1 + law)));
        }
        CHECK(f.data[0]["memory_place"] == 0);
        CHECK(f.data[0]["trust_place"] == 0);
        CHECK(f.data[0]["memory_words"] == "0 (0 to ∞), cannot be told");
        CHECK(f.data[1]["memory_place"].get<double>() == doctest::Approx(std::sqrt(.5) / (1 + std::sqrt(.5))));
        CHECK(f.data[1]["memory_from"].get<double>() == doctest::Approx(1. / 3));
        CHECK(f.data[1]["trust_words"] == "0.5 (0.25 to 0.75)");
        CHECK(f.data[2]["memory_place"] == 1);
        CHECK(f.data[2]["precision"].is_null());  // infinite
        CHECK(f.data[2]["memory_to"] == 1);
        CHECK(f.data[2]["memory_words"] == "∞ (5000 to ∞)");
        CHECK(f.data[2]["trust_place"] == 0.5);
    }
}

TEST_CASE("the corners of the map are C, G, M and C in the strategies' colours, and its sides have their numbers") {
    const auto a = with_square();  // the constant is the fourth strategy
    for (const palette& colours : {palette{}, palette::colour_blind()})
        for (const figure& f : {belief_map(a, colours), belief_maps(a, colours)}) {
            CAPTURE(f.name);
            CHECK(calculated(f, "letter") == R"(["C","G","M","C"])");
            CHECK(calculated(f, "corner_memory") == "[0,0,1,1]");
            CHECK(calculated(f, "corner_trust") == "[0,0.5,0.5,0]");
            CHECK(json::parse(calculated(f, "corner_colour")) == json{colours.of(3), colours.of(1), colours.of(0), colours.of(3)});
            const auto memory = channel_of(f, "memory_place"), trust = channel_of(f, "trust_place");
            CHECK(memory["axis"]["values"].front() == 0);
            CHECK(memory["axis"]["values"].back() == 1);
            CHECK(memory["scale"]["domain"][0] < 0);
            CHECK(memory["scale"]["domain"][1] > 1);
            for (const double x : {0., .01, .1, 1., 3.}) {
                const auto& ticks = trust["axis"]["values"];
                CHECK(std::any_of(ticks.begin(), ticks.end(), [&](const json& place) {
                    return place.get<double>() == doctest::Approx(std::sqrt(x) / (1 + std::sqrt(x)));
                }));
            }
            CHECK(memory["axis"]["labelExpr"].get<std::string>().find("8.0 * pow(datum.value / (1 - datum.value), 2)") !=
                  std::string::npos);
        }
    auto more = a;
    more.square->places[1].trust = 20;
    CHECK(channel_of(belief_map(more), "trust_place")["axis"]["values"].back().get<double>() == doctest::Approx(5. / 6));
    CHECK(detail::memory_ticks(8) == std::vector<double>{0, .1, 1, 10, 100, 1000, std::numeric_limits<double>::infinity()});
}

TEST_CASE("curves: numbers where they are within the axis, its ends beyond, no range where memory cannot be told") {
    auto a = with_square({{4, 0}});
    a.square->places[0].law_precision = 1e6;
    const auto memory = memory_by_visits(a), trust = trust_by_steps(a);
    REQUIRE(memory.data.size() == 6);
    const auto axis = channel_of(memory, "level")["scale"]["domain"];
    const auto& untold = memory.data[0];
    CHECK(untold["mark"] == "below");
    CHECK(untold["level"] == axis[0]);
    CHECK(untold["level_from"].is_null());
    CHECK(memory.data[1]["visits"] == 25);
    CHECK(memory.data[1]["mark"] == "within");
    CHECK(memory.data[1]["level"] == 4);
    CHECK(memory.data[1]["level_from"] == 2);
    CHECK(memory.data[1]["level_to"] == 6);
    CHECK(memory.data[0]["level_law"].is_null());  // beyond the axis
    CHECK(memory.data[1]["level_law"] == 10);
    CHECK(memory.data[2]["mark"] == "above");
    CHECK(memory.data[2]["level"] == axis[1]);
    CHECK(memory.data[2]["level_to"] == axis[1]);
    CHECK(axis[0].get<double>() < 2);
    CHECK(axis[1].get<double>() > 5000);
    REQUIRE(trust.data.size() == 6);
    CHECK(trust.data[0]["mark"] == "below");
    CHECK_FALSE(trust.data[0]["level_to"].is_null());  // trust is told where memory is not
    CHECK(trust.data[1]["level_law"] == 0.5);
    CHECK(trust.data[2]["level"] == 1);
    CHECK_FALSE(trust.data[2].contains("visits"));
}

TEST_CASE("a law that differs between numbers of tasks has a line for each, another one for all") {
    auto a = with_square();
    const auto coloured = [](const figure& f) {
        bool out = false;
        for_each_object(f.spec, [&](const json& part) {
            if (part.contains("y") && part["y"].contains("field") && part["y"]["field"] == "level_law") out = part.contains("color");
        });
        return out;
    };
    for (const bool memory : {false, true}) {
        a.square->law = "square_by_visits";
        CHECK_FALSE(coloured(memory ? memory_by_visits(a) : trust_by_steps(a)));
        a.square->law = memory ? "square_by_steps_and_tasks" : "square_by_visits_trust_by_tasks";
        CHECK(coloured(memory ? memory_by_visits(a) : trust_by_steps(a)));
        CHECK_FALSE(coloured(memory ? trust_by_steps(a) : memory_by_visits(a)));
    }
}

TEST_CASE("a logarithmic axis of numbers that lie near together, far apart, nowhere, or in one place") {
    const detail::shown_range near({2, 6}, 8), far({.01, 5000}, 8), none({}, 8), one({4}, 8), beyond({1e-9, 1e9}, 8);
    CHECK(near.ticks() == json{2, 5});
    CHECK(far.ticks() == json{.01, .1, 1, 10, 100, 1000});
    CHECK(none.low == doctest::Approx(8 * std::pow(.02 / .98, 2)));
    CHECK(none.high == doctest::Approx(8 * std::pow(.98 / .02, 2)));
    CHECK(one.low == 2);
    CHECK(one.high == 8);
    CHECK(beyond.low == none.low);
    for (const auto& shown : {near, far, none, one, beyond}) {
        CHECK(shown.below < shown.low);
        CHECK(shown.above > shown.high);
        CHECK(shown(0) == shown.below);
        CHECK(shown(std::numeric_limits<double>::infinity()) == shown.above);
        CHECK(shown(shown.low) == shown.low);
    }
}

TEST_CASE("one checkpoint makes a point, and without a square there is nothing") {
    auto a = with_square({{16, 0}});
    a.square->places.erase(a.square->places.begin() + 1, a.square->places.end());
    for (const figure& f : {belief_map(a), belief_maps(a), memory_by_visits(a), trust_by_steps(a)}) {
        CAPTURE(f.name);
        CHECK(f.data.size() == 1);
    }
    CHECK(belief_maps(a).spec.dump().find("\"path\"") == std::string::npos);  // what cannot be told has no range and no line
    CHECK(belief_maps(with_square()).spec.dump().find("\"path\"") != std::string::npos);
    CHECK(words_of(a).learned.find("what it remembers with D = 16 cannot be told.") != std::string::npos);
    a.square->places.clear();
    for (const figure& f : {belief_map(a), belief_maps(a), memory_by_visits(a), trust_by_steps(a)}) CHECK(f.data.empty());
    CHECK(words_of(a).learned.starts_with(
        "The model, from step 100 on, reads each observation as if it counted 0.5 times (e = 0.5). The best"));
    a.square.reset();
    for (const figure& f : {belief_map(a), belief_maps(a), memory_by_visits(a), trust_by_steps(a)}) CHECK(f.data.empty());
    CHECK(words_of(a).learned.empty());
    CHECK(detail::square_tables(a, "r").empty());
}

TEST_CASE("in words: how the context is read, what is remembered of a task, and when that passes what the context gives") {
    auto a = with_square();
    // kappa = 2 sqrt(N/D): at 1000 steps 32 for D = 4, 7.9 for D = 64; e T = 16 after 64 visits.
    CHECK(
        words_of(a).learned ==
        "At its first checkpoint the model does not read the context; from step 100 on it reads each observation as if it counted 0.5 "
        "times "
        "(e = 0.5; at the last checkpoints 1 to 1). By the law of visits, at the end of training, it remembers a task with D = 4 as 32 "
        "observations of it (80 % of what it expects of a task is the task's own); it remembers a task with D = 64 as 7.9 observations of "
        "it (50 % of what it expects of a task is the task's own). What is remembered passes what the context gives, e T = 16 "
        "observations, when each task was seen 64 times: after 256 steps with D = 4, after 4100 steps with D = 64. The best point of "
        "memory and trust is 0.25 nats (KL) from a checkpoint, the best weight of memorizing and generalizing 0.5; held out 0.26 against "
        "0.6; out of distribution 0.27 against 0.7, held out 0.28 against 0.8. The law of visits, with three numbers for all "
        "checkpoints, is 0.3 from them, held out 0.35.");
    // Of a chain with four rows each is remembered, and has a quarter of the context: a sixteenth of the visits.
    auto chain = a;
    chain.square->rows = 4, chain.square->context /= 4;
    const auto of_chain = words_of(chain).learned;
    CHECK(of_chain.find("it remembers each row of a task with D = 4 as 32 observations of it") != std::string::npos);
    CHECK(of_chain.find("what the context gives, e T over 4 rows = 4 observations, when each task was seen 4 times: after 16 steps with "
                        "D = 4") != std::string::npos);
    a.square->better = better_account::mixture;
    CHECK(words_of(a).learned.starts_with(
        "A weight of memorizing and generalizing in every cell explains this recording better than memory and "
        "trust, with one number less. At its first"));
    a.kind = prediction_kind::mean;
    CHECK(words_of(a).learned.find("it trusts each observation as if the noise were 2 times as strong (e = 0.5") != std::string::npos);
    a.has_inputs = true;
    const auto of_means = words_of(a).learned;
    CHECK(of_means.find("it trusts each pair as if the noise were 2 times as strong (e = 0.5") != std::string::npos);
    CHECK(of_means.find("0.25 (squared error) from a checkpoint") != std::string::npos);
    auto& law = a.square->after_threshold.rows[0].facts.values;
    law = {2, 0.5, 1.07};
    CHECK(words_of(a).learned.find("it reads each pair as if it counted 1.07 times (e = 1.07") != std::string::npos);
    a.square->after_threshold.rows[0].value_intervals = {{1, 3}, {0.4, 0.6}, {1, 1.25}};
    CHECK(words_of(a).learned.find("(e = 1.07, 1 to 1.25; at the last") != std::string::npos);
    CHECK(words_of(a).learned.find("the edge") == std::string::npos);
    law = {2, 0.5, 30};  // more than 25, which is the most that was looked at
    const auto at_edge = words_of(a).learned;
    CHECK(at_edge.find("it reads each pair as if it counted at least 25 times (e = 25, the edge of what was searched") !=
          std::string::npos);
    CHECK(at_edge.find("What is remembered passes") == std::string::npos);
    a.square->greatest_trust = 200;
    law = {2, 0.5, 100};  // e T = 3200 after 2.56 million visits
    CHECK(words_of(a).learned.find("e T = 3200 pairs, not within any training of this kind.") != std::string::npos);
    law = {2, 0.5, 1.25};  // e T = 40 after 400 visits: 25600 steps of 64 tasks
    a.runs[1].steps = {10, 100, 200};
    CHECK(words_of(a).learned.find("after 1600 steps with D = 4, not within any training of this kind with D = 64.") != std::string::npos);
    law = {2, -0.5, 1};
    CHECK(words_of(a).learned.find("not within any training of this kind.") != std::string::npos);
    auto recorded = a;  // with its visits
    for (auto& run : recorded.runs) run.visits = {{1000, 500}};
    CHECK(words_of(recorded).learned.find("not within any training of this kind.") != std::string::npos);
    recorded.square->after_threshold.rows[0].facts.values = {2, 0.5, 1};
    CHECK(words_of(recorded).learned.find("when each task was seen 260 times.") != std::string::npos);
    recorded.square->after_threshold.rows[0].facts.values = {2, 0.01, 1};
    CHECK(words_of(recorded).learned.find("not within any training of this kind.") != std::string::npos);
    law = {64, 0.5, 1};
    CHECK(words_of(a).learned.find("before a task is seen once.") != std::string::npos);
}

TEST_CASE("of runs with the same number of tasks what is remembered is said once, over those that tell") {
    auto a = with_square({{8, 0}, {8, 1}, {8, 2}});
    const std::string own = " % of what it expects of a task is the task's own).";
    CHECK(words_of(a).learned.find("of training, it remembers a task with D = 8 as 22 observations of it (74" + own) != std::string::npos);
    CHECK(words_of(a).learned.find("was seen 64 times: after 512 steps with D = 8. The") != std::string::npos);
    for (auto& run : a.runs) run.visits = {{1000, 125.}};
    a.runs[2].visits = {{1000, 500.}};
    CHECK(words_of(a).learned.find("a task with D = 8 as 22 to 45 observations of it (74 to 85" + own) != std::string::npos);
    for (auto& p : a.square->places) p.memory_told = p.memory_told && p.run != 2;
    CHECK(words_of(a).learned.find("a task with D = 8 as 22 observations of it (74" + own) != std::string::npos);
    for (auto& p : a.square->places) p.memory_told = false;
    CHECK(words_of(a).learned.find("of training, what it remembers with D = 8 cannot be told.") != std::string::npos);
}

TEST_CASE("the page has a table after the threshold and one from the first checkpoint on") {
    const auto text = detail::square_tables(with_square(), "r");
    CHECK(text.find("<caption>Memory and trust, after the threshold: mean divergence from the model, KL, nats</caption>") !=
          std::string::npos);
    CHECK(text.find("<caption>Memory and trust, from the first checkpoint on: mean divergence from the model, KL, nats</caption>") !=
          std::string::npos);
    CHECK(text.find("<th scope=\"row\">best memory and trust in every cell</th>") != std::string::npos);
}
