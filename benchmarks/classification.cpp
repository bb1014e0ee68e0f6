// What does a query cost in classification, by memorizing and by copying?
#include <cstddef>

#include "support.hpp"

namespace {

using items = rationale::classification<8, 2>;
constexpr rationale_benchmark::sizes size{.tasks = 4096, .context = 127, .sequences = 2048};

template <class Strategy>
void add(const char* name, const char* variant) {
    const items family;
    rationale_benchmark::add_prediction(name, variant, family, size, [=](const items::task_table& table) {
        if constexpr (std::is_constructible_v<Strategy, const items&, const items::task_table&>) return Strategy(family, table);
        else return Strategy(family);
    });
}

}  // namespace

int main(int argc, char** argv) {
    add<rationale::memorizing<items, float>>("classification-d8", "float");
    add<rationale::memorizing<items, double>>("classification-d8", "double");
    add<rationale::copying<items>>("copying-d8-T127", "double");
    rationale_benchmark::add_reading("copying-d8-T127", items(), size);
    return rationale_benchmark::run(argc, argv);
}
