// Numbers of a command line, taken as they are written. CLI11 by itself wraps -1 around to 2^64 - 1, reads 010 as 8, and takes nan.
#ifndef RATIONALE_PROGRAM_NUMBER_OPTIONS_HPP
#define RATIONALE_PROGRAM_NUMBER_OPTIONS_HPP

#include <CLI/CLI.hpp>

#include <charconv>
#include <concepts>
#include <string>
#include <system_error>

#include "rationale/number_text.hpp"

namespace rationale::detail {

/// The whole text is a number within [least, most]; a whole number has no leading zeros.
template <class Number>
[[nodiscard]] CLI::Validator number_in(Number least, Number most) {
    constexpr bool whole = std::integral<Number>;
    const auto text_of = [](Number x) {
        if constexpr (whole) return std::to_string(x);
        else return significant(x);
    };
    const std::string range = text_of(least) + ".." + text_of(most);
    const auto fault = [least, most, range](const std::string& text) -> std::string {
        Number value{};
        const char* const end = text.data() + text.size();
        const auto [read_to, code] = std::from_chars(text.data(), end, value);
        const bool padded = whole && text.size() > 1 && text[0] == '0';
        if (code == std::errc() && read_to == end && !padded && value >= least && value <= most) return {};
        return text + " is no " + (whole ? "whole number" : "number") + " in " + range +
               (padded ? ", which is written without leading zeros" : "");
    };
    return {fault, "in " + range};
}

/// Adds a validator. In parentheses, because some systems have a macro `check`.
inline CLI::Option& checked(CLI::Option* option, const CLI::Validator& by) { return *(option->check)(by); }

/// An option for a number within [least, most].
template <class Number>
CLI::Option& add_number(CLI::App& app, const std::string& name, Number& to, Number least, Number most, const std::string& help) {
    return checked(app.add_option(name, to, help)->capture_default_str(), number_in(least, most));
}

}  // namespace rationale::detail

#endif
