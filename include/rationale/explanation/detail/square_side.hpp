#ifndef RATIONALE_EXPLANATION_DETAIL_SQUARE_SIDE_HPP
#define RATIONALE_EXPLANATION_DETAIL_SQUARE_SIDE_HPP

#include <cmath>

namespace rationale::detail {

/// A place on a side of the square from a number x in [0, inf], and back: sqrt(x)/(1 + sqrt(x)) in [0, 1]. Predictions are smooth in it up
/// to both ends, where they vary as x and as 1/x.
[[nodiscard]] inline double side_place(double x) noexcept { return std::isinf(x) ? 1 : std::sqrt(x) / (1 + std::sqrt(x)); }
[[nodiscard]] inline double side_number(double place) noexcept { return place * place / ((1 - place) * (1 - place)); }

}  // namespace rationale::detail

#endif
