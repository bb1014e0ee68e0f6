// expect: rationale::arrays: an array of reals must hold numbers that double represents exactly, such as float and double
#include "rationale/rationale.hpp"

using line = rationale::linear_regression<2>;

int main() {
    const xt::xtensor<long double, 3> x({1, 3, 2}, 0);
    const xt::xtensor<double, 2> y({1, 3}, 0);
    return static_cast<int>(rationale::predict(rationale::generalizing<line>(line()), rationale::arrays(x, y)).events());
}
