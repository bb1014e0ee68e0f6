// What a page shows first of a recording.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "rationale/figure/glance.hpp"
#include "rationale/figure/report.hpp"
#include "support/folder.hpp"
#include "support/made_up_analysis.hpp"

using namespace rationale;
using rationale_test::made_up_analysis;

namespace {

recording_analysis with_square() {
    auto a = made_up_analysis();
    rationale_test::add_square(a);
    return a;
}
std::string page_of(const std::vector<recording_analysis>& all) {
    const rationale_test::temporary_folder folder;
    write_report(folder.path(), all, {.vega = "/*vega*/"});
    std::ifstream in(folder.path() / "index.html", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
/// The section with this id.
std::string section(const std::string& page, const std::string& id) {
    const auto from = page.find("id=\"" + id + "\"");
    REQUIRE(from != std::string::npos);
    return page.substr(from, page.find("</section>", from) - from);
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the small map has the map's checkpoints in distribution, the phase diagrams what was observed, then what the law predicts") {
    const auto a = with_square();
    const auto map = belief_glance(a), whole = belief_map(a);
    CHECK(2 * map.data.size() == whole.data.size());
    for (const auto& row : map.data) CHECK(row["split"] == "id");
    CHECK(map.spec["layer"] == whole.spec["spec"]["layer"]);
    CHECK(belief_glance(made_up_analysis()).data.empty());
    const auto phases = phase_diagrams(a), all = predicted_and_observed(a);
    REQUIRE(phases.spec["hconcat"].size() == 2);
    CHECK(phases.spec["hconcat"][0]["layer"][0]["encoding"]["color"]["field"] == "observed");
    CHECK(phases.spec["hconcat"][1]["layer"][0]["encoding"]["color"]["field"] == "predicted");
    CHECK(phases.spec.dump().find("difference") == std::string::npos);
    CHECK(phases.data.size() == all.data.size());
    CHECK(phases.data[0]["observed"] == all.data[0]["observed"]);
    auto undefined_distances = a;
    for (auto& c : undefined_distances.cells) c.relative.is = relative_distance_result::state::identical_strategies;
    CHECK(phase_diagrams(undefined_distances).data.empty());
}

TEST_CASE("a card has the map, a sentence, what contradicts the law, three numbers with intervals and the phase diagrams") {
    auto a = with_square();
    a.over_runs.intervals = {{.4, .6}, {1, 4}, {}};
    a.over_runs.determined[1] = false;
    const auto page = page_of({a, made_up_analysis()});
    const auto card = section(page, "recording-1"), other = section(page, "recording-2");
    CHECK(has(card, "data-name=\"recording-belief-glance\""));
    CHECK(has(card, "data-name=\"recording-phase-diagrams\""));
    CHECK(has(card, "At its last checkpoint the model is nearer to memorizing in 1 of 2 runs (D = 4) and to generalizing in 1 (D = 64)."));
    // A last checkpoint without a relative distance is not that before it.
    auto undefined_last = a;
    for (auto& c : undefined_last.cells)
        if (c.run == 0 && c.step == 1000) c.relative.is = relative_distance_result::state::too_uncertain;
    CHECK(has(section(page_of({undefined_last}), "recording-1"),
              "nearer to memorizing in 0 of 2 runs and to generalizing in 1 (D = 64); its relative distance is undefined in 1."));
    CHECK(has(card, "<dt>α</dt><dd>0.5<small>0.4 to 0.6</small>"));
    CHECK(has(card, "<dt>γ</dt><dd>2<small>1 to 4, not determined</small>"));
    CHECK(has(card, "<dt>β</dt><dd>0.2<small>no interval</small>"));
    CHECK(has(card, "95 % over 2 runs"));
    CHECK(!has(card, "Contradiction"));
    CHECK(has(other, "No map of memory and trust:"));
    CHECK(!has(other, "belief-glance"));
    CHECK(page.find("id=\"recording-2\"") < page.find("id=\"side-by-side\""));
    CHECK(page.find("id=\"side-by-side\"") < page.find("id=\"recording-1-details\""));
    a.runs[0].memorizing_leads = {.what = crossover::outcome::never};
    const auto against = page_of({a});
    const std::string sentence = "Contradiction: at the last checkpoint generalizing leads by the law for D = 4, but the model is already";
    CHECK(has(section(against, "recording-1"), sentence));
    const auto details = section(against, "recording-1-details");
    CHECK(details.find(sentence) > details.find("When it switches"));
    CHECK(details.find(sentence) < details.find("How sure that is"));
}

TEST_CASE("sections, figures and tables have ids of their own, links within the page lead to them, and tables are folded") {
    const auto page = page_of({with_square(), with_square()});
    std::set<std::string> ids;
    for (auto at = page.find(" id=\""); at != std::string::npos; at = page.find(" id=\"", at + 1)) {
        const auto id = page.substr(at + 5, page.find('"', at + 5) - at - 5);
        CAPTURE(id);
        CHECK(ids.insert(id).second);
    }
    std::size_t links = 0;
    for (auto at = page.find("href=\"#"); at != std::string::npos; at = page.find("href=\"#", at + 1), ++links)
        CHECK(ids.contains(page.substr(at + 7, page.find('"', at + 7) - at - 7)));
    CHECK(links > 60);
    for (const char* table : {"square", "square-whole", "parameters", "scores", "runs"})
        CHECK(has(page, "<details id=\"recording-2-details-" + std::string(table) + "\"><summary>"));
    CHECK(has(page, "<details id=\"versions\"><summary>"));
}

TEST_CASE("a figure's place says that it is not drawn, and where its numbers are, until it is") {
    const auto page = page_of({with_square()});
    std::size_t places = 0, texts = 0;
    for (auto at = page.find("class=\"drawing\""); at != std::string::npos; at = page.find("class=\"drawing\"", at + 1)) ++places;
    for (auto at = page.find("<p class=\"missing\">Not drawn: "); at != std::string::npos; at = page.find("<p class=\"missing\">", at + 1))
        ++texts;
    CHECK(places > 20);
    CHECK(texts == places);
    CHECK(has(page, "JavaScript is off or refused here. <a href=\"figures/recording-belief.csv\">Its numbers</a>"));
}
