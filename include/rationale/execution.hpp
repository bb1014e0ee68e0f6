#ifndef RATIONALE_EXECUTION_HPP
#define RATIONALE_EXECUTION_HPP

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "rationale/function_ref.hpp"

namespace rationale {

/// An executor calls body(i) once for each i in [0, count), in any order, from any thread, and returns when all are done. It passes on
/// the first exception. Results must not depend on the order: every part of the library that takes an executor sees to that.
template <class E>
concept executor = std::copyable<E> && requires(const E& e, std::size_t count, void (*body)(std::size_t)) {
    e(count, body);
};

/// Runs everything in the calling thread.
struct sequential {
    /// Calls body(0), body(1), ... in order.
    template <class Body>
    void operator()(std::size_t count, Body&& body) const {
        for (std::size_t i = 0; i < count; ++i) body(i);
    }
};

/// Runs on `count` threads (0: as many as the hardware has) that live for one call, or on those that the system can start.
struct threads {
    std::size_t count = 0;  ///< threads; 0: as many as the hardware has

    /// Calls body(i) for each i < n; throws the first exception again once all threads have stopped.
    template <class Body>
    void operator()(std::size_t n, Body&& body) const {
        const std::size_t hardware = (std::max)(std::size_t{1}, static_cast<std::size_t>(std::thread::hardware_concurrency()));
        const std::size_t workers = (std::min)(count == 0 ? hardware : count, n);
        if (workers <= 1) return sequential{}(n, body);
        std::atomic<std::size_t> next{0};
        std::exception_ptr failure;
        std::mutex failure_mutex;
        auto work = [&] {
            for (std::size_t i = next++; i < n; i = next++) {
                try {
                    body(i);
                } catch (...) {
                    next = n;  // the others stop after what they are at
                    const std::lock_guard<std::mutex> lock(failure_mutex);
                    if (!failure) failure = std::current_exception();
                }
            }
        };
        {
            std::vector<std::jthread> pool;
            pool.reserve(workers - 1);
            try {
                for (std::size_t i = 1; i < workers; ++i) pool.emplace_back(work);
            } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch): those threads that there are do the work
            }
            work();
        }
        if (failure) std::rethrow_exception(failure);
    }
};

/// An executor whose type is forgotten, made from any: what takes one is compiled once for all of them. It costs a call through a pointer
/// for each of its bodies.
class any_executor {
public:
    /// Runs everything in the calling thread.
    any_executor() : any_executor(sequential{}) {}
    /// Holds a copy of an executor.
    template <class E>
        requires(!std::same_as<E, any_executor> && executor<E>)
    any_executor(E execute) : sequential_(std::same_as<E, sequential>), run_(std::move(execute)) {}

    /// Calls body(i) for each i < count, as the executor does.
    void operator()(std::size_t count, function_ref<void(std::size_t)> body) const { run_(count, body); }
    /// Whether it runs everything in the calling thread, so that parts need not be many.
    [[nodiscard]] bool is_sequential() const noexcept { return sequential_; }

private:
    bool sequential_;
    std::function<void(std::size_t, function_ref<void(std::size_t)>)> run_;
};

}  // namespace rationale

#endif
