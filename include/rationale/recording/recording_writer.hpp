#ifndef RATIONALE_RECORDING_RECORDING_WRITER_HPP
#define RATIONALE_RECORDING_RECORDING_WRITER_HPP

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/recording/manifest.hpp"
#include "rationale/recording/run_reader.hpp"
#include "rationale/recording/write_aside.hpp"
#include "rationale/split.hpp"

namespace rationale {

/// A training run as it is to be recorded.
template <task_family F>
struct run_record {
    typename F::task_table table;     ///< the seen tasks
    std::int64_t seed = 0;            ///< of its training
    std::vector<std::int64_t> steps;  ///< its checkpoints
    /// Optional: how often each task was drawn, and the loss at each checkpoint.
    std::vector<double> task_weights{}, train_loss{};
    numbers_by_strategy covariate{};       ///< optional: by a strategy's name, what a belief shift multiplies
    numbers_by_strategy bits{};            ///< optional: by a strategy's name, complexities in place of measured ones
    std::vector<std::size_t> positions{};  ///< optional: where in a sequence there are predictions, when not everywhere
    /// Optional: strategies of your own, and what they predict of each split's sequences.
    std::vector<std::pair<recorded_strategy, per_split<predictions>>> strategies{};
    /// For each split its sequences; ood may be missing.
    per_split<std::optional<typename F::sequences>> sequences{};
    /// model(split, checkpoint): what the model predicts for the split's sequences. One checkpoint is in memory at a time.
    std::function<predictions(split, std::size_t)> model;
};

namespace detail {

/// Puts arrays into an npz file one after the other; each goes through a file without a name, so memory stays small and nothing is left of
/// it. The archive appears whole, at `finish`, or not at all.
class npz_writer {
public:
    explicit npz_writer(std::filesystem::path path) : path_(std::move(path)) {}

    /// Opens array `name` of the given shape; T is float, double, std::int32_t or std::int64_t.
    template <class T>
        requires(std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int32_t> ||
                 std::is_same_v<T, std::int64_t>)
    void begin(const std::string& name, std::span<const std::size_t> shape) {
        end();
        left_ = 1;
        for (std::size_t n : shape) left_ *= n;
        parts_.emplace_back(name, aside_file(path_).without_name());
        constexpr const char* type = std::is_same_v<T, float>          ? "<f4"
                                     : std::is_same_v<T, double>       ? "<f8"
                                     : std::is_same_v<T, std::int32_t> ? "<i4"
                                                                       : "<i8";
        std::string header = "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': " + shape_text(shape) + ", }";
        header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 10, ' ');
        header.back() = '\n';
        std::string start("\x93NUMPY\x01\x00", 8);
        start += static_cast<char>(header.size() & 255), start += static_cast<char>(header.size() >> 8);
        put(start + header);
    }
    template <class T, class Range>
    void write(const Range& values) {
        const auto count = static_cast<std::size_t>(std::size(values));
        buffer_.resize((std::min)(count, std::size_t{8192}) * sizeof(T));
        auto value = std::begin(values);
        for (std::size_t left = count; left > 0;) {  // a call to the file for each number would take most of the time
            const std::size_t n = (std::min)(left, std::size_t{8192});
            for (std::size_t i = 0; i < n; ++i, ++value) {
                const T number = static_cast<T>(*value);
                char* const bytes = buffer_.data() + i * sizeof(T);
                std::memcpy(bytes, &number, sizeof(T));
                if constexpr (std::endian::native == std::endian::big) std::reverse(bytes, bytes + sizeof(T));
            }
            put({buffer_.data(), n * sizeof(T)});
            left -= n;
        }
        if (count > left_)
            throw std::invalid_argument("rationale::recording_writer: " + parts_.back().first + " has " + std::to_string(count - left_) +
                                        " numbers too many, must have as many as its shape says");
        left_ -= count;
    }
    template <class T, class Range>
    void array(const std::string& name, std::span<const std::size_t> shape, const Range& values) {
        begin<T>(name, shape);
        write<T>(values);
    }
    void finish() { finish(path_); }
    /// In another place of the same folder.
    void finish(const std::filesystem::path& place) {
        end();
        int code = 0;
        zip_t* const archive = zip_open(place.string().c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
        bool fine = archive != nullptr;
        for (auto& [name, part] : parts_) {
            fine = fine && std::fseek(part.get(), 0, SEEK_SET) == 0;
            zip_source_t* const source = fine ? zip_source_filep(archive, part.get(), 0, -1) : nullptr;
            if (source == nullptr) {
                fine = false;
                continue;
            }
            [[maybe_unused]] const auto* const owned = part.release();  // by the source, which closes it
            const zip_int64_t entry = zip_file_add(archive, (name + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8);
            if (entry < 0) zip_source_free(source);
            // Predictions barely shrink, and deflating them takes ten times as long as all the rest.
            fine = entry >= 0 && zip_set_file_compression(archive, static_cast<zip_uint64_t>(entry), ZIP_CM_STORE, 0) == 0;
        }
        if (fine) fine = zip_close(archive) == 0;
        if (!fine && archive != nullptr) zip_discard(archive);
        if (!fine) throw recording_error(place.string() + ": cannot be written, expected a folder with write access and room");
    }

private:
    void put(std::string_view bytes) {
        if (std::fwrite(bytes.data(), 1, bytes.size(), parts_.back().second.get()) != bytes.size()) cannot_be_written(path_, errno);
    }
    void end() {
        if (parts_.empty()) return;
        if (left_ != 0)
            throw std::invalid_argument("rationale::recording_writer: " + parts_.back().first + " lacks " + std::to_string(left_) +
                                        " numbers, must have as many as its shape says");
        if (std::fflush(parts_.back().second.get()) != 0) cannot_be_written(path_, errno);
    }

    std::filesystem::path path_;
    std::vector<std::pair<std::string, open_file>> parts_;  // of each array its name, and its file
    std::vector<char> buffer_;
    std::size_t left_ = 0;  // numbers of the open array still to be written
};

}  // namespace detail

/// Writes a recording: each run's npz file, stored as by `numpy.savez`, when it is added, and the manifest last. A manifest from before is
/// removed when the first run is added, so that a folder with a manifest is whole. Throws recording_error when the folder cannot be
/// written.
template <task_family F>
class recording_writer {
public:
    /// Of a family, into a folder; `model` and `training` are free text and numbers.
    recording_writer(std::filesystem::path folder, std::string name, F family,
                     nlohmann::ordered_json model = nlohmann::ordered_json::object(),
                     nlohmann::ordered_json training = nlohmann::ordered_json::object())
        : family_(std::move(family)) {
        for (const auto& [text, what] : {std::pair(&model, "model"), std::pair(&training, "training")})
            if (!text->is_object())
                throw std::invalid_argument("rationale::recording_writer: " + std::string(what) + " is " + text->type_name() +
                                            ", must be an object");
        manifest_.folder = std::move(folder);
        manifest_.name = std::move(name);
        manifest_.family = std::string(F::name);
        manifest_.model = std::move(model);
        manifest_.training = std::move(training);
        for_each_field<typename F::parameters>([&](const auto& f) {
            const auto& value = family_.values().*f.member;
            if constexpr (requires { value.has_value(); }) {
                if (value) manifest_.parameters[std::string(f.name)] = *value;
            } else manifest_.parameters[std::string(f.name)] = value;
        });
        std::error_code failed;
        std::filesystem::create_directories(manifest_.folder, failed);
        if (!std::filesystem::is_directory(manifest_.folder, failed))
            throw recording_error(manifest_.folder.string() + ": cannot be made, expected a folder or room for one");
    }

    /// Writes a run, its predictions as Real: float, a model's own precision, or double. The file is read back before it takes its place,
    /// so what a reader refuses is refused here, by the same recording_error. Throws std::invalid_argument for a number of entries or a
    /// shape that fits no file, and for a pair of D and seed that was added before.
    template <class Real = float>
        requires(std::is_same_v<Real, float> || std::is_same_v<Real, double>)
    void add_run(const run_record<F>& run) {
        if (!run.model) throw std::invalid_argument("rationale::recording_writer: model is empty, must give predictions");
        const std::size_t tasks = detail::count_of(run.table);
        char file[48];
        std::snprintf(file, sizeof file, "D%05zu-seed%lld.npz", tasks, static_cast<long long>(run.seed));
        for (const auto& other : manifest_.runs)
            if (other.tasks == tasks && other.seed == run.seed)
                throw std::invalid_argument("rationale::recording_writer: run of " + std::to_string(tasks) + " tasks and seed " +
                                            std::to_string(run.seed) + " is added twice, must be added once");
        run_entry entry{.file = file, .tasks = tasks, .seed = run.seed, .covariate = run.covariate, .bits = run.bits};
        for (const auto& [own, predicted] : run.strategies) {
            for (const auto& other : entry.strategies)
                if (other.name == own.name)
                    throw std::invalid_argument("rationale::recording_writer: strategy " + own.name +
                                                " is added twice, must be added once");
            entry.strategies.push_back(own);
        }
        check_entry(entry);
        const auto place = manifest_.folder / file;
        detail::npz_writer out(place);
        const std::array<std::size_t, 1> checkpoints{run.steps.size()}, count{tasks};
        out.array<std::int64_t>("steps", checkpoints, run.steps);
        if (!run.train_loss.empty()) out.array<double>("train_loss", checkpoints, run.train_loss);
        if (!run.task_weights.empty()) out.array<double>("task_weights", count, run.task_weights);
        if (!run.positions.empty()) out.array<std::int64_t>("positions", std::array{run.positions.size()}, run.positions);
        write_fields(out, run.table, "");
        for (const split split : splits) {
            if (!run.sequences[split]) continue;
            const std::string suffix = std::string("_") + words(split);
            write_fields(out, *run.sequences[split], suffix);
            typename ndarray<double, 3>::shape_type first{};
            for (std::size_t n = 0; n < run.steps.size(); ++n) {
                const predictions p = run.model(split, n);
                if (n == 0) {
                    first = p.values.shape();
                    auto shape = shape_of(p);
                    shape.insert(shape.begin(), run.steps.size());
                    out.template begin<Real>("predictions" + suffix, shape);
                }
                if (p.values.shape() != first)
                    throw std::invalid_argument("rationale::recording_writer: predictions" + suffix + " of checkpoint " +
                                                std::to_string(n) + " have the shape " + detail::shape_text(p.values.shape()) +
                                                ", must be " + detail::shape_text(first) + " as at checkpoint 0");
                out.template write<Real>(p.values);
            }
            for (const auto& [own, predicted] : run.strategies)
                out.template array<Real>("strategy_" + own.name + suffix, shape_of(predicted[split]), predicted[split].values);
        }
        detail::aside_file aside(place);
        out.finish(aside.path());
        manifest with_context = manifest_;
        if (!with_context.parameters.contains("context") && run.sequences.id)
            with_context.parameters["context"] = context_of(*run.sequences.id);
        constexpr auto all = (std::numeric_limits<std::size_t>::max)();
        entry.file = aside.path().filename().string();
        const run_reader<F> written(with_context, entry, family_, {.bytes = all});
        for (const split split : splits)
            if (written.has(split)) written.for_each_checkpoint(split, [](std::size_t, const predictions&) {});
        std::error_code failed;
        if (manifest_.runs.empty()) std::filesystem::remove(manifest_.folder / "manifest.json", failed);
        aside.commit();
        manifest_ = std::move(with_context);
        entry.file = file;
        manifest_.runs.push_back(std::move(entry));
    }

    /// Writes the manifest. Throws std::invalid_argument without a run or for a text that is not UTF-8.
    void finish() const {
        if (manifest_.runs.empty()) throw std::invalid_argument("rationale::recording_writer: runs are 0, must be at least 1");
        nlohmann::ordered_json json{{"format", manifest::format}, {"version", manifest::version},       {"name", manifest_.name},
                                    {"family", manifest_.family}, {"parameters", manifest_.parameters}, {"model", manifest_.model}};
        if (!manifest_.training.empty()) json["training"] = manifest_.training;
        json["runs"] = nlohmann::ordered_json::array();
        for (const auto& run : manifest_.runs) json["runs"].push_back(json_of(run));
        std::string text;
        try {
            text = json.dump(2) + "\n";
        } catch (const nlohmann::json::exception&) {
            throw std::invalid_argument("rationale::recording_writer: name, model or training holds bytes that are no text, must be UTF-8");
        }
        write_aside(manifest_.folder / "manifest.json", text);
    }

private:
    [[nodiscard]] static nlohmann::ordered_json json_of(const run_entry& run) {
        nlohmann::ordered_json entry{{"file", run.file}, {"tasks", run.tasks}, {"seed", run.seed}};
        for (const auto& [strategy, value] : run.covariate) entry["covariate"][strategy] = value;
        for (const auto& [strategy, value] : run.bits) entry["bits"][strategy] = value;
        for (const auto& own : run.strategies) entry["strategies"][own.name] = {{"loss", own.loss}, {"bits", own.bits}};
        return entry;
    }
    /// Throws what a reader throws for what the manifest says of a run.
    void check_entry(const run_entry& run) const {
        std::string text;
        try {
            text = json_of(run).dump();
        } catch (const nlohmann::json::exception&) {
            throw std::invalid_argument("rationale::recording_writer: a strategy's name holds bytes that are no text, must be UTF-8");
        }
        run_entry read;
        detail::manifest_keys((manifest_.folder / "manifest.json").string(), manifest::version)
            .read(nlohmann::ordered_json::parse(text), "runs[" + std::to_string(manifest_.runs.size()) + "].", read);
    }
    static std::size_t context_of(const typename F::sequences& q) {
        std::size_t context = 1;
        for_each_field<typename F::sequences>([&](const auto& f) {
            const auto axis = f.shape.find('T');
            if (axis != std::string_view::npos) context = (q.*f.member).shape(axis);
        });
        return context;
    }
    /// Of recorded predictions, without the axis of checkpoints.
    static std::vector<std::size_t> shape_of(const predictions& p) {
        std::vector<std::size_t> shape{p.sequences()};
        if (F::prediction_shape.find('T') != std::string_view::npos) shape.push_back(p.events());
        if (F::prediction_shape.size() > shape.size()) shape.push_back(p.outcomes());
        return shape;
    }
    template <class Owner>
    static void write_fields(detail::npz_writer& out, const Owner& owner, const std::string& suffix) {
        for_each_field<Owner>([&](const auto& f) {
            const auto& a = owner.*f.member;
            out.array<typename std::remove_cvref_t<decltype(a)>::value_type>(
                std::string(f.name) + suffix, std::vector<std::size_t>(a.shape().begin(), a.shape().end()), a);
        });
    }

    F family_;
    manifest manifest_;
};

}  // namespace rationale

#endif
