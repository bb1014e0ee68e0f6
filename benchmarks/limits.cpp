// How fast could a row be at best? The arithmetic of a prediction on numbers that are in registers or the nearest cache, with nothing
// looked up, chosen or brought back into range; what the memory delivers; what a second thread adds to the peak.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "support.hpp"

namespace {

namespace kernel = rationale::kernel;
using rationale::kernel::lane_access;

constexpr std::size_t dimensions = 8, labels = 2;

/// A sequence of linear regression, by memorizing: for each task and event d multiplications and additions, the exponential of a log
/// weight, and the sums of weights and of weighted predictions; for some registers of tasks at once.
void memorizing_regression(benchmark::State& state, std::size_t tasks, std::size_t context) {
    using V = kernel::native_lanes::of<float>;
    constexpr std::size_t together = 4;
    std::vector<float> x(context * dimensions, .3f), y(context, .2f);
    kernel::aligned_vector<V> mass(context, V(0.f)), sum(context, V(0.f));
    for (auto _ : state) {
        benchmark::DoNotOptimize(x.data());
        for (std::size_t d = 0; d < tasks; d += together * kernel::lane_count<V>) {
            std::array<V, together> log_weight, mean;
            std::array<std::array<V, dimensions>, together> w;
            for (std::size_t j = 0; j < together; ++j) {
                log_weight[j] = V(0.f);
                for (std::size_t i = 0; i < dimensions; ++i) w[j][i] = V(x[i] + static_cast<float>(d + j) * 1e-6f);
            }
            for (std::size_t t = 0; t < context; ++t) {
                mean.fill(V(0.f));
                for (std::size_t i = 0; i < dimensions; ++i)
                    for (std::size_t j = 0; j < together; ++j)
                        mean[j] = lane_access<V>::multiply_add(w[j][i], V(x[t * dimensions + i]), mean[j]);
                V masses = mass[t], means = sum[t];
                for (std::size_t j = 0; j < together; ++j) {
                    const V weight = kernel::exponential_weight<V>(log_weight[j]), residual = V(y[t]) - mean[j];
                    masses = masses + weight;
                    means = lane_access<V>::multiply_add(weight, mean[j], means);
                    log_weight[j] = lane_access<V>::multiply_add(residual * residual, V(-.01f), log_weight[j]);
                }
                mass[t] = masses;
                sum[t] = means;
            }
        }
        benchmark::DoNotOptimize(mass.data());
        benchmark::DoNotOptimize(sum.data());
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations());
}

/// A query of classification, by memorizing: for each item d multiplications and additions, an exponential, and the sums over labels.
template <class Real>
void memorizing_classification(benchmark::State& state, std::size_t items) {
    using V = kernel::native_lanes::of<Real>;
    // As many items as fit the nearest cache, again and again.
    constexpr std::size_t resident = 256;
    kernel::aligned_vector<V> rows(resident / kernel::lane_count<V> * (dimensions + labels), V(Real(.1)));
    std::array<Real, dimensions> query;
    query.fill(Real(.1));
    for (auto _ : state) {
        benchmark::DoNotOptimize(query.data());
        std::array<V, dimensions> q;
        for (std::size_t i = 0; i < dimensions; ++i) q[i] = V(query[i]);
        std::array<V, labels + 1> sum;
        sum.fill(V(Real(0)));
        for (std::size_t done = 0; done < items; done += resident) {
            benchmark::DoNotOptimize(rows.data());
            for (const V* item = rows.data(); item != rows.data() + rows.size(); item += dimensions + labels) {
                V log_weight(0.f);
                for (std::size_t i = 0; i < dimensions; ++i) log_weight = lane_access<V>::multiply_add(q[i], item[i], log_weight);
                const V weight = kernel::exponential_weight<V>(log_weight);
                sum[labels] = sum[labels] + weight;
                for (std::size_t k = 0; k < labels; ++k) sum[k] = lane_access<V>::multiply_add(weight, item[dimensions + k], sum[k]);
            }
        }
        for (const V& v : sum) benchmark::DoNotOptimize(lane_access<V>::sum(v));
    }
    state.SetItemsProcessed(state.iterations());
}

/// Reading what the urns of so many tasks are kept in, once, in as many parts as threads: probabilities in float, logarithms and weights in
/// double.
void reading_tasks(benchmark::State& state, std::size_t tasks, std::size_t categories, std::size_t threads) {
    const std::vector<std::uint64_t> memory(tasks * (categories * (sizeof(float) + sizeof(double)) + sizeof(double)) / 8, 1);
    const rationale::threads execute{threads};
    const std::size_t part = memory.size() / threads;
    for (auto _ : state)
        execute(threads, [&](std::size_t i) {
            std::uint64_t sum = 0;
            for (std::size_t word = i * part; word < (i + 1) * part; ++word) sum += memory[word];
            benchmark::DoNotOptimize(sum);
        });
    state.SetItemsProcessed(state.iterations());
}

/// The peak of one thread, on each of several.
void peak_of_threads(benchmark::State& state, std::size_t threads) {
    const rationale::threads execute{threads};
    for (auto _ : state) execute(8, [](std::size_t) { rationale_benchmark::multiply_add_chains<float>(1 << 18); });
    state.SetItemsProcessed(state.iterations());
}

}  // namespace

int main(int argc, char** argv) {
    using benchmark::RegisterBenchmark;
    for (const std::size_t T : {16U, 64U})
        RegisterBenchmark(("dmmse-d8-T" + std::to_string(T) + "/arithmetic").c_str(), memorizing_regression, std::size_t{4096}, T);
    RegisterBenchmark("classification-d8/arithmetic", memorizing_classification<float>, std::size_t{4096});
    RegisterBenchmark("classification-d8/arithmetic-double", memorizing_classification<double>, std::size_t{4096});
    for (const std::size_t count : {1U, 2U}) {
        RegisterBenchmark(("scaling-D1048576/reading-threads" + std::to_string(count)).c_str(), reading_tasks, std::size_t{1} << 20,
                          std::size_t{8}, count)
            ->UseRealTime();
        RegisterBenchmark(("peak/threads" + std::to_string(count)).c_str(), peak_of_threads, count)->UseRealTime();
    }
    return rationale_benchmark::run(argc, argv);
}
