// Compiled with one compiler flag after another: 3 where the library refuses it when it runs, 0 where exp, log and division are right,
// else 1.
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "rationale/kernel/elementary.hpp"

namespace {
namespace e = rationale::kernel::elementary;

bool right() {
    const double infinity = std::numeric_limits<double>::infinity();
    for (double x = -700; x < 700; x += 0.37) {
        const double y = std::exp(x), near_one = 1 + 1e-9 * x;
        if (!(std::abs(e::exp(x) / y - 1) < 4e-16)) return false;
        if (!(std::abs(e::log(y) - std::log(y)) <= 4e-16 * std::abs(x))) return false;
        if (!(std::abs(e::log_ratio(near_one, 1.0) - std::log1p(near_one - 1)) <= 6e-16 * std::abs(near_one - 1))) return false;
    }
    volatile double zero = 0;
    return e::exp(-infinity) == 0 && e::exp(infinity) == infinity && e::log(zero + 0) == -infinity && e::log(-1.0) != e::log(-1.0);
}
}  // namespace

int main() {
    try {
        rationale::detail::need_ieee("flags");
    } catch (const std::runtime_error& e) {
        std::puts(e.what());
        return 3;
    }
    return right() ? 0 : 1;
}
