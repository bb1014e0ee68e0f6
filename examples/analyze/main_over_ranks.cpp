// analyze, where there is an MPI: mpirun -n 4 analyze ... divides the work over ranks, else it is the program of main.cpp.
#include "analysis.hpp"
#include "rationale/mpi/over_ranks.hpp"
#include "rationale/program/run_program.hpp"

int main(int argc, char** argv) {
    return rationale::over_ranks(argc, argv, [&](rationale::process_team* team) {
        return rationale::run_program(argc, argv, analyze_known, rationale::known_laws(), team);
    });
}
