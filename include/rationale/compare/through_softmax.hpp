#ifndef RATIONALE_COMPARE_THROUGH_SOFTMAX_HPP
#define RATIONALE_COMPARE_THROUGH_SOFTMAX_HPP

#include <cstddef>
#include <span>

#include "rationale/softmax.hpp"

namespace rationale::detail {

/// Derivatives with respect to eta of F(softmax(eta)), in place, from g_q = w_q dF/dw_q and h_qr = w_q w_r d2F/(dw_q dw_r), n and n x n.
/// `less` is room for n numbers.
inline void through_softmax(std::span<const double> w, std::span<double> g, std::span<double> h, std::span<double> less) {
    const std::size_t n = w.size();
    double mean = 0, total = 0;
    for (double v : g) mean += v;
    for (double v : h) total += v;
    // h_qr - w_q row_r - w_r row_q + w_q w_r total - w_r g_q - w_q g_r + 2 w_q w_r mean, with the sums of h's rows.
    for (std::size_t q = 0; q < n; ++q) {
        double row = 0;
        for (std::size_t r = 0; r < n; ++r) row += h[q * n + r];
        less[q] = row + g[q] - w[q] * (mean + 0.5 * total);
    }
    for (std::size_t q = 0; q < n; ++q)
        for (std::size_t r = 0; r < n; ++r) h[q * n + r] -= w[r] * less[q] + w[q] * less[r];
    for (std::size_t q = 0; q < n; ++q) g[q] -= w[q] * mean, h[q * n + q] += g[q];
}

}  // namespace rationale::detail

#endif
