// Arrays of every type and order that NumPy users have are read as what they are.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "rationale/recording/npz.hpp"
#include "support/npz.hpp"
#include "support/small_recording.hpp"

namespace r = rationale;
using rationale_test::has;
using rationale_test::low_first;
using rationale_test::npy_text;
using rationale_test::spoilt;
using rationale_test::temporary_folder;
using urns = r::balls_and_urns<>;

namespace {

/// A .npy file of numbers that are given by their bits, lowest byte first or last.
std::string array_of(const std::string& type, const std::string& shape, const std::vector<std::uint64_t>& bits, int bytes,
                     bool fortran = false) {
    std::string data;
    for (const auto number : bits) {
        const auto low = low_first(number, bytes);
        data += type[0] == '>' ? std::string(low.rbegin(), low.rend()) : low;
    }
    return npy_text("{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }\n", data);
}

/// The numbers of such a file, as T.
template <class T>
std::vector<T> numbers(const std::string& text, const r::bfloat16_arrays& bfloat16 = {}) {
    const temporary_folder folder;
    const auto path = folder.path() / "a.npz";
    std::ofstream(path, std::ios::binary) << rationale_test::zip_text({{"a.npy", text}});
    const r::npz_file file(path, std::nullopt, bfloat16);
    auto in = file.open("a");
    std::vector<T> out(in.left());
    in.template for_each<T>([&](std::size_t place, T number) { out.at(place) = number; });
    in.finish();
    return out;
}

/// A binary16 by its definition: (-1)^s 2^(e-15) (1 + f/1024), of e = 0 (-1)^s 2^-14 f/1024.
double half_by_definition(std::uint16_t bits) {
    const int e = bits >> 10 & 31, f = bits & 1023;
    const double size = e == 31 ? (f == 0 ? HUGE_VAL : NAN) : e == 0 ? std::ldexp(f, -24) : std::ldexp(1 + f / 1024., e - 15);
    return bits & 0x8000 ? -size : size;
}

/// The binary16 nearest to a probability.
std::uint16_t nearest_half(double x) {
    std::uint16_t best = 0;
    for (std::uint16_t bits = 0; bits <= 0x3c00; ++bits)
        if (std::abs(half_by_definition(bits) - x) < std::abs(half_by_definition(best) - x)) best = bits;
    return best;
}

/// Two checkpoints of the small recording, event by event a distribution, as bits of a half type.
template <class Bits>
std::vector<std::uint64_t> rounded_predictions(const Bits& bits) {
    std::vector<std::uint64_t> out;
    for (int i = 0; i < 24; ++i) {
        const double a = 0.01 + 0.013 * i, b = (1 - a) / 3;
        for (const double p : {a, b, 1 - a - b}) out.push_back(bits(p));
    }
    return out;
}

}  // namespace

TEST_CASE("every float16 is read as its definition says, in either order of bytes") {
    std::vector<std::uint64_t> all;
    for (std::uint64_t bits = 0; bits < 65536; ++bits) all.push_back(bits);
    for (const char* type : {"<f2", ">f2"}) {
        const auto read = numbers<double>(array_of(type, "(65536,)", all, 2));
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const double expected = half_by_definition(static_cast<std::uint16_t>(i));
            wrong += std::isnan(expected) ? !std::isnan(read[i]) : read[i] != expected || std::signbit(read[i]) != std::signbit(expected);
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("bfloat16 is the upper half of a float, as void or as bits, and only where the manifest says so") {
    const std::vector<std::uint64_t> bits{0x3f80, 0xbf80, 0x4049, 0x0000, 0x7f80, 0x0001};
    const std::vector<double> expected{1, -1, 3.140625, 0, HUGE_VAL, 0x1p-133};
    for (const char* type : {"<V2", "|V2", ">V2", "<u2", "<i2"}) CHECK(numbers<double>(array_of(type, "(6,)", bits, 2), {"a"}) == expected);
    CHECK_THROWS_WITH_AS(numbers<double>(array_of("<V2", "(6,)", bits, 2)), doctest::Contains("\"types\": {\"a\": \"bfloat16\"}"),
                         r::recording_error);
    for (const char* type : {"<f2", "<f4"})
        CHECK_THROWS_WITH_AS(numbers<double>(array_of(type, "(6,)", bits, type[2] - '0'), {"a"}),
                             doctest::Contains("expected two bytes a number"), r::recording_error);
    CHECK_THROWS_WITH_AS(numbers<std::int64_t>(array_of("<V2", "(6,)", bits, 2), {"a"}),
                         doctest::Contains("holds <V2, expected integers of 1 to 8 bytes, or bool"), r::recording_error);
}

TEST_CASE("integers of every size and bool, signed as they say, swapped or not") {
    using integers = std::vector<std::int64_t>;
    const auto read = [](const char* type, int bytes, std::vector<std::uint64_t> bits) {
        return numbers<std::int64_t>(array_of(type, "(2,)", bits, bytes));
    };
    CHECK(read("|u1", 1, {200, 3}) == integers{200, 3});
    CHECK(read("|i1", 1, {200, 3}) == integers{-56, 3});
    CHECK(read("|b1", 1, {1, 0}) == integers{1, 0});
    CHECK(read("<u2", 2, {65535, 258}) == integers{65535, 258});
    CHECK(read("<i2", 2, {65535, 258}) == integers{-1, 258});
    CHECK(read(">u2", 2, {65535, 258}) == integers{65535, 258});
    CHECK(read(">i2", 2, {65534, 258}) == integers{-2, 258});
    CHECK(read("<u4", 4, {4294967295, 7}) == integers{4294967295, 7});
    CHECK(read(">i4", 4, {4294967295, 7}) == integers{-1, 7});
    CHECK(read("<u8", 8, {std::uint64_t{1} << 62, 7}) == integers{std::int64_t{1} << 62, 7});
    CHECK(read(">i8", 8, {~std::uint64_t{4}, 7}) == integers{-5, 7});
    CHECK_THROWS_WITH_AS(read("<u8", 8, {std::uint64_t{1} << 63, 7}),
                         doctest::Contains("a holds 9223372036854775808, expected whole numbers below 2^63"), r::recording_error);
    CHECK(numbers<double>(array_of("<u8", "(1,)", {std::uint64_t{1} << 63}, 8)) == std::vector<double>{0x1p63});
    CHECK(numbers<double>(array_of(">f4", "(1,)", {std::bit_cast<std::uint32_t>(1.5f)}, 4)) == std::vector<double>{1.5});
    CHECK(numbers<double>(array_of(">f8", "(1,)", {std::bit_cast<std::uint64_t>(-.1)}, 8)) == std::vector<double>{-.1});
}

TEST_CASE("Fortran order is read at the places of C order, over more than a piece") {
    const std::size_t shape[] = {7, 5, 11, 41};  // 15785 numbers, read in pieces of 8192
    std::vector<std::uint64_t> bits;
    for (std::size_t d = 0; d < shape[3]; ++d)
        for (std::size_t c = 0; c < shape[2]; ++c)
            for (std::size_t b = 0; b < shape[1]; ++b)
                for (std::size_t a = 0; a < shape[0]; ++a) bits.push_back(((a * shape[1] + b) * shape[2] + c) * shape[3] + d);
    const auto read = numbers<std::int64_t>(array_of("<i4", "(7, 5, 11, 41)", bits, 4, true));
    for (std::size_t i = 0; i < read.size(); ++i) REQUIRE(read[i] == static_cast<std::int64_t>(i));
}

TEST_CASE("numbers are left out, read or not: the rest is the same, and a number that was changed is seen where all were read") {
    const temporary_folder folder;
    const auto path = folder.path() / "a.npz";
    std::vector<std::uint64_t> bits(20000);
    for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = i;
    auto text = rationale_test::zip_text({{"a.npy", array_of("<i8", "(20000,)", bits, 8)}});
    const auto rest = [&](bool read) {
        std::ofstream(path, std::ios::binary) << text;
        const r::npz_file file(path);
        auto in = file.open("a");
        in.skip(3);
        read ? in.drop(17000) : in.skip(17000);
        return in.read_all<std::int64_t>();
    };
    const auto dropped = rest(true);
    CHECK(dropped.size() == 2997);
    CHECK(dropped.front() == 17003);
    CHECK(dropped.back() == 19999);
    CHECK(rest(false) == dropped);
    // Deflated, where nothing can be left out unread.
    {
        const auto deflated = folder.path() / "b.npz";
        int code = 0;
        zip_t* const archive = zip_open(deflated.c_str(), ZIP_CREATE, &code);
        REQUIRE(archive != nullptr);
        const auto npy = array_of("<i8", "(20000,)", bits, 8);
        const auto place = zip_file_add(archive, "b.npy", zip_source_buffer(archive, npy.data(), npy.size(), 0), 0);
        REQUIRE(place >= 0);
        REQUIRE(zip_set_file_compression(archive, static_cast<zip_uint64_t>(place), ZIP_CM_DEFLATE, 1) == 0);
        REQUIRE(zip_close(archive) == 0);
        const r::npz_file file(deflated);
        auto in = file.open("b");
        in.skip(0);
        in.skip(17003);
        CHECK(in.read_all<std::int64_t>() == dropped);
        in.finish();
    }
    text[text.size() / 2] = '\x7f';
    const r::npz_file changed([&] {
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }());
    auto in = changed.open("a");
    CHECK_THROWS_WITH_AS((in.drop(20000), in.finish()), doctest::Contains("is corrupt"), r::recording_error);
}

TEST_CASE("a recording in Fortran order, swapped bytes and small integers says the same as in C order") {
    spoilt s;
    std::vector<double> p;
    for (int i = 0; i < 24; ++i) p.insert(p.end(), {.01 * i, .1 + .02 * i, .9 - .03 * i});
    s.set<double>("predictions_ood", {2, 3, 4, 3}, p);
    s.write();
    const auto right = s.values();
    const auto fortran = [](const std::vector<double>& values, const std::vector<std::size_t>& shape, const auto& bits) {
        std::vector<std::uint64_t> out(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            std::size_t rest = i, at = 0, step = values.size();
            for (std::size_t axis = shape.size(); axis-- > 0; rest /= shape[axis]) step /= shape[axis], at += rest % shape[axis] * step;
            out[at] = bits(values[i]);
        }
        return out;
    };
    const auto as_double = [](double x) { return std::bit_cast<std::uint64_t>(x); };
    const auto as_int = [](double x) { return static_cast<std::uint64_t>(x); };
    const std::vector<double> tasks{.2, .3, .5, .1, .1, .8}, tokens{0, 1, 2, 0, 1, 1, 2, 2, 0, 0, 0, 1};
    s.raw["tasks"] = array_of(">f8", "(2, 3)", fortran(tasks, {2, 3}, as_double), 8, true);
    s.raw["tokens_id"] = array_of("|u1", "(3, 4)", fortran(tokens, {3, 4}, as_int), 1, true);
    s.raw["tokens_ood"] = array_of(">i8", "(3, 4)", fortran(tokens, {3, 4}, as_int), 8, true);
    s.raw["predictions_ood"] = array_of("<f8", "(2, 3, 4, 3)", fortran(p, {2, 3, 4, 3}, as_double), 8, true);
    s.raw["steps"] = array_of("|u1", "(2,)", {10, 20}, 1);
    CHECK(s.message() == "");
    CHECK(s.values() == right);
    // The same where there is room for one checkpoint at a time.
    const auto m = r::read_manifest(s.folder.path());
    const r::run_reader<urns> run(m, m.runs[0], r::family_of<urns>(m), {.bytes = 64 + 96 + 288});
    std::vector<double> by_checkpoint;
    run.for_each_checkpoint(r::split::ood, [&](std::size_t, const r::predictions& h) {
        by_checkpoint.insert(by_checkpoint.end(), h.values.begin(), h.values.end());
    });
    CHECK(by_checkpoint == p);
    // A fault is named by its place in C order.
    auto wrong = p;
    wrong[36 + 5 * 3 + 1] = -1;
    s.raw["predictions_ood"] = array_of("<f8", "(2, 3, 4, 3)", fortran(wrong, {2, 3, 4, 3}, as_double), 8, true);
    CHECK(has(s.message(), {"predictions_ood holds -1 at [1, 1, 1]"}));
    s.raw["tokens_id"] = array_of("|u1", "(3, 4)", {0, 1, 2, 0, 1, 3, 2, 2, 0, 0, 0, 1}, 1, true);
    CHECK(has(s.message(), {"tokens_id[2, 1] is 3, must be in 0..2"}));
}

TEST_CASE("softmax rounded to half precision is accepted as far as its rounding goes, and as it is") {
    const auto with = [](const char* type, std::vector<std::uint64_t> bits, bool bfloat16) {
        spoilt s;
        s.raw["predictions_id"] = array_of(type, "(2, 3, 4, 3)", bits, 2);
        if (bfloat16) s.manifest["version"] = 2, s.manifest["types"]["predictions_id"] = "bfloat16";
        const auto message = s.message();
        if (message.empty()) {
            const auto m = r::read_manifest(s.folder.path());
            const r::run_reader<urns> run(m, m.runs[0], r::family_of<urns>(m));
            CHECK(run.rounding(r::split::id).type == std::string(bfloat16 ? "bfloat16" : "float16"));
            CHECK(run.rounding(r::split::ood).type == std::string());
            double most = 0;
            run.for_each_checkpoint(r::split::id, [&](std::size_t, const r::predictions& p) {
                for (std::size_t i = 0; i < p.values.size(); i += 3)
                    most = (std::max)(most, std::abs(p.values.data()[i] + p.values.data()[i + 1] + p.values.data()[i + 2] - 1));
            });
            CHECK(most > 1e-4);  // not renormalised, and beyond what float32 may be off
            CHECK(most < run.rounding(r::split::id).relative);
        }
        return message;
    };
    const auto halves = rounded_predictions([](double x) { return nearest_half(x); });
    const auto brains = rounded_predictions([](double x) {
        const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(x));
        return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;  // to nearest, ties to even
    });
    CHECK(with("<f2", halves, false) == "");
    CHECK(with("<V2", brains, true) == "");
    spoilt logits;
    logits.arrays.erase("predictions_id");
    logits.raw["log_predictions_id"] = array_of("<f2", "(2, 3, 4, 3)", halves, 2);
    CHECK(logits.message() == "");
    const auto m = r::read_manifest(logits.folder.path());
    const auto rounding = r::run_reader<urns>(m, m.runs[0], r::family_of<urns>(m)).rounding(r::split::id);
    CHECK(rounding.relative == 0x1p-11);
    CHECK(rounding.absolute == 0);  // a logit that is rounded to 0 is no outcome that is excluded
    auto wrong = halves;
    wrong[3] = nearest_half(half_by_definition(static_cast<std::uint16_t>(wrong[3])) + 1.5e-3);
    CHECK(has(with("<f2", wrong, false),
              {"predictions_id sums to 1.00", "expected 1 (to 0.00059 of float16); logits belong in log_predictions_id"}));
    wrong = brains;
    wrong[3] += 8;  // of some 1e-4 each near 0.02
    CHECK(with("<V2", wrong, true) == "");
    wrong[3] += 64;
    CHECK(has(with("<V2", wrong, true), {"predictions_id sums to 1.0", "expected 1 (to 0.004 of bfloat16)"}));
    CHECK(has(with("<V2", brains, false), {"predictions_id holds <V2, two bytes that may mean anything", "else record float32"}));
}

TEST_CASE("types of the manifest, for all runs or for one: bfloat16 alone, and version 2") {
    spoilt one;
    one.raw["tasks"] = array_of("<V2", "(2, 3)", {0x3e80, 0x3e80, 0x3f00, 0x3e00, 0x3e00, 0x3f40}, 2);
    one.manifest["version"] = 2, one.manifest["runs"][0]["types"]["tasks"] = "bfloat16";
    CHECK(one.message() == "");
    CHECK(one.values()[7] == .75);
    one.manifest["runs"][0]["types"]["tasks"] = 16;
    CHECK(has(one.message(), {"manifest.json: runs[0].types.tasks is 16, expected \"bfloat16\""}));
    const auto with = [](const nlohmann::ordered_json& types, int version) {
        spoilt s;
        s.manifest["version"] = version, s.manifest["types"] = types;
        return s.message();
    };
    CHECK(with(nlohmann::ordered_json::object(), 2).empty());
    CHECK(has(with({{"tasks", "bfloat16"}}, 1), {"manifest.json: types is there and version is 1, expected version 2"}));
    CHECK(has(with({{"tasks", "float16"}}, 2), {"types.tasks is \"float16\", expected \"bfloat16\"; NumPy's own types need no word"}));
    CHECK(has(with("bfloat16", 2), {"types is string, expected an object"}));
    CHECK(has(with({{"task", "bfloat16"}}, 2),
              {"run.npz: types.task of the manifest is bfloat16, expected an array of each of its runs; the file has ", "tasks"}));
    CHECK(has(with({{"tasks", "bfloat16"}}, 2), {"run.npz: tasks holds <f8, expected two bytes a number"}));
}

TEST_CASE("the untrained model, step 0, is read and written") {
    spoilt s;
    s.set<std::int64_t>("steps", {2}, {0, 20});
    CHECK(s.message() == "");
    CHECK(s.values()[0] == 0);
    const temporary_folder folder;
    const urns family({.categories = 3});
    r::recording_writer<urns> writer(folder.path(), "untrained", family);
    writer.add_run(
        {.table = {{{.2, .3, .5}}}, .steps = {0, 5}, .sequences = {urns::sequences{{{0, 1}}}}, .model = [](r::split, std::size_t) {
             return r::predictions{r::prediction_kind::distribution, r::filled<double, 3>({1, 2, 3}, 1. / 3), {}};
         }});
    writer.finish();
    const auto m = r::read_manifest(folder.path());
    CHECK(r::run_reader<urns>(m, m.runs[0], family).steps() == std::vector<std::int64_t>{0, 5});
}
