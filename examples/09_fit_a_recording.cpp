// The law of the rational learner, fitted to a recording of eleven trained Transformers: its parameters and how sure they are, how well it
// does on checkpoints and task counts that it has not seen, and what it forecasts beyond them.
#include <algorithm>
#include <cstdio>
#include <string>

#include "rationale/analysis/analyze_recording.hpp"
#include "rationale/execution.hpp"
#include "rationale/task/balls_and_urns.hpp"

int main(int argc, char** argv) {
    const auto recording = rationale::read_manifest(argc > 1 ? argv[1] : "examples/data/balls_and_urns");
    // Memory of limited precision is another account of the same models; `analyze` has it, and a page of figures.
    rationale::analysis_options options;
    options.losses.most_sequences = 1024;
    options.bootstrap.replicates = 100;
    options.memory = false;
    options.forecast = true;
    const auto found = rationale::analyze_recording<rationale::balls_and_urns<>>(recording, options, rationale::threads{});

    std::printf("log p(strategy | N steps) = -gamma N^(1-alpha) loss - ln 2 bits^beta + const\n");
    for (std::size_t i = 0; i < found.fit.values.size(); ++i)
        std::printf("  %-6s %8.4f   95 %% interval [%.4f, %.4f], by the bootstrap [%.4f, %.4f]\n",
                    std::string(found.fit.declared()[i].name).c_str(), found.fit.values[i], found.over_runs.intervals[i].lower,
                    found.over_runs.intervals[i].upper, found.bootstrap[i].lower, found.bootstrap[i].upper);
    double worst = 0;
    for (const auto& score : found.scores) {
        if (score.split != rationale::split::id) continue;
        std::printf("  %-20s %3zu cells: KL %.5f nats, with free weights in every cell %.5f\n", std::string(words(score.role)).c_str(),
                    score.cells, score.law_loss, score.pair_loss);
        worst = std::max(worst, score.law_loss / score.pair_loss);
    }
    for (const auto& run : found.forecast->runs)
        std::printf("  D = %4zu: memorizing overtakes generalizing %s (%.2g to %.2g)\n", found.runs[run.run].tasks,
                    run.overtakes.words().c_str(), run.steps.lower, run.steps.upper);
    for (const auto& note : found.notes) std::printf("  * %s\n", note.c_str());
    return found.fit.identifiable() && worst < 1.1 ? 0 : 1;
}
