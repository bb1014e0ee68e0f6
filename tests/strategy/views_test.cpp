// Sequences that lie in memory of somebody else's.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "rationale/execution.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/copying.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/recognizing.hpp"
#include "rationale/task/balls_and_urns.hpp"
#include "rationale/task/classification.hpp"
#include "rationale/task/linear_regression.hpp"

namespace r = rationale;

TEST_CASE("sequences are predicted where they are, as from the library's arrays") {
    using urns = r::balls_and_urns<>;
    const urns family({.categories = 5});
    const r::seen_tasks<urns> seen(family, r::sample_tasks(family, r::own_prior(family), 20, 1));
    const auto data = r::sample_sequences(family, seen, 7, 30, 2).sequences;
    // Tokens of one column of a table of four, say: rows that do not follow one another.
    std::vector<std::int32_t> table(7 * 50, -1);
    for (std::size_t s = 0; s < 7; ++s)
        for (std::size_t t = 0; t < 30; ++t) table[s * 50 + t] = data.tokens(s, t);
    const auto view = [&](std::size_t s) { return urns::sequence_view(std::span<const std::int32_t>(table).subspan(s * 50, 30)); };
    const r::memorizing<urns> strategy(family, seen);
    const auto usual = r::predict(strategy, data), there = r::predict(strategy, 7, view);
    CHECK(usual.values == there.values);
    CHECK(usual.log_evidence == there.log_evidence);
    CHECK(r::predict(strategy, 7, view, r::threads{3}).values == usual.values);
    CHECK(r::predict(strategy, 0, view).sequences() == 0);
    table[3 * 50 + 4] = 5;
    CHECK_THROWS_WITH((void)r::predict(strategy, 7, view), "rationale::predict: event 4 of sequence 3 is none of the 5 outcomes");
    table[3 * 50 + 4] = -1;
    CHECK_THROWS_WITH((void)r::predict(strategy, 7, view), "rationale::predict: event 4 of sequence 3 is none of the 5 outcomes");
    const auto ragged = [&](std::size_t s) {
        return urns::sequence_view(std::span<const std::int32_t>(table).subspan(s * 50, s == 2 ? 29 : 30));
    };
    CHECK_THROWS_WITH((void)r::predict(strategy, 3, ragged), "rationale::predict: sequence 2 has 29 events, must have 30 as sequence 0");

    // Other integers, and a column of a table: tokens of position t are side by side there.
    std::vector<std::uint8_t> bytes(data.tokens.begin(), data.tokens.end());
    CHECK(r::predict(strategy, 7, [&](std::size_t s) { return r::token_view(bytes.data() + s * 30, 30); }).values == usual.values);
    std::vector<std::int64_t> by_position(7 * 30);
    for (std::size_t s = 0; s < 7; ++s)
        for (std::size_t t = 0; t < 30; ++t) by_position[t * 7 + s] = data.tokens(s, t);
    const auto column = [&](std::size_t s) { return r::token_view(by_position.data() + s, 30, 7); };
    CHECK(r::predict(strategy, 7, column).values == usual.values);
    CHECK(r::predict(r::generalizing<urns>(family), 7, column).values == r::predict(r::generalizing<urns>(family), data).values);
    by_position[3 * 7 + 1] = -1;
    CHECK_THROWS_WITH((void)r::predict(strategy, 7, column), "rationale::predict: event 3 of sequence 1 is none of the 5 outcomes");

    using line = r::linear_regression<>;
    const line pairs({.dimensions = 3});
    auto xy = r::sample_sequences(pairs, r::own_prior(pairs), 4, 12, 3).sequences;
    const auto of_pairs = [&](std::size_t s) { return line::sequence_view({xy.x.data() + s * 36, 36}, {xy.y.data() + s * 12, 12}, 3); };
    CHECK(r::predict(r::generalizing<line>(pairs), 4, of_pairs).values == r::predict(r::generalizing<line>(pairs), xy).values);
    xy.x(2, 5, 1) = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH((void)r::predict(r::generalizing<line>(pairs), 4, of_pairs),
                      "rationale::predict: event 5 of sequence 2 has a number that is not finite");
}

TEST_CASE("queries that lie elsewhere: what is no number or no label of the family is refused, as in the library's arrays") {
    using items = r::classification<>;
    const items family({.dimensions = 3, .labels = 4});
    const r::seen_tasks<items> seen(family, r::sample_tasks(family, r::own_prior(family), 5, 1));
    const auto data = r::sample_sequences(family, seen, 3, 6, 2).sequences;
    const auto refused = [&](const auto& strategy, const items::sequences& q) {
        const auto view = [&](std::size_t s) { return family.view(q, s); };
        try {
            (void)r::predict(strategy, 3, view);
        } catch (const std::invalid_argument& e) {
            return std::string(e.what());
        }
        return std::string();
    };
    const auto every = [&](const auto& check) {
        check(r::memorizing<items>(family, seen)), check(r::copying(family)), check(r::recognizing(family, seen));
    };
    every([&](const auto& strategy) {
        CAPTURE(strategy.name());
        CHECK(r::predict(strategy, 3, [&](std::size_t s) { return family.view(data, s); }).values == r::predict(strategy, data).values);
        auto odd = data;
        odd.query(1, 2) = std::numeric_limits<double>::quiet_NaN();
        CHECK(refused(strategy, odd) == "rationale::predict: event 0 of sequence 1 has a number that is not finite");
        odd.query(1, 2) = -std::numeric_limits<double>::infinity();
        CHECK(refused(strategy, odd) == "rationale::predict: event 0 of sequence 1 has a number that is not finite");
        odd = data;
        for (const int label : {4, -1}) {
            odd.item_labels(2, 3) = label;
            CHECK(refused(strategy, odd) ==
                  "rationale::predict: a label in the context of event 0 of sequence 2 is none of the 4 outcomes");
        }
    });
    auto odd = data;
    odd.items(2, 5, 0) = std::numeric_limits<double>::infinity();
    CHECK(refused(r::copying(family), odd) == "");  // infinitely far from the query
    odd.items(2, 5, 0) = std::numeric_limits<double>::quiet_NaN();
    CHECK(refused(r::copying(family), odd) == "rationale::predict: event 0 of sequence 2 has a number that is not finite");
    CHECK_THROWS_AS((void)r::predict(r::recognizing(family, seen), odd), std::invalid_argument);
    CHECK(refused(r::recognizing(family, seen), odd) == "rationale::predict: event 0 of sequence 2 has a number that is not finite");
}
