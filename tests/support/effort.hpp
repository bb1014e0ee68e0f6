// Sanitizers look for faults, not for accuracy: what takes long there is made smaller. Of repetitions at random tests/run.sh makes few,
// unless --all.
#ifndef RATIONALE_TESTS_SUPPORT_EFFORT_HPP
#define RATIONALE_TESTS_SUPPORT_EFFORT_HPP

#include <doctest/doctest.h>
#include <cstddef>
#include <cstdlib>

#ifdef __SANITIZE_ADDRESS__
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

/// Decorates a test case of more than some 15 s: tests/run.sh --only FOLDER leaves it out, so that an answer comes soon.
inline const doctest::test_suite takes_long("long");

/// Number of repetitions: `all` where the environment has RATIONALE_TEST_LONG, otherwise `few`.
inline std::size_t repeats(std::size_t few, std::size_t all) { return std::getenv("RATIONALE_TEST_LONG") != nullptr ? all : few; }

#endif
