// What the benchmark programs share: inputs, the timing of predictions, and files for the peers.
#ifndef RATIONALE_BENCHMARKS_SUPPORT_HPP
#define RATIONALE_BENCHMARKS_SUPPORT_HPP

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>

#include "rationale/rationale.hpp"

namespace rationale_benchmark {

/// Set by --write=FOLDER: inputs and predictions of what is timed go there, in a folder for each case, for the peers and for comparison.
inline std::filesystem::path folder;

struct sizes {
    std::size_t tasks, context, sequences;
    auto operator<=>(const sizes&) const = default;
};

template <class F>
struct inputs {
    typename F::task_table table;
    typename F::sequences sequences;
};

/// Seen tasks and sequences, drawn once. Half of the sequences come from seen tasks and half from fresh ones, as in a recording.
template <class F>
const inputs<F>& draw(const F& family, const sizes& n) {
    static std::map<sizes, inputs<F>> drawn;
    const auto found = drawn.find(n);
    if (found != drawn.end()) return found->second;
    auto table = rationale::sample_tasks(family, own_prior(family), n.tasks, 1);
    const rationale::seen_tasks<F> seen(family, table);
    const auto id = rationale::sample_sequences(family, seen, n.sequences - n.sequences / 2, n.context, 2).sequences;
    const auto ood = rationale::sample_sequences(family, own_prior(family), n.sequences / 2, n.context, 3).sequences;
    typename F::sequences both;
    rationale::allocate(both, [&](char letter) { return letter == 'S' ? n.sequences : letter == 'T' ? n.context : family.extent(letter); });
    rationale::for_each_field<typename F::sequences>([&](const auto& f) {
        const auto& first = id.*f.member;
        const auto& second = ood.*f.member;
        std::copy(second.begin(), second.end(), std::copy(first.begin(), first.end(), (both.*f.member).begin()));
    });
    return drawn.emplace(n, inputs<F>{std::move(table), std::move(both)}).first->second;
}

/// Writes an array as a NumPy file; on a little-endian machine, like the peers.
template <class T, std::size_t N>
void write_npy(const std::filesystem::path& path, const rationale::ndarray<T, N>& a) {
    std::string header = "{'descr': '<" + std::string(std::is_integral_v<T> ? "i" : "f") + std::to_string(sizeof(T)) +
                         "', 'fortran_order': False, 'shape': (";
    for (std::size_t i = 0; i < N; ++i) header += std::to_string(a.shape(i)) + ",";
    header += ")}";
    header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 10, ' ');
    header.back() = '\n';
    std::ofstream out(path, std::ios::binary);
    out.write("\x93NUMPY\x01\x00", 8).put(static_cast<char>(header.size() & 255)).put(static_cast<char>(header.size() >> 8));
    out << header;
    out.write(reinterpret_cast<const char*>(a.data()), static_cast<std::streamsize>(a.size() * sizeof(T)));
}

template <class Owner>
void write_fields(const std::filesystem::path& to, const Owner& owner) {
    rationale::for_each_field<Owner>([&](const auto& f) { write_npy(to / (std::string(f.name) + ".npy"), owner.*f.member); });
}

/// Times predictions: `make(table)` is the strategy. Benchmark "case/variant"; its items are sequences.
template <class F, class Make, class E = rationale::sequential>
benchmark::internal::Benchmark* add_prediction(const std::string& name, const std::string& variant, const F& family, const sizes& n,
                                               const Make& make, const E& execute = {}) {
    const auto run = [=](benchmark::State& state) {
        const auto& in = draw(family, n);
        const auto strategy = make(in.table);
        rationale::predictions last;
        for (auto _ : state) {
            last = rationale::predict(strategy, in.sequences, execute);
            benchmark::DoNotOptimize(last.values.data());
        }
        state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(n.sequences));
        if (folder.empty()) return;
        const auto to = folder / name;
        std::filesystem::create_directories(to);
        write_fields(to, in.table);
        write_fields(to, in.sequences);
        write_npy(to / (variant + ".npy"), last.values);
    };
    return benchmark::RegisterBenchmark((name + "/" + variant).c_str(), run)->UseRealTime()->Unit(benchmark::kMillisecond);
}

/// Times reading a case's sequences once and nothing else, which no prediction from these arrays can be faster than. Benchmark
/// "case/reading"; its items are sequences.
template <class F>
void add_reading(const std::string& name, const F& family, const sizes& n) {
    const auto run = [=](benchmark::State& state) {
        const auto& in = draw(family, n);
        for (auto _ : state) {
            std::uint64_t sum = 0;  // of the bits, whose order does not matter, so that it is as fast as the memory
            rationale::for_each_field<typename F::sequences>([&](const auto& f) {
                const auto& array = in.sequences.*f.member;
                using number = std::remove_cvref_t<decltype(*array.data())>;
                using bits = std::conditional_t<sizeof(number) == 8, std::uint64_t, std::uint32_t>;
                for (const number* at = array.data(); at != array.data() + array.size(); ++at) sum += std::bit_cast<bits>(*at);
            });
            benchmark::DoNotOptimize(sum);
        }
        state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(n.sequences));
    };
    benchmark::RegisterBenchmark((name + "/reading").c_str(), run)->UseRealTime()->Unit(benchmark::kMillisecond);
}

/// Enough chains of operations to hide the latency of two units, few enough for the registers.
constexpr std::size_t chains = 12;
/// Multiplications and additions of lanes, `steps` in each chain.
template <class Real>
void multiply_add_chains(std::size_t steps) {
    using V = rationale::kernel::native_lanes::of<Real>;
    std::array<V, chains> x;
    Real start = Real(1);
    benchmark::DoNotOptimize(start);
    for (std::size_t c = 0; c < x.size(); ++c) x[c] = V(start + Real(c) / Real(16));
    const V scale(start * Real(0.5)), shift(start * Real(0.25));
    for (std::size_t i = 0; i < steps; ++i)
#pragma GCC unroll 12
        for (std::size_t c = 0; c < x.size(); ++c) x[c] = rationale::kernel::lane_access<V>::multiply_add(x[c], scale, shift);
    for (const V& v : x) benchmark::DoNotOptimize(rationale::kernel::lane_access<V>::sum(v));
}

/// Runs what was registered, with Google Benchmark's options and --write=FOLDER.
inline int run(int argc, char** argv) {
    constexpr std::string_view option = "--write=";
    const auto end = std::remove_if(argv + 1, argv + argc, [&](const char* argument) {
        const bool ours = std::string_view(argument).starts_with(option);
        if (ours) folder = argument + option.size();
        return ours;
    });
    argc = static_cast<int>(end - argv);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}

}  // namespace rationale_benchmark

#endif
