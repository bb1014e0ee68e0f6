#ifndef RATIONALE_COMPARE_KEPT_PREDICTIONS_HPP
#define RATIONALE_COMPARE_KEPT_PREDICTIONS_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/task/prediction.hpp"

namespace rationale::detail {

/// A model's predictions that are looked at again later, without their evidence: in float where every number is one, in half the room, as
/// those of most recordings are.
class kept_predictions {
public:
    kept_predictions() = default;
    /// Those of the first sequences, so many of them.
    kept_predictions(const predictions& p, std::size_t sequences) : kind_(p.kind), shape_{sequences, p.events(), p.outcomes()} {
        const std::span<const double> values(p.values.data(), sequences * p.events() * p.outcomes());
        constexpr double largest = (std::numeric_limits<float>::max)();
        const bool exact = std::all_of(values.begin(), values.end(),
                                       [](double v) { return std::abs(v) <= largest && static_cast<double>(static_cast<float>(v)) == v; });
        if (exact) floats_.assign(values.begin(), values.end());
        else doubles_.assign(values.begin(), values.end());
    }

    /// Where they are; it must outlive the view.
    [[nodiscard]] prediction_view view() const noexcept {
        return doubles_.empty() ? prediction_view(kind_, floats_.data(), shape_) : prediction_view(kind_, doubles_.data(), shape_);
    }
    /// In double.
    [[nodiscard]] predictions widened() const {
        predictions out{kind_, unwritten<double, 3>(shape_), {}};
        if (doubles_.empty()) std::copy(floats_.begin(), floats_.end(), out.values.data());
        else std::copy(doubles_.begin(), doubles_.end(), out.values.data());
        return out;
    }

    /// Its members, for what carries them to another process.
    template <class Bytes>
    friend void fields(Bytes& bytes, kept_predictions& x) {
        bytes(x.kind_, x.shape_, x.floats_, x.doubles_);
    }

private:
    prediction_kind kind_ = prediction_kind::distribution;
    std::array<std::size_t, 3> shape_{};
    std::vector<float> floats_{};
    std::vector<double> doubles_{};
};

}  // namespace rationale::detail

#endif
