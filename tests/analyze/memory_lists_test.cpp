// Memory of limited precision with other lists of strategies than memorizing, generalizing and the constant.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "rationale/analysis/analyze_recording.hpp"
#include "support/analysis.hpp"
#include "support/folder.hpp"
#include "support/made_up_recording.hpp"

namespace r = rationale;
using urns = r::balls_and_urns<>;

namespace {
using weaker = r::bayes<urns, r::tempered<r::seen_tasks<urns>>>;
struct without_constant {
    auto operator()(const urns& family, const r::seen_tasks<urns>& seen) const {
        return r::strategies(r::memorizing<urns>(family, seen), r::generalizing<urns>(family),
                             weaker(family, r::tempered<r::seen_tasks<urns>>(seen, .5)));
    }
};
struct without_memorizing {
    auto operator()(const urns& family, const r::seen_tasks<urns>& seen) const {
        return r::strategies(weaker(family, r::tempered<r::seen_tasks<urns>>(seen, .5)), r::generalizing<urns>(family));
    }
};
}  // namespace

TEST_CASE("memory is analyzed beside any list of strategies with M and G, and a note says why where it is not") {
    const rationale_test::temporary_folder folder;
    const auto m =
        rationale_test::write_made_up(folder.path(), urns({.categories = 4}),
                                      {.tasks = {4, 8, 16}, .steps = {10, 100, 1000, 10000}, .sequences = 16, .context = 16, .ood = false},
                                      [](const auto& family, const auto& seen, const auto& q, double, double n) {
                                          return rationale_test::mixed(family, seen, q, .1 + .25 * (std::log10(n) - 1));
                                      });
    r::analysis_options options;
    options.losses.most_sequences = 128;
    options.precision_nodes = 8;
    options.threshold_share = 1;
    const auto a = r::analyze_any<r::families<urns>>(m, options, r::sequential{}, without_constant{});
    REQUIRE(a.memory);
    CHECK(a.no_memory.empty());
    CHECK(a.memory->cells.size() == 12);
    for (const auto& c : a.memory->cells) {
        CHECK(c.pair < 1e-9);
        CHECK(c.with_generalizing <= c.pair);
    }
    for (const auto& row : a.memory->explanations.rows) CHECK(row.facts.words.find("constant") == std::string::npos);
    const auto b = r::analyze_recording<urns>(m, options, r::sequential{}, without_memorizing{});
    CHECK(!b.memory);
    CHECK(std::count(b.notes.begin(), b.notes.end(), "Memory of limited precision is left out: memorizing is not among the strategies.") ==
          1);
}

TEST_CASE("memory and trust are left out, and a note says why, where too few cells lie after the threshold for their laws") {
    const rationale_test::temporary_folder folder;
    // One run whose interpolation distance falls at its last two of six checkpoints alone.
    const auto m = rationale_test::write_made_up(
        folder.path(), urns({.categories = 4}),
        {.tasks = {8}, .steps = {10, 100, 1000, 10000, 20000, 30000}, .sequences = 16, .context = 16, .ood = false},
        [](const auto& family, const auto& seen, const auto& q, double, double n) {
            auto p = rationale_test::mixed(family, seen, q, n < 15000 ? .3 : .9);
            if (n < 15000)
                for (double& x : p.values) x = .4 * x + .15;  // away from both
            return p;
        });
    r::analysis_options options;
    options.losses.most_sequences = 128;
    options.precision_nodes = 8;
    options.scope = r::law_scope::all_strategies;
    const auto a = rationale_test::analyzed<urns>(m, options);
    CHECK(a.memory);
    CHECK(!a.square);
    CHECK(a.no_square == "its laws have more parameters than there are cells to fit after the threshold");
}
