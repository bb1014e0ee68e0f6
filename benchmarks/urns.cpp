// What does a prediction by memorizing cost in balls and urns, with every seen task weighed and with negligible ones left out?
#include <cstddef>
#include <optional>
#include <string>

#include "support.hpp"

namespace {

template <std::size_t Categories, class Real>
void add(const std::string& name, const std::string& variant, const rationale_benchmark::sizes& n, std::optional<double> tolerance) {
    using urns = rationale::balls_and_urns<Categories>;
    const urns family;
    rationale_benchmark::add_prediction(name, variant, family, n, [=](const typename urns::task_table& table) {
        rationale::memorizing<urns, Real> m(family, table);
        if (tolerance) m.skip_tolerance(*tolerance);
        return m;
    });
}

template <std::size_t Categories>
void add_all(const std::string& name, const rationale_benchmark::sizes& n) {
    add<Categories, float>(name, "float-dense", n, 0.0);
    add<Categories, float>(name, "float", n, {});
    add<Categories, double>(name, "double-dense", n, 0.0);
    add<Categories, double>(name, "double", n, {});
}

}  // namespace

int main(int argc, char** argv) {
    add_all<8>("urns-K8-T128", {.tasks = 4096, .context = 128, .sequences = 256});
    add_all<16>("urns-K16-T320", {.tasks = 4096, .context = 320, .sequences = 64});
    return rationale_benchmark::run(argc, argv);
}
