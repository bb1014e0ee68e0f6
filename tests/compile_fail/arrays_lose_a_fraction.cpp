// expect: rationale::arrays: an array of tokens, or of other integers, must hold integers
#include "rationale/rationale.hpp"

using urns = rationale::balls_and_urns<2>;

int main() {
    const xt::xtensor<float, 2> tokens({1, 3}, 0);
    return static_cast<int>(rationale::predict(rationale::generalizing<urns>(urns()), rationale::arrays(tokens)).events());
}
