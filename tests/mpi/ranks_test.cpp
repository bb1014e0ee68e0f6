#include "rationale/mpi/ranks.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <stdexcept>
#include <string>

using namespace rationale;

TEST_CASE("shares lie one after the other, and no two differ by more than one item") {
    const mpi_ranks ranks;
    for (const std::size_t count : {0u, 1u, 2u, 3u, 7u, 64u, 1000u}) {
        std::size_t next = 0;
        for (std::size_t r = 0; r < ranks.size(); ++r) {
            const auto share = ranks.share(count, r);
            CHECK(share.first == next);
            CHECK(share.count >= count / ranks.size());
            CHECK(share.count <= count / ranks.size() + 1);
            next += share.count;
        }
        CHECK(next == count);
        CHECK(ranks.share(count) == ranks.share(count, ranks.rank()));
    }
}

TEST_CASE("where a rank fails every rank throws its sentence, and the lowest one's where several do") {
    const mpi_ranks ranks;
    const auto of = " of " + std::to_string(ranks.size()) + " failed: ";
    ranks.together([] {});
    for (std::size_t failing = 0; failing < ranks.size(); ++failing) {
        const auto body = [&] {
            if (ranks.rank() >= failing) throw std::invalid_argument("no tasks on " + std::to_string(ranks.rank()));
        };
        const auto sentence = "rank " + std::to_string(failing) + of + "no tasks on " + std::to_string(failing);
        CHECK_THROWS_WITH_AS(ranks.together(body), sentence.c_str(), std::runtime_error);
    }
    const auto number = [&] {
        if (ranks.rank() + 1 == ranks.size()) throw 1;
    };
    CHECK_THROWS_WITH_AS(ranks.together(number),
                         ("rank " + std::to_string(ranks.size() - 1) + of + "it threw what is no std::exception").c_str(),
                         std::runtime_error);
    CHECK_THROWS_WITH_AS(ranks.together([] { throw std::runtime_error(std::string(5000, 'x')); }),
                         ("rank 0" + of + std::string(1023, 'x')).c_str(), std::runtime_error);
}

TEST_CASE("MPI is started once") {
    CHECK_THROWS_WITH_AS(mpi_session(), "rationale::mpi_session: MPI was started before, must be started once", std::runtime_error);
}
