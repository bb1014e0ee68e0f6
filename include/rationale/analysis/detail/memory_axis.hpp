#ifndef RATIONALE_ANALYSIS_DETAIL_MEMORY_AXIS_HPP
#define RATIONALE_ANALYSIS_DETAIL_MEMORY_AXIS_HPP

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <utility>

#include "rationale/prior/memory.hpp"
#include "rationale/prior/remembered.hpp"
#include "rationale/prior/remembered_location.hpp"
#include "rationale/prior/remembered_regression.hpp"
#include "rationale/prior/tempered.hpp"
#include "rationale/strategy/generalizing.hpp"

namespace rationale::detail {

/// An axis along which memory of seen tasks varies, one number of it: constructed from a family, it names the number and gives the prior at
/// a share in [0, 1] of the way along the axis, on which predictions are smooth. Share 1 is memorizing.
///
///   name                what the number is called in reports
///   at(family, seen, share)   the prior there
///   value(share), share(value)   the number, and its place; values beyond the axis are at its ends
///   starts_at_generalizing    whether share 0 is generalizing
///   bits(prior, memorizing, program)   complexity of that memory, given memorizing's and that of its program in it
///   loss_sequences      on which losses along the axis are estimated, fewer where they have more than 32 events, down to a quarter: longer
///                       ones tell losses that much better
template <class A, class F>
concept memory_axis = std::constructible_from<A, const F&> &&
    requires(const A& axis, const F& family, const seen_tasks<F>& seen, double x) {
    { A::name } -> std::convertible_to<const char*>;
    axis.at(family, seen, x);
    { axis.value(x) } -> std::same_as<double>;
    { axis.share(x) } -> std::same_as<double>;
    { axis.bits(axis.at(family, seen, x), x, x) } -> std::same_as<double>;
    { A::loss_sequences } -> std::convertible_to<std::size_t>;
    { A::starts_at_generalizing } -> std::convertible_to<bool>;
};

/// Seen tasks remembered with limited precision, kappa from 0 to infinity (prior/remembered.hpp).
template <class F>
class precision_axis {
public:
    static constexpr const char* name = "precision";
    static constexpr std::size_t loss_sequences = 2048;
    static constexpr bool starts_at_generalizing = requires { requires std::same_as<generalizing<F>, bayes<F, own_prior_t<F>>>; };

    explicit precision_axis(const F& family) : of_(family) {}
    [[nodiscard]] auto at(const F& family, const seen_tasks<F>& seen, double share) const {
        return remembered<seen_tasks<F>>(family, seen, value(share));
    }
    [[nodiscard]] double value(double share) const { return of_.precision(share); }
    [[nodiscard]] double share(double precision) const { return of_.share(precision); }
    [[nodiscard]] double bits(const remembered<seen_tasks<F>>& prior, double, double program) const { return program + prior.bits(); }

private:
    memory<F> of_;
};

/// Seen tasks remembered exactly by a learner that trusts the context less than it should, likelihood^exponent (prior/tempered.hpp), evenly
/// in the exponent's logarithm.
template <class F>
class exponent_axis {
public:
    static constexpr const char* name = "exponent";
    static constexpr std::size_t loss_sequences = 512;  // an event takes longer, and bits do not vary along it
    static constexpr double least = 1. / 1024;
    static constexpr bool starts_at_generalizing = false;

    explicit exponent_axis(const F&) {}
    [[nodiscard]] auto at(const F&, const seen_tasks<F>& seen, double share) const { return tempered(seen, value(share)); }
    [[nodiscard]] double value(double share) const { return std::pow(least, 1 - share); }
    [[nodiscard]] double share(double exponent) const { return std::clamp(1 - std::log(exponent) / std::log(least), 0.0, 1.0); }
    [[nodiscard]] double bits(const tempered<seen_tasks<F>>&, double memorizing, double) const { return memorizing; }
};

}  // namespace rationale::detail

#endif
