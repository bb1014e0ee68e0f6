#ifndef RATIONALE_KERNEL_ALIGNED_HPP
#define RATIONALE_KERNEL_ALIGNED_HPP

#include <cstddef>
#include <new>
#include <vector>

namespace rationale::kernel {

/// Starts arrays at a cache line, so that no register's load touches two.
template <class T>
struct cache_line_allocator {
    using value_type = T;
    static constexpr std::align_val_t line{64};

    cache_line_allocator() = default;
    template <class U>
    explicit cache_line_allocator(const cache_line_allocator<U>&) noexcept {}

    [[nodiscard]] T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), line)); }
    void deallocate(T* p, std::size_t) noexcept { ::operator delete(p, line); }
    friend bool operator==(cache_line_allocator, cache_line_allocator) { return true; }
};

template <class T>
using aligned_vector = std::vector<T, cache_line_allocator<T>>;

}  // namespace rationale::kernel

#endif
