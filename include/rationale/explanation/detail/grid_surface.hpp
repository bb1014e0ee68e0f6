#ifndef RATIONALE_EXPLANATION_DETAIL_GRID_SURFACE_HPP
#define RATIONALE_EXPLANATION_DETAIL_GRID_SURFACE_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace rationale::detail {

/// A positive function between the nodes of a grid, where it may be infinite: bicubic pieces of its logarithm, with the slopes of the
/// polynomials through the five nearest nodes along each side. Each piece depends on its neighbours alone. Something like the least value
/// is added before the logarithm is taken, so that a function that vanishes somewhere is smooth there.
class grid_surface {
public:
    /// Nodes at equal distances along both sides, at least 5 of each, y varying fastest; they must outlive it.
    grid_surface(std::span<const double> x, std::span<const double> y, std::span<const double> values)
        : x_(x), y_(y), floor_(floor_of(values)) {
        const double top = std::log(2 * floor_) + most_above;
        for (const double v : values) {
            const double log_value = std::log(v + floor_);
            at_.push_back({log_value < top ? log_value : top, 0, 0, 0});  // top stands for infinity and NaN
        }
        const std::size_t rows = x.size(), columns = y.size();
        for (std::size_t i = 0; i < rows; ++i) differentiate(i * columns, columns, 1, 0, 2);
        for (std::size_t j = 0; j < columns; ++j) differentiate(j, rows, columns, 0, 1), differentiate(j, rows, columns, 2, 3);
    }

    /// Places beyond a side are at its end.
    [[nodiscard]] double operator()(double x, double y) const noexcept {
        const auto [i, s] = piece(x_, x);
        const auto [j, t] = piece(y_, y);
        const auto a = basis(s), b = basis(t);
        double out = 0;
        for (std::size_t p = 0; p < 2; ++p)
            for (std::size_t q = 0; q < 2; ++q) {
                const auto& n = at_[(i + p) * y_.size() + j + q];
                out += a[p] * (b[q] * n[0] + b[q + 2] * n[2]) + a[p + 2] * (b[q] * n[1] + b[q + 2] * n[3]);
            }
        return std::exp(out) - floor_;
    }

private:
    static constexpr double most_above = 14;  // nats of what is known to be no minimum

    /// The least value, but no less than a thousandth of what a quarter of them do not exceed.
    [[nodiscard]] static double floor_of(std::span<const double> values) {
        std::vector<double> sorted(values.begin(), values.end());
        std::erase_if(sorted, [](double v) { return !std::isfinite(v); });
        if (sorted.empty()) return 1;
        std::sort(sorted.begin(), sorted.end());
        return (std::max)({sorted.front(), 1e-3 * sorted[sorted.size() / 4], (std::numeric_limits<double>::min)()});
    }

    using node = std::array<double, 4>;  // value, its derivatives by x, by y, and by both, in units of the distance of nodes

    /// Derivatives along a line of nodes, of the numbers `from`.
    void differentiate(std::size_t first, std::size_t count, std::size_t stride, std::size_t from, std::size_t to) {
        const auto f = [&](std::size_t i) { return at_[first + i * stride][from]; };
        for (std::size_t i = 0; i < count; ++i) {
            double& slope = at_[first + i * stride][to];
            if (i >= 2 && i + 2 < count) slope = (f(i - 2) - 8 * f(i - 1) + 8 * f(i + 1) - f(i + 2)) / 12;
            else if (i == 1) slope = (-3 * f(0) - 10 * f(1) + 18 * f(2) - 6 * f(3) + f(4)) / 12;
            else if (i + 2 == count) slope = (3 * f(i + 1) + 10 * f(i) - 18 * f(i - 1) + 6 * f(i - 2) - f(i - 3)) / 12;
            else if (i == 0) slope = (-25 * f(0) + 48 * f(1) - 36 * f(2) + 16 * f(3) - 3 * f(4)) / 12;
            else slope = (25 * f(i) - 48 * f(i - 1) + 36 * f(i - 2) - 16 * f(i - 3) + 3 * f(i - 4)) / 12;
        }
    }
    [[nodiscard]] static std::pair<std::size_t, double> piece(std::span<const double> side, double place) noexcept {
        const double step = side[1] - side[0], along = std::clamp((place - side[0]) / step, 0.0, static_cast<double>(side.size() - 1));
        const auto i = (std::min)(static_cast<std::size_t>(along), side.size() - 2);
        return {i, along - static_cast<double>(i)};
    }
    /// Hermite's polynomials: of the values at both ends, then of the slopes.
    [[nodiscard]] static std::array<double, 4> basis(double t) noexcept {
        const double u = 1 - t;
        return {u * u * (1 + 2 * t), t * t * (3 - 2 * t), t * u * u, -t * t * u};
    }

    std::span<const double> x_, y_;
    double floor_;
    std::vector<node> at_;
};

}  // namespace rationale::detail

#endif
