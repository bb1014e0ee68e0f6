// Sanitizers look for faults, not for accuracy: what takes long there is made smaller.
#ifndef RATIONALE_TESTS_SUPPORT_EFFORT_HPP
#define RATIONALE_TESTS_SUPPORT_EFFORT_HPP

#ifdef __SANITIZE_ADDRESS__
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

#endif
