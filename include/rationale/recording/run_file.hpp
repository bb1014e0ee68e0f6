// The part of run_reader.hpp that is the same for every family.
#ifndef RATIONALE_RECORDING_RUN_FILE_HPP
#define RATIONALE_RECORDING_RUN_FILE_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/function_ref.hpp"
#include "rationale/recording/check_predictions.hpp"
#include "rationale/recording/checkpoint_tables.hpp"
#include "rationale/recording/manifest.hpp"
#include "rationale/recording/memory_limit.hpp"
#include "rationale/split.hpp"
#include "rationale/task/family.hpp"

namespace rationale {

namespace detail {

/// What is to be known of a family to read its predictions.
struct family_shape {
    prediction_kind kind{};                  ///< of a prediction
    std::string prediction_shape{};          ///< a letter an axis
    std::size_t outcomes = 0;                ///< of an event
    std::array<std::size_t, 128> extents{};  ///< of the letters; 0 where the family does not know one
};
template <task_family F>
[[nodiscard]] family_shape shape_of(const F& family) {
    family_shape out{F::kind, std::string(F::prediction_shape), family.outcomes(), {}};
    for (char letter = 'A'; letter <= 'z'; ++letter) out.extents[static_cast<std::size_t>(letter)] = family.extent(letter);
    return out;
}

/// The file of one training run, its family forgotten: run_reader adds the family's own arrays.
class run_file {
public:
    /// Its npz file.
    [[nodiscard]] const std::string& file() const noexcept { return file_; }
    /// The same, as it was when it was first opened. A later reading throws recording_error where it was written or replaced since.
    [[nodiscard]] const file_read& source() const noexcept { return source_; }
    /// Names, sizes and checksums of its arrays.
    [[nodiscard]] const std::string& checksums() const noexcept { return checksums_; }
    /// Memory that its small arrays take.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    /// D.
    [[nodiscard]] std::size_t tasks() const noexcept { return entry_.tasks; }
    /// Of its training.
    [[nodiscard]] std::int64_t seed() const noexcept { return entry_.seed; }
    /// Number of the first checkpoint that it reads.
    [[nodiscard]] std::size_t first_checkpoint() const noexcept { return checkpoints_.first; }
    /// Training steps of all the run's checkpoints; 0 is the untrained model.
    [[nodiscard]] const std::vector<std::int64_t>& steps() const noexcept { return steps_; }
    /// How often each task was drawn in training; empty when all alike.
    [[nodiscard]] const std::vector<double>& task_weights() const noexcept { return weights_; }
    /// At each checkpoint; empty when not recorded.
    [[nodiscard]] const std::vector<double>& train_loss() const noexcept { return train_loss_; }
    /// How often a task of the present table was seen in the mean, at each checkpoint; empty when not recorded.
    [[nodiscard]] const std::vector<double>& visits() const noexcept { return visits_; }
    /// Positions of a sequence, T.
    [[nodiscard]] std::size_t context() const noexcept { return extent_[static_cast<std::size_t>('T')]; }
    /// Whether a split was recorded.
    [[nodiscard]] bool has(split split) const noexcept { return has_[split]; }
    /// Positions of a sequence that predictions were recorded at; empty where at all of them.
    [[nodiscard]] const std::vector<std::size_t>& positions() const noexcept { return positions_; }
    /// What the manifest says of strategies that the run brings along.
    [[nodiscard]] const std::vector<recorded_strategy>& strategies() const noexcept { return entry_.strategies; }
    /// What strategy number q of these predicts, read from the file. Throws as for_each_checkpoint.
    [[nodiscard]] predictions strategy(std::size_t q, split split) const {
        check_split(split);
        const npz_file own = open();
        return read_strategy(own, entry_.strategies[q].name, split);
    }
    /// How a split's predictions were rounded when they were recorded; `absolute` is 0 of logits.
    [[nodiscard]] number_rounding rounding(split split) const {
        check_split(split);
        return rounding_[split];
    }

    /// Calls visit(checkpoint index, predictions) for each of its checkpoints in order. Memory: one checkpoint; an array in Fortran order
    /// is read once for every 64 MB of checkpoints, or what the limit leaves. Values are cast to double and never renormalised;
    /// `log_predictions` are log-probabilities or logits and are normalised here (check_predictions.hpp: how far sums may be off 1). Throws
    /// recording_error for a fault, and std::invalid_argument for a split that was not recorded.
    void for_each_checkpoint(split split, function_ref<void(std::size_t, const predictions&)> visit) const {
        check_split(split);
        const npz_file own = open();
        auto [in, name, logs] = open_model(own, split);
        const detail::predictions_array array{file_, name, logs, predicts_events(), in.rounding()};
        predictions out = room_for(split);
        const auto check_and_visit = [&](std::size_t n) {
            if (!checkpoints_.holds(n)) return;  // of an array in Fortran order
            detail::check_predictions(array, out, n);
            visit(n, out);
        };
        if (in.fortran_order()) return visit_fortran(split, own, out, check_and_visit);
        const std::size_t last = (std::min)(checkpoints_.last, steps_.size()), before = checkpoints_.first * out.values.size();
        const bool to_the_end = last == steps_.size();
        to_the_end ? in.drop(before) : in.skip(before);  // the last table's reader sees the checksum
        for (std::size_t n = checkpoints_.first; n < last; ++n) {
            in.read(std::span<double>(out.values.data(), out.values.size()));
            check_and_visit(n);
        }
        if (to_the_end) in.finish();
    }

protected:
    /// Opens a run's file and reads its steps.
    run_file(const manifest& m, const run_entry& entry, family_shape family, memory_limit limit, checkpoint_range checkpoints)
        : entry_(entry),
          family_(std::move(family)),
          name_of_family_(m.family),
          source_{m.folder / entry.file},
          file_(source_.path.string()),
          limit_(limit),
          checkpoints_(checkpoints) {
        detail::need_ieee("rationale::run_reader");
        const npz_file npz(source_.path, std::nullopt, entry_.bfloat16);
        source_.state = npz.state(), checksums_ = npz.checksums();
        extent_ = family_.extents;
        bind('D', entry.tasks);
        if (m.parameters.contains("context")) {
            if (!m.parameters["context"].is_number_integer() || m.parameters["context"].get<double>() < 1)
                throw recording_error(m.file() + ": parameters.context is " + m.parameters["context"].dump() +
                                      ", expected a whole number of at least 1");
            bind('T', m.parameters["context"].get<std::size_t>());
        }
        read_steps(npz);
    }

    /// Reads an array of the family, or its place in an axis of checkpoints; make_room(lengths) is where its numbers go.
    template <class Number>
    void read_array(const npz_file& npz, const std::string& name, std::string_view letters, char below, bool of_sequences,
                    function_ref<Number*(std::span<const std::size_t>)> make_room) {
        auto in = npz.open(name);
        const bool changing = in.shape().size() == letters.size() + 1;  // with an axis of checkpoints in front
        check_shape(name, (changing ? "N" : "") + std::string(letters), in.shape());
        const bool every_checkpoint = checkpoints_.first == 0 && checkpoints_.last >= steps_.size();
        sequences_change_ = sequences_change_ || (changing && of_sequences && !every_checkpoint);
        const std::size_t size = in.left() / (changing ? steps_.size() : 1);
        claim(name, size * sizeof(Number));
        Number* const numbers = make_room(std::span(in.shape()).last(letters.size()));
        const auto place = [axes = in.shape()](std::size_t i) {
            std::vector<std::size_t> at(axes.size());
            for (std::size_t axis = axes.size(); axis-- > 0; i /= axes[axis]) at[axis] = i % axes[axis];
            return detail::index_text(at);
        };
        // In either order of the axes a number of the first checkpoint comes before those in its place of later ones.
        const auto put = [&](std::size_t i, auto value) {
            const std::size_t n = i / size;
            auto& number = numbers[i % size];
            if (n == (changing ? checkpoints_.first : 0)) number = static_cast<Number>(value);
            else if (checkpoints_.holds(n) && number != static_cast<Number>(value))
                fail(name, "changes at checkpoint " + std::to_string(n) + ", expected a reader for each of checkpoint_tables()");
        };
        if constexpr (std::is_integral_v<Number>) {
            std::int64_t least = (std::numeric_limits<Number>::min)(), most = (std::numeric_limits<Number>::max)();
            if (below != 0) least = 0, most = static_cast<std::int64_t>(family_.extents[static_cast<std::size_t>(below)]) - 1;
            if (most < least) fail(name, std::string("is below the extent of ") + below + ", which the family does not know");
            in.template for_each<std::int64_t>([&](std::size_t i, std::int64_t value) {
                if (value < least || value > most)
                    throw recording_error(file_ + ": " + name + place(i) + " is " + std::to_string(value) + ", must be in " +
                                          std::to_string(least) + ".." + std::to_string(most));
                put(i, value);
            });
        } else {
            in.template for_each<double>([&](std::size_t i, double value) {
                if (!std::isfinite(value))
                    throw recording_error(file_ + ": " + name + place(i) + " is " + detail::digits(value) + ", expected a finite number");
                put(i, value);
            });
        }
        in.finish();
    }
    /// Reads what is known of tasks and checkpoints, beside the tasks.
    void read_numbers(const npz_file& npz) {
        weights_ = numbers(npz, "task_weights", "D");
        double total = 0;
        for (const double& w : weights_) {
            if (w < 0)
                fail("task_weights",
                     "holds " + detail::digits(w) + " at [" + std::to_string(&w - weights_.data()) + "], expected no negative weights");
            total += w;
        }
        if (!weights_.empty() && !(total > 0)) fail("task_weights", "sums to 0, expected some weight");
        train_loss_ = numbers(npz, "train_loss", "N");
        visits_ = numbers(npz, "visits", "N");
        for (std::size_t n = 0; n < visits_.size(); ++n)
            if (visits_[n] < 0)
                fail("visits", "holds " + detail::digits(visits_[n]) + " at [" + std::to_string(n) + "], expected numbers of at least 0");
    }
    /// Whether a split is there; `sequences_here` where an array of its sequences is.
    [[nodiscard]] bool find_split(const npz_file& npz, split i, bool sequences_here) {
        const std::string suffix = std::string("_") + words(i);
        const bool plain = npz.has("predictions" + suffix), logs = npz.has("log_predictions" + suffix), here = plain || logs;
        if (plain && logs) fail("predictions" + suffix, "and log_predictions" + suffix + " are both there, expected one of them");
        if (!here && (i == split::id || sequences_here))
            fail("predictions" + suffix, "is missing, as is log_predictions" + suffix + "; the file has " + npz.contents());
        known_[static_cast<std::size_t>('S')] = false;  // each split has its own number of sequences
        return has_[i] = here;
    }
    /// Looks at a split's predictions, once its sequences are read.
    void open_split(const npz_file& npz, split i) {
        count_[i] = extent_[static_cast<std::size_t>('S')];
        if (i == split::id) read_positions(npz);
        const auto in = open_model(npz, i);
        rounding_[i] = in.stream.rounding();
        if (in.logs) rounding_[i].absolute = 0;  // no probability is rounded to 0
        require_room(in.name, in.stream.left() / steps_.size() * sizeof(double), " a checkpoint");
    }
    /// Reads each strategy once, and looks for some that the manifest does not know.
    void check_strategies(const npz_file& npz) const {
        if (!entry_.strategies.empty() && sequences_change_)
            fail("strategy_" + entry_.strategies[0].name + "_id",
                 "has no axis of checkpoints and the sequences change, expected own strategies with sequences that stay");
        std::set<std::string> known;
        for (const auto& strategy : entry_.strategies)
            for (const split split : splits) {
                known.insert("strategy_" + strategy.name + "_" + words(split));
                if (has(split)) (void)read_strategy(npz, strategy.name, split);
            }
        for (const auto& name : npz.names())
            if (name.starts_with("strategy_") && !known.contains(name))
                fail(name, "is there, expected its loss and bits in manifest.json, as \"strategies\": {\"" +
                               name.substr(9, name.rfind('_') - 9) + "\": {\"loss\": 0.5, \"bits\": 1000}} of the run");
    }
    void check_split(split split) const {
        if (!has(split)) detail::refuse("rationale::run_reader", "split", words(split), "recorded in " + file_);
    }

    [[nodiscard]] npz_file open() const { return npz_file(source_.path, source_.state, entry_.bfloat16); }

private:
    struct opened_predictions {
        npy_stream stream;
        std::string name;
        bool logs;
    };
    /// The model's predictions of a split, with their kind, type and shape checked.
    [[nodiscard]] opened_predictions open_model(const npz_file& file, split split) const {
        const std::string suffix = std::string("_") + words(split);
        const bool logs = !file.has("predictions" + suffix);
        const std::string name = (logs ? "log_predictions" : "predictions") + suffix;
        if (logs && family_.kind == prediction_kind::mean)
            fail(name, "is recorded for the family " + name_of_family_ + ", expected predictions" + suffix + ": it predicts means");
        return {open_predictions(file, name, "N", split), name, logs};
    }
    /// An array of predictions of a split, `leading` its axes before the sequences.
    [[nodiscard]] npy_stream open_predictions(const npz_file& file, const std::string& name, const char* leading, split split) const {
        auto in = file.open(name);
        if (!in.floating()) in.fail("holds integers, expected float32 or float64");
        auto sizes = extent_;
        sizes[static_cast<std::size_t>('S')] = count_[split];
        std::string shape = leading + family_.prediction_shape;
        if (!positions_.empty()) {
            std::replace(shape.begin(), shape.end(), 'T', 'P');
            sizes[static_cast<std::size_t>('P')] = positions_.size();
        }
        std::vector<std::size_t> expected;
        for (char letter : shape) expected.push_back(sizes[static_cast<std::size_t>(letter)]);
        if (in.shape() != expected) wrong_shape(name, shape, expected, in.shape());
        return in;
    }
    /// Room for one prediction of every sequence.
    [[nodiscard]] predictions room_for(split split) const {
        const std::size_t events = !predicts_events() ? 1 : positions_.empty() ? context() : positions_.size();
        return {family_.kind, unwritten<double, 3>({count_[split], events, family_.outcomes}), {}};
    }
    [[nodiscard]] predictions read_strategy(const npz_file& file, const std::string& strategy, split split) const {
        const std::string name = "strategy_" + strategy + "_" + words(split);
        auto in = open_predictions(file, name, "", split);
        predictions out = room_for(split);
        in.for_each<double>([&](std::size_t place, double value) { out.values.data()[place] = value; });
        in.finish();
        detail::check_predictions({file_, name, false, predicts_events(), in.rounding()}, out);
        return out;
    }
    void read_positions(const npz_file& npz) {
        if (!npz.has("positions")) return;
        if (!predicts_events()) fail("positions", "is there, expected none: " + name_of_family_ + " predicts one event of a sequence");
        auto in = npz.open("positions");
        if (in.shape().size() != 1 || in.left() == 0) wrong_shape("positions", "P", {unknown}, in.shape());
        std::int64_t least = 0;
        for (const std::int64_t t : in.read_all<std::int64_t>()) {
            if (t < least || static_cast<std::size_t>(t) >= context())
                fail("positions", "holds " + std::to_string(t) + " at [" + std::to_string(positions_.size()) +
                                      "], expected positions that increase, from 0 to " + std::to_string(context() - 1));
            positions_.push_back(static_cast<std::size_t>(t)), least = t + 1;
        }
        in.finish();
    }

    /// Calls visit(n) with each checkpoint in `out`, from an array in which those lie number by number side by side.
    void visit_fortran(split split, const npz_file& file, predictions& out, function_ref<void(std::size_t)> visit) const {
        const std::size_t size = out.values.size();
        const std::size_t room = (std::min)(std::size_t{64} << 20, limit_.bytes - bytes_) / (size * sizeof(double));
        const std::size_t block = std::clamp(room, std::size_t{1}, steps_.size());
        std::vector<double> values(block * size);
        for (std::size_t first = 0; first < steps_.size(); first += block) {
            auto in = open_model(file, split).stream;
            in.for_each<double>([&](std::size_t place, double value) {
                if (place >= first * size && place < (first + block) * size) values[place - first * size] = value;
            });
            in.finish();
            for (std::size_t n = first; n < (std::min)(first + block, steps_.size()); ++n) {
                std::copy_n(values.begin() + static_cast<std::ptrdiff_t>((n - first) * size), size, out.values.data());
                visit(n);
            }
        }
    }

    [[noreturn]] void fail(const std::string& array, const std::string& what) const {
        throw recording_error(file_ + ": " + array + " " + what);
    }

    [[noreturn]] void wrong_shape(const std::string& name, std::string_view letters, const std::vector<std::size_t>& expected,
                                  const std::vector<std::size_t>& found) const {
        std::string text = "(";
        for (std::size_t i = 0; i < letters.size(); ++i) {
            if (i > 0) text += ", ";
            text += letters[i];
            if (i >= expected.size() || expected[i] == unknown) continue;
            text += '=';
            text += std::to_string(expected[i]);
        }
        std::string hint;
        if (const std::size_t at = letters.find('T'); name.find("predictions") != std::string::npos && found.size() == letters.size() &&
                                                      at != std::string_view::npos && expected[at] != unknown) {
            if (found[at] == expected[at] + 1) hint = "; the last prediction, of what comes after the sequence, is one too many";
            if (found[at] + 1 == expected[at]) hint = "; the prediction of position 0, before which nothing stands, is missing";
        }
        fail(name, "has the shape " + detail::shape_text(found) + ", expected " + text + ")" + hint);
    }

    /// Counts what an array takes that stays. Throws recording_error where that is more than allowed.
    void claim(const std::string& array, std::size_t bytes) {
        require_room(array, bytes, "");
        bytes_ += bytes;
    }
    void require_room(const std::string& array, std::size_t bytes, const char* of) const {
        const std::size_t all = bytes_ + bytes;
        if (all <= limit_.bytes) return;
        const auto gigabytes = [](std::size_t n) { return detail::digits(static_cast<double>(n) * 1e-9) + " GB"; };
        fail(array, "takes " + gigabytes(bytes) + of + ", with the file's other arrays " + gigabytes(all) + ", where " +
                        gigabytes(limit_.bytes) + " are left of the memory for arrays (analyze --memory-limit, rationale::memory_limit)");
    }

    void bind(char letter, std::size_t length) {
        extent_[static_cast<std::size_t>(letter)] = length;
        known_[static_cast<std::size_t>(letter)] = true;
    }

    /// Checks a shape against what is known, and learns the letters that are still free.
    void check_shape(const std::string& name, std::string_view letters, const std::vector<std::size_t>& found) {
        std::vector<std::size_t> expected;
        bool fits = found.size() == letters.size();
        for (std::size_t i = 0; i < letters.size(); ++i) {
            const auto letter = static_cast<std::size_t>(letters[i]);
            const bool fixed = known_[letter] || family_.extents[letter] != 0;
            expected.push_back(fixed ? extent_[letter] : unknown);
            fits = fits && (!fixed || found[i] == extent_[letter]);
        }
        if (!fits) wrong_shape(name, letters, expected, found);
        for (std::size_t i = 0; i < letters.size(); ++i) {
            if (found[i] == 0) fail(name, "has the shape " + detail::shape_text(found) + ", expected no empty axis");
            bind(letters[i], found[i]);
        }
    }

    void read_steps(const npz_file& npz) {
        auto in = npz.open("steps");
        check_shape("steps", "N", in.shape());
        claim("steps", in.left() * sizeof(std::int64_t));
        steps_ = in.read_all<std::int64_t>();
        in.finish();
        for (std::size_t i = 0; i < steps_.size(); ++i)
            if (steps_[i] < 0 || (i > 0 && steps_[i] <= steps_[i - 1]))
                fail("steps",
                     "holds " + std::to_string(steps_[i]) + " at [" + std::to_string(i) + "], expected steps of at least 0 that increase");
    }

    [[nodiscard]] std::vector<double> numbers(const npz_file& npz, const std::string& name, std::string_view letters) {
        if (!npz.has(name)) return {};
        auto in = npz.open(name);
        check_shape(name, letters, in.shape());
        claim(name, in.left() * sizeof(double));
        auto out = in.read_all<double>();
        in.finish();
        for (std::size_t i = 0; i < out.size(); ++i)
            if (!std::isfinite(out[i]))
                fail(name, "holds " + detail::digits(out[i]) + " at [" + std::to_string(i) + "], expected finite numbers");
        return out;
    }

    static constexpr std::size_t unknown = static_cast<std::size_t>(-1);
    [[nodiscard]] bool predicts_events() const noexcept { return family_.prediction_shape.find('T') != std::string::npos; }

    run_entry entry_;
    family_shape family_;
    std::string name_of_family_;
    file_read source_;
    std::string file_, checksums_;
    memory_limit limit_;
    checkpoint_range checkpoints_;
    std::size_t bytes_ = 0;
    std::array<std::size_t, 128> extent_{};
    std::array<bool, 128> known_{};
    std::vector<std::int64_t> steps_;
    std::vector<std::size_t> positions_;
    bool sequences_change_ = false;
    std::vector<double> weights_, train_loss_, visits_;
    per_split<bool> has_{};
    per_split<std::size_t> count_{};
    per_split<number_rounding> rounding_{};
};

}  // namespace detail

}  // namespace rationale

#endif
