// Does the time per token and task stay the same from a thousand seen tasks to a million?
#include <algorithm>
#include <cstddef>
#include <string>

#include "support.hpp"

int main(int argc, char** argv) {
    using urns = rationale::balls_and_urns<8>;
    const urns family;
    for (const bool dense : {true, false})
        for (std::size_t tasks = 1u << 10; tasks <= 1u << 20; tasks *= 4) {
            const rationale_benchmark::sizes n{
                .tasks = tasks, .context = 128, .sequences = std::max(std::size_t{8}, (std::size_t{1} << 18) / tasks)};
            rationale_benchmark::add_prediction("scaling-D" + std::to_string(tasks), dense ? "float-dense" : "float", family, n,
                                                [=](const urns::task_table& table) {
                                                    rationale::memorizing<urns, float> m(family, table);
                                                    if (dense) m.skip_tolerance(0);
                                                    return m;
                                                });
        }
    return rationale_benchmark::run(argc, argv);
}
