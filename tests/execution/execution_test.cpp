#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "rationale/execution.hpp"
#include "support/effort.hpp"

namespace r = rationale;

static_assert(r::executor<r::sequential> && r::executor<r::threads> && r::executor<r::any_executor>);

TEST_CASE("every index runs once") {
    for (std::size_t workers : {0u, 1u, 2u, 7u})
        for (std::size_t count : {0u, 1u, 2u, 100u}) {
            std::vector<std::atomic<int>> runs(count);
            r::threads{workers}(count, [&](std::size_t i) { ++runs[i]; });
            for (const auto& n : runs) CHECK(n == 1);
        }
}

TEST_CASE("sequential runs every index once, in order") {
    std::vector<std::size_t> seen;
    r::sequential{}(4, [&](std::size_t i) { seen.push_back(i); });
    CHECK(seen == std::vector<std::size_t>{0, 1, 2, 3});
    r::sequential{}(0, [&](std::size_t) { FAIL("nothing to run"); });
}

TEST_CASE("an executor whose type is forgotten runs as the one that it holds, and knows whether that is sequential") {
    CHECK(r::any_executor{}.is_sequential());
    const r::any_executor here = r::sequential{}, there = r::threads{3}, copy = there;
    CHECK(here.is_sequential());
    CHECK_FALSE(copy.is_sequential());
    std::vector<std::size_t> order;
    here(4, [&](std::size_t i) { order.push_back(i); });
    CHECK(order == std::vector<std::size_t>{0, 1, 2, 3});
    std::vector<std::atomic<int>> runs(100);
    copy(runs.size(), [&](std::size_t i) { ++runs[i]; });
    for (const auto& n : runs) CHECK(n == 1);
    CHECK_THROWS_AS(there(3, [](std::size_t) { throw std::runtime_error("each"); }), std::runtime_error);
}

TEST_CASE("an exception comes out, and no thread is left behind") {
    std::atomic<int> active{0};
    CHECK_THROWS_AS(r::threads{4}(1000,
                                  [&](std::size_t i) {
                                      ++active;
                                      --active;
                                      if (i == 10) throw std::runtime_error("ten");
                                  }),
                    std::runtime_error);
    CHECK(active == 0);
    CHECK_THROWS_AS(r::sequential{}(3,
                                    [](std::size_t i) {
                                        if (i == 1) throw std::runtime_error("one");
                                    }),
                    std::runtime_error);
}

TEST_CASE("executors nest") {
    std::atomic<int> runs{0};
    r::threads{2}(4, [&](std::size_t) { r::threads{2}(5, [&](std::size_t) { ++runs; }); });
    CHECK(runs == 20);
}

TEST_CASE("where the system starts no more threads, those that there are do the work") {
    if (sanitized) return;  // sanitizers need more addresses than there are below
    const pid_t child = fork();
    if (child == 0) {
        const rlimit few{200u << 20, 200u << 20};  // of addresses: room for the stacks of some twenty threads
        if (setrlimit(RLIMIT_AS, &few) != 0) _exit(2);
        std::atomic<std::size_t> runs{0};
        try {
            r::threads{1000}(1000, [&](std::size_t) { ++runs; });
        } catch (...) {
            _exit(1);
        }
        _exit(runs == 1000 ? 0 : 3);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}
