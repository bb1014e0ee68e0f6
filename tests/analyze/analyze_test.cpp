// The program analyze, from outside: what it writes, and how it refuses.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "rationale/compare/agreement.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/recording/recording_writer.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "support/folder.hpp"

namespace r = rationale;
using rationale_test::temporary_folder;
using urns = r::balls_and_urns<>;

namespace {

struct outcome {
    int code;
    std::string output;
};

outcome run(const std::string& arguments) {
    FILE* const pipe = popen((RATIONALE_ANALYZE " " + arguments + " 2>&1").c_str(), "r");
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    return {WEXITSTATUS(pclose(pipe)), text};
}

/// One clear line, exit code 1, nothing written.
void refused(const outcome& o, const std::string& sentence, const temporary_folder& out) {
    CHECK(o.code == 1);
    CHECK(std::count(o.output.begin(), o.output.end(), '\n') == 1);
    CHECK(o.output.starts_with("analyze: "));
    INFO(o.output);
    CHECK(o.output.find(sentence) != std::string::npos);
    CHECK((!std::filesystem::exists(out.path() / "o") || std::filesystem::is_empty(out.path() / "o")));
}

nlohmann::json results(const std::filesystem::path& folder) { return nlohmann::json::parse(std::ifstream(folder / "results.json")); }

/// Rows of cells.csv, by column name.
std::vector<std::map<std::string, std::string>> cells(const std::filesystem::path& folder) {
    std::ifstream in(folder / "cells.csv");
    const auto fields = [](const std::string& line) {
        std::vector<std::string> out{""};
        bool quoted = false;
        for (char c : line) {
            if (c == '"') quoted = !quoted;
            else if (c == ',' && !quoted) out.emplace_back();
            else out.back() += c;
        }
        return out;
    };
    std::string line;
    std::getline(in, line);
    const auto header = fields(line);
    std::vector<std::map<std::string, std::string>> rows;
    while (std::getline(in, line)) {
        const auto values = fields(line);
        REQUIRE(values.size() == header.size());
        auto& row = rows.emplace_back();
        for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = values[i];
    }
    return rows;
}

double number(const std::string& s) { return std::stod(s); }

/// Writes a recording of urns whose model is `model(D, M, G, n)`, for the given task counts and steps.
template <class Model>
void write_urns(const std::filesystem::path& folder, const std::vector<std::size_t>& tasks, const std::vector<std::int64_t>& steps,
                std::size_t context, const Model& model, const std::vector<double>& probabilities = {}) {
    const urns family({.categories = 4});
    r::recording_writer<urns> writer(folder, "made up, with a \"comma\"", family);
    for (std::size_t d : tasks) {
        auto table = r::sample_tasks(family, own_prior(family), d, d);
        for (std::size_t k = 0; k < probabilities.size(); ++k) table.tasks(0, k) = probabilities[k];
        const r::memorizing<urns> m(family, table);
        const r::generalizing<urns> g(family);
        const auto id = r::sample_sequences(family, m.prior(), 12, context, 2).sequences,
                   ood = r::sample_sequences(family, own_prior(family), 12, context, 3).sequences;
        writer.add_run({.table = table, .steps = steps, .sequences = {id, ood}, .model = [&](std::size_t split, std::size_t n) {
                            const auto& q = split == 0 ? id : ood;
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

TEST_CASE("the shipped recordings: fits, scores and cells") {
    const temporary_folder out;
#ifdef __SANITIZE_ADDRESS__
    const std::string effort = " --loss-sequences 512 --loss-error 1";
#else
    const std::string effort;
#endif
    const auto o = run(RATIONALE_EXAMPLES "/data/balls_and_urns " RATIONALE_EXAMPLES "/data/linear_regression " RATIONALE_EXAMPLES
                                          "/data/balls_and_urns_zipf " RATIONALE_EXAMPLES "/data/classification -o " +
                       out.path().string() + effort);
    REQUIRE(o.code == 0);
    const auto json = results(out.path());
    REQUIRE(json["recordings"].size() == 4);
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
    CHECK(o.output.find("single number of tasks") != std::string::npos);
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
    }
}

TEST_CASE("a model that is neither is seen as such by three-way weights") {
    const temporary_folder in, out;
    write_urns(in.path(), {2, 4}, {10, 100, 1000}, 8, [](double, auto m, const auto&, double) {
        for (double& v : m.values) v = .25;
        return m;
    });
    CHECK(run(in.path().string() + " -o " + out.path().string()).code == 0);
    for (const auto& row : cells(out.path())) CHECK(number(row.at("weight_constant")) > .99);
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
    const auto o = run(in.path().string() + " -o " + out.path().string());
    CHECK(o.code == 0);
    CHECK(o.output.find("the strategies predict the same") != std::string::npos);
    for (const auto& row : cells(out.path())) CHECK(row.at("relative_distance").empty());
}

TEST_CASE("exact zeros: masked sequences and infinite divergences are counted, not hidden") {
    const temporary_folder in, out;
    write_urns(in.path(), {1, 2, 4}, {10, 100, 1000, 3000}, 8, learning, {.5, .5, 0, 0});
    const auto o = run(in.path().string() + " -o " + out.path().string());
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
    refused(run((in.path() / "few").string() + to), "cells to fit, must be at least 3", out);
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
