// Writes the recording of a model that follows a known law, of the published size unless told otherwise: 4.4 GB. What `analyze` needs for
// it, and whether it finds the law again, is then a measurement.
//
// The model predicts the law's mixture p of memorizing and generalizing, with losses and description lengths as `analyze` estimates them,
// and noise that is right on average: at every event it moves a share of its mass from p to one outcome drawn from p. The share falls as
// training goes on, from a third to 2 %.
#include <CLI/CLI.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "rationale/complexity/compressors.hpp"
#include "rationale/program/number_options.hpp"
#include "rationale/rationale.hpp"
#include "rationale/recording/recording_writer.hpp"

namespace {

using urns = rationale::balls_and_urns<>;

struct recording {
    std::string output;
    std::size_t sequences = 500, context = 128, checkpoints = 97, categories = 8;
    std::int64_t last_step = 100000;
    std::vector<std::size_t> tasks{4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096};
    std::array<double, 3> law{.6, .2, 2};
};

/// The mixture with its noise; every sequence draws from a stream of its own.
rationale::predictions noisy_mixture(const std::vector<rationale::predictions>& parts, const std::vector<double>& weight, double share,
                                     std::uint64_t seed) {
    auto p = rationale::mixture(parts, weight);
    for (std::size_t s = 0; s < p.sequences(); ++s) {
        rationale::philox rng = rationale::stream(rationale::purpose::own, seed, s);
        const auto values = rationale::row(p.values, s);
        for (std::size_t from = 0; from < values.size(); from += p.outcomes()) {
            const auto event = values.subspan(from, p.outcomes());
            const std::size_t drawn = rationale::categorical(rng, event);
            for (double& x : event) x *= 1 - share;
            event[drawn] += share;
        }
    }
    return p;
}

/// One training run. The small number of a run keeps the seeds of its tasks, sequences and noise apart.
void add_run(rationale::recording_writer<urns>& writer, const urns& family, const recording& r, std::size_t tasks, std::uint64_t number) {
    const rationale::threads execute;
    const auto prior = own_prior(family);
    const rationale::memorizing<urns> m(family, rationale::sample_tasks(family, prior, tasks, 10 * number));
    const rationale::generalizing<urns> g(family);
    const rationale::strategies both(m, g);
    const rationale::account known{rationale::estimate_losses(both, m.prior(), r.context, {}, execute).mean,
                                   rationale::complexities(both, rationale::system_compressors(), execute)};
    const rationale::power_law_evidence evidence{.alpha = r.law[0], .gamma = r.law[2]};
    const rationale::power_simplicity simplicity{.beta = r.law[1]};

    rationale::run_record<urns> run;
    run.table = m.prior().table();
    for (std::size_t n = 1; n <= r.checkpoints; ++n) {  // evenly spaced in the square root of the steps
        const double root = static_cast<double>(n) / static_cast<double>(r.checkpoints);
        const auto step = static_cast<std::int64_t>(std::llround(root * root * static_cast<double>(r.last_step)));
        run.steps.push_back((std::max)(step, run.steps.empty() ? 1 : run.steps.back() + 1));
    }
    rationale::per_split<std::vector<rationale::predictions>> parts;
    for (const auto split : rationale::splits) {
        const std::uint64_t seed = 10 * number + 1 + static_cast<std::uint64_t>(split);
        run.sequences[split] = split == rationale::split::id
                                   ? rationale::sample_sequences(family, m.prior(), r.sequences, r.context, seed).sequences
                                   : rationale::sample_sequences(family, prior, r.sequences, r.context, seed).sequences;
        parts[split] = rationale::predict_all(both, *run.sequences[split], execute);
    }
    run.model = [&](rationale::split split, std::size_t n) {
        const auto steps = static_cast<double>(run.steps[n]);
        const auto weight =
            rationale::softmax(rationale::log_posterior(rationale::rational_law{evidence, simplicity}, known, {.steps = steps}));
        return noisy_mixture(parts[split], weight, .02 + .3 * std::exp(-steps / 500),
                             (number << 32) + 2 * n + static_cast<std::uint64_t>(split));
    };
    writer.add_run(run);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Writes a recording of balls and urns whose law is known: 11 task counts of the published size, 4.4 GB, by default."};
    recording r;
    using rationale::detail::number_in;
    const auto count = number_in<std::int64_t>(1, std::int64_t{1} << 40);
    app.add_option("-o,--output", r.output, "Folder of the recording")->required();
    app.add_option("--sequences", r.sequences, "Sequences of each split")->capture_default_str()->check(count);
    app.add_option("--context", r.context, "Positions of a sequence")->capture_default_str()->check(count);
    app.add_option("--checkpoints", r.checkpoints, "Checkpoints of a run")->capture_default_str()->check(count);
    app.add_option("--steps", r.last_step, "Steps at the last checkpoint")->capture_default_str()->check(count);
    app.add_option("--tasks", r.tasks, "Numbers of seen tasks, a run each")->capture_default_str()->check(count);
    app.add_option("--law", r.law, "alpha, beta and gamma")->capture_default_str()->check(number_in(0.0, 1e9));
    CLI11_PARSE(app, argc, argv);
    try {
        const urns family({.categories = r.categories});
        rationale::recording_writer<urns> writer(r.output, "a known law", family,
                                                 {{"alpha", r.law[0]}, {"beta", r.law[1]}, {"gamma", r.law[2]}});
        for (std::size_t i = 0; i < r.tasks.size(); ++i) add_run(writer, family, r, r.tasks[i], i + 1);
        writer.finish();
    } catch (const std::exception& e) {
        std::cerr << "generate_recording: " << e.what() << '\n';
        return 1;
    }
}
