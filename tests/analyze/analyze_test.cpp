// The program analyze, from outside: what it writes, and how it refuses.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "rationale/compare/agreement.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/recording/recording_writer.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/loss.hpp"
#include "support/effort.hpp"
#include "support/folder.hpp"
#include "support/golden.hpp"
#include "support/program.hpp"

namespace r = rationale;
using namespace rationale_test;
using urns = r::balls_and_urns<>;

namespace {

/// One clear line, exit code 1, nothing written.
void refused(const outcome& o, const std::string& sentence, const temporary_folder& out) {
    CHECK(o.code == 1);
    CHECK(std::count(o.output.begin(), o.output.end(), '\n') == 1);
    CHECK(o.output.starts_with("analyze: "));
    INFO(o.output);
    CHECK(o.output.find(sentence) != std::string::npos);
    CHECK((!std::filesystem::exists(out.path() / "o") || std::filesystem::is_empty(out.path() / "o")));
}

/// Writes a recording of urns whose model is `model(D, M, G, n)`, for the given task counts and steps.
template <class Model>
void write_urns(const std::filesystem::path& folder, const std::vector<std::size_t>& tasks, const std::vector<std::int64_t>& steps,
                std::size_t context, const Model& model, const std::vector<double>& probabilities = {}, std::int64_t seeds = 1,
                const std::function<double(double, std::int64_t)>& covariate = {}) {
    const urns family({.categories = 4});
    r::recording_writer<urns> writer(folder, "made up, with a \"comma\"", family);
    for (std::size_t run = 0; run < tasks.size() * static_cast<std::size_t>(seeds); ++run) {
        const std::size_t d = tasks[run / static_cast<std::size_t>(seeds)];
        const auto seed = static_cast<std::int64_t>(run % static_cast<std::size_t>(seeds));
        auto table = r::sample_tasks(family, own_prior(family), d, d + 1000 * static_cast<std::size_t>(seed));
        std::ranges::copy(probabilities, r::row(table.tasks, 0).begin());
        const r::memorizing<urns> m(family, table);
        const r::generalizing<urns> g(family);
        const auto id = r::sample_sequences(family, m.prior(), 12, context, 2).sequences,
                   ood = r::sample_sequences(family, own_prior(family), 12, context, 3).sequences;
        writer.add_run({.table = table,
                        .seed = seed,
                        .steps = steps,
                        .covariate = covariate ? decltype(r::run_entry::covariate){{"memorizing", covariate(static_cast<double>(d), seed)}}
                                               : decltype(r::run_entry::covariate){},
                        .sequences = {id, ood},
                        .model = [&](r::split split, std::size_t n) {
                            const auto& q = split == r::split::id ? id : ood;
                            auto pm = r::predict(m, q, r::sequential{}, r::impossible_context::mask), pg = r::predict(g, q);
                            for (std::size_t i = 0; i < pm.values.size(); ++i)
                                if (std::isnan(pm.values.data()[i])) pm.values.data()[i] = pg.values.data()[i];
                            return model(static_cast<double>(d), pm, pg, static_cast<double>(steps[n]));
                        }});
    }
    writer.finish();
}

r::predictions mix(double w, r::predictions m, const r::predictions& g) {
    for (std::size_t i = 0; i < m.values.size(); ++i) m.values.data()[i] = w * m.values.data()[i] + (1 - w) * g.values.data()[i];
    return m;
}

const auto learning = [](double d, const r::predictions& m, const r::predictions& g, double n) { return mix(n / (n + 50 * d), m, g); };

}  // namespace

namespace {
/// What holds of the divergences in cells.csv whatever the model: none is negative, none is above what it contains, and means, whose
/// distances are the same squared errors, have those of M and G at the ends.
void divergences_are_least(const std::vector<std::map<std::string, std::string>>& rows, bool means) {
    for (const auto& row : rows) {
        CAPTURE(row.at("recording"));
        CAPTURE(row.at("tasks"));
        CAPTURE(row.at("step"));
        CAPTURE(row.at("split"));
        for (const auto& [column, value] : row)
            if (column.ends_with("divergence") && !value.empty()) CHECK(number(value) >= 0);
        if (row.at("precision_divergence").empty()) continue;
        for (const std::string number_of : {"precision", "exponent"}) {
            if (row.at(number_of + "_divergence").empty()) continue;
            const double alone = number(row.at(number_of + "_divergence")), mixed = number(row.at(number_of + "_generalizing_divergence"));
            CHECK(mixed <= alone);
            CHECK(mixed <= number(row.at("memory_pair_divergence")));
            // The latter is what a compressor sums up, to 1e-10.
            const double pair = number(row.at("best_pair_divergence"));
            CHECK(std::abs(number(row.at("memory_pair_divergence")) - pair) < 1e-9 + 1e-6 * pair);
            if (!means) continue;
            const double of_m = number(row.at("distance_memorizing")), of_g = number(row.at("distance_generalizing"));
            CHECK(alone <= of_m * (1 + 1e-9));
            if (number_of == "precision") CHECK(alone <= of_g * (1 + 1e-9));
            if (row.at(number_of) == "inf") CHECK(alone == doctest::Approx(of_m).epsilon(1e-9));
            if (row.at(number_of) == "0") CHECK(alone == doctest::Approx(of_g).epsilon(1e-9));
        }
    }
}
}  // namespace

namespace {
/// Every recording's summary has at most 15 lines of at most 118 characters, and says what contradicts the law where it says when it
/// switches.
void check_brief(const std::string& output, const nlohmann::json& results) {
    std::istringstream in(output);
    std::string line, text;
    std::size_t lines = 0, recording = 0;
    while (recording < results["recordings"].size() && std::getline(in, line)) {
        CHECK(line.size() <= 118);
        ++lines, text += " " + line.substr((std::min)(line.size(), line.find_first_not_of(' ')));
        if (!line.empty()) continue;
        CAPTURE(text);
        CHECK(lines <= 15);
        for (const char* label : {" Does ", " Switches ", " Sure ", " Law ", " Held out ", " Careful "})
            CHECK(text.find(label) != std::string::npos);
        for (const std::string note : results["recordings"][recording]["notes"])
            if (note.starts_with("Contradiction")) CHECK(text.find(note) < text.find(" Sure "));
        ++recording, lines = 0, text.clear();
    }
    CHECK(recording == results["recordings"].size());
}
}  // namespace

TEST_CASE("the shipped recordings: fits, scores and cells" * takes_long) {
    const temporary_folder out;
    const std::string effort = sanitized ? " --loss-sequences 512 --loss-error 1" : " --compare --forecast";
    const auto o = run(RATIONALE_EXAMPLES "/data/balls_and_urns " RATIONALE_EXAMPLES "/data/linear_regression " RATIONALE_EXAMPLES
                                          "/data/balls_and_urns_zipf " RATIONALE_EXAMPLES "/data/classification -o " +
                       out.path().string() + effort);
    REQUIRE(o.code == 0);
    const auto json = results(out.path());
    REQUIRE(json["recordings"].size() == 4);
    check_brief(o.output, json);
    const auto rows = cells(out.path());
    CHECK(rows.size() == 11 * 16 * 2 + 4 * 30 * 2 + 12 * 2 + 6 * 30 * 2);
    const auto score = [&](std::size_t recording, const char* cells, const char* split) {
        for (const auto& s : json["recordings"][recording]["scores"])
            if (s["cells"] == cells && s["split"] == split) return s;
        return nlohmann::json();
    };
    // The reference used its own losses and complexities, estimated as ours are; the correlations agree to .005.
    const auto reference = [](const std::string& name) {
        return nlohmann::json::parse(std::ifstream(RATIONALE_TEST_DATA "/fit_" + name + ".json"));
    };
    CHECK(std::abs(score(0, "fitted", "id")["correlation"].get<double>() -
                   reference("balls_and_urns")["correlation"]["id_fitted"].get<double>()) < .005);
    CHECK(std::abs(score(1, "fitted", "id")["correlation"].get<double>() -
                   reference("linear_regression")["correlation"]["id_fitted"].get<double>()) < .005);
    CHECK(score(0, "fitted", "id")["count"] == 99);
    CHECK(score(3, "fitted", "id")["count"] == 55);
    CHECK(score(1, "held out in N", "id")["count"] == 4);
    CHECK(json["recordings"][0]["threshold_step"] == 1434);
    CHECK(json["recordings"][1]["threshold_step"] == 12788);
    CHECK(json["recordings"][3]["threshold_step"] == 5423);
    CHECK(json["recordings"][1]["fit"]["parameters"][0]["at_bound"] == true);
    CHECK(json["recordings"][2]["fit"]["identifiable"] == false);
    CHECK(json["recordings"][2]["notes"].dump().find("single number of tasks") != std::string::npos);
    // A score is the mean over its cells of the column of the same name.
    for (const auto& recording : json["recordings"])
        for (const auto& s : recording["scores"])
            for (const char* name : {"best_mixture_divergence", "best_pair_divergence", "law_divergence"}) {
                double sum = 0, count = 0;
                for (const auto& row : rows)
                    if (row.at("recording") == recording["name"].get<std::string>() && row.at("cell") == s["cells"].get<std::string>() &&
                        row.at("split") == s["split"].get<std::string>())
                        sum += number(row.at(name)), ++count;
                INFO(name);
                CHECK(count == s["count"].get<double>());
                CHECK(s[name].get<double>() == doctest::Approx(sum / count).epsilon(1e-9));
            }
    std::map<std::string, std::vector<std::map<std::string, std::string>>> by_recording;
    for (const auto& row : rows) by_recording[row.at("recording")].push_back(row);
    for (const auto& recording : json["recordings"])
        divergences_are_least(by_recording[recording["name"]], recording["family"] == "linear_regression");
    // Urns of D = 4, OOD: what a dense scan of precisions says.
    if (!sanitized)
        for (const auto& row : by_recording[json["recordings"][0]["name"]])
            if (row.at("tasks") == "4" && row.at("split") == "ood") {
                if (row.at("step") == "25000") {
                    CHECK(row.at("precision") == "inf");
                    CHECK(number(row.at("precision_divergence")) == doctest::Approx(.007244).epsilon(1e-3));
                }
                if (row.at("step") == "20953") {
                    CHECK(number(row.at("precision")) == doctest::Approx(2415).epsilon(.03));
                    CHECK(number(row.at("precision_divergence")) == doctest::Approx(.005619).epsilon(1e-3));
                }
                // The fitted cells leave no price for bits.
                CHECK(row.at("law_precision").empty());
            }
    CHECK(json["recordings"][0]["notes"].dump().find("the data give no price for bits") != std::string::npos);
    // Relative distances are the reference's, cell by cell.
    const auto expected = reference("balls_and_urns")["relative_distance_id"];
    std::size_t compared = 0;
    for (const auto& row : rows) {
        if (row.at("recording") != "balls and urns, 8 categories, context 32" || row.at("split") != "id") continue;
        const std::size_t d = compared / 16, n = compared % 16;
        CHECK(number(row.at("relative_distance")) == doctest::Approx(expected[d][n].get<double>()).epsilon(1e-7));
        ++compared;
    }
    CHECK(compared == 176);
    // Correlation over all ID cells, computed from cells.csv as a reader would.
    std::vector<double> x, y;
    for (const auto& row : rows)
        if (row.at("recording") == "balls and urns, 8 categories, context 32" && row.at("split") == "id" &&
            row.at("cell") != "before threshold") {
            x.push_back(number(row.at("predicted_memorizing")));
            y.push_back(number(row.at("relative_distance")));
        }
    CHECK(std::abs(r::pearson(x, y) - reference("balls_and_urns")["correlation"]["id_all"].get<double>()) < .005);
    if (!sanitized) is_as_before(json, rows, RATIONALE_TEST_DATA "/estimates.json");
}

TEST_CASE("results do not depend on threads, and follow the seed") {
    const temporary_folder in, a, b, c;
    write_urns(in.path(), {2, 4, 8}, {10, 100, 1000, 10000}, 8, learning);
    const std::string options = " --loss-sequences 300 -q -o ";
    CHECK(run(in.path().string() + " --threads 1" + options + a.path().string()).code == 0);
    CHECK(run(in.path().string() + " --threads 3" + options + b.path().string()).code == 0);
    CHECK(run(in.path().string() + " --seed 1" + options + c.path().string()).code == 0);
    auto ja = results(a.path()), jb = results(b.path());
    ja.erase("command"), jb.erase("command");
    CHECK(ja == jb);
    CHECK(results(c.path())["recordings"][0]["runs"][0]["strategies"][0]["loss_nats"] !=
          ja["recordings"][0]["runs"][0]["strategies"][0]["loss_nats"]);
}

TEST_CASE("M's own predictions have relative distance 1, G's 0") {
    for (double w : {0.0, 1.0}) {
        const temporary_folder in, out;
        write_urns(in.path(), {2, 4}, {10, 100, 1000}, 8, [&](double, const auto& m, const auto& g, double) { return mix(w, m, g); });
        CHECK(run(in.path().string() + " -o " + out.path().string()).code == 0);
        for (const auto& row : cells(out.path()))
            CHECK(number(row.at("relative_distance")) == doctest::Approx(w).epsilon(1e-5));  // recorded as float32
        // What does not vary has no correlation.
        const auto analysis = results(out.path())["recordings"][0];
        CHECK(analysis["scores"].size() > 1);
        for (const auto& s : analysis["scores"]) {
            CHECK(s["correlation"].is_null());
            CHECK(s["no_correlation"].is_string());
        }
    }
}

#ifdef RATIONALE_PYTHON
TEST_CASE("what examples/record.py writes, an exact mixture of M and G in float, is explained as that, and by nothing negative") {
    const temporary_folder in, out;
    REQUIRE(std::system((RATIONALE_PYTHON " " RATIONALE_EXAMPLES "/record.py " + in.path().string()).c_str()) == 0);
    REQUIRE(run(in.path().string() + " --compare --loss-sequences 256 -o " + out.path().string()).code == 0);
    const auto rows = cells(out.path());
    CHECK(rows.size() == 24);
    divergences_are_least(rows, false);
    for (const auto& row : rows) {
        CHECK(number(row.at("best_pair_divergence")) < 1e-9);
        if (!sanitized) CHECK(number(row.at("precision_generalizing_divergence")) < 1e-12);
    }
}
#endif

TEST_CASE("a model that is neither is seen as such by three-way weights") {
    const temporary_folder in, out;
    write_urns(in.path(), {2, 4}, {10, 100, 1000}, 8, [](double, auto m, const auto&, double) {
        for (double& v : m.values) v = .25;
        return m;
    });
    CHECK(run(in.path().string() + " -o " + out.path().string()).code == 0);
    for (const auto& row : cells(out.path())) CHECK(number(row.at("weight_constant")) > .99);
}

#ifndef __SANITIZE_ADDRESS__  // it takes minutes there, and runs nothing that the other recordings do not
TEST_CASE("the shipped Markov recording: unigrams, then bigrams, then, of few chains, memory" * takes_long) {
    const temporary_folder out;
    const auto o = run(std::string(RATIONALE_EXAMPLES) +
                       "/data/markov_chains --verbose --loss-sequences 256 --compare --forecast --no-memory -o " + out.path().string());
    INFO(o.output);
    REQUIRE(o.code == 0);
    const auto a = results(out.path())["recordings"][0];
    const auto answers = o.output.substr(0, o.output.find("\n\n"));
    CHECK(std::count(answers.begin(), answers.end(), '\n') <= 19);  // six of them what it costs not to know, which --verbose alone has
    // The shipped model of 64 chains generalizes to its end, and the law has it memorize.
    CHECK(
        a["notes"][0].get<std::string>().starts_with("Contradiction: at the last checkpoint memorizing leads by the law for D = 64, but"));
    const std::vector<std::string> names{"memorizing", "generalizing", "unigram retrieval", "unigram inference", "constant"};
    CHECK(a["strategies"] == nlohmann::json(names));
    const auto weight = [&](const char* tasks, const char* step, const char* name) {
        for (const auto& row : cells(out.path()))
            if (row.at("tasks") == tasks && row.at("step") == step && row.at("split") == "id") return number(row.at(name));
        return -1.0;
    };
    CHECK(weight("4", "12000", "weight_memorizing") > .95);
    CHECK(weight("4096", "12000", "weight_generalizing") > .95);
    CHECK(weight("4096", "333", "weight_generalizing") < .05);
    for (const char* tasks : {"64", "256", "1024", "4096"})
        CHECK(weight(tasks, "333", "weight_unigram_retrieval") + weight(tasks, "333", "weight_unigram_inference") > .6);
    double sum = 0;
    for (const auto& name : names) {
        auto column = "predicted_" + name;
        std::replace(column.begin(), column.end(), ' ', '_');
        sum += weight("16", "3000", column.c_str());
    }
    CHECK(sum == doctest::Approx(1));
    CHECK(a["fit"]["identifiable"] == true);
    CHECK(a["forecast"]["phase_diagram"][0]["weights"].size() == 5);
    CHECK(o.output.find("Q in {M, G, unigram retrieval, unigram inference, constant}") != std::string::npos);
    CHECK(o.output.find("Weights over training") != std::string::npos);
    CHECK(o.output.find("Which strategy leads") != std::string::npos);
    // Without retrieval and inference from unigrams the start of training is not explained.
    const auto early = [&](const char* best) {
        double total = 0;
        for (const auto& row : cells(out.path()))
            if (row.at("step") == "333" && row.at("split") == "id") total += number(row.at(best));
        return total;
    };
    CHECK(early("best_mixture_divergence") < .35 * early("best_pair_divergence"));
    is_as_before(results(out.path()), cells(out.path()), RATIONALE_TEST_DATA "/estimates_of_chains.json");
}
#endif

TEST_CASE("laws compared, intervals, forecasts: what is asked for is written, and laws that cannot be right are behind" * takes_long) {
    const temporary_folder in, out;
    // After the first steps, when it knows little, evidence grows as N^.4 and memorizing costs more the more tasks there are.
    write_urns(
        in.path(), {4, 8, 16, 32, 64}, {10, 30, 100, 200, 400, 700, 1000, 1400, 2000, 3000, 4000, 6000, 8000, 10000}, 8,
        [](double d, const auto& m, const auto& g, double n) {
            auto p = mix(1 / (1 + std::exp(.6 * std::pow(d, .35) - .1 * std::pow(n, .4))), m, g);
            for (double& v : p.values) v += std::exp(-n / 20) * (.25 - v);
            return p;
        },
        {}, 2);
    const auto o =
        run(in.path().string() + " --verbose --loss-sequences 2000 --compare --bootstrap 40 --forecast -o " + out.path().string());
    INFO(o.output);
    REQUIRE(o.code == 0);
    const auto a = results(out.path())["recordings"][0];
    CHECK(a["fit"]["bootstrap_replicates"] == 40);
    for (const auto& p : a["fit"]["parameters"])
        for (const char* kind : {"sandwich_95", "profile_95", "bootstrap_95"}) {
            if (p["at_bound"] == true || p[kind].is_null() || !p[kind][0].is_number() || !p[kind][1].is_number()) continue;
            CHECK(p[kind][0].get<double>() <= p[kind][1].get<double>());
            if (std::string(kind) != "bootstrap_95") CHECK((p["value"] >= p[kind][0] && p["value"] <= p[kind][1]));
        }
    std::map<std::string, nlohmann::json> rows;
    for (const auto& row : a["explanations"]) rows[row["explanation"]] = row;
    for (const char* name : {"published {M,G}", "alpha=0 {M,G}", "gamma=1 {M,G}", "beta=1 {M,G}", "linear-K {M,G}", "no-simplicity {M,G}",
                             "saturating {M,G}", "scheduled {M,G}", "published {M,G,C}", "published {M,G}, fitted to id and ood",
                             "equal weights {M,G}", "same weights everywhere {M,G}", "free weights in every cell {M,G}"})
        REQUIRE_MESSAGE(rows.contains(name), name);
    const auto score = [&](const char* name, const char* which) { return rows[name][which].get<double>(); };
    for (const char* which : {"fitted", "held_out"}) {
        CHECK(score("published {M,G}", which) < score("beta=1 {M,G}", which));
        CHECK(score("published {M,G}", which) < score("gamma=1 {M,G}", which));
        CHECK(score("free weights in every cell {M,G}", which) < score("published {M,G}", which));
        CHECK(score("published {M,G}", which) < score("equal weights {M,G}", which));
    }
    CHECK(rows["gamma=1 {M,G}"]["held_out_difference_95"][0].get<double>() > 0);  // not by chance
    // The cells that are left out in turn are all from the threshold on; a fit that has seen them explains them better.
    double seen = 0, count = 0;
    for (const auto& s : a["scores"])
        if (s["split"] == "id" && s["cells"] != "before threshold")
            seen += s["count"].get<double>() * s["law_divergence"].get<double>(), count += s["count"].get<double>();
    CHECK(score("published {M,G}", "cross_validated_over_tasks") > seen / count);
    const auto& f = a["forecast"];
    CHECK(f["runs"].size() == 10);
    CHECK(f["exponent_of_crossover_in_tasks"].get<double>() > 0);
    CHECK(f["runs"][7]["leading"].size() == 2);
    // The weights are equal where .1 N^.4 = .6 D^.35.
    CHECK(f["runs"][4]["crossover_steps"].get<double>() > std::pow(6 * std::pow(16, .35), 2.5) / 3);
    CHECK(f["runs"][4]["crossover_steps"].get<double>() < std::pow(6 * std::pow(16, .35), 2.5) * 3);
    CHECK(f["phase_diagram"].size() == 10 * 25);
    CHECK(a["backtest"]["law_divergence"].get<double>() < 2 * a["backtest"]["free_weights_divergence"].get<double>() + .01);
    REQUIRE(a["seeds"].size() == 5);
    CHECK(a["seeds"][0]["seeds"] == 2);
    CHECK(a["seeds"][0]["relative_distance_standard_deviation"].get<double>() < .2);
    for (const char* text : {"M overtakes G", "N* grows as D^", "Backtest", "differ in their seed alone"})
        CHECK(o.output.find(text) != std::string::npos);
}

TEST_CASE("another law, three strategies, and a model that is neither") {
    const temporary_folder in, out, three, odd;
    write_urns(in.path(), {2, 4, 8}, {10, 100, 1000, 10000}, 8, learning);
    REQUIRE(run(in.path().string() + " -q --loss-sequences 300 --law linear-K -o " + out.path().string()).code == 0);
    auto fit = results(out.path())["recordings"][0]["fit"];
    CHECK(fit["law"] == "linear-K");
    CHECK(fit["parameters"][2]["name"] == "c");
    CHECK(run(in.path().string() + " --law nonsense -o " + out.path().string()).output.find("published") != std::string::npos);
    REQUIRE(run(in.path().string() + " -q --loss-sequences 300 --strategies all -o " + three.path().string()).code == 0);
    CHECK(results(three.path())["recordings"][0]["fit"]["cells"].get<int>() >= fit["cells"].get<int>());
    // Every other outcome's probability for the model's: no mixture of the strategies does that.
    write_urns(odd.path(), {2, 4, 8}, {10, 100, 1000, 10000}, 8, [](double, auto m, const auto&, double) {
        for (std::size_t i = 0; i < m.values.size(); i += 4) std::swap(m.values.data()[i], m.values.data()[i + 2]);
        return m;
    });
    REQUIRE(run(odd.path().string() + " -q --loss-sequences 300 -o " + odd.path().string()).code == 0);
    CHECK(results(odd.path())["recordings"][0]["cells_neither"].get<int>() > 12);
    CHECK(results(out.path())["recordings"][0]["cells_neither"] == 0);
}

TEST_CASE("single tasks and single positions") {
    const temporary_folder in, out;
    write_urns(in.path(), {1, 2, 3}, {10, 100, 1000}, 1, learning);
    const auto o = run(in.path().string() + " -o " + out.path().string());
    INFO(o.output);
    CHECK(o.code == 0);
    CHECK(cells(out.path()).size() == 18);
}

TEST_CASE("strategies that predict the same leave the relative distance undefined, and nothing breaks") {
    const temporary_folder in, out;  // one position, and a single task that is the prior's mean
    write_urns(in.path(), {1}, {10, 100, 1000}, 1, learning, {.25, .25, .25, .25});
    const auto o = run(in.path().string() + " --verbose -o " + out.path().string());
    CHECK(o.code == 0);
    CHECK(o.output.find("the strategies predict the same") != std::string::npos);
    for (const auto& row : cells(out.path())) CHECK(row.at("relative_distance").empty());
}

TEST_CASE("exact zeros: masked sequences and infinite divergences are counted, not hidden") {
    const temporary_folder in, out;
    // Not .5 and .5: g++ 12 with AVX-512 copies the constants {.5, .5, 0, 0} as four halves.
    write_urns(in.path(), {1, 2, 4}, {10, 100, 1000, 3000}, 8, learning, {.4, .6, 0, 0});
    const auto o = run(in.path().string() + " --verbose -o " + out.path().string());
    REQUIRE(o.code == 0);
    CHECK(o.output.find("ood sequences are masked, no seen task explains them") != std::string::npos);
    CHECK(o.output.find("a divergence is infinite") != std::string::npos);
    bool infinite = false;
    for (const auto& row : cells(out.path())) infinite = infinite || row.at("distance_memorizing") == "inf";
    CHECK(infinite);
}

TEST_CASE("bad input: one line, exit code 1, nothing written") {
    const temporary_folder in, out;
    const std::string to = " -o " + (out.path() / "o").string();
    refused(run((in.path() / "nowhere").string() + to), "nowhere: there is no such folder", out);
    refused(run(in.path().string() + to), "manifest.json: there is no such file", out);
    write_urns(in.path() / "few", {2}, {10, 100}, 8, learning);
    refused(run((in.path() / "few").string() + to), "there are 2 cells to fit, must be at least 3, the number of the law's parameters",
            out);
    write_urns(in.path() / "good", {2, 4}, {10, 100, 1000}, 8, learning);
    {
        auto manifest = nlohmann::json::parse(std::ifstream(in.path() / "good" / "manifest.json"));
        manifest["family"] = "cards";
        std::filesystem::copy(in.path() / "good", in.path() / "cards");
        std::ofstream(in.path() / "cards" / "manifest.json") << manifest.dump();
    }
    refused(run((in.path() / "cards").string() + to), "family is cards, expected one of balls_and_urns, linear_regression, classification",
            out);
    refused(run((in.path() / "good").string() + " " + (in.path() / "cards").string() + " -q" + to), "family is cards",
            out);  // nor are the good one's results
    std::filesystem::resize_file(in.path() / "good" / "D00004-seed0.npz", 500);
    refused(run((in.path() / "good").string() + to), "D00004-seed0.npz: is not a readable npz archive", out);
    CHECK(run("").code != 0);
    CHECK(run("--help").code == 0);
    CHECK(run("--help").output.find("--loss-sequences") != std::string::npos);
}

TEST_CASE("results that cannot be written are said") {
    const temporary_folder in;
    write_urns(in.path() / "r", {2, 4}, {10, 100, 1000}, 8, learning);
    std::ofstream(in.path() / "file") << "x";
    const auto o = run((in.path() / "r").string() + " -q -o " + (in.path() / "file").string());
    CHECK(o.code == 1);
    CHECK(std::count(o.output.begin(), o.output.end(), '\n') == 1);
}

TEST_CASE("runs whose belief was shifted: the law that knows of it finds the shift, and wins" * takes_long) {
    const temporary_folder in, out;
    // A learner by the published law, whose log odds of M gain 1.5 in the second seed.
    std::int64_t seed = 0;
    const urns family({.categories = 4});
    std::map<std::pair<double, std::int64_t>, double> gain;
    for (std::size_t d : {4u, 8u, 16u, 32u, 64u, 128u})
        for (std::int64_t of : {0, 1}) {
            const auto table = r::sample_tasks(family, own_prior(family), d, d + 1000 * static_cast<std::size_t>(of));
            const r::strategies both(r::memorizing<urns>(family, table), r::generalizing<urns>(family));
            const auto loss = r::estimate_losses(both, both.get<0>().prior(), 24, {.relative_error = 0, .most_sequences = 1024}).mean;
            gain[{static_cast<double>(d), of}] = loss[1] - loss[0];
        }
    write_urns(
        in.path(), {4, 8, 16, 32, 64, 128}, {1, 3, 10, 30, 100, 300, 1000, 3000, 10000}, 24,
        [&](double d, const r::predictions& m, const r::predictions& g, double n) {
            const double cost = std::log(2) * (std::pow(4900 + 240 * d, .25) - std::pow(4440, .25));
            const double odds = 2 * std::pow(n, .4) * gain.at({d, seed}) - cost + 1.5 * static_cast<double>(seed);
            r::predictions untrained = g;  // at first it predicts nothing in particular
            std::fill(untrained.values.begin(), untrained.values.end(), .25);
            return mix(std::exp(-n / 3), untrained, mix(1 / (1 + std::exp(-odds)), m, g));
        },
        {}, 2,
        [&](double, std::int64_t of) {
            seed = of;
            return static_cast<double>(of);
        });
    const auto o = run(in.path().string() + " --law belief-shift --compare --bootstrap 40 --loss-sequences 1024 --loss-error 1 -o " +
                       out.path().string());
    INFO(o.output);
    REQUIRE(o.code == 0);
    const auto recording = results(out.path())["recordings"][0];
    CHECK(recording["runs"][1]["strategies"][0]["covariate"] == 1);
    CHECK(recording["fit"]["parameters"].back()["name"] == "coefficient");
    CHECK(recording["fit"]["parameters"].back()["value"].get<double>() == doctest::Approx(1.5).epsilon(.2));
    const auto& table = recording["explanations"];
    CHECK(table[0]["explanation"].get<std::string>().starts_with("belief-shift"));
    for (const auto& row : table)
        if (row["explanation"] == "published {M,G}") CHECK(row["held_out_difference_95"][0].get<double>() > 0);

    auto manifest = nlohmann::json::parse(std::ifstream(in.path() / "manifest.json"));
    manifest["runs"][0]["covariate"] = {{"memorising", 1}};
    std::ofstream(in.path() / "manifest.json") << manifest;
    const temporary_folder none;
    refused(run(in.path().string() + " -o " + (none.path() / "o").string()),
            "has a covariate of memorising, expected one of memorizing, generalizing, constant", none);
}
