// Recordings that somebody spoilt, on purpose or not: one sentence, soon, and no memory for what is only claimed.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "support/effort.hpp"
#include "support/npz.hpp"
#include "support/small_recording.hpp"

namespace r = rationale;
namespace fs = std::filesystem;
using rationale_test::has;
using rationale_test::npy_text;
using rationale_test::spoilt;
using rationale_test::temporary_folder;
using rationale_test::zip_member;
using urns = r::balls_and_urns<>;

namespace {

std::string text_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
void put(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

/// The recording's archive with `more` members at its end, `without` that of another name.
std::string message_with(spoilt& s, std::vector<zip_member> more, const std::string& without = "") {
    if (!without.empty()) s.arrays.erase(without);
    s.write();
    std::vector<zip_member> members;
    for (const auto& [name, array] : rationale_test::load_npz((s.folder.path() / "run.npz").string())) {
        std::string data, shape = r::detail::shape_text(array.shape);
        const bool floats = name == "tasks" || name.starts_with("predictions");
        for (double v : array.values) {
            const auto i = static_cast<std::int64_t>(v);
            char bytes[8];
            if (floats) std::memcpy(bytes, &v, 8);
            else std::memcpy(bytes, &i, 8);
            data.append(bytes, 8);
        }
        members.push_back({name + ".npy", npy_text(std::string("{'descr': '") + (floats ? "<f8" : "<i8") +
                                                       "', 'fortran_order': False, 'shape': " + shape + ", }\n",
                                                   data)});
    }
    members.insert(members.end(), more.begin(), more.end());
    put(s.folder.path() / "run.npz", rationale_test::zip_text(members));
    return s.message_as_is();
}
std::string message_with(std::vector<zip_member> more, const std::string& without = "") {
    spoilt s;
    return message_with(s, std::move(more), without);
}

std::string steps_of(const char* header) { return npy_text(header, rationale_test::low_first(10, 8) + rationale_test::low_first(20, 8)); }
const char* const plain = "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }\n";

/// A manifest's message, its text changed.
template <class Change>
std::string message_of_text(const Change& change) {
    spoilt s;
    s.write();
    put(s.folder.path() / "manifest.json", change(s.manifest.dump(1)));
    return s.message_as_is();
}
std::string replaced(std::string text, const std::string& what, const std::string& by) {
    return text.replace(text.find(what), what.size(), by);
}

/// Peak memory of this process so far, in bytes.
std::size_t peak() {
    rusage use{};
    getrusage(RUSAGE_SELF, &use);
    return static_cast<std::size_t>(use.ru_maxrss) * 1024;
}

}  // namespace

TEST_CASE("an array that is there twice is refused by name, with the ending .npy or without") {
    CHECK(message_with({}).empty());
    CHECK(has(message_with({{"steps.npy", steps_of(plain)}}), {"run.npz: steps is there twice, expected once"}));
    CHECK(has(message_with({{"steps", steps_of(plain)}}), {"run.npz: steps is there twice, expected once"}));
    CHECK(has(message_with({{"notes.npy", "a"}, {"notes.npy", "b"}}), {"run.npz: notes is there twice, expected once"}));
}

TEST_CASE("headers and members that NumPy reads are read") {
    CHECK(message_with({{"steps", steps_of(plain)}}, "steps").empty());
    for (const char* header :
         {"{'descr': '<i8', 'fortran_order': False, 'shape': (2L,), }\n", "{\"descr\": \"<i8\", \"fortran_order\": False, \"shape\": (2,)}",
          "{'descr': '=i8', 'fortran_order': False, 'shape': (2,), }\n", "{'descr': 'i8', 'fortran_order': True, 'shape': (2,), }\n",
          "{'descr': u'int64', 'fortran_order': False, 'shape': ( 2 , ), }\n",
          " {'shape':(2,),\n 'fortran_order':False,'descr':'|i8'}   \n"})
        CHECK_MESSAGE(message_with({{"steps.npy", steps_of(header)}}, "steps").empty(), header);
    for (const char* header : {"{'descr': '<i8', 'fortran_order': False, 'shape': (2), }\n",  // a number in Python
                               "{'descr': '<i8', 'fortran_order': False, 'shape': (2,)", "['descr', 'fortran_order', 'shape']",
                               "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), 'more': 1}", "{'descr': '<i8', 'shape': (2,)}", ""})
        CHECK_MESSAGE(message_with({{"steps.npy", steps_of(header)}}, "steps").find("run.npz: steps has a header") != std::string::npos,
                      header);
    // Shapes of several axes, as Python 2 wrote them.
    spoilt s;
    const std::string tasks(48, '\0');
    CHECK(has(message_with(s, {{"tasks.npy", npy_text("{'descr': '<f8', 'fortran_order': False, 'shape': (2L, 3L), }\n", tasks)}}, "tasks"),
              {"tasks row 0 sums to 0"}));
}

TEST_CASE("probabilities and their logarithms are not both there") {
    spoilt s;
    s.set<float>("log_predictions_ood", {2, 3, 4, 3}, spoilt::uniform());
    CHECK(has(s.message(), {"run.npz: predictions_ood and log_predictions_ood are both there, expected one of them"}));
}

TEST_CASE("sizes that an archive claims are checked against its bytes before room is made for them") {
    const auto claims = std::string("{'descr': '<i8', 'fortran_order': False, 'shape': (100000000,), }\n");
    const std::uint64_t size = 10 + claims.size() + 800000000;
    const std::size_t before = peak();
    // A deflated block that is stored: one byte that says so, its length twice, its bytes.
    const std::string start = npy_text(claims, "");
    const std::string deflated = "\x01" + rationale_test::low_first(start.size(), 2) + rationale_test::low_first(~start.size(), 2) + start;
    CHECK(has(message_with({{"steps.npy", deflated, 8, size}}, "steps"), {"run.npz: steps claims to have 800000", "cannot hold them"}));
    CHECK(has(message_with({{"steps.npy", start, 0, size}}, "steps"), {"run.npz: steps claims to have 800000", "cannot hold them"}));
    CHECK(has(message_with({{"steps.npy", start, 12}}, "steps"),
              {"run.npz: steps is compressed by method 12, expected a stored or deflated"}));
    if (!sanitized) CHECK(peak() - before < (std::size_t{50} << 20));
}

TEST_CASE("what arrays take is limited, and the sentence names the option") {
    spoilt s;
    s.write();
    const auto m = r::read_manifest(s.folder.path());
    const auto family = r::family_of<urns>(m);
    // 2 steps and 6 numbers of 8 bytes, 24 tokens of 4, a checkpoint of 36 numbers.
    const std::size_t small = 64 + 96, checkpoint = 288;
    const r::run_reader<urns> fits(m, m.runs[0], family, {.bytes = small + checkpoint});
    CHECK(fits.bytes() == small);
    std::string message;
    try {
        r::run_reader<urns>(m, m.runs[0], family, {.bytes = small + checkpoint - 1});
    } catch (const r::recording_error& e) {
        message = e.what();
    }
    CHECK(has(message, {"run.npz: predictions_ood takes 2.88e-07 GB a checkpoint", "4.47e-07 GB are left", "--memory-limit"}));
    try {
        r::run_reader<urns>(m, m.runs[0], family, {.bytes = 0});
    } catch (const r::recording_error& e) {
        message = e.what();
    }
    CHECK(has(message, {"run.npz: steps takes 1.6e-08 GB, with"}));
    CHECK(r::memory_limit{}.bytes > (std::size_t{1} << 28));
}

TEST_CASE("parameters take no memory that the recording's arrays do not need") {
    const std::size_t before = peak();
    spoilt s;
    s.manifest["parameters"]["categories"] = 2000000000;
    CHECK(has(s.message(),
              {"manifest.json: parameters: categories 2000000000, expected sizes of the arrays of run.npz, which has 176 numbers"}));
    s.manifest["parameters"]["categories"] = 300;
    CHECK(has(s.message(), {"run.npz: tasks has the shape (2, 3), expected (D=2, K=300)"}));
    if (!sanitized) CHECK(peak() - before < (std::size_t{50} << 20));
}

TEST_CASE("only regular files are opened, and nobody waits for a pipe") {
    for (const char* name : {"run.npz", "manifest.json"}) {
        spoilt s;
        s.write();
        const auto path = s.folder.path() / name;
        const std::string expected =
            std::string(name) == "run.npz" ? "expected a training run's npz file" : "expected the recording's manifest";
        fs::remove(path);
        REQUIRE(mkfifo(path.c_str(), 0600) == 0);
        CHECK(has(s.message_as_is(), {name, ": is a pipe, ", expected.c_str()}));
        fs::remove(path);
        fs::create_directory(path);
        CHECK(has(s.message_as_is(), {name, ": is a folder, ", expected.c_str()}));
        fs::remove(path);
        fs::create_symlink("/dev/zero", path);
        CHECK(has(s.message_as_is(), {name, ": is a device, ", expected.c_str()}));
        fs::remove(path);
        fs::create_symlink(path, path);
        CHECK(has(s.message_as_is(), {name, ": cannot be opened (", expected.c_str()}));
    }
}

TEST_CASE("a run's file lies in the recording's folder, and belongs to one run") {
    const auto with = [](const char* file) {
        spoilt s;
        s.manifest["runs"][0]["file"] = file;
        return s.message();
    };
    for (const char* file : {"../run.npz", "/etc/passwd", "", ".", "..", "a/../../run.npz"})
        CHECK(has(with(file), {"manifest.json: runs[0].file is \"", "expected a file inside the recording's folder"}));
    CHECK(with("./run.npz").empty());
    spoilt s;
    s.write();
    fs::create_directory(s.folder.path() / "runs");
    fs::rename(s.folder.path() / "run.npz", s.folder.path() / "runs" / "a.npz");
    s.manifest["runs"][0]["file"] = "runs/a.npz";
    put(s.folder.path() / "manifest.json", s.manifest.dump());
    CHECK(s.message_as_is().empty());
    s.manifest["runs"].push_back({{"file", "./runs/a.npz"}, {"tasks", 2}, {"seed", 8}});
    put(s.folder.path() / "manifest.json", s.manifest.dump());
    CHECK(has(s.message_as_is(), {"runs[1].file is \"./runs/a.npz\" as that of runs[0] is, expected a file for each run"}));
    // Under another name it has the same checksums.
    fs::copy(s.folder.path() / "runs" / "a.npz", s.folder.path() / "runs" / "b.npz");
    s.manifest["runs"][1]["file"] = "runs/b.npz";
    put(s.folder.path() / "manifest.json", s.manifest.dump());
    const auto m = r::read_manifest(s.folder.path());
    const auto family = r::family_of<urns>(m);
    CHECK(r::run_reader<urns>(m, m.runs[0], family).checksums() == r::run_reader<urns>(m, m.runs[1], family).checksums());
}

TEST_CASE("a manifest that is no JSON is refused by line and column, NaN by its name") {
    CHECK(message_of_text([](const std::string& text) { return text; }).empty());
    const auto with = [](const std::string& number) {
        return message_of_text(
            [&](const std::string& text) { return replaced(text, "\"context\": 4", "\"context\": 4,\n  \"x\": " + number); });
    };
    CHECK(has(with("NaN"), {"manifest.json: is not valid JSON at line 9, column 8: JSON has no NaN, write null or leave it out"}));
    CHECK(has(with("nan"), {"at line 9, column", ": JSON has no nan, write null"}));
    CHECK(has(with("-Infinity"), {"at line 9, column", ": JSON has no Infinity, write null"}));
    CHECK(has(with("[1, 2"), {"manifest.json: is not valid JSON at line "}));
    CHECK(has(with("\"\xff\""), {"manifest.json: is not valid JSON at line 9"}));
    CHECK(has(with("1,\n  \"x\": 2"), {"manifest.json: an object has \"x\" twice, expected each key once"}));
    CHECK(has(message_of_text([](const std::string& text) { return text + "{"; }), {"manifest.json: is not valid JSON at line "}));
}

TEST_CASE("brackets within brackets and long texts are bounded") {
    const auto nested = [](std::size_t depth, const char* key) {
        return message_of_text([&](const std::string& text) {
            return replaced(text, "{", std::string("{\"") + key + "\": " + std::string(depth, '[') + std::string(depth, ']') + ", ");
        });
    };
    CHECK(nested(63, "more").empty());
    CHECK(has(nested(64, "more"), {"manifest.json: has brackets within 64 others, expected fewer"}));
    CHECK(has(nested(1000000, "more"), {"manifest.json: has brackets within 64 others, expected fewer"}));
    spoilt s;
    s.write();
    fs::resize_file(s.folder.path() / "manifest.json", (std::size_t{1} << 26) + 1);
    CHECK(has(s.message_as_is(), {"manifest.json: has more than 67108864 bytes, expected the recording's manifest"}));
}

TEST_CASE("control characters of names are escaped in messages") {
    spoilt s;
    s.manifest["family"] = "\x1b[2J\ncards\xc2\x9b";
    const auto message = s.message();
    CHECK(message.find("family is \\x1b[2J\\x0acards\\xc2\\x9b, expected balls_and_urns") != std::string::npos);
    CHECK(has(message_with({{"\x1b]0;title\x07.npy", "x"}}, "tasks"), {"tasks is missing; the file has ", "\\x1b]0;title\\x07"}));
    CHECK(r::detail::shown("plain, \xc3\xa4, \xe2\x82\xac, \xf0\x9f\x98\x80") == "plain, \xc3\xa4, \xe2\x82\xac, \xf0\x9f\x98\x80");
    CHECK(r::detail::shown("\xff \xc3 \xc0\x80 \xed\xa0\x80 \xf4\x90\x80\x80 \x7f") ==
          "\\xff \\xc3 \\xc0\\x80 \\xed\\xa0\\x80 \\xf4\\x90\\x80\\x80 \\x7f");
}

TEST_CASE("whatever part of a manifest is missing or changed, the fault is a recording_error") {
    spoilt s;
    s.write();
    const auto text = s.manifest.dump();
    for (std::size_t i = 0; i < text.size(); ++i)
        for (const auto& spoil : {text.substr(0, i), text.substr(0, i) + "\"" + text.substr(i), text.substr(0, i) + text.substr(i + 1),
                                  text.substr(0, i) + "9e9" + text.substr(i)}) {
            put(s.folder.path() / "manifest.json", spoil);
            CHECK_NOTHROW((void)s.message_as_is());
        }
}

TEST_CASE("a run whose file is written or replaced while it is analyzed is refused") {
    const auto message = [](const auto& meanwhile) {
        spoilt s;
        s.write();
        const auto m = r::read_manifest(s.folder.path());
        const r::run_reader<urns> run(m, m.runs[0], r::family_of<urns>(m));
        meanwhile(s.folder.path() / "run.npz");
        std::string out;
        try {
            run.for_each_checkpoint(r::split::id, [](std::size_t, const r::predictions&) {});
        } catch (const r::recording_error& e) {
            out = e.what();
        }
        std::string at_the_end;
        try {
            run.source().require_unchanged();
        } catch (const r::recording_error& e) {
            at_the_end = e.what();
        }
        CHECK(out == at_the_end);
        return out;
    };
    CHECK(message([](const fs::path&) {}).empty());
    const char* const sentence = "run.npz: was written or replaced while it was analyzed, expected the same file until the end";
    CHECK(has(message([](const fs::path& file) {
                  fs::copy(file, file.string() + "2");
                  fs::rename(file.string() + "2", file);
              }),
              {sentence}));
    CHECK(has(message([](const fs::path& file) {
                  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // file systems tell times some milliseconds apart
                  put(file, text_of(file));
              }),
              {sentence}));
}

TEST_CASE("runs are open only while they are read: there may be more of them than open files") {
    spoilt s;
    s.write();
    const auto m = r::read_manifest(s.folder.path());
    const auto family = r::family_of<urns>(m);
    rlimit before{};
    const int asked = getrlimit(RLIMIT_NOFILE, &before);
    const rlimit few{24, before.rlim_max};
    const int limited = asked == 0 ? setrlimit(RLIMIT_NOFILE, &few) : asked;
    REQUIRE(limited == 0);
    std::vector<r::run_reader<urns>> runs;
    std::size_t checkpoints = 0;
    CHECK_NOTHROW([&] {
        for (int i = 0; i < 100; ++i) runs.emplace_back(m, m.runs[0], family);
        for (const auto& run : runs) run.for_each_checkpoint(r::split::ood, [&](std::size_t, const r::predictions&) { ++checkpoints; });
    }());
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK(checkpoints == 200);
}

TEST_CASE("a file takes its place whole, follows no link, and leaves nothing beside it") {
    const temporary_folder folder;
    const auto place = folder.path() / "results.json", other = folder.path() / "other";
    put(other, "untouched");
    fs::create_symlink(other, place);
    r::write_aside(place, "first");
    CHECK(text_of(other) == "untouched");
    CHECK(text_of(place) == "first");
    // Several at a time: each is whole.
    const std::string a(300000, 'a'), b(300000, 'b');
    std::thread rival([&] {
        for (int i = 0; i < 50; ++i) r::write_aside(place, a);
    });
    for (int i = 0; i < 50; ++i) {
        r::write_aside(place, b);
        const auto now = text_of(place);
        CHECK((now == a || now == b));
    }
    rival.join();
    fs::create_directory(folder.path() / "taken");
    CHECK_THROWS_AS(r::write_aside(folder.path() / "taken", "x"), r::recording_error);
    CHECK_THROWS_AS(r::write_aside(folder.path() / "none" / "x", "x"), r::recording_error);
    CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 3);
}
