// Values that several processes compute, each its part.
#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/processes/in_shares.hpp"
#include "rationale/split.hpp"
#include "support/thread_team.hpp"

namespace r = rationale;
using r::test::as_team;
using r::test::thread_team;

namespace {

enum class colour : unsigned char { red, blue };

/// Everything that is carried.
struct everything {
    double number = 0;
    bool yes = false;
    colour is = colour::red;
    std::string text{};
    std::vector<std::vector<double>> rows{};
    std::array<int, 2> pair{};
    std::pair<std::size_t, float> mixed{};
    std::optional<double> some{}, none{};
    r::per_split<std::vector<int>> splits{};
    r::ndarray<double, 2> array = r::filled<double, 2>({0, 0}, 0.0);
    std::shared_ptr<const std::vector<double>> shared{};
};
template <class Bytes>
void fields(Bytes& bytes, everything& x) {
    auto& [number, yes, is, text, rows, pair, mixed, some, none, splits, array, shared] = x;
    bytes(number, yes, is, text, rows, pair, mixed, some, none, splits, array, shared);
}

everything of_item(std::size_t i, const std::shared_ptr<const std::vector<double>>& shared) {
    const auto x = static_cast<double>(i);
    return {.number = i == 3 ? std::numeric_limits<double>::infinity() : x / 3,
            .yes = i % 2 == 1,
            .is = colour::blue,
            .text = std::string(i, 'a'),
            .rows = {{x}, {}, {x, -x}},
            .pair = {static_cast<int>(i), 7},
            .mixed = {i, 0.5F},
            .some = x,
            .splits = {{1, 2}, {static_cast<int>(i)}},
            .array = r::filled<double, 2>({i, 2}, x),
            .shared = i == 4 ? nullptr : shared};
}

void check_item(const everything& found, std::size_t i, const std::vector<double>& shared) {
    const auto wanted = of_item(i, nullptr);
    CHECK(found.number == wanted.number);
    CHECK(found.yes == wanted.yes);
    CHECK(found.is == wanted.is);
    CHECK(found.text == wanted.text);
    CHECK(found.rows == wanted.rows);
    CHECK(found.pair == wanted.pair);
    CHECK(found.mixed == wanted.mixed);
    CHECK(found.some == wanted.some);
    CHECK(!found.none);
    CHECK(found.splits == wanted.splits);
    CHECK(found.array == wanted.array);
    if (i == 4) CHECK(found.shared == nullptr);
    else CHECK(*found.shared == shared);
}

}  // namespace

TEST_CASE("in shares: every process has what all have computed, each item computed once, for any number of processes") {
    for (const std::size_t members : {1, 2, 3, 8}) {
        CAPTURE(members);
        constexpr std::size_t items = 6;
        std::vector<std::vector<std::size_t>> computed(members);
        std::vector<std::vector<everything>> found(members, std::vector<everything>(items));
        as_team(members, [&](thread_team& team) {
            auto& mine = found[team.rank()];
            const auto shared = std::make_shared<const std::vector<double>>(3, 0.25);
            r::detail::in_shares(&team, mine, [&](const std::vector<std::size_t>& numbers) {
                computed[team.rank()] = numbers;
                for (const std::size_t i : numbers) mine[i] = of_item(i, shared);
            });
        });
        std::size_t count = 0;
        for (const auto& numbers : computed) count += numbers.size();
        CHECK(count == items);
        for (const auto& of_process : found)
            for (std::size_t i = 0; i < items; ++i) check_item(of_process[i], i, {0.25, 0.25, 0.25});
        // What another process shared is shared here too: items 0 and 2 are of one process of two.
        if (members == 2) {
            CHECK(found[1][0].shared == found[1][2].shared);
            CHECK(found[1][0].shared != found[1][1].shared);
        }
    }
    std::vector<int> alone(4);
    r::detail::in_shares(nullptr, alone, [&](const std::vector<std::size_t>& numbers) {
        for (const std::size_t i : numbers) alone[i] = static_cast<int>(i);
    });
    CHECK(alone == std::vector<int>{0, 1, 2, 3});
}

TEST_CASE("in shares: what one process throws all throw, that of the lowest, of its kind") {
    const auto thrown_on_all = [](const auto& fail) {
        std::vector<std::string> said(3);
        as_team(3, [&](thread_team& team) {
            std::vector<int> items(5);
            try {
                r::detail::in_shares(&team, items, [&](const std::vector<std::size_t>&) {
                    if (team.rank() > 0) fail(team.rank());
                });
            } catch (const std::invalid_argument& e) {
                said[team.rank()] = std::string("invalid argument: ") + e.what();
            } catch (const std::domain_error& e) {
                said[team.rank()] = std::string("domain: ") + e.what();
            } catch (const std::bad_alloc&) {
                said[team.rank()] = "no memory";
            } catch (const std::runtime_error& e) {
                said[team.rank()] = e.what();
            }
            team.leave(nullptr);  // it is known already: nobody waits
        });
        CHECK(said[1] == said[0]);
        CHECK(said[2] == said[0]);
        return said[0];
    };
    CHECK(thrown_on_all([](std::size_t rank) { throw std::invalid_argument("of " + std::to_string(rank)); }) == "invalid argument: of 1");
    CHECK(thrown_on_all([](std::size_t rank) { throw std::domain_error("of " + std::to_string(rank)); }) == "domain: of 1");
    CHECK(thrown_on_all([](std::size_t) { throw std::bad_alloc(); }) == "no memory");
    CHECK(thrown_on_all([](std::size_t) { throw std::out_of_range("too far"); }) == "too far");
    CHECK(thrown_on_all([](std::size_t) { throw 1; }) == "it threw what is no std::exception");
}

TEST_CASE("a process that leaves is known to the others at their next step") {
    std::vector<std::string> said(3);
    as_team(3, [&](thread_team& team) {
        try {
            (void)team.together([] { return std::string("here"); });
            if (team.rank() == 2) throw std::runtime_error("the file is gone");
            (void)team.together([] { return std::string("never"); });
        } catch (const std::exception& e) {
            said[team.rank()] = e.what();
            team.leave(std::current_exception());
        }
    });
    CHECK(said == std::vector<std::string>(3, "the file is gone"));
}

TEST_CASE("a team goes on after a failure: the next one is made known too") {
    std::vector<std::vector<std::string>> said(2);
    as_team(2, [&](thread_team& team) {
        for (const char* what : {"first", "second"}) try {
                (void)team.together([] { return std::string(); });
                if (team.rank() == 1) throw std::runtime_error(what);
                (void)team.together([] { return std::string(); });
            } catch (const std::exception& e) {
                said[team.rank()].emplace_back(e.what());
                team.leave(std::current_exception());
            }
    });
    CHECK(said == std::vector<std::vector<std::string>>(2, {"first", "second"}));
}

TEST_CASE("processes that are about to do different things are told so, and bytes that do not fit are no values") {
    std::vector<std::string> said(3);
    as_team(3, [&](thread_team& team) {
        r::detail::check_same(&team, "here", "the same");
        try {
            r::detail::check_same(&team, "here", team.rank() == 2 ? "another" : "the same");
        } catch (const std::invalid_argument& e) {
            said[team.rank()] = e.what();
        }
    });
    CHECK(said ==
          std::vector<std::string>(3, "here: process 2 has another recording or other options than process 0, all must have the same"));
    r::detail::check_same(nullptr, "here", "alone");

    r::detail::byte_writer write;
    std::vector<double> three{1, 2, 3};
    write(three);
    const std::string bytes = write.take(), short_bytes = bytes.substr(0, bytes.size() - 1);
    r::detail::byte_reader early(bytes);
    CHECK_THROWS_AS(early.finish(), std::runtime_error);
    r::detail::byte_reader cut(short_bytes);
    CHECK_THROWS_AS(cut(three), std::runtime_error);
}
