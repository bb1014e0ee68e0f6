#ifndef RATIONALE_HUGE_PAGES_HPP
#define RATIONALE_HUGE_PAGES_HPP

#include <cstddef>
#include <cstdint>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif

namespace rationale::detail {

/// Asks for pages of 2 MB where memory that nobody has written to yet holds whole ones: the system hands fresh memory out page by page, and
/// small pages cost more than many a prediction that is written there. Advice: where it is refused nothing is lost.
inline void advise_huge_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) noexcept {
#ifdef MADV_HUGEPAGE
    constexpr std::uintptr_t page = std::uintptr_t{1} << 21;
    const auto start = reinterpret_cast<std::uintptr_t>(memory), first = (start + page - 1) / page * page,
               last = (start + bytes) / page * page;
    if (first < last) (void)::madvise(static_cast<char*>(memory) + (first - start), last - first, MADV_HUGEPAGE);
#endif
}

}  // namespace rationale::detail

#endif
