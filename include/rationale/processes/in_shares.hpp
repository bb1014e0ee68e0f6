#ifndef RATIONALE_PROCESSES_IN_SHARES_HPP
#define RATIONALE_PROCESSES_IN_SHARES_HPP

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "rationale/processes/detail/bytes.hpp"
#include "rationale/processes/process_team.hpp"

namespace rationale::detail {

/// work(numbers) fills in those of the items, increasing: without a team all of them, else those that fall to this process, one of each
/// `size` in turn; after that every process has all.
template <class T, class Work>
void in_shares(process_team* team, std::vector<T>& items, const Work& work) {
    const std::size_t processes = team ? team->size() : 1;
    const auto share = [&](std::size_t rank) {
        std::vector<std::size_t> out;
        for (std::size_t i = rank; i < items.size(); i += processes) out.push_back(i);
        return out;
    };
    if (processes == 1) return work(share(0));
    auto all = team->together([&] {
        const auto mine = share(team->rank());
        work(mine);
        byte_writer bytes;
        for (const std::size_t i : mine) bytes(items[i]);
        return bytes.take();
    });
    for (std::size_t rank = 0; rank < processes; ++rank) {
        if (rank == team->rank()) continue;
        byte_reader bytes(all[rank]);
        for (const std::size_t i : share(rank)) bytes(items[i]);
        bytes.finish();
        std::string().swap(all[rank]);  // results and what they are made of are not all in memory at once
    }
}

/// Throws std::invalid_argument on all processes unless each describes what it is about to do in the same words.
inline void check_same(process_team* team, const char* where, const std::string& description) {
    if (!team) return;
    const auto all = team->together([&] { return description; });
    for (std::size_t rank = 1; rank < all.size(); ++rank)
        if (all[rank] != all[0])
            throw std::invalid_argument(std::string(where) + ": process " + std::to_string(rank) +
                                        " has another recording or other options than process 0, all must have the same");
}

}  // namespace rationale::detail

#endif
