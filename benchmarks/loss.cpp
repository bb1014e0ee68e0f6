// How much cheaper is the loss alone than the predictions? The log evidence needs no sum over outcomes.
#include <cstddef>
#include <cstdint>
#include <string>

#include "support.hpp"

namespace {

using urns = rationale::balls_and_urns<8>;

template <class Real>
void add_log_evidence(const std::string& variant, const rationale_benchmark::sizes& n, bool dense) {
    const auto run = [=](benchmark::State& state) {
        const urns family;
        const auto& in = rationale_benchmark::draw(family, n);
        rationale::memorizing<urns, Real> m(family, in.table);
        if (dense) m.skip_tolerance(0);
        for (auto _ : state) {
            const auto evidence = rationale::log_evidence(m, in.sequences);
            benchmark::DoNotOptimize(evidence.data());
        }
        state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(n.sequences));
    };
    benchmark::RegisterBenchmark(("loss/" + variant).c_str(), run)->UseRealTime()->Unit(benchmark::kMillisecond);
}

template <class Real>
void add_prediction(const std::string& variant, const rationale_benchmark::sizes& n) {
    const urns family;
    rationale_benchmark::add_prediction("loss", variant, family, n, [=](const urns::task_table& table) {
        rationale::memorizing<urns, Real> m(family, table);
        m.skip_tolerance(0);
        return m;
    });
}

}  // namespace

int main(int argc, char** argv) {
    const rationale_benchmark::sizes all{.tasks = 4096, .context = 128, .sequences = 10000}, some{4096, 128, 500};
    add_log_evidence<float>("float", all, false);
    add_log_evidence<float>("float-dense", all, true);
    add_log_evidence<double>("double", all, false);
    add_log_evidence<double>("double-dense", all, true);
    add_prediction<float>("float-prediction", some);
    add_prediction<double>("double-prediction", some);
    return rationale_benchmark::run(argc, argv);
}
