// A learner that has seen 64 urns, asked what comes next: early in training, and late in it.
#include <cstdio>

#include "rationale/rationale.hpp"

int main() {
    using urns = rationale::balls_and_urns<8>;
    using M = rationale::memorizing<urns>;    // Bayes with the seen tasks as prior
    using G = rationale::generalizing<urns>;  // Bayes with the family's own prior

    const urns family;
    const auto tasks = rationale::sample_tasks(family, own_prior(family), 64, /*seed=*/5);
    const rationale::strategies both(M(family, tasks), G(family));
    const auto loss = rationale::estimate_losses(both, both.get<0>().prior(), /*context=*/32).mean;  // nats per position
    const rationale::learner learner(both, {loss, /*bits=*/{35600, 4416}}, rationale::power_law_evidence{.alpha = .7, .gamma = 2.8},
                                     rationale::power_simplicity{.beta = .15});

    const urns::sequences seen{{{2, 2, 5, 2}}};
    const auto early = learner.predict(seen, {.steps = 100}), late = learner.predict(seen, {.steps = 10000});
    std::printf("P(2 | 2 2 5) is %.3f after 100 steps and %.3f after 10000\n", early.values(0, 3, 2), late.values(0, 3, 2));
    std::printf("M overtakes G %s\n", learner.overtakes(0, 1).words().c_str());
    return early.values(0, 3, 2) < late.values(0, 3, 2) ? 0 : 1;  // here the seen tasks favour a third 2
}
