#ifndef RATIONALE_RECORDING_TEXT_HPP
#define RATIONALE_RECORDING_TEXT_HPP

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace rationale::detail {

/// Text for a terminal, a message or a page: of control characters and bytes that are no UTF-8 the hexadecimal digits, as in C, all else as
/// it is.
[[nodiscard]] inline std::string shown(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = [&](std::size_t k) { return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u; };
        const unsigned first = byte(0), second = byte(1);
        const std::size_t length = first < 0x80                     ? 1
                                   : first >= 0xc2 && first <= 0xdf ? 2
                                   : first >= 0xe0 && first <= 0xef ? 3
                                   : first >= 0xf0 && first <= 0xf4 ? 4
                                                                    : 0;
        bool whole = length > 0;
        for (std::size_t k = 1; k < length; ++k) whole = whole && (byte(k) & 0xc0) == 0x80;
        // Too long for what it encodes, a surrogate, or beyond U+10FFFF.
        if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) || (first == 0xf0 && second < 0x90) ||
            (first == 0xf4 && second >= 0x90))
            whole = false;
        const bool control = (length == 1 && (first < 0x20 || first == 0x7f)) || (first == 0xc2 && second < 0xa0);
        const std::size_t taken = whole ? length : 1;
        if (whole && !control) {
            out += text.substr(i, taken);
        } else {
            for (std::size_t k = 0; k < taken; ++k) {
                char escaped[8];
                std::snprintf(escaped, sizeof escaped, "\\x%02x", byte(k));
                out += escaped;
            }
        }
        i += taken;
    }
    return out;
}

}  // namespace rationale::detail

#endif
