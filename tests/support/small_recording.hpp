// A small recording of urns whose arrays and manifest a test can spoil, and the message that reading it gives.
#ifndef RATIONALE_TESTS_SUPPORT_SMALL_RECORDING_HPP
#define RATIONALE_TESTS_SUPPORT_SMALL_RECORDING_HPP

#include <doctest/doctest.h>
#include <zip.h>

#include <cstdint>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "rationale/recording/recording_writer.hpp"
#include "rationale/recording/run_reader.hpp"
#include "rationale/task/balls_and_urns.hpp"
#include "support/folder.hpp"

namespace rationale_test {

/// A recording of two tasks, three sequences of four tokens and two checkpoints, whose arrays and manifest can be spoilt.
struct spoilt {
    temporary_folder folder;
    std::map<std::string, std::function<void(rationale::detail::npz_writer&, const std::string&)>> arrays;
    std::map<std::string, std::string> raw;  ///< arrays given as .npy files, in place of those of that name
    nlohmann::ordered_json manifest =
        nlohmann::ordered_json::parse(R"({"format": "rationale-recording", "version": 1, "name": "small", "family": "balls_and_urns",
        "parameters": {"categories": 3, "context": 4}, "runs": [{"file": "run.npz", "tasks": 2, "seed": 7}]})");

    spoilt() {
        set<std::int64_t>("steps", {2}, {10, 20});
        set<double>("tasks", {2, 3}, {.2, .3, .5, .1, .1, .8});
        for (const std::string split : {"_id", "_ood"}) {
            set<std::int64_t>("tokens" + split, {3, 4}, {0, 1, 2, 0, 1, 1, 2, 2, 0, 0, 0, 1});
            set<float>("predictions" + split, {2, 3, 4, 3}, uniform());
        }
    }
    static std::vector<double> uniform() {
        std::vector<double> p;
        for (int i = 0; i < 24; ++i) p.insert(p.end(), {.5, .25, .25});
        return p;
    }
    template <class T>
    void set(const std::string& name, std::vector<std::size_t> shape, std::vector<double> values) {
        arrays[name] = [shape, values](rationale::detail::npz_writer& out, const std::string& key) { out.array<T>(key, shape, values); };
    }
    void write() const {
        rationale::detail::npz_writer out(folder.path() / "run.npz");
        for (const auto& [name, array] : arrays)
            if (!raw.contains(name)) array(out, name);
        out.finish();
        if (!raw.empty()) {
            int code = 0;
            zip_t* const archive = zip_open((folder.path() / "run.npz").string().c_str(), 0, &code);
            REQUIRE(archive != nullptr);
            for (const auto& [name, text] : raw)
                zip_file_add(archive, (name + ".npy").c_str(), zip_source_buffer(archive, text.data(), text.size(), 0), 0);
            REQUIRE(zip_close(archive) == 0);
        }
        std::ofstream(folder.path() / "manifest.json") << manifest.dump();
    }
    void read() const {
        const auto m = rationale::read_manifest(folder.path());
        const auto family = rationale::family_of<rationale::balls_and_urns<>>(m);
        const rationale::run_reader<rationale::balls_and_urns<>> run(m, m.runs[0], family);
        for (const auto split : rationale::splits)
            if (run.has(split)) run.for_each_checkpoint(split, [](std::size_t, const rationale::predictions&) {});
    }
    /// All numbers of the run, in order.
    std::vector<double> values() const {
        const auto m = rationale::read_manifest(folder.path());
        const rationale::run_reader<rationale::balls_and_urns<>> run(m, m.runs[0], rationale::family_of<rationale::balls_and_urns<>>(m));
        std::vector<double> all(run.steps().begin(), run.steps().end());
        const auto append = [&](const auto& from) { all.insert(all.end(), from.begin(), from.end()); };
        append(run.table().tasks);
        for (const auto split : rationale::splits) {
            if (!run.has(split)) continue;
            append(run.sequences(split).tokens);
            run.for_each_checkpoint(split, [&](std::size_t, const rationale::predictions& p) { append(p.values); });
        }
        return all;
    }
    /// The message that reading gives, and "" when it gives none.
    std::string message() const {
        write();
        return message_as_is();
    }
    std::string message_as_is() const {
        try {
            read();
        } catch (const rationale::recording_error& e) {
            return e.what();
        }
        return "";
    }
};

inline bool has(const std::string& text, std::initializer_list<const char*> parts) {
    for (const char* part : parts)
        if (text.find(part) == std::string::npos) {
            MESSAGE("\"" << text << "\" lacks \"" << part << "\"");
            return false;
        }
    return text.find('\n') == std::string::npos;
}

}  // namespace rationale_test

#endif
