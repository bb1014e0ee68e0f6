// Rivals that know less than the generator. Of D hidden Markov models: remembering them, or inferring a chain of order m from the context;
// which order is best, and up to which D is memory worth more? Of one task whose labels are permuted: no context, recognizing one of D seen
// permutations, or learning any.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "rationale/prior/sample.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/loss.hpp"
#include "rationale/strategy/strategy_list.hpp"
#include "rationale/universality/markov_orders.hpp"
#include "rationale/universality/permuted_tasks.hpp"

int main() {
    using hidden = rationale::hidden_markov<3>;
    const hidden family({.states = 2, .concentration = .3, .transition_concentration = .1});
    bool fine = true;
    std::printf("hidden Markov models that were never seen: nats per position above the true model\n");
    std::printf("     T        D: 16     256    4096   order 0       1       2       3   best order\n");
    const auto fresh = own_prior(family);
    std::vector<std::ptrdiff_t> best;
    for (std::size_t context : {8u, 64u, 512u}) {
        std::vector<rationale::any_strategy<hidden>> all;
        for (std::size_t tasks : {16u, 256u, 4096u})
            all.push_back(rationale::memorizing<hidden>(family, sample_tasks(family, fresh, tasks, /*seed=*/1)));
        for (auto& order : rationale::markov_orders(family, 3)) all.push_back(order);
        const auto loss = estimate_losses(rationale::strategy_list(all), fresh, context, {.relative_error = 0, .most_sequences = 64}).mean;
        best.push_back(std::min_element(loss.begin() + 3, loss.end()) - loss.begin() - 3);
        std::printf("%6zu      ", context);
        for (std::size_t q = 0; q < loss.size(); ++q) std::printf("%8.3f%s", loss[q], q == 2 ? "  " : "");
        std::printf("%13td\n", best.back());
        fine = fine && loss[2] < loss[1] && loss[1] < loss[0];
    }
    fine = fine && best.front() == 0 && best.back() > 0;

    // Six labels of twelve inputs, permuted: 720 tasks. Labels are noisy, so that no permutation is impossible.
    using maps = rationale::finite_function<6>;
    const maps labels({.inputs = 12, .noise = .05});
    std::vector<std::int32_t> base;
    for (std::int32_t x = 0; x < 12; ++x) base.push_back(x % 6);
    const auto permutations = rationale::label_permutations(labels, base);
    std::printf("\npermuted labels: nats per position above the truth, of 24 pairs\n     D   seen ones: constant  recognizing  learning");
    std::printf("   others: recognizing  learning\n");
    for (std::size_t tasks : {2u, 8u, 32u, 128u, 512u}) {
        const rationale::seen_tasks<maps> seen(labels, sample_tasks(labels, permutations, tasks, 2));
        const rationale::strategies all(rationale::constant<maps>(labels), rationale::memorizing<maps>(labels, seen),
                                        rationale::memorizing<maps>(labels, permutations));
        const auto of_seen = estimate_losses(all, seen, 24, {.relative_error = 0, .most_sequences = 512}).mean;
        const auto of_others = estimate_losses(all, permutations, 24, {.relative_error = 0, .most_sequences = 512}).mean;
        std::printf("%6zu %20.3f %12.3f %9.3f %22.3f %9.3f\n", tasks, of_seen[0], of_seen[1], of_seen[2], of_others[1], of_others[2]);
        fine = fine && of_seen[1] < of_seen[2] && of_others[2] < of_others[1] && of_seen[2] < of_seen[0];
    }
    return fine ? 0 : 1;
}
