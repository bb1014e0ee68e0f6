// Figures: what they show is what the analysis says. That they draw is seen by Vega-Lite itself (examples/report/draw.js).
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "rationale/figure/analysis_figures.hpp"
#include "support/made_up_analysis.hpp"

using namespace rationale;
using rationale_test::made_up_analysis;
using rationale_test::made_up_run;
using json = nlohmann::ordered_json;

namespace {

/// Calls see(object) for every object in a specification.
void for_each_object(const json& part, const auto& see) {
    if (part.is_object()) see(part);
    if (part.is_structured())
        for (const auto& inner : part) for_each_object(inner, see);
}

/// What any figure must be: marks and fields that are in the data or calculated, rows alike, numbers that JSON can hold.
void check_figure(const figure& f) {
    CAPTURE(f.name);
    CHECK_FALSE(f.title.empty());
    CHECK_FALSE(f.caption.empty());
    REQUIRE_FALSE(f.data.empty());
    const auto spec = f.specification();
    CHECK(spec["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json");
    CHECK(spec["data"]["values"] == f.data);
    CHECK(json::parse(spec.dump()) == spec);
    std::set<std::string> keys;
    for (const auto& [key, value] : f.data[0].items()) keys.insert(key);
    for (const auto& row : f.data) {
        CHECK(row.size() == keys.size());
        for (const auto& [key, value] : row.items()) {
            CHECK(keys.contains(key));
            CHECK(
                (value.is_null() || value.is_string() || value.is_boolean() || (value.is_number() && std::isfinite(value.get<double>()))));
        }
    }
    std::size_t marks = 0;
    for_each_object(f.spec, [&](const json& part) {
        if (part.contains("as")) keys.insert(part["as"].get<std::string>());
        marks += part.contains("mark");
        if (part.contains("filter") && part["filter"].contains("valid"))  // to Vega-Lite no text is valid
            for (const auto& row : f.data) CHECK_FALSE(row[part["filter"]["field"].get<std::string>()].is_string());
        for (const char* ours : {"needs", "where", "empty"}) CHECK_FALSE(part.contains(ours));
    });
    CHECK(marks > 0);
    for_each_object(f.spec, [&](const json& part) {
        if (part.contains("field")) CHECK(keys.contains(part["field"].get<std::string>()));
    });
    const auto csv = f.csv();
    CHECK(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')) == f.data.size() + 1);
}

std::set<std::string> names_of(const std::vector<figure>& all) {
    std::set<std::string> names;
    for (const auto& f : all) CHECK(names.insert(f.name).second);
    return names;
}

double number(const json& row, const char* field) { return row[field].is_null() ? undefined : row[field].get<double>(); }
bool same(double x, double y) { return std::isnan(x) ? std::isnan(y) : x == doctest::Approx(y); }

/// Rows are the ID cells, or all, in order, and a column is what `value` says of each.
void check_cells(const recording_analysis& a, const figure& f, const char* field, bool id_only, const auto& value) {
    CAPTURE(f.name);
    CAPTURE(field);
    std::size_t at = 0;
    for (const auto& c : a.cells) {
        if (id_only && c.split != split::id) continue;
        REQUIRE(at < f.data.size());
        CHECK(f.data[at]["tasks"] == a.runs[c.run].tasks);
        CHECK(f.data[at]["step"] == c.step);
        CHECK(same(number(f.data[at], field), value(c)));
        ++at;
    }
    CHECK(at == f.data.size());
}

}  // namespace

TEST_CASE("figures are whole for two and more strategies, one run, many runs and seeds") {
    for (const std::size_t strategies : {2U, 3U, 5U})
        for (const std::vector<made_up_run>& runs : {std::vector<made_up_run>{{16, 0}},
                                                     {{4, 0}, {64, 0}},
                                                     {{4, 1}, {4, 2}, {8, 1}, {16, 1}, {32, 1}, {64, 1}, {128, 1}, {256, 1}}}) {
            CAPTURE(strategies);
            CAPTURE(runs.size());
            auto with_square = made_up_analysis(strategies, runs);
            rationale_test::add_square(with_square);
            const auto of_square = figures_of(with_square);
            for (const auto& f : of_square) check_figure(f);
            CHECK(of_square[0].name == "belief");
            for (const char* name : {"belief-by-tasks", "memory-by-visits", "trust-by-steps"}) CHECK(names_of(of_square).contains(name));
            const auto all = figures_of(made_up_analysis(strategies, runs));
            CHECK(of_square.size() == all.size() + 4);
            for (const auto& f : all) check_figure(f);
            const auto names = names_of(all);
            for (const char* always : {"relative-distance", "strategy-weights", "predicted-and-observed", "odds", "odds-over-training",
                                       "evidence", "curvature", "crossovers", "distances", "relative-distances", "interpolation",
                                       "transience", "positions", "loss-difference-by-position"}) {
                CAPTURE(always);
                CHECK(names.contains(always));
            }
            for (const char* against_tasks : {"losses", "loss-difference", "task-diversity"})
                CHECK(names.contains(against_tasks) == (runs.size() > 1));
            CHECK(names.contains("strategy-map") == (strategies > 2));
            CHECK_FALSE(names.contains("laws"));       // nothing was compared
            CHECK_FALSE(names.contains("precision"));  // no memory was fitted
        }
}

TEST_CASE("a figure's numbers are the analysis's") {
    const auto a = made_up_analysis(3, {{4, 0}, {16, 0}, {64, 0}});
    const auto relative = [](const analyzed_cell& c) { return c.relative.defined() ? c.relative.value : undefined; };
    check_cells(a, relative_distance_map(a), "relative_distance", false, relative);
    check_cells(a, relative_distances(a), "relative_distance", false, relative);
    check_cells(a, predicted_and_observed(a), "observed", true, relative);
    check_cells(a, predicted_and_observed(a), "predicted", true, [](const analyzed_cell& c) { return c.predicted[0]; });
    check_cells(a, odds_maps(a), "posterior", true, [](const analyzed_cell& c) { return c.log_prior_odds + c.log_bayes_factor; });
    check_cells(a, interpolation(a), "interpolation_distance", true, [](const analyzed_cell& c) { return c.interpolation_distance; });
    check_cells(a, strategy_map(a), "law_unigram_retrieval", true, [](const analyzed_cell& c) { return c.predicted[2]; });
}

TEST_CASE("rows of several strategies follow the cells") {
    const auto a = made_up_analysis(3, {{4, 0}, {64, 0}});
    const auto by_strategy = [&](const figure& f, const char* field, std::size_t each, bool id_only, const auto& value) {
        CAPTURE(f.name);
        std::size_t at = 0;
        for (const auto& c : a.cells) {
            if (id_only && c.split != split::id) continue;
            for (std::size_t k = 0; k < each; ++k, ++at) {
                REQUIRE(at < f.data.size());
                CHECK(f.data[at]["step"] == c.step);
                CHECK(same(number(f.data[at], field), value(c, k)));
            }
        }
        CHECK(at == f.data.size());
    };
    by_strategy(strategy_weights(a), "best_mixture", 3, true, [](const analyzed_cell& c, std::size_t q) { return c.mixing_weights[q]; });
    by_strategy(distances(a), "distance", 3, true,
                [](const analyzed_cell& c, std::size_t q) { return std::isfinite(c.distance[q]) ? c.distance[q] : undefined; });
    by_strategy(odds_over_training(a), "log_odds", 3, true, [](const analyzed_cell& c, std::size_t k) {
        return k == 0 ? c.log_prior_odds + c.log_bayes_factor : k == 1 ? c.log_bayes_factor : c.log_prior_odds;
    });
    by_strategy(transience(a), "loss", 3, false,
                [&](const analyzed_cell& c, std::size_t k) { return over_positions(k == 2 ? c.observed_loss : (*c.strategies_loss)[k]); });
    // Stretches of positions 1, 2, 3-4; where 1, 4, 5 and 9 are recorded, of these.
    auto some = a;
    for (auto& run : some.runs) run.positions = {0, 3, 4, 8};
    const auto& of_some = position_profiles(some).data;
    REQUIRE(of_some.size() == 2 * 2 * 3 * 4);
    const std::array<std::array<int, 2>, 4> stretches{{{1, 1}, {4, 4}, {5, 5}, {9, 9}}};
    for (std::size_t k = 0; k < 4; ++k) {
        CHECK(of_some[k]["from"] == stretches[k][0]);
        CHECK(of_some[k]["to"] == stretches[k][1]);
    }
    const auto& profile = position_profiles(a).data;
    REQUIRE(profile.size() == 2 * 2 * 3 * 3);
    CHECK(profile[2]["from"] == 3);
    CHECK(profile[2]["to"] == 4);
    CHECK(profile[2]["loss"] == 0.75);  // of 1 and 0.5
    CHECK(loss_difference_by_position(a).data[0]["gain"] == 1);
    const auto& last = task_diversity(a).data;
    REQUIRE(last.size() == 2 * 2 * 3);
    CHECK(last[2]["strategy"] == "model");
    CHECK(last[2]["loss"] == 2.25);
    CHECK(last[2]["step"] == 1000);
}

TEST_CASE("crossovers: of the law, and between which checkpoints the model's must have been") {
    auto a = made_up_analysis(2, {{4, 0}, {64, 0}});
    const auto f = crossovers(a);
    CHECK(f.data[0]["law"] == 250);
    CHECK(f.data[0]["observed"] == 100);  // relative distances .3, .6, .9, standard errors .05
    CHECK(f.data[0]["observed_from"] == 10);
    CHECK(f.data[0]["observed_to"] == 1000);
    CHECK(f.data[1]["law"].is_null());
    CHECK(f.data[1]["observed"].is_null());
    a.runs[0].memorizing_leads.steps = 0.5;  // before the first step
    CHECK(crossovers(a).data[0]["law"] == 1);
    CHECK(crossovers(a).caption.ends_with("At 1: from the start or before the first step."));
    auto at_once = a;
    at_once.runs[0].memorizing_leads = {crossover::outcome::from_the_start};
    for (auto& c : at_once.cells)
        if (c.run == 0 && c.step == 10) c.step = 0, c.relative.value = 0.9;  // the untrained model
    CHECK(crossovers(at_once).data[0]["law"] == 1);
    CHECK(crossovers(at_once).data[0]["observed"] == 1);
    a.forecast.emplace();
    a.forecast->runs = {{.run = 0, .steps = {0.5, 400}}};
    CHECK(crossovers(a).specification().dump().find("\"domainMin\":1") != std::string::npos);
}

TEST_CASE("the law's field of change is the gradient of its weight") {
    const auto a = made_up_analysis(2, {{4, 0}, {8, 0}, {64, 0}});
    const auto f = curvature_field(a);
    check_cells(a, f, "by_steps", true, [](const analyzed_cell& c) {
        const double w = 1 / (1 + std::exp(-c.log_prior_odds - c.log_bayes_factor));
        return w * (1 - w);  // the odds grow by 1 nat for twice the steps, and fall by 2 for twice the tasks
    });
    for (const auto& row : f.data) {
        CHECK(number(row, "by_tasks") == doctest::Approx(-2 * number(row, "by_steps")));
        CHECK(number(row, "change") == doctest::Approx(std::sqrt(5.0) * number(row, "by_steps")));
        CHECK(number(row, "direction") == doctest::Approx(std::atan2(1, -2) * 180 / std::acos(-1)));
    }
    const auto one = made_up_analysis(2, {{4, 0}});
    CHECK(curvature_field(one).data[0]["by_tasks"] == 0);
}

TEST_CASE("a map's cells tile it: steps of a run without gaps, and runs of one number of tasks share its row") {
    const auto a = made_up_analysis(2, {{4, 1}, {4, 2}, {16, 1}});
    const auto& rows = predicted_and_observed(a).data;
    REQUIRE(rows.size() == 9);
    for (std::size_t run = 0; run < 3; ++run)
        for (std::size_t n = 0; n < 3; ++n) {
            const auto& row = rows[3 * run + n];
            CHECK(number(row, "from_step") < number(row, "step"));
            CHECK(number(row, "step") < number(row, "to_step"));
            if (n > 0) CHECK(number(row, "from_step") == doctest::Approx(number(rows[3 * run + n - 1], "to_step")));
        }
    CHECK(number(rows[0], "from_tasks") == doctest::Approx(2));  // half way to 16 is 8, so 4's row is from 2 to 8
    CHECK(number(rows[0], "to_tasks") == doctest::Approx(4));
    CHECK(number(rows[3], "to_tasks") == doctest::Approx(8));
    CHECK(number(rows[6], "from_tasks") == doctest::Approx(8));
}

TEST_CASE("there is no figure where its data is missing, and no panel and no layer") {
    auto a = made_up_analysis(3);
    for (auto& c : a.cells) {
        c.predicted.clear(), c.observed_loss.clear(), c.mixing_weights.clear();
        c.relative = {.is = relative_distance_result::state::identical_strategies};
        c.interpolation_distance = undefined;
    }
    for (auto& r : a.runs) r.memorizing_leads.what = crossover::outcome::never, r.steps.clear();
    for (const figure& f : {relative_distance_map(a), relative_distances(a), predicted_and_observed(a), strategy_weights(a),
                            strategy_map(a), transience(a), task_diversity(a), position_profiles(a), loss_difference_by_position(a),
                            interpolation(a), crossovers(a), law_comparison(a), stored_bits_map(a), precision_by_visits(a)}) {
        CAPTURE(f.name);
        CHECK(f.data.empty());
    }
    auto law_alone = made_up_analysis(3);
    for (auto& c : law_alone.cells) c.mixing_weights.clear();
    CHECK(strategy_map(law_alone).spec["hconcat"].size() == 1);
    CHECK(strategy_map(law_alone).spec.dump().find("\"legend\":{") != std::string::npos);  // the key is on the panel that is left
    CHECK(strategy_map(made_up_analysis(3)).spec["hconcat"].size() == 2);
    const recording_analysis nothing{.strategies = {"memorizing", "generalizing"}, .fit = law_alone.fit};
    CHECK(figures_of(nothing).empty());
}

TEST_CASE("explanations, memory and forecasts where the analysis has them") {
    auto a = made_up_analysis(2);
    a.comparison.rows = {{.facts = {.key = "published", .words = "published", .parameters = 3}, .mean = {.fitted = 0.5, .held_out = 0.25}}};
    check_figure(law_comparison(a));
    CHECK(law_comparison(a).data[1]["divergence"] == 0.25);
    CHECK(law_comparison(a).data[2]["divergence"].is_null());
    a.memory = memory_report{.fit = a.fit};
    a.memory->explanations.rows = {{.facts = {.key = "precision_by_visits", .values = {2, 0.5}}}};
    a.memory->cells = {{.run = 1, .step = 1000, .precision = 7, .range = {3, 9}, .bits_per_task = 1.5}};
    check_figure(stored_bits_map(a));
    CHECK(stored_bits_map(a).data[0]["bits"] == 1.5 * 64);
    check_figure(precision_by_visits(a));
    CHECK(precision_by_visits(a).data[0]["visits"] == 1000. / 64);
    const auto drawn_without_square = names_of(figures_of(a));
    CHECK(drawn_without_square.contains("precision"));
    rationale_test::add_square(a);
    CHECK_FALSE(names_of(figures_of(a)).contains("precision"));  // memory-by-visits stands for it
    CHECK(number(precision_by_visits(a).data[0], "law") == doctest::Approx(2 * std::sqrt(1000. / 64)));
    a.forecast.emplace();
    a.forecast->runs = {{.run = 0, .steps = {100, 400}}, {.run = 1, .steps = {0, 400}}};
    CHECK(crossovers(a).data[0]["upper"] == 400);
    CHECK(crossovers(a).data[1]["upper"].is_null());  // a band has both ends
}

TEST_CASE("several recordings: in which numbers they differ, and what depends on them") {
    std::vector<recording_analysis> all(3, made_up_analysis(2));
    CHECK(figures_of(std::span(all).first(1)).empty());
    CHECK(differing_settings(all).empty());
    for (std::size_t i = 0; i < 3; ++i) all[i].settings[1].second = 32 << i, all[i].fit.values[0] = 0.1 * static_cast<double>(i);
    CHECK(differing_settings(all) == std::vector<std::string>{"hidden"});
    const auto figures = figures_of(std::span<const recording_analysis>(all));
    for (const auto& f : figures) check_figure(f);
    CHECK(names_of(figures) == std::set<std::string>{"crossovers-of-all", "loss-difference-hidden", "parameters-hidden"});
    const auto f = parameters_against(all, "hidden");
    REQUIRE(f.data.size() == 9);
    CHECK(f.data[6]["setting"] == 128);
    CHECK(f.data[6]["parameter"] == "alpha");
    CHECK(f.data[6]["value"] == 0.2);
    CHECK(loss_difference_against(all, "hidden").data.size() == 6);
    for (std::size_t i = 0; i < 3; ++i) all[i].settings.emplace_back("width", 32 << i);
    const auto sized = figures_of(std::span<const recording_analysis>(all));
    for (const auto& of : sized) check_figure(of);
    CHECK(names_of(sized).contains("boundaries-by-width"));
    all[2].family = "classification";
    CHECK(differing_settings(all).empty());
}

namespace {
/// Calls see(encoding) for every encoding of a channel by a field in a specification.
void for_each_channel(const json& spec, const char* channel, const auto& see) {
    for_each_object(spec, [&](const json& part) {
        if (part.contains("encoding") && part["encoding"].contains(channel) && part["encoding"][channel].contains("field"))
            see(part["encoding"][channel]);
    });
}
/// The field that a channel shows, of the first encoding that has one.
std::string field_of(const json& spec, const char* channel) {
    std::string out;
    for_each_channel(spec, channel, [&](const json& of) {
        if (out.empty()) out = of["field"].get<std::string>();
    });
    return out;
}
/// The colour of a strategy's name in a figure's key.
std::string colour_of(const json& spec, const std::string& name) {
    std::string out;
    for_each_channel(spec, "color", [&](const json& of) {
        if (!of.contains("scale") || !of["scale"].is_object() || !of["scale"].contains("domain")) return;
        const auto& domain = of["scale"]["domain"];
        for (std::size_t i = 0; i < domain.size(); ++i)
            if (domain[i] == name) out = of["scale"]["range"][i].get<std::string>();
    });
    return out;
}
/// Channels of red, green and blue, from "#rrggbb".
std::array<int, 3> channels(const std::string& colour) {
    std::array<int, 3> out{};
    for (std::size_t i = 0; i < 3; ++i) out[i] = std::stoi(colour.substr(1 + 2 * i, 2), nullptr, 16);
    return out;
}
}  // namespace

TEST_CASE("maps are red for memorizing and blue for generalizing, at 1 and 0 of a share and above and below 0 of odds") {
    const auto a = made_up_analysis(3, {{4, 0}, {16, 0}, {64, 0}});
    const auto check = [&](const figure& f, const char* field, double least, double most) {
        CAPTURE(f.name);
        CAPTURE(field);
        std::size_t maps = 0;
        for_each_channel(f.spec, "color", [&](const json& of) {
            if (of["field"] != field) return;
            ++maps;
            const auto& domain = of["scale"]["domain"];
            const auto& range = of["scale"]["range"];
            CHECK(domain == json{least, (least + most) / 2, most});
            const auto low = channels(range[0]), middle = channels(range[1]), high = channels(range[2]);
            CHECK(low[2] > low[0] + 50);    // blue
            CHECK(high[0] > high[2] + 50);  // red
            CHECK(*std::min_element(middle.begin(), middle.end()) > 0xE0);
        });
        CHECK(maps == 1);
    };
    check(relative_distance_map(a), "relative_distance", 0, 1);
    check(predicted_and_observed(a), "predicted", 0, 1);
    check(predicted_and_observed(a), "observed", 0, 1);
    double most = 0;
    for (const auto& c : a.cells) most = std::max(most, std::abs(c.log_prior_odds + c.log_bayes_factor));
    most = std::ceil(std::min(most, 12.));
    for (const char* field : {"prior", "bayes_factor", "posterior"}) check(odds_maps(a), field, -most, most);
    check_cells(a, odds_maps(a), "prior", true, [](const analyzed_cell& c) { return c.log_prior_odds; });
    check_cells(a, odds_maps(a), "bayes_factor", true, [](const analyzed_cell& c) { return c.log_bayes_factor; });
    // Labels of the key, and dots where memorizing is ahead.
    const auto labels = relative_distance_map(a).spec.dump();
    CHECK(labels.find("datum.value == 0 ? '0 (G)' : datum.value == 1 ? '1 (M)'") != std::string::npos);
    CHECK(labels.find(R"({"filter":{"field":"relative_distance","gt":0.5}})") != std::string::npos);
    for (const char* field : {"bayes_factor", "posterior"})  // the prior is below 0 in all cells
        CHECK(odds_maps(a).spec.dump().find(R"({"filter":{"field":")" + std::string(field) + R"(","gt":0.0}})") != std::string::npos);
}

TEST_CASE("a strategy has one colour in all figures: memorizing red, generalizing blue, the model black") {
    const auto a = made_up_analysis(3, {{4, 0}, {64, 0}});
    const palette colours;
    for (const figure& f : {strategy_weights(a), strategy_map(a), distances(a), losses_and_bits(a), transience(a), task_diversity(a)}) {
        CAPTURE(f.name);
        CHECK(colour_of(f.spec, "memorizing") == colours.of(0));
        CHECK(colour_of(f.spec, "generalizing") == colours.of(1));
    }
    CHECK(channels(std::string(colours.of(0)))[0] > 0xC0);
    CHECK(channels(std::string(colours.of(1)))[2] > 0x90);
    for (const figure& f : {transience(a), task_diversity(a)}) CHECK(colour_of(f.spec, "model") == "#222222");
}

TEST_CASE("regret has a row for each strategy and for the best in hindsight, the gap its turning points, and nothing is drawn without") {
    for (const std::size_t strategies : {2U, 4U}) {
        auto a = made_up_analysis(strategies, {{4, 0}, {64, 0}});
        CHECK(regret_over_training(a).data.empty());
        rationale_test::add_regret(a);
        a.regret.cells[1].against[1].value = std::numeric_limits<double>::infinity();
        a.regret.cells[2].hindsight.within = {};
        const auto f = regret_over_training(a);
        check_figure(f);
        CHECK(names_of(figures_of(a)).contains("regret"));
        REQUIRE(f.data.size() == a.cells.size() * (strategies + 1) + a.cells.size() / 2);
        CHECK(f.data[1]["strategy"] == "generalizing");
        CHECK(f.data[1]["regret"] == 1.25);
        CHECK(f.data[strategies]["strategy"] == "best in hindsight");
        CHECK(f.data[strategies + 2]["regret"].is_null());
        CHECK(f.data[3 * strategies + 2]["lower"].is_null());
        const auto& gap = f.data[f.data.size() - 2];
        CHECK(gap["panel"] == "gap");
        CHECK(gap["tasks"] == 64);
        CHECK(gap["regret"] == 2);
        CHECK(gap["turn"] == "peak");
        CHECK(f.data.back()["turn"].is_null());
        CHECK(colour_of(f.spec, "memorizing") == palette{}.of(0));
        CHECK(colour_of(f.spec, "best in hindsight") == "#222222");
    }
}

TEST_CASE("training goes to the right and tasks go up, losses and odds up: on every map and along every line") {
    const auto a = made_up_analysis(3, {{4, 0}, {16, 0}, {64, 0}});
    for (const figure& f : {relative_distance_map(a), predicted_and_observed(a), odds_maps(a), curvature_field(a), strategy_map(a)}) {
        CAPTURE(f.name);
        CHECK(field_of(f.spec, "x") == "from_step");
        CHECK(field_of(f.spec, "x2") == "to_step");
        CHECK(field_of(f.spec, "y") == "from_tasks");
        CHECK(field_of(f.spec, "y2") == "to_tasks");
    }
    const auto along = [&](const figure& f, const char* x, const char* y) {
        CAPTURE(f.name);
        CHECK(field_of(f.spec, "x") == x);
        std::set<std::string> upwards;
        for_each_channel(f.spec, "y", [&](const json& of) { upwards.insert(of["field"].get<std::string>()); });
        CHECK(upwards.contains(y));
    };
    along(odds_over_training(a), "step", "log_odds");
    along(relative_distances(a), "step", "relative_distance");
    along(transience(a), "step", "loss");
    along(task_diversity(a), "tasks", "loss");
    along(loss_difference(a), "tasks", "gain");
    along(position_profiles(a), "position", "loss");
    for (const auto& f : figures_of(a))  // no axis is turned round
        for_each_object(f.spec, [&](const json& part) {
            if (part.contains("scale") && part["scale"].is_object()) CHECK_FALSE(part["scale"].value("reverse", false));
            if (part.contains("sort")) CHECK(part["sort"] != "descending");
        });
}

TEST_CASE(
    "what memorizing gains is the loss of generalizing less its own, with two standard errors, and evidence is for the smaller loss") {
    const auto a = made_up_analysis(3, {{4, 0}, {64, 0}});
    const auto gain = loss_difference(a);
    REQUIRE(gain.data.size() == 2);
    for (const auto& row : gain.data) {  // losses .1 and .2, error .01
        CHECK(number(row, "gain") == doctest::Approx(.1));
        CHECK(number(row, "lower") == doctest::Approx(.08));
        CHECK(number(row, "upper") == doctest::Approx(.12));
    }
    const auto evidence = evidence_accumulation(a);
    check_cells(a, evidence, "log_bayes_factor", true, [](const analyzed_cell& c) { return c.log_bayes_factor; });
    check_cells(a, evidence, "exposure", true, [](const analyzed_cell& c) { return c.log_bayes_factor / .1; });
    check_cells(a, evidence, "observed", true,
                [](const analyzed_cell& c) { return std::log(c.mixing_weights[0] / c.mixing_weights[1]) - c.log_prior_odds; });
    const std::vector<recording_analysis> two{made_up_analysis(2), made_up_analysis(2)};
    const auto against = loss_difference_against(two, "hidden");
    for (const auto& row : against.data) CHECK(number(row, "gain") == doctest::Approx(.1));
    const auto& by_position = loss_difference_by_position(a).data;  // of losses that differ by 1 everywhere
    for (const auto& row : by_position) CHECK(number(row, "gain") == doctest::Approx(1));
}

TEST_CASE("a mixed colour is each strategy's own where it has all weight, and the letters are the leader's") {
    const std::vector<std::string> names{"memorizing", "generalizing", "unigram retrieval"};
    const auto mixed = detail::mixed_colour(names, {}, "weight_");
    // pow(light of M * weight of M + ..., 1/2.2): the light of each channel stands before the strategy's column.
    for (std::size_t q = 0; q < 3; ++q) {
        const auto of = channels(std::string(palette{}.of(q)));
        std::size_t from = 0;
        for (std::size_t channel = 0; channel < 3; ++channel) {
            const std::string column = " * datum.weight_" + std::string(q == 0   ? "memorizing"
                                                                        : q == 1 ? "generalizing"
                                                                                 : "unigram_retrieval");
            const auto at = mixed.find(column, from);
            REQUIRE(at != std::string::npos);
            const auto begin = mixed.find_last_of("( ", at - 1) + 1;
            CHECK(std::pow(std::stod(mixed.substr(begin, at - begin)), 1 / 2.2) * 255 == doctest::Approx(of[channel]).epsilon(1e-6));
            from = at + 1;
        }
    }
    CHECK(detail::leading_letters(names, "law_") ==
          R"(datum.law_memorizing > 0.5 ? "M" : datum.law_generalizing > 0.5 ? "G" : datum.law_unigram_retrieval > 0.5 ? "UR" : '')");
}

TEST_CASE("palettes: another one changes every colour of a strategy and nothing else; steps may be on a logarithmic axis") {
    const auto a = made_up_analysis();
    const auto usual = strategy_weights(a).specification().dump(),
               other = strategy_weights(a, palette::colour_blind()).specification().dump();
    CHECK(usual.find("#DF4A44") != std::string::npos);
    CHECK(other.find("#DF4A44") == std::string::npos);
    CHECK(usual.size() == other.size());
    CHECK(usual.find("sqrt") != std::string::npos);
    CHECK(on_log_steps(strategy_weights(a)).specification().dump().find("\"type\":\"sqrt\"") == std::string::npos);
}
