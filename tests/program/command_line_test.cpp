#include "rationale/program/command_line.hpp"

#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "rationale/learner/known_laws.hpp"

namespace {

using namespace rationale;
using rationale::detail::command_answer;
using rationale::detail::command_line;

std::optional<command_answer> read(command_line& line, std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "program");
    return line.read(static_cast<int>(arguments.size()), arguments.data());
}

std::vector<any_law> own_laws() {
    return {law_of<rational_law<saturating_evidence, no_simplicity>>("own"), law_of<published_law>("published")};
}

}  // namespace

TEST_CASE("a command line offers the laws that it is given, and fits the first unless told otherwise") {
    command_line silent(own_laws());
    CHECK_FALSE(read(silent, {"folder"}));
    CHECK(silent.request().options.law.name() == "own");
    command_line asked(own_laws());
    CHECK_FALSE(read(asked, {"folder", "--law", "published"}));
    CHECK(asked.request().options.law.name() == "published");
    command_line wrong(own_laws());
    const auto answer = read(wrong, {"folder", "--law", "saturating"});
    REQUIRE(answer);
    CHECK(answer->code != 0);
    CHECK(answer->output.empty());
    CHECK(answer->error == "--law: saturating not in {own,published}\nRun with --help for more information.\n");
    CHECK_THROWS_WITH_AS(command_line({}), "rationale::analyze_program: laws is 0, must be at least 1", std::invalid_argument);
}

TEST_CASE("a threshold at the least distance, below which there is none, is refused") {
    for (const char* none : {"0", "0.0"}) {
        command_line line(known_laws());
        const auto answer = read(line, {"folder", "--threshold", none});
        REQUIRE(answer);
        CHECK(answer->error == "--threshold: " + std::string(none) +
                                   " sets no threshold, as no distance is below the least one\nRun with --help for more information.\n");
    }
    command_line least(known_laws());
    CHECK_FALSE(read(least, {"folder", "--threshold", "1e-9"}));
}

TEST_CASE("every option reaches the analysis, and what is not given is as the library has it") {
    command_line silent(known_laws());
    REQUIRE_FALSE(read(silent, {"folder"}));
    const auto& usual = silent.request();
    const analysis_options unchanged;
    CHECK(usual.folders == std::vector<std::string>{"folder"});
    CHECK(usual.output == ".");
    CHECK(usual.options.losses.seed == unchanged.losses.seed);
    CHECK(usual.options.losses.most_sequences == unchanged.losses.most_sequences);
    CHECK(usual.options.neither_share == unchanged.neither_share);
    CHECK(usual.options.scope == law_scope::usual);
    CHECK(usual.options.memory);
    CHECK_FALSE(usual.options.threshold_share);
    CHECK_FALSE((usual.options.compare || usual.options.forecast || usual.quiet || usual.json || usual.colour_blind));

    command_line line(known_laws());
    REQUIRE_FALSE(read(line, {"a",
                              "b",
                              "-o",
                              "out",
                              "--report",
                              "page",
                              "--vega",
                              "v.js",
                              "--colour-blind",
                              "--seed",
                              "7",
                              "--loss-error",
                              ".5",
                              "--loss-sequences",
                              "99",
                              "--strategies",
                              "M,G",
                              "--no-memory",
                              "--compare",
                              "--bootstrap",
                              "11",
                              "--consecutive",
                              "2",
                              "--forecast",
                              "--neither",
                              ".25",
                              "--threshold",
                              ".75",
                              "--threads",
                              "3",
                              "--memory-limit",
                              "2.5",
                              "-q",
                              "--json"}));
    const auto& r = line.request();
    const auto& o = r.options;
    CHECK(r.folders == std::vector<std::string>{"a", "b"});
    CHECK(std::array{r.output, r.report, r.vega} == std::array<std::string, 3>{"out", "page", "v.js"});
    CHECK((r.colour_blind && r.quiet && r.json && o.compare && o.forecast && !o.memory));
    CHECK(r.workers == 3);
    CHECK(o.losses.seed == 7);
    CHECK(o.losses.relative_error == .5);
    CHECK(o.losses.most_sequences == 99);
    CHECK(o.scope == law_scope::first_two);
    CHECK(o.bootstrap.replicates == 11);
    CHECK(o.bootstrap.consecutive == 2);
    CHECK(o.neither_share == .25);
    CHECK(o.threshold_share == .75);
    CHECK(o.memory_for_arrays.bytes == 2500000000);
}

TEST_CASE("--help and --version are answers of status 0, without a recording") {
    command_line line(known_laws());
    const auto help = read(line, {"--help"}), version = read(line, {"--version"});
    REQUIRE(help);
    REQUIRE(version);
    CHECK(help->code == 0);
    CHECK(help->output.find("--memory-limit") != std::string::npos);
    CHECK(help->error.empty());
    CHECK(version->code == 0);
    CHECK(version->output == rationale::detail::rationale_version() + "\n");
}
