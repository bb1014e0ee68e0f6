#ifndef RATIONALE_STRATEGY_PREDICT_IN_TILES_HPP
#define RATIONALE_STRATEGY_PREDICT_IN_TILES_HPP

#include <cmath>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "rationale/execution.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/strategy/merge.hpp"
#include "rationale/strategy/strategy.hpp"

namespace rationale {

/// What memorizing predicts of every event of every sequence, with the log evidence before each, when the seen tasks are more than fit into
/// memory: `next()` gives them tile after tile, each a std::optional<task_tile<F>>, none after the last. One pass over the tasks serves all
/// sequences; while one tile is computed with, another thread asks for the one after it.
///
/// Memory: two tiles of tasks, one of them packed in Real, and two predictions, S x E x (K + 1) doubles each, whatever D. The numbers are
/// those of all tasks at once to 1e-12 relative (in double), and the same for any executor. Throws what `next` throws, and as predict does.
template <class Real = double, task_family F, class Next, executor E = sequential>
[[nodiscard]] predictions predict_in_tiles(const F& family, Next&& next, const typename F::sequences& data, const E& execute = {},
                                           impossible_context policy = impossible_context::raise) {
    predictions sum;
    double mass = 0;
    std::optional<task_tile<F>> coming;
    std::exception_ptr failure;
    const auto ahead = [&] {
        return std::jthread([&] {
            try {
                coming = next();
            } catch (...) {
                failure = std::current_exception();
            }
        });
    };
    for (auto reader = ahead();;) {
        reader.join();
        if (failure) std::rethrow_exception(failure);
        auto tile = std::exchange(coming, std::nullopt);
        if (!tile) break;
        reader = ahead();
        mass += tile->mass;
        const bayes<F, seen_tasks<F>, Real> part(family, std::move(tile->tasks));
        merge(sum, predict(part, data, execute, impossible_context::mask), tile->mass, execute);
    }
    if (!(mass > 0)) throw std::invalid_argument("rationale::predict_in_tiles: there are no tasks, must be at least 1");
    for (double& nats : sum.log_evidence) nats -= std::log(mass);
    if (policy == impossible_context::raise) detail::raise_impossible("memorizing", sum.log_evidence);
    return sum;
}

}  // namespace rationale

#endif
