// expect: deleted
#include "rationale/rationale.hpp"

using urns = rationale::balls_and_urns<2>;

int main() {
    const urns family;
    const auto gone = family.view(urns::sequences{{{0, 1}}}, 0);
    return static_cast<int>(gone.observation(0));
}
