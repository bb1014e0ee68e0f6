// Every rank runs all cases; rank 0 prints, another one only if it fails, and one that fails makes all fail.
// --killed or --thrown: the last rank dies so while the others wait for it.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csignal>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "rationale/mpi/ranks.hpp"

namespace {

void die(std::string_view how, const rationale::mpi_ranks& ranks) {
    if (ranks.rank() + 1 == ranks.size()) {
        if (how == "--killed") std::raise(SIGKILL);
        throw std::runtime_error("the last rank throws");
    }
    ranks.together([] {});
}

}  // namespace

int main(int argc, char** argv) try {
    const rationale::mpi_session mpi;
    const rationale::mpi_ranks ranks;
    if (argc == 2 && (argv[1] == std::string_view("--killed") || argv[1] == std::string_view("--thrown"))) die(argv[1], ranks);
    std::ostringstream printed;
    doctest::Context context(argc, argv);
    if (ranks.rank() > 0) context.setCout(&printed);
    const int failed = context.run();
    if (ranks.rank() > 0 && failed != 0) std::cout << "rank " << ranks.rank() << ":\n" << printed.str();
    int any = failed;
    MPI_Allreduce(&failed, &any, 1, MPI_INT, MPI_MAX, ranks.communicator());
    return any;
} catch (const std::exception& e) {
    std::cout << e.what() << '\n';
    return 0;  // what is seen is the end that ~mpi_session makes
}
