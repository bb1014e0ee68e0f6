// Numbers of a command line, taken as they are written. CLI11 by itself wraps -1 around to 2^64 - 1, reads 010 as 8, and takes nan.
#ifndef RATIONALE_EXAMPLES_ANALYZE_NUMBERS_HPP
#define RATIONALE_EXAMPLES_ANALYZE_NUMBERS_HPP

#include <CLI/CLI.hpp>

#include <charconv>
#include <concepts>
#include <sstream>
#include <string>
#include <system_error>

/// The whole text is a number within [least, most]; a whole number has no leading zeros.
template <class Number>
CLI::Validator number_in(Number least, Number most) {
    std::ostringstream range;
    range << least << ".." << most;
    const auto check = [least, most, within = range.str()](const std::string& text) -> std::string {
        Number value{};
        const char* const end = text.data() + text.size();
        const auto [read_to, error] = std::from_chars(text.data(), end, value);
        const bool padded = std::integral<Number> && text.size() > 1 && text[0] == '0';
        if (error == std::errc() && read_to == end && !padded && value >= least && value <= most) return {};
        return text + " is no " + (std::integral<Number> ? "whole number" : "number") + " in " + within +
               (padded ? ", which is written without leading zeros" : "");
    };
    return {check, "in " + range.str()};
}

/// An option for a number within [least, most].
template <class Number>
CLI::Option* add_number(CLI::App& app, const std::string& name, Number& to, Number least, Number most, const std::string& help) {
    return app.add_option(name, to, help)->capture_default_str()->check(number_in(least, most));
}

#endif
