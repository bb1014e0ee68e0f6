// What a recording may hold beside the plainest arrays, and what the analysis makes of it.
#include <doctest/doctest.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "rationale/analysis/analyze_recording.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/recording/recording_writer.hpp"
#include "support/folder.hpp"
#include "support/npz.hpp"

namespace r = rationale;
using urns = r::balls_and_urns<>;

namespace {

const std::vector<std::int64_t> steps{0, 10, 100, 1000, 10000};

/// A recording of urns whose model is M with weight N/(N + 100 D), else G: at step 0 it is G.
struct recorded_urns {
    rationale_test::temporary_folder folder;
    urns family{{.categories = 4}};

    recorded_urns() {
        r::recording_writer<urns> writer(folder.path(), "made up", family);
        for (std::size_t d : {2u, 4u, 8u}) {
            const r::seen_tasks<urns> seen(family, r::sample_tasks(family, own_prior(family), d, d));
            const r::per_split<urns::sequences> q{r::sample_sequences(family, seen, 16, 12, 2).sequences,
                                                  r::sample_sequences(family, own_prior(family), 16, 12, 3).sequences};
            writer.add_run<double>(
                {.table = seen.table(), .steps = steps, .sequences = {q.id, q.ood}, .model = [&](r::split split, std::size_t n) {
                     const std::array both{r::predict(r::memorizing<urns>(family, seen), q[split]),
                                           r::predict(r::generalizing<urns>(family), q[split])};
                     const double w = static_cast<double>(steps[n]) / (static_cast<double>(steps[n]) + 100 * static_cast<double>(d));
                     return r::mixture(both, std::array{w, 1 - w});
                 }});
        }
        writer.finish();
    }
    [[nodiscard]] std::vector<std::string> files() const {
        std::vector<std::string> out;
        for (const auto& run : r::read_manifest(folder.path()).runs) out.push_back((folder.path() / run.file).string());
        return out;
    }
    /// Puts an array, as a .npy file, in the place of another or beside them.
    static void put(const std::string& file, const std::string& name, const std::string& npy) {
        int code = 0;
        zip_t* const archive = zip_open(file.c_str(), 0, &code);
        REQUIRE(archive != nullptr);
        zip_file_add(archive, (name + ".npy").c_str(), zip_source_buffer(archive, npy.data(), npy.size(), 0), ZIP_FL_OVERWRITE);
        REQUIRE(zip_close(archive) == 0);
    }
    /// Changes the manifest.
    template <class Change>
    void manifest(const Change& change) const {
        const auto path = folder.path() / "manifest.json";
        std::ifstream in(path);
        auto json = nlohmann::ordered_json::parse(in);
        change(json);
        std::ofstream(path) << json.dump();
    }
    [[nodiscard]] r::recording_analysis analyze(bool memory = false) const {
        r::analysis_options options;
        options.losses.most_sequences = 512;
        options.threshold_share = 1;
        options.memory = memory;
        options.precision_nodes = 8;
        options.compare = memory, options.forecast = memory;
        return r::analyze_recording<urns>(r::read_manifest(folder.path()), options);
    }
};

std::uint16_t bfloat16_of(double x) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(x));
    return static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

bool has_note(const r::recording_analysis& a, const std::string& start) {
    return std::any_of(a.notes.begin(), a.notes.end(), [&](const std::string& note) { return note.starts_with(start); });
}

}  // namespace

TEST_CASE("the untrained model, step 0, is analyzed: no evidence has come, and every number is one") {
    const recorded_urns recorded;
    const auto a = recorded.analyze(true);
    CHECK(a.threshold == 0);
    const auto law = a.fit.law;
    std::size_t untrained = 0;
    for (const auto& c : a.cells) {
        CHECK(std::isfinite(c.law_loss));
        CHECK(c.law_loss >= 0);
        CHECK(c.relative.defined());
        if (c.step != 0) continue;
        ++untrained;
        CHECK(c.relative.value == doctest::Approx(0));
        CHECK(c.log_bayes_factor == 0);
        CHECK(law.exposure(a.fit.values, {.steps = 0, .tasks = static_cast<double>(a.runs[c.run].tasks)}) == 0);
    }
    CHECK(untrained == 6);
    for (const double value : a.fit.values) CHECK(std::isfinite(value));
    REQUIRE(a.memory);
    REQUIRE(a.square);
    for (const auto& cell : a.memory->cells) CHECK(cell.pair < 1e-8);
    for (const auto* const table : {&a.memory->explanations, &a.comparison, &a.square->after_threshold})
        for (const auto& row : table->rows) {
            INFO(row.facts.words);
            CHECK(std::isfinite(row.mean.fitted));
        }
}

TEST_CASE("predictions in bfloat16 are analyzed as they are, and a note says so") {
    const recorded_urns recorded;
    const auto exact = recorded.analyze();
    CHECK(!has_note(exact, "Predictions of"));
    for (const auto& file : recorded.files()) {
        const auto p = rationale_test::load_npz(file).at("predictions_id");
        std::string data;
        for (double x : p.values) data += rationale_test::low_first(bfloat16_of(x), 2);
        recorded_urns::put(file, "predictions_id",
                           rationale_test::npy_text(
                               "{'descr': '<V2', 'fortran_order': False, 'shape': " + r::detail::shape_text(p.shape) + ", }\n", data));
    }
    recorded.manifest([](auto& m) { m["types"]["predictions_id"] = "bfloat16"; });
    const auto a = recorded.analyze();
    CHECK(has_note(a,
                   "Predictions of 3 splits of runs are recorded in bfloat16: every number is rounded by up to 0.39 %, a probability "
                   "below 4.6e-41 to 0, and sums are 1 to that only."));
    // What rounding by 2^-8 leaves is of second order: sums are off by up to 4e-3, divergences by some 1e-5, and none is below 0.
    double most = 0;
    for (std::size_t i = 0; i < a.cells.size(); ++i) {
        CHECK(a.cells[i].law_loss >= 0);
        CHECK(a.cells[i].mixing_loss >= 0);
        most = (std::max)(most, a.cells[i].pair_loss);
        CHECK(std::abs(a.cells[i].relative.value - exact.cells[i].relative.value) < .02);
    }
    CHECK(most > 1e-7);
    CHECK(most < 2e-5);
    for (std::size_t i = 0; i < a.fit.values.size(); ++i) CHECK(a.fit.values[i] == doctest::Approx(exact.fit.values[i]).epsilon(.02));
}
