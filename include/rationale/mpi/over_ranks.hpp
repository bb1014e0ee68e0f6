#ifndef RATIONALE_MPI_OVER_RANKS_HPP
#define RATIONALE_MPI_OVER_RANKS_HPP

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <string>

#include "rationale/mpi/rank_team.hpp"
#include "rationale/mpi/ranks.hpp"
#include "rationale/processes/process_team.hpp"

namespace rationale {

/// Whether mpirun, mpiexec or srun has started this process as a rank, by the variables that Open MPI, MPICH and its kin, and PMIx set, and
/// RATIONALE_ALONE does not tell it to leave MPI alone. What a rank starts inherits them: it then needs RATIONALE_ALONE=1.
[[nodiscard]] inline bool started_as_rank() noexcept {
    constexpr std::array variables{"OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMI_SIZE", "PMIX_RANK"};
    return std::getenv("RATIONALE_ALONE") == nullptr &&
           std::any_of(variables.begin(), variables.end(), [](const char* name) { return std::getenv(name) != nullptr; });
}

/// What `program` returns, called with the team of the ranks of `mpirun -n P program ...`. Ranks with different command lines have none and
/// run apart, as one process does. Started in any other way it leaves MPI alone.
[[nodiscard]] inline int over_ranks(int argc, const char* const* argv, const std::function<int(process_team*)>& program) {
    if (!started_as_rank()) return program(nullptr);
    const mpi_session mpi;
    const mpi_ranks ranks;
    rank_team team(ranks);
    std::string line;
    for (int i = 1; i < argc; ++i) line += argv[i], line += '\0';
    const auto lines = team.together([&] { return line; });
    const bool same = std::all_of(lines.begin(), lines.end(), [&](const std::string& other) { return other == lines[0]; });
    return program(same ? &team : nullptr);
}

}  // namespace rationale

#endif
