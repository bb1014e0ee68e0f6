// How precisely a rational learner remembers its tasks as training goes on: a range of memories, from none to exact ones, beside the
// constant. Then a list of strategies that is chosen while the program runs.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "rationale/complexity/complexities.hpp"
#include "rationale/learner/evidence_laws.hpp"
#include "rationale/learner/learner.hpp"
#include "rationale/learner/simplicity_laws.hpp"
#include "rationale/prior/remembered.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/constant.hpp"
#include "rationale/strategy/loss.hpp"
#include "rationale/strategy/strategy_list.hpp"
#include "rationale/task/balls_and_urns.hpp"

int main(int argc, char** argv) {
    using urns = rationale::balls_and_urns<8>;
    const urns family;
    const rationale::seen_tasks<urns> seen(family, sample_tasks(family, own_prior(family), /*count=*/32, /*seed=*/1));
    // log p(Q | N) = -10 N/D L_Q - ln 2 K_Q/D: each of D tasks is seen N/D times, and pays for its own bits.
    const auto learner_of = [&](const rationale::strategy_list<urns>& list) {
        const auto losses = estimate_losses(list, seen, /*context=*/16, {.seed = 2, .relative_error = 0, .most_sequences = 1024});
        return rationale::learner(list, {losses.mean, complexities(list)}, rationale::per_task_evidence{.gamma = 10},
                                  rationale::per_task_simplicity{});
    };

    // Seen urns remembered with a precision kappa from 0 to infinity, on the scale of the share of a belief's mean that is the urn's own,
    // kappa/(kappa + 8): 0 is generalizing, and 1 memorizing.
    const rationale::memory<urns> memory(family);
    const rationale::strategy_range memories("share", rationale::gauss_legendre(16), [&](double share) {
        return rationale::bayes(family, rationale::remembered(family, seen, memory.precision(share)));
    });
    const auto learner = learner_of(rationale::strategy_list(memories, rationale::constant<urns>(family)));
    std::printf("     N   P(a memory)   mean share   kappa of the most probable share\n");
    std::vector<rationale::parameter_posterior> along;
    for (double steps : {0., 32., 320., 3200., 32000.}) {
        along.push_back(learner.parameter(0, {.steps = steps, .tasks = 32}));
        std::printf("%6g %13.3f %12.3f %22.3g\n", steps, along.back().mass, along.back().mean, memory.precision(along.back().mode));
    }

    // The same law over strategies that a command line names.
    std::vector<std::string_view> names(argv + 1, argv + argc);
    if (names.empty()) names = {"M", "G", "C"};
    std::vector<rationale::any_strategy<urns>> chosen;
    std::printf("\n     N");
    for (const auto name : names) {
        if (name == "M") chosen.push_back(rationale::memorizing<urns>(family, seen));
        else if (name == "G") chosen.push_back(rationale::generalizing<urns>(family));
        else chosen.push_back(rationale::constant<urns>(family));
        std::printf(" %14s", std::string(chosen.back().name()).c_str());
    }
    const auto chosen_learner = learner_of(rationale::strategy_list(chosen));
    for (double steps : {0., 3200., 320000.}) {
        std::printf("\n%6g", steps);
        for (const double w : chosen_learner.weights({.steps = steps, .tasks = 32})) std::printf(" %14.3f", w);
    }
    std::printf("\n");

    // At first the constant is the simplest; then the urns are remembered, and ever more precisely.
    bool fine = along.front().mode == 0 && along.front().mass < 0.01 && along.back().mass > 0.99;
    for (std::size_t i = 1; i < along.size(); ++i) fine = fine && along[i].mean > along[i - 1].mean && along[i].mode >= along[i - 1].mode;
    return fine ? 0 : 1;
}
