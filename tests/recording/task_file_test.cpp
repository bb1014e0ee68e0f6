#include "rationale/recording/task_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "rationale/prior/sample.hpp"
#include "rationale/recording/recording_writer.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/predict_in_tiles.hpp"
#include "rationale/task/balls_and_urns.hpp"
#include "rationale/task/classification.hpp"
#include "rationale/task/linear_regression.hpp"
#include "support/folder.hpp"
#include "support/predictions.hpp"

using namespace rationale;

namespace {

/// Puts a family's seen tasks into an npz file.
template <class F>
void write(const std::filesystem::path& file, const seen_tasks<F>& seen) {
    detail::npz_writer out(file);
    for_each_field<typename F::task_table>([&](const auto& f) {
        const auto& a = seen.table().*f.member;
        using number = typename std::remove_cvref_t<decltype(a)>::value_type;
        out.array<number>(std::string(f.name), std::vector<std::size_t>(a.shape().begin(), a.shape().end()), std::span(a.data(), a.size()));
    });
    if (!seen.uniform()) out.array<double>("task_weights", std::vector<std::size_t>{seen.size()}, seen.weights());
    out.finish();
}

/// Largest difference between predicting with all tasks at once and in tiles of so many.
template <class F>
double difference(const F& family, const seen_tasks<F>& seen, std::size_t rows) {
    const rationale_test::temporary_folder folder;
    const auto path = folder.path() / "tasks.npz";
    write(path, seen);
    task_file<F> file(path, family, rows);
    REQUIRE(file.size() == seen.size());
    const auto shown = sample_sequences(family, seen, 4, 12, 5).sequences;
    const auto all = predict(memorizing<F>(family, seen), shown);
    const auto tiled = predict_in_tiles(
        family, [&] { return file.next(); }, shown);
    return rationale_test::largest_absolute_difference(all, tiled);
}

}  // namespace

TEST_CASE("seen tasks from a file, tile after tile, predict as all of them in memory") {
    const balls_and_urns<> urns({.categories = 5});
    const linear_regression<> regression({.dimensions = 3});
    const classification<> items({.dimensions = 4, .labels = 3});
    for (const std::size_t rows : {1u, 7u, 50u, 1000u}) {
        CAPTURE(rows);
        CHECK(difference(urns, {urns, sample_tasks(urns, own_prior(urns), 50, 1)}, rows) < 1e-12);
        CHECK(difference(urns, {urns, sample_tasks(urns, own_prior(urns), 50, 1), zipf_weights(50, 1)}, rows) < 1e-12);
        std::vector<double> late(50, 1);  // no task of the first tile has a weight
        std::fill_n(late.begin(), 10, 0.0);
        CHECK(difference(urns, {urns, sample_tasks(urns, own_prior(urns), 50, 1), late}, rows) < 1e-12);
        CHECK(difference(regression, {regression, sample_tasks(regression, own_prior(regression), 20, 1)}, rows) < 1e-11);
        CHECK(difference(items, {items, sample_tasks(items, own_prior(items), 20, 1)}, rows) < 1e-12);
    }
}

TEST_CASE("what is no file of the family's tasks is refused by name") {
    const balls_and_urns<> urns({.categories = 3});
    const rationale_test::temporary_folder folder;
    const auto path = folder.path() / "t.npz";
    const auto message = [&](const std::function<void(detail::npz_writer&)>& fill) -> std::string {
        detail::npz_writer out(path);
        fill(out);
        out.finish();
        try {
            task_file<balls_and_urns<>> file(path, urns, 2);
            while (file.next()) {
            }
        } catch (const recording_error& e) {
            return std::string(e.what()).substr(path.string().size());
        }
        return "";
    };
    const std::vector<double> good{.2, .3, .5, .1, .1, .8, 1, 0, 0}, bad{.2, .3, .5, .1, .1, .8, 1, 1, 0};
    CHECK(message([&](auto& out) { out.template array<double>("tasks", std::vector<std::size_t>{3, 3}, good); }).empty());
    CHECK(message([&](auto& out) {
              out.template array<double>("other", std::vector<std::size_t>{3, 3}, good);
          }) == ": tasks is missing; the file has other");
    CHECK(message([&](auto& out) {
              out.template array<double>("tasks", std::vector<std::size_t>{9, 1}, good);
          }) == ": tasks has length 1 on axis 1 (K), expected 3");
    CHECK(message([&](auto& out) {
              out.template array<double>("tasks", std::vector<std::size_t>{3, 3}, good);
              out.template array<double>("task_weights", std::vector<std::size_t>{2}, std::vector<double>{1, 2});
          }) == ": task_weights has 2 entries, expected one for each of 3 tasks");
    CHECK(message([&](auto& out) {
              out.template array<double>("tasks", std::vector<std::size_t>{3, 3}, bad);
          }).starts_with(": among the tasks from 2 on: "));
    CHECK(message([&](auto& out) {  // whose sum is 0
              out.template array<double>("tasks", std::vector<std::size_t>{3, 3}, good);
              out.template array<double>("task_weights", std::vector<std::size_t>{3}, std::vector<double>{1, -1, 0});
          }) != "");
}

TEST_CASE("no tasks, and a context that none explains") {
    const balls_and_urns<> urns({.categories = 2});
    const auto none = []() -> std::optional<task_tile<balls_and_urns<>>> { return std::nullopt; };
    const balls_and_urns<>::sequences shown{ndarray<std::int32_t, 2>{{0, 1}}};
    CHECK_THROWS_AS((void)predict_in_tiles(urns, none, shown), std::invalid_argument);
    int tiles = 2;
    const auto heads = [&]() -> std::optional<task_tile<balls_and_urns<>>> {
        if (tiles-- == 0) return std::nullopt;
        return task_tile<balls_and_urns<>>{{urns, {ndarray<double, 2>{{0., 1.}}}}, 1};
    };
    CHECK_THROWS_WITH_AS((void)predict_in_tiles(urns, heads, shown),
                         "rationale::predict: memorizing gives probability 0 to what sequence 0 shows before event 1",
                         impossible_context_error);
}
