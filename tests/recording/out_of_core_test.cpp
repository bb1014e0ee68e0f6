// Seen tasks that do not fit in memory: run alone, with a limit of memory (tests/CMakeLists.txt).
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include "rationale/prior/sample.hpp"
#include "rationale/recording/recording_writer.hpp"
#include "rationale/recording/task_file.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/predict_in_tiles.hpp"
#include "rationale/task/balls_and_urns.hpp"
#include "support/folder.hpp"

using namespace rationale;

TEST_CASE("2^22 urns of 8 categories, 268 MB and as much again when packed, are predicted with in 512 MB" * doctest::skip()) {
    rlimit most{};
    REQUIRE(getrlimit(RLIMIT_AS, &most) == 0);
    REQUIRE(most.rlim_cur <= std::size_t{512} << 20);
    using urns = balls_and_urns<8>;
    const urns family;
    const auto prior = own_prior(family);
    constexpr std::size_t tasks = std::size_t{1} << 22, block = std::size_t{1} << 16;
    const rationale_test::temporary_folder folder;
    const auto path = folder.path() / "tasks.npz";
    detail::npz_writer out(path);
    out.begin<double>("tasks", std::array<std::size_t, 2>{tasks, 8});
    for (std::size_t from = 0; from < tasks; from += block) {
        const auto some = sample_tasks(family, prior, block, 100 + from / block);
        out.write<double>(std::span(some.tasks.data(), some.tasks.size()));
    }
    out.finish();
    const auto shown = sample_sequences(family, prior, 8, 10, 5).sequences;
    task_file<urns> file(path, family);
    REQUIRE(file.size() == tasks);
    const auto tiled = predict_in_tiles(
        family, [&] { return file.next(); }, shown);
    // So many urns are their prior, but for what their number leaves to chance.
    const auto expected = predict(generalizing<urns>(family), shown);
    for (std::size_t s = 0; s < 8; ++s) {
        CHECK(std::abs(tiled.log_evidence(s, 10) - expected.log_evidence(s, 10)) < .05);
        for (std::size_t k = 0; k < 8; ++k) CHECK(std::abs(tiled.values(s, 9, k) - expected.values(s, 9, k)) < .01);
    }
}
