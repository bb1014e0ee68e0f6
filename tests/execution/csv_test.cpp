#include <doctest/doctest.h>

#include <limits>

#include "rationale/csv.hpp"

TEST_CASE("rows of CSV: texts are quoted where they must be, numbers that are none are empty") {
    using rationale::csv_line, rationale::csv_number;
    CHECK(csv_line({"plain", "a, \"b\"", "two\nlines"}) == "plain,\"a, \"\"b\"\"\",\"two\nlines\"\n");
    CHECK(csv_line({"", csv_number(1. / 3), csv_number(std::numeric_limits<double>::quiet_NaN()),
                    csv_number(-std::numeric_limits<double>::infinity())}) == ",0.3333333333,,-inf\n");
    CHECK(csv_line({}) == "\n");
}
