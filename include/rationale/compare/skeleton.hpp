#ifndef RATIONALE_COMPARE_SKELETON_HPP
#define RATIONALE_COMPARE_SKELETON_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "rationale/kernel/detail/simd.hpp"
#include "rationale/kernel/lanes.hpp"

namespace rationale::detail {

/// Few functions by which many are expressed: function i is, nearly, sum_j coefficients[i * chosen.size() + j] function chosen[j].
struct skeleton {
    std::vector<std::size_t> chosen;
    std::vector<double> coefficients;
};

/// Rows of equal length, and their products with others.
class row_products {
public:
    explicit row_products(std::size_t length) : length_(length) {}
    void push_back(const std::vector<double>& row) { rows_.insert(rows_.end(), row.begin(), row.end()); }
    [[nodiscard]] std::size_t size() const noexcept { return rows_.size() / length_; }
    [[nodiscard]] const double* operator[](std::size_t j) const noexcept { return rows_.data() + j * length_; }

    /// Calls visit(j, product with row j) for rows from `first` on. Several are summed at a time, which do not wait for each other.
    template <class Visit>
    void each_from(std::size_t first, const double* with, const Visit& visit) const {
        std::size_t j = first;
        for (; j + together <= size(); j += together)
            for (std::size_t k = 0; const double product : products<together>(j, with)) visit(j + k++, product);
        for (; j < size(); ++j) visit(j, products<1>(j, with)[0]);
    }

private:
    template <std::size_t N>
    [[nodiscard]] std::array<double, N> products(std::size_t j, const double* with) const {
        using V = kernel::native_lanes::of<double>;
        using access = kernel::lane_access<V>;
        constexpr std::size_t lanes = kernel::lane_count<V>, at_once = together / N;
        std::array<V, N * at_once> sums;
        sums.fill(V(0.0));
        const double* const row = (*this)[j];
        const auto add = [&](std::size_t i, std::size_t a) {
            const V x = access::load(with + i);
            for (std::size_t k = 0; k < N; ++k)
                sums[a * N + k] = access::multiply_add(access::load(row + k * length_ + i), x, sums[a * N + k]);
        };
        std::size_t i = 0;
        for (; i + at_once * lanes <= length_; i += at_once * lanes)
            for (std::size_t a = 0; a < at_once; ++a) add(i + a * lanes, a);
        for (; i + lanes <= length_; i += lanes) add(i, 0);
        std::array<double, N> out{};
        for (std::size_t a = 0; a < at_once; ++a)
            for (std::size_t k = 0; k < N; ++k) out[k] += kernel::lane_sum(sums[a * N + k]);
        for (; i < length_; ++i)
            for (std::size_t k = 0; k < N; ++k) out[k] += row[k * length_ + i] * with[i];
        return out;
    }

    static constexpr std::size_t together = 4;
    std::size_t length_;
    std::vector<double> rows_;
};

/// An interpolative decomposition by Gram and Schmidt's orthogonalization with pivoting. `values` has a row of `probes` values for each of
/// the functions. It stops when what is left of every function has a root mean square of at most `tolerance`, or at `most` functions.
/// Only the pivots are made orthogonal; of the others no more than the square of what is left is kept. What is left only falls: pivots are
/// taken from few candidates, those of which most is left, as long as one of these is ahead of what the others had, and only then are all
/// functions read. O(functions x probes x chosen).
[[nodiscard]] inline skeleton choose_skeleton(const std::vector<double>& values, std::size_t probes, double tolerance, std::size_t most) {
    const std::size_t count = values.size() / probes, few = (std::min)(count, std::size_t{256});
    const auto function = [&](std::size_t i) { return values.data() + i * probes; };
    std::vector<double> square(count);
    for (std::size_t i = 0; i < count; ++i) square[i] = std::inner_product(function(i), function(i + 1), function(i), 0.0);
    std::vector<std::size_t> order(count);  // the candidates first
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto more_is_left = [&](std::size_t a, std::size_t b) { return square[a] > square[b]; };
    const double enough = tolerance * tolerance * static_cast<double>(probes);
    skeleton out;
    row_products directions(probes);            // orthonormal
    std::vector<std::vector<double>> products;  // of each direction with all functions
    while (directions.size() < most) {
        std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(few), order.end(), more_is_left);
        if (few == 0 || !(square[order[0]] > enough)) break;
        const double of_others = few < count ? square[order[few - 1]] : 0;
        std::vector<double> left;
        for (std::size_t c = 0; c < few; ++c) left.push_back(square[order[c]]);
        const std::size_t first = directions.size();
        while (directions.size() < most) {
            const auto c = static_cast<std::size_t>(std::max_element(left.begin(), left.end()) - left.begin());
            if (!(left[c] > enough && left[c] >= of_others)) break;
            // Twice, as what is left may be so little that the first leaves rounding of its size.
            const std::size_t pivot = order[c];
            std::vector<double> direction(function(pivot), function(pivot + 1));
            for (int again = 0; again < 2; ++again) {
                const auto before = direction;
                directions.each_from(0, before.data(), [&](std::size_t j, double product) {
                    for (std::size_t k = 0; k < probes; ++k) direction[k] -= product * directions[j][k];
                });
            }
            left[c] = std::inner_product(direction.begin(), direction.end(), direction.begin(), 0.0);
            if (!(left[c] > enough)) {  // it had lost its digits
                square[pivot] = left[c];
                continue;
            }
            const double length = std::sqrt(left[c]);
            for (double& x : direction) x /= length;
            directions.push_back(direction);
            out.chosen.push_back(pivot);
            for (std::size_t k = 0; k < few; ++k)
                directions.each_from(directions.size() - 1, function(order[k]),
                                     [&](std::size_t, double product) { left[k] -= product * product; });
            left[c] = 0;
        }
        products.resize(directions.size(), std::vector<double>(count));
        for (std::size_t i = 0; i < count; ++i)
            directions.each_from(first, function(i), [&](std::size_t j, double product) {
                products[j][i] = product;
                square[i] -= product * product;
            });
        for (std::size_t chosen : out.chosen) square[chosen] = 0;
    }
    // Back substitution: the products of the chosen functions are triangular.
    const std::size_t rank = out.chosen.size();
    const auto all_products = [&](std::size_t i, double* to) {
        for (std::size_t j = 0; j < rank; ++j) to[j] = products[j][i];
    };
    std::vector<double> of_chosen(rank * rank);
    for (std::size_t j = 0; j < rank; ++j) all_products(out.chosen[j], of_chosen.data() + j * rank);
    out.coefficients.resize(count * rank);
    for (std::size_t i = 0; i < count; ++i) {
        double* const c = out.coefficients.data() + i * rank;
        all_products(i, c);
        for (std::size_t j = rank; j-- > 0;) {
            const double* const row = of_chosen.data() + j * rank;
            c[j] /= row[j];
            for (std::size_t k = 0; k < j; ++k) c[k] -= c[j] * row[k];
        }
    }
    return out;
}

}  // namespace rationale::detail

#endif
