// Pages of large recordings.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "rationale/figure/report.hpp"
#include "rationale/figure/thinned.hpp"
#include "support/folder.hpp"
#include "support/made_up_analysis.hpp"

using namespace rationale;

namespace {
std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
}  // namespace

TEST_CASE("a large recording is drawn at fewer checkpoints, evenly chosen, the same for cells, memory, the square and regret") {
    auto whole = rationale_test::large_analysis();
    rationale_test::add_regret(whole);
    const auto a = detail::thinned(whole);
    REQUIRE(whole.cells.size() == 12000);
    CHECK(a.cells.size() <= detail::most_drawn_cells);
    CHECK(2 * a.cells.size() > detail::most_drawn_cells);
    CHECK(a.square->places.size() == a.cells.size());
    CHECK(a.regret.cells.size() == a.cells.size());
    CHECK(2 * a.regret.gaps.size() == a.cells.size() + 2 * a.runs.size());  // each run's turn is between two chosen checkpoints
    for (std::size_t i = 0; i < a.runs.size(); ++i) {
        const auto &some = a.runs[i].steps, &all = whole.runs[i].steps;
        CHECK(some.front() == all.front());
        CHECK(some.back() == all.back());
        std::set<std::int64_t> gaps;
        for (std::size_t n = 1; n < some.size(); ++n) gaps.insert((some[n] - some[n - 1]) / 200);
        CHECK(*gaps.rbegin() - *gaps.begin() <= 1);
    }
    const auto small = rationale_test::made_up_analysis();
    CHECK(detail::thinned(small).cells.size() == small.cells.size());
    CHECK(detail::thinned(whole, 1).cells.size() == 60 * 8 * 2);
}

TEST_CASE("the page of a large recording has less than 6 MB and says what its figures leave out") {
    // Where these are set the page stays, for a browser, and beside it a page that links what draws its figures.
    const char *folder = std::getenv("RATIONALE_PAGES"), *programs = std::getenv("RATIONALE_VEGA");
    const rationale_test::temporary_folder elsewhere;
    const auto to = folder ? std::filesystem::path(folder) / "large" : elsewhere.path();
    std::vector<recording_analysis> one{rationale_test::large_analysis()};
    rationale_test::add_regret(one[0]);
    write_report(to, one, {.vega = programs ? text_of(programs) : std::string("/*vega*/")});
    const auto page = text_of(to / "index.html");
    CHECK(page.size() < 6000000);
    CHECK(
        page.find("<p>Figures show 1200 of 12000 cells: of each run at most 10 of 100 checkpoints, evenly chosen. Crossovers and turns") !=
        std::string::npos);
    if (!folder) return;
    std::vector<recording_analysis> small{rationale_test::made_up_analysis()};
    write_report(std::filesystem::path(folder) / "without_square", small);
    rationale_test::add_square(small[0]);
    write_report(std::filesystem::path(folder) / "linked", small);
}

TEST_CASE("every peak and valley of the gap is drawn of a large recording") {
    auto whole = rationale_test::large_analysis();
    rationale_test::add_regret(whole);
    for (auto& g : whole.regret.turns) g.turns = {{400, 2, true}, {1000, 1, false}, {20000, 2, true}};
    const auto turns = [](const recording_analysis& a) {
        std::vector<std::string> out;
        for (const auto& row : regret_over_training(a).data)
            if (!row["turn"].is_null()) out.push_back(row.dump());
        return out;
    };
    CHECK(turns(whole).size() == 4 * 5 * 3);  // four numbers of tasks, five seeds
    CHECK(turns(detail::thinned(whole)) == turns(whole));
}

TEST_CASE("crossovers on the page of a large recording are those of all its checkpoints") {
    std::vector<recording_analysis> one{rationale_test::large_analysis()};
    for (auto& c : one[0].cells) c.relative.value = c.step < 400 ? 0.1 : 0.9;  // 400 is the second of a hundred steps
    const auto few = crossovers(detail::thinned(one[0]));
    REQUIRE(few.data[0]["observed"] != 400);
    const rationale_test::temporary_folder folder;
    write_report(folder.path(), one, {.vega = "/*vega*/"});
    std::size_t pages = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder.path() / "figures")) {
        const auto name = file.path().filename().string();
        if (!name.ends_with("crossovers.csv")) continue;
        CHECK(text_of(file.path()) == crossovers(one[0]).csv());
        ++pages;
    }
    CHECK(pages == 1);
}
