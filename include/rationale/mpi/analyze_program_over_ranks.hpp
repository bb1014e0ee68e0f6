#ifndef RATIONALE_MPI_ANALYZE_PROGRAM_OVER_RANKS_HPP
#define RATIONALE_MPI_ANALYZE_PROGRAM_OVER_RANKS_HPP

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "rationale/mpi/rank_team.hpp"
#include "rationale/mpi/ranks.hpp"
#include "rationale/program/analyze_program.hpp"

namespace rationale {

/// Whether mpirun, mpiexec or srun has started this process as a rank, by the variables that Open MPI, MPICH and its kin, and PMIx set, and
/// RATIONALE_ALONE does not tell it to leave MPI alone. What a rank starts inherits them: it then needs RATIONALE_ALONE=1.
[[nodiscard]] inline bool started_as_rank() noexcept {
    constexpr std::array variables{"OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMI_SIZE", "PMIX_RANK"};
    return std::getenv("RATIONALE_ALONE") == nullptr &&
           std::any_of(variables.begin(), variables.end(), [](const char* name) { return std::getenv(name) != nullptr; });
}

/// analyze_program, which `mpirun -n P program ...` runs over P ranks: runs, splits and bootstrap samples are divided, the first rank
/// writes and prints, and the files are those of one process byte for byte. Ranks with different command lines analyse apart, each as one
/// process does. Started in any other way it leaves MPI alone.
template <class Families = known_families, class Make = detail::make_usual_strategies>
[[nodiscard, maybe_unused]] static int analyze_program_over_ranks(int argc, const char* const* argv, const Make& make_strategies = {},
                                                                  const std::vector<any_law>& laws = known_laws()) {
    if (!started_as_rank()) return analyze_program<Families>(argc, argv, make_strategies, laws);
    const mpi_session mpi;
    const mpi_ranks ranks;
    rank_team team(ranks);
    std::string line;
    for (int i = 1; i < argc; ++i) line += argv[i], line += '\0';
    const auto lines = team.together([&] { return line; });
    const bool same = std::all_of(lines.begin(), lines.end(), [&](const std::string& other) { return other == lines[0]; });
    return analyze_program<Families>(argc, argv, make_strategies, laws, same ? &team : nullptr);
}

}  // namespace rationale

#endif
