// What does a prediction by memorizing, bigram retrieval, cost in Markov chains, with every seen chain weighed and with negligible ones
// left out, and what does inference from bigrams?
#include <cstddef>
#include <optional>
#include <string>

#include "support.hpp"

namespace {

using chains = rationale::markov_chain<10, 1>;

template <class Real>
void add(const std::string& name, const std::string& variant, const rationale_benchmark::sizes& n, std::optional<double> tolerance) {
    rationale_benchmark::add_prediction(name, variant, chains(), n, [=](const chains::task_table& table) {
        rationale::memorizing<chains, Real> m(chains(), table);
        if (tolerance) m.skip_tolerance(*tolerance);
        return m;
    });
}

}  // namespace

int main(int argc, char** argv) {
    const rationale_benchmark::sizes n{.tasks = 1024, .context = 512, .sequences = 64};
    add<float>("markov-K10-T512", "float-dense", n, 0.0);
    add<float>("markov-K10-T512", "float", n, {});
    add<double>("markov-K10-T512", "double-dense", n, 0.0);
    add<double>("markov-K10-T512", "double", n, {});
    rationale_benchmark::add_prediction("markov-inference-K10-T512", "double", chains(), n,
                                        [](const chains::task_table&) { return rationale::generalizing<chains>(chains()); });
    return rationale_benchmark::run(argc, argv);
}
