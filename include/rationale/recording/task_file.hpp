#ifndef RATIONALE_RECORDING_TASK_FILE_HPP
#define RATIONALE_RECORDING_TASK_FILE_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "rationale/prior/seen_tasks.hpp"
#include "rationale/recording/npz.hpp"
#include "rationale/recording/recording_error.hpp"
#include "rationale/task/family.hpp"
#include "rationale/task/field.hpp"

namespace rationale {

/// The seen tasks of an npz file tile after tile, front to back, for `predict_in_tiles`: as many arrays as the family declares for its
/// tasks, and task_weights (D) where they were not all seen alike, as a recording's run has them. Memory: one tile.
template <task_family F>
class task_file {
    using task_table = typename F::task_table;

public:
    /// `rows` tasks a tile; unless given, what takes some 16 MB. The family must outlive it. Throws recording_error when the file cannot be
    /// read, has no such array, or one of another shape or in Fortran order, of which no part holds whole tasks.
    task_file(const std::filesystem::path& path, const F& family, std::size_t rows = 0) : family_(&family), file_(path), rows_(rows) {
        std::optional<std::size_t> tasks;
        std::size_t bytes = 0;
        for_each_field<task_table>([&](const auto& f) {
            const auto& in = open(std::string(f.name), f.shape);
            if (tasks && *tasks != in.shape()[0])
                in.fail("has " + std::to_string(in.shape()[0]) + " tasks, expected " + std::to_string(*tasks) + " as the array before it");
            tasks = in.shape()[0];
            bytes += sizeof(double) * (in.left() / (std::max)(*tasks, std::size_t{1}));
        });
        left_ = size_ = *tasks;
        if (file_.has("task_weights")) {
            const auto& in = open("task_weights", "D");
            if (in.shape()[0] != size_)
                in.fail("has " + std::to_string(in.shape()[0]) + " entries, expected one for each of " + std::to_string(size_) + " tasks");
        }
        if (rows_ == 0) rows_ = (std::max)(usual_bytes / (std::max)(bytes, std::size_t{1}), std::size_t{1});
    }

    /// D.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// The next tile that has a weight; none after the last. Throws recording_error for tasks that the family refuses, and for a file that
    /// ends too early or whose checksum is wrong.
    [[nodiscard]] std::optional<task_tile<F>> next() {
        while (left_ > 0)
            if (auto tile = next_rows()) return tile;
        return std::nullopt;
    }

private:
    static constexpr std::size_t usual_bytes = std::size_t{1} << 24;

    /// The next rows; none where they have no weight.
    [[nodiscard]] std::optional<task_tile<F>> next_rows() {
        const std::size_t count = (std::min)(rows_, left_);
        task_table table;
        for_each_field<task_table>([&](const auto& f) { read(streams_.at(std::string(f.name)), table.*f.member, count); });
        std::vector<double> weights;
        if (const auto in = streams_.find("task_weights"); in != streams_.end()) weights.resize(count), in->second.read(std::span(weights));
        left_ -= count;
        if (left_ == 0)
            for (auto& [name, in] : streams_) in.finish();
        double mass = static_cast<double>(count);
        if (!weights.empty()) mass = 0;
        for (const double w : weights) mass += w;
        if (!weights.empty() && std::all_of(weights.begin(), weights.end(), [](double w) { return w == 0; })) return std::nullopt;
        try {
            return task_tile<F>{seen_tasks<F>(*family_, std::move(table), std::move(weights)), mass};
        } catch (const std::invalid_argument& e) {
            throw recording_error(file_.file() + ": among the tasks from " + std::to_string(size_ - left_ - count) + " on: " + e.what());
        }
    }
    npy_stream& open(const std::string& name, std::string_view shape) {
        auto& in = streams_.emplace(name, file_.open(name)).first->second;
        if (in.shape().size() != shape.size())
            in.fail("has " + std::to_string(in.shape().size()) + " axes, expected " + std::to_string(shape.size()));
        for (std::size_t axis = 1; axis < shape.size(); ++axis)
            if (const std::size_t wanted = family_->extent(shape[axis]); wanted != 0 && in.shape()[axis] != wanted)
                in.fail("has length " + std::to_string(in.shape()[axis]) + " on axis " + std::to_string(axis) + " (" + shape[axis] +
                        "), expected " + std::to_string(wanted));
        if (in.fortran_order() && shape.size() > 1)
            in.fail("is in Fortran order, expected C order, in which a task's numbers stand together");
        return in;
    }

    template <class Array>
    static void read(npy_stream& in, Array& to, std::size_t count) {
        using number = typename Array::value_type;
        typename Array::shape_type shape{};
        std::copy(in.shape().begin(), in.shape().end(), shape.begin());
        shape[0] = count;
        to.resize(shape);
        if constexpr (std::is_floating_point_v<number>) in.read(std::span<double>(to.data(), to.size()));
        else {
            std::vector<std::int64_t> whole(to.size());
            in.read(std::span(whole));
            for (std::size_t i = 0; i < whole.size(); ++i) {
                if (whole[i] < (std::numeric_limits<number>::min)() || whole[i] > (std::numeric_limits<number>::max)())
                    in.fail("holds " + std::to_string(whole[i]) + ", which is too large");
                to.data()[i] = static_cast<number>(whole[i]);
            }
        }
    }

    const F* family_;
    npz_file file_;
    std::size_t rows_, size_ = 0, left_ = 0;
    std::map<std::string, npy_stream> streams_{};
};

}  // namespace rationale

#endif
