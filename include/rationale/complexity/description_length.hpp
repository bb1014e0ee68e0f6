#ifndef RATIONALE_COMPLEXITY_DESCRIPTION_LENGTH_HPP
#define RATIONALE_COMPLEXITY_DESCRIPTION_LENGTH_HPP

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "rationale/execution.hpp"
#include "rationale/number_text.hpp"

namespace rationale {

/// The numbers as little-endian float64 bytes, whatever machine or compute type they come from: what a description length measures.
[[nodiscard]] inline std::vector<std::uint8_t> serialize(std::span<const double> numbers) {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(8 * numbers.size());
    for (double x : numbers)
        for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<std::uint8_t>(std::bit_cast<std::uint64_t>(x) >> shift));
    return bytes;
}

/// A way to shorten bytes: its name, and the size in bytes of what it makes of them.
struct compressor {
    std::string name;                                                ///< as reports have it
    std::function<std::size_t(std::span<const std::uint8_t>)> size;  ///< in bytes, of what it makes of them
};

/// How many bits describe some numbers, by the shortest of the ways that were tried.
struct description {
    double bits = 0;                                    ///< by the shortest way
    std::string method;                                 ///< the way that was shortest
    std::vector<std::pair<std::string, double>> tried;  ///< every way and its bits, "raw" first
};

namespace detail {
template <executor E>
[[nodiscard]] description shortest(std::span<const std::uint8_t> bytes, std::span<const compressor> compressors, const E& execute) {
    description d{8.0 * static_cast<double>(bytes.size()), "raw", {{"raw", 8.0 * static_cast<double>(bytes.size())}}};
    d.tried.resize(1 + compressors.size());
    execute(compressors.size(), [&](std::size_t i) {
        d.tried[1 + i] = {compressors[i].name, 8.0 * static_cast<double>(compressors[i].size(bytes))};
    });
    for (const auto& [name, bits] : d.tried)
        if (bits < d.bits) d.bits = bits, d.method = name;
    return d;
}
}  // namespace detail

/// Description length in bits of the numbers: the smallest of their raw bytes and what each compressor makes of them. Without
/// compressors that is 64 bits a number. `compressors.hpp` has those of the published analysis.
template <executor E = sequential>
[[nodiscard]] description description_length(std::span<const double> numbers, std::span<const compressor> compressors = {},
                                             const E& execute = {}) {
    return detail::shortest(serialize(numbers), compressors, execute);
}

/// Description length of the numbers rounded to multiples of `step`, each multiple a little-endian 32-bit integer: what it takes to store
/// them so precisely by actual compression, to compare with a memory's rate (prior/memory.hpp). Throws std::invalid_argument for a step
/// that is not positive, or numbers that are too many steps.
template <executor E = sequential>
[[nodiscard]] description quantized_length(std::span<const double> numbers, double step, std::span<const compressor> compressors = {},
                                           const E& execute = {}) {
    if (!(step > 0)) throw std::invalid_argument("rationale::quantized_length: step is " + significant(step) + ", must be positive");
    std::vector<std::uint8_t> bytes;
    bytes.reserve(4 * numbers.size());
    for (double x : numbers) {
        const double multiple = std::nearbyint(x / step);
        if (!(std::abs(multiple) <= 2147483647.0))
            throw std::invalid_argument("rationale::quantized_length: " + significant(x) + " is more than 2^31 steps of " +
                                        significant(step));
        const auto integer = static_cast<std::uint32_t>(static_cast<std::int32_t>(multiple));
        for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(integer >> shift));
    }
    return detail::shortest(bytes, compressors, execute);
}

}  // namespace rationale

#endif
