// Recordings of a model that a test makes up, on tasks and sequences that the family draws.
#ifndef RATIONALE_TESTS_SUPPORT_MADE_UP_RECORDING_HPP
#define RATIONALE_TESTS_SUPPORT_MADE_UP_RECORDING_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "rationale/prior/sample.hpp"
#include "rationale/recording/recording_writer.hpp"
#include "rationale/strategy/generalizing.hpp"

namespace rationale_test {

/// What a made-up recording has: a run for each number of tasks, checkpoints, and sequences of each split.
struct made_up_extents {
    std::vector<std::size_t> tasks;
    std::vector<std::int64_t> steps;
    std::size_t sequences, context;
    bool ood = true;
    std::function<double(std::size_t)> weight{};  ///< optional: how often task d is drawn
};

/// Writes a recording whose model predicts `model(family, seen, sequences, D, N)` after N steps on D tasks, as Real; gives its manifest.
template <class Real = float, class F, class Model>
rationale::manifest write_made_up(const std::filesystem::path& folder, const F& family, const made_up_extents& of, const Model& model) {
    rationale::recording_writer<F> writer(folder, "made up", family);
    const auto own = own_prior(family);
    for (const std::size_t d : of.tasks) {
        std::vector<double> weights;
        for (std::size_t i = 0; of.weight && i < d; ++i) weights.push_back(of.weight(i));
        const rationale::seen_tasks<F> seen(family, rationale::sample_tasks(family, own, d, d), weights);
        rationale::run_record<F> run{.table = seen.table(), .steps = of.steps, .task_weights = weights, .model = {}};
        run.sequences.id = rationale::sample_sequences(family, seen, of.sequences, of.context, 2).sequences;
        if (of.ood) run.sequences.ood = rationale::sample_sequences(family, own, of.sequences, of.context, 3).sequences;
        run.model = [&](rationale::split split, std::size_t n) {
            return model(family, seen, *run.sequences[split], static_cast<double>(d), static_cast<double>(of.steps[n]));
        };
        writer.template add_run<Real>(run);
    }
    writer.finish();
    return rationale::read_manifest(folder);
}

/// Memorizing with this weight, else generalizing.
template <class F>
rationale::predictions mixed(const F& family, const rationale::seen_tasks<F>& seen, const typename F::sequences& q, double weight) {
    const std::array both{predict(rationale::memorizing<F>(family, seen), q), predict(rationale::generalizing<F>(family), q)};
    return rationale::mixture(both, std::array{weight, 1 - weight});
}

}  // namespace rationale_test

#endif
