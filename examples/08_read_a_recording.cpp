// A recording of a trained Transformer, checkpoint by checkpoint: how far it is from memorizing and from generalizing, and where it stands
// between them. (examples/record.py writes such a recording from PyTorch.)
#include <cstdio>
#include <string>

#include "rationale/compare/divergence.hpp"
#include "rationale/compare/relative_distance.hpp"
#include "rationale/recording/manifest.hpp"
#include "rationale/recording/run_reader.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/task/balls_and_urns.hpp"

int main(int argc, char** argv) {
    using urns = rationale::balls_and_urns<>;  // the number of categories is the recording's
    const auto recording = rationale::read_manifest(argc > 1 ? argv[1] : "examples/data/balls_and_urns");
    const urns family = rationale::family_of<urns>(recording);
    double first = 0, last = 0;
    for (const auto& entry : recording.runs) {
        if (entry.tasks != 16) continue;
        const rationale::run_reader<urns> run(recording, entry, family);
        const rationale::memorizing<urns> M(family, run.table());
        const rationale::generalizing<urns> G(family);
        const auto m = predict(M, run.sequences(rationale::split::id)), g = predict(G, run.sequences(rationale::split::id));
        const auto apart = default_divergences(m, g);
        std::printf("D = %zu\n    step   KL to M, nats   KL to G, nats   place (0 = G, 1 = M)\n", run.tasks());
        run.for_each_checkpoint(rationale::split::id, [&](std::size_t checkpoint, const rationale::predictions& model) {
            const auto to_m = default_divergences(model, m), to_g = default_divergences(model, g);
            const auto place = rationale::relative_distance(to_m, to_g, apart);
            std::printf("%8lld %15.4f %15.4f %10.3f\n", static_cast<long long>(run.steps()[checkpoint]), rationale::summarize(to_m).mean,
                        rationale::summarize(to_g).mean, place.value);
            (checkpoint == 0 ? first : last) = place.value;
        });
    }
    return first < 0.6 && last > 0.9 ? 0 : 1;  // sixteen urns end up memorized
}
