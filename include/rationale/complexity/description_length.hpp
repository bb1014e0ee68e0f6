#ifndef RATIONALE_COMPLEXITY_DESCRIPTION_LENGTH_HPP
#define RATIONALE_COMPLEXITY_DESCRIPTION_LENGTH_HPP

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rationale/execution.hpp"

namespace rationale {

/// The numbers as little-endian float64 bytes, whatever machine or compute type they come from: what a description length measures.
[[nodiscard]] inline std::vector<std::uint8_t> serialize(std::span<const double> numbers) {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(8 * numbers.size());
    for (double x : numbers)
        for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<std::uint8_t>(std::bit_cast<std::uint64_t>(x) >> shift));
    return bytes;
}

/// A way to shorten bytes: its name, and the length in bytes of what it makes of them.
struct compressor {
    std::string name;
    std::function<std::size_t(std::span<const std::uint8_t>)> length;
};

/// How many bits describe some numbers, by the shortest of the ways that were tried.
struct description {
    double bits = 0;
    std::string method;                                 ///< the way that was shortest
    std::vector<std::pair<std::string, double>> tried;  ///< every way and its bits, "raw" first
};

/// Description length in bits of the numbers: the smallest of their raw bytes and what each compressor makes of them. Without
/// compressors that is 64 bits a number. `compressors.hpp` has those of the published analysis.
template <executor E = sequential>
[[nodiscard]] description description_length(std::span<const double> numbers, std::span<const compressor> compressors = {},
                                             const E& execute = {}) {
    const auto bytes = serialize(numbers);
    description d{8.0 * static_cast<double>(bytes.size()), "raw", {{"raw", 8.0 * static_cast<double>(bytes.size())}}};
    d.tried.resize(1 + compressors.size());
    execute(compressors.size(), [&](std::size_t i) {
        d.tried[1 + i] = {compressors[i].name, 8.0 * static_cast<double>(compressors[i].length(bytes))};
    });
    for (const auto& [name, bits] : d.tried)
        if (bits < d.bits) d.bits = bits, d.method = name;
    return d;
}

}  // namespace rationale

#endif
