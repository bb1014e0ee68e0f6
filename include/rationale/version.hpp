// The version, read by CMake from here and from nowhere else.
#ifndef RATIONALE_VERSION_HPP
#define RATIONALE_VERSION_HPP

#define RATIONALE_VERSION_MAJOR 0
#define RATIONALE_VERSION_MINOR 1
#define RATIONALE_VERSION_PATCH 0

namespace rationale {

inline constexpr int version_major = RATIONALE_VERSION_MAJOR;
inline constexpr int version_minor = RATIONALE_VERSION_MINOR;
inline constexpr int version_patch = RATIONALE_VERSION_PATCH;

}  // namespace rationale

#endif
