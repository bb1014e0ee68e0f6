#ifndef RATIONALE_RECORDING_RECORDING_WRITER_HPP
#define RATIONALE_RECORDING_RECORDING_WRITER_HPP

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/recording/manifest.hpp"
#include "rationale/recording/run_reader.hpp"
#include "rationale/recording/write_aside.hpp"

namespace rationale {

/// A training run as it is to be recorded.
template <task_family F>
struct run_record {
    typename F::task_table table;
    std::int64_t seed = 0;
    std::vector<std::int64_t> steps;
    std::vector<double> task_weights{}, train_loss{};  ///< optional
    /// For each split its sequences; ood may be missing.
    std::array<std::optional<typename F::sequences>, 2> sequences{};
    /// model(split, checkpoint): what the model predicts for the split's sequences. One checkpoint is in memory at a time.
    std::function<predictions(std::size_t, std::size_t)> model;
};

namespace detail {

/// Puts arrays into an npz file one after the other; each goes through a file of its own, so memory stays small. The archive appears whole, at
/// `finish`, or not at all.
class npz_writer {
public:
    explicit npz_writer(std::filesystem::path path) : path_(std::move(path)) {}
    ~npz_writer() {
        std::error_code ignored;
        for (const auto& part : parts_) std::filesystem::remove(part.second, ignored);
    }
    npz_writer(const npz_writer&) = delete;
    npz_writer& operator=(const npz_writer&) = delete;

    /// Opens array `name` of the given shape; T is float, double, std::int32_t or std::int64_t.
    template <class T>
    void begin(const std::string& name, std::span<const std::size_t> shape) {
        end();
        parts_.emplace_back(name, path_.string() + "." + name + ".part");
        out_.open(parts_.back().second, std::ios::binary);
        constexpr const char* type = std::is_same_v<T, float> ? "<f4" : std::is_same_v<T, double> ? "<f8" : std::is_same_v<T, std::int32_t> ? "<i4" : "<i8";
        std::string header = "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': " + shape_text(shape) + ", }";
        header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 10, ' ');
        header.back() = '\n';
        out_.write("\x93NUMPY\x01\x00", 8);
        out_.put(static_cast<char>(header.size() & 255)).put(static_cast<char>(header.size() >> 8));
        out_ << header;
    }
    template <class T, class Range>
    void write(const Range& values) {
        for (const auto value : values) {
            const T number = static_cast<T>(value);
            char bytes[sizeof(T)];
            std::memcpy(bytes, &number, sizeof(T));
            if constexpr (std::endian::native == std::endian::big) std::reverse(bytes, bytes + sizeof(T));
            out_.write(bytes, sizeof(T));
        }
    }
    template <class T, class Range>
    void array(const std::string& name, std::span<const std::size_t> shape, const Range& values) {
        begin<T>(name, shape);
        write<T>(values);
    }
    void finish() {
        end();
        int code = 0;
        zip_t* const archive = zip_open(path_.string().c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
        bool fine = archive != nullptr;
        for (const auto& [name, part] : parts_) {
            zip_source_t* const source = fine ? zip_source_file(archive, part.c_str(), 0, -1) : nullptr;
            if (source == nullptr) fine = false;
            else if (zip_file_add(archive, (name + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8) < 0) zip_source_free(source), fine = false;
        }
        if (fine) fine = zip_close(archive) == 0;
        else if (archive != nullptr) zip_discard(archive);
        if (!fine) throw recording_error(path_.string() + ": cannot be written, expected a folder with write access and room");
    }

private:
    void end() {
        if (!out_.is_open()) return;
        out_.close();
        if (!out_) throw recording_error(parts_.back().second + ": cannot be written, expected a folder with write access and room");
    }

    std::filesystem::path path_;
    std::vector<std::pair<std::string, std::string>> parts_;  // name, file
    std::ofstream out_;
};

}  // namespace detail

/// Writes a recording: each run's npz file when it is added, and the manifest last, so that a folder with a manifest is whole.
template <task_family F>
class recording_writer {
public:
    recording_writer(std::filesystem::path folder, std::string name, F family, nlohmann::ordered_json model = nlohmann::ordered_json::object())
        : family_(std::move(family)) {
        manifest_.folder = std::move(folder);
        manifest_.name = std::move(name);
        manifest_.family = std::string(F::name);
        manifest_.model = std::move(model);
        for_each_field<typename F::parameters>([&](const auto& f) {
            const auto& value = family_.values().*f.member;
            if constexpr (requires { *value; }) manifest_.parameters[std::string(f.name)] = *value;
            else manifest_.parameters[std::string(f.name)] = value;
        });
        std::filesystem::create_directories(manifest_.folder);
    }

    /// Predictions are written as float32, a model's own precision.
    void add_run(const run_record<F>& run) {
        std::size_t tasks = 0;
        std::apply([&](const auto& first, const auto&...) { tasks = (run.table.*first.member).shape(0); }, F::task_table::fields);
        char file[48];
        std::snprintf(file, sizeof file, "D%05zu-seed%lld.npz", tasks, static_cast<long long>(run.seed));
        detail::npz_writer out(manifest_.folder / file);
        const std::array<std::size_t, 1> checkpoints{run.steps.size()}, count{tasks};
        out.array<std::int64_t>("steps", checkpoints, run.steps);
        if (!run.train_loss.empty()) out.array<double>("train_loss", checkpoints, run.train_loss);
        if (!run.task_weights.empty()) out.array<double>("task_weights", count, run.task_weights);
        write_fields(out, run.table, "");
        for (std::size_t split = 0; split < splits.size(); ++split) {
            if (!run.sequences[split]) continue;
            const std::string suffix = std::string("_") + splits[split];
            write_fields(out, *run.sequences[split], suffix);
            for (std::size_t n = 0; n < run.steps.size(); ++n) {
                const predictions p = run.model(split, n);
                if (n == 0) {
                    std::vector<std::size_t> shape{run.steps.size(), p.sequences()};
                    if (F::prediction_shape.find('T') != std::string_view::npos) shape.push_back(p.events());
                    if (F::prediction_shape.size() == shape.size()) shape.push_back(p.outcomes());
                    out.begin<float>("predictions" + suffix, shape);
                }
                out.write<float>(p.values);
            }
        }
        out.finish();
        manifest_.runs.push_back({file, tasks, run.seed});
    }

    void finish() const {
        nlohmann::ordered_json json{{"format", manifest::format}, {"version", manifest::version}, {"name", manifest_.name}, {"family", manifest_.family},
                                    {"parameters", manifest_.parameters}, {"model", manifest_.model}};
        json["runs"] = nlohmann::ordered_json::array();
        for (const auto& run : manifest_.runs) json["runs"].push_back({{"file", run.file}, {"tasks", run.tasks}, {"seed", run.seed}});
        write_aside(manifest_.folder / "manifest.json", json.dump(2) + "\n");
    }

private:
    template <class Owner>
    static void write_fields(detail::npz_writer& out, const Owner& owner, const std::string& suffix) {
        for_each_field<Owner>([&](const auto& f) {
            const auto& a = owner.*f.member;
            out.array<typename std::remove_cvref_t<decltype(a)>::value_type>(std::string(f.name) + suffix, std::vector<std::size_t>(a.shape().begin(), a.shape().end()), a);
        });
    }

    F family_;
    manifest manifest_;
};

}  // namespace rationale

#endif
