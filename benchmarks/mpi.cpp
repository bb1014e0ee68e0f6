// How much faster are ranks than one? The same seen tasks and sequences on 1, 2, 4, ... ranks in turn, sequential on each, the others
// asleep.
//     mpirun --bind-to none -n 4 mpi [ROUNDS]
// Of all rounds the best time counts, and the median of the ratios to one rank within a round.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <optional>
#include <thread>
#include <vector>

#include "rationale/mpi/predict_over_ranks.hpp"
#include "rationale/mpi/predict_sharded.hpp"
#include "rationale/mpi/ranks.hpp"
#include "rationale/rationale.hpp"

namespace {

using urns = rationale::balls_and_urns<8>;
constexpr std::size_t tasks = std::size_t{1} << 18, sequences = 64, context = 128;

/// Ends when all ranks have come here, and takes no processor until then.
void sleep_until_all(const rationale::mpi_ranks& ranks) {
    MPI_Request request{};
    MPI_Ibarrier(ranks.communicator(), &request);
    for (int done = 0; done == 0; MPI_Test(&request, &done, MPI_STATUS_IGNORE)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// Seconds that a collective call takes, from when all ranks of the group are ready.
template <class Call>
double seconds(const rationale::mpi_ranks& group, const Call& call) {
    group.together([] {});
    const auto begin = std::chrono::steady_clock::now();
    call();
    group.together([] {});
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

struct times {
    double sharded;     ///< predict_sharded
    double processor;   ///< processor time of the rank that predicts its part the longest
    double exchange;    ///< predict_sharded with one task a rank
    double over_ranks;  ///< predict_over_ranks
};

times measure(MPI_Comm communicator, const urns& family, const urns::task_table& table, const urns::sequences& data) {
    using memorizing = rationale::memorizing<urns>;
    const rationale::mpi_ranks group(communicator);
    const auto some = [&](const rationale::mpi_share& share) {
        return std::optional(memorizing(family, rationale::seen_tasks<urns>(family, rationale::detail::sequences_of(table, share))));
    };
    const auto mine = group.share(tasks);
    const auto part = some(mine), one = some({group.rank(), 1});
    const memorizing whole(family, rationale::seen_tasks<urns>(family, table));
    times out{};
    out.sharded = seconds(group, [&] { (void)rationale::predict_sharded(group, part, static_cast<double>(mine.count), data); });
    const auto begin = std::clock();
    (void)rationale::predict(*part, data);
    const double processor = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    MPI_Allreduce(&processor, &out.processor, 1, MPI_DOUBLE, MPI_MAX, group.communicator());
    const auto exchange = [&] { return seconds(group, [&] { (void)rationale::predict_sharded(group, one, 1, data); }); };
    out.exchange = exchange();
    for (int again = 0; again < 20; ++again) out.exchange = std::min(out.exchange, exchange());
    out.over_ranks = seconds(group, [&] { (void)rationale::predict_over_ranks(group, whole, data); });
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    const rationale::mpi_session mpi;
    const rationale::mpi_ranks ranks;
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
    const urns family;
    const auto table = rationale::sample_tasks(family, own_prior(family), tasks, 1);
    const auto data = rationale::sample_sequences(family, own_prior(family), sequences, context, 2).sequences;
    std::map<std::size_t, std::vector<times>> all;
    for (int round = 0; round < rounds; ++round)
        for (std::size_t count = 1; count <= ranks.size(); count *= 2) {
            const bool in = ranks.rank() < count;
            MPI_Comm group = MPI_COMM_NULL;
            MPI_Comm_split(ranks.communicator(), in ? 0 : MPI_UNDEFINED, static_cast<int>(ranks.rank()), &group);
            if (in) all[count].push_back(measure(group, family, table, data));
            sleep_until_all(ranks);
            if (in) MPI_Comm_free(&group);
        }
    if (ranks.rank() > 0) return 0;
    std::printf("%zu urns, %zu sequences of %zu draws, %d rounds\n", tasks, sequences, context, rounds);
    std::puts(
        "| ranks | predict_sharded, s | ratio | processor time of a part, s | ratio | one task a rank, s | predict_over_ranks, s | ratio "
        "|");
    std::puts("|---|---|---|---|---|---|---|---|");
    for (const auto& [count, measured] : all) {
        const auto least = [&m = measured](double times::*what) {
            return (*std::min_element(m.begin(), m.end(), [&](const times& a, const times& b) { return a.*what < b.*what; })).*what;
        };
        const auto ratio = [&all, &m = measured](double times::*what) {
            std::vector<double> ratios;
            for (std::size_t i = 0; i < m.size(); ++i) ratios.push_back(all.at(1)[i].*what / m[i].*what);
            std::sort(ratios.begin(), ratios.end());
            return ratios[ratios.size() / 2];
        };
        std::printf("| %zu | %.3f | %.2f | %.3f | %.2f | %.4f | %.3f | %.2f |\n", count, least(&times::sharded), ratio(&times::sharded),
                    least(&times::processor), ratio(&times::processor), least(&times::exchange), least(&times::over_ranks),
                    ratio(&times::over_ranks));
    }
}
