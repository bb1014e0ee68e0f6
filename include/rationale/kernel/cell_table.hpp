#ifndef RATIONALE_KERNEL_CELL_TABLE_HPP
#define RATIONALE_KERNEL_CELL_TABLE_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "rationale/kernel/aligned.hpp"

namespace rationale::kernel {

/// What a number of a component depends on beside the component: an outcome's place, and how often it came.
struct cell {
    std::uint32_t place;  ///< of the outcome
    std::uint32_t times;  ///< that it came
    /// Both equal.
    bool operator==(const cell&) const = default;
};

/// Numbers of all components of a chunk, side by side, one row a cell, computed when it is asked for first. Memory: as many rows as fit.
template <class Number>
class cell_table {
public:
    /// Of so many components, a multiple of the lanes; rows take about `bytes`, but there are `least` of them.
    cell_table(std::size_t components, std::size_t bytes, std::size_t least)
        : components_(components), most_((std::max)(least, bytes / (components * sizeof(Number)))) {
        std::size_t wanted = 2;
        while (wanted < 2 * most_) wanted *= 2;
        slots_.assign(wanted, none);
    }

    /// Rows that there can be.
    [[nodiscard]] std::size_t most() const noexcept { return most_; }
    /// Makes room for so many rows, at most `most()`, by forgetting all where there is none. Until then rows stay where they are.
    cell_table& make_room(std::size_t rows) {
        if (cells_.size() + rows > most_) clear();
        return *this;
    }
    /// Forgets all cells.
    void clear() noexcept {
        std::fill(slots_.begin(), slots_.end(), none);
        cells_.clear();
    }
    /// The cell's row; fill(first number) where it is new.
    template <class Fill>
    [[nodiscard]] const Number* row(const cell& c, const Fill& fill) {
        const std::uint64_t key = (std::uint64_t{c.place} << 32 | c.times) * 0x9e3779b97f4a7c15u;  // 2^64/golden ratio: spreads keys
        std::size_t slot = key >> 32 & (slots_.size() - 1);
        for (; slots_[slot] != none; slot = (slot + 1) & (slots_.size() - 1))
            if (cells_[slots_[slot]] == c) return rows_[slots_[slot]].data();
        const std::size_t at = cells_.size();
        slots_[slot] = static_cast<std::uint32_t>(at);
        cells_.push_back(c);
        if (at == rows_.size()) rows_.emplace_back(components_);
        fill(rows_[at].data());
        return rows_[at].data();
    }

private:
    static constexpr std::uint32_t none = static_cast<std::uint32_t>(-1);
    std::size_t components_, most_;
    std::vector<std::uint32_t> slots_;  // of a hash table: places among the cells
    std::vector<cell> cells_;
    std::vector<aligned_vector<Number>> rows_;
};

}  // namespace rationale::kernel

#endif
