#ifndef RATIONALE_RANDOM_PHILOX_HPP
#define RATIONALE_RANDOM_PHILOX_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace rationale {

/// Philox 4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).
/// The numbers are a function of (seed, stream, position) alone, so whatever has its own stream, a task or a sequence, is the same in any
/// order, on any thread and in any split. Satisfies std::uniform_random_bit_generator. What it is drawn for, random/stream.hpp names.
class philox {
public:
    /// What a call returns.
    using result_type = std::uint64_t;
    /// Counter and output of the cipher.
    using block_type = std::array<std::uint32_t, 4>;
    /// Its key.
    using key_type = std::array<std::uint32_t, 2>;

    /// Stream number `stream` of a seed, from `region` 2^56 blocks on: 2^57 numbers before the next region begins. Streams are independent,
    /// and the same everywhere.
    constexpr philox(std::uint64_t seed, std::uint64_t stream, std::uint8_t region = 0) noexcept
        : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
          counter_{0, std::uint32_t{region} << 24, static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)} {}

    /// Least result.
    static constexpr result_type(min)() noexcept { return 0; }
    /// Largest result.
    static constexpr result_type(max)() noexcept { return (std::numeric_limits<result_type>::max)(); }

    /// The next 64 bits.
    constexpr result_type operator()() noexcept {
        if (!half_) {
            block_ = block(counter_, key_);
            if (++counter_[0] == 0) ++counter_[1];
        }
        const std::size_t i = half_ ? 2 : 0;
        half_ = !half_;
        return static_cast<result_type>(block_[i + 1]) << 32 | block_[i];
    }

    /// Ten rounds on one counter: the block that the published known answers are about.
    [[nodiscard]] static constexpr block_type block(block_type x, key_type key) noexcept {
        for (int round = 0; round < 10; ++round) {
            const std::uint64_t a = std::uint64_t{0xD2511F53} * x[0], b = std::uint64_t{0xCD9E8D57} * x[2];
            x = {static_cast<std::uint32_t>(b >> 32) ^ x[1] ^ key[0], static_cast<std::uint32_t>(b),
                 static_cast<std::uint32_t>(a >> 32) ^ x[3] ^ key[1], static_cast<std::uint32_t>(a)};
            key[0] += 0x9E3779B9;
            key[1] += 0xBB67AE85;
        }
        return x;
    }

private:
    key_type key_;
    block_type counter_, block_{};
    bool half_ = false;
};

}  // namespace rationale

#endif
