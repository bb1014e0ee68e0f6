#ifndef RATIONALE_KEPT_HPP
#define RATIONALE_KEPT_HPP

#include <concepts>
#include <cstddef>
#include <memory>
#include <ranges>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace rationale {

/// A list that an object reads as long as it lives. An lvalue, or a span, is referred to and must outlive it; a temporary vector is kept,
/// shared by the object's copies; any other temporary is refused by the compiler.
template <class T>
class kept_list {
    template <class R>
    static constexpr bool is_list = !std::same_as<std::remove_cvref_t<R>, kept_list> && std::convertible_to<R, std::span<const T>>;
    template <class R>
    static constexpr bool outlives = std::is_lvalue_reference_v<R> || std::ranges::borrowed_range<R>;

public:
    /// Of nothing.
    kept_list() = default;
    /// Refers to a list. Implicit, as a list is passed where one is read.
    template <class R>
        requires(is_list<R>&& outlives<R>)
    kept_list(R&& list) : view_(list) {}
    /// Not of another temporary: it would refer to what is gone.
    template <class R>
        requires(is_list<R> && !outlives<R>)
    kept_list(R&& list)
    = delete;
    /// Keeps a list.
    kept_list(std::vector<T>&& list) : kept_(std::make_shared<const std::vector<T>>(std::move(list))), view_(*kept_) {}

    /// The first entry.
    [[nodiscard]] const T* begin() const noexcept { return view_.data(); }
    /// Behind the last entry.
    [[nodiscard]] const T* end() const noexcept { return view_.data() + view_.size(); }
    /// Entries side by side.
    [[nodiscard]] const T* data() const noexcept { return view_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return view_.size(); }
    /// Whether there are none.
    [[nodiscard]] bool empty() const noexcept { return view_.empty(); }
    /// Entry i.
    [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return view_[i]; }
    /// The last entry.
    [[nodiscard]] const T& back() const noexcept { return view_.back(); }

private:
    std::shared_ptr<const std::vector<T>> kept_;
    std::span<const T> view_;
};

/// The same for one value, or none: an lvalue, or what a pointer points to, is referred to, and a temporary is kept.
template <class T>
class kept_value {
public:
    /// None.
    kept_value() = default;
    /// Refers to a value, or to none.
    kept_value(const T* value) noexcept : value_(value) {}
    /// Refers to a value.
    kept_value(const T& value) noexcept : value_(&value) {}
    /// Keeps a value.
    kept_value(T&& value) : kept_(std::make_shared<const T>(std::move(value))), value_(kept_.get()) {}
    /// Not of a temporary that is const: it would refer to what is gone.
    kept_value(const T&&) = delete;

    /// The value, or none.
    operator const T*() const noexcept { return value_; }
    /// The value.
    [[nodiscard]] const T* operator->() const noexcept { return value_; }

private:
    std::shared_ptr<const T> kept_;
    const T* value_ = nullptr;
};

}  // namespace rationale

#endif
