#ifndef RATIONALE_TASK_PREDICTION_HPP
#define RATIONALE_TASK_PREDICTION_HPP

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/arrays.hpp"

namespace rationale {

/// What a prediction is, and with it how it is scored: a distribution over outcomes (Kullback-Leibler divergence, in nats), or
/// the mean of a real outcome (squared error).
enum class prediction_kind { distribution, mean };

/// Predictions for S sequences, each made from what comes before its event alone.
struct predictions {
    prediction_kind kind = prediction_kind::distribution;  ///< what `values` are
    /// (sequence, event, outcome). Urns (S,T,K), regression (S,T,1), classification (S,1,L).
    ndarray<double, 3> values;
    /// (sequence, event): log density in nats of all that was observed before the event, constants included; the last column, one
    /// past the last event, is that of the whole sequence. Empty where nobody computed it, as for a recorded model.
    ndarray<double, 2> log_evidence;

    /// S.
    [[nodiscard]] std::size_t sequences() const { return values.shape(0); }
    [[nodiscard]] std::size_t events() const { return values.shape(1); }
    [[nodiscard]] std::size_t outcomes() const { return values.shape(2); }
};

/// Predictions wherever they are, such as a model's in a block of a file or in another library's tensor: row-major numbers, (sequence,
/// event, outcome), in double or in float, which is widened as it is read. It refers to them, so they must outlive it.
class prediction_view {
public:
    /// Of the library's own. Implicit, as predictions are passed where they are read.
    prediction_view(const predictions& p) noexcept
        : kind(p.kind), shape_{p.sequences(), p.events(), p.outcomes()}, doubles_(p.values.data()) {}
    /// Of numbers in memory.
    prediction_view(prediction_kind of, const double* values, const std::array<std::size_t, 3>& shape) noexcept
        : kind(of), shape_(shape), doubles_(values) {}
    /// In float.
    prediction_view(prediction_kind of, const float* values, const std::array<std::size_t, 3>& shape) noexcept
        : kind(of), shape_(shape), floats_(values) {}
    /// Of an xtensor, an xarray, an adaptor or a view of one. Throws std::invalid_argument unless it has three axes and is row-major
    /// without gaps; any other expression can be evaluated into `predictions`.
    template <class A>
        requires detail::is_in_memory<A> prediction_view(prediction_kind of, const A& array)
            : prediction_view(of, detail::first_of(array), row_major_shape(array)) {}

        prediction_kind kind;  ///< what they are

        /// S.
        [[nodiscard]] std::size_t sequences() const noexcept { return shape_[0]; }
        [[nodiscard]] std::size_t events() const noexcept { return shape_[1]; }
        [[nodiscard]] std::size_t outcomes() const noexcept { return shape_[2]; }

        /// Those of `count` sequences from the first on, one after the other: where they are, or widened into `room`.
        [[nodiscard]] std::span<const double> rows(std::size_t first, std::size_t count, std::vector<double>& room) const {
            const std::size_t each = shape_[1] * shape_[2];
            if (floats_ == nullptr) return {doubles_ + first * each, count * each};
            room.assign(floats_ + first * each, floats_ + (first + count) * each);
            return room;
        }

    private:
        template <class A>
        static std::array<std::size_t, 3> row_major_shape(const A& array) {
            if (array.dimension() != 3 || !detail::is_row_major(array))
                throw std::invalid_argument(
                    "rationale::prediction_view: the array is not (sequence, event, outcome), row-major, without gaps");
            return {array.shape()[0], array.shape()[1], array.shape()[2]};
        }

        std::array<std::size_t, 3> shape_;
        const double* doubles_ = nullptr;
        const float* floats_ = nullptr;
};

}  // namespace rationale

#endif
