// The page's parts: the figure with a slider, the room kept for figures, the summary in words, recordings side by side, and what it was
// made of.
#include <doctest/doctest.h>

#include <clocale>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <locale>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "rationale/analysis/notes.hpp"
#include "rationale/analysis/summary.hpp"
#include "rationale/analysis/write_analysis.hpp"
#include "rationale/analysis/write_csv.hpp"
#include "rationale/figure/report.hpp"
#include "support/effort.hpp"
#include "support/folder.hpp"

using namespace rationale;
using rationale_test::temporary_folder;

namespace {

/// Runs of 4 and 64 tasks, whose traces tell run, checkpoint and position apart.
recording_analysis traced(const std::string& name) {
    recording_analysis a{.fit = {.law = law_of<published_law>("published"), .values = {0.5, 2.0, 0.2}}};
    a.name = name;
    a.family = "balls_and_urns";
    a.strategies = {"memorizing", "generalizing", "constant"};
    a.fit.at_bound = {false, false, false};
    a.around.intervals = {{.45, .55}, {1.5, 3}, {.15, .25}};
    a.over_runs = {.runs = 2,
                   .effective = {1.5, 1.5, 1.5},
                   .standard_error = {.1, .1, .1},
                   .jackknife = std::vector<interval>(3),
                   .intervals = {{.4, .6}, {1, 4}, {.1, .3}},
                   .determined = {true, true, true}};
    for (const std::size_t d : {4U, 64U}) {
        analyzed_run r;
        r.tasks = d;
        r.file = "D" + std::to_string(d) + ".npz";
        r.known = {.loss = {0.1, 0.2, 0.3}, .complexity = {1000, 100, 10}};
        r.trace.observed = {1, 0, 2};
        r.trace.strategies = {{.1, .2, .3}, {.4, .5, .6}, {.3, .3, .3}};
        for (std::int64_t n = 1; n <= 20; ++n) {
            r.steps.push_back(100 * n);
            const double x = static_cast<double>(n) / 100 + static_cast<double>(d) / 1000;
            r.trace.moments.push_back({100 * n, {x, x + .1, x + .2}, {.25, .25, std::numeric_limits<double>::infinity()}});
        }
        r.memorizing_leads = {.what = crossover::outcome::at_steps, .steps = d == 4 ? 250. : 1e5};
        a.runs.push_back(r);
        analyzed_cell c{.run = a.runs.size() - 1, .step = 2000, .split = split::id, .role = cell_role::fitted};
        c.relative.value = d == 4 ? .9 : .1;
        c.relative.is = decltype(c.relative.is){};
        c.mixing_weights = {.4, .3, .3}, c.predicted = {.5, .5};
        a.cells.push_back(c);
    }
    return a;
}

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("the slider's figure has one sequence of each chosen run at evenly chosen checkpoints, both ends among them") {
    const auto a = traced("t");
    const auto f = training_slider(a);
    REQUIRE(f.data.size() == 2 * 16 * 3);
    CHECK(f.data[0]["step"] == 100);
    CHECK(f.data[0]["model"] == .014);
    CHECK(f.data[1]["place"] == 2);
    CHECK(f.data[1]["memorizing"] == .2);
    CHECK(f.data[1]["generalizing"] == .5);
    CHECK(f.data[2]["came"] == 2);
    CHECK(f.data[2]["law"].is_null());  // infinite
    CHECK(f.data.back()["step"] == 2000);
    CHECK(f.data.back()["tasks"] == 64);
    CHECK(f.spec["params"][0]["bind"]["max"] == 16);
    CHECK(f.spec["params"][1]["bind"]["options"] == nlohmann::ordered_json{4, 64});
    auto shorter = a;
    shorter.runs[1].trace.moments.resize(3);
    CHECK(training_slider(shorter).data.size() == 2 * 3 * 3);
    CHECK(training_slider(shorter).spec["params"][0]["value"] == 3);
    auto none = a;
    for (auto& r : none.runs) r.trace = {};
    CHECK(training_slider(none).data.empty());
}

TEST_CASE("room is kept for a figure by its panels") {
    figure f{"f", "f", "f", nlohmann::ordered_json::array(), {{"width", 100}, {"height", 50}, {"mark", "point"}}};
    for (int d : {1, 2, 3, 4, 5}) f.data.push_back({{"tasks", d}});
    const auto one = detail::reserved_size(f);
    CHECK(one.width > 100);
    CHECK(one.height > 50);
    const auto panel = f.spec;
    f.spec = {{"facet", {{"field", "tasks"}}}, {"columns", 3}, {"spec", panel}};
    const auto five = detail::reserved_size(f);
    CHECK(five.width == one.width + 2 * 120);  // three across, 20 pixels between them
    CHECK(five.height >= one.height + 50);     // two down
    f.spec = {{"width", 100}, {"height", {{"step", 20}}}, {"mark", "point"}, {"encoding", {{"y", {{"field", "tasks"}}}}}};
    CHECK(detail::reserved_size(f).height == one.height + 50);
}

TEST_CASE("in words: where the model ends, when it switches, what is sure") {
    auto a = traced("t");
    auto w = words_of(a);
    CHECK(w.does.find("nearer to memorizing in 1 of 2 runs (D = 4) and to generalizing in 1 (D = 64)") != std::string::npos);
    CHECK(w.switches ==
          "By the fitted law memorizing overtakes generalizing after 250 steps for D = 4; only beyond the recorded training for D = 64.");
    CHECK(w.sure.find("alpha 0.5 (0.4 to 0.6)") != std::string::npos);
    a.runs[1].memorizing_leads = {.what = crossover::outcome::never};
    CHECK(words_of(a).switches.find("never for D = 64") != std::string::npos);
    CHECK(w.sure.find("Over 2 runs the recording determines all parameters of the law") != std::string::npos);
    a.over_runs.determined[2] = false;
    CHECK(words_of(a).sure.find("Over 2 runs the recording determines of the law alpha 0.5 (0.4 to 0.6), gamma 2 (1 to 4), 95 % intervals. "
                                "It does not determine beta 0.2 (0.1 to 0.3): see the notes.") != std::string::npos);
    a.over_runs.runs = 1;
    CHECK(words_of(a).sure.find("For this one run the recording determines of the law alpha 0.5") != std::string::npos);
    CHECK(words_of(a).sure.find("With one run nothing tells how parameters differ between runs.") != std::string::npos);
    CHECK(detail::tasks_in_words({4, 16, 64}, {4, 16, 64, 256}) == "D = 4 to 64");
    CHECK(detail::tasks_in_words({4, 16, 256}, {4, 16, 64, 256}) == "D = 4, 16, 256");
}

TEST_CASE("a crossover before the first step or beyond any training of this kind is said to be so, and drawn at 1 or nowhere") {
    auto a = traced("t");
    a.runs[0].memorizing_leads.steps = 8.2e-26, a.runs[1].memorizing_leads.steps = 200001;
    CHECK(
        words_of(a).switches ==
        "By the fitted law memorizing overtakes generalizing before the first step for D = 4; not within any training of this kind for D = "
        "64.");
    CHECK(memorizing_leads_in_words(a.runs[1]) == "not within any training of this kind");
    CHECK(detail::run_table(a, "r").find("<td>before the first step</td>") != std::string::npos);
    CHECK(crossovers(a).data[0]["law"] == 1);
    CHECK(crossovers(a).data[1]["law"].is_null());
    const std::vector<recording_analysis> all{a};
    REQUIRE(crossovers_of(all).data.size() == 2);  // the same
    CHECK(crossovers_of(all).data[0]["law"] == 1);
    CHECK(crossovers_of(all).data[1]["law"].is_null());
    a.runs[1].memorizing_leads.steps = 200000;
    CHECK(memorizing_leads_in_words(a.runs[1]) == "after 200000 steps, beyond the last checkpoint, 2000");
    a.forecast.emplace().runs = {
        {.run = 0, .overtakes = a.runs[0].memorizing_leads, .steps = {2.1e-11, 1e9}, .order = {{2, 0}, {1, 8.2e-26}, {0, 300}, {2, 1e7}}}};
    a.law_strategies = 3;
    std::ostringstream out;
    print_forecast(out, a);
    CHECK(out.str().find("before the first step") != std::string::npos);
    CHECK(out.str().find("[< 1, > 200000]") != std::string::npos);
    CHECK(out.str().find("  generalizing from the start, memorizing from step 300\n") != std::string::npos);
}

TEST_CASE("the forecast says for which numbers of tasks memorizing leads, whichever way the lead changes, and where it does not change") {
    auto a = traced("t");
    a.forecast.emplace();
    const interval none{std::nan(""), std::nan("")};
    for (const auto& [roots, first, sentence] : {std::tuple{std::vector<double>{12}, true, "D below 12 [10, 15]"},
                                                 {{12}, false, "D above 12 [10, 15]"},
                                                 {{5, 12}, true, "D below 5 and above 12 [10, 15]"},
                                                 {{5, 12}, false, "D from 5 to 12 [10, 15]"},
                                                 {{5, 8, 12}, true, "D below 5 and from 8 to 12 [10, 15]"},
                                                 {{5, 8, 12}, false, "D from 5 to 8 and above 12 [10, 15]"},
                                                 {{}, true, "all D of the recording"},
                                                 {{}, false, "no D of the recording"}}) {
        a.forecast->thresholds.assign(
            2, {.steps = 2000, .tasks = roots, .largest = roots.empty() ? none : interval{10, 15}, .memorizing_first = first});
        std::ostringstream out;
        print_forecast(out, a);
        CHECK(out.str().find(std::string(" steps M leads for ") + sentence + "\n") != std::string::npos);
    }
    a.forecast->thresholds.assign(2, {.steps = 2000, .tasks = {12}, .largest = none, .memorizing_first = true});
    std::ostringstream out;
    print_forecast(out, a);
    CHECK(out.str().find("M leads for D below 12\n") != std::string::npos);
}

namespace {
/// Everything that is written of an analysis.
std::string all_that_is_written(const recording_analysis& a) {
    const temporary_folder folder;
    const std::vector<recording_analysis> all{a, a};
    std::ostringstream summary;
    print_summary(summary, a, summary_length::verbose);
    write_report(folder.path(), all);
    std::string out = summary.str() + cells_csv(all) + results_json(all, {"analyze"}) + text_of(folder.path() / "index.html");
    for (const auto& note : notes_of(a)) out += note;
    return out;
}
}  // namespace

TEST_CASE("what is written does not depend on the program's locale") {
    auto a = traced("t");
    a.profile = a.around.intervals;
    a.fit.at_bound[1] = true;
    for (auto& r : a.runs) {
        r.descriptions.resize(3, {1234.5, "raw", {{"raw", 1234.5}}});
        r.losses.standard_error = {.001, .002, .003};
        r.losses.difference_error = filled<double, 2>({3, 3}, 0.012345);
        r.losses.mean = r.known.loss;
    }
    a.scores = {{.role = cell_role::fitted, .cells = 1234, .law_loss = 1.5, .mixing_loss = .25, .pair_loss = .5, .correlation = .75}};
    a.spread = {{.tasks = 4, .seeds = 2, .relative_distance = .125, .log_crossover = .5}};
    a.forecast.emplace().runs = {{.run = 0, .overtakes = a.runs[0].memorizing_leads, .steps = {12.5, 1.5e3}}};
    a.forecast->exponent = 1.5;
    a.threshold = 1234567;
    const std::string expected = all_that_is_written(a);
    CHECK(expected.find("0.75") != std::string::npos);
    const temporary_folder locales;
    const auto made = "localedef -i de_DE -f UTF-8 " + (locales.path() / "de_DE.UTF-8").string() + " >/dev/null 2>&1";
    // A C library that looks for locales in LOCPATH keeps the path for ever, which a sanitizer calls a leak.
    const bool has = !sanitized && std::system(made.c_str()) == 0 && setenv("LOCPATH", locales.path().c_str(), 1) == 0;
    const std::locale before;
    bool set = false;
    try {
        if (has) std::locale::global(std::locale("de_DE.UTF-8"));
        set = has;
    } catch (const std::runtime_error&) {
    }
    if (!set) {
        MESSAGE("this system has no locale with a decimal comma");
        return;
    }
    std::ostringstream comma;
    comma << 1234.5;
    const std::string written = all_that_is_written(a);
    std::locale::global(before);
    CHECK(comma.str() == "1.234,5");
    CHECK(written == expected);
}

TEST_CASE("notes find the explanations of memories by their key, and no text is cut") {
    auto a = traced("t");
    a.memory = memory_report{.fit = {.law = a.fit.law, .values = {}}, .starts_at_generalizing = false};
    const auto said = [&] {
        std::string out;
        for (const auto& note : notes_of(a)) out += note + "\n";
        return out;
    };
    CHECK(said().find("Memory") == std::string::npos);
    const std::string name(300, 'x');
    a.memory->explanations = {"reference",
                              {{.facts = {.key = "reference", .words = name}, .mean = {.5, .5, .6, .6}},
                               {.facts = {.key = "free_weights", .words = "best weight of M and G in every cell"}, .mean = {.fitted = .4}},
                               {.facts = {.key = "best_precision_mixed", .words = "b"}, .mean = {.fitted = .3}},
                               {.facts = {.key = "per_task", .words = "c"}, .mean = {.held_out = .45}}}};
    CHECK(said().find("a precision and a weight of copying explains the model better than the best weight of M and G in every cell, by 0.3 "
                      "against 0.4 ID.\n") != std::string::npos);
    CHECK(said().find("the per-task law is ahead of the " + name + ": 0.45 against 0.5 ID; the difference ID is not sure.\n") !=
          std::string::npos);
    CHECK(said().find("nan") == std::string::npos);
    a.fit.at_bound = {false, false, false};
    std::ostringstream out;
    print_memory(out, a);
    CHECK(out.str().find(name) != std::string::npos);
}

TEST_CASE("several recordings stand side by side, and the page names command, versions and hashes as they are") {
    const temporary_folder folder;
    const std::vector<recording_analysis> two{traced("first"), traced("second")};
    report_options options{
        .command = {"analyze", "a b", "it's", "--x=1"}, .versions = {{"rationale", "1.2.3"}}, .hashes = {{"D4.npz", "abc123"}}};
    options.vega = "/*vega*/";
    write_report(folder.path(), two, options);
    const auto page = text_of(folder.path() / "index.html");
    CHECK(page.find("<code>analyze 'a b' 'it'\\''s' --x=1</code>") != std::string::npos);
    CHECK(page.find("<th scope=\"row\">rationale</th><td>1.2.3</td>") != std::string::npos);
    CHECK(page.find("<th scope=\"row\">D4.npz</th><td>abc123</td>") != std::string::npos);
    const auto table = page.find("id=\"side-by-side\"");
    REQUIRE(table != std::string::npos);
    CHECK(page.find("<th scope=\"row\">second</th>", table) != std::string::npos);
    CHECK(page.find("0.5 (0.4 to 0.6)", table) != std::string::npos);
    CHECK(text_of(folder.path() / "figures" / "recording-2-training-slider.csv") == training_slider(two[1]).csv());
    const std::vector<recording_analysis> one{two[0]};
    write_report(folder.path(), one, options);
    CHECK(text_of(folder.path() / "index.html").find("side-by-side") == std::string::npos);
}

TEST_CASE("each figure has files of its own, whatever settings are named") {
    const temporary_folder folder;
    const std::string of_300_letters(300, 'x');
    std::vector<recording_analysis> two{traced("first"), traced("second")};
    for (double i : {0., 1.})
        for (const std::string& setting : {std::string("a b"), std::string("a_b"), of_300_letters, of_300_letters + "y"})
            two[static_cast<std::size_t>(i)].settings.emplace_back(setting, setting == "a b" ? 1 + i : 3 + i);
    write_report(folder.path(), two);
    const auto page = text_of(folder.path() / "index.html");
    const auto setting_of = [&](const std::string& name) {
        const auto text = text_of(folder.path() / "figures" / (name + ".vl.json"));
        REQUIRE(!text.empty());
        CHECK(page.find("href=\"figures/" + name + ".csv\"") != std::string::npos);
        return nlohmann::json::parse(text)["data"]["values"][0]["setting"].get<double>();
    };
    CHECK(setting_of("parameters-a_b") == 1);
    CHECK(setting_of("parameters-a_b-2") == 3);
    const std::string cut = ("parameters-" + of_300_letters).substr(0, 100);
    CHECK(setting_of(cut) == 3);
    CHECK(setting_of(cut + "-2") == 3);
}
