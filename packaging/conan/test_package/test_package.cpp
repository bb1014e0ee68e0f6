// A prediction that can be worked out by hand, and a line of each component that the package has.
#include <rationale/strategy/generalizing.hpp>
#include <rationale/task/balls_and_urns.hpp>

#include <cmath>
#include <cstdio>

#ifdef TEST_FILES
#include <rationale/figure/figure.hpp>
#include <rationale/recording/npz.hpp>
#endif
#ifdef TEST_COMPRESSION
#include <rationale/complexity/compressors.hpp>
#endif
#ifdef TEST_PROGRAM
#include <rationale/program/command_line.hpp>
#include <rationale/program/sha256.hpp>
#endif
#ifdef TEST_MPI
#include <rationale/mpi/ranks.hpp>
#endif

int main() {
    using urns = rationale::balls_and_urns<8>;
    const auto prediction = rationale::predict(rationale::generalizing<urns>(urns{}), {{{2, 2, 5, 2}}});
    bool good = std::abs(prediction.values(0, 3, 2) - (2 + 1) / (3. + 8)) < 1e-12;
#ifdef TEST_FILES
    try {
        const rationale::npz_file missing("no such file.npz");
        good = false;
    } catch (const rationale::recording_error&) {
    }
    good = good && rationale::figure{"name", "title", "caption", {{{"step", 1}}}, {}}.csv() == "step\n1\n";
#endif
#ifdef TEST_COMPRESSION
    good = good && rationale::system_compressors().size() == 4;
#endif
#ifdef TEST_PROGRAM
    good = good && !rationale::detail::rationale_version().empty() && rationale::detail::system_sha256();
#endif
#ifdef TEST_MPI
    const rationale::mpi_session mpi;
    good = good && rationale::mpi_ranks().size() >= 1;
#endif
    std::puts(good ? "rationale works" : "rationale does not work");
    return good ? 0 : 1;
}
