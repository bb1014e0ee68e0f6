// What do the ten heaviest tasks at every position of a sequence cost, and the weights of all of them, against predicting it?
#include <cstddef>
#include <string>

#include "rationale/strategy/posteriors.hpp"
#include "support.hpp"

namespace {

template <class F>
void add(const std::string& name, const F& family, std::size_t tasks, std::size_t context) {
    const rationale_benchmark::sizes n{.tasks = tasks, .context = context, .sequences = 1};
    const std::string what = name + "-D" + std::to_string(tasks) + "-T" + std::to_string(context);
    const auto time = [&](const std::string& variant, const auto& work) {
        const auto run = [=](benchmark::State& state) {
            const auto& in = rationale_benchmark::draw(family, n);
            const rationale::memorizing<F> strategy(family, in.table);
            for (auto _ : state) benchmark::DoNotOptimize(work(strategy, in.sequences));
        };
        benchmark::RegisterBenchmark((what + "/" + variant).c_str(), run)->UseRealTime()->Unit(benchmark::kMicrosecond);
    };
    time("predict", [](const auto& strategy, const auto& data) { return predict(strategy, data).values(0, 0, 0); });
    time("heaviest", [](const auto& strategy, const auto& data) { return heaviest(strategy, data, 0, 10).weight(0, 0); });
    time("posteriors", [](const auto& strategy, const auto& data) { return posteriors(strategy, data, 0)(0, 0); });
}

}  // namespace

int main(int argc, char** argv) {
    for (const std::size_t tasks : {4096, 65536}) {
        add("urns-K8", rationale::balls_and_urns<>({.categories = 8}), tasks, 128);
        add("chains-K8", rationale::markov_chain<>({.categories = 8}), tasks, 128);
        add("regression-d8", rationale::linear_regression<>({.dimensions = 8}), tasks, 64);
        add("regression-d16", rationale::linear_regression<>({.dimensions = 16}), tasks, 32);
        add("hidden-markov-K3", rationale::hidden_markov<>({.categories = 3, .states = 2}), tasks, 64);
    }
    return rationale_benchmark::run(argc, argv);
}
