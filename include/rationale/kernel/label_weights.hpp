#ifndef RATIONALE_KERNEL_LABEL_WEIGHTS_HPP
#define RATIONALE_KERNEL_LABEL_WEIGHTS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "rationale/kernel/aligned.hpp"
#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel {

/// Weighs items by exp(-half_precision |query - scale item|^2) and sums the weights up by label: sums[l] exp(the value returned) is that of
/// label l. The value returned is the largest log weight, -inf without items. `items` is (T,d), row by row; labels are below sums.size().
/// Lanes are items. `scratch` is for reuse from call to call. Cost: O(T (d + labels)), and an exp an item.
template <class V>
double label_weights(std::span<const double> query, std::span<const double> items, std::span<const std::int32_t> labels, double scale,
                     double half_precision, aligned_vector<double>& scratch, std::span<double> sums) {
    using access = lane_access<V>;
    constexpr std::size_t lanes = lane_count<V>;
    const std::size_t d = query.size(), count = labels.size(), padded = (count + lanes - 1) / lanes * lanes;
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
    V best(minus_infinity);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) best = access::larger(best, weigh(i, V(0.0)));
    double top = lane_maximum(best);
    for (; i < count; ++i) top = (std::max)(top, weigh(i, 0.0));

    for (i = 0; i < padded; i += lanes) access::store(exponential_weight<V>(access::load(log_weight + i) - V(top)), log_weight + i);
    for (std::size_t l = 0; l < sums.size(); ++l) {
        V sum(0.0);
        for (i = 0; i < padded; i += lanes) {
            const V apart = access::load(label + i) - V(static_cast<double>(l));
            // 1 for this label and 0 for all others
            sum = access::multiply_add(access::load(log_weight + i), access::larger(V(0.0), V(1.0) - apart * apart), sum);
        }
        sums[l] = lane_sum(sum);
    }
    return top;
}

}  // namespace rationale::kernel

#endif
