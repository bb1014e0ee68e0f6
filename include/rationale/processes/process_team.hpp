#ifndef RATIONALE_PROCESSES_PROCESS_TEAM_HPP
#define RATIONALE_PROCESSES_PROCESS_TEAM_HPP

#include <cstddef>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace rationale {

/// Processes that compute the same thing together, each a part of it: to processes what an executor is to threads. All of them come by the
/// same calls of `together` in the same order, from one thread each. Ranks of MPI are one (mpi/rank_team.hpp).
class process_team {
public:
    process_team() = default;
    process_team(const process_team&) = delete;
    process_team& operator=(const process_team&) = delete;
    virtual ~process_team() = default;

    /// This process, in [0, size).
    [[nodiscard]] virtual std::size_t rank() const noexcept = 0;
    /// How many they are.
    [[nodiscard]] virtual std::size_t size() const noexcept = 0;

    /// work() -> bytes, on each process: those of all, in the order of ranks. Where it throws on one of them, all throw what it threw on
    /// the lowest: std::invalid_argument, std::domain_error and std::bad_alloc as such, what else it is as a std::runtime_error.
    template <class Work>
    [[nodiscard]] std::vector<std::string> together(const Work& work) {
        over_ = false;
        std::string mine;
        try {
            mine = work();
            mine.push_back(fine);
        } catch (...) {
            mine = failure(std::current_exception());
        }
        auto all = exchange(std::move(mine));
        for (auto& bytes : all) {
            const char ending = bytes.back();
            bytes.pop_back();
            if (ending != fine) over_ = true, raise(ending, bytes);
        }
        return all;
    }
    /// Of a process that cannot go on: the others throw this in the next `together` that they come by. Nothing where they know already.
    void leave(const std::exception_ptr& why) {
        if (std::exchange(over_, true)) return;
        (void)exchange(failure(why));
    }

private:
    /// The bytes of all processes in the order of ranks, at least one of each. What it throws it throws on all.
    [[nodiscard]] virtual std::vector<std::string> exchange(std::string mine) = 0;

    static constexpr char fine = '.';

    /// A sentence and, at its end, which kind of exception it was.
    [[nodiscard]] static std::string failure(const std::exception_ptr& why) {
        try {
            std::rethrow_exception(why);
        } catch (const std::invalid_argument& e) {
            return std::string(e.what()) + 'i';
        } catch (const std::domain_error& e) {
            return std::string(e.what()) + 'd';
        } catch (const std::bad_alloc&) {
            return "m";
        } catch (const std::exception& e) {
            return std::string(e.what()) + 'r';
        } catch (...) {
            return "it threw what is no std::exceptionr";
        }
    }
    [[noreturn]] static void raise(char kind, const std::string& sentence) {
        if (kind == 'i') throw std::invalid_argument(sentence);
        if (kind == 'd') throw std::domain_error(sentence);
        if (kind == 'm') throw std::bad_alloc();
        throw std::runtime_error(sentence);
    }

    bool over_ = false;  // whether a failure was made known since they last came together
};

}  // namespace rationale

#endif
