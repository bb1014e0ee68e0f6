// What public functions ask of their arguments, in one form of words: "rationale::function: parameter is VALUE, must be ...".
#ifndef RATIONALE_CHECK_HPP
#define RATIONALE_CHECK_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "rationale/number_text.hpp"

namespace rationale::detail {

inline std::string number_text(double value) { return value == value ? significant(value) : "not a number"; }

/// Throws std::invalid_argument: "where: what is found, must be wanted".
[[noreturn]] inline void refuse(std::string_view where, std::string_view what, std::string_view found, std::string_view wanted) {
    std::string text(where);
    for (const auto part : {std::string_view(": "), what, std::string_view(" is "), found, std::string_view(", must be "), wanted})
        text += part;
    throw std::invalid_argument(text);
}

/// value, if it is a finite number above 0; otherwise throws std::invalid_argument.
inline double positive(const char* where, const char* name, double value) {
    if (!(value > 0 && value < std::numeric_limits<double>::infinity())) refuse(where, name, number_text(value), "a finite number above 0");
    return value;
}
/// value, if it is in [0, 1]; otherwise throws std::invalid_argument.
inline double share(const char* where, const char* name, double value) {
    if (!(value >= 0 && value <= 1)) refuse(where, name, number_text(value), "in [0, 1]");
    return value;
}
/// value, if it is a finite number of at least 0; otherwise throws std::invalid_argument.
inline double not_negative(std::string_view where, std::string_view name, double value) {
    if (!(value >= 0 && value < std::numeric_limits<double>::infinity()))
        refuse(where, name, number_text(value), "finite and not negative");
    return value;
}
/// Throws std::invalid_argument unless there are as many as there must be.
inline void check_size(std::string_view where, std::string_view name, std::size_t found, std::size_t wanted) {
    if (found != wanted)
        throw std::invalid_argument(std::string(where) + ": " + std::string(name) + " has " + std::to_string(found) +
                                    " numbers, must have " + std::to_string(wanted));
}
/// Throws std::invalid_argument unless the value is at least so much.
inline void check_at_least(std::string_view where, std::string_view name, std::size_t value, std::size_t least) {
    if (value < least) refuse(where, name, std::to_string(value), "at least " + std::to_string(least));
}
/// Throws std::invalid_argument unless index < count.
inline void check_index(std::string_view where, std::string_view name, std::size_t index, std::size_t count) {
    if (index >= count) refuse(where, name, std::to_string(index), "below " + std::to_string(count));
}

/// Place of the first number that is not finite, the size where all are.
inline std::size_t first_not_finite(std::span<const double> x) noexcept {
    // x - x is 0 for a finite number and NaN for any other. Sums side by side, without an exit, go into registers.
    double sums[8] = {};
    std::size_t i = 0;
    for (; i + 8 <= x.size(); i += 8)
        for (std::size_t j = 0; j < 8; ++j) sums[j] += x[i + j] - x[i + j];
    for (; i < x.size(); ++i) sums[0] += x[i] - x[i];
    if (std::accumulate(sums, sums + 8, 0.0) == 0) return x.size();
    return static_cast<std::size_t>(std::find_if(x.begin(), x.end(), [](double v) { return !std::isfinite(v); }) - x.begin());
}
/// Throws std::invalid_argument unless all numbers are finite.
inline void check_finite(std::string_view where, std::string_view name, std::span<const double> x) {
    if (const std::size_t i = first_not_finite(x); i < x.size())
        refuse(where, std::string(name) + "[" + std::to_string(i) + "]", number_text(x[i]), "finite");
}

/// The sum of relative weights, which are all made smaller where it is above the largest number. Throws std::invalid_argument for one that
/// is negative or not finite, and where all are 0.
inline double finite_sum(std::string_view where, std::string_view one, std::span<double> weights) {
    double sum = 0, largest = 0;
    for (double w : weights) sum += not_negative(where, one, w), largest = (std::max)(largest, w);
    if (!(sum > 0)) refuse(where, std::string("the sum over every ") + std::string(one).substr(one.find(' ') + 1), "0", "above 0");
    if (!std::isinf(sum)) return sum;
    sum = 0;
    for (double& w : weights) sum += w /= largest;
    return sum;
}
/// Divides relative weights by their sum, and throws where `finite_sum` does.
inline void normalise(std::string_view where, std::string_view one, std::span<double> weights) {
    const double sum = finite_sum(where, one, weights);
    for (double& w : weights) w /= sum;
}

}  // namespace rationale::detail

#endif
