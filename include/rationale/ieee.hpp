// What the library needs of a compiler: IEEE arithmetic with infinities and NaN, done in the order it is written.
#ifndef RATIONALE_IEEE_HPP
#define RATIONALE_IEEE_HPP

#include <limits>
#include <stdexcept>
#include <string>

#if defined(__FAST_MATH__)
#error "rationale needs IEEE infinities and NaN: compile without -ffast-math"
#elif defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
#error "rationale needs IEEE infinities and NaN: compile without -ffinite-math-only"
#elif defined(__ASSOCIATIVE_MATH__)
#error "rationale needs arithmetic in the order it is written: compile without -fassociative-math and -funsafe-math-optimizations"
#elif defined(__RECIPROCAL_MATH__)
#error "rationale needs exact division: compile without -freciprocal-math"
#elif defined(__FLT_EVAL_METHOD__) && (__FLT_EVAL_METHOD__ == 2 || __FLT_EVAL_METHOD__ < 0)
#error "rationale needs double arithmetic in double precision: compile with -mfpmath=sse"
#endif
static_assert(0.1 != static_cast<double>(0.1f),
              "rationale needs constants in double precision: compile without -fsingle-precision-constant");

namespace rationale::detail {

/// Throws std::runtime_error where the compiler was told to compute otherwise, which clang says in no macro. What is public and computes
/// begins with it. The numbers are volatile, so that it is done as the code around it is; it is inlined, so that a linker that chooses
/// among translation units' copies of a function chooses its check with it. Some ten loads and stores.
[[gnu::always_inline]] inline void need_ieee(const char* where) {
    const volatile double a = 0.3, nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity(),
                          large = (std::numeric_limits<double>::max)();
    const double x = a, n = nan, i = infinity, b = large, half = 0.5 * b, quarter = 0.25 * b;
    const volatile double one_half = half / b, one_quarter = quarter / b;  // by the reciprocal, which is not normal, they are not exact
    if ((x + 0x1.8p52) - 0x1.8p52 != 0 || n == n || !(i > b) || i - i == i - i || one_half != 0.5 || one_quarter != 0.25)
        throw std::runtime_error(std::string(where) +
                                 ": the compiler was told to change IEEE arithmetic, must not be: compile without -ffast-math and "
                                 "whatever is part of it");
}

}  // namespace rationale::detail

#endif
