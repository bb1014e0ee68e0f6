#ifndef RATIONALE_MPI_ANALYZE_PROGRAM_OVER_RANKS_HPP
#define RATIONALE_MPI_ANALYZE_PROGRAM_OVER_RANKS_HPP

#include <vector>

#include "rationale/mpi/over_ranks.hpp"
#include "rationale/program/analyze_program.hpp"

namespace rationale {

/// analyze_program, which `mpirun -n P program ...` runs over P ranks: runs, splits and bootstrap samples are divided, the first rank
/// writes and prints, and the files are those of one process byte for byte. Ranks with different command lines analyse apart, each as one
/// process does. Started in any other way it leaves MPI alone.
template <class Families = known_families, class Make = detail::make_usual_strategies>
[[nodiscard, maybe_unused]] static int analyze_program_over_ranks(int argc, const char* const* argv, const Make& make_strategies = {},
                                                                  const std::vector<any_law>& laws = known_laws()) {
    return over_ranks(argc, argv, [&](process_team* team) { return analyze_program<Families>(argc, argv, make_strategies, laws, team); });
}

}  // namespace rationale

#endif
