// A strategy is Bayes with a prior. Here are three beliefs about an urn, what each predicts, and which of them a sequence speaks for.
#include <cmath>
#include <cstdio>

#include "rationale/prior/dirichlet.hpp"
#include "rationale/prior/mixture_of.hpp"
#include "rationale/prior/sample.hpp"
#include "rationale/strategy/bayes_mixture.hpp"
#include "rationale/strategy/generalizing.hpp"
#include "rationale/task/balls_and_urns.hpp"

int main() {
    using urns = rationale::balls_and_urns<3>;
    const urns family;
    // Two urns that were seen, the first nine times as often; any urn at all; and one or the other, as likely.
    const urns::task_table table{{{.8, .1, .1}, {.1, .1, .8}}};
    const rationale::seen_tasks<urns> seen(family, table, {9, 1});
    const rationale::dirichlet any = own_prior(family);
    rationale::mixture_of either({.5, .5}, seen, any);

    const rationale::bayes<urns, rationale::seen_tasks<urns>> memorizing(family, seen);
    const rationale::generalizing<urns> generalizing(family);
    const rationale::bayes<urns, decltype(either)> unsure(family, either);

    // One sequence that a seen urn may well give, and one that neither does.
    const urns::sequences data{{{0, 0, 2, 0, 0, 1, 0, 0}, {1, 1, 0, 1, 1, 1, 2, 1}}};
    const std::size_t last = 7;
    const auto m = predict(memorizing, data), g = predict(generalizing, data), u = predict(unsure, data);
    bool fine = true;
    for (std::size_t s = 0; s < 2; ++s) {
        // Log evidence in nats of the first seven tokens: its difference is the log Bayes factor.
        const double factor = m.log_evidence(s, last) - g.log_evidence(s, last);
        const double seen_urn = 1 / (1 + std::exp(-factor));  // posterior probability, both being as likely before
        std::printf("sequence %zu: P(next = 0) %.3f by the seen urns, %.3f by any, %.3f unsure; P(a seen urn) = %.3f\n", s,
                    m.values(s, last, 0), g.values(s, last, 0), u.values(s, last, 0), seen_urn);
        fine = fine && std::abs(u.values(s, last, 0) - (seen_urn * m.values(s, last, 0) + (1 - seen_urn) * g.values(s, last, 0))) < 1e-12;
        fine = fine && (factor > 0) == (s == 0);
    }
    return fine ? 0 : 1;
}
