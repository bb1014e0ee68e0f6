#ifndef RATIONALE_UNIVERSALITY_REGRET_HPP
#define RATIONALE_UNIVERSALITY_REGRET_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

#include "rationale/softmax.hpp"
#include "rationale/strategy/bayes.hpp"
#include "rationale/universality/hypothesis_mass.hpp"

namespace rationale {

/// Log likelihood in nats of what came before each event, and last of all, of sequence s given task `truth` of row s; (sequence, event).
/// Throws std::invalid_argument unless there is a task for every sequence.
template <point_family F, executor E = sequential>
[[nodiscard]] ndarray<double, 2> log_likelihoods(const F& family, const typename F::task_table& truth, const typename F::sequences& data,
                                                 const E& execute = {}) {
    constexpr const char* where = "rationale::log_likelihoods";
    const std::size_t count = detail::sequence_count(where, family, data), events = count == 0 ? 0 : family.view(data, 0).events();
    for_each_field<typename F::task_table>([&](const auto& f) { detail::check_size(where, f.name, (truth.*f.member).shape(0), count); });
    auto out = unwritten<double, 2>({count, events + 1});
    execute(count, [&](std::size_t s) {
        typename F::task_table one;
        allocate(one, [&](char letter) { return letter == 'D' ? 1 : family.extent(letter); });
        for_each_field<typename F::task_table>([&](const auto& f) {
            const auto from = row(truth.*f.member, s);
            std::copy(from.begin(), from.end(), row(one.*f.member, 0).begin());
        });
        bayes<F, seen_tasks<F>>(family, std::move(one))
            .log_evidences(
                1, [&](std::size_t) { return family.view(data, s); }, [&](std::size_t) { return row(out, s); });
    });
    return out;
}

/// Regret in nats of a strategy against a hypothesis, before each event and last of all: log p(x_<t | hypothesis) - log p(x_<t | strategy)
/// of (sequence, event) log evidences, as `log_evidence` and `log_likelihoods` have them. 0 before the first event. Infinite from where the
/// strategy excludes what came, -infinite where the hypothesis does, NaN where both do. O(S T).
[[nodiscard]] inline ndarray<double, 2> regret(const ndarray<double, 2>& of_hypothesis, const ndarray<double, 2>& of_strategy) {
    detail::check_size("rationale::regret", "of_strategy", of_strategy.size(), of_hypothesis.size());
    auto out = of_hypothesis;
    for (std::size_t i = 0; i < out.size(); ++i) out.data()[i] -= of_strategy.data()[i];
    return out;
}

/// A bound of the expected regret after n positions, and where it is attained.
struct regret_bound_result {
    double nats = 0;      ///< n eps + log 1/mass(eps)
    double eps = 0;       ///< nats per position
    double log_mass = 0;  ///< of the tasks within eps

    /// As a complexity of the hypothesis: the bits that a mixture loses by not knowing it.
    [[nodiscard]] double bits() const noexcept { return nats / std::numbers::ln2; }
};

/// min over eps of n eps + log 1/mass(KL(hypothesis || w_d) <= eps), in nats: what Bayes with a prior of finitely many tasks loses at most,
/// in expectation under the hypothesis, by n positions (arXiv 2506.07661). `divergence` in nats per position, `weight` sums to 1. O(D):
/// tasks are counted by bins of divergence, and only those of bins that can hold the minimum are sorted. Infinite where all divergences
/// are.
[[nodiscard]] inline regret_bound_result regret_bound(std::span<const double> divergence, std::span<const double> weight, double n) {
    constexpr const char* where = "rationale::regret_bound";
    detail::check_size(where, "weight", weight.size(), divergence.size());
    detail::positive(where, "n", n);
    constexpr double infinite = std::numeric_limits<double>::infinity();
    double nearest = infinite, its_weight = 0, farthest = 0;
    for (std::size_t d = 0; d < divergence.size(); ++d) {
        if (!(weight[d] > 0 && divergence[d] < infinite)) continue;
        if (divergence[d] < nearest) nearest = divergence[d], its_weight = weight[d];
        farthest = (std::max)(farthest, divergence[d]);
    }
    if (nearest == infinite) return {infinite, infinite, detail::no_mass};
    // A larger eps costs more than this by itself.
    const double most = (std::min)(farthest, nearest - std::log((std::min)(its_weight, 1.0)) / n);
    constexpr std::size_t bins = 2048;
    const double per_nat = most > nearest ? bins / (most - nearest) * (1 - 1e-12) : 0;
    const auto bin = [&](double kl) { return static_cast<std::size_t>((kl - nearest) * per_nat); };
    std::vector<double> mass(bins), upto(bins + 1);
    for (std::size_t d = 0; d < divergence.size(); ++d)
        if (weight[d] > 0 && divergence[d] <= most) mass[bin(divergence[d])] += weight[d];
    regret_bound_result best{infinite, infinite, detail::no_mass};
    const double width = per_nat > 0 ? 1 / per_nat : 0;
    for (std::size_t b = 0; b < bins; ++b) {
        upto[b + 1] = upto[b] + mass[b];
        best.nats = (std::min)(best.nats, n * (nearest + static_cast<double>(b + 1) * width) - std::log(upto[b + 1]));
    }
    const double enough = best.nats * (1 + 1e-9) + 1e-9;
    std::vector<bool> open(bins);
    for (std::size_t b = 0; b < bins; ++b)
        open[b] = mass[b] > 0 && n * (nearest + static_cast<double>(b) * width) - std::log(upto[b + 1]) <= enough;
    std::vector<std::pair<double, double>> there;
    for (std::size_t d = 0; d < divergence.size(); ++d)
        if (weight[d] > 0 && divergence[d] <= most && open[bin(divergence[d])]) there.emplace_back(divergence[d], weight[d]);
    std::sort(there.begin(), there.end());
    best.nats = infinite;
    double within = 0;
    for (std::size_t i = 0; i < there.size(); ++i) {
        const std::size_t b = bin(there[i].first);
        if (i == 0 || b != bin(there[i - 1].first)) within = upto[b];
        within += there[i].second;
        const double log_mass = (std::min)(0.0, std::log(within)), nats = n * there[i].first - log_mass;
        if (nats < best.nats) best = {nats, there[i].first, log_mass};
    }
    return best;
}

/// The same of any prior whose mass(eps) is known, a prior_mass: the least of n eps + log 1/mass(eps) over a grid of n eps between 1e-3 and
/// 1e3 nats, four to an octave, and golden sections about it. Every eps gives a bound, so that this is one. About 110 masses.
template <class Mass>
    requires requires(const Mass& mass) {
        { mass(1.0) } -> std::convertible_to<prior_mass>;
    }
[[nodiscard]] regret_bound_result regret_bound(const Mass& mass, double n) {
    detail::positive("rationale::regret_bound", "n", n);
    const auto at = [&](double octave) {
        const double nats = std::exp2(octave), log_mass = mass(nats / n).log;
        return regret_bound_result{nats - log_mass, nats / n, log_mass};
    };
    double middle = -10;
    auto best = at(middle);
    for (double octave = -9.75; octave <= 10; octave += 0.25)
        if (const auto here = at(octave); here.nats < best.nats) best = here, middle = octave;
    double low = middle - 0.25, high = middle + 0.25;
    for (int section = 0; section < 15; ++section) {
        const double golden = 0.5 * (3 - std::sqrt(5.0)), left = low + golden * (high - low), right = high - golden * (high - low);
        const auto of_left = at(left), of_right = at(right);
        for (const auto& here : {of_left, of_right})
            if (here.nats < best.nats) best = here;
        (of_left.nats < of_right.nats ? high : low) = of_left.nats < of_right.nats ? right : left;
    }
    return best;
}

/// -log sum_d weight_d exp(-n KL(hypothesis || w_d)), in nats: a bound as well, and never above `regret_bound`, of all tasks in proportion
/// to how near they are in place of those within one eps (by Donsker and Varadhan's formula). O(D).
[[nodiscard]] inline double soft_regret_bound(std::span<const double> divergence, std::span<const double> weight, double n) {
    detail::check_size("rationale::soft_regret_bound", "weight", weight.size(), divergence.size());
    detail::positive("rationale::soft_regret_bound", "n", n);
    std::vector<double> logs(divergence.size());
    for (std::size_t d = 0; d < logs.size(); ++d) logs[d] = std::log(weight[d]) - n * divergence[d];
    return -log_sum_exp(logs);
}

}  // namespace rationale

#endif
