// Too few cells to fit: the causes are named.
#include <doctest/doctest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "rationale/analysis/detail/fit_recording.hpp"

namespace r = rationale;

TEST_CASE("too few cells to fit: how many are infinitely far, before the threshold, held out or masked") {
    // Two runs of four checkpoints: of the first two cells are infinitely far and one lies before the threshold; of the second every
    // sequence is masked.
    const std::vector<r::run_facts> runs(2, {.tasks = 2, .steps = {10, 100, 1000, 2000}});
    // Of five steps from 100 on the last one, 2000, is held out.
    const r::detail::recorded_roles roles{{100, std::nullopt}, 100, r::cell_roles({2, 2}, {10, 100, 200, 300, 1000, 2000}, 100)};
    r::detail::recorded_distances distances;
    distances.at.resize(2);
    distances.at[0].id.kept = {0, 1}, distances.at[1].id.masked = 12;
    r::observations seen;
    for (std::int64_t step : runs[0].steps) {
        distances.at[0].id.cells.push_back({.step = step});
        if (step == 10 || step == 2000)
            seen.cells.push_back({.run = 0, .at = {.steps = static_cast<double>(step)}, .role = roles.of(2, step)});
    }
    const auto law = r::law_of<r::published_law>();
    CHECK_THROWS_WITH_AS(
        r::detail::check_enough_cells(runs, distances, roles, seen, law),
        "rationale::analyze_recording: there are 0 cells to fit, must be at least 3, the number of the law's parameters: of 8 ID "
        "checkpoints "
        "2 are infinitely far from every mixture, as the model gives a probability to outcomes that every strategy excludes: a noise or a "
        "concentration of 0 in the manifest does that, or seen tasks with probabilities of 0; 1 lies before the threshold at step 100; 1 "
        "is "
        "held out; 4 have no sequences left, as no seen task can give any of their 12",
        std::invalid_argument);
    for (int more = 0; more < 3; ++more) seen.cells.push_back({.run = 0, .at = {.steps = 100}});
    CHECK_NOTHROW(r::detail::check_enough_cells(runs, distances, roles, seen, law));
}
