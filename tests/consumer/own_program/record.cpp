// record FOLDER: writes the recording of a model that remembers every coin as kappa = 3 (N/D)^0.6 throws of it.
#include <rationale/recording/recording_writer.hpp>
#include <rationale/strategy/bayes.hpp>
#include <rationale/strategy/check_family.hpp>
#include <rationale/strategy/strategy.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

#include "coins_memory.hpp"

int main(int, char** argv) {
    using namespace rationale;
    const coins family({.heads = 2, .tails = 3});
    check_family(family);
    recording_writer<coins> recording(argv[1], "coins", family);
    const std::vector<std::int64_t> steps{20, 60, 200, 600, 2000};
    for (const std::size_t count : {4u, 8u, 16u}) {
        const seen_tasks<coins> seen(family, sample_tasks(family, own_prior(family), count, /*seed=*/1));
        const auto shown = sample_sequences(family, seen, /*count=*/8, /*context=*/8, /*seed=*/2).sequences;
        const auto predicted = [&](rationale::split, std::size_t checkpoint) {
            const double visits = static_cast<double>(steps[checkpoint]) / static_cast<double>(count);
            const remembered prior(family, seen, 3 * std::pow(visits, .6));
            return predict(bayes<coins, remembered<seen_tasks<coins>>>(family, prior), shown);
        };
        recording.add_run<double>({.table = seen.table(), .seed = 1, .steps = steps, .sequences = {shown}, .model = predicted});
    }
    recording.finish();
}
