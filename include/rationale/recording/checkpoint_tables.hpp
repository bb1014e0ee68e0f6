#ifndef RATIONALE_RECORDING_CHECKPOINT_TABLES_HPP
#define RATIONALE_RECORDING_CHECKPOINT_TABLES_HPP

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rationale/recording/manifest.hpp"
#include "rationale/recording/npz.hpp"
#include "rationale/recording/run_entry.hpp"
#include "rationale/split.hpp"
#include "rationale/task/field.hpp"

namespace rationale {

/// Checkpoints of a run, by number.
struct checkpoint_range {
    std::size_t first = 0;                            ///< the first
    std::size_t last = static_cast<std::size_t>(-1);  ///< behind the last, or any larger number
    /// Whether checkpoint n is one of them.
    [[nodiscard]] bool holds(std::size_t n) const noexcept { return n >= first && n < last; }
};

namespace detail {
/// A number for each checkpoint of an array with an axis of N checkpoints in front: the same where its values are.
[[nodiscard]] inline std::vector<std::uint64_t> checkpoint_hashes(npy_stream in) {
    const std::size_t checkpoints = in.shape()[0], size = in.left() / (checkpoints > 0 ? checkpoints : 1);
    std::vector<std::uint64_t> out(checkpoints);
    const auto mixed = [](std::uint64_t x) {  // Stafford's thirteenth variant of the finalizer of MurmurHash3
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U, x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
        return x ^ (x >> 31);
    };
    in.template for_each<double>([&](std::size_t place, double value) {  // a sum: in either order of the axes
        out[place / size] += mixed(std::bit_cast<std::uint64_t>(value) + 0x9e3779b97f4a7c15U * (place % size + 1));
    });
    in.finish();
    return out;
}
}  // namespace detail

/// Runs of checkpoints between which the seen tasks, or a split's sequences, change: one for a run whose arrays are the same throughout.
/// Arrays that change have an axis of N checkpoints in front. Each such array is read once. Throws recording_error.
template <class F>
[[nodiscard]] std::vector<checkpoint_range> checkpoint_tables(const manifest& m, const run_entry& entry) {
    const npz_file npz(m.folder / entry.file, std::nullopt, entry.bfloat16);
    const auto steps = npz.open("steps").shape();
    std::vector<bool> changes;
    const auto look = [&](const std::string& name, std::size_t axes) {
        if (!npz.has(name)) return;
        auto in = npz.open(name);
        if (in.shape().size() != axes + 1 || steps != std::vector{in.shape()[0]}) return;  // another shape is refused by the reader
        const auto hashes = detail::checkpoint_hashes(std::move(in));
        if (changes.size() < hashes.size()) changes.resize(hashes.size());
        for (std::size_t n = 1; n < hashes.size(); ++n) changes[n] = changes[n] || hashes[n] != hashes[n - 1];
    };
    for_each_field<typename F::task_table>([&](const auto& f) { look(std::string(f.name), f.shape.size()); });
    for (const split split : splits)
        for_each_field<typename F::sequences>([&](const auto& f) { look(std::string(f.name) + "_" + words(split), f.shape.size()); });
    std::vector<checkpoint_range> out{{}};
    for (std::size_t n = 1; n < changes.size(); ++n)
        if (changes[n]) out.back().last = n, out.push_back({n});
    return out;
}

}  // namespace rationale

#endif
