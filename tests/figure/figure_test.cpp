// Figures and the page: what they show is what the analysis says. That they draw is seen by Vega-Lite itself (examples/report/draw.js).
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "rationale/figure/report.hpp"
#include "support/folder.hpp"

using namespace rationale;
using rationale_test::temporary_folder;

namespace {

/// Two runs of three checkpoints, four strategies, with everything that a figure may meet: infinite and undefined numbers.
recording_analysis made_up() {
    recording_analysis a;
    a.name = "made <up> & \"quoted\", </script>";
    a.family = "balls_and_urns";
    a.strategies = {"memorizing", "generalizing", "unigram retrieval", "constant"};
    a.law_strategies = 4;
    a.threshold = 100;
    a.fit.values = {0.5, 2.0, 0.2};
    a.fit.at_bound = {false, false, false};
    a.around.intervals.resize(3);
    for (std::size_t i = 0; i < 2; ++i) {
        analyzed_run r;
        r.tasks = i == 0 ? 4 : 64;
        r.steps = {10, 100, 1000};
        r.known = {.loss = {0.1, 0.2, 0.3, 0.4}, .complexity = {1000, 100, 500, 10}};
        r.memorizing_leads = {.what = i == 0 ? crossover::outcome::at_steps : crossover::outcome::never, .steps = i == 0 ? 250. : 0.};
        a.runs.push_back(r);
        for (std::size_t split = 0; split < 2; ++split)
            for (std::size_t n = 0; n < 3; ++n) {
                analyzed_cell c{
                    .run = i, .step = r.steps[n], .split = split, .role = n == 0 ? cell_role::before_threshold : cell_role::fitted};
                c.to_memorizing = n == 0 ? std::numeric_limits<double>::infinity() : 0.5;
                c.to_generalizing = 0.25;
                c.relative.value = 0.3 + 0.3 * static_cast<double>(n) * (i == 0);
                c.relative.is = decltype(c.relative.is){};
                c.mixing_weights = {0.4, 0.3, 0.2, 0.1};
                c.predicted = {0.5, 0.3, 0.1, 0.1};
                c.log_prior_odds = -2, c.log_bayes_factor = 1;
                a.cells.push_back(c);
            }
    }
    a.notes = {"5 < 6 & 7"};
    return a;
}

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("figures have data for every cell, name what they show, and hold no number that JSON cannot") {
    const auto a = made_up();
    const auto all = figures_of(a);
    std::set<std::string> names;
    for (const auto& f : all) {
        CAPTURE(f.name);
        CHECK(names.insert(f.name).second);
        CHECK_FALSE(f.title.empty());
        CHECK_FALSE(f.caption.empty());
        const auto spec = f.specification();
        CHECK(spec["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json");
        CHECK(spec["data"]["values"].size() == f.data.size());
        CHECK(nlohmann::json::parse(spec.dump()) == nlohmann::json(spec));
        std::set<std::string> keys;
        for (const auto& row : f.data)
            for (const auto& [key, value] : row.items()) {
                if (&row == &f.data[0]) keys.insert(key);
                CHECK(keys.contains(key));
                CHECK((value.is_null() || value.is_string() || value.is_boolean() ||
                       (value.is_number() && std::isfinite(value.get<double>()))));
            }
        // Every field that the looks use is in the data.
        const auto check_fields = [&](const auto& self, const nlohmann::ordered_json& part) -> void {
            if (part.is_object() && part.contains("field") && part["field"].is_string())
                CHECK(keys.contains(part["field"].get<std::string>()));
            if (part.is_structured())
                for (const auto& inner : part) self(self, inner);
        };
        check_fields(check_fields, f.looks);
        const auto csv = f.csv();
        CHECK(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')) == f.data.size() + 1);
    }
    for (const char* wanted :
         {"relative-distance", "strategy-weights", "predicted-and-observed", "odds", "crossovers", "losses", "distances", "interpolation"})
        CHECK(names.contains(wanted));
    CHECK_FALSE(names.contains("laws"));  // nothing was compared
    CHECK(relative_distance_map(a).data.size() == 12);
    CHECK(strategy_weights(a).data.size() == 6 * 4);
    CHECK(strategy_weights(a).data[2]["best_mixture"] == 0.2);
    CHECK(distances(a).data[0]["distance"].is_null());  // infinite
    CHECK(odds_maps(a).data[0]["posterior"] == -1);
    CHECK(crossovers(a).data[0]["observed"] == 100);
    CHECK(crossovers(a).data[1]["law"].is_null());
}

TEST_CASE("palettes: another one changes every colour of a strategy and nothing else") {
    const auto a = made_up();
    const auto usual = strategy_weights(a).specification().dump(),
               other = strategy_weights(a, palette::colour_blind()).specification().dump();
    CHECK(usual.find("#DF4A44") != std::string::npos);
    CHECK(other.find("#DF4A44") == std::string::npos);
    CHECK(usual.size() == other.size());
}

TEST_CASE("the page says it in words, escapes what it is given, and names how it was made") {
    const temporary_folder folder;
    const std::vector<recording_analysis> one{made_up()};
    write_report(folder.path() / "r", one, {.command = {"analyze", "a<b"}, .vega = "/*vega*/"});
    const auto page = text_of(folder.path() / "r" / "index.html");
    CHECK(page.find("made &lt;up&gt; &amp; &quot;quoted&quot;") != std::string::npos);
    CHECK(page.find("made <up>") == std::string::npos);
    CHECK(page.find("nearer to memorizing in 1 of 2 runs") != std::string::npos);
    CHECK(page.find("5 &lt; 6 &amp; 7") != std::string::npos);
    CHECK(page.find("a&lt;b") != std::string::npos);
    CHECK(page.find("<script>/*vega*/</script>") != std::string::npos);
    CHECK(page.find("http") == page.find("https://vega.github.io/schema"));  // nothing else is asked of the network
    const auto opened = [&](const std::string& what) {
        std::size_t n = 0;
        for (std::size_t at = page.find(what); at != std::string::npos; at = page.find(what, at + 1)) ++n;
        return n;
    };
    CHECK(opened("<script") == opened("</script>"));
    CHECK(opened("data-figure=") == figures_of(one[0]).size());
    CHECK(text_of(folder.path() / "r" / "figures" / "odds.csv") == odds_maps(one[0]).csv());
    CHECK(nlohmann::json::parse(text_of(folder.path() / "r" / "figures" / "odds.vl.json")) ==
          nlohmann::json(odds_maps(one[0]).specification()));
    const std::vector<recording_analysis> two{made_up(), made_up()};
    write_report(folder.path() / "two", two);
    const auto linked = text_of(folder.path() / "two" / "index.html");
    CHECK(linked.find("public copy") != std::string::npos);
    for (const auto& [name, version] : detail::vega_versions) {
        CHECK(linked.find(std::string(name) + "@" + version) != std::string::npos);
        CHECK(
            text_of(std::string(RATIONALE_EXAMPLES) + "/report/package.json").find("\"" + std::string(name) + "\": \"" + version + "\"") !=
            std::string::npos);
    }
    CHECK(std::filesystem::exists(folder.path() / "two" / "figures" / "2-odds.csv"));
}
