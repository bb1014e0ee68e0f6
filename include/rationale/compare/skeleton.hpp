#ifndef RATIONALE_COMPARE_SKELETON_HPP
#define RATIONALE_COMPARE_SKELETON_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace rationale::detail {

/// Few functions by which many are expressed: function i is, nearly, sum_j coefficients[i * chosen.size() + j] function chosen[j].
struct skeleton {
    std::vector<std::size_t> chosen;
    std::vector<double> coefficients;
};

/// An interpolative decomposition by Gram and Schmidt's orthogonalization with pivoting. `values` has a row of `probes` values for each of
/// the functions, and is overwritten. It stops when what is left of every function has a root mean square of at most `tolerance`, or at
/// `most` functions. O(functions x probes x chosen).
[[nodiscard]] inline skeleton choose_skeleton(std::vector<double>& values, std::size_t probes, double tolerance, std::size_t most) {
    const std::size_t count = values.size() / probes;
    std::vector<double> square(count), direction(probes);
    const auto column = [&](std::size_t i) { return values.data() + i * probes; };
    const auto dot = [&](const double* x, const double* y) {
        double sums[8] = {};
        std::size_t k = 0;
        for (; k + 8 <= probes; k += 8)
            for (std::size_t l = 0; l < 8; ++l) sums[l] += x[k + l] * y[k + l];
        for (; k < probes; ++k) sums[0] += x[k] * y[k];
        return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    };
    for (std::size_t i = 0; i < count; ++i) square[i] = dot(column(i), column(i));
    const double enough = tolerance * tolerance * static_cast<double>(probes);
    skeleton out;
    std::vector<std::vector<double>> r;  // products of each direction with all functions
    while (out.chosen.size() < (std::min)(most, count)) {
        const auto pivot = static_cast<std::size_t>(std::max_element(square.begin(), square.end()) - square.begin());
        if (!(square[pivot] > enough)) break;
        const double length = std::sqrt(dot(column(pivot), column(pivot)));
        std::transform(column(pivot), column(pivot) + probes, direction.begin(), [length](double x) { return x / length; });
        auto& products = r.emplace_back(count);
        for (std::size_t i = 0; i < count; ++i) {
            double* const x = column(i);
            const double along = products[i] = dot(direction.data(), x);
            double left = 0;
            for (std::size_t k = 0; k < probes; ++k) x[k] -= along * direction[k];
            left = dot(x, x);
            square[i] = left;
        }
        for (std::size_t earlier : out.chosen) square[earlier] = 0;
        square[pivot] = 0;
        out.chosen.push_back(pivot);
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
