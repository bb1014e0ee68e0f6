// How much memory does a large prediction need beyond its inputs and its outputs? Prints {"memory_MB": ..., "seconds": ...}.
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>

#include "rationale/rationale.hpp"

namespace {

/// A line of /proc/self/status in MB: VmRSS is what is resident now, VmHWM the most since the peak was reset.
double resident_megabytes(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(key + ":")) return std::stod(line.substr(key.size() + 1)) * 1024 / 1e6;
    return 0;
}

}  // namespace

int main() {
    using urns = rationale::balls_and_urns<16>;
    const urns family;
    auto table = rationale::sample_tasks(family, own_prior(family), 65536, 1);
    const auto sequences = rationale::sample_sequences(family, own_prior(family), 1000, 320, 2).sequences;
    const double inputs = resident_megabytes("VmRSS");
    std::ofstream("/proc/self/clear_refs") << 5;  // resets the peak

    const auto start = std::chrono::steady_clock::now();
    const rationale::memorizing<urns, float> m(family, std::move(table));
    const auto p = rationale::predict(m, sequences);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const double outputs = 8e-6 * static_cast<double>(p.values.size() + p.log_evidence.size());
    std::printf("{\"memory_MB\": %.1f, \"seconds\": %.1f, \"check\": %.6f}\n", resident_megabytes("VmHWM") - inputs - outputs, seconds,
                p.values(999, 319, 0));
    return 0;
}
