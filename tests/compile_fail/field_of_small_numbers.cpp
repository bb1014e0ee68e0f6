// expect: rationale::field: the array must hold double, std::int32_t or std::int64_t
#include "rationale/rationale.hpp"

struct bits_table {
    rationale::ndarray<std::int8_t, 2> bits;
    static constexpr auto fields = std::make_tuple(rationale::field{"bits", &bits_table::bits, "DK"});
};

int main() {
    bits_table table;
    rationale::allocate(table, [](char) { return std::size_t{2}; });
}
