#ifndef RATIONALE_UNIVERSALITY_DETAIL_PAIR_MOMENTS_HPP
#define RATIONALE_UNIVERSALITY_DETAIL_PAIR_MOMENTS_HPP

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "rationale/symmetric.hpp"
#include "rationale/task/linear_regression.hpp"

namespace rationale::detail {

/// X'X of the first pairs of a sequence in its eigenvectors v_i, and X'y along them, the rows of X being R'x, by which weight vectors R z
/// are vectors z. O(t d^2 + d^3). Eigenvalues that are 0 up to the rounding of the sum, and those beyond the number of pairs, are 0.
struct pair_moments {
    std::vector<double> value;    ///< d eigenvalues
    std::vector<double> vectors;  ///< eigenvector i in row i
    std::vector<double> xy;       ///< v_i.X'y

    template <std::size_t Dimensions>
    pair_moments(const linear_regression<Dimensions>& family, const typename linear_regression<Dimensions>::sequences& data, std::size_t s,
                 std::size_t pairs, std::span<const double> root)
        : value(family.dimensions()), vectors(value.size() * value.size()), xy(value.size()) {
        const std::size_t d = value.size();
        const auto view = family.view(data, s);
        std::vector<double> xx(d * d), sum(d), x(d);
        for (std::size_t t = 0; t < pairs; ++t) {
            const auto input = view.input(t);
            for (std::size_t j = 0; j < d; ++j) {
                x[j] = 0;
                for (std::size_t i = 0; i < d; ++i) x[j] += root[i * d + j] * input[i];
            }
            for (std::size_t i = 0; i < d; ++i) {
                sum[i] += x[i] * view.observation(t);
                for (std::size_t j = 0; j < d; ++j) xx[i * d + j] += x[i] * x[j];
            }
        }
        for (std::size_t i = 0; i < d; ++i) vectors[i * d + i] = 1;
        diagonalise(xx, d, &vectors);
        std::vector<double> sorted;
        for (std::size_t i = 0; i < d; ++i) sorted.push_back(value[i] = xx[i * d + i]), xy[i] = along(i, sum);
        std::sort(sorted.rbegin(), sorted.rend());
        const double rounding = static_cast<double>(d + pairs) * std::numeric_limits<double>::epsilon() * sorted[0];
        for (double& v : value)
            if (v <= rounding || (pairs < d && v <= sorted[pairs])) v = 0;
    }

    /// v_i.w.
    [[nodiscard]] double along(std::size_t i, std::span<const double> w) const noexcept {
        double sum = 0;
        for (std::size_t j = 0; j < w.size(); ++j) sum += vectors[i * w.size() + j] * w[j];
        return sum;
    }
};

}  // namespace rationale::detail

#endif
