// Between memorizing and generalizing: seen tasks remembered with limited precision, kappa pseudo-observations of each. More of it takes
// more bits; how well it predicts has a best place in between when the tasks at hand are neither quite the seen ones nor quite new.
#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

#include "rationale/prior/dirichlet.hpp"
#include "rationale/prior/remembered.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/strategy/loss.hpp"
#include "rationale/strategy/strategies.hpp"
#include "rationale/task/balls_and_urns.hpp"

int main() {
    using urns = rationale::balls_and_urns<8>;
    using remembered = rationale::remembered<rationale::seen_tasks<urns>>;
    const urns family;
    const rationale::seen_tasks<urns> seen(family, sample_tasks(family, own_prior(family), 32, /*seed=*/1));
    const remembered blurred(family, seen, 20.);  // the urns at hand: as if they were drawn from beliefs of this precision

    std::printf("   kappa     bits a task     loss on seen urns     loss on urns like them\n");
    std::vector<double> on_seen, on_like;
    const double infinity = std::numeric_limits<double>::infinity();
    for (double kappa : {0., 2., 20., 200., infinity}) {
        const remembered memory(family, seen, kappa);
        const rationale::strategies one(rationale::bayes<urns, remembered>(family, memory));
        on_seen.push_back(estimate_losses(one, seen, /*context=*/16, {.seed = 2, .most_sequences = 2048}).mean[0]);
        on_like.push_back(estimate_losses(one, blurred, 16, {.seed = 3, .most_sequences = 2048}).mean[0]);
        std::printf("%8g %15.2f %21.4f %26.4f\n", kappa, memory.bits() / 32, on_seen.back(), on_like.back());
    }
    // The exact memory is best on what it remembers, the right precision on what is like it.
    bool fine = remembered(family, seen, 0.).bits() == 0 && remembered(family, seen, infinity).bits() == infinity;
    for (std::size_t i = 0; i < 5; ++i) fine = fine && on_seen[4] <= on_seen[i] && on_like[2] <= on_like[i];
    return fine ? 0 : 1;
}
