#ifndef RATIONALE_MPI_DETAIL_ROWS_HPP
#define RATIONALE_MPI_DETAIL_ROWS_HPP

#include <mpi.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/mpi/ranks.hpp"
#include "rationale/task/field.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale::detail {

/// value as MPI's counts are; throws std::length_error where it is too large.
inline int mpi_count(std::size_t value) {
    if (std::cmp_greater(value, (std::numeric_limits<int>::max)()))
        throw std::length_error("rationale: MPI counts to 2147483647, there are " + std::to_string(value));
    return static_cast<int>(value);
}

/// Entries along an array's first axis, of `numbers` doubles each, as one type of MPI: counts and places are then entries, not numbers.
class mpi_rows {
public:
    explicit mpi_rows(std::size_t numbers) {
        MPI_Type_contiguous(mpi_count(numbers), MPI_DOUBLE, &type_);
        MPI_Type_commit(&type_);
    }
    mpi_rows(const mpi_rows&) = delete;
    mpi_rows& operator=(const mpi_rows&) = delete;
    ~mpi_rows() { MPI_Type_free(&type_); }
    [[nodiscard]] MPI_Datatype type() const noexcept { return type_; }

private:
    MPI_Datatype type_ = MPI_DATATYPE_NULL;
};

/// Throws std::invalid_argument on every rank unless all have the same sequences, by FNV-1a of their shapes and bytes.
template <class Sequences>
void check_same_sequences(const char* where, const mpi_ranks& ranks, const Sequences& data) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    const auto add = [&](const void* from, std::size_t bytes) {
        for (std::size_t i = 0; i < bytes; ++i) hash = (hash ^ static_cast<const unsigned char*>(from)[i]) * 0x100000001b3u;
    };
    for_each_field<Sequences>([&](const auto& f) {
        const auto& a = data.*f.member;
        for (const auto length : a.shape()) add(&length, sizeof length);
        add(a.data(), a.size() * sizeof *a.data());
    });
    const std::array<std::uint64_t, 2> mine{hash, ~hash};  // the least of the second is the complement of the largest of the first
    std::array<std::uint64_t, 2> least{};
    MPI_Allreduce(mine.data(), least.data(), 2, MPI_UINT64_T, MPI_MIN, ranks.communicator());
    if (least[0] != ~least[1]) throw std::invalid_argument(std::string(where) + ": the ranks have different sequences, must have the same");
}

/// Every rank has computed its share of the sequences; after this all have all. In place.
inline void gather_shares(const mpi_ranks& ranks, predictions& all) {
    std::vector<int> counts, places;
    for (std::size_t r = 0; r < ranks.size(); ++r) {
        const auto share = ranks.share(all.sequences(), r);
        counts.push_back(mpi_count(share.count));
        places.push_back(mpi_count(share.first));
    }
    const auto gather = [&](double* numbers, std::size_t row) {
        const mpi_rows rows(row);
        MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, numbers, counts.data(), places.data(), rows.type(), ranks.communicator());
    };
    gather(all.values.data(), all.events() * all.outcomes());
    gather(all.log_evidence.data(), all.events() + 1);
}

}  // namespace rationale::detail

#endif
