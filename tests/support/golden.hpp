// Point estimates of an analysis, as they were: what rearranges the library must leave them alone.
#ifndef RATIONALE_TESTS_SUPPORT_GOLDEN_HPP
#define RATIONALE_TESTS_SUPPORT_GOLDEN_HPP

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "support/program.hpp"

namespace rationale_test {

using estimates = std::map<std::string, double>;

/// What an entry of a list is called by: its name or key, or a run's tasks and seed, or a score's cells and split; its number where it has
/// none.
inline std::string key_of(const nlohmann::json& entry, std::size_t number) {
    const auto text = [&](const char* key) { return entry[key].is_string() ? entry[key].get<std::string>() : entry[key].dump(); };
    if (!entry.is_object()) return std::to_string(number);
    for (const char* key : {"name", "key", "formula"})
        if (entry.contains(key)) return text(key);
    for (const auto& [first, second] : {std::pair{"tasks", "seed"}, std::pair{"cells", "split"}})
        if (entry.contains(first) && entry.contains(second)) return text(first) + ", " + text(second);
    return std::to_string(number);
}

/// All numbers below `part`, but for intervals, errors, what a search met on its way, and what the compressors of this machine make.
inline void add_estimates(const nlohmann::json& part, const std::string& name, estimates& to) {
    if (part.is_number()) to[name] = part.get<double>();
    std::size_t number = 0;
    for (auto it = part.begin(); part.is_structured() && it != part.end(); ++it, ++number) {
        const std::string key = part.is_object() ? it.key() : key_of(*it, number);
        constexpr std::array<std::string_view, 12> left_out{"_95",       "error",      "effective_runs", "other_optima",
                                                            "better_in", "replicates", "optimism",       "starts",
                                                            "condition", "tried",      "best_in_80",     "crossovers"};
        if (std::none_of(left_out.begin(), left_out.end(), [&](std::string_view word) { return key.find(word) != std::string::npos; }))
            add_estimates(*it, name + "/" + key, to);
    }
}

/// Those of one recording, with the means of the finite numbers in each column of cells.csv, ID and OOD, and how many there are.
inline estimates estimates_of(const nlohmann::json& recording, const std::vector<std::map<std::string, std::string>>& rows) {
    estimates out;
    add_estimates(recording, "", out);
    for (const auto& row : rows) {
        if (row.at("recording") != recording["name"].get<std::string>()) continue;
        for (const auto& [column, field] : row) {
            if (column.find("_lower") != std::string::npos || column.find("_upper") != std::string::npos || field.empty()) continue;
            char* end = nullptr;
            const double x = std::strtod(field.c_str(), &end);
            if (*end != 0 || !std::isfinite(x)) continue;
            const std::string name = "cells.csv/" + row.at("split") + "/" + column;
            out[name] += x, ++out[name + ", count"];
        }
    }
    for (auto& [name, value] : out)
        if (const auto count = out.find(name + ", count"); count != out.end()) value /= count->second;
    return out;
}

/// A number that tells processors apart for which the C library has other functions: their last digits differ.
inline double arithmetic() {
    double sum = 0;
    for (int i = 1; i < 2000; ++i) sum += std::exp(-.01 * i) * std::log(1.7 * i) + std::pow(1.3 * i, .37);
    return sum;
}

/// Compares with the file, which RATIONALE_WRITE_GOLDEN in the environment writes anew: to 1e-9 where arithmetic is the same, else to 1e-3,
/// and then not where the data leave the law's parameters open.
inline void is_as_before(const nlohmann::json& results, const std::vector<std::map<std::string, std::string>>& rows,
                         const std::filesystem::path& file) {
    nlohmann::ordered_json now;
    for (const auto& recording : results["recordings"])
        for (const auto& [name, value] : estimates_of(recording, rows)) now[recording["name"].get<std::string>()][name] = value;
    if (std::getenv("RATIONALE_WRITE_GOLDEN") != nullptr)
        std::ofstream(file) << nlohmann::ordered_json{{"arithmetic", arithmetic()}, {"recordings", now}}.dump(1) << "\n";
    const auto before = nlohmann::json::parse(std::ifstream(file));
    const bool same = before["arithmetic"] == arithmetic();
    REQUIRE(before["recordings"].size() == now.size());
    for (const auto& recording : results["recordings"]) {
        const std::string of = recording["name"];
        CAPTURE(of);
        if (!same && recording["fit"]["identifiable"] == false) continue;
        const auto& numbers = before["recordings"][of];
        CHECK(numbers.size() == now[of].size());
        for (const auto& [name, value] : numbers.items()) {
            CAPTURE(name);
            REQUIRE(now[of].contains(name));
            const double expected = value, found = now[of][name];
            CHECK(std::abs(found - expected) <= (same ? 1e-9 : 1e-3) * std::abs(expected) + 1e-14);
        }
    }
}

}  // namespace rationale_test

#endif
