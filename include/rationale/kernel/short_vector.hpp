#ifndef RATIONALE_KERNEL_SHORT_VECTOR_HPP
#define RATIONALE_KERNEL_SHORT_VECTOR_HPP

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace rationale::kernel {

/// A vector of which up to Room entries take no memory from the heap: where many short ones are made, that takes longer than what is done
/// with them. Entries are copied, never moved.
template <class T, std::size_t Room>
class short_vector {
public:
    short_vector() noexcept = default;
    /// So many entries of a value.
    explicit short_vector(std::size_t size, const T& value = T()) { resize(size, value); }
    short_vector(const short_vector& other) { *this = other; }
    /// Keeps its room.
    short_vector& operator=(const short_vector& other) {
        if (this == &other) return *this;
        make_room(other.size_);
        std::copy_n(other.data_, other.size_, data_);
        size_ = other.size_;
        return *this;
    }
    ~short_vector() = default;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] T* data() noexcept { return data_; }
    [[nodiscard]] const T* data() const noexcept { return data_; }
    [[nodiscard]] T& operator[](std::size_t i) noexcept { return data_[i]; }
    [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return data_[i]; }
    [[nodiscard]] T* begin() noexcept { return data_; }
    [[nodiscard]] T* end() noexcept { return data_ + size_; }
    [[nodiscard]] const T* begin() const noexcept { return data_; }
    [[nodiscard]] const T* end() const noexcept { return data_ + size_; }

    void clear() noexcept { size_ = 0; }
    /// Further entries have that value.
    void resize(std::size_t size, const T& value = T()) {
        make_room(size);
        if (size > size_) std::fill(data_ + size_, data_ + size, value);
        size_ = size;
    }
    void push_back(const T& entry) {
        const T kept = entry;
        make_room(size_ + 1);
        data_[size_++] = kept;
    }

private:
    void make_room(std::size_t size) {
        if (size <= room_) return;
        std::vector<T> more((std::max)(size, 2 * room_));
        std::copy_n(data_, size_, more.data());
        more_ = std::move(more);
        data_ = more_.data(), room_ = more_.size();
    }

    T few_[Room];
    std::vector<T> more_{};
    T* data_ = few_;
    std::size_t size_ = 0, room_ = Room;
};

}  // namespace rationale::kernel

#endif
