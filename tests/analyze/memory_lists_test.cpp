// Memory of limited precision with other lists of strategies than memorizing, generalizing and the constant.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "rationale/analysis/analyze_recording.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/recording/recording_writer.hpp"
#include "support/folder.hpp"

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
    const urns family({.categories = 4});
    r::recording_writer<urns> writer(folder.path(), "made up", family);
    for (std::size_t d : {4u, 8u, 16u}) {
        const r::seen_tasks<urns> seen(family, r::sample_tasks(family, own_prior(family), d, d));
        const auto q = r::sample_sequences(family, seen, 16, 16, 2).sequences;
        const std::array both{r::predict(r::memorizing<urns>(family, seen), q), r::predict(r::generalizing<urns>(family), q)};
        writer.add_run(
            {.table = seen.table(), .seed = 0, .steps = {10, 100, 1000, 10000}, .sequences = {q}, .model = [&](r::split, std::size_t n) {
                 const double w = .1 + .25 * static_cast<double>(n);
                 return r::mixture(both, std::array{w, 1 - w});
             }});
    }
    writer.finish();
    const auto m = r::read_manifest(folder.path());
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
