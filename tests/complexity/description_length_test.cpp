#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <new>
#include <nlohmann/json.hpp>
#include <vector>

#include "rationale/complexity/compressors.hpp"
#include "rationale/complexity/description_length.hpp"
#include "rationale/prior/dirichlet.hpp"
#include "rationale/prior/gaussian.hpp"
#include "rationale/prior/memory.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/random/samplers.hpp"
#include "support/effort.hpp"
#include "support/npz.hpp"

namespace r = rationale;

TEST_CASE("numbers are little-endian float64 bytes") {
    const std::vector<double> one{1.0, -2.0};
    CHECK(r::serialize(one) == std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0});
    CHECK(r::serialize({}).empty());
}

TEST_CASE("without compressors the raw bits count, and it is said") {
    const std::vector<double> x(10, .5);
    const auto d = r::description_length(x);
    CHECK(d.bits == 640);
    CHECK(d.method == "raw");
    CHECK(d.tried.size() == 1);
}

TEST_CASE("the shortest way wins, whatever the order and the threads") {
    const std::vector<r::compressor> made_up{{"half", [](auto bytes) { return bytes.size() / 2; }},
                                             {"double", [](auto bytes) { return bytes.size() * 2; }},
                                             {"third", [](auto bytes) { return bytes.size() / 4; }}};
    const std::vector<double> x(10, .5);
    for (const auto& d : {r::description_length(x, made_up), r::description_length(x, made_up, r::threads{3})}) {
        CHECK(d.bits == 160);
        CHECK(d.method == "third");
        CHECK(d.tried == std::vector<std::pair<std::string, double>>{{"raw", 640}, {"half", 320}, {"double", 1280}, {"third", 160}});
    }
}

TEST_CASE("a compressor that fails is passed on") {
    const std::vector<r::compressor> broken{{"broken", [](auto) -> std::size_t { throw std::runtime_error("no"); }}};
    CHECK_THROWS_AS((void)r::description_length(std::vector<double>(3), broken), std::runtime_error);
}

#if __has_include(<lzma.h>) && __has_include(<bzlib.h>) && __has_include(<brotli/encode.h>) && __has_include(<zstd.h>)
TEST_CASE("the published sizes of seen tasks come back") {
    const auto all = r::system_compressors();
    REQUIRE(all.size() == 4);
    const auto published = rationale_test::load_npz(RATIONALE_TEST_DATA "/published.npz");
    CHECK(r::description_length(published.at("urns_tasks").values, all).bits == published.at("complexity_urns_tasks_bits").values[0]);
    CHECK(r::description_length(published.at("reg_tasks").values, all).bits == published.at("complexity_reg_tasks_bits").values[0]);
    const auto check = [&](const std::string& family, double program) {
        const auto fit = nlohmann::json::parse(std::ifstream(RATIONALE_TEST_DATA "/fit_" + family + ".json"));
        for (std::size_t i = 0; i < fit["tasks"].size() && fit["tasks"][i].get<int>() <= (sanitized ? 64 : 1024); ++i) {
            char file[64];
            std::snprintf(file, sizeof file, "/D%05d-seed1.npz", fit["tasks"][i].get<int>());
            const auto npz = rationale_test::load_npz(RATIONALE_EXAMPLES "/data/" + family + file);
            std::vector<double> numbers;
            const auto& tasks = npz.at("tasks");
            for (std::size_t d = 0; d < tasks.shape[0]; ++d) {
                numbers.insert(numbers.end(), tasks.values.begin() + static_cast<std::ptrdiff_t>(d * tasks.shape[1]),
                               tasks.values.begin() + static_cast<std::ptrdiff_t>((d + 1) * tasks.shape[1]));
                if (npz.contains("task_labels")) numbers.push_back(npz.at("task_labels").values[d]);
            }
            CHECK(program + r::description_length(numbers, all, r::threads{2}).bits == fit["complexity"][i][0].get<double>());
        }
    };
    check("balls_and_urns", 4784);
    check("linear_regression", 7392);
    check("classification", 4704);
}
#endif

#if __has_include(<lzma.h>) && __has_include(<bzlib.h>) && __has_include(<brotli/encode.h>) && __has_include(<zstd.h>)
TEST_CASE("the published size of a Gaussian prior comes back, and no numbers cost nothing") {
    const auto all = r::system_compressors();
    const auto fit = nlohmann::json::parse(std::ifstream(RATIONALE_TEST_DATA "/fit_classification.json"));
    const r::gaussian items(std::vector<double>(8), .125);
    CHECK(4552 + r::description_length(items.numbers(), all).bits == fit["complexity"][0][1].get<double>());
    const auto nothing = r::description_length({}, all);
    CHECK(nothing.bits == 0);
    CHECK(nothing.method == "raw");
    CHECK(nothing.tried.size() == 5);
}

TEST_CASE("tasks rounded as coarsely as they are remembered take about the rate of the memory") {
    using line = r::linear_regression<4>;
    const line family({.noise_variance = .5});
    const auto table = r::sample_tasks(family, r::own_prior(family), 4000, 1);
    const r::memory<line> memory(family);
    double last = 0;
    for (double s : {.5, .9, .99, .999, .99999}) {
        double nats = 0;
        for (std::size_t d = 0; d < 4000; ++d) nats += memory.nats(table, d, s);
        const double rate = nats / std::log(2.) / 16000;  // bits a number
        // Rounding errors are uniform over a step: as large as the belief's variance for a step of sqrt(12 (1-s)).
        const auto stored = r::quantized_length({table.tasks.data(), table.tasks.size()}, std::sqrt(12 * (1 - s)), r::system_compressors());
        const double bits = stored.bits / 16000;
        CAPTURE(s);
        CHECK(bits > last);
        CHECK(bits > rate - .3);
        CHECK(bits < 1.35 * rate + 1);
        last = bits;
    }
    CHECK_THROWS_WITH_AS((void)r::quantized_length(std::vector<double>{1e12}, 1e-3),
                         "rationale::quantized_length: 1e+12 is more than 2^31 steps of 0.001", std::invalid_argument);
    CHECK_THROWS_AS((void)r::quantized_length(std::vector<double>{1}, 0), std::invalid_argument);
    CHECK(r::quantized_length(std::vector<double>{1, 2, -3}, .5).bits == 96);
}

TEST_CASE("bzip2 and zstd, which the published sizes never chose, run at their highest level") {
    // Incompressible numbers, twice: together they fit the block of bzip2 -9, and no half fits that of bzip2 -1.
    r::philox rng(9, 0);
    std::vector<std::uint8_t> twice(300000);
    const auto tasks = r::serialize(rationale_test::load_npz(RATIONALE_TEST_DATA "/published.npz").at("reg_tasks").values);
    for (auto& b : twice) b = static_cast<std::uint8_t>(rng());
    std::copy_n(twice.begin(), 150000, twice.begin() + 150000);
    std::vector<char> out(ZSTD_compressBound(tasks.size()));
    for (const auto& c : r::system_compressors()) {
        CAPTURE(c.name);
        if (c.name == "bzip2") CHECK(c.size(twice) < twice.size());
        if (c.name == "zstd") CHECK(c.size(tasks) == ZSTD_compress(out.data(), out.size(), tasks.data(), tasks.size(), ZSTD_maxCLevel()));
    }
}
#endif

TEST_CASE("what a prior stores: the tasks row by row, a label last in its row, weights only where they differ") {
    const r::classification<2, 2> family;
    const r::classification<2, 2>::task_table table{{{1.0, 2.0}, {3.0, 4.0}}, {1, 0}};
    CHECK(r::seen_tasks<r::classification<2, 2>>(family, table).numbers() == std::vector<double>{1, 2, 1, 3, 4, 0});
    CHECK(r::seen_tasks<r::classification<2, 2>>(family, table, {5, 5}).numbers().size() == 6);
    CHECK(r::seen_tasks<r::classification<2, 2>>(family, table, {1, 3}).numbers() == std::vector<double>{1, 2, 1, 3, 4, 0, .25, .75});
    CHECK(r::dirichlet({1, 2}).numbers() == std::vector<double>{1, 2});
    CHECK(r::gaussian({0, 0, 0}, .5).numbers() == std::vector<double>{0, .5});
    CHECK(r::gaussian({0, 1, 0}, .5).numbers() == std::vector<double>{0, 1, 0, .5});
}

TEST_CASE("a compressor without memory says so") {
    if (sanitized) return;  // sanitizers need more addresses than there are below
    const pid_t child = fork();
    if (child == 0) {
        const std::vector<std::uint8_t> in(1000, 7);
        rlimit few{40u << 20, 40u << 20};  // of addresses, for a window of 64 MB
        if (setrlimit(RLIMIT_AS, &few) != 0) _exit(2);
        std::size_t tried = 0, said = 0;
        for (const auto& c : r::system_compressors()) {
            if (c.name != "xz") continue;
            ++tried;
            try {
                (void)c.size(in);
            } catch (const std::runtime_error& e) {
                said += std::string(e.what()) == "rationale::description_length: xz cannot compress 1000 bytes: there is not enough memory";
            } catch (const std::bad_alloc&) {
            }
        }
        _exit(said == tried ? 0 : 1);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}
