// The program analyze, run, and what it writes, read.
#ifndef RATIONALE_TESTS_SUPPORT_PROGRAM_HPP
#define RATIONALE_TESTS_SUPPORT_PROGRAM_HPP

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/effort.hpp"

namespace rationale_test {

struct outcome {
    int code;
    std::string output;
};

/// Runs the program; where it takes longer than `seconds`, the code is 124. A signal's code is 128 and its number.
inline outcome run(const std::string& arguments, int seconds = 0) {
    const std::string effort = sanitized ? " --no-memory" : "";  // memory_test.cpp looks into that, on small recordings
    const std::string limit = seconds > 0 ? "timeout " + std::to_string(seconds) + " " : "";
    FILE* const pipe = popen((limit + RATIONALE_ANALYZE " " + arguments + effort + " 2>&1").c_str(), "r");
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    return {WEXITSTATUS(pclose(pipe)), text};
}

inline nlohmann::json results(const std::filesystem::path& folder) { return nlohmann::json::parse(std::ifstream(folder / "results.json")); }

/// Rows of cells.csv, by column name.
inline std::vector<std::map<std::string, std::string>> cells(const std::filesystem::path& folder) {
    std::ifstream in(folder / "cells.csv");
    const auto fields = [](const std::string& line) {
        std::vector<std::string> out{""};
        bool quoted = false;
        for (char c : line) {
            if (c == '"') quoted = !quoted;
            else if (c == ',' && !quoted) out.emplace_back();
            else out.back() += c;
        }
        return out;
    };
    std::string line;
    std::getline(in, line);
    const auto header = fields(line);
    std::vector<std::map<std::string, std::string>> rows;
    while (std::getline(in, line)) {
        const auto values = fields(line);
        REQUIRE(values.size() == header.size());
        auto& row = rows.emplace_back();
        for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = values[i];
    }
    return rows;
}

inline double number(const std::string& s) {
    char* end = nullptr;
    const double x = std::strtod(s.c_str(), &end);  // std::stod throws where a number is subnormal
    if (s.empty() || *end != 0) throw std::invalid_argument("not a number: " + s);
    return x;
}

}  // namespace rationale_test

#endif
