// What a prior already knows of a task: how much of it lies near the task, hence how much Bayes with it loses at most before it has found
// the task, how many tasks explain a context as well as the best does, and how many bits are still to be known to generalize.
#include <cmath>
#include <cstdio>
#include <vector>

#include "rationale/complexity/complexities.hpp"
#include "rationale/prior/hypotheses.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/universality/generalization_difficulty.hpp"
#include "rationale/universality/rashomon.hpp"
#include "rationale/universality/regret.hpp"

int main() {
    // A memory of D coins meets 400 sequences of 32 throws of a coin that it may have seen, and of one that it has not.
    using coins = rationale::balls_and_urns<2>;
    const coins family;
    bool fine = true;
    std::printf("        seen coin, nats      other coin, nats     within .01 nats of the other       bits to remember a coin\n");
    std::printf("     D   regret    bound      regret    bound     bits: memory   any coin    float64   to .01 nats\n");
    const coins::task_table other{{{.3, .7}}};
    for (std::size_t tasks : {4u, 64u, 1024u}) {
        const rationale::memorizing<coins> memory(family, sample_tasks(family, own_prior(family), tasks, /*seed=*/1));
        const rationale::task_divergence<coins> kl(family, memory.prior().table());
        std::printf("%6zu", tasks);
        for (const double p : {memory.prior().table().tasks(3, 0), .3}) {
            const coins::task_table coin{{{p, 1 - p}}};
            const auto drawn = sample_sequences(family, rationale::seen_tasks<coins>(family, coin), 400, 32, /*seed=*/2);
            const auto of_coin = log_likelihoods(family, drawn.truth, drawn.sequences);
            const auto regret = rationale::regret(of_coin, log_evidence(memory, drawn.sequences));
            double mean = 0;
            for (std::size_t s = 0; s < 400; ++s) mean += regret(s, 32) / 400;
            const auto bound = rationale::regret_bound(divergences_from(kl, coin), memory.prior().weights(), 32);
            std::printf("%9.3f%9.3f   ", mean, bound.nats);
            fine = fine && mean < bound.nats;
        }
        const auto near = rationale::mass_within(divergences_from(kl, other), memory.prior().weights(), .01);
        std::printf("%14.2f %10.2f", near.bits(), mass_within(family, own_prior(family), other, 0, .01).bits());
        const double named = bits_within(family, own_prior(family), memory.prior(), .01).bits, count = static_cast<double>(tasks);
        std::printf("%11.0f %10.2f\n", bits_of_numbers(memory) / count, named / count);
    }

    // How many explain a context as well as the best, to .1 nats a position: seen weight vectors, and of all an ellipsoid.
    using line = rationale::linear_regression<2>;
    const line lines({.noise_variance = .25});
    const rationale::memorizing<line> seen(lines, sample_tasks(lines, own_prior(lines), 4096, 1));
    const rationale::generalizing<line> any(lines);
    const auto pairs = sample_sequences(lines, own_prior(lines), 1, 16, 3).sequences;
    std::printf("\n pairs   Rashomon ratio: 4096 seen   any vector\n");
    for (std::size_t t : {1u, 2u, 4u, 16u}) {
        const double of_seen = std::exp(rashomon_mass(seen, pairs, 0, t, .1).log),
                     of_any = std::exp(rashomon_mass(any, pairs, 0, t, .1).log);
        std::printf("%6zu %26.4f %12.4f\n", t, of_seen, of_any);
        fine = fine && std::abs(of_seen - of_any) < .02;
    }

    // Bits to be known beside t observations to be within .05 nats a position of the truth.
    std::printf("\nbits of bias       t = 0       4      16      64\n");
    std::vector<double> first;
    const auto row_of = [&](const char* name, const auto& strategy) {
        const auto drawn = sample_sequences(strategy.family(), strategy.prior(), 100, 64, 4);
        std::printf("%-17s", name);
        for (std::size_t t : {0u, 4u, 16u, 64u}) {
            const double bits = generalization_difficulty(strategy, drawn, t, .05).bits;
            if (t == 0) first.push_back(bits);
            std::printf("%8.3f", bits);
        }
        std::printf("\n");
    };
    row_of("coins", rationale::generalizing<coins>(family));
    row_of("2 weights", any);
    using eight = rationale::linear_regression<8>;
    row_of("8 weights", rationale::generalizing<eight>(eight({.noise_variance = .25})));
    const rationale::finite_function<2> bits({.inputs = 8, .noise = .1});
    row_of("Boolean, 8 inputs", rationale::memorizing<rationale::finite_function<2>>(
                                    bits, hypotheses(bits, 256, [](std::size_t h, std::size_t x) { return h >> x & 1; })));
    return fine && first[0] < first[1] && first[1] < first[2] ? 0 : 1;
}
