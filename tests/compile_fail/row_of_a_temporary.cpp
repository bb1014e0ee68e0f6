// expect: deleted
#include "rationale/rationale.hpp"

int main() {
    const auto gone = rationale::row(rationale::filled<double, 2>({2, 3}, 1.), 0);
    return static_cast<int>(gone[0]);
}
