#ifndef RATIONALE_PROGRAM_VERSIONS_HPP
#define RATIONALE_PROGRAM_VERSIONS_HPP

#include <string>
#include <utility>
#include <vector>

#include "rationale/array.hpp"
#include "rationale/kernel/detail/simd.hpp"
#include "rationale/version.hpp"

namespace rationale::detail {

[[nodiscard]] inline std::string dotted(int major, int minor, int patch) {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

[[nodiscard]] inline std::string rationale_version() { return dotted(version_major, version_minor, version_patch); }

/// What a report was made with. g++ gives its number alone.
[[nodiscard]] inline std::vector<std::pair<std::string, std::string>> versions() {
    const std::string compiler = __VERSION__;
    return {{"rationale", rationale_version()},
            {"xtensor", dotted(XTENSOR_VERSION_MAJOR, XTENSOR_VERSION_MINOR, XTENSOR_VERSION_PATCH)},
            {"xsimd", dotted(XSIMD_VERSION_MAJOR, XSIMD_VERSION_MINOR, XSIMD_VERSION_PATCH)},
            {"compiler", (compiler[0] >= '0' && compiler[0] <= '9' ? "g++ " : "") + compiler}};
}

}  // namespace rationale::detail

#endif
