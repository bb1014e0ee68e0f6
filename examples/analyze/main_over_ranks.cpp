// analyze, where there is an MPI: mpirun -n 4 analyze ... divides the work over ranks, else it is the program of main.cpp.
#include "instances.hpp"
#include "rationale/mpi/analyze_program_over_ranks.hpp"

int main(int argc, char** argv) { return rationale::analyze_program_over_ranks(argc, argv); }
