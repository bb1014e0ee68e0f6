// expect: rationale::ndarray<T, N>: what it is made from must have N axes
#include "rationale/rationale.hpp"

int main() {
    const xt::xtensor<std::int32_t, 3> cube({1, 1, 1}, 0);
    const rationale::balls_and_urns<2>::sequences data{cube};
}
