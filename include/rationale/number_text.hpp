// Numbers with a fraction as text, and back. printf, std::to_string, strtod and streams follow the program's locale, which may write a
// comma for the point: everything that the library writes or reads goes through these.
#ifndef RATIONALE_NUMBER_TEXT_HPP
#define RATIONALE_NUMBER_TEXT_HPP

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

namespace rationale {

/// x with so many significant digits, without trailing zeros, as printf's "%.6g" in the C locale: 0.25, 1e-05, inf.
[[nodiscard]] inline std::string significant(double x, int digits = 6) {
    std::array<char, 64> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), x, std::chars_format::general, digits).ptr};
}

/// x with so many digits after the point, as printf's "%.2f" in the C locale: 0.25, 1000.00, inf.
[[nodiscard]] inline std::string decimals(double x, int digits) {
    std::array<char, 512> text{};  // a double has up to 309 digits before the point
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), x, std::chars_format::fixed, digits).ptr};
}

/// significant(x, digits), or a text in its place where x is NaN.
[[nodiscard]] inline std::string significant_or(std::string_view undefined, double x, int digits = 4) {
    return std::isnan(x) ? std::string(undefined) : significant(x, digits);
}

/// decimals(x, digits), or a text in its place where x is NaN.
[[nodiscard]] inline std::string decimals_or(std::string_view undefined, double x, int digits) {
    return std::isnan(x) ? std::string(undefined) : decimals(x, digits);
}

/// "1 cell", "2 cells".
[[nodiscard]] inline std::string counted(std::size_t n, const std::string& one) {
    return std::to_string(n) + ' ' + one + (n == 1 ? "" : "s");
}

/// x rounded to so many significant digits.
[[nodiscard]] inline double rounded(double x, int digits) {
    const std::string text = significant(x, digits);
    double out = x;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

}  // namespace rationale

#endif
