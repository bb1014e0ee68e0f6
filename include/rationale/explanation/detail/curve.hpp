#ifndef RATIONALE_EXPLANATION_DETAIL_CURVE_HPP
#define RATIONALE_EXPLANATION_DETAIL_CURVE_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "rationale/explanation/detail/least.hpp"

namespace rationale::detail {

/// The polynomial through up to five neighbouring places of a function that is known at increasing places, those nearest to one of them at
/// which it is finite.
class local_polynomial {
public:
    local_polynomial(std::span<const double> at, std::span<const double> value, std::size_t middle) : middle_(at[middle]) {
        std::size_t low = middle, high = middle + 1;
        while (high - low < most) {
            const bool left = low > 0 && std::isfinite(value[low - 1]), right = high < at.size() && std::isfinite(value[high]);
            if (!left && !right) break;
            if (left && (!right || at[middle] - at[low - 1] < at[high] - at[middle])) --low;
            else ++high;
        }
        // Newton's divided differences.
        size_ = high - low;
        for (std::size_t i = 0; i < size_; ++i) at_[i] = at[low + i], difference_[i] = value[low + i];
        for (std::size_t order = 1; order < size_; ++order)
            for (std::size_t i = size_ - 1; i >= order; --i)
                difference_[i] = (difference_[i] - difference_[i - 1]) / (at_[i] - at_[i - order]);
    }

    [[nodiscard]] double operator()(double x) const noexcept { return evaluate(x).first; }
    /// Its derivative at the place in the middle.
    [[nodiscard]] double slope() const noexcept { return evaluate(middle_).second; }

private:
    static constexpr std::size_t most = 5;

    [[nodiscard]] std::pair<double, double> evaluate(double x) const noexcept {
        double value = difference_[size_ - 1], slope = 0;
        for (std::size_t i = size_ - 1; i-- > 0;) slope = slope * (x - at_[i]) + value, value = value * (x - at_[i]) + difference_[i];
        return {value, slope};
    }

    double middle_;
    std::size_t size_ = 0;
    std::array<double, most> at_{}, difference_{};
};

/// Where a function that is known at some places promises to be least, and what it promises there: the least of the polynomial through the
/// places around the least one, between its two neighbours; that place itself where nothing less is promised.
[[nodiscard]] inline std::pair<double, double> promised_least(std::span<const double> at, std::span<const double> value) {
    const auto best = static_cast<std::size_t>(std::min_element(value.begin(), value.end()) - value.begin());
    std::pair<double, double> out(at[best], value[best]);
    if (!std::isfinite(value[best])) return out;
    const local_polynomial around(at, value, best);
    const auto between = [&](std::size_t low, std::size_t high) {
        if (!std::isfinite(value[low]) || !std::isfinite(value[high])) return;
        const auto [x, y] = least_between(around, at[low], at[high], 20);
        if (y < out.second) out = {x, y};
    };
    if (best > 0) between(best - 1, best);
    if (best + 1 < at.size()) between(best, best + 1);
    return out;
}

/// A function between the places where it is known, never below the least nor above the greatest of the two values beside: cubic pieces
/// whose slopes are those of polynomials through five places, made smaller where a piece would leave its values (Fritsch and Carlson 1980,
/// SIAM J. Numer. Anal. 17, 238). Between a finite and an infinite value it is infinite. The places must outlive it.
class monotone_curve {
public:
    monotone_curve() = default;
    monotone_curve(std::span<const double> at, std::vector<double> value) : at_(at), value_(std::move(value)), slope_(at.size()) {
        const auto secant = [&](std::size_t i) { return (value_[i + 1] - value_[i]) / (at_[i + 1] - at_[i]); };
        for (std::size_t i = 0; i < at_.size(); ++i) {
            if (!std::isfinite(value_[i])) continue;
            double upper = std::numeric_limits<double>::infinity(), lower = -upper;
            for (std::size_t side = i == 0 ? 1 : 0; side < 2 && i + side < at_.size(); ++side) {
                const double s = secant(i + side - 1);
                if (!std::isfinite(s)) continue;
                upper = (std::min)(upper, (std::max)(3 * s, 0.0)), lower = (std::max)(lower, (std::min)(3 * s, 0.0));
            }
            slope_[i] = std::clamp(local_polynomial(at_, value_, i).slope(), lower, upper);
        }
    }

    [[nodiscard]] double operator()(double x) const noexcept {
        const auto above = std::upper_bound(at_.begin(), at_.end(), x);
        if (above == at_.begin()) return value_.front();
        const auto i = static_cast<std::size_t>(above - at_.begin()) - 1;
        if (at_[i] == x || above == at_.end()) return value_[i];
        const double width = at_[i + 1] - at_[i], t = (x - at_[i]) / width, rise = value_[i + 1] - value_[i];
        if (!std::isfinite(rise)) return std::numeric_limits<double>::infinity();
        return value_[i] + t * t * (3 - 2 * t) * rise + width * t * (1 - t) * ((1 - t) * slope_[i] - t * slope_[i + 1]);
    }

private:
    std::span<const double> at_;
    std::vector<double> value_, slope_;
};

}  // namespace rationale::detail

#endif
