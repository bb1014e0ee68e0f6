// Boundaries over D and model size: which recordings are put together, where they pass, and that one recording or one size adds nothing.
#include "rationale/figure/model_size.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "rationale/figure/report.hpp"
#include "support/folder.hpp"
#include "support/made_up_analysis.hpp"

using namespace rationale;
using rationale_test::made_up_analysis;

namespace {

/// A recording whose last checkpoints have these relative distances, ID, for D = 4, 16, 64, and so on; N* is 250 for few tasks, then never.
recording_analysis recording(const std::string& name, const std::vector<std::pair<std::string, double>>& settings,
                             const std::vector<double>& last) {
    std::vector<rationale_test::made_up_run> runs;
    for (std::size_t i = 0; i < last.size(); ++i) runs.push_back({std::size_t{4} << 2 * i, 0});
    auto a = made_up_analysis(2, runs);
    a.name = name;
    a.settings = {{"context", 4}};
    a.settings.insert(a.settings.end(), settings.begin(), settings.end());
    for (auto& c : a.cells) {
        c.relative = {};
        c.relative.value = c.step == 1000 && c.split == split::id ? last[c.run] : 1 - last[c.run];
        if (std::isnan(c.relative.value)) c.relative.is = relative_distance_result::state::infinite_divergence;
        else c.relative.is = decltype(c.relative.is){};
    }
    return a;
}

std::string page_of(const std::vector<recording_analysis>& all) {
    const rationale_test::temporary_folder folder;
    write_report(folder.path(), all);
    std::ifstream in(folder.path() / "index.html");
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("recordings of one family are ordered by the parameters of their models, or by width where some have no other") {
    std::vector<recording_analysis> all{recording("large", {{"parameters", 9e6}, {"width", 512}}, {.9, .1}),
                                        recording("small", {{"parameters", 1e4}, {"width", 64}}, {.9, .1}),
                                        recording("none", {}, {.9, .1})};
    const auto by_parameters = by_model_size(all);
    REQUIRE(by_parameters.size() == 1);
    CHECK(by_parameters[0].of == "parameters");
    CHECK(by_parameters[0].size == std::vector<double>{1e4, 9e6});
    CHECK(by_parameters[0].which == std::vector<const recording_analysis*>{&all[1], &all[0]});
    all[2].settings.emplace_back("width", 128);
    const auto by_width = by_model_size(all);
    REQUIRE(by_width.size() == 1);
    CHECK(by_width[0].of == "width");
    CHECK(by_width[0].size == std::vector<double>{64, 128, 512});
    // One size, one recording of a family, and sizes that are none.
    for (auto& a : all) a.settings = {{"width", 64}};
    CHECK(by_model_size(all).empty());
    all[1].settings = {{"width", 0}}, all[2].settings = {{"width", undefined}};
    CHECK(by_model_size(all).empty());
    all[1].settings = {{"width", 32}}, all[2].settings = {{"width", 128}};
    all[1].family = "classification";
    const auto of_urns = by_model_size(all);
    REQUIRE(of_urns.size() == 1);
    CHECK(of_urns[0].size == std::vector<double>{64, 128});
    all[2].family = "linear_regression";
    CHECK(by_model_size(all).empty());
}

TEST_CASE("the last checkpoint passes between two numbers of tasks, there or back, or nowhere") {
    const auto words = [](const std::vector<double>& last) { return detail::passages_in_words(passages_of(recording("a", {}, last))); };
    CHECK(words({.9, .8, .2, .1}) == "between D = 16 and 64");
    CHECK(words({.9, .8, undefined, .5}) == "between D = 16 and 256");
    CHECK(words({.9, .2, .7, .1}) == "between D = 4 and 16, back between D = 16 and 64, between D = 64 and 256");
    CHECK(words({.9, .8}) == "nowhere, nearer memorizing from D = 4 to 16");
    CHECK(words({undefined, .1, .2}) == "nowhere, nearer generalizing from D = 16 to 64");
    CHECK(words({undefined}) == "undefined");
    // The mean over seeds counts.
    auto seeds = made_up_analysis(2, {{4, 0}, {4, 1}, {64, 0}});
    for (auto& c : seeds.cells) c.relative.value = c.run == 0 ? .95 : c.run == 1 ? .4 : .1;
    CHECK(detail::passages_in_words(passages_of(seeds)) == "between D = 4 and 64");
}

TEST_CASE("one table and one figure: a line a size, N* by D, and a bar where the last checkpoint passes") {
    std::vector<recording_analysis> all{recording("large", {{"width", 256}}, {.9, .8, .2}),
                                        recording("small", {{"width", 64}}, {.9, .1, .2})};
    const auto of = by_model_size(all);
    REQUIRE(of.size() == 1);
    const auto f = boundaries_by_size(of[0]);
    REQUIRE(f.data.size() == 8);
    CHECK(f.data[0]["recording"] == "small");
    CHECK(f.data[0]["size"] == 64);
    CHECK(f.data[0]["law"] == 250);
    CHECK(f.data[2]["tasks"] == 64);
    CHECK(f.data[2]["law"].is_null());
    CHECK(f.data[3]["tasks"] == 4);
    CHECK(f.data[3]["to_tasks"] == 16);
    CHECK(f.data[3]["last_step"] == 1000);
    CHECK(f.data[7]["tasks"] == 16);
    CHECK(f.data[7]["to_tasks"] == 64);
    CHECK(f.spec["layer"][1]["encoding"]["strokeWidth"]["scale"]["range"] == nlohmann::ordered_json{8, 4});
    const auto table = detail::size_table(of[0]);
    CHECK(table.find("<th scope=\"col\">width</th><th scope=\"col\">recording</th><th scope=\"col\">last checkpoint: M to G</th>"
                     "<th scope=\"col\">N*, D = 4</th>") != std::string::npos);
    CHECK(table.find("<th scope=\"row\">64</th><td>small</td><td>between D = 4 and 16</td><td>250</td><td>250</td><td>never</td>") !=
          std::string::npos);
    CHECK(table.find("<th scope=\"row\">256</th><td>large</td><td>between D = 16 and 64</td>") != std::string::npos);
    auto early = all;
    early[1].runs[0].memorizing_leads.steps = .5, early[1].runs[2].memorizing_leads = {crossover::outcome::from_the_start};
    CHECK(boundaries_by_size(by_model_size(early)[0]).data[0]["law"] == 1);
    CHECK(boundaries_by_size(by_model_size(early)[0]).data[2]["law"] == 1);
    const auto page = page_of(all);
    for (const char* what : {"Boundaries over tasks D and model size (width)", "figures/boundaries-by-width.csv"})
        CHECK(page.find(what) != std::string::npos);
}

TEST_CASE("nothing is added for one recording, or where one size is known") {
    const auto one = recording("one", {{"width", 64}}, {.9, .1});
    CHECK(page_of({one}).find("model size") == std::string::npos);
    CHECK(page_of({one, one}).find("model size") == std::string::npos);
    CHECK(page_of({one, recording("other", {}, {.9, .1})}).find("model size") == std::string::npos);
    // Laws that never let memorizing overtake, and no passage: a table, and nothing to draw.
    auto still = std::vector{one, recording("larger", {{"width", 128}}, {.9, .8})};
    for (auto& a : still) {
        for (auto& r : a.runs) r.memorizing_leads = {};
        for (auto& c : a.cells) c.relative.value = .9;
    }
    CHECK(boundaries_by_size(by_model_size(still)[0]).data.empty());
    CHECK(detail::size_table(by_model_size(still)[0]).find("nowhere, nearer memorizing") != std::string::npos);
}
