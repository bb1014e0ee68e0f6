// How much faster are two threads than one, over many sequences and over the seen tasks of a single one?
#include <cstddef>
#include <string>

#include "support.hpp"

int main(int argc, char** argv) {
    using urns = rationale::balls_and_urns<8>;
    const urns family;
    const auto make = [=](const urns::task_table& table) { return rationale::memorizing<urns, float>(family, table); };
    for (const std::size_t count : {1u, 2u}) {
        const std::string variant = "threads" + std::to_string(count);
        const rationale::threads execute{count};
        rationale_benchmark::add_prediction("many-sequences", variant, family, {.tasks = 4096, .context = 128, .sequences = 1024}, make,
                                            execute);
        rationale_benchmark::add_prediction("one-sequence", variant, family, {.tasks = 1u << 20, .context = 128, .sequences = 1}, make,
                                            execute);
    }
    return rationale_benchmark::run(argc, argv);
}
