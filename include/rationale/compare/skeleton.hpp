#ifndef RATIONALE_COMPARE_SKELETON_HPP
#define RATIONALE_COMPARE_SKELETON_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "rationale/kernel/detail/simd.hpp"
#include "rationale/kernel/over_lanes.hpp"

namespace rationale::detail {

/// Few functions by which many are expressed: function i is, nearly, sum_j coefficients[i * chosen.size() + j] function chosen[j].
struct skeleton {
    std::vector<std::size_t> chosen;
    std::vector<double> coefficients;
};

/// An interpolative decomposition by Gram and Schmidt's orthogonalization with pivoting. `values` has a row of `probes` values for each of
/// the functions. It stops when what is left of every function has a root mean square of at most `tolerance`, or at `most` functions.
/// Only the pivots are made orthogonal; of the others no more than the square of what is left is kept. O(functions x probes x chosen).
template <class Lanes = kernel::native_lanes>
[[nodiscard]] skeleton choose_skeleton(const std::vector<double>& values, std::size_t probes, double tolerance, std::size_t most) {
    const std::size_t count = values.size() / probes;
    std::vector<double> square(count);
    std::vector<std::vector<double>> directions;  // orthonormal
    const auto column = [&](std::size_t i) { return values.data() + i * probes; };
    const auto dot = [&](const double* x, const double* y) {
        return kernel::sum_over_lanes<Lanes>(probes, [&]<class V>(std::size_t k) {
            using access = kernel::lane_access<V>;
            return access::load(x + k) * access::load(y + k);
        });
    };
    for (std::size_t i = 0; i < count; ++i) square[i] = dot(column(i), column(i));
    const double enough = tolerance * tolerance * static_cast<double>(probes);
    skeleton out;
    std::vector<std::vector<double>> r;  // products of each direction with all functions
    while (out.chosen.size() < (std::min)(most, count)) {
        const auto pivot = static_cast<std::size_t>(std::max_element(square.begin(), square.end()) - square.begin());
        if (!(square[pivot] > enough)) break;
        // Twice, as what is left may be so little that the first leaves rounding of its size.
        std::vector<double> direction(column(pivot), column(pivot) + probes);
        for (int again = 0; again < 2; ++again)
            for (const auto& earlier : directions) {
                const double along = dot(earlier.data(), direction.data());
                for (std::size_t k = 0; k < probes; ++k) direction[k] -= along * earlier[k];
            }
        square[pivot] = dot(direction.data(), direction.data());
        if (!(square[pivot] > enough)) continue;  // it had lost its digits
        const double length = std::sqrt(square[pivot]);
        for (double& x : direction) x /= length;
        auto& products = r.emplace_back(count);
        for (std::size_t i = 0; i < count; ++i) {
            products[i] = dot(direction.data(), column(i));
            square[i] -= products[i] * products[i];
        }
        out.chosen.push_back(pivot);
        for (std::size_t chosen : out.chosen) square[chosen] = 0;
        directions.push_back(std::move(direction));
    }
    // Back substitution: the products with the chosen functions are triangular.
    const std::size_t rank = out.chosen.size();
    out.coefficients.resize(count * rank);
    for (std::size_t i = 0; i < count; ++i) {
        double* const c = out.coefficients.data() + i * rank;
        for (std::size_t j = rank; j-- > 0;) {
            double rest = r[j][i];
            for (std::size_t k = j + 1; k < rank; ++k) rest -= r[j][out.chosen[k]] * c[k];
            c[j] = rest / r[j][out.chosen[j]];
        }
    }
    return out;
}

}  // namespace rationale::detail

#endif
