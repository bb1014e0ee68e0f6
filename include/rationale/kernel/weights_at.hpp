#ifndef RATIONALE_KERNEL_WEIGHTS_AT_HPP
#define RATIONALE_KERNEL_WEIGHTS_AT_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace rationale::kernel {

/// Weights of some of a chunk's components at one event: prior mass times the likelihood of what came before it is weight exp(scale).
template <class Real>
struct weights_at {
    std::size_t event;                    // which of those that were asked for
    std::size_t first;                    // place in the chunk from which on they are packed
    std::span<const std::uint32_t> kept;  // their places after `first`; empty: all, one after the other
    bool moved;                           // these are other components than at the event before
    std::span<const Real> weight;         // followed by zeros that fill a register
    double scale;

    /// How many there are, in a chunk of so many places.
    [[nodiscard]] std::size_t count(std::size_t places) const noexcept {
        return kept.empty() ? (std::min)(weight.size(), places - (std::min)(places, first)) : kept.size();
    }
    /// Place of number i of them in the chunk.
    [[nodiscard]] std::size_t place(std::size_t i) const noexcept { return first + (kept.empty() ? i : kept[i]); }
};

}  // namespace rationale::kernel

#endif
