#ifndef RATIONALE_RECORDING_RUN_ENTRY_HPP
#define RATIONALE_RECORDING_RUN_ENTRY_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "rationale/number_text.hpp"
#include "rationale/recording/npz.hpp"
#include "rationale/recording/recording_error.hpp"

namespace rationale {

/// Numbers by a strategy's name.
using numbers_by_strategy = std::vector<std::pair<std::string, double>>;

/// A strategy that a recording brings along: its predictions are arrays of the run's file, strategy_NAME_id and strategy_NAME_ood, and what
/// a law must know of it stands in the manifest.
struct recorded_strategy {
    std::string name{};  ///< of letters, digits and underscores
    double loss = 0;     ///< its expected ID loss, nats per position
    double bits = 0;     ///< its complexity, program included
};

/// One training run of a recording.
struct run_entry {
    std::string file;                             ///< npz file, by its path within the manifest's folder
    std::size_t tasks = 0;                        ///< D
    std::int64_t seed = 0;                        ///< of its training
    numbers_by_strategy covariate{};              ///< what a belief shift multiplies; 0 where not given
    bfloat16_arrays bfloat16{};                   ///< arrays that `types` of the run or of the manifest calls so
    numbers_by_strategy bits{};                   ///< complexities, program included, that take the place of measured ones
    std::vector<recorded_strategy> strategies{};  ///< beside those of the family, by name
};

namespace detail {

/// What a manifest may say of a run, or of all runs. Every function throws recording_error for what is of a wrong type, out of range, or
/// newer than the manifest's version.
class manifest_keys {
public:
    manifest_keys(std::string file, std::int64_t version) : file_(std::move(file)), version_(version) {}

    /// The optional keys of a run; `where` is "runs[0].".
    void read(const nlohmann::ordered_json& run, const std::string& where, run_entry& to) const {
        to.bfloat16 = types(run, where);
        to.covariate = numbers(run, where, "covariate");
        if (has(run, where, "bits")) to.bits = numbers(run, where, "bits");
        for (const auto& [name, value] : to.bits) not_negative(where + "bits." + name, value);
        if (has(run, where, "strategies")) to.strategies = strategies(run["strategies"], where + "strategies");
    }
    /// The arrays that `types` calls bfloat16.
    [[nodiscard]] bfloat16_arrays types(const nlohmann::ordered_json& from, const std::string& where) const {
        bfloat16_arrays out;
        if (!has(from, where, "types")) return out;
        require_object(from["types"], where + "types", "an object");
        for (const auto& [array, type] : from["types"].items()) {
            if (type != "bfloat16") fail(where + "types." + array, type.dump() + ", expected \"bfloat16\"; NumPy's own types need no word");
            out.insert(array);
        }
        return out;
    }

private:
    [[noreturn]] void fail(const std::string& key, const std::string& is) const { throw recording_error(file_ + ": " + key + " is " + is); }
    /// Whether a key of version 2 is there. An older program would not see it: a manifest that has one says that it is newer.
    [[nodiscard]] bool has(const nlohmann::ordered_json& from, const std::string& where, const char* key) const {
        if (!from.contains(key)) return false;
        if (version_ < 2) fail(where + key, "there and version is 1, expected version 2");
        return true;
    }
    void require_object(const nlohmann::ordered_json& value, const std::string& key, const std::string& expected) const {
        if (!value.is_object()) fail(key, std::string(value.type_name()) + ", expected " + expected);
    }
    void not_negative(const std::string& key, double value) const {
        if (!(value >= 0)) fail(key, significant(value) + ", expected at least 0");
    }
    [[nodiscard]] numbers_by_strategy numbers(const nlohmann::ordered_json& from, const std::string& where, const char* key) const {
        numbers_by_strategy out;
        if (!from.contains(key)) return out;
        require_object(from[key], where + key, "an object of numbers by a strategy's name");
        for (const auto& [strategy, value] : from[key].items()) {
            if (!value.is_number()) fail(where + key + "." + strategy, value.dump() + ", expected a number");
            out.emplace_back(strategy, value.template get<double>());
        }
        return out;
    }
    [[nodiscard]] std::vector<recorded_strategy> strategies(const nlohmann::ordered_json& from, const std::string& where) const {
        std::vector<recorded_strategy> out;
        require_object(from, where, "an object with the loss and the bits of each strategy");
        for (const auto& [name, given] : from.items()) {
            const std::string key = where + "." + name;
            require_object(given, key, "an object with loss and bits");
            if (name.empty() ||
                name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != std::string::npos)
                fail(key, "no name for arrays, expected letters, digits and underscores");
            auto& strategy = out.emplace_back(recorded_strategy{.name = name});
            for (const auto& [what, to] : {std::pair{"loss", &strategy.loss}, {"bits", &strategy.bits}}) {
                if (!given.contains(what) || !given[what].is_number())
                    fail(key + "." + what, (given.contains(what) ? given[what].dump() : "missing") + ", expected a number");
                *to = given[what].template get<double>();
            }
            not_negative(key + ".bits", strategy.bits);
        }
        std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
        return out;
    }

    std::string file_;
    std::int64_t version_;
};

}  // namespace detail

}  // namespace rationale

#endif
