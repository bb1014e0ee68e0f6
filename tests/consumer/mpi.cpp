// Seen tasks on ranks: mpirun -n 2 mpi
#include <rationale/mpi/predict_sharded.hpp>
#include <rationale/prior/seen_tasks.hpp>
#include <rationale/rationale.hpp>

#include <cmath>
#include <cstdio>
#include <optional>

using urns = rationale::balls_and_urns<8>;

/// Urns first, ..., first + count - 1 of a training run; a program of yours reads its own part of a file.
urns::task_table some_urns(const urns& family, const rationale::mpi_share& share) {
    auto all = rationale::sample_tasks(family, own_prior(family), share.first + share.count, 1).tasks;
    auto part = rationale::filled<double, 2>({share.count, 8}, 0.0);
    for (std::size_t d = 0; d < share.count; ++d)
        for (std::size_t k = 0; k < 8; ++k) part(d, k) = all(share.first + d, k);
    return {part};
}

int main() {
    const rationale::mpi_session mpi;
    const rationale::mpi_ranks ranks;
    const urns family;
    const auto data = rationale::sample_sequences(family, own_prior(family), 16, 32, 2).sequences;

    const auto mine = ranks.share(1000);  // of 1000 urns
    std::optional<rationale::memorizing<urns>> part;
    ranks.together([&] {  // what may fail on one rank, such as reading a file
        if (mine.count > 0) part.emplace(family, rationale::seen_tasks<urns>(family, some_urns(family, mine)));
    });
    const auto predicted = rationale::predict_sharded(ranks, part, static_cast<double>(mine.count), data);

    if (ranks.rank() == 0) std::printf("p(first draw is 0) = %.6f on %zu ranks\n", predicted.values(0, 0, 0), ranks.size());
    return std::abs(predicted.values(0, 0, 0) - .125) < .02 ? 0 : 1;
}
