// How many multiplications and additions a second can one core do? What the other programs reach is a share of that.
#include <cstddef>
#include <cstdint>

#include "support.hpp"

namespace {

template <class Real>
void multiply_add(benchmark::State& state) {
    constexpr std::size_t steps = 4096;
    for (auto _ : state) rationale_benchmark::multiply_add_chains<Real>(steps);
    const auto flop = 2 * rationale_benchmark::chains * steps * rationale::kernel::lane_count<rationale::kernel::native_lanes::of<Real>>;
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(flop));
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::RegisterBenchmark("peak/float", multiply_add<float>);
    benchmark::RegisterBenchmark("peak/double", multiply_add<double>);
    return rationale_benchmark::run(argc, argv);
}
