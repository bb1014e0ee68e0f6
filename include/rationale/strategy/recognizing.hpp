#ifndef RATIONALE_STRATEGY_RECOGNIZING_HPP
#define RATIONALE_STRATEGY_RECOGNIZING_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "rationale/kernel/lanes.hpp"
#include "rationale/prior/seen_tasks.hpp"
#include "rationale/softmax.hpp"
#include "rationale/strategy/strategy.hpp"
#include "rationale/task/classification.hpp"

namespace rationale {

/// The ideal predictor in distribution: it knows the seen items and that the query shows one of the context's again. Each context item i is
/// recognized, r_id proportional to p_d N(c_i; z_d/sqrt(1+v), s) P(l_i | label_d), with s = v/(1+v) item_variance; then
///
///   P(label, q | context) = 1/T sum_i sum_d r_id N(q; z_d/sqrt(1+v), s) P(label | label_d).
///
/// Memorizing leaves the context out, copying leaves the seen items out; neither can have a lower loss on seen items. As many items to
/// choose from as there are tasks make memorizing alone worse than copying, and this predictor not: O(T D d) a query.
template <std::size_t Dimensions, std::size_t Labels>
class recognizing {
public:
    using family_type = classification<Dimensions, Labels>;

    /// With these seen items. Throws std::invalid_argument where they are of another size than the family's.
    recognizing(family_type family, seen_tasks<family_type> seen) : family_(std::move(family)), seen_(std::move(seen)) {
        check_fields("rationale::recognizing", seen_.table(), [&](char letter) { return family_.extent(letter); });
    }

    [[nodiscard]] const family_type& family() const noexcept { return family_; }
    [[nodiscard]] static constexpr std::string_view name() noexcept { return "recognizing"; }
    [[nodiscard]] std::vector<double> numbers() const { return seen_.numbers(); }

    void predict_sequence(const detail::view_of<family_type>& view, std::span<double> values, std::span<double> log_evidence) const {
        const auto& input = view.input(0);
        const std::size_t d = family_.dimensions(), tasks = seen_.size(), context = input.labels.size(), labels = values.size();
        const double v = family_.within_class_variance(), variance = v / (1 + v) * family_.item_variance(), shrink = 1 / std::sqrt(1 + v);
        const double log_norm = 0.5 * static_cast<double>(d) * std::log(2 * std::numbers::pi * variance);
        const auto shown = [&](std::span<const double> item, std::vector<double>& out) {  // log N(item; z_d/sqrt(1+v), s)
            for (std::size_t k = 0; k < tasks; ++k) {
                const double* const z = row(seen_.table().tasks, k).data();
                double square = 0;
                for (std::size_t j = 0; j < d; ++j) square += (item[j] - shrink * z[j]) * (item[j] - shrink * z[j]);
                out[k] = -0.5 / variance * square - log_norm;
            }
        };
        std::vector<double> of_query(tasks), of_item(tasks);
        shown(input.query, of_query);
        std::fill(values.begin(), values.end(), 0.0);
        double scale = kernel::minus_infinity;  // log of what the values lack: products of both may be too small for a number
        for (std::size_t i = 0; i < (std::max)(context, std::size_t{1}); ++i) {
            if (context == 0) std::fill(of_item.begin(), of_item.end(), 0.0);
            else shown(input.items.subspan(i * d, d), of_item);
            for (std::size_t k = 0; k < tasks; ++k) {
                of_item[k] += seen_.log_weight(k);
                if (context > 0) of_item[k] += std::log(family_.with_label_noise(input.labels[i] == seen_.table().task_labels(k) ? 1 : 0));
            }
            const double of_any = log_sum_exp(of_item);
            if (of_any == kernel::minus_infinity) continue;  // no seen item has this label
            for (std::size_t k = 0; k < tasks; ++k) {
                const double nats = of_item[k] - of_any + of_query[k];
                if (nats == kernel::minus_infinity) continue;
                if (nats > scale) {
                    for (double& p : values) p *= std::exp(scale - nats);
                    scale = nats;
                }
                const double both = std::exp(nats - scale);
                for (std::size_t l = 0; l < labels; ++l)
                    values[l] += both * family_.with_label_noise(static_cast<std::size_t>(seen_.table().task_labels(k)) == l ? 1 : 0);
            }
        }
        double sum = 0;
        for (double p : values) sum += p;
        log_evidence[0] = scale + std::log(sum / static_cast<double>((std::max)(context, std::size_t{1})));
        for (double& p : values) p /= sum;  // NaN where no seen item has a label of the context
        log_evidence[1] = sum > 0 ? log_evidence[0] + std::log(values[view.observation(0)]) : kernel::minus_infinity;
    }

private:
    family_type family_;
    seen_tasks<family_type> seen_;
};

template <std::size_t Dimensions, std::size_t Labels>
recognizing(classification<Dimensions, Labels>, seen_tasks<classification<Dimensions, Labels>>) -> recognizing<Dimensions, Labels>;

}  // namespace rationale

#endif
