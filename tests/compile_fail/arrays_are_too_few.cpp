// expect: rationale::arrays: there must be one array for each of the family's sequences::fields
#include "rationale/rationale.hpp"

using line = rationale::linear_regression<2>;

int main() {
    const xt::xtensor<double, 3> x({1, 3, 2}, 0);
    return static_cast<int>(rationale::predict(rationale::generalizing<line>(line()), rationale::arrays(x)).events());
}
