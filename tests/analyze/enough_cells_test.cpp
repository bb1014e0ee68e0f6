// Too few cells to fit: the causes are named.
#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "rationale/analysis/split_state.hpp"

namespace r = rationale;

TEST_CASE("too few cells to fit: how many are infinitely far, before the threshold, held out or masked") {
    // Two runs of four checkpoints: of the first two cells are infinitely far and one lies before the threshold; of the second every
    // sequence is masked.
    r::recording_analysis a;
    a.threshold = 100;
    std::vector<r::detail::split_state> states(4);
    r::observations seen;
    for (std::size_t run = 0; run < 2; ++run) {
        a.runs.push_back({.tasks = 2, .steps = {10, 100, 1000, 2000}, .masked = {run == 0 ? 0u : 12u, 0}});
        seen.runs.push_back({.tasks = 2});
    }
    states[0].kept = {0, 1};
    for (std::int64_t step : a.runs[0].steps) {
        const auto role = step < 100 ? r::cell_role::before_threshold : step < 2000 ? r::cell_role::fitted : r::cell_role::held_out_steps;
        states[0].cells.push_back({.step = step, .role = role});
        if (step == 10 || step == 2000) seen.cells.push_back({.run = 0, .at = {.steps = static_cast<double>(step)}, .role = role});
    }
    const auto law = r::law_of<r::published_law>();
    CHECK_THROWS_WITH_AS(
        r::detail::check_enough_cells(a, states, seen, law),
        "rationale::analyze_recording: there are 0 cells to fit, must be at least 3, the number of the law's parameters: of 8 ID "
        "checkpoints "
        "2 are infinitely far from every mixture, as the model gives a probability to outcomes that every strategy excludes: a noise or a "
        "concentration of 0 in the manifest does that, or seen tasks with probabilities of 0; 1 lies before the threshold at step 100; 1 "
        "is "
        "held out; 4 have no sequences left, as no seen task can give any of their 12",
        std::invalid_argument);
    for (int more = 0; more < 3; ++more) seen.cells.push_back({.run = 0, .at = {.steps = 100}});
    CHECK_NOTHROW(r::detail::check_enough_cells(a, states, seen, law));
}
