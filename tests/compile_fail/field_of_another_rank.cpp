// expect: rationale::field: the shape must have one letter for each axis of the array
#include "rationale/rationale.hpp"

struct rates_table {
    rationale::ndarray<double, 2> rates;
    static constexpr auto fields = std::make_tuple(rationale::field{"rates", &rates_table::rates, "DKK"});
};

int main() {
    rates_table table;
    rationale::allocate(table, [](char) { return std::size_t{2}; });
}
