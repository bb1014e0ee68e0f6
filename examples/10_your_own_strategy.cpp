// A strategy of your own, counts that fade, beside memorizing and generalizing: predictions, losses, the learner, and which of the three a
// Transformer used (the shipped recording of urns drawn with unequal weights).
#include <cmath>
#include <cstdio>
#include <iostream>

#include "rationale/analysis/analyze_recording.hpp"
#include "rationale/analysis/summary.hpp"
#include "rationale/rationale.hpp"

using urns = rationale::balls_and_urns<>;

// The strategy, 24 lines: it counts the tokens as if there were a Dirichlet belief, but older ones fade.
struct fading_counts {
    urns family_;
    double keep = 0.95;

    const urns& family() const { return family_; }
    static constexpr std::string_view name() { return "fading counts"; }
    std::vector<double> numbers() const { return {keep}; }  // what it must store, for its description length
    static constexpr double program_bits = 4400;            // and of its program: that of G, 4328, with a line more
    void predict_sequence(const auto& sequence, std::span<double> values, std::span<double> log_evidence) const {
        std::vector<double> count = family_.values().concentration;
        log_evidence[0] = 0;
        for (std::size_t t = 0; t < sequence.events(); ++t) {
            const auto p = values.subspan(t * count.size(), count.size());
            double sum = 0;
            for (double n : count) sum += n;
            for (std::size_t k = 0; k < count.size(); ++k) p[k] = count[k] / sum;
            log_evidence[t + 1] = log_evidence[t] + std::log(p[sequence.observation(t)]);
            for (std::size_t k = 0; k < count.size(); ++k)
                count[k] = family_.values().concentration[k] + keep * (count[k] - family_.values().concentration[k]);
            count[sequence.observation(t)] += 1;
        }
    }
};

int main(int argc, char** argv) {
    using M = rationale::memorizing<urns>;
    using G = rationale::generalizing<urns>;
    const urns family({.categories = 8});
    const auto tasks = rationale::sample_tasks(family, own_prior(family), 64, /*seed=*/1);
    const rationale::strategies three(M(family, tasks), G(family), fading_counts{family});
    const auto loss = rationale::estimate_losses(three, three.get<0>().prior(), /*context=*/32).mean;
    std::printf("losses, nats: M %.3f, G %.3f, fading %.3f\n", loss[0], loss[1], loss[2]);
    const rationale::learner learner(three, {loss, /*bits=*/{32800, 64, 64}}, rationale::power_law_evidence{.alpha = .7, .gamma = 2.8},
                                     rationale::power_simplicity{.beta = .15});
    const auto early = learner.weights({.steps = 10});
    std::printf("weights after 10 steps: M %.3f, G %.3f, fading %.3f\n\n", early[0], early[1], early[2]);

    const auto recording = rationale::read_manifest(argc > 1 ? argv[1] : "examples/data/balls_and_urns_zipf");
    const auto analysis = rationale::analyze_recording<urns>(recording, {.losses = {.most_sequences = 2048}}, rationale::sequential{},
                                                             [](const urns& f, const rationale::seen_tasks<urns>& seen) {
                                                                 return rationale::strategies(M(f, seen), G(f), fading_counts{f},
                                                                                              rationale::constant<urns>(f));
                                                             });
    rationale::print_summary(std::cout, analysis, rationale::summary_length::verbose);
    return analysis.strategies.at(2) == "fading counts" && loss[1] < loss[2] ? 0 : 1;  // on urns nothing is gained by forgetting
}
