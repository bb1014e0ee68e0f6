#ifndef RATIONALE_KERNEL_PACKED_COMPONENTS_HPP
#define RATIONALE_KERNEL_PACKED_COMPONENTS_HPP

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <vector>

#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel {

/// The numbers of D components as folds read them: tiles of neighbouring components, in each the rows one after the other, so that a
/// tile stays in the nearest cache while all events of a sequence pass over it. The last tile is filled up with copies of weight zero.
/// Numbers narrower than double are kept exactly beside them, for log likelihoods.
template <class Real>
class packed_components {
public:
    /// `pack(d, column, stride)` writes component d's numbers to column[0], column[stride], ...; `log_weight(d)` is its log prior weight.
    template <class Pack, class LogWeight>
    packed_components(std::size_t count, std::size_t rows, Pack&& pack, LogWeight&& log_weight)
        : count_(count), rows_(rows), width_(tile_width(count, rows)) {
        const std::size_t tiles = (count + width_ - 1) / width_;
        exact_.resize(tiles * width_ * rows);
        log_weight_.assign(tiles * width_, minus_infinity);
        for (std::size_t d = 0; d < tiles * width_; ++d) {
            pack(d < count ? d : 0, exact_.data() + d / width_ * width_ * rows + d % width_, width_);
            if (d < count) log_weight_[d] = log_weight(d);
        }
        if constexpr (!std::is_same_v<Real, double>) numbers_.assign(exact_.begin(), exact_.end());
    }

    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] std::size_t tiles() const noexcept { return log_weight_.size() / width_; }
    /// Components in a tile, and the distance between a component's numbers.
    [[nodiscard]] std::size_t width() const noexcept { return width_; }
    [[nodiscard]] const double* exact_numbers(std::size_t tile) const noexcept { return exact_.data() + tile * width_ * rows_; }
    [[nodiscard]] const Real* numbers(std::size_t tile) const noexcept {
        if constexpr (std::is_same_v<Real, double>) return exact_numbers(tile);
        else return numbers_.data() + tile * width_ * rows_;
    }
    [[nodiscard]] const double* log_weights(std::size_t tile) const noexcept { return log_weight_.data() + tile * width_; }

private:
    /// A multiple of the widest register's lanes for which a tile takes about 24 KB, three quarters of a small nearest cache.
    static std::size_t tile_width(std::size_t count, std::size_t rows) noexcept {
        constexpr std::size_t widest = 16;
        if (count == 1) return 1;
        const std::size_t fits = (std::max)(std::size_t{4}, 24576 / ((std::max)(rows, std::size_t{1}) * sizeof(Real) * widest)) * widest;
        return (std::min)(fits, (count + widest - 1) / widest * widest);
    }

    std::size_t count_, rows_, width_;
    std::vector<double> exact_, log_weight_;
    std::vector<Real> numbers_;
};

}  // namespace rationale::kernel

#endif
