#ifndef RATIONALE_STRATEGY_USUAL_STRATEGIES_HPP
#define RATIONALE_STRATEGY_USUAL_STRATEGIES_HPP

#include "rationale/prior/seen_tasks.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/strategies.hpp"

namespace rationale {

/// What an analysis weighs for a run of family F: memorizing and generalizing, then any others. Overloads for a family are found beside it.
template <task_family F>
[[nodiscard]] auto usual_strategies(const F& family, const seen_tasks<F>& seen) {
    return strategies(memorizing<F>(family, seen), generalizing<F>(family), constant<F>(family));
}

}  // namespace rationale

#endif
