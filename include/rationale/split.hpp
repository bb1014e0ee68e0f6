#ifndef RATIONALE_SPLIT_HPP
#define RATIONALE_SPLIT_HPP

#include <array>
#include <cstdint>

namespace rationale {

/// Which sequences: of seen tasks, in distribution, or of fresh tasks, out of it.
enum class split : std::uint8_t { id, ood };

/// Both, in the order of files and results.
inline constexpr std::array splits{split::id, split::ood};

/// Its name in files and results.
[[nodiscard]] constexpr const char* words(split s) noexcept { return s == split::id ? "id" : "ood"; }

/// Something for each split.
template <class T>
struct per_split {
    T id{};   ///< in distribution
    T ood{};  ///< out of distribution

    /// That of a split.
    [[nodiscard]] constexpr T& operator[](split s) noexcept { return s == split::id ? id : ood; }
    /// That of a split.
    [[nodiscard]] constexpr const T& operator[](split s) const noexcept { return s == split::id ? id : ood; }
    /// Of two that are equal.
    [[nodiscard]] friend bool operator==(const per_split&, const per_split&) = default;
};

}  // namespace rationale

#endif
