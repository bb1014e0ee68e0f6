#ifndef RATIONALE_ANALYSIS_DETAIL_STRATEGY_NAMES_HPP
#define RATIONALE_ANALYSIS_DETAIL_STRATEGY_NAMES_HPP

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <optional>
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

/// Where a strategy stands that a run gives something of, in words. Throws recording_error for an unknown one.
inline std::size_t place_of_given(const std::string& name, const char* what, const run_entry& run,
                                  const std::vector<std::string>& strategies, const manifest& m) {
    const auto at = std::find(strategies.begin(), strategies.end(), name);
    if (at == strategies.end()) {
        std::string known;
        for (const auto& s : strategies) known += (known.empty() ? "" : ", ") + s;
        throw recording_error(m.file() + ": the run " + run.file + " has " + what + " of " + name + ", expected one of " + known);
    }
    return static_cast<std::size_t>(at - strategies.begin());
}

/// Sentences about what a run gives in place of what is measured.
inline std::vector<std::string> notes_of_given(const run_entry& run, std::size_t positions, std::size_t context) {
    std::vector<std::string> given, own, out;
    for (const auto& [name, value] : run.bits) given.push_back(name);
    for (const auto& strategy : run.strategies) own.push_back(strategy.name);
    if (!given.empty())
        out.push_back("Complexities of " + in_words(given) +
                      " are those that the manifest gives (bits) and not measured; memories of limited precision keep theirs.");
    if (!own.empty())
        out.push_back("Predictions, losses and complexities of " + in_words(own) + " are the recording's own, taken as they are.");
    if (positions > 0)
        out.push_back("Predictions are recorded at " + std::to_string(positions) + " of " + std::to_string(context) +
                      " positions: distances, fits and scores are of these, expected losses of all.");
    return out;
}

/// A run's covariate of each strategy; empty where it gives none.
inline std::vector<double> covariate_of(const run_entry& run, const std::vector<std::string>& strategies, const manifest& m) {
    if (run.covariate.empty()) return {};
    std::vector<double> out(strategies.size());
    for (const auto& [name, value] : run.covariate) out[place_of_given(name, "a covariate", run, strategies, m)] = value;
    return out;
}

/// The complexities that a run gives, of its own strategies too; empty where it gives none.
inline std::vector<std::optional<double>> bits_of(const run_entry& run, const std::vector<std::string>& strategies, const manifest& m) {
    if (run.bits.empty() && run.strategies.empty()) return {};
    std::vector<std::optional<double>> out(strategies.size());
    for (const auto& own : run.strategies) out[place_of_given(own.name, "a strategy", run, strategies, m)] = own.bits;
    for (const auto& [name, value] : run.bits) out[place_of_given(name, "bits", run, strategies, m)] = value;
    return out;
}

/// Throws recording_error unless a run brings the strategies, and gives the bits, of those that the first one does: a law over all runs
/// cannot take a complexity of one kind here and of another there.
inline void check_given_alike(const run_entry& run, const run_entry& first, const manifest& m) {
    const auto names = [](const auto& given, const auto& name_of) {
        std::vector<std::string> out;
        for (const auto& one : given) out.push_back(name_of(one));
        std::sort(out.begin(), out.end());
        return out;
    };
    const auto check_alike = [&](const char* what, const std::vector<std::string>& here, const std::vector<std::string>& there) {
        const auto shown = [](const auto& some) { return some.empty() ? std::string("none") : in_words(some); };
        if (here != there)
            throw recording_error(m.file() + ": " + run.file + " has " + what + " of " + shown(here) + ", " + first.file + " of " +
                                  shown(there) + ", expected the same strategies in every run");
    };
    const auto of_pair = [](const auto& given) { return given.first; };
    const auto of_strategy = [](const recorded_strategy& given) { return given.name; };
    check_alike("bits", names(run.bits, of_pair), names(first.bits, of_pair));
    check_alike("arrays", names(run.strategies, of_strategy), names(first.strategies, of_strategy));
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
