#ifndef RATIONALE_RECORDING_MANIFEST_HPP
#define RATIONALE_RECORDING_MANIFEST_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/recording/manifest_json.hpp"
#include "rationale/recording/npz.hpp"
#include "rationale/recording/run_entry.hpp"
#include "rationale/task/field.hpp"

namespace rationale {

/// manifest.json of a recording's folder.
struct manifest {
    /// What `format` must say.
    static constexpr const char* format = "rationale-recording";
    /// The newest `version` that is known. Version 2 adds `types`, `bits` and `strategies`; 1 is read for ever.
    static constexpr int version = 2;

    std::filesystem::path folder;  ///< where it lies
    /// Of the recording, and of its family.
    std::string name, family;
    nlohmann::ordered_json parameters = nlohmann::ordered_json::object();  ///< the family's, and optionally "context"
    nlohmann::ordered_json model = nlohmann::ordered_json::object();       ///< free text and numbers
    nlohmann::ordered_json training = nlohmann::ordered_json::object();    ///< free text and numbers
    std::vector<run_entry> runs;                                           ///< in the order of the file
    file_state state{};                                                    ///< of the file, when it was read

    /// The manifest's own path, for messages.
    [[nodiscard]] std::string file() const { return (folder / "manifest.json").string(); }

    /// The learning rate over training as (step, rate) knots: `schedule` given so, or a constant rate, warmed up or not. Empty otherwise.
    [[nodiscard]] std::vector<std::pair<double, double>> schedule() const {
        for (const auto* from : {&training, &model}) {
            if (!from->is_object() || !from->contains("schedule")) continue;
            const auto& given = (*from)["schedule"];
            std::vector<std::pair<double, double>> knots;
            if (given.is_array()) {
                for (const auto& knot : given) {
                    if (!knot.is_array() || knot.size() != 2 || !knot[0].is_number() || !knot[1].is_number())
                        throw recording_error(file() + ": schedule holds " + knot.dump() + ", expected pairs [step, rate]");
                    knots.emplace_back(knot[0].get<double>(), knot[1].get<double>());
                    const auto [step, rate] = knots.back();
                    if (step < 0 || rate < 0 || (knots.size() > 1 && step <= knots[knots.size() - 2].first))
                        throw recording_error(file() + ": schedule holds " + knot.dump() +
                                              ", expected rates of at least 0 at steps of at least 0 that increase");
                }
                return knots;
            }
            if (!given.is_string() || !from->contains("learning_rate") || !(*from)["learning_rate"].is_number()) continue;
            const auto text = given.get<std::string>();
            const double rate = (*from)["learning_rate"].get<double>();
            const auto given_warmup = from->value("warmup_steps", nlohmann::ordered_json(0.0));
            if (!given_warmup.is_number())
                throw recording_error(file() + ": warmup_steps is " + given_warmup.dump() + ", expected a number");
            const double warmup = given_warmup.get<double>();
            if (text == "constant" || text == "linear warmup, then constant")
                return warmup > 0 ? std::vector<std::pair<double, double>>{{0, 0}, {warmup, rate}}
                                  : std::vector<std::pair<double, double>>{{0, rate}};
        }
        return {};
    }
};

/// Reads a recording's manifest. Throws recording_error when the file is missing, is no JSON, or lacks or misuses a key.
[[nodiscard]] inline manifest read_manifest(const std::filesystem::path& folder) {
    manifest out;
    out.folder = folder;
    const std::string file = out.file();
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored))
        throw recording_error(folder.string() + ": there is no such folder, expected a recording's");
    const detail::regular_file in(file, "the recording's manifest");
    out.state = in.state();
    const auto json = detail::parse_manifest(in.text(detail::most_manifest_bytes), file);
    in.check_unchanged(out.state);
    if (!json.is_object()) throw recording_error(file + ": holds " + std::string(json.type_name()) + ", expected an object");
    const auto get = [&](const nlohmann::ordered_json& from, const std::string& where, const char* key, auto example) {
        using T = decltype(example);
        constexpr bool text = std::is_same_v<T, std::string>;
        const std::string path = where + key;
        if (!from.contains(key))
            throw recording_error(file + ": " + path + " is missing, expected " + (text ? "a text" : "a whole number"));
        const auto& value = from[key];
        if (text ? !value.is_string() : !value.is_number_integer())
            throw recording_error(file + ": " + path + " is " + value.dump() + ", expected " + (text ? "a text" : "a whole number"));
        if constexpr (std::is_signed_v<T>)
            if (value.is_number_unsigned() &&
                value.template get<std::uint64_t>() > static_cast<std::uint64_t>((std::numeric_limits<T>::max)()))
                throw recording_error(file + ": " + path + " is " + value.dump() + ", expected at most " +
                                      std::to_string((std::numeric_limits<T>::max)()));
        if constexpr (!text)
            if (std::is_unsigned_v<T> && value.template get<double>() < 0)
                throw recording_error(file + ": " + path + " is " + value.dump() + ", expected at least 0");
        return value.template get<T>();
    };
    const auto format = get(json, "", "format", std::string());
    if (format != manifest::format) throw recording_error(file + ": format is " + format + ", expected " + manifest::format);
    const auto version = get(json, "", "version", std::int64_t{});
    if (version < 1 || version > manifest::version)
        throw recording_error(file + ": version is " + std::to_string(version) + ", expected 1 or " + std::to_string(manifest::version));
    out.name = get(json, "", "name", std::string());
    out.family = get(json, "", "family", std::string());
    for (const auto& [key, into] : {std::pair{"parameters", &out.parameters}, {"model", &out.model}, {"training", &out.training}})
        if (json.contains(key)) {
            if (!json[key].is_object()) throw recording_error(file + ": " + key + " is " + json[key].type_name() + ", expected an object");
            *into = json[key];
        }
    const detail::manifest_keys keys(file, version);
    const auto of_all_runs = keys.types(json, "");
    if (!json.contains("runs") || !json["runs"].is_array() || json["runs"].empty())
        throw recording_error(file + ": runs is missing or empty, expected a list of training runs");
    std::map<std::filesystem::path, std::size_t> files;
    std::map<std::pair<std::size_t, std::int64_t>, std::size_t> pairs;
    for (std::size_t i = 0; i < json["runs"].size(); ++i) {
        const auto& run = json["runs"][i];
        const std::string where = "runs[" + std::to_string(i) + "].";
        if (!run.is_object())
            throw recording_error(file + ": runs[" + std::to_string(i) + "] is " + run.type_name() + ", expected an object");
        out.runs.push_back(
            {get(run, where, "file", std::string()), get(run, where, "tasks", std::size_t{}), get(run, where, "seed", std::int64_t{})});
        const auto within = std::filesystem::path(out.runs.back().file).lexically_normal();
        if (within.empty() || within.is_absolute() || within == "." || *within.begin() == "..")
            throw recording_error(file + ": " + where + "file is " + run["file"].dump() +
                                  ", expected a file inside the recording's folder");
        if (const auto [before, first] = files.emplace(within, i); !first)
            throw recording_error(file + ": " + where + "file is " + run["file"].dump() + " as that of runs[" +
                                  std::to_string(before->second) + "] is, expected a file for each run: one run counts once");
        keys.read(run, where, out.runs.back());
        out.runs.back().bfloat16.insert(of_all_runs.begin(), of_all_runs.end());
        if (const auto [before, first] = pairs.emplace(std::pair(out.runs[i].tasks, out.runs[i].seed), i); !first)
            throw recording_error(file + ": runs[" + std::to_string(i) + "] has " + std::to_string(out.runs[i].tasks) + " tasks and seed " +
                                  std::to_string(out.runs[i].seed) + " as runs[" + std::to_string(before->second) +
                                  "] has, expected each pair once");
    }
    return out;
}

namespace detail {
/// Entries of all arrays of the recording's first run, by their shapes alone.
[[nodiscard]] inline std::size_t numbers_of_first_run(const manifest& m) {
    std::size_t numbers = 0;
    if (m.runs.empty()) return 0;
    const npz_file file(m.folder / m.runs[0].file, std::nullopt, m.runs[0].bfloat16);
    for (const auto& name : file.names()) numbers += file.open(name).left();
    return numbers;
}
}  // namespace detail

/// The family with the manifest's parameters. Throws recording_error for another family than F, and for a parameter that is missing,
/// unknown, of a wrong type, or refused, and for sizes that multiply to more than 2^22 and than the numbers of a run's file: a family makes
/// room for its parameters.
template <class F>
[[nodiscard]] F family_of(const manifest& m) {
    if (m.family != F::name) throw recording_error(m.file() + ": family is " + m.family + ", expected " + std::string(F::name));
    typename F::parameters p{};
    std::string known, sizes;
    double room = 1;
    for_each_field<typename F::parameters>([&](const auto& f) {
        known += (known.empty() ? "" : ", ") + std::string(f.name);
        const std::string key(f.name);
        const auto fail = [&](const std::string& what) { throw recording_error(m.file() + ": parameters." + key + " " + what); };
        if (!m.parameters.contains(key)) {
            if (f.required) fail("is missing");
            return;
        }
        const auto& value = m.parameters[key];
        auto& to = p.*f.member;
        using T = std::remove_cvref_t<decltype(to)>;
        if constexpr (std::is_same_v<T, bool>) {
            if (!value.is_boolean()) fail("is " + value.dump() + ", expected true or false");
            to = value.template get<bool>();
        } else if constexpr (std::is_integral_v<T>) {
            constexpr auto most = (std::numeric_limits<std::int32_t>::max)();
            if (!value.is_number_integer() || value.template get<double>() < 0 || value.template get<double>() > most)
                fail("is " + value.dump() + ", expected a whole number in 0.." + std::to_string(most));
            to = value.template get<T>();
            room *= (std::max)(1.0, static_cast<double>(to));
            sizes += (sizes.empty() ? "" : ", ") + key + " " + value.dump();
        } else if constexpr (std::is_same_v<T, std::vector<double>>) {
            to.clear();
            const auto numbers = [](const auto& list) {
                return list.is_array() && std::all_of(list.begin(), list.end(), [](const auto& x) { return x.is_number(); });
            };
            const auto row = [&](const auto& part) { return numbers(part) && part.size() == value.size(); };
            if (value.is_number() || numbers(value))
                for (const auto& x : value) to.push_back(x.template get<double>());
            else if (value.is_array() && std::all_of(value.begin(), value.end(), row))
                for (const auto& part : value)
                    for (const auto& x : part) to.push_back(x.template get<double>());
            else fail("is " + value.dump() + ", expected a number, a list of numbers or a square matrix as a list of its rows");
        } else {
            if (!value.is_number()) fail("is " + value.dump() + ", expected a number");
            to = value.template get<double>();
        }
    });
    for (const auto& [key, value] : m.parameters.items()) {
        bool found = key == "context";
        for_each_field<typename F::parameters>([&](const auto& f) { found = found || key == f.name; });
        if (!found)
            throw recording_error(m.file() + ": parameters." + key + " is unknown to the family " + std::string(F::name) +
                                  ", expected context, " + known);
    }
    if (room > 4194304)
        if (const auto numbers = detail::numbers_of_first_run(m); room > static_cast<double>(numbers))
            throw recording_error(m.file() + ": parameters: " + sizes + ", expected sizes of the arrays of " + m.runs[0].file +
                                  ", which has " + std::to_string(numbers) + " numbers in all");
    try {
        return F(p);
    } catch (const std::invalid_argument& e) {
        throw recording_error(m.file() + ": parameters: " + e.what());
    } catch (const std::bad_alloc&) {
        throw recording_error(m.file() + ": parameters are " + m.parameters.dump() + ", expected dimensions that fit into memory");
    }
}

}  // namespace rationale

#endif
