#ifndef RATIONALE_KERNEL_PACKED_COMPONENTS_HPP
#define RATIONALE_KERNEL_PACKED_COMPONENTS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <type_traits>
#include <vector>

#include "rationale/function_ref.hpp"
#include "rationale/kernel/aligned.hpp"
#include "rationale/kernel/lanes.hpp"

namespace rationale::kernel {

/// The numbers of D components as folds read them: pack_size neighbours together, one row of theirs after the other. A tile of neighbours
/// fits the nearest cache, so that many events pass over it there; a chunk of tiles fits the next one, for several sequences. The last tile
/// is filled up with copies of weight zero. What events read is kept in Real, and what log likelihoods read in double.
template <class Real>
class packed_components {
public:
    /// `pack(d, column, stride)` writes component d's numbers to column[0], column[stride], ...: the `rows` that events read, then the
    /// `exact_rows` that log likelihoods read, or none of these when it is the same ones. `log_weight(d)` is its log prior weight.
    /// `event_rows` are how many of the `rows` an event reads. `sorted` puts components whose first `rows` numbers are alike side by side,
    /// so that they matter or not at the same time. `tabulated`: a chunk is one tile, beside which tables have room. `narrow` keeps what
    /// log likelihoods read in Real too. A single component, `single`, has no neighbours.
    packed_components(std::size_t count, std::size_t rows, std::size_t exact_rows, std::size_t event_rows,
                      function_ref<void(std::size_t, double*, std::size_t)> pack, function_ref<double(std::size_t)> log_weight, bool sorted,
                      bool tabulated, bool narrow, bool single)
        : rows_(rows), exact_rows_(exact_rows == 0 ? rows : exact_rows), exact_rows_given_(exact_rows > 0), order_(count) {
        const std::size_t packed_rows = rows + exact_rows;
        const std::size_t event_bytes = (rows + 1) * sizeof(Real), exact_bytes = (exact_rows_ + 8) * sizeof(double);
        width_ = even_share(count, (std::max)(std::size_t{64}, 36864 / ((event_rows + 1) * sizeof(Real))), pack_size);
        if (single) width_ = 1;
        tiles_ = (count + width_ - 1) / width_;
        chunk_tiles_ =
            even_share(tiles_, (std::max)(std::size_t{1}, 1200000 / (width_ * (event_bytes + (event_rows < rows ? 0 : exact_bytes)))), 1);
        if (tabulated) chunk_tiles_ = (std::min)(chunk_tiles_, (std::max)(std::size_t{1}, 8192 / (width_ * sizeof(Real))));
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        if (sorted && count > pack_size) {
            std::vector<double> numbers(count * packed_rows);
            for (std::size_t d = 0; d < count; ++d) pack(d, numbers.data() + d * packed_rows, std::size_t{1});
            sort(numbers, packed_rows, 0, count, (std::max)(pack_size, count / 1024));
        }
        const std::size_t places = (std::max)(tiles_ * width_, pack_size);
        numbers_.resize(places * rows + slack);
        if (exact_apart()) exact_.resize(places * exact_rows_);
        log_weight_.assign(places, minus_infinity);
        std::vector<double> column(packed_rows);
        for (std::size_t i = 0; i < places; ++i) {
            const std::size_t d = order_[i < count ? i : 0];
            pack(d, column.data(), std::size_t{1});
            for (std::size_t r = 0; r < rows; ++r) numbers_[offset(i, rows) + r * pack_size] = static_cast<Real>(column[r]);
            if (exact_apart())
                for (std::size_t r = 0; r < exact_rows_; ++r)
                    exact_[offset(i, exact_rows_) + r * pack_size] = column[packed_rows - exact_rows_ + r];
            if (i < count) log_weight_[i] = log_weight(d);
        }
        if (narrow) pack_narrow(places);
    }

    /// Numbers that may be read, if not used, past the last one: 16 rows.
    static constexpr std::size_t slack = 16 * pack_size;

    [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }
    /// Which component is packed at each place.
    [[nodiscard]] std::span<const std::size_t> order() const noexcept { return order_; }
    /// Components in a tile, a multiple of pack_size, or 1 where there is a single one.
    [[nodiscard]] std::size_t width() const noexcept { return width_; }
    [[nodiscard]] std::size_t tiles() const noexcept { return tiles_; }
    [[nodiscard]] std::size_t chunk_tiles() const noexcept { return chunk_tiles_; }
    [[nodiscard]] std::size_t chunks() const noexcept { return (tiles_ + chunk_tiles_ - 1) / chunk_tiles_; }

    /// Where the numbers of component i begin when each has so many rows; they are pack_size apart.
    [[nodiscard]] static std::size_t offset(std::size_t i, std::size_t rows) noexcept {
        return i / pack_size * pack_size * rows + i % pack_size;
    }
    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::size_t exact_rows() const noexcept { return exact_rows_; }
    // From component i on, 0 or a multiple of pack_size.
    [[nodiscard]] const Real* numbers(std::size_t i) const noexcept { return numbers_.data() + i * rows_; }
    [[nodiscard]] const double* exact_numbers(std::size_t i) const noexcept {
        if constexpr (std::is_same_v<Real, double>)
            if (!exact_apart()) return numbers(i);
        return exact_.data() + i * exact_rows_;
    }
    [[nodiscard]] const double* log_weights(std::size_t i) const noexcept { return log_weight_.data() + i; }
    /// The exact numbers and, as one row more, the log weights, all of them in Real.
    [[nodiscard]] const Real* narrow_numbers(std::size_t i) const noexcept { return narrow_.data() + i * narrow_rows(); }
    [[nodiscard]] std::size_t narrow_rows() const noexcept { return exact_rows_ + 1; }
    /// Of each of these rows the largest size of a finite number.
    [[nodiscard]] const double* largest() const noexcept { return largest_.data(); }

private:
    void pack_narrow(std::size_t places) {
        narrow_.resize(places * narrow_rows());
        largest_.assign(narrow_rows() * pack_size, 0.0);
        for (std::size_t i = 0; i < places; ++i)
            for (std::size_t r = 0; r < narrow_rows(); ++r) {
                const double x = r == exact_rows_ ? log_weight_[i] : exact_numbers(0)[offset(i, exact_rows_) + r * pack_size];
                narrow_[offset(i, narrow_rows()) + r * pack_size] = static_cast<Real>(x);
                if (x > log_of_zero) largest_[r * pack_size] = (std::max)(largest_[r * pack_size], std::abs(x));
            }
    }

    /// The size of parts, a multiple of `step`, when `count` things are split evenly into as few as hold at most `most` each.
    static std::size_t even_share(std::size_t count, std::size_t most, std::size_t step) noexcept {
        const std::size_t parts = (count + most - 1) / most;
        return ((count + parts - 1) / parts + step - 1) / step * step;
    }

    /// Halves places [first, last) where their components differ most, and the halves again, down to `leaf`.
    void sort(const std::vector<double>& numbers, std::size_t packed_rows, std::size_t first, std::size_t last, std::size_t leaf) {
        if (last - first <= leaf) return;
        const std::size_t step = (last - first + 255) / 256;  // a sample tells which number varies most
        std::size_t most_varied = 0;
        double most = 0;
        for (std::size_t r = 0; r < rows_; ++r) {
            double sum = 0, squares = 0, n = 0;
            for (std::size_t i = first; i < last; i += step, n += 1) {
                const double x = numbers[order_[i] * packed_rows + r];
                sum += x;
                squares += x * x;
            }
            const double variance = squares / n - sum / n * (sum / n);
            if (variance > most) most = variance, most_varied = r;
        }
        if (most == 0) return;
        const std::size_t middle = first + ((last - first) / 2 + pack_size - 1) / pack_size * pack_size;
        const auto at = [&](std::size_t i) { return order_.begin() + static_cast<std::ptrdiff_t>(i); };
        std::nth_element(at(first), at(middle), at(last), [&](std::size_t a, std::size_t b) {
            return numbers[a * packed_rows + most_varied] < numbers[b * packed_rows + most_varied];
        });
        sort(numbers, packed_rows, first, middle, leaf);
        sort(numbers, packed_rows, middle, last, leaf);
    }

    [[nodiscard]] bool exact_apart() const noexcept { return !std::is_same_v<Real, double> || exact_rows_given_; }

    std::size_t rows_, exact_rows_, width_ = 0, tiles_ = 0, chunk_tiles_ = 0;
    bool exact_rows_given_;
    std::vector<std::size_t> order_;
    aligned_vector<double> exact_, log_weight_, largest_;
    aligned_vector<Real> numbers_, narrow_;
};

}  // namespace rationale::kernel

#endif
