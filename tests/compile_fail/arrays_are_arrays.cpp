// expect: rationale::arrays: each must be an xtensor, an xarray, an adaptor, an expression of these, or an array_view
#include "rationale/rationale.hpp"

using urns = rationale::balls_and_urns<2>;

int main() {
    const std::vector<std::int32_t> tokens{0, 1};  // of which sequences?
    return static_cast<int>(rationale::predict(rationale::generalizing<urns>(urns()), rationale::arrays(tokens)).events());
}
