#ifndef RATIONALE_STRATEGY_COPYING_HPP
#define RATIONALE_STRATEGY_COPYING_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include "rationale/kernel/label_weights.hpp"
#include "rationale/strategy/program.hpp"
#include "rationale/strategy/strategy.hpp"
#include "rationale/task/classification.hpp"

namespace rationale {

template <class F>
class copying {
    static_assert(sizeof(F) == 0, "rationale::copying<F>: F must be a classification, see rationale/task/classification.hpp");
};

/// Copying: the query shows one of the context's items again, so its label is theirs, weighted by softmax_i(-power c |q - c_i/(1+v)|^2)
/// with c = (1+v)^2 / (2 v (2+v) item_variance). Power 1 is Bayes when items are fresh; 0 gives how often each label is in the context. It
/// knows nothing of the seen tasks. Cost: O(T d) per query.
///
/// Log evidence: of the query log mean_i N(q; c_i/(1+v), I/(2c))^power, and of its label the log of what is predicted of it. For a power
/// other than 1 no probability of the query.
template <std::size_t Dimensions, std::size_t Labels>
class copying<classification<Dimensions, Labels>> {
public:
    using family_type = rationale::classification<Dimensions, Labels>;

    /// Throws std::invalid_argument for a power that is negative or not finite.
    explicit copying(family_type family, double power = 1)
        : family_(std::move(family)), power_(detail::not_negative("rationale::copying", "power", power)) {}

    [[nodiscard]] const family_type& family() const noexcept { return family_; }
    [[nodiscard]] static constexpr std::string_view name() noexcept { return "copying"; }
    /// Of the similarity.
    [[nodiscard]] double power() const noexcept { return power_; }
    /// The item prior's {mean, variance}, and a power other than 1.
    [[nodiscard]] std::vector<double> numbers() const {
        std::vector<double> all{0.0, family_.item_variance()};
        if (power_ != 1) all.push_back(power_);
        return all;
    }

    void predict_sequence(const detail::view_of<family_type>& view, std::span<double> values, std::span<double> log_evidence) const {
        predict_sequences(
            1, [&](std::size_t) { return view; }, [&](std::size_t) { return values; }, [&](std::size_t) { return log_evidence; });
    }

    /// Lanes are items of the context.
    template <class View, class Values, class Evidence>
    void predict_sequences(std::size_t count, const View& view, const Values& values, const Evidence& log_evidence,
                           const any_executor& execute = sequential{}) const {
        using V = kernel::native_lanes::of<double>;
        constexpr std::size_t block = 64;
        const double v = family_.within_class_variance();
        const double variance = v * (2 + v) / ((1 + v) * (1 + v)) * family_.item_variance();  // of the query around c_i/(1+v)
        const double log_norm = 0.5 * power_ * static_cast<double>(family_.dimensions()) * std::log(2 * std::numbers::pi * variance);
        execute((count + block - 1) / block, [&](std::size_t b) {
            kernel::aligned_vector<double> scratch;
            for (std::size_t s = b * block; s < (std::min)((b + 1) * block, count); ++s) {
                const auto sequence = view(s);
                const auto& input = sequence.input(0);
                const std::span<double> p = values(s), evidence = log_evidence(s);
                const std::size_t context = input.labels.size();
                const double top = kernel::label_weights < V,
                             Dimensions == dynamic
                                 ? 0
                                 : Dimensions > (input.query, input.items, input.labels, 1 / (1 + v), 0.5 * power_ / variance, scratch, p);
                const double mass = std::accumulate(p.begin(), p.end(), 0.0);
                for (double& x : p) x = family_.with_label_noise(context == 0 ? 1 / static_cast<double>(p.size()) : x / mass);
                evidence[0] = context == 0 ? 0.0 : top + std::log(mass / static_cast<double>(context)) - log_norm;
                evidence[1] = evidence[0] + std::log(p[sequence.observation(0)]);
            }
        });
    }

private:
    family_type family_;
    double power_;
};

template <std::size_t Dimensions, std::size_t Labels>
copying(classification<Dimensions, Labels>, double = 1) -> copying<classification<Dimensions, Labels>>;

}  // namespace rationale

#endif
