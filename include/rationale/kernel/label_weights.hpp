#ifndef RATIONALE_KERNEL_LABEL_WEIGHTS_HPP
#define RATIONALE_KERNEL_LABEL_WEIGHTS_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "rationale/kernel/aligned.hpp"
#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel {

/// Weighs items by exp(-half_precision |query - scale item|^2) and sums the weights up by label: sums[l] exp(the value returned) is that of
/// label l. The value returned is the largest log weight, -inf without items. `items` is (T,d), row by row; labels are below sums.size().
/// Lanes are items. Dimensions is d, or 0 when only the query knows it. `scratch` is for reuse from call to call. Cost: O(T (d + labels)),
/// and an exp an item.
template <class V, std::size_t Dimensions = 0>
double label_weights(std::span<const double> query, std::span<const double> items, std::span<const std::int32_t> labels, double scale,
                     double half_precision, aligned_vector<double>& scratch, std::span<double> sums) {
    using access = lane_access<V>;
    constexpr std::size_t lanes = lane_count<V>;
    const std::size_t d = Dimensions == 0 ? query.size() : Dimensions;
    const std::size_t count = labels.size(), padded = (count + lanes - 1) / lanes * lanes;
    scratch.resize(2 * padded);
    double *const log_weight = scratch.data(), *const label = log_weight + padded;
    std::fill(log_weight + count, log_weight + padded, minus_infinity);
    std::fill(label + count, label + padded, 0.0);
    std::copy(labels.begin(), labels.end(), label);
    const auto weigh = [&]<class L>(std::size_t i, L squares) {
        for (std::size_t j = 0; j < d; ++j) {
            const L apart = lane_access<L>::multiply_add(lane_access<L>::load(items.data() + i * d + j, d), L(-scale), L(query[j]));
            squares = lane_access<L>::multiply_add(apart, apart, squares);
        }
        const L out = L(-half_precision) * squares;
        lane_access<L>::store(out, log_weight + i);
        return out;
    };
    double top = minus_infinity;
    if (count < lanes) {
        for (std::size_t i = 0; i < count; ++i) top = (std::max)(top, weigh(i, 0.0));
    } else {
        V best(minus_infinity);
        // The last items are weighed with some before them, which are weighed twice.
        const auto weigh_all = [&](const auto& weigh_lanes) {
            for (std::size_t i = 0; i < count; i += lanes) best = access::larger(best, weigh_lanes((std::min)(i, count - lanes)));
        };
        if constexpr (Dimensions > 0 && Dimensions % lanes == 0) {
            // Registers of an item's numbers are read as they lie, and summed up across the lanes for as many items as there are lanes.
            V asked[Dimensions / lanes];
            for (std::size_t j = 0; j < Dimensions / lanes; ++j) asked[j] = access::load(query.data() + j * lanes);
            const auto squares = [&]<std::size_t... J>(const double* item, std::index_sequence<J...>) {
                V sum(0.0);
                const auto add = [&](std::size_t j) {
                    const V apart = access::multiply_add(access::load(item + j * lanes), V(-scale), asked[j]);
                    sum = access::multiply_add(apart, apart, sum);
                };
                (add(J), ...);
                return sum;
            };
            weigh_all([&](std::size_t i) {
                const double* item = items.data() + i * d;
                return [&]<std::size_t... Which>(std::index_sequence<Which...>) {
                    const V each[lanes] = {squares(item + Which * d, std::make_index_sequence<Dimensions / lanes>{})...};
                    const V out = V(-half_precision) * access::sums(each);
                    access::store(out, log_weight + i);
                    return out;
                }
                (std::make_index_sequence<lanes>{});
            });
        } else {
            weigh_all([&](std::size_t i) { return weigh(i, V(0.0)); });
        }
        top = lane_maximum(best);
    }

    // By label, so many at a time while a weight is at hand.
    constexpr std::size_t together = 2;
    for (std::size_t first = 0; first < sums.size(); first += together) {
        std::array<V, together> sum;
        sum.fill(V(0.0));
        for (std::size_t i = 0; i < padded; i += lanes) {
            V weight = access::load(log_weight + i);
            if (first == 0) {
                weight = exponential_weight<V>(weight - V(top));
                if (sums.size() > together) access::store(weight, log_weight + i);
            }
            for (std::size_t l = 0; l < together; ++l) {
                const V apart = access::load(label + i) - V(static_cast<double>(first + l));
                // 1 for this label and 0 for all others
                sum[l] = access::multiply_add(weight, access::larger(V(0.0), V(1.0) - apart * apart), sum[l]);
            }
        }
        for (std::size_t l = 0; l < together && first + l < sums.size(); ++l) sums[first + l] = lane_sum(sum[l]);
    }
    return top;
}

}  // namespace rationale::kernel

#endif
