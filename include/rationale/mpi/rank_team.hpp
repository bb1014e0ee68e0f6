#ifndef RATIONALE_MPI_RANK_TEAM_HPP
#define RATIONALE_MPI_RANK_TEAM_HPP

#include <mpi.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "rationale/mpi/ranks.hpp"
#include "rationale/processes/process_team.hpp"

namespace rationale {

/// Ranks as processes that analyse a recording together (analysis_options::processes). Every rank sends its bytes to all others, some 2^30
/// at a time.
class rank_team final : public process_team {
public:
    /// The ranks must outlive it.
    explicit rank_team(const mpi_ranks& ranks) noexcept : ranks_(ranks) {}

    [[nodiscard]] std::size_t rank() const noexcept override { return ranks_.rank(); }
    [[nodiscard]] std::size_t size() const noexcept override { return ranks_.size(); }

private:
    [[nodiscard]] std::vector<std::string> exchange(std::string mine) override {
        std::vector<std::uint64_t> sizes(size());
        const std::uint64_t own = mine.size();
        MPI_Allgather(&own, 1, MPI_UINT64_T, sizes.data(), 1, MPI_UINT64_T, ranks_.communicator());
        std::vector<std::string> all(size());
        all[rank()] = std::move(mine);
        int enough = 1, all_enough = 1;  // before any sends: else the others would wait for a rank without memory
        try {
            for (std::size_t r = 0; r < size(); ++r) all[r].resize(sizes[r]);
        } catch (const std::bad_alloc&) {
            enough = 0;
        }
        MPI_Allreduce(&enough, &all_enough, 1, MPI_INT, MPI_MIN, ranks_.communicator());
        if (all_enough == 0) throw std::bad_alloc();
        constexpr std::size_t most = std::size_t{1} << 30;
        for (std::size_t r = 0; r < size(); ++r)
            for (std::size_t first = 0; first < sizes[r]; first += most)
                MPI_Bcast(all[r].data() + first, static_cast<int>((std::min)(most, sizes[r] - first)), MPI_CHAR, static_cast<int>(r),
                          ranks_.communicator());
        return all;
    }

    const mpi_ranks& ranks_;
};

}  // namespace rationale

#endif
