#include <rationale/rationale.hpp>

int main() {
    const rationale::ndarray<double, 2> a = rationale::filled<double, 2>({2, 3}, 0.5);
    return rationale::row(a, 1).size() == 3 && rationale::version_major == 0 ? 0 : 1;
}
