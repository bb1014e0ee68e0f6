// What a rational learner does after N steps of training on D tasks: losses and description lengths of its strategies, a law that weighs
// them, and the step at which memorizing overtakes generalizing.
#include <cstdio>
#include <vector>

#include "rationale/complexity/complexities.hpp"
#include "rationale/learner/crossover.hpp"
#include "rationale/learner/evidence_laws.hpp"
#include "rationale/learner/learner.hpp"
#include "rationale/learner/simplicity_laws.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/loss.hpp"
#include "rationale/task/balls_and_urns.hpp"

int main() {
    using urns = rationale::balls_and_urns<8>;
    using M = rationale::memorizing<urns>;
    using G = rationale::generalizing<urns>;
    const urns family;
    const rationale::power_law_evidence evidence{.alpha = .7, .gamma = 2.8};
    const rationale::power_simplicity simplicity{.beta = .15};

    std::printf("weight of memorizing\n     D   N = 10     100    1000   10000  100000   overtakes\n");
    std::vector<double> overtaken;
    for (std::size_t tasks : {4u, 16u, 64u, 256u}) {
        const rationale::strategies both(M(family, sample_tasks(family, own_prior(family), tasks, /*seed=*/1)), G(family));
        // Nats per position on fresh sequences of seen tasks, the same ones for both.
        const auto losses = estimate_losses(both, both.get<0>().prior(), /*context=*/32, {.seed = 2, .most_sequences = 4096});
        // Bits of what each must store, and of its program.
        const rationale::learner learner(both, {losses.mean, complexities(both)}, evidence, simplicity);
        std::printf("%6zu", tasks);
        for (double steps : {1e1, 1e2, 1e3, 1e4, 1e5}) std::printf("%8.3f", learner.weights({.steps = steps})[0]);
        const auto when = learner.overtakes(0, 1);
        std::printf("   %s\n", when.words().c_str());
        overtaken.push_back(when.steps);
    }
    // More tasks take longer to be worth remembering, and ever longer.
    bool fine = true;
    for (std::size_t i = 1; i < overtaken.size(); ++i) fine = fine && overtaken[i] > 4 * overtaken[i - 1];
    return fine ? 0 : 1;
}
