#ifndef RATIONALE_RECORDING_RUN_READER_HPP
#define RATIONALE_RECORDING_RUN_READER_HPP

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "rationale/recording/run_file.hpp"
#include "rationale/task/field.hpp"

namespace rationale {

/// One training run of a recording. The small arrays are read and checked at construction; predictions, which may be larger than memory,
/// are handed out checkpoint by checkpoint. Every fault is a recording_error that names file, array, expectation and finding. Several
/// threads may read at a time. Of a run whose tasks change (checkpoint_tables) a reader has one table, and the checkpoints of it.
template <task_family F>
class run_reader : public detail::run_file {
public:
    using task_table = typename F::task_table;
    /// Sequences of a split.
    using sequences_type = typename F::sequences;

    /// Opens a run's file and checks its small arrays; it is open only while it is read. Throws recording_error.
    run_reader(const manifest& m, const run_entry& entry, const F& family, memory_limit limit = {}, checkpoint_range checkpoints = {})
        : run_file(m, entry, detail::shape_of(family), limit, checkpoints) {
        const npz_file npz = open();
        read_fields(npz, table_, "");
        if constexpr (requires { F::check_tasks(table_); }) {
            try {
                F::check_tasks(table_);
            } catch (const std::invalid_argument& e) {
                const std::size_t first = first_checkpoint();
                throw recording_error(file() + ": " + (first > 0 ? "from checkpoint " + std::to_string(first) + " on, " : "") + e.what());
            }
        }
        read_numbers(npz);
        for (const split i : splits) {
            const std::string suffix = std::string("_") + words(i);
            bool sequences_here = false;
            for_each_field<sequences_type>(
                [&](const auto& f) { sequences_here = sequences_here || npz.has(std::string(f.name) + suffix); });
            if (!find_split(npz, i, sequences_here)) continue;
            read_fields(npz, sequences_[i].emplace(), suffix);
            open_split(npz, i);
        }
        check_strategies(npz);
    }

    /// The seen tasks.
    [[nodiscard]] const task_table& table() const noexcept { return table_; }
    /// A split's sequences, the same at every checkpoint. Throws std::invalid_argument for a split that was not recorded.
    [[nodiscard]] const sequences_type& sequences(split split) const {
        check_split(split);
        return *sequences_[split];
    }

private:
    template <class Owner>
    void read_fields(const npz_file& npz, Owner& owner, const std::string& suffix) {
        for_each_field<Owner>([&](const auto& f) {
            auto& a = owner.*f.member;
            using array_type = std::remove_cvref_t<decltype(a)>;
            using number = typename array_type::value_type;
            this->template read_array<number>(npz, std::string(f.name) + suffix, f.shape, f.below, !suffix.empty(),
                                              [&](std::span<const std::size_t> lengths) {
                                                  typename array_type::shape_type shape{};
                                                  std::copy(lengths.begin(), lengths.end(), shape.begin());
                                                  a.resize(shape);
                                                  return a.data();
                                              });
        });
    }

    task_table table_;
    per_split<std::optional<sequences_type>> sequences_;
};

}  // namespace rationale

#endif
