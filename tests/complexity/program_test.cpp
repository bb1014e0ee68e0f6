#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rationale/analysis/notes.hpp"
#include "rationale/complexity/complexities.hpp"
#include "rationale/prior/mixture_of.hpp"
#include "rationale/prior/remembered.hpp"
#include "rationale/prior/tempered.hpp"
#include "rationale/strategy/bayes_mixture.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/ngrams.hpp"
#include "rationale/strategy/program.hpp"

namespace r = rationale;

namespace {
struct unmeasured {};
struct with_member {
    static constexpr double program_bits = 12.5;
};
struct with_specialisation {};
}  // namespace

template <>
inline constexpr std::optional<double> rationale::program_bits<with_specialisation> = 99;

TEST_CASE("the length of a program is known by a member or a specialisation, and otherwise unknown, which is not 0") {
    CHECK_FALSE(r::program_bits<unmeasured>.has_value());
    CHECK(r::program_bits<with_member> == 12.5);
    CHECK(r::program_bits<with_specialisation> == 99);
    using urns = r::balls_and_urns<>;
    CHECK(r::program_bits<r::memorizing<urns>> == 4784);
    CHECK(r::program_bits<r::memorizing<urns, float>> == 4784);
    CHECK(r::program_bits<r::generalizing<urns>> == 4328);
    // One number more is no other program.
    using remembered = r::remembered<r::seen_tasks<urns>>;
    CHECK(r::program_bits<r::bayes<urns, remembered>> == 4784);
    CHECK(r::program_bits<r::bayes<urns, r::remembered<r::seen_tasks<urns>, std::vector<double>>, float>> == 4784);
    CHECK(r::program_bits<r::bayes<urns, r::tempered<r::seen_tasks<urns>>>> == 4784);
    CHECK(r::program_bits<r::bayes<urns, r::tempered<remembered>>> == 4784);
    using chain = r::markov_chain<>;
    CHECK_FALSE(r::program_bits<r::memorizing<chain>>.has_value());
    CHECK_FALSE(r::program_bits<r::inference<chain, 0>>.has_value());
}

TEST_CASE("complexities of a list: numbers by compression or by what a memory says of itself, and programs") {
    using urns = r::balls_and_urns<3>;
    const urns family;
    const r::seen_tasks<urns> seen(family, {{{.2, .3, .5}, {.1, .1, .8}}});
    const r::remembered memory(family, seen, 2.);
    const r::strategies all(r::memorizing<urns>(family, seen), r::generalizing<urns>(family), r::bayes(family, memory));
    CHECK(r::complexities(all) == std::vector<double>{6 * 64 + 4784, 3 * 64 + 4328, memory.bits() + 4784});
    const std::vector<r::compressor> half{{"half", [](std::span<const std::uint8_t> bytes) { return bytes.size() / 2; }}};
    CHECK(r::complexities(all, half) == std::vector<double>{3 * 64 + 4784, 1.5 * 64 + 4328, memory.bits() + 4784});
    const r::strategies with_unknown(all.get<0>(), r::bayes(family, r::mixture_of({.5, .5}, seen, own_prior(family))));
    CHECK(r::complexities(with_unknown)[0] == 6 * 64);
}

TEST_CASE("where known and unknown programs meet in one law, numbers alone count for all of its strategies, and a note says so") {
    const std::vector<double> numbers{1000, 64, 64};
    CHECK(r::complexities(numbers, std::vector<std::optional<double>>{10, 20, 30}) == std::vector<double>{1010, 84, 94});
    CHECK(r::complexities(numbers, std::vector<std::optional<double>>{10, 20, std::nullopt}) == numbers);
    CHECK(r::complexities(numbers, std::vector<std::optional<double>>(3)) == numbers);

    r::recording_analysis a{.fit = {.law = r::law_of<r::published_law>(), .values = {}}};
    a.strategies = {"memorizing", "generalizing", "as G does"};
    r::analyzed_run run;
    for (double bits : numbers) run.descriptions.push_back({bits, "raw", {}});
    run.programs = {4784, 4328, std::nullopt};
    run.losses.reached = true;
    a.runs = {run};
    a.threshold = 1;
    // A strategy that predicts as G does, from as many numbers, is as probable as G before any evidence.
    CHECK(r::first_complexities(a.runs[0], 3) == numbers);
    CHECK(r::first_complexities(a.runs[0], 2) == std::vector<double>{5784, 4392});
    a.law_strategies = 2;
    CHECK(r::notes_of(a).empty());
    a.law_strategies = 3;
    CHECK(r::notes_of(a) ==
          std::vector<std::string>{"It is not known how long the program of as G does is, so complexities are those of the "
                                   "strategies' numbers alone."});
    a.runs[0].programs = {std::nullopt, std::nullopt, std::nullopt};
    CHECK(r::notes_of(a).empty());
    a.runs[0].programs = {1, 2, 3};
    CHECK(r::notes_of(a).empty());
}
