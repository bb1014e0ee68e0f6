// Processes that are threads: what a process_team does, without MPI.
#ifndef RATIONALE_TESTS_SUPPORT_THREAD_TEAM_HPP
#define RATIONALE_TESTS_SUPPORT_THREAD_TEAM_HPP

#include <barrier>
#include <cstddef>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "rationale/processes/process_team.hpp"

namespace rationale::test {

/// What the members of a team have in common.
struct thread_table {
    explicit thread_table(std::size_t members) : bytes(members), here(static_cast<std::ptrdiff_t>(members)) {}
    std::vector<std::string> bytes;
    std::barrier<> here;
};

class thread_team final : public process_team {
public:
    thread_team(thread_table& table, std::size_t rank) : table_(table), rank_(rank) {}
    [[nodiscard]] std::size_t rank() const noexcept override { return rank_; }
    [[nodiscard]] std::size_t size() const noexcept override { return table_.bytes.size(); }

private:
    [[nodiscard]] std::vector<std::string> exchange(std::string mine) override {
        table_.bytes[rank_] = std::move(mine);
        table_.here.arrive_and_wait();
        auto all = table_.bytes;
        table_.here.arrive_and_wait();
        return all;
    }

    thread_table& table_;
    std::size_t rank_;
};

/// work(team) on each of so many members at once.
template <class Work>
void as_team(std::size_t members, const Work& work) {
    thread_table table(members);
    std::vector<std::jthread> all;
    for (std::size_t rank = 0; rank < members; ++rank)
        all.emplace_back([&, rank] {
            thread_team team(table, rank);
            work(team);
        });
}

}  // namespace rationale::test

#endif
