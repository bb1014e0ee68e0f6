// How many multiplications and additions a second can one core do? What the other programs reach is a share of that.
#include <array>
#include <cstddef>
#include <cstdint>

#include "support.hpp"

namespace {

template <class Real>
void multiply_add(benchmark::State& state) {
    using V = rationale::kernel::native_lanes::of<Real>;
    constexpr std::size_t chains = 12, steps = 4096;  // enough chains to hide the latency of two units, few enough for the registers
    std::array<V, chains> x;
    Real start = Real(1);
    benchmark::DoNotOptimize(start);
    for (std::size_t c = 0; c < chains; ++c) x[c] = V(start + Real(c) / Real(16));
    V scale(start * Real(0.5)), shift(start * Real(0.25));
    for (auto _ : state) {
        for (std::size_t i = 0; i < steps; ++i)
#pragma GCC unroll 12
            for (std::size_t c = 0; c < chains; ++c) x[c] = rationale::kernel::lane_access<V>::multiply_add(x[c], scale, shift);
        benchmark::ClobberMemory();
    }
    for (const V& v : x) benchmark::DoNotOptimize(rationale::kernel::lane_access<V>::sum(v));
    const auto flop = 2 * chains * steps * rationale::kernel::lane_count<V>;
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(flop));
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::RegisterBenchmark("peak/float", multiply_add<float>);
    benchmark::RegisterBenchmark("peak/double", multiply_add<double>);
    return rationale_benchmark::run(argc, argv);
}
