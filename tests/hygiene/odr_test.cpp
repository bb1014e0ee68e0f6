#include <doctest/doctest.h>

const void* address_in_first();
const void* address_in_second();
double prediction_in_first();
double prediction_in_second();

TEST_CASE("two translation units with every header and hostile macros link into one program") {
    CHECK(address_in_first() == address_in_second());
    CHECK(prediction_in_first() == doctest::Approx(0.75));
    CHECK(prediction_in_first() == prediction_in_second());
}
