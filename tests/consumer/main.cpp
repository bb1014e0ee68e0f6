// One program for every way of using the library: a prediction that can be worked out by hand.
#include <rationale/strategy/generalizing.hpp>
#include <rationale/task/balls_and_urns.hpp>
#include <rationale/version.hpp>

#include <cmath>

int main() {
    using urns = rationale::balls_and_urns<8>;
    const auto prediction = rationale::predict(rationale::generalizing<urns>(urns{}), {{{2, 2, 5, 2}}});
    return std::abs(prediction.values(0, 3, 2) - (2 + 1) / (3. + 8)) < 1e-12 && RATIONALE_VERSION_MAJOR == rationale::version_major ? 0 : 1;
}
