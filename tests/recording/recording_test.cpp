// What is written comes back; every fault is one sentence that names the file, the array, what was expected and what was found.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "rationale/execution.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/recording/recording_writer.hpp"
#include "rationale/recording/run_reader.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "support/folder.hpp"
#include "support/small_recording.hpp"

namespace r = rationale;
using rationale_test::has;
using rationale_test::spoilt;
using rationale_test::temporary_folder;
using urns = r::balls_and_urns<>;

namespace {

template <class F>
void check_round_trip(const F& family) {
    const temporary_folder folder;
    const auto prior = own_prior(family);
    const auto table = r::sample_tasks(family, prior, 5, 1);
    const auto id = r::sample_sequences(family, r::seen_tasks<F>(family, table), 4, 6, 2).sequences,
               ood = r::sample_sequences(family, prior, 3, 6, 3).sequences;
    const r::memorizing<F> m(family, table);
    r::recording_writer<F> writer(folder.path(), "round trip", family, {{"layers", 2}}, {{"steps", 50}});
    writer.add_run({.table = table,
                    .seed = 3,
                    .steps = {5, 50},
                    .task_weights = {1, 2, 3, 4, 5},
                    .train_loss = {2.5, .5},
                    .sequences = {id, ood},
                    .model = [&](r::split split, std::size_t) { return r::predict(m, split == r::split::id ? id : ood); }});
    writer.finish();
    const auto read = r::read_manifest(folder.path());
    CHECK(read.name == "round trip");
    CHECK(read.model["layers"] == 2);
    CHECK(read.training["steps"] == 50);
    CHECK(read.parameters["context"] == 6);
    const F again = r::family_of<F>(read);
    REQUIRE(read.runs.size() == 1);
    const r::run_reader<F> run(read, read.runs[0], again);
    CHECK(run.seed() == 3);
    CHECK(run.steps() == std::vector<std::int64_t>{5, 50});
    CHECK(run.task_weights() == std::vector<double>{1, 2, 3, 4, 5});
    CHECK(run.train_loss() == std::vector<double>{2.5, .5});
    r::for_each_field<typename F::task_table>([&](const auto& f) { CHECK(run.table().*f.member == table.*f.member); });
    r::for_each_field<typename F::sequences>([&](const auto& f) {
        CHECK(run.sequences(r::split::id).*f.member == id.*f.member);
        CHECK(run.sequences(r::split::ood).*f.member == ood.*f.member);
    });
    std::size_t seen = 0;
    run.for_each_checkpoint(r::split::ood, [&](std::size_t n, const r::predictions& p) {
        CHECK(n == seen++);
        const auto expected = r::predict(m, ood);
        CHECK(p.values.shape() == expected.values.shape());
        for (std::size_t i = 0; i < p.values.size(); ++i)
            CHECK(p.values.data()[i] == static_cast<double>(static_cast<float>(expected.values.data()[i])));
    });
    CHECK(seen == 2);
    for (const auto& file : std::filesystem::directory_iterator(folder.path())) CHECK(file.path().extension() != ".part");

    r::recording_writer<F> exact(folder.path(), "in double", family);
    exact.template add_run<double>(
        {.table = table, .seed = 4, .steps = {5}, .sequences = {id, std::nullopt}, .model = [&](r::split, std::size_t) {
             return r::predict(m, id);
         }});
    CHECK(!std::filesystem::exists(folder.path() / "manifest.json"));  // the one from before no longer describes the folder
    exact.finish();
    const auto second = r::read_manifest(folder.path());
    const r::run_reader<F> doubles(second, second.runs[0], r::family_of<F>(second));
    CHECK(!doubles.has(r::split::ood));
    doubles.for_each_checkpoint(r::split::id, [&](std::size_t, const r::predictions& p) { CHECK(p.values == r::predict(m, id).values); });
}

}  // namespace

TEST_CASE("what is written comes back, for every family") {
    check_round_trip(urns({.categories = 4, .concentration = {1, 2, 3, 4}}));
    check_round_trip(r::linear_regression<>({.dimensions = 3, .noise_variance = .1, .task_mean = {1, 0, -1}}));
    check_round_trip(r::linear_regression<>({.dimensions = 2, .noise_variance = .1, .task_covariance = {2, .5, .5, 1}}));
    check_round_trip(r::classification<>({.dimensions = 3, .labels = 4, .label_noise = .01}));
}

namespace {
/// A family of one's own whose tasks carry a number of any size, and whose sequences carry another.
struct numbered : r::token_family<numbered> {
    static constexpr std::string_view name = "numbered";
    struct parameters {
        std::size_t categories = 2;
        static constexpr auto fields = std::make_tuple(r::parameter_field{"categories", &parameters::categories});
    };
    struct task_table {
        r::ndarray<double, 2> tasks;
        r::ndarray<std::int32_t, 1> number;
        r::ndarray<std::int64_t, 1> large;
        static constexpr auto fields =
            std::make_tuple(r::field{"tasks", &task_table::tasks, "DK"}, r::field{"number", &task_table::number, "D"},
                            r::field{"large", &task_table::large, "D"});
    };
    const parameters& values() const { return values_; }
    std::size_t outcomes() const { return values_.categories; }
    parameters values_{};
};
}  // namespace

TEST_CASE("integers without an upper bound are recorded, whatever their array holds, and read only where it can hold them") {
    const temporary_folder folder;
    const numbered family;
    const numbered::task_table table{
        {{.5, .5}, {.2, .8}}, {-7, 2147483647}, {std::int64_t{1} << 40, (std::numeric_limits<std::int64_t>::min)()}};
    r::recording_writer<numbered> writer(folder.path(), "numbers", family);
    writer.add_run({.table = table, .steps = {1}, .sequences = {numbered::sequences{{{0, 1}}}}, .model = [](r::split, std::size_t) {
                        return r::predictions{r::prediction_kind::distribution, r::filled<double, 3>({1, 2, 2}, .5), {}};
                    }});
    writer.finish();
    const auto m = r::read_manifest(folder.path());
    const r::run_reader<numbered> run(m, m.runs[0], family);
    CHECK(run.table().number == table.number);
    CHECK(run.table().large == table.large);
    CHECK_THROWS_WITH_AS((void)run.sequences(r::split::ood), doctest::Contains("rationale::run_reader: split is ood, must be recorded"),
                         std::invalid_argument);
    CHECK_THROWS_AS(run.for_each_checkpoint(r::split::ood, [](std::size_t, const r::predictions&) {}), std::invalid_argument);
    // The same file with a number that an int32 cannot hold.
    r::detail::npz_writer out(folder.path() / m.runs[0].file);
    out.array<std::int64_t>("steps", std::vector<std::size_t>{1}, std::vector<double>{1});
    out.array<double>("tasks", std::vector<std::size_t>{2, 2}, std::vector<double>{.5, .5, .2, .8});
    out.array<std::int64_t>("number", std::vector<std::size_t>{2}, std::vector<std::int64_t>{1, (std::int64_t{1} << 32) + 1});
    out.finish();
    CHECK_THROWS_WITH_AS(r::run_reader<numbered>(m, m.runs[0], family),
                         doctest::Contains("number[1] is 4294967297, must be in -2147483648..2147483647"), r::recording_error);
}

TEST_CASE("strategies of one's own, complexities and positions are written and come back") {
    const temporary_folder folder;
    const urns family({.categories = 3});
    const auto table = r::sample_tasks(family, own_prior(family), 2, 1);
    const auto id = r::sample_sequences(family, own_prior(family), 4, 6, 2).sequences;
    const auto uniform = [](std::size_t events) {
        return r::predictions{r::prediction_kind::distribution, r::filled<double, 3>({4, events, 3}, 1. / 3), {}};
    };
    r::recording_writer<urns> writer(folder.path(), "x", family);
    r::run_record<urns> run{.table = table,
                            .steps = {0, 2},
                            .bits = {{"memorizing", 12345}},
                            .positions = {1, 5},
                            .strategies = {{{"flat", 1.5, 80}, {uniform(2), {}}}},
                            .sequences = {id},
                            .model = [&](r::split, std::size_t) { return uniform(2); }};
    writer.add_run<double>(run);
    run.seed = 1, run.positions = {5, 1};
    CHECK_THROWS_WITH_AS(writer.add_run(run), doctest::Contains("positions holds 1 at [1], expected positions that increase, from 0 to 5"),
                         r::recording_error);
    run.positions = {1, 5}, run.strategies[0].second.id = uniform(3);
    CHECK_THROWS_WITH_AS(writer.add_run(run), doctest::Contains("strategy_flat_id has the shape (4, 3, 3), expected (S=4, P=2, K=3)"),
                         r::recording_error);
    writer.finish();
    const auto m = r::read_manifest(folder.path());
    REQUIRE(m.runs.size() == 1);
    CHECK(m.runs[0].bits == r::numbers_by_strategy{{"memorizing", 12345}});
    const r::run_reader<urns> read(m, m.runs[0], family);
    CHECK(read.positions() == std::vector<std::size_t>{1, 5});
    REQUIRE(read.strategies().size() == 1);
    CHECK(read.strategies()[0].name == "flat");
    CHECK(read.strategies()[0].loss == 1.5);
    CHECK(read.strategies()[0].bits == 80);
    CHECK(read.strategy(0, r::split::id).values == uniform(2).values);
    CHECK_THROWS_AS((void)read.strategy(0, r::split::ood), std::invalid_argument);
    read.for_each_checkpoint(r::split::id, [&](std::size_t, const r::predictions& p) { CHECK(p.values == uniform(2).values); });
}

TEST_CASE("a whole recording is read without a word; ood, task weights and training loss may be missing; int32 and float64 do as well") {
    spoilt s;
    CHECK(s.message() == "");
    s.arrays.erase("tokens_ood");
    s.arrays.erase("predictions_ood");
    CHECK(s.message() == "");
    s.set<std::int32_t>("tokens_id", {3, 4}, {0, 1, 2, 0, 1, 1, 2, 2, 0, 0, 0, 1});
    s.set<double>("predictions_id", {2, 3, 4, 3}, spoilt::uniform());
    CHECK(s.message() == "");
}

TEST_CASE("logits and log-probabilities are normalised here, -inf is an exact zero") {
    spoilt s;
    s.arrays.erase("predictions_id");
    std::vector<double> logits;
    for (int i = 0; i < 24; ++i) logits.insert(logits.end(), {1000.0, 1000.0 + std::log(3.0), -std::numeric_limits<double>::infinity()});
    s.set<double>("log_predictions_id", {2, 3, 4, 3}, logits);
    s.write();
    const auto m = r::read_manifest(s.folder.path());
    const r::run_reader<urns> run(m, m.runs[0], r::family_of<urns>(m));
    run.for_each_checkpoint(r::split::id, [](std::size_t, const r::predictions& p) {
        CHECK(p.values(1, 2, 0) == doctest::Approx(.25).epsilon(1e-13));
        CHECK(p.values(1, 2, 1) == doctest::Approx(.75).epsilon(1e-13));
        CHECK(p.values(1, 2, 2) == 0);
    });
}

TEST_CASE("values are not renormalised") {
    spoilt s;
    auto p = spoilt::uniform();
    p[0] += 9e-5;
    s.set<double>("predictions_id", {2, 3, 4, 3}, p);
    s.write();
    const auto m = r::read_manifest(s.folder.path());
    r::run_reader<urns>(m, m.runs[0], r::family_of<urns>(m)).for_each_checkpoint(r::split::id, [](std::size_t n, const r::predictions& h) {
        if (n == 0) CHECK(h.values(0, 0, 0) == .50009);
    });
}

TEST_CASE("faults of arrays") {
    const auto with = [](auto&& spoil) {
        spoilt s;
        spoil(s);
        return s.message();
    };
    CHECK(
        has(with([](spoilt& s) { s.arrays.erase("tasks"); }), {"run.npz: tasks is missing; the file has", "predictions_id", "tokens_id"}));
    CHECK(has(with([](spoilt& s) { s.arrays.erase("predictions_id"); }), {"run.npz: predictions_id is missing, as is log_predictions_id"}));
    CHECK(has(with([](spoilt& s) { s.arrays.erase("tokens_ood"); }), {"run.npz: tokens_ood is missing"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<double>("tasks", {3, 2}, {.5, .5, .5, .5, .5, .5});
              }),
              {"run.npz: tasks has the shape (3, 2), expected (D=2, K=3)"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<std::int64_t>("tokens_id", {3, 5}, std::vector<double>(15));
              }),
              {"run.npz: tokens_id has the shape (3, 5), expected (S, T=4)"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<float>("predictions_id", {2, 3, 4, 2}, std::vector<double>(48, .5));
              }),
              {"run.npz: predictions_id has the shape (2, 3, 4, 2), expected (N=2, S=3, T=4, K=3)"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<float>("predictions_id", {2, 3, 5, 3}, std::vector<double>(90, .5));
              }),
              {"expected (N=2, S=3, T=4, K=3); the last prediction, of what comes after the sequence, is one too many"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<float>("predictions_id", {2, 3, 3, 3}, std::vector<double>(54, .5));
              }),
              {"the prediction of position 0, before which nothing stands, is missing"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<std::int64_t>("tokens_id", {3, 4}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0});
              }),
              {"run.npz: tokens_id[2, 2] is 3, must be in 0..2"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<std::int32_t>("tokens_id", {3, 4}, {0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0});
              }),
              {"tokens_id[1, 3] is -1, must be in 0..2"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<double>("tokens_id", {3, 4}, std::vector<double>(12));
              }),
              {"run.npz: tokens_id holds <f8, expected integers"}));
    CHECK(has(with([](spoilt& s) { s.set<double>("tasks", {2, 3}, {.2, .3, .5, .1, .1, .9}); }), {"run.npz", "tasks row 1 sums to 1.1"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<double>("tasks", {2, 3}, {.2, NAN, .5, .1, .1, .8});
              }),
              {"run.npz: tasks[0, 1] is nan, expected a finite number"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<std::int64_t>("steps", {2}, {20, 20});
              }),
              {"run.npz: steps holds 20 at [1], expected steps of at least 0 that increase"}));
    CHECK(has(with([](spoilt& s) { s.set<std::int64_t>("steps", {2}, {-1, 20}); }), {"steps holds -1 at [0]"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<double>("task_weights", {2}, {1, -1});
              }),
              {"run.npz: task_weights holds -1 at [1], expected no negative weights"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<double>("task_weights", {2}, {0, 0});
              }),
              {"run.npz: task_weights sums to 0, expected some weight"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<double>("task_weights", {2}, {NAN, 1});
              }),
              {"run.npz: task_weights holds nan at [0], expected finite numbers"}));
    CHECK(has(with([](spoilt& s) { s.arrays.erase("steps"); }), {"run.npz: steps is missing; the file has predictions_id"}));
    CHECK(has(with([](spoilt& s) { s.set<double>("steps", {2}, {10, 20}); }), {"run.npz: steps holds <f8, expected integers"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<std::int64_t>("steps", {2, 1}, {10, 20});
              }),
              {"run.npz: steps has the shape (2, 1), expected (N)"}));
    CHECK(
        has(with([](spoilt& s) { s.set<std::int64_t>("steps", {0}, {}); }), {"run.npz: steps has the shape (0,), expected no empty axis"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<std::int64_t>("tokens_ood", {0, 4}, {});
              }),
              {"run.npz: tokens_ood has the shape (0, 4), expected no empty axis"}));
    CHECK(has(with([](spoilt& s) {
                  s.set<double>("train_loss", {3}, {1, 2, 3});
              }),
              {"run.npz: train_loss has the shape (3,), expected (N=2)"}));
    CHECK(has(with([](spoilt& s) { s.arrays.erase("predictions_ood"); }),
              {"run.npz: predictions_ood is missing, as is log_predictions_ood; the file has", "tokens_ood"}));
    // 2^32 + 1 is 1 in 32 bits.
    CHECK(has(with([](spoilt& s) {
                  s.set<std::int64_t>("tokens_id", {3, 4}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4294967297});
              }),
              {"run.npz: tokens_id[2, 3] is 4294967297, must be in 0..2"}));
    CHECK(has(with([](spoilt& s) { s.set<double>("task_weights", {3}, {1, 1, 1}); }), {"task_weights has the shape (3,), expected (D=2)"}));
    CHECK(has(with([](spoilt& s) { s.set<double>("train_loss", {2}, {1, NAN}); }), {"train_loss holds nan at [1]"}));
}

TEST_CASE("faults of predictions") {
    const auto with = [](std::size_t at, double value, const char* name = "predictions_ood") {
        spoilt s;
        auto p = spoilt::uniform();
        p[at] = value;
        s.arrays.erase("predictions_ood");
        s.set<float>(name, {2, 3, 4, 3}, p);
        return s.message();
    };
    CHECK(has(with(36 + 5 * 3, NAN), {"run.npz: predictions_ood holds nan at [1, 1, 1], expected finite numbers"}));
    CHECK(has(with(0, .6), {"run.npz: predictions_ood sums to 1.1", "at [0, 0, 0], expected 1", "log_predictions_ood"}));
    CHECK(has(with(0, std::numeric_limits<double>::infinity()),
              {"run.npz: predictions_ood holds inf at [0, 0, 0], expected finite numbers"}));
    CHECK(has(with(0, .5002), {"predictions_ood sums to 1.000"}));
    CHECK(has(with(0, -1e-9), {"predictions_ood holds -9.99999972e-10 at [0, 0, 0]"}));
    CHECK(has(with(0, -.5), {"predictions_ood holds -0.5", "expected probabilities of at least 0; logits belong in log_predictions_ood"}));
    CHECK(has(with(7, NAN, "log_predictions_ood"), {"log_predictions_ood holds nan at [0, 0, 2], expected numbers or -inf"}));
    CHECK(has(with(7, std::numeric_limits<double>::infinity(), "log_predictions_ood"), {"log_predictions_ood holds inf"}));
    spoilt none;
    none.arrays.erase("predictions_id");
    none.set<float>("log_predictions_id", {2, 3, 4, 3}, std::vector<double>(72, -std::numeric_limits<double>::infinity()));
    CHECK(has(none.message(), {"log_predictions_id is -inf for every outcome at [0, 0, 0]"}));
    spoilt integers;
    integers.set<std::int64_t>("predictions_id", {2, 3, 4, 3}, std::vector<double>(72));
    CHECK(has(integers.message(), {"predictions_id holds integers, expected float32 or float64"}));
}

TEST_CASE("faults of files: missing, truncated, corrupt, types") {
    spoilt s;
    s.write();
    const auto path = s.folder.path() / "run.npz";
    std::ifstream in(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    in.close();
    const auto rewrite = [&](const std::string& text) { std::ofstream(path, std::ios::binary) << text; };
    rewrite(bytes.substr(0, bytes.size() / 2));
    CHECK(has(s.message_as_is(), {"run.npz: is not a readable npz archive"}));
    rewrite("");
    CHECK(has(s.message_as_is(), {"run.npz: is not a readable npz archive"}));
    // Whichever byte changes: it is a fault, found by a checksum or by what the numbers say, or nothing that is read depends on it.
    rewrite(bytes);
    const auto right = s.values();
    REQUIRE(right.size() == 2 + 6 + 2 * (12 + 72));
    std::size_t found = 0, wrong = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string broken = bytes;
        broken[i] = static_cast<char>(broken[i] ^ 0x55);
        rewrite(broken);
        try {
            wrong += s.values() != right;
        } catch (const r::recording_error&) {
            ++found;
        } catch (const std::exception& e) {
            FAIL("byte " << i << " gives a fault of another kind: " << e.what());
        }
    }
    CHECK(wrong == 0);
    CHECK(found > bytes.size() / 4);
    std::filesystem::remove(path);
    CHECK(has(s.message_as_is(), {"run.npz: there is no such file"}));

    const auto raw = [&](const std::string& name, const std::string& header, const std::string& data, char version = 1) {
        spoilt t;
        t.arrays.erase(name);
        t.write();
        const auto part = t.folder.path() / "array.bin";
        std::string text = "\x93NUMPY";
        text += {version, '\0', static_cast<char>(header.size()), '\0'};
        if (version > 1) text += {'\0', '\0'};  // its length takes four bytes
        std::ofstream(part, std::ios::binary) << text << header << data;
        int code = 0;
        zip_t* archive = zip_open((t.folder.path() / "run.npz").string().c_str(), 0, &code);
        zip_file_add(archive, (name + ".npy").c_str(), zip_source_file(archive, part.string().c_str(), 0, -1), 0);
        zip_close(archive);
        return t.message_as_is();
    };
    CHECK(has(raw("tasks", "{'descr': '>f8', 'fortran_order': False, 'shape': (2, 3), }\n", std::string(48, '\0'), 4),
              {"tasks has NumPy format version 4, expected 1, 2 or 3"}));
    for (const char* type : {"<c8", "<f16", "<U4", "<M8[s]", "|S1", "|V4", "<V1"})
        CHECK(has(
            raw("tasks", std::string("{'descr': '") + type + "', 'fortran_order': False, 'shape': (2, 3), }\n", std::string(48, '\0')),
            {(std::string("tasks has the type ") + type + ", expected float16, float32, float64, bfloat16, bool, or integers").c_str()}));
    CHECK(
        has(raw("tasks", "{'descr': '<V2', 'fortran_order': False, 'shape': (2, 3), }\n", std::string(12, '\0')),
            {"run.npz: tasks holds <V2, two bytes", "write \"types\": {\"tasks\": \"bfloat16\"} into manifest.json, else record float32"}));
    CHECK(has(raw("tasks", "{'descr': '<f8', 'fortran_order': Maybe, 'shape': (2, 3), }\n", std::string(48, '\0')),
              {"tasks has a header whose fortran_order is neither True nor False"}));
    CHECK(has(raw("tasks", "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }\n", std::string(40, '\0')),
              {"run.npz: tasks is truncated: its shape (2, 3) takes 48 bytes, found 40"}));
    CHECK(has(raw("tasks", "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }\n", std::string(56, '\0')),
              {"run.npz: tasks is longer than its header says: its shape (2, 3) takes 48 bytes, found 56"}));
    // Found before anybody makes room for 35 terabytes.
    CHECK(has(raw("tokens_id", "{'descr': '<i8', 'fortran_order': False, 'shape': (1099511627776, 4), }\n", std::string(64, '\0')),
              {"run.npz: tokens_id is truncated"}));
    for (const char* shape : {"(-2, 3)", "(2, 3", "(2.0, 3)", "(x2, 3)", "(2 3)", "[2, 3]", "(,)"})
        CHECK(has(raw("tasks", std::string("{'descr': '<f8', 'fortran_order': False, 'shape': ") + shape + "}\n", std::string(48, '\0')),
                  {"run.npz: tasks has a header whose shape"}));
    // 2^64 + 2 is 2 in 64 bits.
    CHECK(has(raw("tasks", "{'descr': '<f8', 'fortran_order': False, 'shape': (18446744073709551618, 3), }\n", std::string(48, '\0')),
              {"tasks claims an impossible shape"}));
    CHECK(raw("tasks", "{'descr': '<i4', 'fortran_order': True, 'shape': (2,), }\n", std::string(8, '\0'))
              .find("has the shape (2,), expected (D=2, K=3)") != std::string::npos);
    CHECK(has(raw("tasks", "{'fortran_order': False, 'shape': (2, 3), }\n", ""), {"run.npz: tasks has a header without descr"}));
    CHECK(has(raw("tasks", "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,), }\n", ""), {"structured type"}));
    CHECK(has(raw("tasks", "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999999999), }\n", ""),
              {"tasks claims an impossible shape"}));
}

TEST_CASE("a changed byte whose number is still legal is found by the checksum") {
    spoilt s;
    s.write();
    const auto path = s.folder.path() / "run.npz";
    std::string array = "\x93NUMPY\x01";
    array += '\0';
    array += '\x40';
    array += '\0';
    std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }";
    header.resize(64, ' ');
    array += header + std::string("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10", 16);
    int code = 0;
    zip_t* archive = zip_open(path.string().c_str(), 0, &code);
    const auto index = zip_file_add(archive, "train_loss.npy", zip_source_buffer(archive, array.data(), array.size(), 0), 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
    REQUIRE(zip_close(archive) == 0);
    CHECK(s.message_as_is() == "");
    std::ifstream in(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    in.close();
    const auto at = bytes.find("\x05\x06\x07\x08\x09");
    REQUIRE(at != std::string::npos);
    bytes[at] = '\x55';
    std::ofstream(path, std::ios::binary) << bytes;
    CHECK(has(s.message_as_is(), {"run.npz: train_loss is corrupt (CRC error)"}));
}

TEST_CASE("the writer refuses what a reader would refuse, and leaves no file behind") {
    const urns family({.categories = 3});
    const auto table = r::sample_tasks(family, own_prior(family), 2, 1);
    const auto id = r::sample_sequences(family, own_prior(family), 3, 4, 2).sequences;
    const auto good = r::predict(r::generalizing<urns>(family), id);
    const auto message = [&](auto&& spoil) {
        const temporary_folder folder;
        r::recording_writer<urns> writer(folder.path(), "x", family);
        r::run_record<urns> run{
            .table = table, .steps = {1, 2}, .sequences = {id, std::nullopt}, .model = [&](r::split, std::size_t) { return good; }};
        spoil(run);
        std::string text;
        try {
            writer.add_run(run);
        } catch (const std::exception& e) {
            text = e.what();
        }
        CHECK(std::filesystem::is_empty(folder.path()) == !text.empty());
        return text;
    };
    CHECK(message([](auto&) {}) == "");
    CHECK(has(message([](auto& run) { run.steps = {2, 2}; }), {"steps holds 2 at [1]"}));
    CHECK(has(message([](auto& run) { run.train_loss = {1}; }), {"rationale::recording_writer: train_loss lacks 1 numbers, must have"}));
    CHECK(has(message([](auto& run) {
                  run.task_weights = {1, 2, 3};
              }),
              {"rationale::recording_writer: task_weights has 1 numbers too many, must have"}));
    CHECK(has(message([](auto& run) { run.sequences.id->tokens(0, 0) = 9; }), {"tokens_id[0, 0] is 9, must be in 0..2"}));
    CHECK(has(message([](auto& run) { run.sequences.id.reset(); }), {"predictions_id is missing"}));
    CHECK(has(message([&](auto& run) {
                  run.model = [&](r::split, std::size_t n) {
                      auto p = good;
                      p.values(1, 2, 0) = n == 1 ? NAN : p.values(1, 2, 0);
                      return p;
                  };
              }),
              {"predictions_id holds nan at [1, 1, 2], expected finite numbers"}));
    CHECK(has(message([&](auto& run) {
                  run.model = [&](r::split, std::size_t n) {
                      auto p = good;
                      if (n == 1) p.values = r::filled<double, 3>({4, 3, 3}, 1.0 / 3);  // as many numbers as (3, 4, 3)
                      return p;
                  };
              }),
              {"predictions_id of checkpoint 1 have the shape (4, 3, 3), must be (3, 4, 3) as at checkpoint 0"}));
    // What stands in the manifest is what a reader reads, too.
    const auto with_own = [&](const std::string& name, double loss, double bits, int times = 1) {
        return message([&](auto& run) {
            for (int i = 0; i < times; ++i) run.strategies.push_back({{name, loss, bits}, {good, {}}});
        });
    };
    CHECK(with_own("mine", .5, 10) == "");
    CHECK(has(with_own("my rule", .5, 10), {"no name for arrays, expected letters, digits"}));
    CHECK(has(with_own("mine", .5, -1), {"manifest.json: runs[0].strategies.mine.bits is -1, expected at least 0"}));
    CHECK(has(with_own("mine", NAN, 10), {"manifest.json: runs[0].strategies.mine.loss is"}));
    CHECK(has(with_own("mine", .5, 10, 2), {"strategy mine is added twice, must be added once"}));
    CHECK(has(message([](auto& run) { run.bits = {{"memorizing", NAN}}; }), {"manifest.json: runs[0].bits.memorizing is"}));
    CHECK_THROWS_WITH_AS(r::recording_writer<urns>(temporary_folder().path(), "x", family, nlohmann::ordered_json::array()),
                         "rationale::recording_writer: model is array, must be an object", std::invalid_argument);

    const temporary_folder folder;
    r::recording_writer<urns> writer(folder.path(), "x", family);
    CHECK_THROWS_WITH_AS(writer.finish(), "rationale::recording_writer: runs are 0, must be at least 1", std::invalid_argument);
    const r::run_record<urns> run{
        .table = table, .steps = {1}, .sequences = {id, std::nullopt}, .model = [&](r::split, std::size_t) { return good; }};
    writer.add_run(run);
    CHECK_THROWS_WITH_AS(writer.add_run(run), "rationale::recording_writer: run of 2 tasks and seed 0 is added twice, must be added once",
                         std::invalid_argument);
    r::recording_writer<urns> garbled(folder.path(), "\xff", family);
    garbled.add_run(run);
    CHECK_THROWS_WITH_AS(garbled.finish(),
                         "rationale::recording_writer: name, model or training holds bytes that are no text, must be UTF-8",
                         std::invalid_argument);
    std::ofstream(folder.path() / "file") << "x";
    CHECK_THROWS_AS(r::recording_writer<urns>(folder.path() / "file", "x", family), r::recording_error);
}

TEST_CASE("faults of the manifest") {
    const auto with = [](auto&& spoil) {
        spoilt s;
        spoil(s.manifest);
        return s.message();
    };
    CHECK(has(with([](auto& m) { m.erase("family"); }), {"manifest.json: family is missing, expected a text"}));
    CHECK(has(with([](auto& m) { m["format"] = "other"; }), {"manifest.json: format is other, expected rationale-recording"}));
    CHECK(has(with([](auto& m) { m["version"] = 3; }), {"version is 3, expected 1 or 2"}));
    CHECK(has(with([](auto& m) { m["version"] = 0; }), {"version is 0, expected 1 or 2"}));
    CHECK(has(with([](auto& m) { m["version"] = 4294967297; }), {"version is 4294967297, expected 1 or 2"}));
    CHECK(has(with([](auto& m) { m["version"] = "1"; }), {"version is \"1\", expected a whole number"}));
    CHECK(has(with([](auto& m) { m["family"] = "linear_regression"; }),
              {"manifest.json: family is linear_regression, expected balls_and_urns"}));
    CHECK(has(with([](auto& m) { m = nlohmann::json::array(); }), {"manifest.json: holds array, expected an object"}));
    CHECK(has(with([](auto& m) { m["model"] = 3; }), {"manifest.json: model is number, expected an object"}));
    CHECK(has(with([](auto& m) { m["runs"][0]["seed"] = 18446744073709551615ull; }),
              {"runs[0].seed is 18446744073709551615, expected at most"}));
    CHECK(has(with([](auto& m) { m["runs"][0]["file"] = std::string(300, 'x'); }),
              {"xxx: cannot be opened (File name too long), expected a training run's npz file"}));
    CHECK(has(with([](auto& m) { m["runs"][0].erase("file"); }), {"runs[0].file is missing, expected a text"}));
    CHECK(has(with([](auto& m) { m["parameters"]["categories"] = 18446744073709551615ull; }),
              {"parameters.categories is 18446744073709551615, expected a whole number in"}));
    CHECK(has(with([](auto& m) { m["parameters"]["categories"] = 2.5; }), {"parameters.categories is 2.5, expected a whole number"}));
    CHECK(has(with([](auto& m) { m["parameters"]["context"] = 0; }), {"parameters.context is 0, expected a whole number of at least 1"}));
    CHECK(has(with([](auto& m) { m["runs"] = nlohmann::json::array(); }), {"runs is missing or empty"}));
    CHECK(has(with([](auto& m) { m["runs"][0]["tasks"] = "two"; }), {"runs[0].tasks is \"two\", expected a whole number"}));
    CHECK(has(with([](auto& m) { m["runs"][0]["tasks"] = -2; }), {"runs[0].tasks is -2, expected at least 0"}));
    CHECK(has(with([](auto& m) { m["runs"][0]["tasks"] = 3; }), {"run.npz: tasks has the shape (2, 3), expected (D=3, K=3)"}));
    CHECK(has(with([](auto& m) { m["runs"][0]["covariate"] = 2; }), {"runs[0].covariate is number, expected an object of numbers"}));
    CHECK(has(with([](auto& m) { m["runs"][0]["covariate"]["memorizing"] = "a"; }),
              {"runs[0].covariate.memorizing is \"a\", expected a number"}));
    CHECK(has(with([](auto& m) {
                  m["runs"].push_back(m["runs"][0]);
                  m["runs"][1]["file"] = "other.npz";
              }),
              {"runs[1] has 2 tasks and seed 7 as runs[0] has, expected each pair once"}));
    CHECK(has(with([](auto& m) { m["parameters"].erase("categories"); }), {"manifest.json: parameters.categories is missing"}));
    CHECK(has(with([](auto& m) { m["parameters"]["concentratoin"] = 1; }),
              {"parameters.concentratoin is unknown to the family balls_and_urns, expected context, categories, concentration"}));
    CHECK(has(with([](auto& m) { m["parameters"]["concentration"] = "one"; }),
              {"parameters.concentration is \"one\", expected a number, a list of numbers or a square matrix as a list of its rows"}));
    using json = nlohmann::ordered_json;
    for (const char* const none : {"[[[1, 2]]]", "[[], []]", "[[1, 2, 3], [4]]", "[[1, 2], 3, 4]", "[[1, 2]]", "[true]", "null", "{}"})
        CHECK(
            has(with([&](auto& m) { m["parameters"]["concentration"] = json::parse(none); }), {"expected a number, a list of numbers or"}));
    CHECK(has(with([](auto& m) { m["parameters"]["concentration"] = -1; }), {"concentration is -1, must be a finite number above 0"}));
    CHECK(has(with([](auto& m) { m["parameters"]["context"] = 5; }), {"run.npz: tokens_id has the shape (3, 4), expected (S, T=5)"}));
    spoilt s;
    s.write();
    std::ofstream(s.folder.path() / "manifest.json") << "{\"format\": ";
    CHECK(has(s.message_as_is(), {"manifest.json: is not valid JSON at line 1, column 12"}));
    std::ofstream(s.folder.path() / "manifest.json") << "{\"format\": 1e999}";
    CHECK(has(s.message_as_is(), {"manifest.json: cannot be read", "expected JSON"}));
    std::filesystem::remove(s.folder.path() / "manifest.json");
    CHECK(has(s.message_as_is(), {"manifest.json: there is no such file"}));
    std::filesystem::create_directory(s.folder.path() / "manifest.json");
    CHECK(has(s.message_as_is(), {"manifest.json: is a folder, expected the recording's manifest"}));
    CHECK_THROWS_AS((void)r::read_manifest(s.folder.path() / "none"), r::recording_error);
    CHECK_THROWS_AS((void)r::read_manifest(std::string(5000, 'x')), r::recording_error);
}

TEST_CASE("predictions of means cannot be logs") {
    const temporary_folder folder;
    const r::linear_regression<> family({.dimensions = 2});
    const auto table = r::sample_tasks(family, own_prior(family), 2, 1);
    const auto id = r::sample_sequences(family, own_prior(family), 2, 3, 2).sequences;
    r::recording_writer<r::linear_regression<>> writer(folder.path(), "x", family);
    writer.add_run({.table = table, .steps = {1}, .sequences = {id, std::nullopt}, .model = [&](r::split, std::size_t) {
                        return r::predict(r::generalizing<r::linear_regression<>>(family), id);
                    }});
    writer.finish();
    int code = 0;
    zip_t* archive = zip_open((folder.path() / "D00002-seed0.npz").string().c_str(), 0, &code);
    zip_file_rename(archive, static_cast<zip_uint64_t>(zip_name_locate(archive, "predictions_id.npy", 0)), "log_predictions_id.npy", 0);
    zip_close(archive);
    const auto m = r::read_manifest(folder.path());
    CHECK_THROWS_WITH_AS((r::run_reader<r::linear_regression<>>(m, m.runs[0], family)),
                         ((folder.path() / m.runs[0].file).string() +
                          ": log_predictions_id is recorded for the family linear_regression, expected predictions_id: it predicts means")
                             .c_str(),
                         r::recording_error);
}

TEST_CASE("the schedule of the learning rate, as knots") {
    r::manifest m;
    m.model = {{"schedule", "constant"}, {"learning_rate", .5}, {"warmup_steps", 0}};
    CHECK(m.schedule() == std::vector<std::pair<double, double>>{{0, .5}});
    m.model["warmup_steps"] = 100;
    CHECK(m.schedule() == std::vector<std::pair<double, double>>{{0, 0}, {100, .5}});
    m.model["schedule"] = nlohmann::json::parse("[[0, 0.1], [10, 0.2]]");
    CHECK(m.schedule() == std::vector<std::pair<double, double>>{{0, .1}, {10, .2}});
    m.model["schedule"] = "cosine";
    CHECK(m.schedule().empty());
    for (const char* knots : {"[[10, 0.1], [10, 0.2]]", "[[0, -1]]", "[[-1, 1]]", "[[0]]", "[1]"}) {
        m.model["schedule"] = nlohmann::json::parse(knots);
        CHECK_THROWS_AS((void)m.schedule(), r::recording_error);
    }
    m.model = {{"schedule", "constant"}, {"learning_rate", .5}, {"warmup_steps", "none"}};
    CHECK_THROWS_WITH_AS((void)m.schedule(), "manifest.json: warmup_steps is \"none\", expected a number", r::recording_error);
}

TEST_CASE("the shipped recordings are whole") {
    std::size_t runs = 0;
    const auto all = [&]<class F>(std::type_identity<F>, const char* name) {
        const auto m = r::read_manifest(std::string(RATIONALE_EXAMPLES "/data/") + name);
        const F family = r::family_of<F>(m);
        for (const auto& entry : m.runs) {
            const r::run_reader<F> run(m, entry, family);
            std::size_t checkpoints = 0;
            for (const auto split : r::splits) run.for_each_checkpoint(split, [&](std::size_t, const r::predictions&) { ++checkpoints; });
            CHECK(checkpoints == 2 * run.steps().size());
            ++runs;
        }
    };
    all(std::type_identity<urns>{}, "balls_and_urns");
    all(std::type_identity<urns>{}, "balls_and_urns_zipf");
    all(std::type_identity<r::linear_regression<>>{}, "linear_regression");
    all(std::type_identity<r::classification<>>{}, "classification");
    CHECK(runs == 22);
}

TEST_CASE("several threads read a run at a time") {
    const auto m = r::read_manifest(RATIONALE_EXAMPLES "/data/balls_and_urns");
    const r::run_reader<urns> run(m, m.runs[0], r::family_of<urns>(m));
    const auto read = [&](const auto& execute) {
        std::vector<std::vector<double>> of_reading(24);
        execute(of_reading.size(), [&](std::size_t i) {
            run.for_each_checkpoint(r::splits[i % 2], [&](std::size_t, const r::predictions& p) {
                of_reading[i].insert(of_reading[i].end(), p.values.begin(), p.values.end());
            });
        });
        return of_reading;
    };
    const auto one_by_one = read(r::sequential{});
    CHECK(one_by_one[0].size() > 65536);  // more than is read at a time
    CHECK(read(r::threads{4}) == one_by_one);
}

TEST_CASE("an array with another number of checkpoints than there are steps is left to the reader, whatever memory it would take") {
    spoilt s;
    s.set<double>("tasks", {3, 2, 3}, {.2, .3, .5, .1, .1, .8, .3, .2, .5, .1, .1, .8, .2, .3, .5, .1, .1, .8});
    s.write();
    const auto m = r::read_manifest(s.folder.path());
    const auto tables = r::checkpoint_tables<urns>(m, m.runs[0]);
    CHECK(tables.size() == 1);
    CHECK_THROWS_AS(r::run_reader<urns>(m, m.runs[0], r::family_of<urns>(m), {}, tables[0]), r::recording_error);
}

#ifdef RATIONALE_PYTHON
TEST_CASE("what examples/record.py writes is read") {
    const temporary_folder folder;
    const std::string command = RATIONALE_PYTHON " " RATIONALE_EXAMPLES "/record.py " + (folder.path() / "made").string();
    REQUIRE(std::system(command.c_str()) == 0);
    const auto m = r::read_manifest(folder.path() / "made");
    const auto family = r::family_of<urns>(m);
    CHECK(m.runs.size() == 3);
    for (const auto& entry : m.runs) {
        const r::run_reader<urns> run(m, entry, family);
        for (const auto split : r::splits)
            run.for_each_checkpoint(split, [](std::size_t, const r::predictions& p) {
                CHECK(p.values.shape() == std::array<std::size_t, 3>{20, 16, 4});
            });
    }
}

TEST_CASE("the recorder of examples/record.py takes what a training loop has, refuses what is wrong in a sentence, and is read") {
    const temporary_folder folder;
    const std::string command =
        RATIONALE_PYTHON " -B " RATIONALE_TEST_DATA "/../recording/recorder.py " RATIONALE_EXAMPLES " " + folder.path().string();
    REQUIRE(std::system(command.c_str()) == 0);
    const auto read = [&]<class F>(std::type_identity<F>, const char* name, std::size_t checkpoints) {
        const auto m = r::read_manifest(folder.path() / name);
        for (const auto& entry : m.runs) {
            const r::run_reader<F> run(m, entry, r::family_of<F>(m));
            for (const auto split : r::splits)
                if (run.has(split)) run.for_each_checkpoint(split, [&](std::size_t, const r::predictions&) { --checkpoints; });
        }
        CHECK(checkpoints == 0);
    };
    read(std::type_identity<urns>{}, "whole", 8);
    read(std::type_identity<urns>{}, "faults", 3);
    read(std::type_identity<urns>{}, "some", 3);
    read(std::type_identity<r::linear_regression<>>{}, "means", 2);
    // Of tasks that change there is a reader for each table, and none of all.
    const auto m = r::read_manifest(folder.path() / "drawn anew");
    const auto family = r::family_of<urns>(m);
    const auto tables = r::checkpoint_tables<urns>(m, m.runs[0]);
    REQUIRE(tables.size() == 2);
    const r::run_reader<urns> first(m, m.runs[0], family, {}, tables[0]), second(m, m.runs[0], family, {}, tables[1]);
    CHECK(first.visits() == std::vector<double>{.5, 1});
    for (std::size_t k = 0; k < 3; ++k) {
        CHECK(first.table().tasks(0, k) == second.table().tasks(1, k));
        CHECK(first.table().tasks(1, k) == second.table().tasks(0, k));
    }
    std::vector<std::size_t> read_by_second;
    second.for_each_checkpoint(r::split::id, [&](std::size_t n, const r::predictions&) { read_by_second.push_back(n); });
    CHECK(read_by_second == std::vector<std::size_t>{1});
    CHECK_THROWS_WITH_AS(r::run_reader<urns>(m, m.runs[0], family),
                         (first.file() + ": tasks changes at checkpoint 1, expected a reader for each of checkpoint_tables()").c_str(),
                         r::recording_error);
}
#else
TEST_CASE("what examples/record.py writes is read") { MESSAGE("skipped: there is no python3 with NumPy"); }
#endif
