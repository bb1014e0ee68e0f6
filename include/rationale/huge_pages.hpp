#ifndef RATIONALE_HUGE_PAGES_HPP
#define RATIONALE_HUGE_PAGES_HPP

#include <cstddef>
#include <new>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif

namespace rationale {

/// Starts arrays of 1 MB or more at a boundary of 2 MB and asks for pages of that size, where the system has them: it hands fresh memory
/// out page by page, and small pages cost more than many a prediction that is written there. Smaller arrays are as std::allocator's.
template <class T>
struct huge_page_allocator {
    using value_type = T;
    static constexpr std::align_val_t page{std::size_t{1} << 21};
    static constexpr std::size_t least = std::size_t{1} << 20;

    huge_page_allocator() = default;
    template <class U>
    explicit huge_page_allocator(const huge_page_allocator<U>&) noexcept {}

    [[nodiscard]] T* allocate(std::size_t n) {
        if (n < least / sizeof(T)) return static_cast<T*>(::operator new(n * sizeof(T)));
        constexpr auto size = static_cast<std::size_t>(page);
        const std::size_t bytes = (n * sizeof(T) + size - 1) / size * size;
        void* const p = ::operator new(bytes, page);
#ifdef MADV_HUGEPAGE
        (void)::madvise(p, bytes, MADV_HUGEPAGE);  // advice: where it is refused nothing is lost
#endif
        return static_cast<T*>(p);
    }
    void deallocate(T* p, std::size_t n) noexcept {
        if (n < least / sizeof(T)) ::operator delete(p);
        else ::operator delete(p, page);
    }
    friend bool operator==(huge_page_allocator, huge_page_allocator) { return true; }
};

}  // namespace rationale

#endif
