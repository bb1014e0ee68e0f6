// A learner that has seen 64 urns, asked what comes next: before training, and late in it.
#include <cstdio>

#include "rationale/rationale.hpp"

int main() {
    using urns = rationale::balls_and_urns<8>;
    using M = rationale::memorizing<urns>;    // Bayes with the seen tasks as prior
    using G = rationale::generalizing<urns>;  // Bayes with the family's own prior

    const urns family;
    const auto tasks = rationale::sample_tasks(family, own_prior(family), 64, /*seed=*/1);
    const rationale::strategies all(M(family, tasks), G(family));
    const auto loss = rationale::estimate_losses(all, all.get<0>().prior(), /*context=*/32);
    const rationale::learner learner(all, {loss.mean, {35600, 4416}}, rationale::power_law_evidence{.alpha = .7, .gamma = 2.8}, rationale::power_simplicity{.beta = .15});

    const urns::sequences sequence{{{2, 2, 5, 2}}};
    for (double steps : {100., 10000.}) {
        const auto next = learner.predict(sequence, {.steps = steps});
        std::printf("after %5.0f steps: weight of M %.2f, P(2 | 2 2 5) = %.3f\n", steps, learner.weights({.steps = steps})[0], next.values(0, 3, 2));
    }
    std::printf("M overtakes G %s\n", learner.overtakes(0, 1).words().c_str());
}
