#ifndef RATIONALE_STRATEGY_COPYING_HPP
#define RATIONALE_STRATEGY_COPYING_HPP

#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <string_view>
#include <vector>

#include "rationale/kernel/mixture_sums.hpp"
#include "rationale/strategy/program.hpp"
#include "rationale/strategy/strategy.hpp"
#include "rationale/task/classification.hpp"

namespace rationale {

/// Copying: the query shows one of the context's items again, so its label is theirs, weighted by softmax_i(-c |q - c_i/(1+v)|^2) with
/// c = (1+v)^2 / (2 v (2+v) item_variance). Bayes when items are fresh; it knows nothing of the seen tasks. Cost: O(T d) per query.
template <std::size_t Dimensions, std::size_t Labels>
class copying<classification<Dimensions, Labels>> {
public:
    using family_type = rationale::classification<Dimensions, Labels>;

    explicit copying(family_type family) : family_(std::move(family)) {}

    [[nodiscard]] const family_type& family() const noexcept { return family_; }
    [[nodiscard]] static constexpr std::string_view name() noexcept { return "copying"; }
    /// The item prior's {mean, variance}.
    [[nodiscard]] std::vector<double> numbers() const { return {0.0, family_.item_variance()}; }

    void predict_sequence(const detail::view_of<family_type>& view, std::span<double> values, std::span<double> log_evidence) const {
        const auto& input = view.input(0);
        const std::size_t dimensions = family_.dimensions(), context = input.labels.size();
        const double v = family_.within_class_variance();
        const double variance = v * (2 + v) / ((1 + v) * (1 + v)) * family_.item_variance();  // of the query around c_i/(1+v)
        std::vector<double> log_weight(context);
        double top = kernel::minus_infinity;
        for (std::size_t i = 0; i < context; ++i) {
            double squares = 0;
            for (std::size_t j = 0; j < dimensions; ++j) {
                const double difference = input.query[j] - input.items[i * dimensions + j] / (1 + v);
                squares += difference * difference;
            }
            log_weight[i] = -0.5 * squares / variance;
            top = (std::max)(top, log_weight[i]);
        }
        double mass = 0;
        std::fill(values.begin(), values.end(), 0.0);
        for (std::size_t i = 0; i < context; ++i) {
            const double weight = std::exp(log_weight[i] - top);
            mass += weight;
            values[static_cast<std::size_t>(input.labels[i])] += weight;
        }
        for (double& p : values) p = family_.with_label_noise(context == 0 ? 1 / static_cast<double>(values.size()) : p / mass);
        const double log_norm = 0.5 * static_cast<double>(dimensions) * std::log(2 * std::numbers::pi * variance);
        log_evidence[0] = context == 0 ? 0.0 : top + std::log(mass / static_cast<double>(context)) - log_norm;
        log_evidence[1] = log_evidence[0] + std::log(values[view.observation(0)]);
    }

private:
    family_type family_;
};

template <std::size_t Dimensions, std::size_t Labels>
copying(classification<Dimensions, Labels>) -> copying<classification<Dimensions, Labels>>;

}  // namespace rationale

#endif
