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
#include <type_traits>
#include <vector>

#include "rationale/prior/sample.hpp"
#include "support/analysis.hpp"
#include "support/effort.hpp"
#include "support/folder.hpp"
#include "support/made_up_recording.hpp"
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
        rationale_test::write_made_up<double>(folder.path(), family, {.tasks = {2, 4, 8}, .steps = steps, .sequences = 16, .context = 12},
                                              [](const auto& of, const auto& seen, const auto& q, double d, double n) {
                                                  return rationale_test::mixed(of, seen, q, n / (n + 100 * d));
                                              });
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
        return rationale_test::analyzed<urns>(r::read_manifest(folder.path()), options);
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

TEST_CASE("a run's bits by prior mass are those of its own tasks") {
    const recorded_urns recorded;
    const auto m = r::read_manifest(recorded.folder.path());
    const auto from = r::recordings_of<urns>::open(m, {}, {});
    REQUIRE(from.runs.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        const r::run_reader<urns> reader(m, m.runs[i], recorded.family);
        const r::seen_tasks<urns> seen(recorded.family, reader.table());
        const auto bits = from.runs[i]->bits_within(1. / 12);
        REQUIRE(bits);
        CHECK(bits->bits == r::bits_within(recorded.family, own_prior(recorded.family), seen, 1. / 12, {.draws = 256, .tasks = 64}).bits);
        CHECK(bits->standard_error < .05 * bits->bits);
    }
}

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
    CHECK(!has_note(exact, "3 of 6"));
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
    CHECK(has_note(
        a, "3 of 6 arrays of predictions are in bfloat16: every number is rounded by up to 0.39 %, probabilities sum to 1 to that only."));
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

namespace {

/// A .npy file of float64 or int64.
template <class T>
std::string npy(const std::vector<std::size_t>& shape, const std::vector<T>& values) {
    std::string data;
    for (const T value : values) data += rationale_test::low_first(std::bit_cast<std::uint64_t>(value), 8);
    return rationale_test::npy_text(std::string("{'descr': '") + (std::is_same_v<T, double> ? "<f8" : "<i8") +
                                        "', 'fortran_order': False, 'shape': " + r::detail::shape_text(shape) + ", }\n",
                                    data);
}

/// Of (checkpoint, sequence, position, outcome) or (sequence, position, outcome): some positions alone.
rationale_test::npz_entry at_positions(const rationale_test::npz_entry& all, const std::vector<std::int64_t>& positions) {
    rationale_test::npz_entry out{all.shape, {}};
    const std::size_t axis = all.shape.size() - 2, events = all.shape[axis], outcomes = all.shape[axis + 1];
    out.shape[axis] = positions.size();
    for (std::size_t s = 0; s < all.values.size(); s += events * outcomes)
        for (const auto t : positions)
            for (std::size_t k = 0; k < outcomes; ++k) out.values.push_back(all.values[s + static_cast<std::size_t>(t) * outcomes + k]);
    return out;
}

std::string fault(const recorded_urns& recorded) {
    try {
        (void)recorded.analyze();
    } catch (const r::recording_error& e) {
        return e.what();
    }
    return "";
}

bool contains(const std::string& text, const std::string& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return true;
}

struct without_constant {
    auto operator()(const urns& family, const r::seen_tasks<urns>& seen) const {
        return r::strategies(r::memorizing<urns>(family, seen), r::generalizing<urns>(family));
    }
};

}  // namespace

TEST_CASE("complexities that the manifest gives take the place of measured ones, program included") {
    const recorded_urns recorded;
    const auto measured = recorded.analyze();
    const auto give = [&](const auto& bits) {
        recorded.manifest([&](auto& m) {
            for (std::size_t i = 0; i < 3; ++i) m["runs"][i]["bits"] = bits(i);
        });
    };
    // Those that would have been measured: nothing changes.
    give([&](std::size_t i) { return nlohmann::json{{"memorizing", measured.runs[i].known.complexity[0]}}; });
    const auto same = recorded.analyze();
    CHECK(same.fit.values == measured.fit.values);
    CHECK(has_note(same, "Complexities of memorizing are those that the manifest gives (bits) and not measured"));
    CHECK(same.runs[0].descriptions[0].method == "given");
    CHECK(same.runs[0].descriptions[1].method == measured.runs[0].descriptions[1].method);
    // Others, in other units: the same law in those. K^beta with every K in quarters.
    give([&](std::size_t i) {
        const auto& k = measured.runs[i].known.complexity;
        return nlohmann::json{{"generalizing", k[1] / 4}, {"memorizing", k[0] / 4}};
    });
    const auto quarters = recorded.analyze();
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t q = 0; q < 2; ++q) CHECK(quarters.runs[i].known.complexity[q] == measured.runs[i].known.complexity[q] / 4);
    CHECK(quarters.runs[1].known.complexity[2] == measured.runs[1].known.complexity[2]);
    CHECK(quarters.fit.values != measured.fit.values);

    recorded.manifest([](auto& m) { m["runs"][1]["bits"].erase("generalizing"); });
    contains(fault(recorded),
             "manifest.json: D00004-seed0.npz has bits of memorizing, D00002-seed0.npz of generalizing and memorizing, "
             "expected the same strategies in every run");
    recorded.manifest([](auto& m) { m["runs"][1]["bits"] = {{"memorizing", -1}}; });
    contains(fault(recorded), "manifest.json: runs[1].bits.memorizing is -1, expected at least 0");
    recorded.manifest([](auto& m) { m["runs"][1]["bits"] = {{"memorizing", "many"}}; });
    contains(fault(recorded), "runs[1].bits.memorizing is \"many\", expected a number");
    give([](std::size_t) { return nlohmann::json{{"memorising", 5}}; });
    contains(fault(recorded), "the run D00002-seed0.npz has bits of memorising, expected one of memorizing, generalizing, constant");
    recorded.manifest([](auto& m) { m["version"] = 1; });
    contains(fault(recorded), "manifest.json: runs[0].bits is there and version is 1, expected version 2");
}

TEST_CASE("a strategy that a recording brings along is weighed as one that the library knows") {
    const recorded_urns recorded;
    r::analysis_options options;
    options.losses.most_sequences = 512;
    options.threshold_share = 1;
    options.memory = false;
    options.scope = r::law_scope::all_strategies;
    options.losses.relative_error = 0;  // as many sequences with the constant as without
    const auto known = rationale_test::analyzed<urns>(r::read_manifest(recorded.folder.path()), options);
    REQUIRE(known.strategies == std::vector<std::string>{"memorizing", "generalizing", "constant"});
    const auto files = recorded.files();
    for (const auto& file : files)
        for (const char* split : {"id", "ood"})
            recorded_urns::put(file, std::string("strategy_flat_") + split,
                               npy<double>({16, 12, 4}, std::vector<double>(16 * 12 * 4, .25)));
    recorded.manifest([&](auto& m) {
        for (std::size_t i = 0; i < 3; ++i)
            m["runs"][i]["strategies"]["flat"] = {{"loss", known.runs[i].known.loss[2]}, {"bits", known.runs[i].known.complexity[2]}};
    });
    const auto brought =
        rationale_test::analyzed<urns>(r::read_manifest(recorded.folder.path()), options, r::sequential{}, without_constant{});
    REQUIRE(brought.strategies == std::vector<std::string>{"memorizing", "generalizing", "flat"});
    CHECK(brought.law_strategies == 3);
    CHECK(has_note(brought, "Predictions, losses and complexities of flat are the recording's own"));
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(brought.runs[i].known.complexity == known.runs[i].known.complexity);
        CHECK(brought.runs[i].known.loss[2] == known.runs[i].known.loss[2]);
        CHECK(brought.runs[i].losses.difference_error(0, 2) == brought.runs[i].losses.standard_error[0]);
        for (const auto split : r::splits)
            for (const auto& c : brought.cells)
                if (c.run == i && c.split == split)
                    for (std::size_t t = 0; t < 12; ++t) CHECK((*c.strategies_loss)[2][t] == doctest::Approx(std::log(4)));
    }
    REQUIRE(brought.cells.size() == known.cells.size());
    for (std::size_t i = 0; i < known.cells.size(); ++i) {
        CHECK(brought.cells[i].distance[2] == doctest::Approx(known.cells[i].distance[2]).epsilon(1e-12));
        CHECK(brought.cells[i].law_loss == doctest::Approx(known.cells[i].law_loss).epsilon(1e-3));
    }
    for (std::size_t i = 0; i < known.fit.values.size(); ++i)
        CHECK(brought.fit.values[i] == doctest::Approx(known.fit.values[i]).epsilon(5e-3));  // M's loss is estimated

    const auto strategies_of = [&](const auto& change) {
        recorded.manifest([&](auto& m) { change(m["runs"][1]["strategies"]); });
        return fault(recorded);
    };
    contains(strategies_of([](auto& s) { s["flat"].erase("loss"); }),
             "manifest.json: runs[1].strategies.flat.loss is missing, expected a number");
    contains(strategies_of([](auto& s) { s["flat"]["loss"] = .4, s["flat"]["bits"] = -2; }),
             "strategies.flat.bits is -2, expected at least 0");
    contains(strategies_of([](auto& s) { s["flat"] = 3; }), "strategies.flat is number, expected an object with loss and bits");
    contains(strategies_of([](auto& s) { s = {{"../flat", {{"loss", 1}, {"bits", 1}}}}; }), "no name for arrays, expected letters, digits");
    contains(strategies_of([](auto& s) {
                 s = {{"flat", {{"loss", 1}, {"bits", 1}}}, {"round", {{"loss", 1}, {"bits", 1}}}};
             }),
             "D00004-seed0.npz: strategy_round_id is missing; the file has");
    contains(strategies_of([](auto& s) { s = nlohmann::json::object(); }),
             "D00004-seed0.npz: strategy_flat_id is there, expected its loss and bits in manifest.json, as \"strategies\": {\"flat\": "
             "{\"loss\": 0.5");
    strategies_of([](auto& s) { s = {{"flat", {{"loss", 1}, {"bits", 1}}}}; });
    recorded_urns::put(files[1], "strategy_flat_ood", npy<double>({16, 12, 4}, std::vector<double>(16 * 12 * 4, .5)));
    contains(fault(recorded), "D00004-seed0.npz: strategy_flat_ood sums to 2 over the outcomes at [0, 0], expected 1");
    recorded_urns::put(files[1], "strategy_flat_ood", npy<double>({16, 12, 3}, std::vector<double>(16 * 12 * 3, .25)));
    contains(fault(recorded), "strategy_flat_ood has the shape (16, 12, 3), expected (S=16, T=12, K=4)");
}

TEST_CASE("predictions at some positions are compared with the strategies' at those" * takes_long) {
    const recorded_urns recorded;
    const auto whole = recorded.analyze(true);
    const auto files = recorded.files();
    std::vector<std::map<std::string, rationale_test::npz_entry>> arrays;
    for (const auto& file : files) arrays.push_back(rationale_test::load_npz(file));
    const auto record = [&](const std::vector<std::int64_t>& positions) {
        for (std::size_t i = 0; i < files.size(); ++i) {
            recorded_urns::put(files[i], "positions", npy<std::int64_t>({positions.size()}, positions));
            for (const char* name : {"predictions_id", "predictions_ood"}) {
                const auto some = at_positions(arrays[i].at(name), positions);
                recorded_urns::put(files[i], name, npy<double>(some.shape, some.values));
            }
        }
    };
    // All of them: nothing changes, of memories neither.
    record({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    const auto all = recorded.analyze(true);
    CHECK(all.fit.values == whole.fit.values);
    REQUIRE(all.memory->cells.size() == whole.memory->cells.size());
    for (std::size_t i = 0; i < all.memory->cells.size(); ++i) CHECK(all.memory->cells[i].divergence == whole.memory->cells[i].divergence);

    const std::vector<std::int64_t> some{0, 3, 11};
    record(some);
    const auto a = recorded.analyze(true);
    CHECK(has_note(a, "Predictions are recorded at 3 of 12 positions"));
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(a.runs[i].context == 12);
        CHECK(a.runs[i].known.loss == whole.runs[i].known.loss);
        CHECK(a.runs[i].positions == std::vector<std::size_t>{0, 3, 11});
        CHECK(whole.runs[i].positions.empty());
        for (std::size_t t = 0; t < 3; ++t)
            CHECK(a.runs[i].trace.observed[t] == whole.runs[i].trace.observed[static_cast<std::size_t>(some[t])]);
    }
    for (std::size_t i = 0; i < a.cells.size(); ++i)
        for (std::size_t q = 0; q < 3; ++q)
            for (std::size_t t = 0; t < 3; ++t)
                CHECK((*a.cells[i].strategies_loss)[q][t] == (*whole.cells[i].strategies_loss)[q][static_cast<std::size_t>(some[t])]);
    for (const auto& c : a.regret.cells) CHECK(std::isnan(c.trend.exponent.value));  // of some positions there is no trend with the context
    for (const auto& c : whole.regret.cells) CHECK(c.trend.events > 0);
    // At position 0 every model predicts the same, so the others differ by more than on the average of all.
    for (std::size_t i = 0; i < a.cells.size(); ++i) {
        const auto& c = a.cells[i];
        const auto& of = arrays[c.run];
        const std::string split = r::words(c.split);
        const auto model = at_positions(of.at("predictions_" + split), some);
        const auto n = static_cast<std::size_t>(std::find(steps.begin(), steps.end(), c.step) - steps.begin());
        const auto tokens = of.at("tokens_" + split).values;
        double apart = 0;
        for (std::size_t s = 0; s < 16; ++s)
            for (std::size_t t = 0; t < 3; ++t)
                for (std::size_t k = 0; k < 4; ++k) {
                    const auto seen = static_cast<double>(std::count(tokens.begin() + static_cast<std::ptrdiff_t>(s * 12),
                                                                     tokens.begin() + static_cast<std::ptrdiff_t>(s * 12) + some[t], k));
                    const double g = (1 + seen) / (4 + static_cast<double>(some[t])), h = model.values[((n * 16 + s) * 3 + t) * 4 + k];
                    apart += .5 * (h - g) * std::log(h / g) / 48;
                }
        CHECK(c.distance[1] == doctest::Approx(apart).epsilon(1e-9));
        CHECK(c.pair_loss < 1e-9);
        CHECK(c.relative.value == doctest::Approx(whole.cells[i].relative.value).epsilon(.3));
    }
    REQUIRE(a.memory);
    for (const auto& cell : a.memory->cells) CHECK(cell.pair < 1e-8);

    record({0, 3, 3});
    contains(fault(recorded), "D00002-seed0.npz: positions holds 3 at [2], expected positions that increase, from 0 to 11");
    record({0, 3});
    recorded_urns::put(files[0], "positions", npy<std::int64_t>({3}, {0, 3, 12}));
    contains(fault(recorded), "positions holds 12 at [2], expected positions that increase, from 0 to 11");
    recorded_urns::put(files[0], "positions", npy<std::int64_t>({3}, {0, 3, 11}));
    contains(fault(recorded), "predictions_id has the shape (5, 16, 2, 4), expected (N=5, S=16, P=3, K=4)");
    recorded_urns::put(files[0], "positions", npy<std::int64_t>({1, 3}, {0, 3, 11}));
    contains(fault(recorded), "positions has the shape (1, 3), expected (P)");
}

namespace {
/// A mixture of M and G, from the untrained model on, recorded at some positions, is found to be one by everything that is fitted.
template <class F>
void is_found_at_positions(const F& family) {
    const rationale_test::temporary_folder folder;
    r::recording_writer<F> writer(folder.path(), "made up", family);
    const std::vector<std::size_t> positions{1, 4, 5, 9};
    for (std::size_t d : {2u, 4u, 8u}) {
        const r::seen_tasks<F> seen(family, r::sample_tasks(family, own_prior(family), d, d));
        const r::per_split<typename F::sequences> q{r::sample_sequences(family, seen, 12, 10, 2).sequences,
                                                    r::sample_sequences(family, own_prior(family), 12, 10, 3).sequences};
        writer.template add_run<double>({.table = seen.table(),
                                         .steps = steps,
                                         .positions = positions,
                                         .sequences = {q.id, q.ood},
                                         .model = [&](r::split split, std::size_t n) {
                                             const std::array both{r::predict(r::memorizing<F>(family, seen), q[split]),
                                                                   r::predict(r::generalizing<F>(family), q[split])};
                                             const double w = static_cast<double>(steps[n]) /
                                                              (static_cast<double>(steps[n]) + 100 * static_cast<double>(d));
                                             return r::detail::at_events(r::mixture(both, std::array{w, 1 - w}), positions);
                                         }});
    }
    writer.finish();
    r::analysis_options options;
    options.losses.most_sequences = 512;
    options.threshold_share = 1;
    options.precision_nodes = 8;
    options.compare = true;
    const auto a = rationale_test::analyzed<F>(r::read_manifest(folder.path()), options);
    for (const auto& c : a.cells) {
        CHECK(c.pair_loss < 1e-9);
        const double n = static_cast<double>(c.step), w = n / (n + 100 * static_cast<double>(a.runs[c.run].tasks));
        CHECK(c.mixing_weights[0] == doctest::Approx(w).epsilon(1e-3));
        CHECK(c.observed_loss.size() == 4);
    }
    REQUIRE(a.memory);
    for (const auto& cell : a.memory->cells) CHECK(cell.pair < 1e-8);
    REQUIRE(a.square);
    for (const auto* const table : {&a.memory->explanations, &a.comparison, &a.square->after_threshold})
        for (const auto& row : table->rows) {
            INFO(row.facts.words);
            CHECK(std::isfinite(row.mean.fitted));
        }
}
}  // namespace

TEST_CASE("positions: chains, whose memory reads the order of the context, and regression" * takes_long) {
    is_found_at_positions(r::markov_chain<>({.categories = 3}));
    is_found_at_positions(r::linear_regression<>({.dimensions = 2, .noise_variance = .5}));
}

namespace {

/// An array that is the same at every checkpoint, with an axis of these in front.
rationale_test::npz_entry repeated(const rationale_test::npz_entry& once) {
    auto out = once;
    out.shape.insert(out.shape.begin(), steps.size());
    for (std::size_t n = 1; n < steps.size(); ++n) out.values.insert(out.values.end(), once.values.begin(), once.values.end());
    return out;
}

void check_same(const r::recording_analysis& a, const r::recording_analysis& b) {
    CHECK(a.fit.values == b.fit.values);
    REQUIRE(a.cells.size() == b.cells.size());
    for (std::size_t i = 0; i < a.cells.size(); ++i) CHECK(a.cells[i].relative.value == b.cells[i].relative.value);
    for (const auto& tables : {std::pair{&a.memory->explanations, &b.memory->explanations}, {&a.square->whole, &b.square->whole}})
        for (const auto& row : tables.first->rows) CHECK(row.mean.fitted == tables.second->find(row.facts.key)->mean.fitted);
}

}  // namespace

TEST_CASE("tasks and sequences by checkpoint that never change are analyzed as those recorded once") {
    const recorded_urns recorded;
    const auto once = recorded.analyze(true);
    for (const auto& file : recorded.files()) {
        const auto arrays = rationale_test::load_npz(file);
        for (const char* name : {"tasks", "tokens_id"}) {
            const auto all = repeated(arrays.at(name));
            if (std::string(name) == "tasks") recorded_urns::put(file, name, npy<double>(all.shape, all.values));
            else
                recorded_urns::put(file, name,
                                   npy<std::int64_t>(all.shape, std::vector<std::int64_t>(all.values.begin(), all.values.end())));
        }
    }
    check_same(recorded.analyze(true), once);
    CHECK_FALSE(has_note(once, "In 3 of 3 runs the seen tasks"));
}

TEST_CASE("tasks that are drawn anew: every checkpoint is compared with strategies that know its own") {
    const recorded_urns recorded;
    const auto weight = [](std::size_t tasks, std::size_t n) {
        const auto at = static_cast<double>(steps[n]);
        return at / (at + 100 * static_cast<double>(tasks));
    };
    const auto files = recorded.files();
    std::vector<double> losses;
    for (std::size_t run = 0; run < files.size(); ++run) {
        const std::size_t tasks = std::size_t{2} << run;
        std::vector<double> tables, predicted;
        std::vector<std::int64_t> tokens;
        double loss = 0;
        for (std::size_t n = 0; n < steps.size(); ++n) {
            const std::size_t drawn = n == 2 ? 1 : n;  // those of checkpoint 1 are kept for another
            const r::seen_tasks<urns> seen(recorded.family,
                                           r::sample_tasks(recorded.family, r::own_prior(recorded.family), tasks, 50 + drawn));
            const auto q = r::sample_sequences(recorded.family, seen, 16, 12, 70 + drawn).sequences;
            const auto model = rationale_test::mixed(recorded.family, seen, q, weight(tasks, n));
            tables.insert(tables.end(), seen.table().tasks.begin(), seen.table().tasks.end());
            tokens.insert(tokens.end(), q.tokens.begin(), q.tokens.end());
            predicted.insert(predicted.end(), model.values.begin(), model.values.end());
            if (n != 2) loss += r::generalizing<urns>(recorded.family).expected_loss(seen, 12) / 4;
        }
        losses.push_back(loss);
        recorded_urns::put(files[run], "tasks", npy<double>({steps.size(), tasks, 4}, tables));
        recorded_urns::put(files[run], "tokens_id", npy<std::int64_t>({steps.size(), 16, 12}, tokens));
        recorded_urns::put(files[run], "predictions_id", npy<double>({steps.size(), 16, 12, 4}, predicted));
    }
    const auto a = recorded.analyze(true);
    CHECK(has_note(a, "In 3 of 3 runs the seen tasks or the sequences change, up to 3 times"));
    REQUIRE(a.cells.size() == 30);
    for (const auto& c : a.cells) {
        if (c.split == r::split::ood) continue;  // the model that is recorded there knows the first tasks
        const auto n = static_cast<std::size_t>(std::find(steps.begin(), steps.end(), c.step) - steps.begin());
        CHECK(c.mixing_weights[0] == doctest::Approx(weight(a.runs[c.run].tasks, n)).epsilon(1e-5));
        CHECK(c.mixing_loss < 1e-9);
    }
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(a.runs[i].known.loss[1] == doctest::Approx(losses[i]).epsilon(1e-12));
        // Errors of the tables are independent: the mean is known well enough before each of them is.
        const auto& known = a.runs[i].losses;
        CHECK(known.sequences <= 4 * r::loss_options{}.batch);
        bool enough = true;
        for (std::size_t q = 0; q < known.mean.size(); ++q)
            for (std::size_t other = 0; other < q; ++other)
                enough = enough && known.difference_error(q, other) <= .02 * std::abs(known.mean[q] - known.mean[other]);
        CHECK(known.reached == enough);
    }
    // What strategies lose at a checkpoint is on its own sequences, knowing its own tasks.
    for (const auto& c : a.cells)
        for (const auto& of : a.regret.cells)
            if (of.run == c.run && of.step == c.step && of.split == c.split)
                for (std::size_t q = 0; q < 2; ++q)
                    CHECK(r::over_positions(c.observed_loss) - r::over_positions((*c.strategies_loss)[q]) ==
                          doctest::Approx(of.against[q].value / 12).epsilon(1e-9));
    REQUIRE(a.memory);
    for (const auto& cell : a.memory->cells)
        if (cell.split == r::split::id) CHECK(cell.pair < 1e-8);
    // The square's points are evaluated with the checkpoint's own tasks: an untrained model generalizes, whatever they are.
    for (const auto& place : a.square->places)
        if (place.split == r::split::id && place.step == 0) CHECK(place.divergence < 1e-4);

    auto wrong = rationale_test::load_npz(files[0]).at("tasks");
    wrong.values[2 * 2 * 4] += 1;
    recorded_urns::put(files[0], "tasks", npy<double>(wrong.shape, wrong.values));
    contains(fault(recorded), "D00002-seed0.npz: from checkpoint 2 on, rationale::balls_and_urns: tasks row 0 sums to 2");
    // A strategy of one's own has predictions of one set of sequences.
    wrong.values[2 * 2 * 4] -= 1;
    recorded_urns::put(files[0], "tasks", npy<double>(wrong.shape, wrong.values));
    recorded_urns::put(files[0], "strategy_flat_id", npy<double>({16, 12, 4}, std::vector<double>(16 * 12 * 4, .25)));
    recorded.manifest([](auto& m) { m["runs"][0]["strategies"]["flat"] = {{"loss", 1.4}, {"bits", 1}}; });
    contains(fault(recorded), "D00002-seed0.npz: strategy_flat_id has no axis of checkpoints and the sequences change");
}

TEST_CASE("visits by checkpoint take the place of N/D in laws of visits") {
    const recorded_urns recorded;
    const auto with = [&](double times) {
        for (std::size_t run = 0; run < 3; ++run) {
            std::vector<double> visits;
            for (const std::int64_t n : steps) visits.push_back(times * static_cast<double>(n) / static_cast<double>(2 << run));
            recorded_urns::put(recorded.files()[run], "visits", npy<double>({steps.size()}, visits));
        }
        return recorded.analyze(true);
    };
    const auto plain = recorded.analyze(true);
    check_same(with(1), plain);
    // Of four times the visits the law's scale is smaller by 4^exponent, and its divergences are the same.
    const auto more = with(4);
    const auto law = [](const r::recording_analysis& a) { return *a.square->whole.find("square_by_visits"); };
    CHECK(law(more).mean.fitted == doctest::Approx(law(plain).mean.fitted).epsilon(0.05));
    const auto &values = law(more).facts.values, &before = law(plain).facts.values;
    CHECK(values[0] * std::pow(4, values[1]) == doctest::Approx(before[0]).epsilon(0.1));
    CHECK(r::mean_visits({.steps = 50, .tasks = 5}) == 10);
    const std::vector<std::pair<double, double>> knots{{100, 40}, {200, 10}, {400, 30}};
    const auto at = [&](double n) { return r::mean_visits({.steps = n, .tasks = 5, .visits = knots}); };
    CHECK(at(0) == 0);
    CHECK(at(50) == 20);
    CHECK(at(150) == 25);
    CHECK(at(600) == 50);
}

TEST_CASE("an observation is a pair where the family has inputs") {
    const auto of = [](const auto& family) {
        const rationale_test::temporary_folder folder;
        const auto m = rationale_test::write_made_up(
            folder.path(), family, {.tasks = {2}, .steps = {1}, .sequences = 2, .context = 3},
            [](const auto& f, const auto& seen, const auto& q, double, double) { return rationale_test::mixed(f, seen, q, .5); });
        return r::recordings_of<std::remove_cvref_t<decltype(family)>>::open(m, {}, {}).has_inputs;
    };
    CHECK(of(r::linear_regression<>({.dimensions = 2})));
    CHECK_FALSE(of(r::gaussian_location()));
    CHECK_FALSE(of(urns({.categories = 3})));
}

TEST_CASE("one outcome leaves nothing to predict") {
    const rationale_test::temporary_folder folder;
    const auto m = rationale_test::write_made_up(
        folder.path(), urns({.categories = 1}), {.tasks = {1}, .steps = {1}, .sequences = 2, .context = 3},
        [](const auto& of, const auto& seen, const auto& q, double, double) { return rationale_test::mixed(of, seen, q, .5); });
    CHECK_THROWS_WITH_AS((void)r::recordings_of<urns>::open(m, {}, {}),
                         doctest::Contains("there is one outcome, which leaves nothing to predict, expected at least 2"),
                         r::recording_error);
}
