#ifndef RATIONALE_ANALYSIS_DETAIL_STRATEGY_NAMES_HPP
#define RATIONALE_ANALYSIS_DETAIL_STRATEGY_NAMES_HPP

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/recording/manifest.hpp"

namespace rationale::detail {

/// memorizing, generalizing and constant.
inline std::string in_words(std::span<const std::string> names) {
    std::string out;
    for (std::size_t q = 0; q < names.size(); ++q) out += (q == 0 ? "" : q + 1 < names.size() ? ", " : " and ") + names[q];
    return out;
}

/// A run's covariate of each strategy; empty where it gives none. Throws recording_error for one of an unknown strategy.
inline std::vector<double> covariate_of(const run_entry& run, const std::vector<std::string>& strategies, const manifest& m) {
    if (run.covariate.empty()) return {};
    std::vector<double> out(strategies.size());
    for (const auto& [name, value] : run.covariate) {
        const auto at = std::find(strategies.begin(), strategies.end(), name);
        if (at == strategies.end()) {
            std::string known;
            for (const auto& s : strategies) known += (known.empty() ? "" : ", ") + s;
            throw recording_error(m.file() + ": the run " + run.file + " has a covariate of " + name + ", expected one of " + known);
        }
        out[static_cast<std::size_t>(at - strategies.begin())] = value;
    }
    return out;
}

/// Adds a strategy's name. Throws std::invalid_argument where it differs from another in no letter and no digit: files' columns would not
/// tell them apart.
inline void add_name(std::vector<std::string>& names, std::string name) {
    const auto column = [](std::string text) {
        std::replace_if(
            text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
        return text;
    };
    for (const auto& other : names)
        if (column(other) == column(name))
            throw std::invalid_argument("rationale::analyze_recording: strategies are named \"" + other + "\" and \"" + name +
                                        "\", their names must differ in a letter or digit");
    names.push_back(std::move(name));
}

}  // namespace rationale::detail

#endif
