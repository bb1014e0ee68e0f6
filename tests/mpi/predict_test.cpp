#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "rationale/mpi/predict_over_ranks.hpp"
#include "rationale/mpi/predict_sharded.hpp"
#include "rationale/mpi/ranks.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/loss.hpp"
#include "rationale/task/balls_and_urns.hpp"
#include "rationale/task/classification.hpp"
#include "rationale/task/linear_regression.hpp"

using namespace rationale;
using urns = balls_and_urns<>;

/// Bytes that this rank received from others in the collectives that carry predictions.
static std::size_t received = 0;

static void count_received(const int* counts, MPI_Datatype type, MPI_Comm communicator) {
    int rank = 0, size = 0, bytes = 0;
    PMPI_Comm_rank(communicator, &rank);
    PMPI_Comm_size(communicator, &size);
    PMPI_Type_size(type, &bytes);
    for (int r = 0; r < size; ++r)
        if (r != rank) received += static_cast<std::size_t>(counts[r]) * static_cast<std::size_t>(bytes);
}

extern "C" {
int MPI_Alltoallv(const void* out, const int* sent, const int* from, MPI_Datatype sent_type, void* in, const int* counts, const int* to,
                  MPI_Datatype type, MPI_Comm communicator) {
    count_received(counts, type, communicator);
    return PMPI_Alltoallv(out, sent, from, sent_type, in, counts, to, type, communicator);
}
int MPI_Allgatherv(const void* out, int sent, MPI_Datatype sent_type, void* in, const int* counts, const int* to, MPI_Datatype type,
                   MPI_Comm communicator) {
    count_received(counts, type, communicator);
    return PMPI_Allgatherv(out, sent, sent_type, in, counts, to, type, communicator);
}
}

namespace {

/// An executor that goes backwards.
struct backwards {
    template <class Body>
    void operator()(std::size_t count, Body&& body) const {
        while (count-- > 0) body(count);
    }
};

bool same(const predictions& a, const predictions& b) {
    return a.kind == b.kind && a.values == b.values && a.log_evidence == b.log_evidence;
}
/// Largest difference of values and of evidence, relative to what is above 1.
double difference(const predictions& a, const predictions& b) {
    REQUIRE(a.values.shape() == b.values.shape());
    double most = 0;
    const auto add = [&](double x, double y) { most = std::max(most, std::abs(x - y) / std::max(1.0, std::abs(y))); };
    for (std::size_t i = 0; i < a.values.size(); ++i) add(a.values.data()[i], b.values.data()[i]);
    for (std::size_t i = 0; i < a.log_evidence.size(); ++i) add(a.log_evidence.data()[i], b.log_evidence.data()[i]);
    return most;
}

/// Seen tasks, whole and by rank, and sequences.
template <class F>
struct made {
    F family;
    typename F::task_table table;
    typename F::sequences data;

    made(const F& of, std::size_t tasks, std::size_t sequences, std::size_t context)
        : family(of),
          table(sample_tasks(family, own_prior(family), tasks, 1)),
          data(sample_sequences(family, seen_tasks<F>(family, table), sequences, context, 2).sequences) {}

    [[nodiscard]] memorizing<F> whole() const { return {family, seen_tasks<F>(family, table)}; }
    [[nodiscard]] std::optional<memorizing<F>> part(const mpi_share& share) const {
        if (share.count == 0) return std::nullopt;
        return memorizing<F>(family, seen_tasks<F>(family, detail::sequences_of(table, share)));
    }
};

/// calls body(made) for urns, regression and classification.
template <class Body>
void each_family(std::size_t tasks, std::size_t sequences, const Body& body) {
    body(made<urns>(urns({.categories = 5}), tasks, sequences, 12));
    body(made<linear_regression<>>(linear_regression<>({.dimensions = 3, .noise_variance = .1}), tasks, sequences, 12));
    body(made<classification<>>(classification<>({.dimensions = 4, .labels = 3}), tasks, sequences, 6));
}

}  // namespace

TEST_CASE("parts on ranks predict as one process does, whatever the executor, also with more ranks than tasks") {
    const mpi_ranks ranks;
    for (const std::size_t tasks : {1u, 2u, 3u, 50u})
        for (const std::size_t sequences : {0u, 1u, 9u})
            each_family(tasks, sequences, [&](const auto& all) {
                const auto mine = ranks.share(tasks);
                const auto part = all.part(mine);
                const auto mass = static_cast<double>(mine.count);
                const auto sharded = predict_sharded(ranks, part, mass, all.data);
                const auto one = predict(all.whole(), all.data);
                INFO(tasks, " tasks, ", sequences, " sequences, ", part.has_value());
                CHECK(difference(sharded, one) < 1e-12);
                if (ranks.size() == 1) CHECK(same(sharded, one));
                CHECK(same(sharded, predict_sharded(ranks, part, mass, all.data, threads{3})));
                CHECK(same(sharded, predict_sharded(ranks, part, mass, all.data, backwards{})));
            });
}

TEST_CASE("masses are relative, and those of parts with unequal weights are what these sum to") {
    const mpi_ranks ranks;
    const made<urns> all(urns({.categories = 4}), 11, 5, 20);
    std::vector<double> weights;
    for (std::size_t d = 0; d < 11; ++d) weights.push_back(1 + static_cast<double>(d * d % 5));
    const auto mine = ranks.share(11);
    const std::vector<double> own(weights.begin() + static_cast<std::ptrdiff_t>(mine.first),
                                  weights.begin() + static_cast<std::ptrdiff_t>(mine.first + mine.count));
    double mass = 0;
    for (double w : own) mass += w;
    const std::optional part(memorizing<urns>(all.family, seen_tasks<urns>(all.family, detail::sequences_of(all.table, mine), own)));
    const auto one = predict(memorizing<urns>(all.family, seen_tasks<urns>(all.family, all.table, weights)), all.data);
    CHECK(difference(predict_sharded(ranks, part, mass, all.data), one) < 1e-12);
    CHECK(difference(predict_sharded(ranks, part, 1e300 * mass, all.data), one) < 1e-12);
}

TEST_CASE("a rank receives less than twice a sequence's predictions for each sequence, however many tasks and chunks there are") {
    const mpi_ranks ranks;
    constexpr std::size_t sequences = 1500, context = 40, outcomes = 8, bytes = 8 * (context * (outcomes + 1) + 1);
    static_assert(sequences * bytes > detail::mpi_chunk_bytes);
    for (const std::size_t tasks : {4u, 8u}) {  // every rank has one
        const made<urns> all(urns({.categories = outcomes}), tasks, sequences, context);
        const auto mine = ranks.share(tasks);
        received = 0;
        const auto sharded = predict_sharded(ranks, all.part(mine), static_cast<double>(mine.count), all.data);
        const std::size_t others = sequences - ranks.share(sequences).count;
        CHECK(received == bytes * (others + ranks.share(sequences).count * (ranks.size() - 1)));
        CHECK(difference(sharded, predict(all.whole(), all.data)) < 1e-12);
        received = 0;
        CHECK(same(predict_over_ranks(ranks, all.whole(), all.data), predict(all.whole(), all.data)));
        CHECK(received == bytes * others);
    }
}

TEST_CASE("sequences over ranks are predicted bit for bit as by one process") {
    const mpi_ranks ranks;
    for (const std::size_t sequences : {0u, 1u, 2u, 3u, 33u})
        each_family(20, sequences, [&](const auto& all) {
            const auto one = predict(all.whole(), all.data);
            CHECK(same(predict_over_ranks(ranks, all.whole(), all.data), one));
            CHECK(same(predict_over_ranks(ranks, all.whole(), all.data, threads{2}), one));
        });
}

TEST_CASE("losses over ranks are those of one process") {
    const mpi_ranks ranks;
    const made<urns> all(urns({.categories = 4}), 8, 1, 10);
    const memorizing<urns> m = all.whole();
    const bayes g(all.family, own_prior(all.family));
    const loss_options options{.seed = 3, .relative_error = .1, .batch = 50, .most_sequences = 400};
    const std::array<std::optional<double>, 2> unknown{};
    const auto estimate = [&](const auto& predict_by) {
        const auto both = [&](const auto& data) { return std::vector<predictions>{predict_by(m, data), predict_by(g, data)}; };
        return estimate_losses(all.family, both, unknown, seen_tasks<urns>(all.family, all.table), 10, options);
    };
    const auto one = estimate([](const auto& s, const auto& data) { return predict(s, data); });
    const auto many = estimate([&](const auto& s, const auto& data) { return predict_over_ranks(ranks, s, data); });
    CHECK(one.mean == many.mean);
    CHECK(one.standard_error == many.standard_error);
    CHECK(one.sequences == many.sequences);
}

TEST_CASE("what a sequence shows may be excluded by all parts or by some") {
    const mpi_ranks ranks;
    const urns family({.categories = 3});
    urns::sequences data{ndarray<std::int32_t, 2>{{1, 0, 1}, {2, 0, 1}}};
    const bool last = ranks.rank() + 1 == ranks.size();
    const auto part = [&](bool all) {  // outcome 2 is never shown, or by the last rank's part alone
        const double p = !all && last ? .5 : 0;
        return std::optional(memorizing<urns>(family, {family, {ndarray<double, 2>{{.25, .75 - p, p}}}}));
    };
    const auto masked = predict_sharded(ranks, part(true), 1, data, {}, impossible_context::mask);
    CHECK(std::isnan(masked.values(1, 1, 0)));
    CHECK(masked.values(0, 1, 0) == doctest::Approx(.25));
    CHECK_THROWS_WITH_AS((void)predict_sharded(ranks, part(true), 1, data),
                         "rationale::predict: the prior of all ranks gives probability 0 to what sequence 1 shows before event 1",
                         impossible_context_error);
    const auto some = predict_sharded(ranks, part(false), 1, data);
    CHECK(some.values(1, 1, 2) == doctest::Approx(.5));
    CHECK(some.log_evidence(1, 1) == doctest::Approx(std::log(.5 / static_cast<double>(ranks.size()))));
    const auto s = *part(true);
    CHECK(std::isnan(predict_over_ranks(ranks, s, data, {}, impossible_context::mask).values(1, 1, 0)));
    CHECK_THROWS_WITH_AS((void)predict_over_ranks(ranks, s, data),
                         "rationale::predict: memorizing gives probability 0 to what sequence 1 shows before event 1",
                         impossible_context_error);
}

TEST_CASE("every rank refuses what one rank has wrong") {
    const mpi_ranks ranks;
    made<linear_regression<>> all(linear_regression<>({.dimensions = 2, .noise_variance = .1}), 8, 5, 6);
    const auto part = all.part(ranks.share(8));
    const bool last = ranks.rank() + 1 == ranks.size();
    const auto name = "rank " + std::to_string(ranks.size() - 1) + " of " + std::to_string(ranks.size()) + " failed: ";
    CHECK_THROWS_WITH_AS((void)predict_sharded(ranks, part, last ? -1 : 1, all.data),
                         (name + "rationale::predict_sharded: the mass is -1, must be a finite number above 0").c_str(),
                         std::runtime_error);
    CHECK_THROWS_WITH_AS((void)predict_sharded(ranks, std::optional<memorizing<linear_regression<>>>(), 0, all.data),
                         "rationale::predict_sharded: the sum over every mass is 0, must be above 0", std::invalid_argument);
    auto data = all.data;
    data.y(4, 2) = std::numeric_limits<double>::infinity();
    const auto faulty = "rank 0 of " + std::to_string(ranks.size()) + " failed: ";
    CHECK_THROWS_WITH_AS((void)predict_sharded(ranks, part, 1, data),
                         (faulty + "rationale::predict: y holds inf at flat position 26, must be finite").c_str(), std::runtime_error);
    CHECK_THROWS_WITH_AS((void)predict_over_ranks(ranks, all.whole(), data),
                         (faulty + "rationale::predict_over_ranks: y holds inf at flat position 26, must be finite").c_str(),
                         std::runtime_error);
    if (ranks.size() == 1) return;
    if (last) all.data.y(0, 0) += 1;
    CHECK_THROWS_WITH_AS((void)predict_sharded(ranks, part, 1, all.data),
                         "rationale::predict_sharded: the ranks have different sequences, must have the same", std::invalid_argument);
    CHECK_THROWS_WITH_AS((void)predict_over_ranks(ranks, all.whole(), all.data),
                         "rationale::predict_over_ranks: the ranks have different sequences, must have the same", std::invalid_argument);
    const made<urns> draws(urns({.categories = 4}), 8, 5, 6);
    const urns own({.categories = last ? std::size_t{5} : std::size_t{4}});
    CHECK_THROWS_AS(
        predict_sharded(ranks, std::optional(memorizing<urns>(own, seen_tasks<urns>(own, sample_tasks(own, own_prior(own), 2, 1)))), 1,
                        draws.data),
        std::invalid_argument);
}
