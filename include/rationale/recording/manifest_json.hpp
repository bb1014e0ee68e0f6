#ifndef RATIONALE_RECORDING_MANIFEST_JSON_HPP
#define RATIONALE_RECORDING_MANIFEST_JSON_HPP

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rationale/recording/recording_error.hpp"

namespace rationale::detail {

/// A manifest has some kilobytes. As JSON values it takes some fifty times its text.
inline constexpr std::size_t most_manifest_bytes = std::size_t{1} << 26;
/// Brackets within brackets.
inline constexpr int most_manifest_depth = 64;

/// "line 3, column 14" of a byte.
[[nodiscard]] inline std::string line_of(std::string_view text, std::size_t byte) {
    const auto before = text.substr(0, byte);
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const auto start = before.rfind('\n');
    return "line " + std::to_string(lines + 1) + ", column " +
           std::to_string(start == std::string_view::npos ? before.size() + 1 : before.size() - start);
}

/// What stands at a byte that is no JSON: a word, or nothing.
[[nodiscard]] inline std::string word_at(std::string_view text, std::size_t byte) {
    const auto part = [&](std::size_t i) { return std::isalnum(static_cast<unsigned char>(text[i])) != 0; };
    std::size_t from = (std::min)(byte, text.size()), to = from;
    while (from > 0 && part(from - 1)) --from;
    while (to < text.size() && to - from < 40 && part(to)) ++to;
    return std::string(text.substr(from, to - from));
}

/// JSON of a manifest's text. Throws recording_error for what is no JSON, for a key that an object has twice, and for brackets within more
/// than 64 others.
[[nodiscard]] inline nlohmann::ordered_json parse_manifest(const std::string& text, const std::string& file) {
    using json = nlohmann::ordered_json;
    std::vector<std::set<std::string>> keys;
    const json::parser_callback_t check = [&](int depth, json::parse_event_t event, json& parsed) {
        if (depth >= most_manifest_depth && (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start))
            throw recording_error(file + ": has brackets within " + std::to_string(most_manifest_depth) + " others, expected fewer");
        if (event == json::parse_event_t::object_start) keys.emplace_back();
        if (event == json::parse_event_t::object_end) keys.pop_back();
        if (event == json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second)
            throw recording_error(file + ": an object has " + parsed.dump() + " twice, expected each key once");
        return true;
    };
    try {
        return json::parse(text, check);
    } catch (const json::parse_error& e) {
        const std::size_t byte = e.byte > 0 ? e.byte - 1 : 0;
        std::string word = word_at(text, byte), lower = word;
        std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const std::string where = file + ": is not valid JSON at " + line_of(text, byte);
        if (lower == "nan" || lower == "inf" || lower == "infinity")
            throw recording_error(where + ": JSON has no " + word + ", write null or leave it out");
        throw recording_error(where + (word.empty() ? "" : ", at " + word));
    } catch (const json::exception& e) {  // a number beyond double
        throw recording_error(file + ": cannot be read (" + e.what() + "), expected JSON");
    }
}

}  // namespace rationale::detail

#endif
