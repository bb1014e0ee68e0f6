// What does remembering tasks with limited precision cost, against memorizing them?
#include <cstddef>
#include <string>

#include "support.hpp"

namespace {

template <std::size_t Categories>
void add(std::size_t context, std::size_t sequences) {
    using urns = rationale::balls_and_urns<Categories>;
    using seen = rationale::seen_tasks<urns>;
    const urns family;
    const rationale_benchmark::sizes n{.tasks = 4096, .context = context, .sequences = sequences};
    const std::string name = "remembered-K" + std::to_string(Categories) + "-T" + std::to_string(context);
    for (const bool dense : {true, false}) {
        const std::string ending = dense ? "-dense" : "";
        rationale_benchmark::add_prediction(name, "memorizing" + ending, family, n, [=](const typename urns::task_table& table) {
            rationale::memorizing<urns, float> m(family, table);
            if (dense) m.skip_tolerance(0);
            return m;
        });
        for (const int precision : {1, 20, 100, 1000, 100000}) {
            const std::string variant = "precision" + std::to_string(precision) + ending;
            rationale_benchmark::add_prediction(name, variant, family, n, [=](const typename urns::task_table& table) {
                rationale::bayes<urns, rationale::remembered<seen>, float> b(
                    family, rationale::remembered<seen>(family, seen(family, table), precision));
                if (dense) b.skip_tolerance(0);
                return b;
            });
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    add<8>(128, 64);
    add<16>(320, 32);
    return rationale_benchmark::run(argc, argv);
}
