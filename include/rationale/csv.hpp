// Comma-separated values, RFC 4180 with a line feed at the end of a line.
#ifndef RATIONALE_CSV_HPP
#define RATIONALE_CSV_HPP

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "rationale/number_text.hpp"

namespace rationale {

/// A line. Fields with a comma, a quote or an end of a line are quoted.
[[nodiscard]] inline std::string csv_line(const std::vector<std::string>& fields) {
    std::string out;
    for (const auto& field : fields) {
        if (&field != fields.data()) out += ',';
        const bool quote = field.find_first_of(",\"\n\r") != std::string::npos;
        if (quote) out += '"';
        for (char c : field) out += c == '"' ? "\"\"" : std::string(1, c);
        if (quote) out += '"';
    }
    return out + '\n';
}

/// A number's field: ten digits, "inf" for infinity, nothing for what is undefined.
[[nodiscard]] inline std::string csv_number(double x) { return std::isnan(x) ? std::string() : significant(x, 10); }

}  // namespace rationale

#endif
