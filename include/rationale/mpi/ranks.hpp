#ifndef RATIONALE_MPI_RANKS_HPP
#define RATIONALE_MPI_RANKS_HPP

#include <mpi.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rationale {

/// MPI from here to the end of the scope, for programs that do not start it themselves. Left by an exception it ends every rank by
/// MPI_Abort, since MPI_Finalize would wait for ranks that wait for this one: catch inside of it what is to be printed.
class mpi_session {
public:
    /// MPI_Init_thread with MPI_THREAD_FUNNELED: an executor's threads may run, and none of them calls MPI. Throws std::runtime_error where
    /// MPI runs already or has no such support.
    mpi_session() {
        int started = 0, provided = 0;
        MPI_Initialized(&started);
        if (started != 0) throw std::runtime_error("rationale::mpi_session: MPI was started before, must be started once");
        MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
        if (provided >= MPI_THREAD_FUNNELED) return;
        MPI_Finalize();
        throw std::runtime_error("rationale::mpi_session: this MPI does not support threads beside the one that calls it");
    }
    mpi_session(const mpi_session&) = delete;
    mpi_session& operator=(const mpi_session&) = delete;
    /// Collective.
    ~mpi_session() {
        if (std::uncaught_exceptions() > 0) MPI_Abort(MPI_COMM_WORLD, 1);
        MPI_Finalize();
    }
};

/// Items first, first + 1, ..., first + count - 1.
struct mpi_share {
    std::size_t first = 0;  ///< of them
    std::size_t count = 0;  ///< how many
    /// Both equal.
    bool operator==(const mpi_share&) const = default;
};

/// The ranks of a communicator: to processes, on one machine or many, what an executor is to threads. It has a duplicate of the
/// communicator, so its messages never meet those of others, on which an error of MPI ends every rank. All member functions but rank, size
/// and share are collective: every rank calls them, in the same order, from the thread that started MPI. It must end before MPI does.
class mpi_ranks {
public:
    /// Collective over `of`.
    explicit mpi_ranks(MPI_Comm of = MPI_COMM_WORLD) {
        MPI_Comm_dup(of, &communicator_);
        MPI_Comm_set_errhandler(communicator_, MPI_ERRORS_ARE_FATAL);
        MPI_Comm_rank(communicator_, &rank_);
        MPI_Comm_size(communicator_, &size_);
    }
    mpi_ranks(const mpi_ranks&) = delete;
    mpi_ranks& operator=(const mpi_ranks&) = delete;
    ~mpi_ranks() { MPI_Comm_free(&communicator_); }

    /// This process, in [0, size).
    [[nodiscard]] std::size_t rank() const noexcept { return static_cast<std::size_t>(rank_); }
    /// Processes, at least 1.
    [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(size_); }
    /// The duplicate.
    [[nodiscard]] MPI_Comm communicator() const noexcept { return communicator_; }

    /// A rank's block of `count` items. The blocks lie one after the other in the order of ranks, and no two differ by more than one item:
    /// with more ranks than items the last ones have none.
    [[nodiscard]] mpi_share share(std::size_t count, std::size_t rank) const noexcept {
        const std::size_t each = count / size(), larger = count % size();
        return {rank * each + (std::min)(rank, larger), each + (rank < larger ? 1 : 0)};
    }
    /// This rank's.
    [[nodiscard]] mpi_share share(std::size_t count) const noexcept { return share(count, rank()); }

    /// Calls body() on every rank; then all agree on whether one threw. If so every rank throws std::runtime_error with the sentence of the
    /// lowest rank that failed (its first 1023 bytes), so that none waits for one that has left. The body must not communicate. Cost: one
    /// reduction of a number.
    template <class Body>
    void together(const Body& body) const {
        std::array<char, 1024> sentence{};  // needs no memory when there may be none
        const auto keep = [&](std::string_view what) { what.copy(sentence.data(), sentence.size() - 1); };
        int failed = size_, lowest = size_;
        try {
            body();
        } catch (const std::exception& e) {
            failed = rank_;
            keep(e.what());
        } catch (...) {
            failed = rank_;
            keep("it threw what is no std::exception");
        }
        MPI_Allreduce(&failed, &lowest, 1, MPI_INT, MPI_MIN, communicator_);
        if (lowest == size_) return;
        MPI_Bcast(sentence.data(), static_cast<int>(sentence.size()), MPI_CHAR, lowest, communicator_);
        throw std::runtime_error("rank " + std::to_string(lowest) + " of " + std::to_string(size_) + " failed: " + sentence.data());
    }

private:
    MPI_Comm communicator_ = MPI_COMM_NULL;
    int rank_ = 0, size_ = 1;
};

}  // namespace rationale

#endif
