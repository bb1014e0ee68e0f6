// What is said and written of an analysis with undefined numbers and names of any kind.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <string>
#include <vector>

#include "rationale/analysis/notes.hpp"
#include "rationale/analysis/summary.hpp"
#include "rationale/analysis/write_analysis.hpp"
#include "rationale/analysis/write_csv.hpp"
#include "support/made_up_analysis.hpp"

using namespace rationale;

namespace {

/// An analysis that everything can be said of.
recording_analysis complete() {
    auto a = rationale_test::made_up_analysis();
    a.profile.resize(3);
    for (auto& r : a.runs) {
        r.descriptions.resize(a.strategies.size());
        r.losses.standard_error.resize(a.strategies.size());
        r.losses.mean = r.known.loss;
    }
    return a;
}

/// Fields of each line, commas within quotes aside.
std::vector<std::size_t> fields_by_line(const std::string& csv) {
    std::vector<std::size_t> out{1};
    bool quoted = false;
    for (char c : csv) {
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        out.back() += c == ',';
        if (c == '\n') out.push_back(1);
    }
    out.pop_back();
    return out;
}

bool says_nan(const std::string& text) {
    for (auto at = text.find("nan"); at != std::string::npos; at = text.find("nan", at + 1)) {
        const auto letter = [&](std::size_t i) { return i < text.size() && std::isalpha(static_cast<unsigned char>(text[i])) != 0; };
        if (!letter(at - 1) && !letter(at + 3)) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("every row of cells.csv has the header's fields, whatever recordings and strategies are named") {
    for (const char* name : {"", "plain", "a, \"b\"\nc", "\""}) {
        auto a = complete();
        a.name = name;
        a.strategies[2] = "a, \"b\"";
        const auto csv = cells_csv(std::vector{a});
        const auto fields = fields_by_line(csv);
        CHECK(fields.size() == 1 + a.cells.size());
        for (auto n : fields) CHECK(n == fields[0]);
    }
    CHECK(
        cells_csv(std::vector{complete()}).starts_with("recording,tasks,seed,step,split,cell,distance_memorizing,distance_generalizing,"));
}

TEST_CASE("what was not recorded or is not defined is left out of the notes") {
    auto a = complete();
    memory_report m{.fit = a.fit};
    auto& rows = m.explanations.rows;
    for (const char* key : {"reference", "free_weights", "best_precision", "per_task"})
        rows.push_back({.facts = {.key = key, .words = "law of M and G"}, .mean = {.fitted = .5, .held_out = .25}});
    m.explanations.reference = "reference";
    rows[2].mean.fitted = .125;
    a.memory = m;
    a.spread = {{.tasks = 4, .seeds = 2}, {.tasks = 8, .seeds = 2, .relative_distance = .25}};
    const auto notes = notes_of(a);
    std::string all;
    for (const auto& note : notes) all += note + "\n";
    INFO(all);
    CHECK(!says_nan(all));
    CHECK(all.find("explains the model better than the law of M and G, by 0.125 against 0.5 ID.\n") != std::string::npos);
    CHECK(all.find("the per-task law is behind the law of M and G: 0.25 against 0.25 ID; the difference ID is not sure.") !=
          std::string::npos);
    CHECK(all.find("D = 4: 2 runs differ in their seed alone.\n") != std::string::npos);
    CHECK(all.find("D = 8: 2 runs differ in their seed alone; their relative distances have a standard deviation of 0.250.\n") !=
          std::string::npos);
    a.memory->explanations.rows[1].mean.fitted_ood = 2, a.memory->explanations.rows[2].mean.fitted_ood = 1;
    all.clear();
    for (const auto& note : notes_of(a)) all += note + "\n";
    CHECK(all.find(", by 0.125 against 0.5 ID and 1 against 2 OOD.\n") != std::string::npos);
}

TEST_CASE("of searches that did not converge none reached an optimum") {
    auto a = complete();
    a.fit.starts = 18, a.fit.reached = 5;
    const auto has = [&](const std::string& part) {
        const auto notes = notes_of(a);
        return std::any_of(notes.begin(), notes.end(), [&](const auto& note) { return note.find(part) != std::string::npos; });
    };
    CHECK(has("Of 18 starts of the fit 5 reached the optimum"));
    a.fit.not_identifiable = {not_converged};
    CHECK(has("no search for the optimum converged"));
    CHECK(!has("reached the optimum"));
}

TEST_CASE("differences of losses that are known a little worse than was asked for are not said to be known as well") {
    auto a = complete();
    for (auto& run : a.runs) {
        run.losses.mean = {1, 2, 2, 2}, run.losses.reached = true;
        run.losses.difference_error = filled<double, 2>({4, 4}, 0.0);
    }
    a.runs[0].losses.reached = false, a.runs[0].losses.difference_error(1, 0) = .020004;
    std::string all;
    for (const auto& note : notes_of(a)) all += note + "\n";
    INFO(all);
    CHECK(all.find("are known only to 2.01 % (memorizing and generalizing, D = 4, seed 0);") != std::string::npos);
}

TEST_CASE("a best trust at the edge of what was searched is a note") {
    auto a = complete();
    rationale_test::add_square(a);
    const auto has = [&](const std::string& sentence) {
        const auto notes = notes_of(a);
        return std::find(notes.begin(), notes.end(), sentence) != notes.end();
    };
    const std::string
        of_point = "The best trust of 1 of 12 cells is at the edge of what was searched, e = 25, so it is that at least.",
        of_law = "The trust of the law of visits, e = 54.6, is at or beyond the edge of what was searched, e = 25, so it is that at least.";
    CHECK(!has(of_point));
    a.square->places[3].trust = 25;
    CHECK(has(of_point));
    CHECK(!has(of_law));
    a.square->after_threshold.rows[0].facts.values[2] = 54.6;
    CHECK(has(of_law));
}

TEST_CASE("names with control characters and bytes that are no UTF-8 harm neither terminal nor JSON") {
    auto a = complete();
    a.name = "\x1b[2J\nname", a.folder = "folder\xff";
    std::ostringstream out;
    print_summary(out, a);
    CHECK(out.str().starts_with("\\x1b[2J\\x0aname: 2 runs of"));
    CHECK(out.str().find('\x1b') == std::string::npos);
    const auto json = nlohmann::json::parse(results_json(std::vector{a}, {"analyze", "\xff"}));
    CHECK(json["recordings"][0]["name"] == a.name);
    CHECK(json["recordings"][0]["folder"] == "folder\xef\xbf\xbd");
}
