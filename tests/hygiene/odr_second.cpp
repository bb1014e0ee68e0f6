#include "hygiene/hostile.hpp"

const void* address_in_second() { return &rationale::version_major; }

double prediction_in_second() {
    using urns = rationale::balls_and_urns<>;
    const urns family({.categories = 2});
    urns::sequences data{rationale::filled<std::int32_t, 2>({1, 3}, 1)};
    return rationale::predict(rationale::generalizing<urns>(family), data).values(0, 2, 1);
}
