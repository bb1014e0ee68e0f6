#ifndef RATIONALE_RECORDING_MEMORY_LIMIT_HPP
#define RATIONALE_RECORDING_MEMORY_LIMIT_HPP

#include <unistd.h>

#include <cstddef>

namespace rationale {

/// How much memory the arrays of recordings may take: those of every run that stay, and a checkpoint. What a file claims is counted before
/// room is made for it.
struct memory_limit {
    std::size_t bytes = usual();  ///< half of the machine's memory

    /// Half of the machine's memory; 4 GB where that is not known.
    [[nodiscard]] static std::size_t usual() noexcept {
        const long pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
        return pages > 0 && page > 0 ? static_cast<std::size_t>(pages) / 2 * static_cast<std::size_t>(page) : std::size_t{1} << 32;
    }
};

}  // namespace rationale

#endif
