// With the library as one header, and nothing else of it on the compiler's path.
#include "rationale.hpp"

int main() {
    using urns = rationale::balls_and_urns<>;
    const urns family({.categories = 3});
    const rationale::memorizing<urns> memorizing(family, urns::task_table{{{.5, .25, .25}}});
    return predict(memorizing, {{{0, 1, 2}}}).values(0, 0, 0) == .5 ? 0 : 1;
}
