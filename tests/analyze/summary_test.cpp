// The summary: how long it is, what it says, and where law and observation contradict each other.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "rationale/analysis/detail/scores.hpp"
#include "rationale/analysis/notes.hpp"
#include "rationale/analysis/summary.hpp"
#include "rationale/analysis/write_analysis.hpp"
#include "support/made_up_analysis.hpp"

using namespace rationale;

namespace {

std::string summary_of(const recording_analysis& a, summary_length length = summary_length::brief) {
    std::ostringstream out;
    print_summary(out, a, length);
    return out.str();
}
/// The same on one line, without what only lays it out.
std::string sentences_of(const recording_analysis& a) {
    auto text = summary_of(a);
    std::replace(text.begin(), text.end(), '\n', ' ');
    for (auto at = text.find("  "); at != std::string::npos; at = text.find("  ")) text.erase(at, 1);
    return text;
}
std::ptrdiff_t lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Runs whose model ends at these relative distances and whose law switches then.
recording_analysis ending(const std::vector<double>& relative, const std::vector<crossover>& law) {
    std::vector<rationale_test::made_up_run> runs;
    for (std::size_t i = 0; i < law.size(); ++i) runs.push_back({std::size_t{4} << (2 * i), 1});
    auto a = rationale_test::made_up_analysis(3, runs);
    a.law_strategies = 2;
    a.profile.resize(3);
    for (std::size_t i = 0; i < a.runs.size(); ++i) {
        auto& r = a.runs[i];
        r.memorizing_leads = law[i];
        r.descriptions.resize(3), r.losses.standard_error.resize(3), r.losses.mean = r.known.loss, r.losses.reached = true;
    }
    for (auto& c : a.cells) {
        if (c.step == 1000 && c.split == split::id) c.relative.value = relative[c.run];
        if (c.step == 1000) c.role = cell_role::held_out_steps, c.law_loss = .25, c.pair_loss = .125;
    }
    a.notes = notes_of(a);
    return a;
}
const crossover early{crossover::outcome::at_steps, 250}, late{crossover::outcome::at_steps, 3000}, never{crossover::outcome::never},
    reversed{crossover::outcome::reverse, 250};

}  // namespace

TEST_CASE("a law that switches where the model has not, or the reverse, is a contradiction, said once in summary, notes and JSON") {
    CHECK(contradictions_of(ending({.9, .1, .1}, {early, late, never})).empty());
    const auto too_late = ending({.9, .8, .9, .1}, {early, late, never, never});
    REQUIRE(contradictions_of(too_late).size() == 1);
    const std::string sentence =
        "Contradiction: at the last checkpoint generalizing leads by the law for D = 16, 64, but the model is "
        "already nearer to memorizing (relative distance 0.80 to 0.90).";
    CHECK(contradictions_of(too_late)[0] == sentence);
    CHECK(too_late.notes[0] == sentence);
    CHECK(to_json(too_late)["notes"][0] == sentence);
    const auto said = sentences_of(too_late);
    const auto at = said.find(sentence);
    REQUIRE(at != std::string::npos);
    CHECK(said.find(sentence, at + 1) == std::string::npos);
    CHECK(at > said.find("Switches"));
    CHECK(at < said.find("Sure"));
    const auto too_early = contradictions_of(ending({.1, .9, .2}, {early, early, never}));
    REQUIRE(too_early.size() == 1);
    CHECK(
        has(too_early[0], "memorizing leads by the law for D = 4, but the model is still nearer to generalizing (relative distance 0.10)"));
    CHECK(contradictions_of(ending({.1}, {reversed})).empty());
    CHECK(contradictions_of(ending({.9}, {reversed})).size() == 1);
    CHECK(contradictions_of(ending({.9, .1}, {late, early})).size() == 2);
}

TEST_CASE("a switch the other way round that no training of this kind has is none") {
    const crossover beyond{crossover::outcome::reverse, 1e12}, before{crossover::outcome::reverse, 0.5};
    const auto said = [](const crossover& c) { return sentences_of(ending({.9, .1}, {early, c})); };
    CHECK(said(reversed).find("the other way round") != std::string::npos);
    CHECK(said(beyond).find("the other way round") == std::string::npos);
    CHECK(said(beyond).find("from the start for D = 16") != std::string::npos);
    CHECK(said(before).find("never for D = 16") != std::string::npos);
}

TEST_CASE("a model in the middle contradicts no law") {
    auto a = ending({.59, .41}, {late, early});  // two standard errors, .05 each, from 1/2 is .6
    CHECK(contradictions_of(a).empty());
    for (auto& c : a.cells) c.relative.standard_error = .04;
    CHECK(contradictions_of(a).size() == 2);
    for (auto& c : a.cells) c.relative.is = relative_distance_result::state::identical_strategies;
    CHECK(contradictions_of(a).empty());
}

TEST_CASE("intervals are over runs where one can be left out, else the sandwich's, and the summary says which") {
    auto a = ending({.9, .1}, {early, late});
    a.over_runs.intervals = {{.4, .6}, {1, 4}, {.1, .3}};
    CHECK(has(sentences_of(a), "Law published, 0 cells: alpha 0.5 [0.4, 0.6], gamma 2 [1, 4], beta 0.2 [0.1, 0.3]."));
    CHECK(has(
        sentences_of(a),
        "Every parameter of the law is determined. 95 % intervals by the sandwich over cells, as 2 runs are too few to leave one out."));
    a.over_runs.runs = 5, a.over_runs.without.resize(5);
    CHECK(has(sentences_of(a), "Every parameter of the law is determined. 95 % intervals over 5 runs."));
    a.over_runs.determined[1] = false;
    a.over_runs.rivals.push_back({.values = {.75, 8, .125}});
    CHECK(has(sentences_of(a),
              "Of the law alpha and beta are determined, gamma is not; another optimum is as good, alpha 0.75, gamma 8, beta 0.125. 95 %"));
}

TEST_CASE("held-out scores of the law, of memory and trust and of the best weights, ID and OOD") {
    auto a = ending({.9, .1}, {early, late});
    CHECK(has(summary_of(a), "ID       the law 0.25      best weights 0.125     (KL in nats, 2 cells)\n"));
    rationale_test::add_square(a);
    CHECK(has(summary_of(a), "  Held out  ID       the law 0.25      memory and trust 0.35      best weights 0.125     (KL in nats"));
    CHECK(has(summary_of(a), "            OOD      the law 0.25"));
    CHECK(
        has(sentences_of(a), "From step 100 on it reads each observation as if it counted 0.5 times and remembers a task as 2 (N/D)^0.5"));
    a.kind = prediction_kind::mean;
    CHECK(has(summary_of(a), "(squared error, 2 cells)"));
    for (auto& c : a.cells) c.role = cell_role::fitted;
    CHECK(has(summary_of(a), "Held out  No cells"));
}

TEST_CASE("runs whose relative distance is undefined are nearer to neither") {
    auto a = ending({.9, .1, .1}, {early, late, never});
    CHECK(has(sentences_of(a), "nearer to memorizing in 1 of 3 runs (D = 4) and to generalizing in 2 (D = 16, 64)."));
    for (auto& c : a.cells)
        if (c.run == 2) c.relative.is = relative_distance_result::state::identical_strategies;
    CHECK(has(sentences_of(a), "in 1 of 3 runs (D = 4) and to generalizing in 1 (D = 16); its relative distance is undefined in 1."));
    for (auto& c : a.cells) c.relative.is = relative_distance_result::state::identical_strategies;
    CHECK(has(sentences_of(a), "in 0 of 3 runs and to generalizing in 0; its relative distance is undefined in 3."));
}

TEST_CASE("the power of D that N* grows with is said where N* is a step of training and the prior's parameters are identifiable") {
    auto a = ending({.9, .1}, {early, late});
    a.forecast.emplace().exponent = 1.5;
    const std::string power = "That step grows as D to the power 1.5.";
    CHECK(has(sentences_of(a), power));
    CHECK(has(summary_of(a, summary_length::verbose), "N* grows as D^1.50"));
    a.fit.determined = {false, true, true};  // alpha
    CHECK(has(sentences_of(a), power));
    a.fit.determined = {true, true, false};  // beta
    CHECK(!has(sentences_of(a), "to the power"));
    CHECK(has(summary_of(a, summary_length::verbose), "How N* grows with D cannot be told from these runs."));
    a.fit.determined = {true, true, true};
    for (auto& run : a.runs) run.memorizing_leads.steps = .5;
    CHECK(!has(sentences_of(a), "to the power"));
    a.runs[0].memorizing_leads.steps = 1;
    CHECK(has(sentences_of(a), power));
    CHECK(has(sentences_of(a), "after 1 step for D = 4"));
}

TEST_CASE("intervals of few bootstrap samples are a note that the summary has") {
    auto a = ending({.9, .1}, {early, late});
    const std::string rough = "a 95 % interval takes 100 at least (--bootstrap).";
    for (const std::size_t n : {0U, 100U, 1000U}) {
        a.replicates = n, a.notes = notes_of(a);
        CHECK(!has(sentences_of(a), rough));
    }
    a.replicates = 5, a.notes = notes_of(a);
    CHECK(has(sentences_of(a), "Careful Intervals of 5 bootstrap samples are rough and may exclude what they are of: " + rough));
    a.replicates = 1, a.notes = notes_of(a);
    CHECK(has(sentences_of(a), "Intervals of 1 bootstrap sample are rough"));
}

TEST_CASE("what is much masked is said first, the most masked split before the other, and what is little masked after other notes") {
    auto a = ending({.9, .1, .1}, {early, late, never});
    for (auto& run : a.runs) run.sequences = {20, 20}, run.masked = {16, 19};
    a.runs[1].masked.id = 18, a.threshold.reset();
    auto notes = notes_of(a);
    REQUIRE(notes.size() >= 3);
    CHECK(notes[0] == "In 3 of 3 runs 95 % of the ood sequences are masked, no seen task explains them.");
    CHECK(notes[1] == "In 3 of 3 runs 80 to 90 % of the id sequences are masked, no seen task explains them.");
    for (auto& run : a.runs) run.masked = {0, 0};
    a.runs[0].masked.id = 1, a.runs[1].masked.id = 4;
    notes = notes_of(a);
    REQUIRE(notes.size() == 4);  // the second is of relative distances
    CHECK(notes[0].starts_with("No run's interpolation distance is ever below its threshold"));
    CHECK(notes[2] == "D = 16, seed 1: 4 of 20 id sequences are masked, no seen task explains them.");
    CHECK(notes[3] == "D = 4, seed 1: 1 of 20 id sequences are masked, no seen task explains them.");
}

TEST_CASE("the best of the laws compared is by held-out cells, and by fitted ones where none are held out") {
    auto a = ending({.9, .1}, {early, late});
    a.comparison.rows = {{.facts = {.key = "linear", .words = "linear-K {M,G}"}, .mean = {.fitted = .25, .held_out = .5}},
                         {.facts = {.key = "published", .words = "published {M,G}"}, .mean = {.fitted = .375, .held_out = .75}}};
    CHECK(has(sentences_of(a), "Compared 2 explanations; the best law on held-out cells is linear-K {M,G}, 0.5."));
    for (auto& row : a.comparison.rows) row.mean.held_out = undefined;
    CHECK(has(sentences_of(a), "Compared 2 explanations; the best law on fitted cells is linear-K {M,G}, 0.25."));
}

TEST_CASE("a held-out cell that the law excludes makes its mean infinite, one that no mixture explains is left out, as in the scores") {
    auto a = ending({.9, .1}, {early, late});
    auto& excluded = *std::find_if(a.cells.begin(), a.cells.end(), [](const auto& c) { return c.step == 1000 && c.split == split::id; });
    excluded.law_loss = std::numeric_limits<double>::infinity(), excluded.pair_loss = .375;
    CHECK(has(summary_of(a), "ID       the law inf       best weights 0.25      (KL in nats, 2 cells)\n"));
    const auto scores = detail::scores_of(a);
    const auto of = std::find_if(scores.begin(), scores.end(), [](const auto& s) { return s.role == cell_role::held_out_steps; });
    CHECK(of->law_loss == detail::held_out_on(a, split::id).law);
    CHECK(of->pair_loss == detail::held_out_on(a, split::id).best);
    excluded.pair_loss = excluded.law_loss;
    CHECK(has(summary_of(a), "ID       the law 0.25      best weights 0.125     (KL in nats, 1 cell)\n"));
}

TEST_CASE("what predictions cost against the strategies is said with --verbose alone") {
    auto a = ending({.9, .1}, {early, never});
    const auto before = summary_of(a);
    rationale_test::add_regret(a);
    CHECK(summary_of(a) == before);
    CHECK(has(summary_of(a, summary_length::verbose), "\n  Costs     At the last checkpoint the model's loss on a sequence is 1.2 nats"));
}

TEST_CASE("a summary takes 15 lines whatever there is to say, counts the notes that it leaves out, and --verbose has all") {
    auto a = ending({.9, .8, .9, .1, .2, .9}, {early, late, never, early, early, late});
    rationale_test::add_square(a);
    a.over_runs.rivals.push_back({.values = {.75, 8, .125}});
    for (const std::size_t n : {0U, 1U, 3U, 30U}) {
        a.notes = notes_of(a);
        const auto before = a.notes.size() - contradictions_of(a).size();
        for (std::size_t i = 0; i < n; ++i) a.notes.push_back("Note " + std::to_string(i) + " about " + std::string(20 * i, 'x') + ".");
        const auto brief = summary_of(a), verbose = summary_of(a, summary_length::verbose);
        INFO(brief);
        CHECK(lines_of(brief) <= 15);
        CHECK(has(brief, n + before == 0 ? "Held out" : n + before > 3 ? ": --verbose" : "Careful"));
        for (const auto& note : a.notes) CHECK(has(verbose, "  * " + note + "\n"));
    }
    auto consistent = ending({.9, .1}, {early, late});
    consistent.notes = {"First.", "Second.", "Third.", "Fourth.", "Fifth."};
    CHECK(has(summary_of(consistent), "  Careful   First. Second. Third. 2 more: --verbose\n"));
    consistent.notes = {"First."};
    CHECK(has(summary_of(consistent), "  Careful   First.\n"));
    consistent.notes.clear();
    CHECK(!has(summary_of(consistent), "Careful"));
}
