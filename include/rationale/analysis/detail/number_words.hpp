#ifndef RATIONALE_ANALYSIS_DETAIL_NUMBER_WORDS_HPP
#define RATIONALE_ANALYSIS_DETAIL_NUMBER_WORDS_HPP

#include <cmath>
#include <string>

#include "rationale/fit/bootstrap.hpp"
#include "rationale/number_text.hpp"

namespace rationale::detail {

/// A number for readers; a dash where it is undefined.
inline std::string short_number(double x, int digits = 4) { return significant_or("–", x, digits); }
/// The same with at most three digits and no exponent up to ten millions: 0.55, 5000.
inline std::string plain_number(double x, int digits) {
    return std::abs(x) >= 100 && std::abs(x) < 1e7 ? decimals(rounded(x, digits), 0) : short_number(x, digits);
}
/// The same with so many digits after the point.
inline std::string fixed_number(double x, int digits) { return decimals_or("–", x, digits); }
/// "0.4 to 0.6".
inline std::string from_to(const interval& x) {
    return std::isnan(x.lower) ? "–" : short_number(x.lower, 3) + " to " + short_number(x.upper, 3);
}

}  // namespace rationale::detail

#endif
